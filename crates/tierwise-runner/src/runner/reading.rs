//! The thread that reads beside the flushes: lists and numbers hold nobody up.

use std::path::PathBuf;

use tokio::sync::{mpsc, oneshot};

use super::{Failure, Handle};
use crate::{
    error::Refusal,
    model::MessageRow,
    store::{
        AccountsAsked, ListedAccount, MessagesAsked, OpenReader, Overview, Reader, StoreError,
        Stored,
    },
};

/// Questions that may wait.
const WAITING: usize = 1024;

/// A question to the reader. It says whether the reader may be used again.
pub(super) type Reading = Box<dyn FnOnce(&mut dyn Reader) -> bool + Send>;

/// Starts the thread. It ends when nobody can ask any more.
pub(super) fn start(open: Option<OpenReader>) -> Stored<mpsc::Sender<Reading>> {
    let (sender, mut receiver) = mpsc::channel::<Reading>(WAITING);
    let Some(open) = open else { return Ok(sender) };
    let work = move || {
        let mut kept: Option<Box<dyn Reader>> = None;
        while let Some(reading) = receiver.blocking_recv() {
            let opened = kept.take().map_or_else(&open, Ok);
            match opened {
                Ok(mut reader) => kept = reading(&mut *reader).then_some(reader),
                // Whoever asked gets no answer.
                Err(error) => tracing::warn!(code = error.code, "no reader: {error}"),
            }
        }
    };
    let thread = std::thread::Builder::new().name("tierwise-reader".to_owned()).spawn(work);
    thread.map_err(|error| StoreError::new("store_failed", error))?;
    Ok(sender)
}

/// Puts a question to a reader, and waits for its answer. Errors: those of reading.
async fn ask<T: Send + 'static>(
    to: &mpsc::Sender<Reading>,
    question: impl FnOnce(&mut dyn Reader) -> Stored<T> + Send + 'static,
) -> Result<T, Failure> {
    let (sender, answer) = oneshot::channel();
    let reading: Reading = Box::new(move |reader| {
        let read = question(reader);
        let is_good = read.is_ok();
        // Whoever asked may have left.
        let _ = sender.send(read);
        is_good
    });
    let away = || {
        let message = "the store cannot be read at this moment: try again";
        Failure::Refused(Refusal::new("store_away", 503, message))
    };
    to.send(reading).await.map_err(|_| away())?;
    let read = answer.await.map_err(|_| away())?;
    read.map_err(|error| {
        let status = match error.code {
            "not_supported" | "file_exists" => 400,
            _ => 503,
        };
        Failure::Refused(Refusal::new(error.code, status, error))
    })
}

impl Handle {
    /// Reads beside the flushes. Errors: those of reading; they end nothing.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        question: impl FnOnce(&mut dyn Reader) -> Stored<T> + Send + 'static,
    ) -> Result<T, Failure> {
        ask(&self.readings, question).await
    }

    /// The same for what takes longer, and need not hold up the others.
    pub(super) async fn count<T: Send + 'static>(
        &self,
        question: impl FnOnce(&mut dyn Reader) -> Stored<T> + Send + 'static,
    ) -> Result<T, Failure> {
        ask(&self.countings, question).await
    }

    /// The queues in numbers. Refused: `store_away`.
    pub async fn overview(&self) -> Result<Overview, Failure> {
        self.read(|reader| reader.overview()).await
    }

    /// The ids of all teams that ever had an account. Refused: `store_away`.
    pub async fn teams(&self) -> Result<Vec<String>, Failure> {
        self.read(|reader| reader.teams()).await
    }

    /// Accounts, the newest first. Refused: `store_away`.
    pub async fn accounts(&self, asked: AccountsAsked) -> Result<Vec<ListedAccount>, Failure> {
        self.read(move |reader| reader.accounts(&asked)).await
    }

    /// An account by its id, archived ones too. Refused: `not_found`, `store_away`.
    pub async fn account(&self, id: &str) -> Result<ListedAccount, Failure> {
        let named = id.to_owned();
        let found = self.read(move |reader| reader.account(&named)).await?;
        Ok(found.ok_or_else(|| Refusal::no_account(id))?)
    }

    /// Accounts of a team, the newest first; and how many there are in all, if that is asked for.
    /// Refused: `store_away`.
    pub async fn accounts_of(
        &self,
        team: &str,
        mut asked: AccountsAsked,
        counts_all: bool,
    ) -> Result<(Vec<ListedAccount>, Option<u64>), Failure> {
        let team = team.to_owned();
        self.read(move |reader| {
            let all = match counts_all {
                true => Some(reader.count_accounts(&team, &asked)?),
                false => None,
            };
            asked.team = Some(team);
            Ok((reader.accounts(&asked)?, all))
        })
        .await
    }

    /// An account of a team. Refused: `not_found`, `store_away`.
    pub async fn account_of(&self, team: &str, id: &str) -> Result<ListedAccount, Failure> {
        let named = id.to_owned();
        let found = self.read(move |reader| reader.account(&named)).await?;
        let found = found.filter(|listed| listed.row.team == team);
        Ok(found.ok_or_else(|| Refusal::no_account(id))?)
    }

    /// Messages of an account, those with the highest numbers first. Refused: `not_found`,
    /// `store_away`.
    pub async fn messages(
        &self,
        account: &str,
        asked: MessagesAsked,
    ) -> Result<Vec<MessageRow>, Failure> {
        let id = account.to_owned();
        let found = self.read(move |reader| {
            let Some(account) = reader.account(&id)? else {
                return Ok(Err(Refusal::no_account(&id)));
            };
            let (mut shown, mut asked) = (Vec::new(), asked);
            let most = usize::try_from(asked.most).unwrap_or(usize::MAX);
            // What is being removed stands between the others, and is not there any more.
            while shown.len() < most {
                let part = reader.messages(account.row.key, &asked)?;
                let is_last = part.len() < most;
                asked.before = part.last().map(|message| message.number).or(asked.before);
                shown.extend(part.into_iter().filter(|message| account.row.shows(message)));
                if is_last {
                    break;
                }
            }
            shown.truncate(most);
            Ok(Ok(shown))
        });
        Ok(found.await??)
    }

    /// Copies the store, as it is at one moment, into a new file, while the runner works. Refused:
    /// `file_exists`, `not_supported` (PostgreSQL), and the errors of a store.
    pub async fn back_up(&self, to: PathBuf) -> Result<(), Failure> {
        self.read(move |reader| reader.back_up(&to)).await
    }
}
