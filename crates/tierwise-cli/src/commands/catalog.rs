//! `tierwise catalog`: the rate card, and whether a file is sound.

use std::path::Path;

use serde::Serialize;
use tierwise_wire::{Document, LoadedCatalog};

use super::{answer_of, list, object, shown};
use crate::{
    catalog_file,
    output::{Outcome, Printer, heading, mend_in_words},
    problems::{Problem, ProblemAnswer},
    table::{Table, pairs, printable},
};

fn card_in_words(card: &Document) -> String {
    let mut words = String::new();
    for tier in list(card, "tiers") {
        words += "\n";
        words += &heading(&format!("{} (rank {})", shown(tier.get("id")), shown(tier.get("rank"))));
        let limit = |key: &str, none: &str, zero: &str| match shown(tier.get(key)) {
            text if text.is_empty() => none.to_owned(),
            text if text == "0" => zero.to_owned(),
            text => text,
        };
        let charge = tier.get("creationCharge");
        let mode = shown(charge.and_then(|charge| charge.get("mode")));
        let amount = shown(charge.and_then(|charge| charge.get("amount")));
        let charge = match mode.as_str() {
            "" => "none".to_owned(),
            "fixed" => amount,
            _ => "the price of the next account-day".to_owned(),
        };
        words += &pairs([
            ("messages a period", limit("messageLimit", "no limit", "0")),
            ("messages of history", limit("historyLimit", "no limit", "none")),
            ("creation charge", charge),
        ]);
        let bands = list(tier, "bands").iter().map(|band| {
            let to = shown(band.get("to"));
            vec![
                shown(band.get("from")),
                if to.is_empty() { "and more".to_owned() } else { to },
                shown(band.get("price")),
                shown(band.get("monthPrice")),
            ]
        });
        let heads = [">from", ">to", ".price a day", ".shown a month"];
        words += &Table::new(&heads).rows(bands).in_words();
    }
    words
}

pub(super) fn show(catalog: &LoadedCatalog, printer: Printer) -> anyhow::Result<Outcome> {
    let json = catalog.ask_document("catalog", &object([]))?;
    if printer.json {
        printer.print(&json)?;
        return Ok(Outcome::Done);
    }
    let answer = answer_of(&json)?;
    let head = format!(
        "{} version {}, {}\nfingerprint {}\n",
        catalog.catalog().id(),
        catalog.catalog().version(),
        catalog.catalog().currency(),
        catalog.fingerprint(),
    );
    let card = answer.get("rateCard").map(card_in_words).unwrap_or_default();
    printer.print(&(head + &card))?;
    Ok(Outcome::Done)
}

#[derive(Serialize)]
struct CheckAnswer<'a> {
    findings: Vec<ProblemAnswer<'a>>,
    fingerprint: Option<&'a str>,
}

pub(super) fn check(file: Option<&Path>, printer: Printer) -> anyhow::Result<Outcome> {
    match catalog_file::choose(file) {
        Ok(catalog) => {
            let fingerprint = catalog.fingerprint();
            if printer.json {
                let fingerprint = Some(fingerprint);
                printer.print_json(&CheckAnswer { findings: Vec::new(), fingerprint })?;
            } else {
                let (id, version) = (catalog.catalog().id(), catalog.catalog().version());
                let text = format!("{id} version {version} is sound\nfingerprint {fingerprint}");
                printer.print(&text)?;
            }
            Ok(Outcome::Done)
        }
        Err(error) => {
            // A file that cannot be read is a failure; one that is not sound, a finding.
            let finding = error.downcast::<Problem>()?;
            if printer.json {
                let findings = vec![finding.answer()];
                printer.print_json(&CheckAnswer { findings, fingerprint: None })?;
            } else {
                let text = printable(&finding.to_string());
                printer.print(&format!("{text}\n{}", mend_in_words(&finding.error)))?;
            }
            Ok(Outcome::Findings)
        }
    }
}
