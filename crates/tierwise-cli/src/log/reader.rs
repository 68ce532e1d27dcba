//! The thread that reads: logs in, batches of events out.

use std::{
    sync::mpsc::{Receiver, SyncSender, sync_channel},
    thread::JoinHandle,
};

use tierwise::{Code, Error};
use tierwise_wire::LoadedCatalog;

use super::{
    Source,
    batch::Batch,
    event::NamedEvent,
    lines::{Line, Lines, MAX_LINE_BYTES},
    record::{Format, Header, Record, json_record},
};
use crate::{
    output::io_failure,
    problems::{Problem, bounded},
};

/// How many batches may wait to be counted.
const MAX_WAITING: usize = 8;

/// Logs that are being read.
pub(crate) struct Reading {
    batches: Receiver<Batch>,
    thread: JoinHandle<anyhow::Result<()>>,
}

impl Reading {
    /// Begins to read logs, one after the other, in a thread of its own.
    pub(crate) fn begin(
        catalog: &LoadedCatalog,
        sources: &[Source],
        format: Option<Format>,
    ) -> Self {
        let (sender, batches) = sync_channel(MAX_WAITING);
        let (catalog, sources) = (catalog.clone(), sources.to_vec());
        let thread = std::thread::spawn(move || {
            let mut all = sources.iter().enumerate();
            all.try_for_each(|(i, source)| read(&catalog, i, source, format, &sender))
        });
        Reading { batches, thread }
    }

    /// Hands every batch to `take`, in order. Errors: the first of `take`, which ends the reading;
    /// of the files; a log that no line can be read of.
    pub(crate) fn each(
        self,
        mut take: impl FnMut(&Batch) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        // After an error nobody waits for the thread: it may itself wait for standard input.
        self.batches.iter().try_for_each(|batch| take(&batch))?;
        let died = |_| anyhow::anyhow!("the reading of the logs came to an unexpected end");
        self.thread.join().map_err(died)?
    }
}

/// Reads one log into batches.
fn read(
    catalog: &LoadedCatalog,
    index: usize,
    source: &Source,
    format: Option<Format>,
    batches: &SyncSender<Batch>,
) -> anyhow::Result<()> {
    let mut reader = LogReader { format: format.or(source.format_of_name()), header: None };
    let mut lines = Lines::new(source.open()?);
    let mut batch = Batch::of(index);
    let mut taken = 0;
    for number in 1.. {
        let line = lines.next().map_err(|error| io_failure("read", source.quoted(), &error))?;
        let Some(line) = line else { break };
        let is_unfinished = matches!(line, Line::Text { ended: false, .. });
        let result = reader.line(&line, number == 1, |record| {
            let event = NamedEvent::of(catalog.catalog(), record);
            batch.add(number, is_unfinished, event.map_err(bounded));
        });
        if let Err(error) = result.map_err(bounded) {
            if reader.format == Some(Format::Csv) && reader.header.is_none() {
                // Without a header no line of the log can be read.
                let problem = Problem { file: source.name(), line: Some(number), error };
                send(batches, batch);
                return Err(problem.into());
            }
            batch.add(number, is_unfinished, Err(error));
        }
        if batch.is_full() {
            batch.bytes = lines.taken - taken;
            taken = lines.taken;
            let full = std::mem::replace(&mut batch, Batch::of(index));
            if !send(batches, full) {
                return Ok(());
            }
        }
    }
    send(batches, batch);
    Ok(())
}

/// Hands a batch over; false if nobody wants it any more.
fn send(batches: &SyncSender<Batch>, batch: Batch) -> bool {
    batches.send(batch).is_ok()
}

struct LogReader {
    /// Known from the file's name, an option, or the first line.
    format: Option<Format>,
    header: Option<Header>,
}

impl LogReader {
    /// Reads a line and hands its record to `take`, if it holds one. Errors: what is wrong with the
    /// line.
    #[inline]
    fn line(
        &mut self,
        line: &Line<'_>,
        is_first: bool,
        take: impl FnOnce(&Record<'_>),
    ) -> Result<(), Error> {
        let Line::Text { bytes, .. } = line else {
            // Whatever it was to be, it was no header.
            self.format.get_or_insert(Format::Csv);
            let message = format!("the line is longer than {MAX_LINE_BYTES} bytes");
            return Err(Error::new(Code::TooLarge, message).with_help("is a line end missing?"));
        };
        let bytes =
            if is_first { bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes) } else { bytes };
        if bytes.trim_ascii_start().is_empty() {
            return Ok(());
        }
        let format = *self.format.get_or_insert_with(|| {
            if bytes.trim_ascii_start().starts_with(b"{") { Format::Jsonl } else { Format::Csv }
        });
        let text = std::str::from_utf8(bytes).map_err(|error| {
            let message = format!("byte {} of the line is not UTF-8", error.valid_up_to() + 1);
            Error::new(Code::InvalidUtf8, message).with_help("save the log as UTF-8")
        })?;
        match (format, &self.header) {
            (Format::Jsonl, _) => json_record(text, take),
            (Format::Csv, Some(header)) => header.record(text, take),
            (Format::Csv, None) => {
                self.header = Some(Header::read(text)?);
                Ok(())
            }
        }
    }
}
