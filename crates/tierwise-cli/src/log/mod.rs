//! Event logs: files or standard input, line by line, with every broken line reported.

mod batch;
mod event;
mod lines;
mod reader;
mod record;

use std::{
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
};

pub(crate) use batch::{Batch, Entry};
pub(crate) use event::{AccountName, NamedEvent};
pub(crate) use reader::Reading;
pub(crate) use record::Format;

use crate::output::{io_failure, quoted};

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
