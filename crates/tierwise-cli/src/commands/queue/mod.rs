//! The service: run it, order things of it while it runs, keep its store.

mod args;
mod keep;
mod orders;
mod people;
mod people_args;
mod run;
mod show;

pub(crate) use args::{
    AccountArgs, BackupArgs, ConfigArgs, Control, MessageArgs, MoveArgs, RestoreArgs, ServeArgs,
    ServiceArgs, TeamArgs, WhyArgs,
};
pub(super) use keep::{move_to_postgres, restore};
pub(super) use orders::{account, backup, control, message, team, why};
pub(super) use people::{key, token, user};
pub(crate) use people_args::{KeyArgs, TokenArgs, UserArgs};
pub(super) use run::{config, run, serve};
