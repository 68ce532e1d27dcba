//! Events as text: CSV with a heading, or a JSON object on each line.

use super::Format;
use super::clock::DAY_MS;
use super::names::{ACCOUNT, TEAM, TIERS};
use super::story::{Action, Event};
use anyhow::Result;
use chrono::{Days, NaiveDate};
use std::io::Write;

/// Writes line by line into one buffer; a log has millions of lines.
pub(crate) struct Writer<W> {
    out: W,
    format: Format,
    line: String,
    /// The day written last and its text: most events are on the day of the one before.
    day: Option<u64>,
    date: String,
}

/// What stands before each value, and after the last.
struct Layout {
    at: &'static str,
    team: &'static str,
    account: &'static str,
    action: &'static str,
    tier: &'static str,
    end: &'static str,
    end_without_tier: &'static str,
}

const CSV: Layout = Layout {
    at: "",
    team: ",",
    account: ",",
    action: ",",
    tier: ",",
    end: "\n",
    end_without_tier: ",\n",
};

/// No value has a character that JSON would want escaped.
const JSONL: Layout = Layout {
    at: r#"{"at":""#,
    team: r#"","team":""#,
    account: r#"","account":""#,
    action: r#"","do":""#,
    tier: r#"","tier":""#,
    end: "\"}\n",
    end_without_tier: "\"}\n",
};

impl<W: Write> Writer<W> {
    pub(crate) fn new(mut out: W, format: Format) -> Result<Self> {
        if format == Format::Csv {
            writeln!(out, "at,team,account,do,tier")?;
        }
        Ok(Self { out, format, line: String::new(), day: None, date: String::new() })
    }

    pub(crate) fn write(&mut self, event: &Event) -> Result<()> {
        let layout = match self.format {
            Format::Csv => &CSV,
            Format::Jsonl => &JSONL,
        };
        let (action, tier) = match event.action {
            Action::Create(tier) => ("create", Some(tier)),
            Action::Tier(tier) => ("tier", Some(tier)),
            Action::Archive => ("archive", None),
            Action::Delete => ("delete", None),
        };
        self.line.clear();
        self.line.push_str(layout.at);
        self.push_time(event);
        self.line.push_str(layout.team);
        push_name(&mut self.line, TEAM, event.team + 1);
        self.line.push_str(layout.account);
        push_name(&mut self.line, ACCOUNT, event.account + 1);
        self.line.push_str(layout.action);
        self.line.push_str(action);
        if let Some(tier) = tier.and_then(|tier| TIERS.get(usize::from(tier))) {
            self.line.push_str(layout.tier);
            self.line.push_str(tier);
            self.line.push_str(layout.end);
        } else {
            self.line.push_str(layout.end_without_tier);
        }
        Ok(self.out.write_all(self.line.as_bytes())?)
    }

    pub(crate) fn finish(mut self) -> Result<()> {
        Ok(self.out.flush()?)
    }

    /// `2026-04-01T09:00:00Z`, with milliseconds only if there are any.
    fn push_time(&mut self, event: &Event) {
        let day = event.at_ms / DAY_MS;
        if self.day != Some(day) {
            self.day = Some(day);
            let date: Option<NaiveDate> = event.first_day.checked_add_days(Days::new(day));
            self.date = date.unwrap_or_default().to_string();
        }
        self.line.push_str(&self.date);
        let (seconds, milliseconds) = (event.at_ms % DAY_MS / 1000, event.at_ms % 1000);
        for (mark, number) in [("T", seconds / 3600), (":", seconds / 60 % 60), (":", seconds % 60)]
        {
            push_name(&mut self.line, (mark, 2), number);
        }
        if milliseconds > 0 {
            push_name(&mut self.line, (".", 3), milliseconds);
        }
        self.line.push('Z');
    }
}

/// A word and a number with at least so many digits; by hand, as this is most of the work.
fn push_name(line: &mut String, (word, width): (&str, usize), number: u64) {
    const MOST_DIGITS: usize = 20;
    let mut digits = [b'0'; MOST_DIGITS];
    let mut rest = number;
    let mut used = 0;
    for place in digits.iter_mut().rev() {
        if rest == 0 && used >= width {
            break;
        }
        *place = b"0123456789".get((rest % 10) as usize).copied().unwrap_or(b'0');
        rest /= 10;
        used += 1;
    }
    line.push_str(word);
    let written = digits.get(MOST_DIGITS - used..).unwrap_or_default();
    line.push_str(str::from_utf8(written).unwrap_or_default());
}
