//! The command as its users see it: arguments, files and standard input in; output, errors and exit
//! codes out.

#![expect(clippy::unwrap_used, clippy::panic, reason = "what goes wrong ends the test")]

mod answers;
mod broken_logs;
mod catalogs;
mod large;
mod orders;
mod run;
mod stories;
mod usage;

/// The tier with history, the dearest.
const HISTORY: &str = "unlimited_msg_chat_history";
/// The limited tier, the cheapest.
const LIMITED: &str = "limited_msg_no_chat_history";
