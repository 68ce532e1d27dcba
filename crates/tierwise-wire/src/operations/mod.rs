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
    write::{Out, Write},
};

pub use bills::BillAnswer;

/// A question that a catalog answers.
#[derive(Clone, Copy, Debug)]
pub struct Operation {
    /// Its name.
    pub name: &'static str,
    /// What it answers, in a few words.
    pub about: &'static str,
    /// What its request looks like.
    pub request: Shape,
    /// What its answer looks like.
    #[cfg(feature = "notes")]
    pub answer: Shape,
    run: fn(&LoadedCatalog, &Document, &mut Out) -> Result<()>,
}

impl Operation {
    /// Answers a request with canonical JSON. Errors name the path within the request.
    pub fn answer(&self, catalog: &LoadedCatalog, request: &Document) -> Result<String> {
        let mut out = Out::json();
        (self.run)(catalog, request, &mut out)?;
        Ok(out.into_text())
    }

    /// The same, marked, behind what is in its place already.
    #[cfg(feature = "marks")]
    pub fn mark(&self, catalog: &LoadedCatalog, request: &Document, out: &mut Out) -> Result<()> {
        (self.run)(catalog, request, out)
    }
}

/// Writes a function's answer. With the macro below it makes a row of the table from a function of
/// a typed request.
fn answered<'c, 'd, Q: Take<'d>, A: Write>(
    answer: fn(&'c LoadedCatalog, Q) -> Result<A>,
    catalog: &'c LoadedCatalog,
    request: &'d Document,
    out: &mut Out,
) -> Result<()> {
    answer(catalog, take(request)?)?.write(out);
    Ok(())
}

macro_rules! operations {
    ($($name:literal: $answer:path, $request:ty => $answered:ty, $about:literal;)*) => {
        /// Every operation, in the order of `tests/vectors/FORMAT.md`, which says what each takes
        /// and answers.
        pub const OPERATIONS: &[Operation] = &[$(Operation {
            name: $name,
            about: $about,
            request: <$request as Described>::SHAPE,
            #[cfg(feature = "notes")]
            answer: <$answered as Described>::SHAPE,
            run: |catalog, request, out| {
                answered::<$request, $answered>($answer, catalog, request, out)
            },
        },)*];
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

    /// A quote of items that are checked already, marked.
    #[cfg(feature = "marks")]
    pub fn mark_quote(&self, items: &[tierwise::QuoteItem], out: &mut Out) -> Result<()> {
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
    OPERATIONS.iter().find(|operation| operation.name == name).ok_or_else(|| {
        Error::new(Code::UnknownOperation, format_args!("`{name}` is not an operation"))
            .with_nearest(name, OPERATIONS.iter().map(|operation| operation.name))
    })
}
