//! The command line of people: users, refresh tokens, the keys that sign.

use std::path::PathBuf;

use clap::{ArgGroup, Args, Subcommand};

use super::args::{Control, usual_place};

/// What is known of a team.
#[derive(Debug, Args)]
pub(crate) struct TeamKnownArgs {
    /// Its name
    #[arg(long)]
    pub(crate) name: Option<String>,
    /// Where it is, two capital letters
    #[arg(long, value_name = "XX")]
    pub(crate) region: Option<String>,
    /// What else is kept with it, a JSON object
    #[arg(long, value_name = "JSON")]
    pub(crate) metadata: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct UserArgs {
    #[command(flatten)]
    pub(crate) control: Control,
    #[command(subcommand)]
    pub(crate) command: UserCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum UserCommand {
    /// Make a user known
    Create {
        /// Their id
        user: String,
        /// Their name
        #[arg(long, default_value = "")]
        name: String,
    },
    /// List users, by their ids
    List {
        /// Only those in this team
        #[arg(long)]
        team: Option<String>,
        /// Only those whose id comes after this one
        #[arg(long, value_name = "USER")]
        after: Option<String>,
        /// So many at most
        #[arg(long, value_name = "N", default_value = "100")]
        count: u32,
    },
    /// Change a user's name
    Set {
        /// The user
        user: String,
        /// Their name
        #[arg(long)]
        name: String,
    },
    /// Bring a user into a team, or change what they may do there
    Join {
        /// The user
        user: String,
        /// The team
        team: String,
        /// What they may do, like ACCOUNT_READ,PAYMENTS_READ; `all` is every scope
        #[arg(long, value_name = "SCOPE", required = true, value_delimiter = ',')]
        scopes: Vec<String>,
    },
    /// Take a user out of a team; access tokens that they have stay good for an hour at most
    Leave {
        /// The user
        user: String,
        /// The team
        team: String,
    },
}

#[derive(Debug, Args)]
pub(crate) struct TokenArgs {
    #[command(flatten)]
    pub(crate) control: Control,
    #[command(subcommand)]
    pub(crate) command: TokenCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum TokenCommand {
    /// Make a refresh token: it is printed once, and nobody can read it again
    Create {
        /// Whose it is
        #[arg(long)]
        user: String,
    },
    /// List refresh tokens by their numbers, the newest first
    List {
        /// Only this user's
        #[arg(long)]
        user: Option<String>,
        /// Only those with lower numbers
        #[arg(long, value_name = "NUMBER")]
        before: Option<i64>,
        /// So many at most
        #[arg(long, value_name = "N", default_value = "100")]
        count: u32,
    },
    /// Revoke a refresh token, or all of a user
    #[command(group = ArgGroup::new("which").required(true).args(["number", "user"]))]
    Revoke {
        /// The number of the token
        number: Option<i64>,
        /// All of this user instead
        #[arg(long)]
        user: Option<String>,
    },
}

#[derive(Debug, Args)]
pub(crate) struct KeyArgs {
    /// The folder of the keys [default: TIERWISE_KEYS, else tierwise.keys here or in tierwise-data]
    #[arg(
        long,
        global = true,
        value_name = "FOLDER",
        default_value_os_t = usual_place("TIERWISE_KEYS", "tierwise.keys"),
        hide_default_value = true
    )]
    pub(crate) keys: PathBuf,
    #[command(subcommand)]
    pub(crate) command: KeyCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum KeyCommand {
    /// List keys, the one that signs first
    List,
    /// Make a key that verifies, and does not sign yet
    New,
    /// Have a key sign from now on; the others still verify
    Activate {
        /// The key's id
        kid: String,
    },
    /// Remove a key: what it signed is good no more
    Retire {
        /// The key's id
        kid: String,
        /// Though tokens that it signed may still be good
        #[arg(long)]
        now: bool,
    },
}
