//! The command line of the queue: run it, and order things of it while it runs.

use std::{net::SocketAddr, path::PathBuf};

use clap::{ArgGroup, Args, Subcommand, ValueEnum};

use super::people_args::TeamKnownArgs;

/// The heading of the options that a service has beside others.
const SETTINGS: &str = "Settings, stronger than TIERWISE_… and the file";

/// How a service works. What has no flag of its own has `--set`.
#[derive(Debug, Args)]
#[command(next_help_heading = SETTINGS)]
pub(crate) struct ServiceArgs {
    /// The configuration, a TOML file [default: `tierwise.toml` in the data folder of `serve`]
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// The folder of store, keys and socket [default: tierwise-data; of `run`: this one]
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// Keep everything in this file of SQLite
    #[arg(long, value_name = "FILE", conflicts_with = "postgres")]
    pub(crate) sqlite: Option<PathBuf>,
    /// Keep everything in this schema of the PostgreSQL that TIERWISE_POSTGRES names by its URL
    #[arg(long, value_name = "SCHEMA")]
    pub(crate) postgres: Option<String>,
    /// Listen here for HTTP, like 127.0.0.1:8750
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) listen: Option<SocketAddr>,
    /// Offer the pages in this folder at `/`
    #[arg(long, value_name = "DIR")]
    pub(crate) pages: Option<PathBuf>,
    /// A policy component of one's own; SIGHUP loads it anew
    #[arg(long, value_name = "FILE")]
    pub(crate) policy: Option<PathBuf>,
    /// The socket for orders [default: tierwise.sock in the data folder]
    #[arg(long, value_name = "PATH")]
    pub(crate) control: Option<PathBuf>,
    /// Accept, and send nothing: to look at what waits, as after a restore
    #[arg(long)]
    pub(crate) hold: bool,
    /// How log lines look [default: text]
    #[arg(long, value_name = "FORM")]
    pub(crate) log: Option<LogForm>,
    /// Any other setting, like limits.per_token=100; `tierwise config` lists them
    #[arg(long, value_name = "KEY=VALUE", value_parser = assignment)]
    pub(crate) set: Vec<(String, String)>,
}

/// `KEY=VALUE`.
fn assignment(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("write `KEY=VALUE`")?;
    Ok((key.to_owned(), value.to_owned()))
}

#[derive(Debug, Args)]
pub(crate) struct ServeArgs {
    #[command(flatten)]
    pub(crate) service: ServiceArgs,
    /// Make a team to try things with: ten accounts that send, and a refresh token, shown once
    #[arg(long)]
    pub(crate) demo: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ConfigArgs {
    #[command(flatten)]
    pub(crate) service: ServiceArgs,
    /// As which command has it
    #[arg(long = "for", value_name = "COMMAND", default_value = "serve")]
    pub(crate) purpose: PurposeForm,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum PurposeForm {
    /// `tierwise serve`
    Serve,
    /// `tierwise run`
    Run,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum LogForm {
    /// A line of text
    Text,
    /// An object of JSON
    Json,
}

/// Where something of a service is if nobody says: where a variable says, in this folder as `run`
/// has it, in the one of `serve`.
pub(super) fn usual_place(variable: &str, name: &str) -> PathBuf {
    if let Some(named) = std::env::var_os(variable).filter(|path| !path.is_empty()) {
        return PathBuf::from(named);
    }
    let (here, of_serve) = (PathBuf::from(name), PathBuf::from("tierwise-data").join(name));
    if !here.exists() && of_serve.exists() { of_serve } else { here }
}

/// Which service is asked.
#[derive(Debug, Args)]
pub(crate) struct Control {
    /// The socket of the service that runs [default: TIERWISE_CONTROL, else tierwise.sock here or
    /// in tierwise-data]
    #[arg(
        long,
        global = true,
        value_name = "PATH",
        default_value_os_t = usual_place("TIERWISE_CONTROL", "tierwise.sock"),
        hide_default_value = true
    )]
    pub(crate) control: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct AccountArgs {
    #[command(flatten)]
    pub(crate) control: Control,
    #[command(subcommand)]
    pub(crate) command: AccountCommand,
}

/// What `account set` changes.
const SETTABLE: [&str; 3] = ["nickname", "tier", "settings"];

#[derive(Debug, Subcommand)]
pub(crate) enum AccountCommand {
    /// Create an account: its creation is charged at once
    Create {
        /// The team that pays for it
        #[arg(long)]
        team: String,
        /// The transport that carries its messages
        #[arg(long, default_value = "mock")]
        transport: String,
        /// Its tier [default: the catalog's]
        #[arg(long)]
        tier: Option<String>,
        /// Its name
        #[arg(long)]
        nickname: Option<String>,
        /// Its settings, a JSON object
        #[arg(long, value_name = "JSON")]
        settings: Option<String>,
        /// A key by which a repeat within 24 hours is known
        #[arg(long)]
        key: Option<String>,
    },
    /// List accounts, the newest first
    List {
        /// Only this team's
        #[arg(long)]
        team: Option<String>,
        /// Only those that this transport carries
        #[arg(long)]
        transport: Option<String>,
        /// Archived ones, too
        #[arg(long)]
        archived: bool,
        /// Only those created before the one with this key
        #[arg(long, value_name = "KEY")]
        before: Option<i64>,
        /// So many at most
        #[arg(long, value_name = "N", default_value = "100")]
        count: u32,
    },
    /// Connect an account
    Open {
        /// The account
        account: String,
    },
    /// Disconnect an account; its messages wait
    Close {
        /// The account
        account: String,
        /// Drop its login, too
        #[arg(long)]
        logout: bool,
    },
    /// Change an account's name, tier or settings (exit code 4 if it is refused)
    #[command(group = ArgGroup::new("new").required(true).multiple(true).args(SETTABLE))]
    Set {
        /// The account
        account: String,
        /// Its name
        #[arg(long)]
        nickname: Option<String>,
        /// Its tier
        #[arg(long)]
        tier: Option<String>,
        /// Settings, a JSON object; keys that are not named stay
        #[arg(long, value_name = "JSON")]
        settings: Option<String>,
        /// Only if it does what this report says
        #[arg(long, value_name = "HASH")]
        if_report: Option<String>,
    },
    /// Say what a change would do, and do nothing
    #[command(group = ArgGroup::new("change").required(true).args(["tier", "archive", "delete"]))]
    Report {
        /// The account
        account: String,
        /// A move to this tier
        #[arg(long)]
        tier: Option<String>,
        /// An archive
        #[arg(long)]
        archive: bool,
        /// A deletion
        #[arg(long)]
        delete: bool,
    },
    /// End an account and keep its notes and contacts
    Archive {
        /// The account
        account: String,
        /// Only if it does what this report says
        #[arg(long, value_name = "HASH")]
        if_report: Option<String>,
    },
    /// End an account and remove all its data
    Delete {
        /// The account
        account: String,
        /// Only if it does what this report says
        #[arg(long, value_name = "HASH")]
        if_report: Option<String>,
    },
    /// Let nothing of an account go
    Pause {
        /// The account
        account: String,
    },
    /// Let what waits go on
    Resume {
        /// The account
        account: String,
    },
}

#[derive(Debug, Args)]
pub(crate) struct MessageArgs {
    #[command(flatten)]
    pub(crate) control: Control,
    #[command(subcommand)]
    pub(crate) command: MessageCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum MessageCommand {
    /// Send a message, or keep a note: when this answers, it is on disk
    #[command(group = ArgGroup::new("what").required(true).args(["text", "content"]))]
    Send {
        /// The account
        account: String,
        /// The chat
        chat: String,
        /// Its text
        text: Option<String>,
        /// Or all that it says, a JSON object
        #[arg(long, value_name = "JSON")]
        content: Option<String>,
        /// Its id: the same again is the same message
        #[arg(long)]
        id: Option<String>,
        /// Not before this time, like 2026-04-01T09:00:00Z
        #[arg(long, value_name = "TIME")]
        due: Option<String>,
        /// A note: kept, never sent
        #[arg(long)]
        note: bool,
        /// Withdrawn if a reply in its chat comes first
        #[arg(long)]
        cancel_on_reply: bool,
    },
    /// List messages of an account, the newest first
    List {
        /// The account
        account: String,
        /// Only this chat's
        #[arg(long)]
        chat: Option<String>,
        /// Only those of this status
        #[arg(long)]
        status: Option<String>,
        /// Only those with lower numbers
        #[arg(long, value_name = "NUMBER")]
        before: Option<u64>,
        /// So many at most
        #[arg(long, value_name = "N", default_value = "100")]
        count: u32,
    },
    /// Cancel a waiting message: the next one's turn comes
    Skip {
        /// The account
        account: String,
        /// The message's id
        message: String,
    },
    /// Have a message that is an error or cancelled wait again; one that waits is tried at once
    #[command(group = ArgGroup::new("which").required(true).args(["message", "all"]))]
    Retry {
        /// The account
        account: String,
        /// The message's id
        message: Option<String>,
        /// All of this status instead: error or cancelled
        #[arg(long, value_name = "STATUS")]
        all: Option<String>,
    },
    /// Withdraw a waiting message, or remove a settled one here
    Remove {
        /// The account
        account: String,
        /// The message's id
        message: String,
    },
    /// Say what became of a message whose outcome nobody knew
    Resolve {
        /// The account
        account: String,
        /// The message's id
        message: String,
        /// Whether the transport had taken it
        #[arg(long, action = clap::ArgAction::Set, value_name = "true|false")]
        taken: bool,
    },
}

#[derive(Debug, Args)]
pub(crate) struct TeamArgs {
    #[command(flatten)]
    pub(crate) control: Control,
    #[command(subcommand)]
    pub(crate) command: TeamCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum TeamCommand {
    /// Make a team known, so that users can be in it
    Create {
        /// Its id: that of its accounts
        team: String,
        #[command(flatten)]
        known: TeamKnownArgs,
    },
    /// List the teams that are known, by their ids
    List {
        /// Only those whose id comes after this one
        #[arg(long, value_name = "TEAM")]
        after: Option<String>,
        /// So many at most
        #[arg(long, value_name = "N", default_value = "100")]
        count: u32,
    },
    /// Show a team, and who may do what in it
    Show {
        /// The team
        team: String,
    },
    /// Change the name, region or metadata of a team
    #[command(group = ArgGroup::new("new").required(true).multiple(true)
        .args(["name", "region", "metadata"]))]
    Set {
        /// The team
        team: String,
        #[command(flatten)]
        known: TeamKnownArgs,
    },
    /// Account-days by tier and messages of a period
    Usage {
        /// The team
        team: String,
        /// The period [default: the running one]
        #[arg(long, value_name = "YYYY-MM")]
        period: Option<String>,
    },
    /// The invoice of a period: open while it runs, final and never changed afterwards
    Invoice {
        /// The team
        team: String,
        /// The period [default: the running one]
        #[arg(long, value_name = "YYYY-MM")]
        period: Option<String>,
    },
    /// Let nothing of its accounts go
    Pause {
        /// The team
        team: String,
    },
    /// Let what waits go on
    Resume {
        /// The team
        team: String,
    },
    /// Have every message of its accounts that is an error or cancelled wait again
    Retry {
        /// The team
        team: String,
        /// Which: error or cancelled
        #[arg(long, default_value = "error")]
        status: String,
    },
    /// Cancel the first waiting message of each of its accounts
    Skip {
        /// The team
        team: String,
    },
}

#[derive(Debug, Args)]
pub(crate) struct WhyArgs {
    #[command(flatten)]
    pub(crate) control: Control,
    /// The account
    pub(crate) account: String,
}

#[derive(Debug, Args)]
pub(crate) struct BackupArgs {
    #[command(flatten)]
    pub(crate) control: Control,
    /// The copy, a new file
    pub(crate) to: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct RestoreArgs {
    /// The copy that `tierwise backup` made
    pub(crate) from: PathBuf,
    /// The store, a new file
    pub(crate) to: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct MoveArgs {
    /// The store in a file of SQLite; nobody may have it open
    pub(crate) from: PathBuf,
    /// A new schema of the PostgreSQL that TIERWISE_POSTGRES names by its URL
    #[arg(default_value = "tierwise")]
    pub(crate) schema: String,
}
