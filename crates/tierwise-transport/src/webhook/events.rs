//! Reads the events that an endpoint brings.

use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;
use serde_path_to_error::Segment;

use crate::{Connecting, Event, Inbound, InboundCode, InboundError, OldMessage, Receipt, Received};

/// Ids, addresses and names are at most so long, in bytes.
const NAME_MOST: usize = 512;
/// The types that there are, as a message names them.
const TYPES: &str = "scan, open, closed, failed, history, received, receipt, contact";

/// The events of a body: one event, or a list of them under `events`.
pub(super) fn of_body(body: &[u8]) -> Result<Vec<Inbound>, InboundError> {
    let body: Value =
        serde_json::from_slice(body).map_err(|error| bad("", format!("not JSON: {error}")))?;
    each(&body, |event, path| {
        let (account, opening) = (account_of(event, path)?, opening_of(event, path)?);
        Ok(Inbound { opening, ..Inbound::new(account, read(event, path)?) })
    })
}

/// The events that answer a call for one account: they need not name it again, and cannot be about
/// another. An answer of another form says nothing.
pub(super) fn of_account(body: &Value, of: &Connecting) -> Result<Vec<Event>, InboundError> {
    if body.get("events").is_none() {
        return Ok(Vec::new());
    }
    each(body, |event, path| {
        if event.get("account").is_some() && account_of(event, path)? != of.id {
            return Err(bad(format!("{path}/account"), "not the account that was called about"));
        }
        if opening_of(event, path)?.is_some_and(|opening| opening != of.opening) {
            return Err(bad(format!("{path}/opening"), "not the opening that was called about"));
        }
        read(event, path)
    })
}

fn each<T>(
    body: &Value,
    read: impl Fn(&Value, &str) -> Result<T, InboundError>,
) -> Result<Vec<T>, InboundError> {
    match body.get("events") {
        None => Ok(vec![read(body, "")?]),
        Some(Value::Array(events)) => {
            let numbered = events.iter().enumerate();
            numbered.map(|(place, event)| read(event, &format!("/events/{place}"))).collect()
        }
        Some(_) => Err(bad("/events", "a list of events is expected")),
    }
}

fn bad(path: impl Into<String>, message: impl Into<String>) -> InboundError {
    InboundError::new(InboundCode::BadJson, path, message)
}

fn account_of<'a>(event: &'a Value, path: &str) -> Result<&'a str, InboundError> {
    let at = || format!("{path}/account");
    let account = event.get("account").and_then(Value::as_str);
    let account = account.ok_or_else(|| bad(at(), "the account's id, a text, is expected"))?;
    named(account, at)?;
    Ok(account)
}

/// The opening that an event belongs to, if it says so.
fn opening_of(event: &Value, path: &str) -> Result<Option<u64>, InboundError> {
    let Some(opening) = event.get("opening").filter(|opening| !opening.is_null()) else {
        return Ok(None);
    };
    let at = || bad(format!("{path}/opening"), "the number of `account.open` is expected");
    opening.as_u64().map(Some).ok_or_else(at)
}

/// That a name is one.
fn named(name: &str, path: impl Fn() -> String) -> Result<(), InboundError> {
    if name.is_empty() || name.len() > NAME_MOST {
        let has = name.len();
        return Err(bad(path(), format!("1 to {NAME_MOST} bytes are expected, not {has}")));
    }
    Ok(())
}

fn part<T: DeserializeOwned>(value: &Value, path: &str) -> Result<T, InboundError> {
    serde_path_to_error::deserialize(value).map_err(|error| {
        let mut path = path.to_owned();
        for segment in error.path() {
            path += "/";
            path += &match segment {
                Segment::Seq { index } => index.to_string(),
                Segment::Map { key } => key.clone(),
                Segment::Enum { variant } => variant.clone(),
                Segment::Unknown => String::new(),
            };
        }
        let what = error.into_inner().to_string();
        let missing = what.strip_prefix("missing field `").and_then(|rest| rest.split_once('`'));
        if let Some((name, _)) = missing {
            path += "/";
            path += name;
        }
        bad(path, what)
    })
}

#[derive(Deserialize)]
struct Scan {
    code: String,
}

#[derive(Deserialize)]
struct Open {
    #[serde(default)]
    login: bool,
}

#[derive(Deserialize)]
struct Closed {
    #[serde(default)]
    logout: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Failed {
    status_code: u16,
    #[serde(default)]
    message: String,
}

#[derive(Deserialize)]
struct History {
    offered: u64,
    messages: Vec<Value>,
}

/// What an old message has beside what each message has.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Old {
    #[serde(default)]
    from_me: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OfReceipt {
    network_id: String,
    receipt: Receipt,
    #[serde(default)]
    status_code: u16,
    #[serde(default)]
    message: Option<String>,
}

#[derive(Deserialize)]
struct Contact {
    id: String,
    name: String,
}

fn read(event: &Value, path: &str) -> Result<Event, InboundError> {
    let at = |name: &str| format!("{path}/{name}");
    let Some(kind) = event.get("type").and_then(Value::as_str) else {
        return Err(bad(at("type"), format!("one of {TYPES} is expected")));
    };
    Ok(match kind {
        "scan" => Event::Scan { code: part::<Scan>(event, path)?.code },
        "open" => Event::Open { login: part::<Open>(event, path)?.login },
        "closed" => Event::Closed { logout: part::<Closed>(event, path)?.logout },
        "failed" => {
            let Failed { status_code, message } = part(event, path)?;
            let message = crate::Detail::new(status_code, &message).message;
            Event::Failed { status_code, message }
        }
        "history" => history(part(event, path)?, path)?,
        "received" => Event::Received(received(part(event, path)?, path)?),
        "receipt" => {
            let OfReceipt { network_id, receipt, status_code, message } = part(event, path)?;
            named(&network_id, || at("networkId"))?;
            let detail = message.map(|message| crate::Detail::new(status_code, &message));
            Event::Receipt { network_id, receipt, detail }
        }
        "contact" => {
            let Contact { id, name } = part(event, path)?;
            named(&id, || at("id"))?;
            named(&name, || at("name"))?;
            Event::Contact { id, name }
        }
        _ => {
            let message = format!("`{kind}` is not an event: one of {TYPES} is expected");
            return Err(InboundError::new(InboundCode::UnknownType, at("type"), message));
        }
    })
}

fn received(message: Received, path: &str) -> Result<Received, InboundError> {
    named(&message.id, || format!("{path}/id"))?;
    named(&message.chat_id, || format!("{path}/chatId"))?;
    if !Received::TIMES_MS.contains(&message.at_ms) {
        let what = "milliseconds since 1970, of the years 1970 to 2199, are expected";
        return Err(bad(format!("{path}/atMs"), what));
    }
    Ok(message)
}

fn history(History { offered, messages }: History, path: &str) -> Result<Event, InboundError> {
    let read = |(place, message): (usize, &Value)| {
        let path = format!("{path}/messages/{place}");
        let Old { from_me } = part(message, &path)?;
        Ok(OldMessage { message: received(part(message, &path)?, &path)?, from_me })
    };
    let messages = messages.iter().enumerate().map(read).collect::<Result<_, _>>()?;
    Ok(Event::History { offered, messages })
}

#[cfg(test)]
#[allow(clippy::panic, reason = "tests")]
mod tests {
    use super::*;

    fn fault(body: &str) -> (InboundCode, String) {
        match of_body(body.as_bytes()) {
            Ok(events) => panic!("{events:?}"),
            Err(InboundError { code, path, .. }) => (code, path),
        }
    }

    #[test]
    fn every_event_is_read() {
        let received = || Received {
            id: "m".into(),
            chat_id: "c".into(),
            sender: "s".into(),
            at_ms: 5,
            text: "hi".into(),
        };
        let old = Received { sender: String::new(), text: String::new(), ..received() };
        let body = r#"{"events":[
            {"account":"a","type":"scan","code":"2@x"},
            {"account":"a","type":"open","login":true},
            {"account":"a","type":"open","opening":3},
            {"account":"a","type":"closed","logout":true,"opening":null},
            {"account":"a","type":"failed","statusCode":440,"message":"replaced"},
            {"account":"a","type":"history","offered":9,"messages":[
                {"id":"m","chatId":"c","atMs":5,"fromMe":true}]},
            {"account":"b","type":"received","id":"m","chatId":"c","sender":"s","atMs":5,
                "text":"hi","more":1},
            {"account":"b","type":"receipt","networkId":"n","receipt":"read"},
            {"account":"b","type":"receipt","networkId":"n","receipt":"failed","statusCode":410,
                "message":"gone"},
            {"account":"b","type":"contact","id":"c","name":"Carla"}]}"#;
        let read = of_body(body.as_bytes()).unwrap_or_else(|error| panic!("{error}"));
        let accounts: Vec<_> = read.iter().map(|inbound| inbound.account.as_str()).collect();
        assert_eq!(accounts, ["a", "a", "a", "a", "a", "a", "b", "b", "b", "b"]);
        let openings: Vec<_> = read.iter().map(|inbound| inbound.opening).collect();
        assert_eq!(openings[1..4], [None, Some(3), None]);
        let receipt = |receipt, detail| {
            let network_id = "n".to_owned();
            Event::Receipt { network_id, receipt, detail }
        };
        let expected = [
            Event::Scan { code: "2@x".into() },
            Event::Open { login: true },
            Event::Open { login: false },
            Event::Closed { logout: true },
            Event::Failed { status_code: 440, message: "replaced".into() },
            Event::History {
                offered: 9,
                messages: vec![OldMessage { message: old, from_me: true }],
            },
            Event::Received(received()),
            receipt(Receipt::Read, None),
            receipt(Receipt::Failed, Some(crate::Detail::new(410, "gone"))),
            Event::Contact { id: "c".into(), name: "Carla".into() },
        ];
        let events: Vec<_> = read.into_iter().map(|inbound| inbound.event).collect();
        assert_eq!(events, expected);
    }

    #[test]
    fn an_event_may_stand_alone_and_none_is_a_list_too() {
        let one = of_body(br#"{"account":"a","type":"open"}"#);
        assert_eq!(one.map(|events| events.len()), Ok(1));
        assert_eq!(of_body(br#"{"events":[]}"#), Ok(Vec::new()));
    }

    #[test]
    fn a_fault_is_named_with_its_place() {
        let json = |path: &str| (InboundCode::BadJson, path.to_owned());
        assert_eq!(fault("{"), json(""));
        assert_eq!(fault("[]"), json("/account"));
        assert_eq!(fault("\u{feff}{}"), json(""));
        assert_eq!(fault(r#"{"events":{}}"#), json("/events"));
        assert_eq!(fault(r#"{"account":"","type":"open"}"#), json("/account"));
        assert_eq!(fault(r#"{"account":"a"}"#), json("/type"));
        for opening in ["-1", "1.5", "\"1\"", "[]", "18446744073709551616"] {
            let body = format!(r#"{{"account":"a","type":"open","opening":{opening}}}"#);
            assert_eq!(fault(&body), json("/opening"), "{opening}");
        }
        assert_eq!(fault(r#"{"account":"a","type":"scan"}"#), json("/code"));
        let old =
            r#"{"events":[{"account":"a","type":"history","offered":2,"messages":[{"id":"1"}]}]}"#;
        assert_eq!(fault(old), json("/events/0/messages/0/chatId"));
        let second = r#"{"events":[{"account":"a","type":"open"},{"account":"a","type":"opne"}]}"#;
        assert_eq!(fault(second), (InboundCode::UnknownType, "/events/1/type".to_owned()));
        let old = r#"{"events":[{"account":"a","type":"history","offered":2,"messages":[
            {"id":"1","chatId":"c","atMs":1},{"id":"2","chatId":"c","atMs":"1"}]}]}"#;
        assert_eq!(fault(old), json("/events/0/messages/1/atMs"));
        let old = r#"{"account":"a","type":"history","offered":1,"messages":[
            {"id":"1","chatId":"c","atMs":1,"fromMe":"yes"}]}"#;
        assert_eq!(fault(old), json("/messages/0/fromMe"));
        assert_eq!(fault(r#"{"account":"a","type":"open","login":1}"#), json("/login"));
        let receipt = r#"{"account":"a","type":"receipt","networkId":"n","receipt":"lost"}"#;
        assert_eq!(fault(receipt), json("/receipt"));
        let second = |event: &str| {
            fault(&format!(r#"{{"events":[{{"account":"a","type":"open"}},{event}]}}"#))
        };
        for (event, path) in [
            (r#"{"type":"open"}"#, "account"),
            (r#"{"account":"a"}"#, "type"),
            (r#"{"account":"a","type":"open","opening":-1}"#, "opening"),
            (r#"{"account":"a","type":"receipt","networkId":"","receipt":"read"}"#, "networkId"),
            (r#"{"account":"a","type":"contact","id":"","name":"n"}"#, "id"),
            (r#"{"account":"a","type":"contact","id":"c","name":""}"#, "name"),
            (r#"{"account":"a","type":"received","id":"","chatId":"c","atMs":1}"#, "id"),
            (r#"{"account":"a","type":"received","id":"1","chatId":"","atMs":1}"#, "chatId"),
            (r#"{"account":"a","type":"received","id":"1","chatId":"c","atMs":-1}"#, "atMs"),
        ] {
            assert_eq!(second(event), json(&format!("/events/1/{path}")), "{event}");
        }
        for at in ["-1", "7258118400000"] {
            let body =
                format!(r#"{{"account":"a","type":"received","id":"1","chatId":"c","atMs":{at}}}"#);
            assert_eq!(fault(&body), json("/atMs"), "{at}");
        }
        let long = format!(r#"{{"account":"{}","type":"open"}}"#, "a".repeat(513));
        assert_eq!(fault(&long), json("/account"));
        // Deep nesting is a fault, and not the end of the stack.
        assert_eq!(fault(&"[".repeat(100_000)), json(""));
    }

    #[test]
    fn an_answer_is_about_its_own_account() {
        let of = |text: &str| {
            let value: Value = serde_json::from_str(text).unwrap_or_default();
            let settings = serde_json::value::RawValue::NULL.to_owned();
            let account = Connecting { id: "a".into(), opening: 7, has_login: false, settings };
            of_account(&value, &account).map_err(|error| error.path)
        };
        let open = || Ok(vec![Event::Open { login: true }]);
        assert_eq!(of(r#"{"events":[{"type":"open","login":true}]}"#), open());
        assert_eq!(of(r#"{"events":[{"account":"a","type":"open","login":true}]}"#), open());
        let other = of(r#"{"events":[{"account":"b","type":"open"}]}"#);
        assert_eq!(other, Err("/events/0/account".to_owned()));
        assert_eq!(of(r#"{"events":[{"type":"open","login":true,"opening":7}]}"#), open());
        let older = of(r#"{"events":[{"type":"open","opening":6}]}"#);
        assert_eq!(older, Err("/events/0/opening".to_owned()));
        assert_eq!(of(r#"{"ok":true}"#), Ok(Vec::new()));
        assert_eq!(of("null"), Ok(Vec::new()));
    }
}
