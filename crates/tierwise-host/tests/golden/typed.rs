//! The operations that the world has records for, asked through them.

use tierwise_host::{Catalog, Host, Reply};
use tierwise_vectors::{Answer, Case};
use tierwise_wire::{Document, canonical};

use crate::{code_and_path, questions, written};

pub(crate) const OPERATIONS: [&str; 8] = [
    "quota",
    "dispatch",
    "tier_change",
    "ending",
    "history",
    "creation_charge",
    "quote",
    "invoice",
];

/// The answer of a case in JSON, made from the record; none if records cannot ask the question.
pub(crate) fn answer(host: &Host, catalog: &Catalog, case: &Case) -> Option<Answer> {
    let request = &case.request;
    Some(match case.operation.as_str() {
        "quota" => json(host.quota(catalog, &questions::quota(request)?), written::quota),
        "dispatch" => {
            json(host.dispatch(catalog, &questions::dispatch(request)?), written::dispatch)
        }
        "tier_change" => {
            json(host.tier_change(catalog, &questions::tier_change(request)?), written::tier_change)
        }
        "ending" => json(host.ending(catalog, &questions::ending(request)?), written::ending),
        "history" => json(host.history(catalog, &questions::history(request)?), written::history),
        "creation_charge" => {
            let question = questions::creation_charge(request)?;
            json(host.creation_charge(catalog, &question), written::creation_charge)
        }
        "quote" => {
            let which = host.describe(catalog).answer.unwrap();
            let reply = host.quote(catalog, &questions::quote(request)?);
            json(reply, |answer| written::quote(which, answer))
        }
        "invoice" => json(host.invoice(catalog, &questions::invoice(request)?), written::invoice),
        _ => return None,
    })
}

fn json<T>(reply: Reply<T>, write: impl FnOnce(T) -> Document) -> Answer {
    match reply.answer {
        Ok(answer) => Ok(canonical(&write(answer))),
        Err(error) => Err(code_and_path(&error)),
    }
}
