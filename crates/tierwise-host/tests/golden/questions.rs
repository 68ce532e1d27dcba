//! Requests in JSON as the records of the world: none where records cannot say what JSON says.

use tierwise_host::{
    AccountGroup, AccountState, Action, ActiveAccounts, CreationQuestion, DispatchQuestion,
    EndingKind, EndingQuestion, Event, HistoryQuestion, Holdings, InvoiceQuestion, ItemUsage,
    MessageKind, Metered, QuotaQuestion, QuoteItem, TierChangeQuestion,
};
use tierwise_wire::Document;

/// An object with no other keys than these.
struct Object<'a>(&'a [(String, Document)]);

impl<'a> Object<'a> {
    fn of(document: &'a Document, known: &[&str]) -> Option<Self> {
        match document {
            Document::Map(entries) => entries
                .iter()
                .all(|(key, _)| known.contains(&key.as_str()))
                .then_some(Object(entries)),
            _ => None,
        }
    }

    fn get(&self, key: &str) -> Option<&'a Document> {
        self.0.iter().find(|(known, _)| known == key).map(|(_, value)| value)
    }

    fn text(&self, key: &str) -> Option<String> {
        text(self.get(key)?)
    }

    fn number(&self, key: &str) -> Option<u64> {
        number(self.get(key)?)
    }

    fn boolean(&self, key: &str) -> Option<bool> {
        match self.get(key)? {
            Document::Bool(value) => Some(*value),
            _ => None,
        }
    }

    fn list(&self, key: &str) -> Option<&'a [Document]> {
        match self.get(key)? {
            Document::List(list) => Some(list),
            _ => None,
        }
    }

    /// A value that may be left out: none in none where it is there and does not fit.
    fn optional<T>(&self, key: &str, read: fn(&Document) -> Option<T>) -> Option<Option<T>> {
        match self.get(key) {
            None => Some(None),
            Some(value) => read(value).map(Some),
        }
    }
}

fn text(document: &Document) -> Option<String> {
    document.as_str().map(str::to_owned)
}

fn number(document: &Document) -> Option<u64> {
    match document {
        Document::Integer(value) => u64::try_from(*value).ok(),
        _ => None,
    }
}

pub(crate) fn quota(request: &Document) -> Option<QuotaQuestion> {
    let object = Object::of(request, &["tier", "sent", "waiting", "asked", "kind"])?;
    Some(QuotaQuestion {
        tier: object.text("tier")?,
        sent: object.number("sent")?,
        waiting: object.number("waiting")?,
        asked: object.number("asked")?,
        kind: match object.text("kind")?.as_str() {
            "message" => MessageKind::Message,
            "note" => MessageKind::Note,
            _ => return None,
        },
    })
}

pub(crate) fn dispatch(request: &Document) -> Option<DispatchQuestion> {
    let object = Object::of(request, &["tier", "sent", "state"])?;
    Some(DispatchQuestion {
        tier: object.text("tier")?,
        sent: object.number("sent")?,
        state: match object.text("state")?.as_str() {
            "close" => AccountState::Close,
            "connecting" => AccountState::Connecting,
            "open" => AccountState::Open,
            _ => return None,
        },
    })
}

pub(crate) fn tier_change(request: &Document) -> Option<TierChangeQuestion> {
    let object = Object::of(request, &["from", "to", "sent", "archived"])?;
    Some(TierChangeQuestion {
        from: object.text("from")?,
        to: object.text("to")?,
        sent: object.number("sent")?,
        archived: object.boolean("archived")?,
    })
}

pub(crate) fn ending(request: &Document) -> Option<EndingQuestion> {
    let object = Object::of(request, &["do", "archived", "logged_in", "has"])?;
    let kinds = ["history", "live", "sent", "waiting", "notes", "contacts"];
    let has = Object::of(object.get("has")?, &kinds)?;
    Some(EndingQuestion {
        kind: match object.text("do")?.as_str() {
            "archive" => EndingKind::Archive,
            "delete" => EndingKind::Delete,
            "downgrade" => EndingKind::Downgrade,
            _ => return None,
        },
        archived: object.boolean("archived")?,
        logged_in: object.boolean("logged_in")?,
        has: Holdings {
            history: has.number("history")?,
            live: has.number("live")?,
            sent: has.number("sent")?,
            waiting: has.number("waiting")?,
            notes: has.number("notes")?,
            contacts: has.number("contacts")?,
        },
    })
}

pub(crate) fn history(request: &Document) -> Option<HistoryQuestion> {
    let keys = ["tier", "offered", "enable_history_sync", "max_message_sync"];
    let object = Object::of(request, &keys)?;
    Some(HistoryQuestion {
        tier: object.text("tier")?,
        offered: object.number("offered")?,
        enabled: object.boolean("enable_history_sync")?,
        max_messages: match object.get("max_message_sync")? {
            Document::Null => None,
            value => Some(number(value)?),
        },
    })
}

pub(crate) fn creation_charge(request: &Document) -> Option<CreationQuestion> {
    let object = Object::of(request, &["tier", "pool_before"])?;
    Some(CreationQuestion {
        tier: object.text("tier")?,
        pool_before: object.number("pool_before")?,
    })
}

pub(crate) fn quote(request: &Document) -> Option<Vec<QuoteItem>> {
    Object::of(request, &["items"])?.list("items")?.iter().map(item).collect()
}

fn item(document: &Document) -> Option<QuoteItem> {
    let keys = ["tier", "accounts", "days", "accountDays", "usage", "creations"];
    let object = Object::of(document, &keys)?;
    let has = |key| object.get(key).is_some();
    let usage = match (has("accounts"), has("days"), has("accountDays"), has("usage")) {
        (true, true, false, false) => ItemUsage::Active(ActiveAccounts {
            accounts: object.number("accounts")?,
            days: object.number("days")?,
        }),
        (false, false, true, false) => ItemUsage::AccountDays(object.number("accountDays")?),
        (false, false, false, true) => match object.get("usage")? {
            Document::Map(entries) => {
                ItemUsage::Meters(entries.iter().map(metered).collect::<Option<_>>()?)
            }
            _ => return None,
        },
        _ => return None,
    };
    Some(QuoteItem {
        tier: object.text("tier")?,
        usage,
        creations: object.optional("creations", number)?.unwrap_or_default(),
    })
}

fn metered((meter, quantity): &(String, Document)) -> Option<Metered> {
    let quantity = match quantity {
        Document::Integer(value) => value.to_string(),
        other => text(other)?,
    };
    Some(Metered { meter: meter.clone(), quantity })
}

pub(crate) fn invoice(request: &Document) -> Option<InvoiceQuestion> {
    let object = Object::of(request, &["period", "groups", "as_of"])?;
    Some(InvoiceQuestion {
        period: object.text("period")?,
        groups: object.list("groups")?.iter().map(group).collect::<Option<_>>()?,
        as_of: object.optional("as_of", text)?,
    })
}

fn group(document: &Document) -> Option<AccountGroup> {
    let object = Object::of(document, &["count", "events"])?;
    Some(AccountGroup {
        count: object.number("count")?,
        events: object.list("events")?.iter().map(event).collect::<Option<_>>()?,
    })
}

fn event(document: &Document) -> Option<Event> {
    let object = Object::of(document, &["at", "do", "tier"])?;
    let action = match (object.text("do")?.as_str(), object.optional("tier", text)?) {
        ("create", Some(tier)) => Action::Create(tier),
        ("tier", Some(tier)) => Action::Tier(tier),
        ("archive", None) => Action::Archive,
        ("delete", None) => Action::Delete,
        _ => return None,
    };
    Some(Event { at: object.text("at")?, action })
}
