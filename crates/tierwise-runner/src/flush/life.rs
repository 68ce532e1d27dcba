//! The life of an account: its creation and its tiers (C1 to C5, D1 to D9).

use std::fmt;

use serde_json::value::RawValue;
use tierwise_host::{TierChangeAnswer, TierChangeEffects, TierChangeQuestion};
use tierwise_lanes::{Lane, Moment};
use tierwise_transport::Mock;

use super::{
    desk::{Desk, Stop},
    ids::new_id,
    repeat::Keyed,
};
use crate::{
    content::{MOST_DEPTH, Parts, depth, text_of},
    counts::Counts,
    error::Refusal,
    model::{AccountKey, AccountRow, Held, LifeRow, LifeStep, Opening, Removal},
    policy::{self, Running},
    report::{self, Direction, Inquiry, Said},
    request::{Answer, NewAccount, Update},
    store::{HistorySync, Profile, ProfileChange},
};

/// Characters of a name and of a key.
const MOST_TEXT: usize = 200;

/// The transport for trials, as accounts name it.
const MOCK: &str = "mock";

/// Bytes of an account's settings.
const MOST_SETTINGS: usize = 64 << 10;

impl Desk<'_> {
    /// Creates an account, and books it in the team's ledger. Refused: `bad_request`,
    /// `id_reused`, `not_found` if its key's account is deleted, `unknown_tier`, `policy_error`.
    pub(super) fn create(&mut self, new: NewAccount) -> Result<Answer, Stop> {
        self.check_new(&new)?;
        let keyed = Keyed::of(&new);
        if let Some(keyed) = &keyed
            && let Some(account) = self.created_before(keyed)?
        {
            return Ok(Answer::Created { account, charge: None });
        }
        let catalog = self.policy.catalog().catalog();
        let tier = new.tier.unwrap_or_else(|| catalog.default_tier().id().to_owned());
        self.check_tier(&tier)?;
        let settings = new.settings.map_or_else(|| "{}".to_owned(), |raw| raw.get().to_owned());
        let team = self.transaction.team(&new.team)?;
        let created = self.now.max(team.last);
        let charge = self.creation_charge(&new.team, &tier, created)?;
        let mut row = AccountRow {
            key: AccountKey::default(),
            id: new_id(self.now).simple().to_string(),
            team: new.team,
            tier: tier.clone(),
            transport: new.transport,
            settings,
            created,
            ended: None,
            has_login: false,
            login: 0,
            history_kept: 0,
            opening: Opening::default(),
            lane: Lane::new(),
            held_reason: String::new(),
            owner: None,
            removal: Removal::Nothing,
            counts: Counts::default(),
        };
        let (nickname, created_by) = (new.nickname, new.created_by);
        let of = Profile { updated: created, ..Profile::default() };
        let profile = Profile { nickname, created_by, ..of };
        row.key = self.transaction.insert_account(&row, &profile)?;
        let account = row.id.clone();
        if let Some(keyed) = keyed {
            self.remember_creation(keyed, &account)?;
        }
        self.live(&row, LifeStep::Create(tier))?;
        self.put(row);
        Ok(Answer::Created { account, charge: Some(charge) })
    }

    fn check_new(&self, new: &NewAccount) -> Result<(), Refusal> {
        let NewAccount { team, transport, nickname, settings, idempotency_key, .. } = new;
        if !self.terms.transports.contains(transport) {
            let known = self.terms.transports.join("`, `");
            let what = format_args!("there is no transport `{transport}`, there are: `{known}`");
            return Err(Refusal::bad("type", what));
        }
        if team.is_empty() {
            return Err(Refusal::bad("team", "it is empty"));
        }
        check_text("nickname", nickname)?;
        check_text("Idempotency-Key", idempotency_key.as_deref().unwrap_or_default())?;
        let Some(settings) = settings else { return Ok(()) };
        settings_of(settings.get())?;
        check_mock(transport, settings)
    }

    /// What one more account costs, on the pool as it is at that moment (C2).
    fn creation_charge(&mut self, team: &str, tier: &str, at: Moment) -> Result<String, Stop> {
        let catalog = self.policy.catalog().catalog();
        let book = self.books.of(team, &mut *self.transaction, catalog)?;
        let pool_before = book.pool(catalog, tier, policy::instant(at));
        let question = tierwise_host::CreationQuestion { tier: tier.to_owned(), pool_before };
        let (host, guest) = self.policy.host();
        let charge = host.creation_charge(guest, &question).answer;
        Ok(charge.map_err(|error| policy::failed(&error))?)
    }

    pub(super) fn check_tier(&self, tier: &str) -> Result<(), Refusal> {
        match self.policy.catalog().catalog().find_tier(tier) {
            Some(_) => Ok(()),
            None => Err(unknown_tier(tier)),
        }
    }

    /// Changes name, tier and settings, all or none. Refused: `bad_request`, `nothing_to_change`,
    /// `unknown_tier`, `same_tier`, `report_stale`, `policy_error`.
    pub(super) fn update(&mut self, key: AccountKey, update: Update) -> Result<Answer, Stop> {
        let Update { nickname, tier, settings, if_report } = update;
        if nickname.is_none() && tier.is_none() && settings.is_none() {
            let nothing = "name a nickname, a tier or settings";
            return Err(Refusal::new("nothing_to_change", 400, nothing).into());
        }
        check_text("nickname", nickname.as_deref().unwrap_or_default())?;
        let merged = match &settings {
            Some(new) => {
                let row = self.row(key)?;
                check_mock(&row.transport, new)?;
                Some(merged(&row.settings, new.get())?)
            }
            None => None,
        };
        // The only part that can still be refused comes first.
        let effects = match tier {
            Some(tier) => self.change_tier(key, tier, if_report.as_deref())?,
            // No report is about a change of name or settings.
            None if if_report.is_some() => return Err(report::stale().into()),
            None => Vec::new(),
        };
        if let Some(settings) = merged {
            self.row(key)?.settings = settings;
        }
        let is_cut = effects.iter().any(|effect| effect == "history_removed");
        let sync = is_cut.then(HistorySync::default);
        self.touch(key, ProfileChange { nickname, sync, ..ProfileChange::default() })?;
        Ok(Answer::Changed { effects })
    }

    fn change_tier(
        &mut self,
        key: AccountKey,
        to: String,
        if_report: Option<&str>,
    ) -> Result<Vec<String>, Stop> {
        let row = self.row(key)?.clone();
        let said = said_of_change(self.policy, &row, &to, self.running)?;
        if let Some(expected) = if_report {
            let held = self.transaction.held(&row)?;
            self.expect_report(&row, held, Some(&to), &said, expected)?;
        }
        self.live(&row, LifeStep::Tier(to.clone()))?;
        let row = self.row(key)?;
        row.tier = to;
        row.lane.reconsider();
        if said.effects.iter().any(|effect| effect == "history_removed") {
            // D3: what came with a login belongs to none any more.
            row.login += 1;
            row.history_kept = 0;
            row.counts.history = 0;
            row.opening.brings_history = false;
            row.removal = row.removal.max(Removal::History);
        }
        Ok(said.effects)
    }

    /// Refused: `report_stale` if a change would not do what its report said; what
    /// [`Inquiry::report`] names.
    pub(super) fn expect_report(
        &mut self,
        row: &AccountRow,
        held: Held,
        to: Option<&str>,
        said: &Said,
        expected: &str,
    ) -> Result<(), Stop> {
        let (policy, running, now) = (self.policy, self.running, self.now);
        let inquiry = Inquiry { policy, running, now, row, held, to, said };
        let report = inquiry.report(&mut *self.transaction, self.books)??;
        Ok(report.expect_hash(expected)?)
    }

    /// Puts a step into the team's ledger: never before the last one, whatever the clock says.
    pub(super) fn live(&mut self, row: &AccountRow, step: LifeStep) -> Result<(), Stop> {
        let mut team = self.transaction.team(&row.team)?;
        team.entries += 1;
        team.last = team.last.max(self.now);
        let (account, at) = (row.key, team.last);
        let entry = LifeRow { team: row.team.clone(), entry: team.entries, account, at, step };
        self.transaction.write_team(&team)?;
        Ok(self.transaction.append_life(&entry)?)
    }
}

/// What a change of tier does, by the policy. Refused: `unknown_tier`, `account_archived`,
/// `same_tier`, `policy_error`.
pub(super) fn said_of_change(
    policy: &policy::Policy,
    row: &AccountRow,
    to: &str,
    running: Running,
) -> Result<Said, Refusal> {
    let question = TierChangeQuestion {
        from: row.tier.clone(),
        to: to.to_owned(),
        sent: row.lane.used(running.number),
        archived: !row.is_active(),
    };
    let (host, guest) = policy.host();
    let answer = host.tier_change(guest, &question).answer;
    match answer.map_err(|error| policy::failed(&error))? {
        TierChangeAnswer::Done(TierChangeEffects { direction, effects }) => {
            let direction = match direction {
                tierwise_host::Direction::Up => Direction::Upgrade,
                tierwise_host::Direction::Down => Direction::Downgrade,
            };
            Ok(Said { direction, effects })
        }
        TierChangeAnswer::Refused(refusal) => Err(match refusal.code.as_str() {
            "unknown_tier" => unknown_tier(to),
            "account_archived" => Refusal::archived(&row.id),
            _ => {
                let same = format_args!("the account is already on tier `{to}`");
                Refusal::new("same_tier", 400, same).with("tier", to)
            }
        }),
    }
}

fn unknown_tier(tier: &str) -> Refusal {
    let unknown = format_args!("the catalog has no tier `{tier}`");
    Refusal::new("unknown_tier", 400, unknown).with("tier", tier)
}

fn check_text(field: &str, text: &str) -> Result<(), Refusal> {
    if text.chars().nth(MOST_TEXT).is_some() {
        return Err(Refusal::bad(field, format_args!("it has more than {MOST_TEXT} characters")));
    }
    Ok(())
}

fn settings_of(text: &str) -> Result<Parts, Refusal> {
    let bad = |what: fmt::Arguments<'_>| Err(Refusal::bad("settings", what));
    if text.len() > MOST_SETTINGS {
        return bad(format_args!("they have more than {MOST_SETTINGS} bytes"));
    }
    if depth(text) > MOST_DEPTH {
        return bad(format_args!("they are nested deeper than {MOST_DEPTH}"));
    }
    serde_json::from_str(text).or_else(|_| bad(format_args!("they are not a JSON object")))
}

/// Whether a mock account's settings are such as its network reads: else its history would not be
/// what they say, and nobody would know why.
fn check_mock(transport: &str, settings: &RawValue) -> Result<(), Refusal> {
    match transport {
        MOCK => Mock::check(settings).map_err(|bad| {
            Refusal::bad(&format!("settings{}", bad.path.replace('/', ".")), &bad.message)
        }),
        _ => Ok(()),
    }
}

/// Settings with new ones among them.
fn merged(old: &str, new: &str) -> Result<String, Refusal> {
    let mut settings = settings_of(old).unwrap_or_default();
    settings.extend(settings_of(new)?);
    let text = text_of(&settings);
    settings_of(&text).map(|_| text)
}

#[cfg(test)]
#[allow(clippy::panic, clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::sync::Arc;

    use tierwise_lanes::Span;

    use super::*;
    use crate::{
        error::Refused,
        flush::{Engine, Terms},
        policy::Policy,
        request::{Change, Request},
        store::Sqlite,
    };

    fn raw(text: &str) -> Box<RawValue> {
        RawValue::from_string(text.to_owned()).unwrap()
    }

    /// The code of a refusal, and what it says.
    fn refused(answer: Refused<Answer>) -> (&'static str, String) {
        match answer {
            Ok(answer) => ("done", format!("{answer:?}")),
            Err(Refusal { code, message, .. }) => (code, message),
        }
    }

    /// Settings that are refused, and what is said of them.
    fn bad_settings() -> [(Box<RawValue>, &'static str); 4] {
        let nested = format!(r#"{{"a":{}{}}}"#, "[".repeat(MOST_DEPTH), "]".repeat(MOST_DEPTH));
        let long = format!(r#"{{"a":"{}"}}"#, "x".repeat(MOST_SETTINGS));
        [
            (raw("[]"), "`settings`: they are not a JSON object"),
            (raw(&nested), "`settings`: they are nested deeper"),
            (raw(&long), "`settings`: they have more than"),
            (raw(r#"{"mock":null}"#), "`settings.mock`: an object is expected"),
        ]
    }

    #[test]
    fn what_is_wrong_with_an_account_is_named_and_nothing_of_it_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let store = Box::new(Sqlite::open(&folder.path().join("queue.db")).unwrap());
        let policy = Arc::new(Policy::messaging().unwrap());
        let mut engine = Engine::start(store, policy, Terms::default()).unwrap();
        let mut ask = |request: Request| {
            engine.flush(vec![request], 0, &|| Span(0)).unwrap().answers.remove(0)
        };
        let new = || NewAccount::new("team", MOCK);
        let text = |count: usize| "ä".repeat(count);
        let key = |count: usize| Some(text(count));
        let tier = || Some("gold".to_owned());
        let mut cases = vec![
            (NewAccount::new("team", "sms"), "bad_request", "`type`: there is no transport"),
            (NewAccount::new("", MOCK), "bad_request", "`team`: it is empty"),
            (NewAccount { nickname: text(201), ..new() }, "bad_request", "`nickname`: it has more"),
            (
                NewAccount { idempotency_key: key(201), ..new() },
                "bad_request",
                "`Idempotency-Key`: it has more",
            ),
            (NewAccount { tier: tier(), ..new() }, "unknown_tier", "the catalog has no tier"),
        ];
        let with = |settings| NewAccount { settings: Some(settings), ..new() };
        cases.extend(bad_settings().map(|(bad, what)| (with(bad), "bad_request", what)));
        for (account, code, what) in cases {
            let said = refused(ask(Request::Create(account)));
            assert!(said.0 == code && said.1.starts_with(what), "{said:?} is not {code}, {what}");
        }
        let good = NewAccount { nickname: text(200), idempotency_key: key(200), ..new() };
        let Ok(Answer::Created { account, .. }) = ask(Request::Create(good)) else { panic!() };

        let mut update = |update: Update| {
            let (account, change) = (account.clone(), Change::Update(update));
            refused(ask(Request::Change { account, team: None, change }))
        };
        let mut cases: Vec<_> = bad_settings()
            .map(|(bad, what)| (Update { settings: Some(bad), ..Update::default() }, what))
            .into();
        let nickname = Some(text(201));
        cases.push((Update { nickname, ..Update::default() }, "`nickname`: it has more"));
        for (change, what) in cases {
            let said = update(change);
            assert!(said.0 == "bad_request" && said.1.starts_with(what), "{said:?} is not {what}");
        }
        // Each is small enough, and both together are not.
        let half = |name: &str| {
            let text = "x".repeat(MOST_SETTINGS / 2);
            let settings = Some(raw(&format!(r#"{{"{name}":"{text}"}}"#)));
            Update { settings, ..Update::default() }
        };
        assert_eq!(update(half("a")).0, "done");
        let said = update(half("b"));
        assert!(said.1.starts_with("`settings`: they have more than"), "{said:?}");
    }
}
