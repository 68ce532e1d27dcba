//! The command line: commands, options, their help.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::log::Format;

/// Exact, explained usage pricing and tier policy.
///
/// Exit codes: 0 done; 1 failed; 2 wrong usage; 3 findings (lines that could not be used, cases
/// that failed); 4 refused by policy.
#[derive(Debug, Parser)]
#[command(name = "tierwise", version, propagate_version = true, max_term_width = 100)]
pub(crate) struct Cli {
    /// The catalog: a JSON, YAML or TOML file [default: the built-in messaging catalog]
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) catalog: Option<PathBuf>,
    /// Answer in canonical JSON
    #[arg(long, global = true)]
    pub(crate) json: bool,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Price a basket of tiers, with the rows that explain each amount
    Quote(QuoteArgs),
    /// Price an event log: one invoice per team and period
    Invoice(InvoiceArgs),
    /// Count the account-days of an event log per team, period and tier
    Days(LogArgs),
    /// Ask whether messages fit in the limit of a tier (exit code 4 if they do not)
    Check(CheckArgs),
    /// Say what a change of tier does (exit code 4 if it is refused)
    Change(ChangeArgs),
    /// Say what an archive, a deletion or a downgrade away from history does (4 if refused)
    End(EndArgs),
    /// Show or check a catalog
    #[command(subcommand)]
    Catalog(CatalogCommand),
    /// Ask any operation; the answer is canonical JSON
    Ask(AskArgs),
    /// Run golden cases (see tests/vectors/FORMAT.md)
    Vectors(VectorsArgs),
    /// Print the completions of a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page
    Man,
}

#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("what").required(true).args(["item", "tier"]))]
pub(crate) struct QuoteArgs {
    /// Items of a basket: TIER=ACCOUNTSxDAYS or TIER=ACCOUNT_DAYS, like
    /// unlimited_msg_chat_history=101x30
    #[arg(value_name = "ITEM")]
    pub(crate) item: Vec<String>,
    /// The tier of a single item
    #[arg(long)]
    pub(crate) tier: Option<String>,
    /// How many accounts it has
    #[arg(long, requires = "days", requires = "tier")]
    pub(crate) accounts: Option<String>,
    /// For how many days each
    #[arg(long, requires = "accounts")]
    pub(crate) days: Option<String>,
    /// Or its account-days
    #[arg(long, requires = "tier", conflicts_with = "accounts", value_name = "N")]
    pub(crate) account_days: Option<String>,
    /// Or its usage of a meter, as METER=QUANTITY; may be repeated
    #[arg(
        long,
        requires = "tier",
        conflicts_with_all = ["accounts", "account_days"],
        value_name = "METER=QUANTITY"
    )]
    pub(crate) usage: Vec<String>,
    /// How many of its accounts are created in the period, on an empty pool
    #[arg(long, requires = "tier", value_name = "N")]
    pub(crate) creations: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct LogArgs {
    /// Event logs, read one after the other; `-` or none: standard input
    #[arg(value_name = "LOG")]
    pub(crate) logs: Vec<PathBuf>,
    /// The format [default: by the file's name, else by its first line]
    #[arg(long)]
    pub(crate) format: Option<Format>,
    /// Only this period, `YYYY-MM` [default: those of the first to the last event]
    #[arg(long)]
    pub(crate) period: Option<String>,
    /// Only this team
    #[arg(long)]
    pub(crate) team: Option<String>,
    /// Count as of this time: later events have not happened yet, its day counts as if it ended now
    #[arg(long, value_name = "TIME")]
    pub(crate) as_of: Option<String>,
    /// Stop at the first line that cannot be used, and answer nothing
    #[arg(long)]
    pub(crate) strict: bool,
}

#[derive(Debug, Args)]
pub(crate) struct InvoiceArgs {
    #[command(flatten)]
    pub(crate) log: LogArgs,
    /// One line per invoice instead of its lines
    #[arg(long)]
    pub(crate) summary: bool,
}

#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    /// The tier
    #[arg(long)]
    pub(crate) tier: String,
    /// Messages sent in the period
    #[arg(long, value_name = "N")]
    pub(crate) sent: String,
    /// Messages waiting
    #[arg(long, value_name = "N", default_value = "0")]
    pub(crate) waiting: String,
    /// Messages asked for now
    #[arg(long, value_name = "N", default_value = "1")]
    pub(crate) asked: String,
    /// Notes instead of messages
    #[arg(long)]
    pub(crate) note: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ChangeArgs {
    /// The tier that the account has
    #[arg(long)]
    pub(crate) from: String,
    /// The tier that it shall have
    #[arg(long)]
    pub(crate) to: String,
    /// Messages sent in the period
    #[arg(long, value_name = "N", default_value = "0")]
    pub(crate) sent: String,
    /// The account is archived
    #[arg(long)]
    pub(crate) archived: bool,
}

#[derive(Debug, Args)]
pub(crate) struct EndArgs {
    /// archive, delete, or downgrade (away from history)
    pub(crate) what: String,
    /// The account is archived
    #[arg(long)]
    pub(crate) archived: bool,
    /// The account is logged in
    #[arg(long)]
    pub(crate) logged_in: bool,
    /// Messages that came with a login
    #[arg(long, value_name = "N", default_value = "0")]
    pub(crate) history: String,
    /// Messages received after it
    #[arg(long, value_name = "N", default_value = "0")]
    pub(crate) live: String,
    /// Messages sent
    #[arg(long, value_name = "N", default_value = "0")]
    pub(crate) sent: String,
    /// Messages waiting
    #[arg(long, value_name = "N", default_value = "0")]
    pub(crate) waiting: String,
    /// Notes
    #[arg(long, value_name = "N", default_value = "0")]
    pub(crate) notes: String,
    /// Contacts
    #[arg(long, value_name = "N", default_value = "0")]
    pub(crate) contacts: String,
}

#[derive(Debug, Subcommand)]
pub(crate) enum CatalogCommand {
    /// Show the rate card of the catalog
    Show,
    /// Check a catalog file (exit code 3 if it is not sound)
    Check {
        /// The file [default: that of --catalog]
        file: Option<PathBuf>,
    },
}

#[derive(Debug, Args)]
pub(crate) struct AskArgs {
    /// The operation
    #[arg(value_name = "OPERATION", required_unless_present = "list")]
    pub(crate) operation: Option<String>,
    /// The request as JSON; `-` or none: standard input
    pub(crate) request: Option<String>,
    /// List the operations
    #[arg(long)]
    pub(crate) list: bool,
}

#[derive(Debug, Args)]
pub(crate) struct VectorsArgs {
    /// Case files, or folders of them
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// Write the cases that fail into this folder
    #[arg(long, value_name = "DIR")]
    pub(crate) save_failures: Option<PathBuf>,
}
