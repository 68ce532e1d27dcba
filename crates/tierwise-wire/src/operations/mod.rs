//! The table of operations: every question that a host can ask, by name.

mod bills;
mod card;
mod days;
mod policy;
mod pricing;
mod quotes;

use alloc::string::String;

use tierwise::{Code, Error, Result};

use crate::{
    catalog::LoadedCatalog,
    document::Document,
    read::{Take, take},
    shape::{Described, Shape},
    write::{Json, Sink, Write},
};

pub use bills::BillAnswer;

#[cfg(feature = "marks")]
use crate::write::Marks;

/// A question that a catalog answers.
#[derive(Clone, Copy, Debug)]
pub struct Operation {
    /// Its name.
    pub name: &'static str,
    /// What it answers, in a few words.
    #[cfg(feature = "notes")]
    pub about: &'static str,
    /// What its request looks like.
    pub request: Shape,
    /// What its answer looks like.
    #[cfg(feature = "notes")]
    pub answer: Shape,
    run: fn(&LoadedCatalog, &Document, &mut Json) -> Result<()>,
}

impl Operation {
    /// Answers a request with canonical JSON. Errors name the path within the request.
    pub fn answer(&self, catalog: &LoadedCatalog, request: &Document) -> Result<String> {
        let mut out = Json::default();
        (self.run)(catalog, request, &mut out)?;
        Ok(out.into_text())
    }
}

/// An operation whose answer is marked: a table of its own, so that a module which only marks holds
/// no JSON of answers.
#[cfg(feature = "marks")]
#[derive(Clone, Copy, Debug)]
pub struct MarkedOperation {
    /// Its name.
    pub name: &'static str,
    run: fn(&LoadedCatalog, &Document, &mut Marks) -> Result<()>,
}

#[cfg(feature = "marks")]
impl MarkedOperation {
    /// The operation of a name. Errors: `unknown_operation`.
    pub fn find(name: &str) -> Result<&'static MarkedOperation> {
        let found = MARKED.iter().find(|operation| operation.name == name);
        found.ok_or_else(|| unknown_operation(name))
    }

    /// Answers a request, behind what is in its place already. Errors name the path within the
    /// request.
    pub fn mark(&self, catalog: &LoadedCatalog, request: &Document, out: &mut Marks) -> Result<()> {
        (self.run)(catalog, request, out)
    }
}

/// Writes a function's answer. With the macro below it makes a row of a table from a function of a
/// typed request.
fn answered<'c, 'd, Q: Take<'d>, A: Write>(
    answer: fn(&'c LoadedCatalog, Q) -> Result<A>,
    catalog: &'c LoadedCatalog,
    request: &'d Document,
    out: &mut impl Sink,
) -> Result<()> {
    answer(catalog, take(request)?)?.write(out);
    Ok(())
}

macro_rules! operations {
    (
        $($name:literal: $answer:path, $request:ty => $answered:ty, $about:literal;)*
        only in JSON:
        $($json_name:literal: $json_answer:path, $json_request:ty => $json_answered:ty,
            $json_about:literal;)*
    ) => {
        operations!(@table
            $($name: $answer, $request => $answered, $about;)*
            $($json_name: $json_answer, $json_request => $json_answered, $json_about;)*
        );

        /// The same, with marked answers; the answer of `catalog` is
        /// [`describe`](LoadedCatalog::describe)d in JSON.
        #[cfg(feature = "marks")]
        pub const MARKED: &[MarkedOperation] = &[$(MarkedOperation {
            name: $name,
            run: |catalog, request, out| {
                answered::<$request, $answered>($answer, catalog, request, out)
            },
        },)*];
    };
    (@table $($name:literal: $answer:path, $request:ty => $answered:ty, $about:literal;)*) => {
        /// Every operation, in the order of `tests/vectors/FORMAT.md`, which says what each takes
        /// and answers.
        pub const OPERATIONS: &[Operation] = &[$(Operation {
            name: $name,
            #[cfg(feature = "notes")]
            about: $about,
            request: <$request as Described>::SHAPE,
            #[cfg(feature = "notes")]
            answer: <$answered as Described>::SHAPE,
            run: |catalog, request, out| {
                answered::<$request, $answered>($answer, catalog, request, out)
            },
        },)*];

        const NAMES: &[&str] = &[$($name,)*];
    };
}

operations! {
    "price_of": pricing::price_of, pricing::PriceOfRequest<'_> => pricing::PriceOfAnswer,
        "price of the n-th account-day (P2)";
    "total": pricing::total, pricing::TotalRequest<'_> => pricing::TotalAnswer,
        "price of a number of account-days, with its lines (P3, P5)";
    "month_price": pricing::month_price, pricing::MonthPriceRequest<'_> => tierwise::MonthPrice,
        "month price of a band, for display (P6)";
    "creation_charge": pricing::creation_charge,
        pricing::CreationChargeRequest<'_> => pricing::CreationChargeAnswer,
        "what creating an account costs (C1, C2)";
    "account_days": days::account_days, days::AccountDaysRequest<'_> => days::AccountDaysAnswer<'_>,
        "account-days of one account (A1-A5)";
    "quota": policy::quota, policy::QuotaRequest<'_> => tierwise::QuotaAnswer,
        "whether messages are accepted (Q1, Q3, Q4, Q8)";
    "dispatch": policy::dispatch, policy::DispatchRequest<'_> => policy::DispatchAnswer,
        "whether the next message is sent now (Q5, Q9, Q11)";
    "tier_change": policy::tier_change, policy::TierChangeRequest<'_> => policy::TierChangeAnswer,
        "what a change of tier does (D1-D9)";
    "ending": policy::ending, policy::EndingRequest => policy::EndingAnswer,
        "what an archive, a deletion or a downgrade does (L1-L6, D3)";
    "history": policy::history, policy::HistoryRequest<'_> => policy::HistoryAnswer,
        "how much history a login brings (H1, H2)";
    "round": pricing::round, pricing::RoundRequest => pricing::RoundAnswer,
        "an amount as it is due (I3)";
    "invoice": bills::invoice, bills::InvoiceRequest<'_> => bills::InvoiceAnswer<'_>,
        "the bill of a period, from what accounts did (I1-I5)";
    "quote": quotes::quote, quotes::QuoteRequest<'_> => quotes::QuoteAnswer<'_>,
        "the bill of a basket, explained (X1)";
    only in JSON:
    "catalog": card::catalog, card::CatalogRequest => card::CatalogAnswer<'_>,
        "the catalog, its fingerprint and rate card";
}

impl LoadedCatalog {
    /// Answers an operation of [`OPERATIONS`](crate::OPERATIONS): JSON in, canonical JSON out.
    /// Errors: `unknown_operation`, those of reading a [`Document`], those of the operation.
    pub fn ask(&self, operation: &str, request: &str) -> Result<String> {
        let operation = find(operation)?;
        operation.answer(self, &Document::from_json(request.as_bytes())?)
    }

    /// The answer of the operation `catalog` in canonical JSON, where the others are marked.
    #[cfg(feature = "marks")]
    pub fn describe(&self, request: &Document) -> Result<String> {
        let mut out = Json::default();
        answered(card::catalog, self, request, &mut out)?;
        Ok(out.into_text())
    }

    /// A quote of items that are checked already, marked.
    #[cfg(feature = "marks")]
    pub fn mark_quote(&self, items: &[tierwise::QuoteItem], out: &mut Marks) -> Result<()> {
        quotes::quote_items(self, items)?.write(out);
        Ok(())
    }

    /// The same for a request that is a document already.
    pub fn ask_document(&self, operation: &str, request: &Document) -> Result<String> {
        find(operation)?.answer(self, request)
    }
}

/// The operation of a name. Errors: `unknown_operation`.
fn find(name: &str) -> Result<&'static Operation> {
    let found = OPERATIONS.iter().find(|operation| operation.name == name);
    found.ok_or_else(|| unknown_operation(name))
}

fn unknown_operation(name: &str) -> Error {
    Error::new(Code::UnknownOperation, format_args!("`{name}` is not an operation"))
        .with_nearest(name, NAMES.iter().copied())
}
