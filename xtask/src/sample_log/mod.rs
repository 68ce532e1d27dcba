//! `sample-log`: a made-up event log, the same one for the same seed, of any length.

mod clock;
mod format;
mod names;
mod story;

use anyhow::{Context as _, Result, bail};
use chrono::{Months, NaiveDate};
use format::Writer;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use story::Story;

/// The most accounts or events: a year of 10 million events has 3 seconds between two of them.
const MOST: u64 = 1_000_000_000;

/// The first day of the logs that the other commands make.
const NEW_YEAR: NaiveDate = match NaiveDate::from_ymd_opt(2026, 1, 1) {
    Some(day) => day,
    None => NaiveDate::MIN,
};

fn day(text: &str) -> Result<NaiveDate, String> {
    text.parse().map_err(|error| format!("a day is written YYYY-MM-DD: {error}"))
}

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// How many events.
    #[arg(long, default_value_t = 20_000, value_parser = clap::value_parser!(u64).range(1..=MOST))]
    pub(crate) events: u64,
    /// How many accounts are created in all; each needs one event at least.
    #[arg(long, default_value_t = 2_000, value_parser = clap::value_parser!(u64).range(1..=MOST))]
    pub(crate) accounts: u64,
    /// How many teams, from very large to very small.
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    pub(crate) teams: u64,
    /// The same seed gives the same log.
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// Where to write it.
    #[arg(long)]
    pub(crate) out: PathBuf,
    /// How to write it.
    #[arg(long, default_value = "csv")]
    pub(crate) format: Format,
    /// The first day.
    #[arg(long, default_value_t = NEW_YEAR, value_parser = day)]
    pub(crate) from: NaiveDate,
    /// How many months it covers.
    #[arg(long, default_value_t = 12, value_parser = clap::value_parser!(u32).range(1..=1200))]
    pub(crate) months: u32,
}

impl Arguments {
    /// A log of twelve months as CSV, with the first seed.
    pub(crate) fn of_a_year(events: u64, accounts: u64, teams: u64, out: &Path) -> Self {
        let (out, format) = (out.to_path_buf(), Format::Csv);
        Self { events, accounts, teams, seed: 1, out, format, from: NEW_YEAR, months: 12 }
    }

    pub(crate) fn with_months(self, months: u32) -> Self {
        Self { months, ..self }
    }
}

#[derive(clap::ValueEnum, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// A heading, then a line for each event.
    Csv,
    /// A JSON object on each line.
    Jsonl,
}

pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let out = &arguments.out;
    if let Some(folder) = out.parent() {
        fs::create_dir_all(folder).with_context(|| format!("making `{}`", folder.display()))?;
    }
    // Written beside and renamed, so that a file of this name is always a whole log.
    let unfinished = unfinished(out);
    let file =
        File::create(&unfinished).with_context(|| format!("writing `{}`", unfinished.display()))?;
    write(arguments, BufWriter::with_capacity(1 << 20, file))?;
    fs::rename(&unfinished, out).with_context(|| format!("writing `{}`", out.display()))
}

fn unfinished(out: &Path) -> PathBuf {
    let mut name = out.file_name().unwrap_or_default().to_owned();
    name.push(".tmp");
    out.with_file_name(name)
}

/// Writes the log; what is held in memory grows with the accounts, never with the events.
fn write(arguments: &Arguments, out: impl Write) -> Result<()> {
    if arguments.accounts > arguments.events {
        bail!("{} accounts need as many events at least", arguments.accounts);
    }
    let until = arguments.from.checked_add_months(Months::new(arguments.months));
    let until = until.context("the last month lies beyond the calendar")?;
    let mut writer = Writer::new(out, arguments.format)?;
    for event in Story::new(arguments, until)? {
        writer.write(&event)?;
    }
    writer.finish()
}

#[cfg(test)]
mod tests {
    use super::story::{Action, Story};
    use super::{Arguments, Format, write};
    use anyhow::Result;
    use chrono::{Datelike as _, NaiveDate};
    use std::collections::HashMap;

    fn arguments(seed: u64, format: Format) -> Arguments {
        Arguments {
            events: 5_000,
            accounts: 400,
            teams: 10,
            seed,
            out: "unused".into(),
            format,
            from: NaiveDate::from_ymd_opt(2026, 1, 1).expect("a day"),
            months: 3,
        }
    }

    fn log(seed: u64, format: Format) -> Result<String> {
        let mut log = Vec::new();
        write(&arguments(seed, format), &mut log)?;
        Ok(String::from_utf8(log)?)
    }

    #[test]
    fn the_same_seed_gives_the_same_log() -> Result<()> {
        assert_eq!(log(7, Format::Csv)?, log(7, Format::Csv)?);
        assert_ne!(log(7, Format::Csv)?, log(8, Format::Csv)?);
        Ok(())
    }

    #[test]
    fn events_are_in_order_of_time_and_within_the_months() -> Result<()> {
        let log = log(3, Format::Csv)?;
        let times: Vec<_> =
            log.lines().skip(1).map(|line| line.split(',').next().unwrap_or_default()).collect();
        assert_eq!(times.len(), 5_000);
        // `09:00:00.123Z` sorts before `09:00:00Z` as text, but is later: take the mark off.
        let key = |time: &&str| time.trim_end_matches('Z').to_owned();
        assert!(times.is_sorted_by_key(key));
        assert!(times.iter().all(|time| ("2026-01".."2026-04").contains(&&time[..7])));
        assert!(times.iter().any(|time| time.ends_with("T00:00:00Z")));
        assert!(times.iter().any(|time| time.len() == "2026-01-01T00:00:00.000Z".len()));
        assert!(times.windows(2).any(|pair| pair[0] == pair[1]));
        Ok(())
    }

    #[test]
    fn every_account_has_a_valid_story() -> Result<()> {
        let arguments = arguments(5, Format::Csv);
        let until = NaiveDate::from_ymd_opt(2026, 4, 1).expect("a day");
        // The tier an account has, or none after archiving; deleted accounts stay with `false`.
        let mut accounts: HashMap<u64, (Option<u8>, bool)> = HashMap::new();
        let mut counts = [0; 4];
        for event in Story::new(&arguments, until)? {
            let before = accounts.get(&event.account).copied();
            let after = match (event.action, before) {
                (Action::Create(tier), None) => (Some(tier), true),
                (Action::Tier(tier), Some((Some(held), true))) if held != tier => {
                    (Some(tier), true)
                }
                (Action::Archive, Some((Some(_), true))) => (None, true),
                (Action::Delete, Some((_, true))) => (None, false),
                (action, before) => panic!("{action:?} after {before:?}"),
            };
            accounts.insert(event.account, after);
            counts[match event.action {
                Action::Create(_) => 0,
                Action::Tier(_) => 1,
                Action::Archive => 2,
                Action::Delete => 3,
            }] += 1;
        }
        assert_eq!(counts[0], 400);
        assert!(counts[1] > 2_500, "most events are tier changes: {counts:?}");
        assert!(counts.iter().all(|&count| count > 0));
        Ok(())
    }

    #[test]
    fn as_json_each_line_is_an_object_with_the_keys_of_an_event() -> Result<()> {
        for line in log(1, Format::Jsonl)?.lines() {
            let event: serde_json::Map<_, _> = serde_json::from_str(line)?;
            let has_tier = matches!(event["do"].as_str(), Some("create" | "tier"));
            assert_eq!(event.contains_key("tier"), has_tier);
            assert_eq!(event.len(), if has_tier { 5 } else { 4 });
            let at = event["at"].as_str().unwrap_or_default();
            assert_eq!(super::day(&at[..10]).map(|day| day.year()), Ok(2026));
        }
        Ok(())
    }
}
