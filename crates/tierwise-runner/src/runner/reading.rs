//! The threads that read beside the flushes: lists and numbers hold nobody up.

use std::{
    path::PathBuf,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

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

/// A question to a reader. It says whether the reader may be used again.
pub(super) type Reading = Box<dyn FnOnce(&mut dyn Reader) -> bool + Send>;

/// Where readers of a kind take their questions from.
struct Desk {
    open: OpenReader,
    questions: Mutex<mpsc::Receiver<Reading>>,
    /// How many readers broke: a server that went away has broken all of them.
    broken: AtomicUsize,
}

/// Starts so many threads that read, each over a connection of its own from its first question on.
/// They end when nobody can ask any more.
pub(super) fn start(open: Option<OpenReader>, readers: usize) -> Stored<mpsc::Sender<Reading>> {
    let (sender, questions) = mpsc::channel::<Reading>(WAITING);
    let Some(open) = open else { return Ok(sender) };
    let (questions, broken) = (Mutex::new(questions), AtomicUsize::new(0));
    let desk = Arc::new(Desk { open, questions, broken });
    for _ in 0..readers {
        let desk = desk.clone();
        let name = "tierwise-reader".to_owned();
        let thread = std::thread::Builder::new().name(name).spawn(move || desk.work());
        thread.map_err(|error| StoreError::new("store_failed", error))?;
    }
    Ok(sender)
}

impl Desk {
    fn next(&self) -> Option<Reading> {
        // Whoever waits for a question has the others wait for their turn to do so.
        self.questions.lock().unwrap_or_else(PoisonError::into_inner).blocking_recv()
    }

    fn work(&self) {
        let mut kept: Option<(usize, Box<dyn Reader>)> = None;
        while let Some(reading) = self.next() {
            let broken = self.broken.load(Ordering::Acquire);
            let good = kept.take().filter(|(since, _)| *since == broken);
            let opened = match good {
                Some((_, reader)) => Ok(reader),
                None => (self.open)(),
            };
            match opened {
                Ok(mut reader) => match reading(&mut *reader) {
                    true => kept = Some((broken, reader)),
                    false => drop(self.broken.fetch_add(1, Ordering::AcqRel)),
                },
                // Whoever asked gets no answer.
                Err(error) => tracing::warn!(code = error.code, "no reader: {error}"),
            }
        }
    }
}

/// Nobody answered, and nothing was changed.
pub(super) fn away() -> Failure {
    let message = "the store cannot be read at this moment: try again";
    Failure::Refused(Refusal::new("store_away", 503, message))
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

    /// Whether the store can be read beside the flushes.
    pub(crate) fn has_readers(&self) -> bool {
        !self.countings.is_closed()
    }

    /// The same for what takes longer, and need not hold up the others.
    pub(crate) async fn count<T: Send + 'static>(
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
        let is_quick = !counts_all && asked.is_quick();
        let list = move |reader: &mut dyn Reader| {
            let all = match counts_all {
                true => Some(reader.count_accounts(&team, &asked)?),
                false => None,
            };
            asked.team = Some(team);
            Ok((reader.accounts(&asked)?, all))
        };
        if is_quick { self.read(list).await } else { self.count(list).await }
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

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::{sync::mpsc as channel, time::Duration};

    use tokio::time::timeout;

    use super::*;
    use crate::{
        policy::Policy,
        runner::{QUICK_READERS, Runner, SLOW_READERS, Settings},
        store::{Sqlite, Store as _},
    };

    /// Has a reader busy until what is given back is dropped.
    async fn hold(to: &mpsc::Sender<Reading>) -> channel::Sender<()> {
        let (let_go, held) = channel::channel::<()>();
        let (begin, begun) = oneshot::channel();
        let taken: Reading = Box::new(move |_| begin.send(()).is_ok() && held.recv().is_err());
        to.send(taken).await.unwrap();
        begun.await.unwrap();
        let_go
    }

    #[tokio::test]
    async fn questions_that_take_long_and_quick_ones_do_not_wait_for_each_other() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("queue.db");
        let policy = Arc::new(Policy::messaging().unwrap());
        let runner = Runner::start(move || Sqlite::open(&path), policy, Settings::new([])).await;
        let runner = runner.unwrap();
        let handle = runner.handle();
        let in_time = Duration::from_secs(60);
        let all = || AccountsAsked::all(10);
        let mut held = Vec::new();
        for _ in 0..SLOW_READERS {
            held.push(hold(&handle.countings).await);
        }
        // While one waits for a disk, another reads.
        held.push(hold(&handle.readings).await);
        timeout(in_time, handle.overview()).await.unwrap().unwrap();
        timeout(in_time, handle.accounts_of("team", all(), false)).await.unwrap().unwrap();
        held.clear();
        for _ in 0..QUICK_READERS {
            held.push(hold(&handle.readings).await);
        }
        timeout(in_time, handle.accounts_of("team", all(), true)).await.unwrap().unwrap();
        let named = all().named("a");
        timeout(in_time, handle.accounts_of("team", named, false)).await.unwrap().unwrap();
        timeout(in_time, handle.count(|reader| reader.teams())).await.unwrap().unwrap();
        drop(held);
        runner.stop().await.unwrap();
    }

    /// Readers of an empty store, and how many were opened.
    fn readers(folder: &std::path::Path) -> (OpenReader, Arc<AtomicUsize>) {
        let open = Sqlite::open(&folder.join("queue.db")).unwrap().readers().unwrap();
        let opened = Arc::new(AtomicUsize::new(0));
        let counted = opened.clone();
        let open = move || {
            counted.fetch_add(1, Ordering::SeqCst);
            open()
        };
        (Box::new(open), opened)
    }

    #[test]
    fn a_question_that_takes_long_does_not_hold_up_the_next() {
        let folder = tempfile::tempdir().unwrap();
        let questions = start(Some(readers(folder.path()).0), 2).unwrap();
        let (let_go, held) = channel::channel::<()>();
        let (answer, answered) = channel::channel();
        let slow = Box::new(move |_: &mut dyn Reader| held.recv().is_err());
        questions.blocking_send(slow).unwrap();
        let quick = Box::new(move |reader: &mut dyn Reader| answer.send(reader.teams()).is_ok());
        questions.blocking_send(quick).unwrap();
        let in_time = std::time::Duration::from_secs(60);
        assert_eq!(answered.recv_timeout(in_time).unwrap(), Ok(Vec::new()));
        drop(let_go);
    }

    #[test]
    fn when_one_reader_broke_the_others_are_opened_anew() {
        let folder = tempfile::tempdir().unwrap();
        let (open, opened) = readers(folder.path());
        let questions = start(Some(open), 2).unwrap();
        let both_at_once = |is_good: bool| {
            let together = Arc::new(std::sync::Barrier::new(3));
            for place in 0..2 {
                let together = together.clone();
                let ask = Box::new(move |_: &mut dyn Reader| {
                    together.wait();
                    is_good || place == 1
                });
                questions.blocking_send(ask).unwrap();
            }
            together.wait();
        };
        both_at_once(true);
        both_at_once(true);
        assert_eq!(opened.load(Ordering::SeqCst), 2);
        both_at_once(false);
        // The one that is good may answer once more before the other has said that it broke.
        both_at_once(true);
        both_at_once(true);
        assert_eq!(opened.load(Ordering::SeqCst), 4);
    }
}
