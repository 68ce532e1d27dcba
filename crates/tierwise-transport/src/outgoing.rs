//! What a transport is given.

use serde::Deserialize;
use serde_json::value::RawValue;

/// A message that is out, for one attempt.
#[derive(Clone, Debug)]
pub struct Outgoing {
    /// The account that sends it.
    pub account: String,
    /// Its number in the account's queue.
    pub number: u64,
    /// Which of its attempts this is, from 1.
    pub attempt: u32,
    /// The attempt's fence: higher than that of any attempt of this account before. A receiver may
    /// refuse a lower one than it has seen.
    pub fence: u64,
    /// The [opening](Connecting::opening) of the account that it goes out in.
    pub opening: u64,
    /// The message's id, unique in the account.
    pub id: String,
    /// Whom it goes to.
    pub chat: String,
    /// Its content, JSON: `text`, `attachments`, `mentions`, `quoted`, `miscOptions`.
    pub content: Box<RawValue>,
    /// The account's settings, JSON.
    pub settings: Box<RawValue>,
}

/// An account that is to be connected or disconnected.
#[derive(Clone, Debug)]
pub struct Connecting {
    /// Its id.
    pub id: String,
    /// Counts its openings, in steps of any size: what comes of this one carries the number, so
    /// that it is told from what an older one still says. When it is disconnected: the opening that
    /// ends.
    pub opening: u64,
    /// Whether it has a login, so that nothing is to be scanned.
    pub has_login: bool,
    /// Its settings, JSON.
    pub settings: Box<RawValue>,
}

#[derive(Deserialize)]
struct TextOf {
    #[serde(default)]
    text: Option<String>,
}

impl Outgoing {
    /// A message of a text alone, for examples and tests: the first attempt of the first message of
    /// the account `account`.
    pub fn of_text(text: &str) -> Self {
        let content = serde_json::json!({ "text": text });
        Outgoing {
            account: "account".to_owned(),
            number: 1,
            attempt: 1,
            fence: 1,
            opening: 1,
            id: "1".to_owned(),
            chat: "chat".to_owned(),
            content: serde_json::value::to_raw_value(&content).unwrap_or_default(),
            settings: RawValue::from_string("{}".to_owned()).unwrap_or_default(),
        }
    }

    /// Its text; none if it has none.
    pub fn text(&self) -> Option<String> {
        serde_json::from_str::<TextOf>(self.content.get()).ok()?.text
    }

    /// What stands for this message, whatever the attempt: a receiver that saw it before need not
    /// act again. `<account>:<number>`.
    pub fn idempotency_key(&self) -> String {
        format!("{}:{}", self.account, self.number)
    }
}
