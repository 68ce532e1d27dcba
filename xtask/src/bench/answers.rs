//! The answers of both sides in one form, and where they differ.

use anyhow::{Context as _, Result, bail};
use serde::{Deserialize, Deserializer};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

#[derive(Deserialize, Debug, PartialEq, Eq)]
pub(crate) struct Invoice {
    team: String,
    period: String,
    account_days: Option<BTreeMap<String, u64>>,
    lines: Vec<Line>,
    #[serde(deserialize_with = "money")]
    total: String,
    #[serde(deserialize_with = "money")]
    amount_due: String,
}

#[derive(Deserialize, Debug, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
struct Line {
    kind: String,
    tier: String,
    band_from: Option<u64>,
    band_to: Option<u64>,
    quantity: u64,
    #[serde(deserialize_with = "money")]
    unit_price: String,
    #[serde(deserialize_with = "money")]
    amount: String,
}

/// Decimal text without zeros at its end: DuckDB writes all places of a column's type.
fn money<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = String::deserialize(deserializer)?;
    if text.contains('.') {
        return Ok(text.trim_end_matches('0').trim_end_matches('.').to_owned());
    }
    Ok(text)
}

/// What `tierwise invoice --json` wrote; a problem in the log is an error here.
pub(crate) fn of_tierwise(path: &Path) -> Result<Vec<Invoice>> {
    #[derive(Deserialize)]
    struct Answer {
        invoices: Vec<Invoice>,
        problems: Vec<serde_json::Value>,
    }
    let text = fs::read_to_string(path)?;
    let answer: Answer = serde_json::from_str(&text).context("the answer of tierwise")?;
    if let Some(problem) = answer.problems.first() {
        bail!("tierwise found a problem in the log: {problem}");
    }
    Ok(answer.invoices)
}

/// What the script for DuckDB wrote, an invoice on each line.
pub(crate) fn of_duckdb(path: &Path) -> Result<Vec<Invoice>> {
    let text = fs::read_to_string(path)?;
    let lines = text.lines().map(|line| serde_json::from_str(line).context("DuckDB's answer"));
    lines.collect()
}

/// Checks that both say the same, and gives the number of lines compared.
pub(crate) fn compare(tierwise: &[Invoice], duckdb: &[Invoice]) -> Result<usize> {
    for (one, other) in tierwise.iter().zip(duckdb) {
        if one != other {
            bail!("the answers differ:\n  tierwise: {one:?}\n  DuckDB:   {other:?}");
        }
    }
    if tierwise.len() != duckdb.len() {
        bail!("tierwise has {} invoices, DuckDB {}", tierwise.len(), duckdb.len());
    }
    if tierwise.is_empty() {
        bail!("there are no invoices to compare");
    }
    Ok(tierwise.iter().map(|invoice| invoice.lines.len()).sum())
}

#[cfg(test)]
mod tests {
    use super::{Invoice, compare};
    use anyhow::Result;

    fn invoice(amount: &str) -> Result<Invoice> {
        Ok(serde_json::from_str(&format!(
            r#"{{"team":"a","period":"2026-04","account_days":{{"x":30}},"total":"{amount}",
            "amount_due":"1.02","lines":[{{"kind":"account_days","tier":"x","bandFrom":1,
            "bandTo":null,"quantity":30,"unitPrice":"0.034","amount":"{amount}"}}]}}"#
        ))?)
    }

    #[test]
    fn only_zeros_at_the_end_of_an_amount_may_differ() -> Result<()> {
        assert_eq!(compare(&[invoice("1.02")?], &[invoice("1.020000")?])?, 1);
        assert!(compare(&[invoice("1.02")?], &[invoice("1.03")?]).is_err());
        assert!(compare(&[invoice("10")?], &[invoice("1")?]).is_err());
        assert!(compare(&[invoice("1.02")?], &[]).is_err());
        assert!(compare(&[], &[]).is_err());
        Ok(())
    }
}
