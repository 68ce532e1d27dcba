//! The command line: commands, options, their help.

use std::path::PathBuf;

use clap::{ArgGroup, Args, Parser, Subcommand};

#[cfg(unix)]
use crate::commands::queue;
use crate::log::Format;

/// What the exit codes mean.
pub(crate) const EXIT_CODES: [(u8, &str); 5] = [
    (0, "done"),
    (1, "failed: an input is wrong or cannot be read; nothing is answered"),
    (2, "wrong usage: a flag, a command or a form that does not exist"),
    (
        3,
        "findings: lines of a log that were left out, cases that failed, a catalog that is unsound",
    ),
    (4, "refused by policy: a message beyond the limit, a change that may not be"),
];

/// The heading of the options that every command has.
const COMMON: &str = "Common options";

/// Exact, explained usage pricing and tier policy
#[derive(Debug, Parser)]
#[command(
    name = "tierwise",
    version,
    propagate_version = true,
    max_term_width = 100,
    after_help = exit_codes(),
)]
pub(crate) struct Cli {
    /// The catalog: a JSON, YAML or TOML file [default: the built-in messaging catalog]
    #[arg(long, global = true, value_name = "FILE", help_heading = COMMON)]
    pub(crate) catalog: Option<PathBuf>,
    /// Answer in canonical JSON
    #[arg(long, global = true, help_heading = COMMON)]
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
    /// Run golden cases, which compare answers (exit code 3 if one differs)
    Vectors(VectorsArgs),
    /// Serve the API and run the queue, until SIGINT or SIGTERM ends it in order
    #[cfg(unix)]
    Serve(queue::ServeArgs),
    /// Run the queue in this folder, without an address: `serve` with other defaults
    #[cfg(unix)]
    Run(queue::ServiceArgs),
    /// Show every setting of a service, and where its value comes from
    #[cfg(unix)]
    Config(queue::ConfigArgs),
    /// Create accounts of the queue that runs, change, end, list them
    #[cfg(unix)]
    Account(queue::AccountArgs),
    /// Send, list, skip, retry, remove, resolve messages
    #[cfg(unix)]
    Message(queue::MessageArgs),
    /// Make teams known, list, show, change them; usage and invoices of a team; pause, resume,
    /// retry, skip for all of its accounts
    #[cfg(unix)]
    Team(queue::TeamArgs),
    /// Make users known, list, change them, bring them into teams
    #[cfg(unix)]
    User(queue::UserArgs),
    /// Make, list and revoke refresh tokens
    #[cfg(unix)]
    Token(queue::TokenArgs),
    /// Make, activate, retire and list the keys that sign access tokens
    #[cfg(unix)]
    Key(queue::KeyArgs),
    /// Say why the queue of an account stands as it does
    #[cfg(unix)]
    Why(queue::WhyArgs),
    /// Show the queues in numbers
    #[cfg(unix)]
    Overview(queue::Control),
    /// Print what Prometheus reads
    #[cfg(unix)]
    Metrics(queue::Control),
    /// Have the queue that runs load its policy and catalog anew
    #[cfg(unix)]
    Swap(queue::Control),
    /// Copy the store of the queue that runs into a new file
    #[cfg(unix)]
    Backup(queue::BackupArgs),
    /// Put a copy in the place of a store
    #[cfg(unix)]
    Restore(queue::RestoreArgs),
    /// Move a store from SQLite to PostgreSQL, checked by counts and hashes
    #[cfg(unix)]
    Move(queue::MoveArgs),
    /// Print the completions of a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page
    Man {
        /// Write the page of every command into this folder instead
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
    },
}

fn exit_codes() -> String {
    let lines = EXIT_CODES.map(|(code, meaning)| format!("  {code}  {meaning}"));
    format!("Exit codes:\n{}", lines.join("\n"))
}

/// An item of a basket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Item {
    pub(crate) tier: String,
    pub(crate) amount: ItemAmount,
}

/// How much of a tier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ItemAmount {
    Accounts { accounts: String, days: String },
    AccountDays(String),
}

/// `TIER=ACCOUNTSxDAYS` or `TIER=ACCOUNT_DAYS`.
fn item(text: &str) -> Result<Item, String> {
    let form = "write `TIER=ACCOUNTSxDAYS` or `TIER=ACCOUNT_DAYS`";
    let (tier, amount) = text.split_once('=').ok_or(form)?;
    let amount = match amount.split_once(['x', '×']) {
        Some((accounts, days)) => {
            ItemAmount::Accounts { accounts: accounts.to_owned(), days: days.to_owned() }
        }
        None => ItemAmount::AccountDays(amount.to_owned()),
    };
    Ok(Item { tier: tier.to_owned(), amount })
}

/// `METER=QUANTITY`.
fn usage(text: &str) -> Result<(String, String), String> {
    let (meter, quantity) = text.split_once('=').ok_or("write `METER=QUANTITY`")?;
    Ok((meter.to_owned(), quantity.to_owned()))
}

#[derive(Debug, Args)]
#[command(
    group = ArgGroup::new("what").required(true).args(["item", "tier"]),
    group = ArgGroup::new("form").args(["accounts", "account_days", "usage"]),
)]
pub(crate) struct QuoteArgs {
    /// Items of a basket: TIER=ACCOUNTSxDAYS or TIER=ACCOUNT_DAYS, like
    /// unlimited_msg_chat_history=101x30
    #[arg(value_name = "ITEM", value_parser = item)]
    pub(crate) item: Vec<Item>,
    /// The tier of a single item
    #[arg(long, requires = "form")]
    pub(crate) tier: Option<String>,
    /// How many accounts it has
    #[arg(
        long,
        value_name = "N",
        requires = "days",
        requires = "tier",
        allow_negative_numbers = true
    )]
    pub(crate) accounts: Option<String>,
    /// For how many days each
    #[arg(long, value_name = "N", requires = "accounts", allow_negative_numbers = true)]
    pub(crate) days: Option<String>,
    /// Or its account-days
    #[arg(long, value_name = "N", requires = "tier", allow_negative_numbers = true)]
    pub(crate) account_days: Option<String>,
    /// Or its usage of a meter; may be repeated
    #[arg(long, value_name = "METER=QUANTITY", requires = "tier", value_parser = usage)]
    pub(crate) usage: Vec<(String, String)>,
    /// How many of its accounts are created in the period, on an empty pool
    #[arg(long, value_name = "N", requires = "tier", allow_negative_numbers = true)]
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
    /// Only this period [default: those of the first to the last event]
    #[arg(long, value_name = "YYYY-MM")]
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
    /// How many lines that cannot be used are listed; all are counted [default: 20; with --json
    /// 1000]
    #[arg(long, value_name = "N", conflicts_with = "strict")]
    pub(crate) max_problems: Option<usize>,
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
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub(crate) sent: String,
    /// Messages waiting
    #[arg(long, value_name = "N", allow_negative_numbers = true, default_value = "0")]
    pub(crate) waiting: String,
    /// Messages asked for now
    #[arg(long, value_name = "N", allow_negative_numbers = true, default_value = "1")]
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
    #[arg(long, value_name = "N", allow_negative_numbers = true, default_value = "0")]
    pub(crate) sent: String,
    /// The account is archived
    #[arg(long)]
    pub(crate) archived: bool,
}

/// What ends.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub(crate) enum Ending {
    /// The subscription; notes and contacts stay
    Archive,
    /// The account, with all its data
    Delete,
    /// The tier with history
    Downgrade,
}

impl Ending {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Ending::Archive => "archive",
            Ending::Delete => "delete",
            Ending::Downgrade => "downgrade",
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct EndArgs {
    /// What happens to the account
    pub(crate) what: Ending,
    /// The account is archived
    #[arg(long)]
    pub(crate) archived: bool,
    /// The account is logged in
    #[arg(long)]
    pub(crate) logged_in: bool,
    /// Messages that came with a login
    #[arg(long, value_name = "N", allow_negative_numbers = true, default_value = "0")]
    pub(crate) history: String,
    /// Messages received after it
    #[arg(long, value_name = "N", allow_negative_numbers = true, default_value = "0")]
    pub(crate) live: String,
    /// Messages sent
    #[arg(long, value_name = "N", allow_negative_numbers = true, default_value = "0")]
    pub(crate) sent: String,
    /// Messages waiting
    #[arg(long, value_name = "N", allow_negative_numbers = true, default_value = "0")]
    pub(crate) waiting: String,
    /// Notes
    #[arg(long, value_name = "N", allow_negative_numbers = true, default_value = "0")]
    pub(crate) notes: String,
    /// Contacts
    #[arg(long, value_name = "N", allow_negative_numbers = true, default_value = "0")]
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
