//! Every store does the same: one random history on the plain one and on another, compared after
//! each flush. PostgreSQL is the one that `TIERWISE_POSTGRES` names.
#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests, which count in small numbers"
)]

mod listed;
mod world;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use listed::Asking;
use oorandom::Rand64;
use serde_json::value::RawValue;
use tierwise_lanes::{Moment, Span};
use tierwise_runner::*;
use tierwise_transport::{Event, Inbound, OldMessage, Receipt, Received, Report};
use world::{
    memory::Memory,
    people_history::{PeopleHistory, people_of},
    schema::Schema,
};

const SEEDS: u64 = 30;
const STEPS: u32 = 100;
/// A report ends without a commit, after which a store remembers nothing: seldom.
const REPORT_EVERY: u32 = 10;

/// An engine on a store, and what is said of its accounts in requests: their place.
struct Side {
    engine: Engine,
    ids: Vec<String>,
    /// The plain store has none.
    reader: Option<Box<dyn Reader>>,
}

impl Side {
    fn new(store: Box<dyn Store>, policy: &Arc<Policy>) -> Self {
        let reader = store.readers().map(|open| open().unwrap());
        let engine = Engine::start(store, policy.clone(), Terms::default()).unwrap();
        Side { engine, ids: Vec::new(), reader }
    }

    /// Flushes, and says what came of it in words that are the same for every store.
    fn flush(&mut self, requests: &[Asked], slots: usize, elapsed: u64) -> Vec<String> {
        let requests = requests.iter().map(|asked| asked.of(&self.ids)).collect();
        let flushed = self.engine.flush(requests, slots, &|| Span(elapsed)).unwrap();
        let mut said = vec![format!("wake {:?} now {:?}", flushed.wake, flushed.now)];
        for answer in flushed.answers {
            if let Ok(Answer::Created { account, .. }) = &answer
                && !self.ids.contains(account)
            {
                self.ids.push(account.clone());
            }
            said.push(self.masked(format!("{answer:?}")));
        }
        let mut actions: Vec<_> = flushed.actions.iter().map(|it| self.action(it)).collect();
        actions.sort();
        said.extend(actions);
        said
    }

    fn action(&self, action: &Action) -> String {
        match action {
            Action::Send(sending) => self.masked(format!("{sending:?}")),
            other => self.masked(format!("{other:?}")),
        }
    }

    /// Ids of accounts are random: their place stands for them.
    fn masked(&self, mut text: String) -> String {
        for (place, id) in self.ids.iter().enumerate() {
            text = text.replace(id, &format!("account {place}"));
        }
        text
    }

    /// What a change would do to an account that may not be there.
    fn report(&mut self, place: usize, planned: &Planned) -> String {
        let id = self.ids.get(place).cloned().unwrap_or_default();
        let report = self.engine.report(&id, None, planned).unwrap();
        self.masked(format!("{report:?}"))
    }

    /// Everything that can be read.
    fn dump(&mut self, ids: &[String]) -> Vec<String> {
        let mut said = Vec::new();
        let mut transaction = self.engine.store().begin().unwrap();
        let keys: Vec<_> = (1..=self.ids.len() as i64).map(AccountKey).collect();
        for row in transaction.accounts_at(&keys).unwrap() {
            said.push(format!("{:?}", transaction.held(&row).unwrap()));
            said.push(format!("{:?}", transaction.last_decision(row.key).unwrap()));
            let ids: Vec<_> = ids.iter().map(String::as_str).collect();
            for message in transaction.messages(row.key, &ids).unwrap() {
                said.push(format!("{message:?}"));
            }
            let (from, to) = (Moment(i64::MIN), Moment::NEVER);
            said.push(format!("{:?}", transaction.waiting(row.key, from, to, 3).unwrap()));
            if row.lane.out().is_none() {
                let head = transaction.heads(&[(row.key, row.lane.tried())]).unwrap();
                said.push(format!("{head:?}"));
            }
            said.push(format!("{row:?}"));
        }
        said.push(format!("{:?}", transaction.life("team", 2, 50).unwrap()));
        let mut tiers = transaction.tiers().unwrap();
        tiers.sort();
        said.push(format!("{tiers:?}"));
        said.push(format!("{:?}", transaction.ready(Moment(i64::MAX - 1), 50).unwrap().len()));
        said.extend(people_of(&mut *transaction));
        // As flushes end: what a store remembers of it stays.
        transaction.commit().unwrap();
        said.into_iter().map(|text| self.masked(text)).collect()
    }
}

/// A request in which accounts stand by their place.
#[derive(Clone, Debug)]
enum Asked {
    Create(NewAccount),
    Send(usize, Vec<NewMessage>),
    Change(usize, Change),
    Event(usize, Event),
    Completed(Completion),
    Many(Many),
    /// In which there are none.
    People(Request),
}

impl Asked {
    fn of(&self, ids: &[String]) -> Request {
        let id = |place: &usize| ids.get(*place).cloned().unwrap_or_default();
        match self.clone() {
            Asked::Create(account) => Request::Create(account),
            Asked::Send(place, messages) => {
                Request::Send { account: id(&place), team: None, require_open: false, messages }
            }
            Asked::Change(place, change) => {
                Request::Change { account: id(&place), team: None, change }
            }
            Asked::Event(place, event) => Request::Arrived(Inbound::new(id(&place), event)),
            Asked::Completed(completion) => Request::Completed(completion),
            Asked::Many(many) => Request::Many(many),
            Asked::People(request) => request,
        }
    }
}

struct History {
    random: Rand64,
    ids: Vec<String>,
    out: Vec<(AccountKey, u64)>,
}

impl History {
    fn pick(&mut self, count: usize) -> usize {
        self.random.rand_range(0..count as u64) as usize
    }

    fn new_id(&mut self) -> String {
        if self.pick(5) == 0 && !self.ids.is_empty() {
            let place = self.pick(self.ids.len());
            return self.ids[place].clone();
        }
        self.ids.push(format!("m{}", self.ids.len()));
        self.ids.last().cloned().unwrap()
    }

    fn next(&mut self, now: i64) -> Asked {
        let place = self.pick(4);
        match self.random.rand_range(0..32) {
            0 => {
                let tier = [world::LIMITED, world::PLAIN, world::FULL][self.pick(3)];
                let idempotency_key = (self.pick(2) == 0).then(|| "key".to_owned());
                let team = ["team", "team", "other"][self.pick(3)];
                Asked::Create(NewAccount { idempotency_key, ..world::account(team, tier) })
            }
            30.. => Asked::Many(self.many(now)),
            1..10 => {
                let id = self.new_id();
                let due = [None, Some(Moment(now + 4000)), Some(Moment(now - 9))][self.pick(3)];
                let is_note = self.pick(8) == 0;
                let cancel_on_reply = self.pick(4) == 0;
                let chat = world::chat_of(&id);
                let content = self.content(&id);
                let attachments = AttachmentTypes::of_content(content.get());
                let sender = ["", "somebody"][self.pick(2)].to_owned();
                let message = NewMessage {
                    chat,
                    due,
                    is_note,
                    cancel_on_reply,
                    content,
                    attachments,
                    sender,
                    ..world::message(&id)
                };
                Asked::Send(place, vec![message])
            }
            10..18 if !self.out.is_empty() => {
                let which = self.pick(self.out.len());
                let (account, fence) = self.out.swap_remove(which);
                let report = match self.pick(6) {
                    0 => Report::refused(400, "no"),
                    1 => Report::later(Some(Duration::from_secs(3)), 429, "later"),
                    2 => Report::unknown("silence"),
                    _ => Report::delivered_as(format!("n{fence}")),
                };
                Asked::Completed(Completion { account, fence, report })
            }
            18..22 => Asked::Event(place, self.event(now)),
            _ => Asked::Change(place, self.change(now)),
        }
    }

    fn content(&mut self, id: &str) -> Box<serde_json::value::RawValue> {
        let image = r#""attachments":[{"type":"image"},{"type":"audio"}]"#;
        world::raw(&match self.pick(4) {
            0 => format!(r#"{{"text":"{id}",{image}}}"#),
            1 => format!(r#"{{{image}, "text":"{id}"}}"#),
            _ => format!(r#"{{"text":"{id}"}}"#),
        })
    }

    fn many(&mut self, now: i64) -> Many {
        let one = |history: &mut Self| {
            let account = AccountKey(1 + history.pick(4) as i64);
            (account, 1 + history.pick(9) as u64)
        };
        let messages: BTreeSet<_> = (0..8).map(|_| one(self)).collect();
        let status = [Status::Pending, Status::Error, Status::Cancelled][self.pick(3)];
        let due = [None, Some(Moment(now + 4000)), Some(Moment(now - 9))][self.pick(3)];
        let change = [ManyChange::Retry { due }, ManyChange::Clear][self.pick(2)];
        Many { team: "team".to_owned(), status, messages: messages.into_iter().collect(), change }
    }

    fn edit(&mut self, now: i64) -> Edit {
        let part = |name: &str, json: &str| {
            BTreeMap::from([(name.to_owned(), RawValue::from_string(json.to_owned()).unwrap())])
        };
        let content = match self.pick(4) {
            0 => part("text", r#""other""#),
            1 => part("text", r#""""#),
            2 => part("attachments", r#"[{"type":"video"}]"#),
            _ => BTreeMap::new(),
        };
        let wait = [-9, 500, 4000, 3_700_000][self.pick(4)];
        Edit {
            resolved: [None, None, Some(true), Some(false)][self.pick(4)],
            due: (self.pick(3) == 0).then_some(Moment(now + wait)),
            content,
            by: "somebody".to_owned(),
        }
    }

    fn event(&mut self, now: i64) -> Event {
        let received = |id: String| Received {
            id,
            chat_id: world::chat_of(&format!("m{}", now % 7)),
            sender: "somebody".to_owned(),
            at_ms: now,
            text: "hello".to_owned(),
        };
        match self.pick(7) {
            0 => Event::Received(received(format!("r{}", now % 7))),
            1 => {
                let receipt = [Receipt::Read, Receipt::Delivered, Receipt::Failed][self.pick(3)];
                let network_id = format!("n{}", self.pick(9));
                Event::Receipt { network_id, receipt, detail: None }
            }
            2 => Event::Contact { id: format!("c{}", self.pick(3)), name: "name".to_owned() },
            3 => {
                let message = received("old".to_owned());
                let messages = vec![OldMessage { message, from_me: self.pick(2) == 0 }];
                Event::History { offered: 3, messages }
            }
            way => Event::Open { login: way == 4 },
        }
    }

    fn change(&mut self, now: i64) -> Change {
        let place = self.pick(self.ids.len().max(1));
        let message = self.ids.get(place).cloned().unwrap_or_default();
        match self.random.rand_range(0..32) {
            0..8 => {
                let tiers = [world::LIMITED, world::PLAIN, world::FULL, "gold"];
                let tier = (self.pick(6) > 0).then(|| tiers[self.pick(4)].to_owned());
                let settings = Some(world::raw(r#"{"a":1}"#)).filter(|_| tier.is_none());
                Change::Update(Update { tier, settings, ..Update::default() })
            }
            8 => Change::Archive { if_report: None },
            9 => Change::Delete { if_report: None },
            10..14 => Change::Open,
            14 => Change::Close { logout: true },
            15 => Change::Pause,
            16..18 => Change::Resume,
            18..20 => Change::Skip { message },
            20..22 => Change::Retry { message, due: None },
            22..24 => Change::Remove { message: message.into() },
            26.. => Change::Edit { message: message.into(), edit: self.edit(now) },
            _ => Change::Resolve { message, taken: self.pick(2) == 0 },
        }
    }
}

/// One random history on the plain store, and on another that has its time.
fn compare(seed: u64, policy: &Arc<Policy>, memory: &Memory, other: Box<dyn Store>) {
    let mut plain = Side::new(Box::new(memory.clone()), policy);
    let mut other = Side::new(other, policy);
    let mut history =
        History { random: Rand64::new(u128::from(seed)), ids: Vec::new(), out: Vec::new() };
    let mut people = PeopleHistory::new(seed);
    let mut elapsed = 0;
    for step in 0..STEPS {
        let count = 1 + history.pick(4);
        let now = memory.state().now;
        let mut requests: Vec<_> = (0..count).map(|_| history.next(now)).collect();
        requests.extend((0..people.pick(4)).map(|_| Asked::People(people.next())));
        let slots = [0, 1, 50][history.pick(3)];
        let expected = plain.flush(&requests, slots, elapsed);
        let place = format!("seed {seed}, step {step}, {requests:?}");
        assert_eq!(other.flush(&requests, slots, elapsed), expected, "{place}");
        let ids = history.ids.clone();
        assert_eq!(other.dump(&ids), plain.dump(&ids), "{place}");
        if step % REPORT_EVERY == 0 {
            let tier = Planned::Tier(world::PLAIN.to_owned());
            let planned = [tier, Planned::Archive, Planned::Delete][history.pick(3)].clone();
            let of = history.pick(4);
            assert_eq!(other.report(of, &planned), plain.report(of, &planned), "{place}");
        }
        if let Some(reader) = &mut other.reader {
            let state = &memory.state().clone();
            let (random, ids) = (&mut history.random, &other.ids);
            Asking { random, state, reader: &mut **reader, ids }.compare(&place);
        }
        let state = memory.state();
        for (row, _) in state.accounts.values() {
            assert_eq!(row.counts, state.counts_of(row), "{place}, {row:?}");
        }
        let out = state.accounts.values().filter_map(|(row, _)| Some((row.key, row.lane.out()?)));
        history.out = out.map(|(key, out)| (key, out.fence)).collect();
        drop(state);
        // At times longer than gaps are kept.
        let ms = [1, 700, 5000, 3_600_000, 5000, 700, 90_000_000][history.pick(7)];
        elapsed += ms;
        memory.state().now += ms as i64;
    }
}

fn plain(is_alone: bool) -> Memory {
    let memory = Memory::default();
    memory.state().now = world::START.0;
    memory.state().is_alone = is_alone;
    memory
}

/// Those of odd seeds keep gaps of chats.
fn policies() -> [Arc<Policy>; 2] {
    [world::policy(), world::pair_limit()]
}

#[test]
fn sqlite_does_the_same() {
    let policies = policies();
    for seed in 0..SEEDS {
        let policy = &policies[(seed % 2) as usize];
        let folder = tempfile::tempdir().unwrap();
        let memory = plain(true);
        let time = memory.clone();
        let sqlite = Sqlite::open(&folder.path().join("queue.db")).unwrap();
        let sqlite = sqlite.with_clock(move || time.state().now);
        compare(seed, policy, &memory, Box::new(sqlite));
    }
}

#[test]
fn postgres_does_the_same() {
    let policies = policies();
    for seed in 0..SEEDS {
        let policy = &policies[(seed % 2) as usize];
        let schema = Schema::new();
        let memory = plain(false);
        let time = memory.clone();
        let postgres = schema.open().with_clock(move || time.state().now);
        compare(seed, policy, &memory, Box::new(postgres));
    }
}
