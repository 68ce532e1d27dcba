//! Event logs: files or standard input, line by line, with every broken line reported.

mod lines;
mod record;

use std::{
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
};

use anyhow::Context;
use tierwise::{Code, Error};

pub(crate) use lines::MAX_LINE_BYTES;
use lines::{Line, Lines};
pub(crate) use record::{Format, Record};
use record::{Header, json_record};

use crate::problems::{Problem, Problems};

/// Where a log comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    Standard,
    File(PathBuf),
}

impl Source {
    /// The sources of a command's arguments: `-`, or none at all, is standard input.
    pub(crate) fn all(paths: &[PathBuf]) -> Vec<Source> {
        if paths.is_empty() {
            return vec![Source::Standard];
        }
        let source = |path: &PathBuf| {
            if path == Path::new("-") { Source::Standard } else { Source::File(path.clone()) }
        };
        paths.iter().map(source).collect()
    }

    /// Its name for people.
    pub(crate) fn name(&self) -> String {
        match self {
            Source::Standard => "standard input".to_owned(),
            Source::File(path) => path.display().to_string(),
        }
    }

    /// Its size in bytes, if it is a plain file.
    pub(crate) fn size(&self) -> Option<u64> {
        match self {
            Source::Standard => None,
            Source::File(path) => {
                path.metadata().ok().filter(std::fs::Metadata::is_file).map(|data| data.len())
            }
        }
    }

    fn open(&self) -> anyhow::Result<Box<dyn Read>> {
        Ok(match self {
            Source::Standard => Box::new(io::stdin().lock()),
            Source::File(path) => Box::new(
                File::open(path).with_context(|| format!("cannot open `{}`", path.display()))?,
            ),
        })
    }

    fn format_of_name(&self) -> Option<Format> {
        let Source::File(path) = self else { return None };
        match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
            "csv" => Some(Format::Csv),
            "jsonl" | "ndjson" | "json" => Some(Format::Jsonl),
            _ => None,
        }
    }
}

/// What came of reading a log.
#[derive(Debug, Default)]
pub(crate) struct ReadCounts {
    /// Lines that are not blank, headers left out.
    pub(crate) records: u64,
}

/// Reads a log and hands every record to `take`, in order. What a line or `take` refuses goes to
/// `problems`; with `problems.strict`, the first ends the reading. Errors are those of the files.
pub(crate) fn read(
    source: &Source,
    format: Option<Format>,
    problems: &mut Problems,
    progress: &mut dyn FnMut(u64),
    take: &mut dyn FnMut(&Record<'_>) -> Result<(), Error>,
) -> anyhow::Result<ReadCounts> {
    const PROGRESS_LINES: u64 = 1 << 14;
    let mut reader = LogReader { format: format.or(source.format_of_name()), header: None };
    let mut lines = Lines::new(source.open()?);
    let mut counts = ReadCounts::default();
    let mut number = 0_u64;
    let mut reported = 0;
    while !problems.should_stop() {
        let taken = lines.taken;
        let line = lines.next().with_context(|| format!("cannot read `{}`", source.name()))?;
        let Some(line) = line else { break };
        number += 1;
        let result = reader.line(&line, number == 1, &mut |record| {
            counts.records += 1;
            take(record)
        });
        if let Err(error) = result {
            let fatal = reader.format == Some(Format::Csv) && reader.header.is_none();
            problems.add(Problem { file: source.name(), line: number, error });
            if fatal {
                // Without a header no line of the file can be read.
                anyhow::bail!(problems.last_in_words());
            }
        }
        if number.is_multiple_of(PROGRESS_LINES) {
            progress(taken - reported);
            reported = taken;
        }
    }
    progress(lines.taken - reported);
    Ok(counts)
}

struct LogReader {
    /// Known from the file's name, an option, or the first line.
    format: Option<Format>,
    header: Option<Header>,
}

impl LogReader {
    #[inline]
    fn line(
        &mut self,
        line: &Line<'_>,
        is_first: bool,
        take: &mut dyn FnMut(&Record<'_>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let Line::Text { bytes, ended } = line else {
            let message = format!("the line is longer than {MAX_LINE_BYTES} bytes");
            return Err(Error::new(Code::TooLarge, message));
        };
        let bytes =
            if is_first { bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes) } else { bytes };
        let text = std::str::from_utf8(bytes).map_err(|error| {
            let message = format!("byte {} of the line is not UTF-8", error.valid_up_to() + 1);
            Error::new(Code::InvalidUtf8, message)
        })?;
        if text.trim_ascii().is_empty() {
            return Ok(());
        }
        let result = self.text(text, take);
        match result {
            Err(error) if !ended => {
                let help = "the file ends inside this line: it may have been cut off";
                Err(error.with_help(help))
            }
            other => other,
        }
    }

    fn text(
        &mut self,
        text: &str,
        take: &mut dyn FnMut(&Record<'_>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let is_json = text.trim_ascii_start().starts_with('{');
        match self.format.get_or_insert(if is_json { Format::Jsonl } else { Format::Csv }) {
            Format::Jsonl => take(&json_record(text)?),
            Format::Csv => match &self.header {
                Some(header) => take(&header.record(text)?),
                None => {
                    self.header = Some(Header::read(text)?);
                    Ok(())
                }
            },
        }
    }
}
