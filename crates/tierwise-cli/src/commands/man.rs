//! `tierwise man` and `tierwise completions`: made from the command line's own description.

use std::{
    fs,
    io::{self, Write},
    path::Path,
};

use clap::CommandFactory;
use clap_mangen::{
    Man,
    roff::{Roff, bold, roman},
};

use crate::{
    args::{Cli, EXIT_CODES},
    output::{Outcome, Printer, io_failure, quoted},
};

/// What the environment changes.
const ENVIRONMENT: [(&str, &str); 2] = [
    ("NO_COLOR", "if set, output has no colours"),
    ("TMPDIR", "where the temporary file of a large event log lies"),
];

pub(super) fn completions(
    shell: clap_complete::Shell,
    printer: Printer,
) -> anyhow::Result<Outcome> {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "tierwise", &mut text);
    printer.print(&String::from_utf8_lossy(&text))?;
    Ok(Outcome::Done)
}

/// Prints the main page, or writes the pages of all commands into a folder.
pub(super) fn run(out: Option<&Path>, printer: Printer) -> anyhow::Result<Outcome> {
    let mut command = Cli::command().disable_help_subcommand(true);
    command.build();
    match out {
        None => printer.print(&String::from_utf8_lossy(&page(&command)?))?,
        Some(folder) => fs::create_dir_all(folder)
            .and_then(|()| write_pages(&command, folder))
            .map_err(|error| io_failure("write to", quoted(folder), &error))?,
    }
    Ok(Outcome::Done)
}

fn write_pages(command: &clap::Command, folder: &Path) -> io::Result<()> {
    fs::write(folder.join(Man::new(command.clone()).get_filename()), page(command)?)?;
    command.get_subcommands().try_for_each(|subcommand| write_pages(subcommand, folder))
}

/// The page of one command.
fn page(command: &clap::Command) -> io::Result<Vec<u8>> {
    let man = Man::new(command.clone()).manual("Tierwise");
    let mut page = Vec::new();
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_description_section(&mut page)?;
    man.render_options_section(&mut page)?;
    if command.has_subcommands() {
        man.render_subcommands_section(&mut page)?;
    }
    let mut roff = Roff::new();
    roff.control("SH", ["EXIT STATUS"]);
    for (code, meaning) in EXIT_CODES {
        term(&mut roff, &code.to_string(), meaning);
    }
    roff.control("SH", ["ENVIRONMENT"]);
    for (name, meaning) in ENVIRONMENT {
        term(&mut roff, name, meaning);
    }
    roff.to_writer(&mut page)?;
    man.render_version_section(&mut page)?;
    page.flush()?;
    Ok(page)
}

fn term(roff: &mut Roff, name: &str, meaning: &str) {
    roff.control("TP", []).text([bold(name)]).text([roman(meaning)]);
}
