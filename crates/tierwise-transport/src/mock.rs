//! A transport for trials and tests: logins succeed at once, messages are taken after a delay.

use std::{collections::BTreeMap, time::Duration};

use serde::Deserialize;
use serde_json::value::RawValue;
use tokio::time::{Instant, sleep_until};

use crate::{
    Connecting, Event, Inbox, OldMessage, OptionError, Outgoing, Received, Report, Transport,
};

/// Old messages that are given to the inbox at a time.
const PART: u64 = 500;

/// Characters of a chat.
const MOST_CHARACTERS: usize = 128;

/// Messages of a history.
const MOST_HISTORY: u64 = 1_000_000;

/// The mock network. What it does for an account stands in the account's settings, under `mock`:
/// `delayMs`, how long a message is out (50); `history`, `{chatId, count}`, what a login finds;
/// `refuse`, texts that it refuses.
#[derive(Clone, Copy, Debug, Default)]
pub struct Mock {
    now_ms: Option<i64>,
}

#[derive(Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Settings {
    delay_ms: u64,
    history: Option<History>,
    refuse: Vec<String>,
}

impl Default for Settings {
    fn default() -> Self {
        Settings { delay_ms: 50, history: None, refuse: Vec::new() }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct History {
    chat_id: String,
    count: u64,
}

#[derive(Deserialize)]
struct OfMock {
    #[serde(default)]
    mock: Settings,
}

/// The settings of a mock account. What cannot be read is as if it were not there: an account is
/// not lost for a setting.
fn settings_of(account: &RawValue) -> Settings {
    serde_json::from_str::<OfMock>(account.get()).map(|of| of.mock).unwrap_or_default()
}

impl Mock {
    /// The mock network by the system's clock.
    pub fn new() -> Self {
        Mock::default()
    }

    /// Whether an account's settings are such that its login brings what they say.
    ///
    /// # Errors
    ///
    /// Which one is not: a chat is 1 to 128 characters without NUL, as everywhere, and a history is
    /// a million messages at most.
    pub fn check(settings: &RawValue) -> Result<(), OptionError> {
        let named: BTreeMap<String, &RawValue> =
            serde_json::from_str(settings.get()).unwrap_or_default();
        if named.get("mock").is_some_and(|mock| mock.get() == "null") {
            let what = "an object is expected, not null: `{}` is a mock without settings";
            return Err(OptionError::new("/mock", what));
        }
        let of: OfMock = serde_json::from_str(settings.get())
            .map_err(|error| OptionError::new("/mock", error.to_string()))?;
        let Some(History { chat_id, count }) = &of.mock.history else { return Ok(()) };
        let characters = chat_id.chars().take(MOST_CHARACTERS + 1).count();
        if !(1..=MOST_CHARACTERS).contains(&characters) || chat_id.contains('\0') {
            let what = format!("1 to {MOST_CHARACTERS} characters without NUL are expected");
            return Err(OptionError::new("/mock/history/chatId", what));
        }
        if *count > MOST_HISTORY {
            let what = format!("at most {MOST_HISTORY} are expected");
            return Err(OptionError::new("/mock/history/count", what));
        }
        Ok(())
    }

    /// By a clock that stands still, for tests.
    pub fn at(now_ms: i64) -> Self {
        Mock { now_ms: Some(now_ms) }
    }

    fn now_ms(&self) -> i64 {
        let elapsed = || std::time::UNIX_EPOCH.elapsed().unwrap_or_default().as_millis();
        self.now_ms.unwrap_or_else(|| i64::try_from(elapsed()).unwrap_or(i64::MAX))
    }
}

impl Transport for Mock {
    async fn send(&self, message: &Outgoing) -> Report {
        let settings = settings_of(&message.settings);
        if settings.delay_ms > 0 {
            sleep_until(Instant::now() + Duration::from_millis(settings.delay_ms)).await;
        }
        let refused = !settings.refuse.is_empty()
            && message.text().is_some_and(|text| settings.refuse.contains(&text));
        if refused { Report::refused(400, "the text is refused") } else { Report::delivered() }
    }

    async fn open(&self, account: &Connecting, inbox: &Inbox) {
        if let Err(bad) = Mock::check(&account.settings) {
            // Not as if there were no history: whoever tries things is told.
            let event = Event::Failed { status_code: 400, message: bad.to_string() };
            inbox.put_of(account, event).await;
            return;
        }
        let login = !account.has_login;
        if !inbox.put_of(account, Event::Open { login }).await || !login {
            return;
        }
        let Some(History { chat_id, count }) = settings_of(&account.settings).history else {
            return;
        };
        // One second apart, the newest one hour before the login; the newest come first.
        let newest = self.now_ms().saturating_sub(3_600_000);
        let mut left = count;
        while left > 0 {
            let part = left.min(PART);
            let messages = (0..part).map(|place| {
                let number = left - place;
                let age = i64::try_from(count - number).unwrap_or(i64::MAX);
                let message = Received {
                    id: format!("history-{number}"),
                    chat_id: chat_id.clone(),
                    sender: chat_id.clone(),
                    at_ms: newest.saturating_sub(age.saturating_mul(1000)),
                    text: format!("history {number}"),
                };
                OldMessage { message, from_me: false }
            });
            let event = Event::History { offered: count, messages: messages.collect() };
            if !inbox.put_of(account, event).await {
                return;
            }
            left -= part;
        }
    }
}

#[cfg(test)]
#[allow(clippy::panic, clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    use serde_json::json;

    fn raw(value: &serde_json::Value) -> Box<RawValue> {
        serde_json::value::to_raw_value(value).unwrap_or_default()
    }

    fn account(settings: &serde_json::Value) -> Connecting {
        Connecting { id: "a".into(), opening: 7, has_login: false, settings: raw(settings) }
    }

    #[tokio::test(start_paused = true)]
    async fn a_message_is_out_for_its_delay_and_refused_by_its_text() {
        let send = async |text: &str, settings: serde_json::Value| {
            let start = Instant::now();
            let settings = raw(&settings);
            let message = Outgoing { settings, ..Outgoing::of_text(text) };
            (Mock::new().send(&message).await, start.elapsed().as_millis())
        };
        let refusing = serde_json::json!({ "mock": { "delayMs": 7, "refuse": ["no"] } });
        assert_eq!(send("yes", refusing.clone()).await, (Report::delivered(), 7));
        assert_eq!(send("no", refusing).await.0.outcome, tierwise_lanes::Outcome::Refused);
        assert_eq!(send("yes", serde_json::json!({})).await, (Report::delivered(), 50));
        // Nonsense in the settings is nobody's loss.
        assert_eq!(send("yes", serde_json::json!({ "mock": 1 })).await, (Report::delivered(), 50));
    }

    #[tokio::test]
    async fn a_history_that_no_chat_can_hold_is_a_failed_login_and_not_a_silent_one() {
        let chat = |chat: &str| json!({ "mock": { "history": { "chatId": chat, "count": 1 } } });
        let count = json!({ "mock": { "history": { "chatId": "c", "count": 1_000_001 } } });
        let bad = [
            (chat(""), "/mock/history/chatId"),
            (chat("a\0b"), "/mock/history/chatId"),
            (chat(&"é".repeat(129)), "/mock/history/chatId"),
            (count, "/mock/history/count"),
            (json!({ "mock": { "history": { "chatId": 5, "count": 1 } } }), "/mock"),
            (json!({ "mock": null }), "/mock"),
        ];
        for (settings, place) in bad {
            let error = Mock::check(&raw(&settings)).unwrap_err();
            assert_eq!(error.path, place, "{settings}");
            let (inbox, mut arrivals) = Inbox::new(10);
            let account = account(&settings);
            let login = tokio::spawn(async move { Mock::new().open(&account, &inbox).await });
            let arrival = arrivals.recv().await.unwrap();
            let Event::Failed { status_code: 400, message } = &arrival.inbound.event else {
                panic!("{arrival:?}")
            };
            assert!(message.contains(place), "{message}");
            arrival.is_stored();
            assert!(arrivals.recv().await.is_none(), "nothing else comes");
            login.await.unwrap();
        }
        for good in ["c", "👩‍👧 a/b?c#d%20\r\n..", &"é".repeat(128)] {
            assert_eq!(Mock::check(&raw(&chat(good))), Ok(()), "{good}");
        }
        assert_eq!(Mock::check(&raw(&json!({ "other": 1 }))), Ok(()));
        let null = Mock::check(&raw(&json!({ "mock": null }))).unwrap_err();
        assert!(null.message.contains("an object is expected, not null"), "{null}");
    }

    #[tokio::test]
    async fn a_login_brings_history_the_newest_first() {
        let (inbox, mut arrivals) = Inbox::new(10);
        let settings =
            serde_json::json!({ "mock": { "history": { "chatId": "c", "count": 501 } } });
        let account = account(&settings);
        let login = tokio::spawn(async move { Mock::at(4_000_000).open(&account, &inbox).await });
        let mut events = Vec::new();
        while let Some(arrival) = arrivals.recv().await {
            assert_eq!(arrival.inbound.opening, Some(7));
            events.push(arrival.inbound.event.clone());
            arrival.is_stored();
        }
        assert!(login.await.is_ok());
        assert_eq!(events[0], Event::Open { login: true });
        let (
            Event::History { offered: 501, messages: first },
            Event::History { messages: last, .. },
        ) = (&events[1], &events[2])
        else {
            panic!("{events:?}")
        };
        assert_eq!((first.len(), last.len(), events.len()), (500, 1, 3));
        let (newest, oldest) = (&first[0].message, &last[0].message);
        assert_eq!((newest.text.as_str(), newest.at_ms), ("history 501", 400_000));
        assert_eq!((oldest.text.as_str(), oldest.at_ms), ("history 1", -100_000));
    }
}
