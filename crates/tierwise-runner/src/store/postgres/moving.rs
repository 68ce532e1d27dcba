//! Rows as they are, from another store.

use std::{fmt::Write as _, time::Duration};

use super::Postgres;
use crate::store::{
    StoreError, Stored,
    moving::{Table, Value},
};

/// Rows that are read at a time.
const PART: i64 = 1000;

/// What one statement of a move may take: the last one makes sure of the indexes.
const PATIENCE: Duration = Duration::from_secs(600);

impl Postgres {
    /// Begins the only transaction of a move, into a schema without accounts and people. Errors:
    /// `store_not_empty`, those of the store.
    pub(in crate::store) fn begin_receiving(&mut self) -> Stored<()> {
        // One that is watched by nobody takes its time.
        let settings = "set statement_timeout = 0; set idle_in_transaction_session_timeout = 0; \
            begin; lock table account, team, runner, team_profile, person in exclusive mode";
        self.session.run_script(settings, PATIENCE)?;
        let sql = "select (select count(*) from account) + (select count(*) from team) + \
            (select count(*) from team_profile) + (select count(*) from person) + \
            (select count(*) from runner where not is_gone)";
        let row = self.session.query_one(sql, &[])?;
        if row.is_some_and(|row| row.get::<_, i64>(0) > 0) {
            let message = format_args!(
                "the schema `{}` has accounts, people or a runner already: move into a new one",
                self.schema
            );
            return Err(StoreError::new("store_not_empty", message));
        }
        // Left by a runner that only looked; the policies come with their numbers.
        self.session.run_script("delete from policy; delete from runner", PATIENCE)
    }

    /// Takes rows of a table.
    pub(in crate::store) fn receive(&mut self, table: &Table, rows: &[Vec<Value>]) -> Stored<()> {
        if rows.is_empty() {
            return Ok(());
        }
        let columns = table.columns;
        // Of the row's own type: numbers and texts become what each column holds.
        let mut json = String::from("[");
        for (place, row) in rows.iter().enumerate() {
            json += if place == 0 { "{" } else { ",{" };
            for (place, (column, value)) in table.columns().zip(row).enumerate() {
                let value = match value {
                    Value::Null => "null".to_owned(),
                    Value::Number(number) => number.to_string(),
                    Value::Text(text) if text.contains('\0') => return Err(with_zero(table)),
                    Value::Text(text) => serde_json::Value::from(text.as_str()).to_string(),
                };
                let comma = if place == 0 { "" } else { "," };
                // Writing into a text does not fail.
                let _ = write!(json, "{comma}\"{column}\":{value}");
            }
            json.push('}');
        }
        json.push(']');
        let identity = if table.counter.is_some() { "overriding system value" } else { "" };
        let sql = format!(
            "insert into {name} ({columns}) {identity} select {casts} from \
             json_to_recordset($1::text::json) as given ({given})",
            name = table.name,
            casts = self.casts(table)?,
            given = table
                .columns()
                .map(|column| format!("{column} text"))
                .collect::<Vec<_>>()
                .join(", "),
        );
        self.session.execute_once(&sql, &[&json])
    }

    /// The columns of a table, each turned from text into its type.
    fn casts(&mut self, table: &Table) -> Stored<String> {
        let sql = "select attname::text, format_type(atttypid, null) from pg_attribute \
            where attrelid = $1::text::regclass and attnum > 0 and not attisdropped";
        let rows = self.session.query(sql, &[&table.name])?;
        let type_of = |column: &str| {
            let found = rows.iter().find(|row| row.get::<_, String>(0) == column);
            found.map(|row| row.get::<_, String>(1))
        };
        let cast = |column: &str| match type_of(column).as_deref() {
            // SQLite's truth is a number.
            Some("boolean") => Ok(format!("{column}::int::boolean")),
            Some(kind) => Ok(format!("{column}::{kind}")),
            None => Err(StoreError::new(
                "store_failed",
                format_args!("the table `{}` has no column `{column}`", table.name),
            )),
        };
        let casts = table.columns().map(cast).collect::<Stored<Vec<_>>>()?;
        Ok(casts.join(", "))
    }

    /// Every row of a table, in order, as SQLite writes it.
    pub(in crate::store) fn each_row(
        &mut self,
        table: &Table,
        mut take: impl FnMut(Vec<Value>) -> Stored<()>,
    ) -> Stored<()> {
        let casts = self.casts(table)?;
        let shown = |(column, cast): (&str, &str)| {
            if cast.ends_with("::boolean") {
                return format!("{column}::int::bigint");
            }
            let is_text = cast.ends_with("::text");
            if is_text { column.to_owned() } else { format!("{column}::bigint") }
        };
        let columns = table.columns().zip(casts.split(", ")).map(shown);
        let sql = format!(
            "declare moved no scroll cursor for select {} from {} order by {}",
            columns.collect::<Vec<_>>().join(", "),
            table.name,
            table.order
        );
        self.session.run_script(&sql, PATIENCE)?;
        loop {
            let rows = self.session.query_once(&format!("fetch {PART} from moved"), &[])?;
            if rows.is_empty() {
                break;
            }
            for row in &rows {
                let value = |place: usize| {
                    let number = row.try_get::<_, Option<i64>>(place);
                    match number {
                        Ok(number) => number.map_or(Value::Null, Value::Number),
                        Err(_) => {
                            row.get::<_, Option<String>>(place).map_or(Value::Null, Value::Text)
                        }
                    }
                };
                take((0..table.columns().count()).map(value).collect())?;
            }
        }
        self.session.run_script("close moved", PATIENCE)
    }

    /// Ends the transaction: everything is there, and counters go on behind the last number.
    pub(in crate::store) fn end_receiving(&mut self, tables: &[Table]) -> Stored<()> {
        for table in tables {
            let Some(counter) = table.counter else { continue };
            let name = table.name;
            let script = format!(
                "select setval(pg_get_serial_sequence('{name}', '{counter}'), \
                 (select coalesce(max({counter}), 0) + 1 from {name}), false)"
            );
            self.session.run_script(&script, PATIENCE)?;
        }
        // Decisions and accounts name runners, which are gone: new ones have higher numbers, and
        // take over their calls.
        let runners = "select setval(pg_get_serial_sequence('runner', 'epoch'), greatest(\
            (select max(runner) from decision), (select max(opening_by) from account), 0) + 1, \
            false); \
            insert into runner (epoch, beats, is_gone) overriding system value \
            select distinct opening_by, 0, true from account where opening_by is not null";
        self.session.run_script(runners, PATIENCE)?;
        self.session.run_script("commit; analyze", PATIENCE)
    }
}

fn with_zero(table: &Table) -> StoreError {
    let message = format_args!(
        "the table `{}` holds a text with a NUL character, which PostgreSQL cannot hold",
        table.name
    );
    StoreError::new("not_supported", message)
}
