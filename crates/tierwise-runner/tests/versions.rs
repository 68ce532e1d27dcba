//! A store of each version that there ever was is brought to the present one: it has the tables of
//! a new one, and goes on with what is in it. `tests/versions` holds a store of each version as SQL
//! text. Whoever adds a version adds its text, which this test writes when it is told to:
//! `TIERWISE_VERSIONS=write cargo xtask postgres -- cargo test --workspace --test versions`.
#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests, which count in small numbers"
)]

mod world;

use std::{collections::BTreeSet, env, fs, path::PathBuf};

use rusqlite::Connection;
use tierwise_lanes::Span;
use tierwise_runner::*;
use tierwise_transport::{Event, Inbound};
use world::schema::Schema;

const WRITE: &str = "write it by `TIERWISE_VERSIONS=write cargo xtask postgres -- cargo test \
    --workspace --test versions` and check it in";
const INVOICE: &str = r#"{"kept":true}"#;

fn file_of(store: &str, version: i64) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/versions").join(store);
    folder.join(format!("{version}.sql"))
}

/// The text of each version up to the newest, whose text is written if somebody wants that.
fn texts(store: &str, newest: i64, dump: impl FnOnce() -> String) -> Vec<String> {
    assert!(newest >= 1);
    if env::var("TIERWISE_VERSIONS").is_ok_and(|wish| wish == "write") {
        let file = file_of(store, newest);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, dump()).unwrap();
    }
    let read = |version| {
        let file = file_of(store, version);
        fs::read_to_string(&file).unwrap_or_else(|error| {
            panic!("version {version} has no text, `{}`: {error}; {WRITE}", file.display())
        })
    };
    (1..=newest).map(read).collect()
}

fn engine(store: impl Store + 'static) -> Engine {
    Engine::start(Box::new(store), world::policy(), Terms::default()).unwrap()
}

fn flush(engine: &mut Engine, requests: Vec<Request>) -> Vec<Sending> {
    let flushed = engine.flush(requests, 5, &|| Span(0)).unwrap();
    assert!(flushed.answers.iter().all(Result::is_ok), "{:?}", flushed.answers);
    let sending = |action| match action {
        Action::Send(sending) => Some(*sending),
        Action::Open(_) | Action::Close(..) => None,
    };
    flushed.actions.into_iter().filter_map(sending).collect()
}

fn delivered(sending: &Sending) -> Request {
    let report = tierwise_transport::Report::delivered_as("n1".to_owned());
    Request::Completed(Completion {
        account: sending.account,
        fence: sending.message.fence,
        report,
    })
}

/// Something of each kind: two accounts, one archived; a message that was sent, one that waits, a
/// note, a contact, the gap of a chat, an invoice.
fn fill(store: impl Store + 'static) {
    let mut engine = engine(store);
    let create = || Request::Create(world::account("team", world::PLAIN));
    flush(&mut engine, vec![create(), create()]);
    let mut transaction = engine.store().begin().unwrap();
    let ids: Vec<_> = [1, 2]
        .map(|key| transaction.accounts_at(&[AccountKey(key)]).unwrap().pop().unwrap().id)
        .into();
    drop(transaction);
    let [stays, ends] = <[String; 2]>::try_from(ids).unwrap();
    let arrived = |event| Request::Arrived(Inbound::new(&stays, event));
    let contact = Event::Contact { id: "c1".to_owned(), name: "Zoë's \"name\"".to_owned() };
    flush(&mut engine, vec![arrived(Event::Open { login: true }), arrived(contact)]);
    let note = NewMessage { is_note: true, ..world::message("note") };
    let messages = vec![world::message("m1"), world::message("m2"), note];
    let send = Request::Send { account: stays.clone(), team: None, require_open: false, messages };
    let out = flush(&mut engine, vec![send]);
    let pause = Request::Change { account: stays, team: None, change: Change::Pause };
    let change = Change::Archive { if_report: None };
    let archive = Request::Change { account: ends, team: None, change };
    flush(&mut engine, vec![delivered(&out[0]), pause, archive]);
    let mut transaction = engine.store().begin().unwrap();
    transaction.put_invoice("team", "2026-03", INVOICE).unwrap();
    let (chat, until) = ("chat".to_owned(), world::START);
    transaction.put_chat_gaps(&[ChatGapRow { account: AccountKey(1), chat, until }]).unwrap();
    transaction.commit().unwrap();
    flush(&mut engine, people());
    engine.stop().unwrap();
}

/// A team, a person in it with a refresh token, and one that is revoked.
fn people() -> Vec<Request> {
    let (id, person, team) = ("ann".to_owned(), "ann".to_owned(), "team".to_owned());
    let known = TeamKnown { metadata: Some(r#"{"a":1}"#.to_owned()), ..TeamKnown::default() };
    let scopes = Scopes::of([31]);
    let token = |text| {
        let person = "ann".to_owned();
        PeopleChange::CreateToken { person, token: TokenHash::of(text) }
    };
    let all = [
        PeopleChange::CreateTeam { id: team.clone(), known },
        PeopleChange::CreatePerson { id, full_name: "Ann's \"name\"".to_owned() },
        PeopleChange::Join(Membership { person, team, scopes }),
        token("token"),
        token("revoked"),
        PeopleChange::Revoke(Revoked::Number(2)),
    ];
    all.map(Request::People).into()
}

fn trade(token: &str) -> Request {
    let (token, team) = (TokenHash::of(token), "team".to_owned());
    Request::Trade(Trade { token, team, scopes: None, idle: Span::seconds(60) })
}

/// What was there is there, and the queue goes on.
fn goes_on(store: impl Store + 'static) {
    let mut engine = engine(store);
    let mut transaction = engine.store().begin().unwrap();
    let keys = [AccountKey(1), AccountKey(2)];
    let rows = transaction.accounts_at(&keys).unwrap();
    assert_eq!(rows.iter().map(|row| row.ended).collect::<Vec<_>>(), [None, Some(Ended::Archived)]);
    let stored = transaction.messages(keys[0], &["m1", "m2", "note"]).unwrap();
    let statuses: Vec<_> = stored.into_iter().flatten().map(|row| row.status).collect();
    assert_eq!(statuses, [Status::Sent, Status::Pending, Status::Note]);
    assert_eq!(transaction.held(&rows[0]).unwrap().contacts, 1);
    let head = transaction.heads(&[(keys[0], None)]).unwrap().remove(0);
    assert_eq!(head.map(|head| head.chat_gap_until), Some(world::START));
    assert_eq!(transaction.life("team", 0, 9).unwrap().len(), 3);
    assert!(transaction.last_decision(keys[0]).unwrap().is_some());
    assert_eq!(transaction.invoice("team", "2026-03").unwrap().as_deref(), Some(INVOICE));
    drop(transaction);
    let account = rows[0].id.clone();
    let resume = Request::Change { account, team: None, change: Change::Resume };
    let out = flush(&mut engine, vec![resume]);
    assert_eq!(out.iter().map(|sending| sending.message.number).collect::<Vec<_>>(), [2]);
    flush(&mut engine, vec![delivered(&out[0])]);
    let create = Request::Create(world::account("team", world::FULL));
    flush(&mut engine, vec![create]);
    let mut transaction = engine.store().begin().unwrap();
    assert_eq!(transaction.accounts_at(&[AccountKey(3)]).unwrap().len(), 1, "keys go on");
    drop(transaction);
    people_go_on(&mut engine);
}

fn people_go_on(engine: &mut Engine) {
    let (person, token) = ("ann".to_owned(), TokenHash::of("next"));
    let next = Request::People(PeopleChange::CreateToken { person, token });
    let asked = vec![trade("token"), trade("revoked"), next];
    let answers = engine.flush(asked, 5, &|| Span(0)).unwrap().answers;
    let Ok(Answer::Traded(traded)) = &answers[0] else { panic!("{answers:?}") };
    assert_eq!((traded.full_name.as_str(), traded.scopes), ("Ann's \"name\"", Scopes::of([31])));
    assert_eq!(answers[1].as_ref().unwrap_err().code, "bad_refresh_token");
    assert_eq!(answers[2], Ok(Answer::TokenCreated { number: 3 }), "numbers go on");
}

fn texts_of(connection: &Connection, sql: &str) -> Vec<String> {
    let mut statement = connection.prepare(sql).unwrap();
    let rows = statement.query_map([], |row| row.get(0)).unwrap();
    rows.map(Result::unwrap).collect()
}

/// Tables, columns and indexes, in whatever order they were made.
fn sqlite_shape(connection: &Connection) -> BTreeSet<String> {
    let columns = "select t.name || ' ' || t.strict || t.wr || ' ' || c.name || ' ' || c.type || \
        c.\"notnull\" || c.pk || coalesce(c.dflt_value, '') from pragma_table_list t, \
        pragma_table_xinfo(t.name) c where t.name not like 'sqlite%'";
    let indexes = "select t.name || ' ' || i.\"unique\" || i.partial || (select \
        group_concat(coalesce(x.name, '') || x.desc || x.coll) from pragma_index_xinfo(i.name) x) \
        || coalesce(s.sql, '') from pragma_table_list t, pragma_index_list(t.name) i left join \
        sqlite_schema s on s.name = i.name where t.name not like 'sqlite%'";
    let lines = [columns, indexes].into_iter().flat_map(|sql| texts_of(connection, sql));
    lines.map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
}

fn sqlite_text(connection: &Connection) -> String {
    let tables = "select name from sqlite_schema where type = 'table' and name not like \
        'sqlite_stat%' order by rowid";
    let schema = "select sql || ';' from sqlite_schema where sql is not null and name not like \
        'sqlite%' order by rowid";
    let mut lines = texts_of(connection, schema);
    for table in texts_of(connection, tables) {
        let columns = format!("select 'quote(' || name || ')' from pragma_table_info('{table}')");
        let values = texts_of(connection, &columns).join(" || ', ' || ");
        let rows =
            format!("select 'insert into {table} values (' || {values} || ');' from {table}");
        lines.extend(texts_of(connection, &rows));
    }
    for name in ["application_id", "user_version"] {
        let value: i64 = connection.pragma_query_value(None, name, |row| row.get(0)).unwrap();
        lines.push(format!("pragma {name} = {value};"));
    }
    lines.join("\n") + "\n"
}

#[test]
fn a_file_of_each_version_is_brought_to_the_present_one() {
    let folder = tempfile::tempdir().unwrap();
    let open =
        |name: &str| Sqlite::open(&folder.path().join(name)).unwrap().with_clock(|| world::START.0);
    let look = |name: &str| Connection::open(folder.path().join(name)).unwrap();
    fill(open("new.db"));
    let new = look("new.db");
    let newest = new.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
    for (text, version) in texts("sqlite", newest, || sqlite_text(&new)).iter().zip(1..) {
        let name = format!("{version}.db");
        look(&name).execute_batch(text).unwrap();
        drop(open(&name));
        let shape = sqlite_shape(&look(&name));
        assert_eq!(shape, sqlite_shape(&new), "version {version} becomes something else; {WRITE}");
        goes_on(open(&name));
    }
}

/// Columns as they are declared, with their tables.
const COLUMNS: &str = "select format('%I|%I %s%s%s%s%s', c.relname, a.attname, \
    format_type(a.atttypid, a.atttypmod), \
    case when a.attcollation not in (0, t.typcollation) \
    then format(' collate %I', l.collname) end, \
    case a.attidentity when 'a' then ' generated always as identity' end, \
    ' default ' || pg_get_expr(d.adbin, d.adrelid), \
    case when a.attnotnull then ' not null' end) \
    from pg_class c join pg_attribute a on a.attrelid = c.oid join pg_type t on t.oid = a.atttypid \
    left join pg_collation l on l.oid = a.attcollation \
    left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum \
    where c.relnamespace = current_schema()::regnamespace and c.relkind = 'r' and a.attnum > 0 \
    and not a.attisdropped order by c.relname, a.attnum";

/// Everything else of tables, as statements.
const REST: [&str; 3] = [
    "select format('alter table %I add constraint %I %s;', relname, conname, \
     pg_get_constraintdef(o.oid)) from pg_constraint o join pg_class c on c.oid = conrelid where \
     relnamespace = current_schema()::regnamespace and contype in ('p', 'u', 'c') order by 1",
    "select replace(pg_get_indexdef(indexrelid), current_schema() || '.', '') || ';' from pg_index \
     join pg_class c on c.oid = indrelid where relnamespace = current_schema()::regnamespace and \
     not exists (select from pg_constraint where conindid = indexrelid) order by 1",
    "select format('alter table %I set (%s);', relname, array_to_string(reloptions, ', ')) from \
     pg_class where relnamespace = current_schema()::regnamespace and relkind = 'r' and reloptions \
     is not null order by 1",
];

/// Numbers that the server gives go on where they were.
const SEQUENCES: &str = "select format('select setval(pg_get_serial_sequence(%L, %L), (select \
    max(%I) from %I));', relname, attname, attname, relname) from pg_class c join pg_attribute on \
    attrelid = c.oid where relnamespace = current_schema()::regnamespace and relkind = 'r' and \
    attidentity <> '' order by 1";

fn postgres_shape(schema: &Schema) -> BTreeSet<String> {
    REST.iter().chain([&COLUMNS]).flat_map(|sql| schema.texts(sql)).collect()
}

fn postgres_text(schema: &Schema) -> String {
    let columns = schema.texts(COLUMNS);
    let mut tables: Vec<(String, Vec<String>)> = Vec::new();
    for column in &columns {
        let (table, column) = column.split_once('|').unwrap();
        match tables.last_mut().filter(|(last, _)| last == table) {
            Some((_, columns)) => columns.push(column.to_owned()),
            None => tables.push((table.to_owned(), vec![column.to_owned()])),
        }
    }
    let create = |(table, columns): &(String, Vec<String>)| {
        format!("create table {table} (\n    {}\n);", columns.join(",\n    "))
    };
    let mut lines: Vec<_> = tables.iter().map(create).collect();
    lines.extend(REST.iter().flat_map(|sql| schema.texts(sql)));
    for (table, columns) in &tables {
        let names: Vec<_> = columns.iter().map(|it| it.split(' ').next().unwrap()).collect();
        let values: Vec<_> = names.iter().map(|it| format!("quote_nullable({it}::text)")).collect();
        let (names, values) = (names.join(", "), values.join(", "));
        lines.extend(schema.texts(&format!(
            "select 'insert into {table} ({names}) overriding system value values (' || \
             concat_ws(', ', {values}) || ');' from {table} order by 1"
        )));
    }
    lines.extend(schema.texts(SEQUENCES));
    lines.join("\n") + "\n"
}

#[test]
fn a_schema_of_each_version_is_brought_to_the_present_one() {
    let open = |schema: &Schema| schema.open().with_clock(|| world::START.0);
    let new = Schema::new();
    fill(open(&new));
    let newest = new.count("select version from tierwise_store");
    for (text, version) in texts("postgres", newest, || postgres_text(&new)).iter().zip(1..) {
        let old = Schema::new();
        old.run(&format!("create schema {};", old.quoted()));
        old.run(text);
        drop(open(&old));
        let shape = postgres_shape(&old);
        assert_eq!(
            shape,
            postgres_shape(&new),
            "version {version} becomes something else; {WRITE}"
        );
        goes_on(open(&old));
    }
}
