//! `tierwise check`, `change` and `end`: decisions, said beforehand.

use tierwise_wire::{Document, LoadedCatalog};

use super::{answer_of, list, number, object, shown, text};
use crate::{
    args::{ChangeArgs, CheckArgs, EndArgs},
    output::{Outcome, Printer},
    table::Table,
};

pub(super) fn check(
    catalog: &LoadedCatalog,
    args: &CheckArgs,
    printer: Printer,
) -> anyhow::Result<Outcome> {
    let request = object([
        ("tier", text(&args.tier)),
        ("sent", number("sent", &args.sent)?),
        ("waiting", number("waiting", &args.waiting)?),
        ("asked", number("asked", &args.asked)?),
        ("kind", text(if args.note { "note" } else { "message" })),
    ]);
    let json = catalog.ask_document("quota", &request)?;
    let answer = answer_of(&json)?;
    let accepted = answer.get("accepted") == Some(&Document::Bool(true));
    let left = shown(answer.get("left"));
    let left = if left.is_empty() { "no limit".to_owned() } else { format!("{left} left before") };
    let verdict = if accepted { "accepted" } else { "refused: quota_exhausted" };
    printer.print_either(&json, &format!("{verdict} ({left})"))?;
    Ok(if accepted { Outcome::Done } else { Outcome::Refused })
}

pub(super) fn change(
    catalog: &LoadedCatalog,
    args: &ChangeArgs,
    printer: Printer,
) -> anyhow::Result<Outcome> {
    // D8 answers a wrong tier as the service would; here a person is told the nearest right one.
    catalog.catalog().tier(&args.to).map_err(|error| error.under("to"))?;
    let request = object([
        ("from", text(&args.from)),
        ("to", text(&args.to)),
        ("sent", number("sent", &args.sent)?),
        ("archived", Document::Bool(args.archived)),
    ]);
    let json = catalog.ask_document("tier_change", &request)?;
    let answer = answer_of(&json)?;
    if let Some(code) = answer.get("code") {
        printer.print_either(&json, &format!("refused: {}", shown(Some(code))))?;
        return Ok(Outcome::Refused);
    }
    let direction = shown(answer.get("direction"));
    let way = if direction == "up" { "upgrade" } else { "downgrade" };
    let text = format!("{way} from {} to {}\n{}", args.from, args.to, effects(&answer));
    printer.print_either(&json, &text)?;
    Ok(Outcome::Done)
}

pub(super) fn end(
    catalog: &LoadedCatalog,
    args: &EndArgs,
    printer: Printer,
) -> anyhow::Result<Outcome> {
    let has = [
        ("history", &args.history),
        ("live", &args.live),
        ("sent", &args.sent),
        ("waiting", &args.waiting),
        ("notes", &args.notes),
        ("contacts", &args.contacts),
    ];
    let mut counts = Vec::new();
    for (kind, count) in has {
        let count = number(kind, count).map_err(|error| error.at("/has"))?;
        counts.push((kind.to_owned(), count));
    }
    let request = object([
        ("do", text(args.what.as_str())),
        ("archived", Document::Bool(args.archived)),
        ("logged_in", Document::Bool(args.logged_in)),
        ("has", Document::Map(counts)),
    ]);
    let json = catalog.ask_document("ending", &request)?;
    let answer = answer_of(&json)?;
    if let Some(code) = answer.get("code") {
        printer.print_either(&json, &format!("refused: {}", shown(Some(code))))?;
        return Ok(Outcome::Refused);
    }
    let kept = has.map(|(kind, count)| {
        let keeps = answer.get("keeps").and_then(|keeps| keeps.get(kind));
        vec![kind.to_owned(), count.clone(), shown(keeps)]
    });
    let text = effects(&answer)
        + "\n"
        + &Table::new(&["what it holds", ">has", ">keeps"]).rows(kept).in_words();
    printer.print_either(&json, &text)?;
    Ok(Outcome::Done)
}

fn effects(answer: &Document) -> String {
    let rows = list(answer, "effects").iter().map(|word| {
        let word = shown(Some(word));
        let meaning = meaning(&word).to_owned();
        vec![word, meaning]
    });
    let rows: Vec<_> = rows.collect();
    if rows.is_empty() {
        return "no effects\n".to_owned();
    }
    Table::new(&["effect", "meaning"]).rows(rows).in_words()
}

/// What the words of the contract mean (docs/semantics.md, sections 8 to 10).
fn meaning(word: &str) -> &'static str {
    match word {
        "history_removed" => "chats and messages that came with the login are removed",
        "rescan_needed" => "history comes only with a new scan",
        "limit_set" => "the message limit now applies",
        "sending_stopped" => "it is reached: nothing goes out before an upgrade or the next period",
        "limit_lifted" => "the message limit no longer applies",
        "sending_resumed" => "messages held by the limit go out again",
        "subscription_ended" => "no further account-days",
        "logged_out" => "the login is dropped",
        "queue_dropped" => "messages still waiting are discarded",
        "synced_data_removed" => "chats and messages are removed; notes and contacts kept",
        "all_data_removed" => "everything of the account is removed",
        _ => "",
    }
}
