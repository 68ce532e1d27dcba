//! Event logs: files or standard input, line by line, with every broken line reported.

mod lines;
mod record;

use std::{
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
};

use tierwise::{Code, Error};

pub(crate) use lines::MAX_LINE_BYTES;
use lines::{Line, Lines};
pub(crate) use record::{Format, Record};
use record::{Header, json_record};

use crate::{
    output::{io_failure, quoted},
    problems::{Problem, Problems},
};

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

    /// Its name in errors.
    fn quoted(&self) -> String {
        match self {
            Source::Standard => self.name(),
            Source::File(path) => quoted(path),
        }
    }

    /// Checks that it can be read, so that a wrong name is told before hours of reading others.
    pub(crate) fn check(&self) -> anyhow::Result<()> {
        let Source::File(path) = self else { return Ok(()) };
        let checked = path.metadata().and_then(|data| {
            let wrong = io::Error::from(io::ErrorKind::IsADirectory);
            if data.is_dir() { Err(wrong) } else { Ok(()) }
        });
        checked.map_err(|error| io_failure("read", self.quoted(), &error))
    }

    fn open(&self) -> anyhow::Result<Box<dyn Read>> {
        Ok(match self {
            Source::Standard => Box::new(io::stdin().lock()),
            Source::File(path) => Box::new(
                File::open(path).map_err(|error| io_failure("open", self.quoted(), &error))?,
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

/// Progress is told after so many bytes: of a short log never.
const PROGRESS_BYTES: u64 = 1 << 24;

/// Reads a log and hands every record to `take`, in order; gives how many were taken. What a line
/// or `take` refuses goes to `problems`. Errors are those of the files, and the problem that ends
/// the reading.
pub(crate) fn read(
    source: &Source,
    format: Option<Format>,
    problems: &mut Problems,
    progress: &mut dyn FnMut(u64),
    mut take: impl FnMut(&Record<'_>) -> Result<(), Error>,
) -> anyhow::Result<u64> {
    let mut reader = LogReader { format: format.or(source.format_of_name()), header: None };
    let mut lines = Lines::new(source.open()?);
    let mut events = 0;
    let mut number = 0_u64;
    let mut reported = 0;
    loop {
        let taken = lines.taken;
        if taken - reported >= PROGRESS_BYTES {
            progress(taken - reported);
            reported = taken;
        }
        let line = lines.next().map_err(|error| io_failure("read", source.quoted(), &error))?;
        let Some(line) = line else { return Ok(events) };
        number += 1;
        match reader.line(&line, number == 1, &mut take) {
            Ok(count) => events += count,
            Err(error) => {
                let problem = Problem { file: source.name(), line: Some(number), error };
                if reader.format == Some(Format::Csv) && reader.header.is_none() {
                    // Without a header no line of the file can be read.
                    return Err(problem.bounded().into());
                }
                problems.add(problem)?;
            }
        }
    }
}

struct LogReader {
    /// Known from the file's name, an option, or the first line.
    format: Option<Format>,
    header: Option<Header>,
}

impl LogReader {
    /// Reads a line; gives how many events it held.
    #[inline]
    fn line(
        &mut self,
        line: &Line<'_>,
        is_first: bool,
        take: &mut impl FnMut(&Record<'_>) -> Result<(), Error>,
    ) -> Result<u64, Error> {
        let Line::Text { bytes, ended } = line else {
            let message = format!("the line is longer than {MAX_LINE_BYTES} bytes");
            return Err(Error::new(Code::TooLarge, message).with_help("is a line end missing?"));
        };
        let bytes =
            if is_first { bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes) } else { bytes };
        let text = std::str::from_utf8(bytes).map_err(|error| {
            let message = format!("byte {} of the line is not UTF-8", error.valid_up_to() + 1);
            Error::new(Code::InvalidUtf8, message).with_help("save the log as UTF-8")
        })?;
        if text.trim_ascii_start().is_empty() {
            return Ok(0);
        }
        self.text(text, take).map_err(|error| {
            if *ended {
                return error;
            }
            let cut = "the file ends inside this line: it may have been cut off";
            let help = error.help();
            let help = if help.is_empty() { cut.to_owned() } else { format!("{help}; {cut}") };
            error.with_help(help)
        })
    }

    #[inline]
    fn text(
        &mut self,
        text: &str,
        take: &mut impl FnMut(&Record<'_>) -> Result<(), Error>,
    ) -> Result<u64, Error> {
        let is_json = || text.trim_ascii_start().starts_with('{');
        let format =
            self.format.get_or_insert_with(|| if is_json() { Format::Jsonl } else { Format::Csv });
        match (format, &self.header) {
            (Format::Jsonl, _) => json_record(text, take)?,
            (Format::Csv, Some(header)) => header.record(text, take)?,
            (Format::Csv, None) => {
                self.header = Some(Header::read(text)?);
                return Ok(0);
            }
        }
        Ok(1)
    }
}
