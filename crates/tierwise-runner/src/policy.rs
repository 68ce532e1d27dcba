//! The policy: a component in its sandbox, with the catalog that it answers for, and the same
//! catalog natively for days and periods.

use sha2::{Digest as _, Sha256};
use tierwise::{Calendar, Instant, Period};
use tierwise_host::{BUILT_IN, CheckedComponent, ClaimAnswer, ClaimQuestion, Host};
use tierwise_lanes::{Decision, Held, Hold, Moment, PeriodNumber, Span};
use tierwise_wire::LoadedCatalog;

use crate::{
    error::{Refusal, Refused},
    model::{Answered, Question},
};

/// How long an account waits when the policy failed, unless something changes before.
const AFTER_FAILURE: Span = Span::seconds(60);

/// The least time until the policy is asked again about what it holds.
const LEAST_HOLD: Span = Span::seconds(1);

/// The longest gap.
const MOST_GAP_MS: u64 = 1_000_000_000_000;

/// The longest word for a reason.
const MOST_REASON_BYTES: usize = 64;

const DAY_MS: i64 = 86_400_000;

/// What decides: a component and a catalog.
#[derive(Debug)]
pub struct Policy {
    host: Host,
    guest: tierwise_host::Catalog,
    loaded: LoadedCatalog,
    component_hash: String,
}

/// The period that a moment lies in, as lanes and policies know it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Running {
    pub(crate) number: PeriodNumber,
    pub(crate) start: Moment,
    pub(crate) end: Moment,
}

/// Why there is no policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyError {
    /// What kind of thing is wrong: a stable word.
    pub code: String,
    /// What is wrong, and how to mend it.
    pub message: String,
}

impl std::fmt::Display for PolicyError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for PolicyError {}

impl Policy {
    /// The built-in component with the catalog of the messaging service.
    pub fn messaging() -> Result<Self, PolicyError> {
        Self::new(None, LoadedCatalog::messaging())
    }

    /// A component, or the built-in one, with a catalog. Errors: those of a component and of a
    /// catalog.
    pub fn new(component: Option<&[u8]>, loaded: LoadedCatalog) -> Result<Self, PolicyError> {
        let no = |error: tierwise_host::Error| PolicyError {
            code: error.code().to_owned(),
            message: error.to_string(),
        };
        let checked = match component {
            Some(bytes) => CheckedComponent::check(bytes),
            None => CheckedComponent::built_in(),
        };
        let host = Host::new(checked.map_err(no)?);
        let guest = host.load(loaded.canonical_json()).answer.map_err(no)?;
        let digest = Sha256::digest(component.unwrap_or(BUILT_IN));
        let component_hash = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(Policy { host, guest, loaded, component_hash })
    }

    /// SHA-256 of the component, in lower-case hex.
    pub fn component_hash(&self) -> &str {
        &self.component_hash
    }

    /// The catalog.
    pub fn catalog(&self) -> &LoadedCatalog {
        &self.loaded
    }

    pub(crate) fn host(&self) -> (&Host, &tierwise_host::Catalog) {
        (&self.host, &self.guest)
    }

    /// The period that a moment lies in (G1).
    pub(crate) fn running(&self, now: Moment) -> Running {
        let calendar = self.loaded.catalog().calendar();
        running(&calendar, calendar.period_of(calendar.day_of(instant(now))))
    }

    /// Whether an account may have so many messages more that are due in a period (Q3).
    pub(crate) fn accepts(&self, tier: &str, sent: u64, waiting: u64, asked: u64) -> Refused<bool> {
        let kind = tierwise_host::MessageKind::Message;
        let tier = tier.to_owned();
        let question = tierwise_host::QuotaQuestion { tier, sent, waiting, asked, kind };
        let answer = self.host.quota(&self.guest, &question).answer;
        answer.map(|answer| answer.accepted).map_err(|error| failed(&error))
    }

    /// The most messages of a period on a tier; none without a limit (Q1).
    pub(crate) fn limit(&self, tier: &str) -> Option<u64> {
        let tier = self.loaded.catalog().find_tier(tier)?;
        tier.limit(tierwise::MESSAGE_METER).map(|limit| limit.max)
    }

    /// What happens to the first waiting message of an account. The same question has the same
    /// answer: the ledger can be replayed.
    pub fn ask(&self, question: &Question) -> Answered {
        self.ask_with_fuel(question).0
    }

    /// The same, and the fuel that it took.
    pub(crate) fn ask_with_fuel(&self, question: &Question) -> (Answered, u64) {
        let asked = ClaimQuestion {
            tier: question.tier.clone(),
            sent: question.sent,
            counted: question.counted,
            size: question.size,
            attempt: u64::from(question.attempt),
            number: question.number,
            due: question.due.0,
            now: question.now.0,
            period_end: question.period_end.0,
            created: question.created.0,
        };
        let reply = self.host.claim(&self.guest, &asked);
        let answered = match reply.answer {
            Ok(ClaimAnswer::Send(gaps)) if gaps.account.max(gaps.chat) <= MOST_GAP_MS => {
                Answered::Send { gap_ms: gaps.account, chat_gap_ms: gaps.chat }
            }
            Ok(ClaimAnswer::Hold(hold)) if is_word(&hold.reason) => {
                Answered::Hold { reason: hold.reason, until: Moment(hold.until) }
            }
            Ok(ClaimAnswer::Refuse(reason)) if is_word(&reason) => Answered::Refuse { reason },
            Ok(_) => Answered::Failed { code: "invalid_answer".to_owned() },
            Err(error) => Answered::Failed { code: error.code().to_owned() },
        };
        (answered, reply.usage.fuel)
    }
}

/// What an answer means for a lane. What the policy cannot say holds the account.
pub(crate) fn understood(answered: &Answered, now: Moment) -> Decision {
    match answered {
        Answered::Send { gap_ms, chat_gap_ms } => {
            Decision::Send { gap: Span(*gap_ms), chat_gap: Span(*chat_gap_ms) }
        }
        Answered::Hold { reason, until } => {
            let why = match reason.as_str() {
                "quota_exhausted" => Hold::QuotaExhausted,
                _ => Hold::Policy,
            };
            Decision::Hold(Held { why, until: (*until).max(now.after(LEAST_HOLD)) })
        }
        Answered::Refuse { .. } => Decision::Refuse,
        Answered::Failed { .. } => {
            Decision::Hold(Held { why: Hold::PolicyError, until: now.after(AFTER_FAILURE) })
        }
    }
}

fn is_word(reason: &str) -> bool {
    let is_of_word = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    (1..=MOST_REASON_BYTES).contains(&reason.len()) && reason.bytes().all(is_of_word)
}

/// A refusal because the policy failed: never a grant.
pub(crate) fn failed(error: &tierwise_host::Error) -> Refusal {
    Refusal::new("policy_error", 500, format_args!("the policy does not answer: {error}"))
}

/// A moment as the engine knows it; its years are bounded.
pub(crate) fn instant(at: Moment) -> Instant {
    let latest = || Instant::from_unix_ms(LATEST_MS).unwrap_or_default();
    Instant::from_unix_ms(at.0)
        .unwrap_or_else(|_| if at.0 < 0 { Instant::default() } else { latest() })
}

/// The last millisecond that the engine knows: the end of 2199.
const LATEST_MS: i64 = 7_258_118_399_999;

pub(crate) fn running(calendar: &Calendar, period: Period) -> Running {
    let offset = i64::from(calendar.utc_offset_minutes).saturating_mul(60_000);
    let start_of = |day: tierwise::Day| {
        Moment(i64::from(day.epoch_days()).saturating_mul(DAY_MS).saturating_sub(offset))
    };
    Running {
        number: PeriodNumber(i64::from(period.first.epoch_days())),
        start: start_of(period.first),
        end: start_of(period.last.next()),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn g1_a_period_is_named_by_its_first_day_and_ends_where_the_next_begins() {
        let policy = Policy::messaging().unwrap();
        let noon = Moment(Instant::parse("2026-04-15T12:00:00Z").unwrap().unix_ms());
        let april = policy.running(noon);
        assert_eq!(instant(april.start).to_string(), "2026-04-01T00:00:00.000Z");
        assert_eq!(policy.running(april.end).start, april.end);
        assert!(policy.running(april.end).number > april.number);
        assert_eq!(instant(Moment(i64::MAX)).unix_ms(), LATEST_MS);
    }

    #[test]
    fn reasons_are_words() {
        assert!(is_word("quiet_hours"));
        assert!(!is_word("") && !is_word("Quiet hours") && !is_word(&"x".repeat(65)));
    }
}
