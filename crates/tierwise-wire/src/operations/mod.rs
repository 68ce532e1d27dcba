//! The table of operations: every question that a host can ask, by name.

mod bills;
mod days;
mod policy;
mod pricing;
mod quotes;

use alloc::string::String;

use tierwise::{Code, Error, Result};

use crate::{
    catalog::LoadedCatalog,
    document::{Document, canonical},
    fields::Fields,
};

pub use bills::BillAnswer;

/// A question that a catalog answers.
#[derive(Clone, Copy, Debug)]
pub struct Operation {
    /// Its name.
    pub name: &'static str,
    /// What it answers, in a few words.
    pub about: &'static str,
    run: fn(&LoadedCatalog, &Document) -> Result<String>,
}

impl Operation {
    /// Answers a request with canonical JSON. Errors name the path within the request.
    pub fn answer(&self, catalog: &LoadedCatalog, request: &Document) -> Result<String> {
        (self.run)(catalog, request)
    }
}

macro_rules! operations {
    ($($name:literal: $run:path, $about:literal;)*) => {
        /// Every operation, in the order of `tests/vectors/FORMAT.md`, which says what each takes
        /// and answers.
        pub const OPERATIONS: &[Operation] =
            &[$(Operation { name: $name, about: $about, run: $run },)*];
    };
}

operations! {
    "price_of": pricing::price_of, "price of the n-th account-day (P2)";
    "total": pricing::total, "price of a number of account-days, with its lines (P3, P5)";
    "month_price": pricing::month_price, "month price of a band, for display (P6)";
    "creation_charge": pricing::creation_charge, "what creating an account costs (C1, C2)";
    "account_days": days::account_days, "account-days of one account (A1-A5)";
    "quota": policy::quota, "whether messages are accepted (Q1, Q3, Q4, Q8)";
    "dispatch": policy::dispatch, "whether the next message is sent now (Q5, Q9, Q11)";
    "tier_change": policy::tier_change, "what a change of tier does (D1-D9)";
    "ending": policy::ending, "what an archive, a deletion or a downgrade does (L1-L6, D3)";
    "history": policy::history, "how much history a login brings (H1, H2)";
    "round": pricing::round, "an amount as it is due (I3)";
    "invoice": bills::invoice, "the bill of a period, from what accounts did (I1-I5)";
    "quote": quotes::quote, "the bill of a basket, explained (X1)";
    "catalog": describe, "the catalog, its fingerprint and rate card";
}

impl LoadedCatalog {
    /// Answers an operation of [`OPERATIONS`](crate::OPERATIONS): JSON in, canonical JSON out.
    /// Errors: `unknown_operation`, those of reading a [`Document`], those of the operation.
    pub fn ask(&self, operation: &str, request: &str) -> Result<String> {
        let operation = find(operation)?;
        operation.answer(self, &Document::from_json(request.as_bytes())?)
    }

    /// The same for a request that is a document already.
    pub fn ask_document(&self, operation: &str, request: &Document) -> Result<String> {
        find(operation)?.answer(self, request)
    }
}

/// The operation of a name. Errors: `unknown_operation`.
fn find(name: &str) -> Result<&'static Operation> {
    OPERATIONS.iter().find(|operation| operation.name == name).ok_or_else(|| {
        Error::new(Code::UnknownOperation, format_args!("`{name}` is not an operation"))
            .with_nearest(name, OPERATIONS.iter().map(|operation| operation.name))
    })
}

fn describe(catalog: &LoadedCatalog, request: &Document) -> Result<String> {
    Fields::of(request, &[]).done()?;
    Ok(canonical(&catalog.describe()?))
}
