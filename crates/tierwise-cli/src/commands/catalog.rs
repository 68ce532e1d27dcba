//! `tierwise catalog`: the rate card, and whether a file is sound.

use std::path::Path;

use serde::Serialize;
use tierwise_wire::{Document, LoadedCatalog};

use super::{answer_of, list, object, shown};
use crate::{
    catalog_file,
    output::{Outcome, Printer, heading, table},
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
        words += &format!("messages a period: {}\n", limit("messageLimit", "no limit", "0"));
        words += &format!("history: {}\n", limit("historyLimit", "no limit", "none"));
        words += &format!("creation charge: {charge}\n");
        let bands = list(tier, "bands").iter().map(|band| {
            let to = shown(band.get("to"));
            vec![
                shown(band.get("from")),
                if to.is_empty() { "and more".to_owned() } else { to },
                shown(band.get("price")),
                shown(band.get("monthPrice")),
            ]
        });
        words += &table(&[">from", ">to", ">price a day", ">shown a month"], bands);
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
    findings: Vec<Finding<'a>>,
    fingerprint: Option<&'a str>,
}

#[derive(Serialize)]
struct Finding<'a> {
    code: &'a str,
    help: &'a str,
    message: &'a str,
    path: &'a str,
}

pub(super) fn check(file: Option<&Path>, printer: Printer) -> anyhow::Result<Outcome> {
    let loaded = match file {
        None => Ok(catalog_file::choose(None)?),
        Some(file) => match catalog_file::choose(Some(file)) {
            Ok(catalog) => Ok(catalog),
            // A file that cannot be read is a failure; one that is not sound, a finding.
            Err(error) => Err(error.downcast::<tierwise::Error>()?),
        },
    };
    match &loaded {
        Ok(catalog) if printer.json => printer.print_json(&CheckAnswer {
            findings: Vec::new(),
            fingerprint: Some(catalog.fingerprint()),
        })?,
        Ok(catalog) => {
            let (id, version) = (catalog.catalog().id(), catalog.catalog().version());
            let fingerprint = catalog.fingerprint();
            printer
                .print(&format!("{id} version {version} is sound\nfingerprint {fingerprint}"))?;
        }
        Err(error) if printer.json => {
            let finding = Finding {
                code: error.code().as_str(),
                help: error.help(),
                message: error.message(),
                path: error.path(),
            };
            printer.print_json(&CheckAnswer { findings: vec![finding], fingerprint: None })?;
        }
        Err(error) => {
            let help = if error.help().is_empty() {
                String::new()
            } else {
                format!("\n  help: {}", error.help())
            };
            printer.print(&format!("{error}{help}\n  code: {}", error.code()))?;
        }
    }
    Ok(if loaded.is_ok() { Outcome::Done } else { Outcome::Findings })
}
