//! Whoever sends: a thread for each account, which asks again with the same ids until it is
//! answered, and a log of every answer.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use oorandom::Rand64;
use serde_json::{json, value::to_raw_value};
use tierwise_server::{NewMessageOrder, Order, ServerError, ask};

/// What was accepted: the account and the id of each message, and its number.
pub(crate) type Accepted = BTreeMap<(String, String), u64>;

/// Messages of a request at most.
pub(crate) const MOST_OF_REQUEST: usize = 3;

/// Clients at work.
#[derive(Debug)]
pub(crate) struct Clients {
    accepted: Arc<Mutex<Accepted>>,
    ends: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

impl Clients {
    /// One for each account, each by the socket of a service.
    pub(crate) fn start(socket: &Path, accounts: &[String]) -> Self {
        let (accepted, ends) = (Arc::<Mutex<_>>::default(), Arc::<AtomicBool>::default());
        let thread = |(seed, account): (usize, &String)| {
            let client = Client {
                socket: socket.to_owned(),
                account: account.clone(),
                accepted: Arc::clone(&accepted),
                random: Rand64::new(seed as u128),
                next: 0,
            };
            let ends = Arc::clone(&ends);
            thread::spawn(move || client.work(&ends))
        };
        let threads = accounts.iter().enumerate().map(thread).collect();
        Clients { accepted, ends, threads }
    }

    /// How many messages were accepted.
    pub(crate) fn accepted(&self) -> usize {
        self.accepted.lock().unwrap().len()
    }

    /// Has every client get the answer that it waits for, and gives back all of them.
    pub(crate) fn end(self) -> Accepted {
        self.ends.store(true, Ordering::SeqCst);
        for thread in self.threads {
            thread.join().unwrap();
        }
        std::mem::take(&mut *self.accepted.lock().unwrap())
    }
}

struct Client {
    socket: PathBuf,
    account: String,
    accepted: Arc<Mutex<Accepted>>,
    random: Rand64,
    next: u64,
}

impl Client {
    fn work(mut self, ends: &AtomicBool) {
        while !ends.load(Ordering::SeqCst) {
            let count = 1 + self.random.rand_range(0..MOST_OF_REQUEST as u64);
            let ids: Vec<_> = (0..count).map(|place| format!("m{}", self.next + place)).collect();
            self.next += count;
            let numbers = self.send(&ids);
            let mut accepted = self.accepted.lock().unwrap();
            for (id, number) in ids.into_iter().zip(numbers) {
                let other = accepted.insert((self.account.clone(), id), number);
                assert_eq!(other, None);
            }
            drop(accepted);
            // Not faster than they can go out.
            thread::sleep(Duration::from_millis(10 + self.random.rand_range(0..30)));
        }
    }

    /// Asks until there is an answer: the numbers of the messages.
    fn send(&mut self, ids: &[String]) -> Vec<u64> {
        loop {
            match send(&self.socket, &self.account, ids) {
                Ok(numbers) => return numbers,
                // Nobody is there, or was there and did not answer.
                Err(error) if is_no_answer(&error) => {
                    thread::sleep(Duration::from_millis(1 + self.random.rand_range(0..10)));
                }
                Err(error) => panic!("{error:?}"),
            }
        }
    }
}

/// Asks once.
pub(crate) fn send(socket: &Path, account: &str, ids: &[String]) -> Result<Vec<u64>, ServerError> {
    let message = |id: &String| NewMessageOrder {
        id: Some(id.clone()),
        chat: "chat".to_owned(),
        content: to_raw_value(&json!({ "text": id })).unwrap(),
        note: false,
        due: None,
        cancel_on_reply: false,
    };
    let messages = ids.iter().map(message).collect();
    let answer = ask(socket, &Order::Send { account: account.to_owned(), messages })?;
    Ok(answer.as_array().unwrap().iter().map(|it| it["number"].as_u64().unwrap()).collect())
}

/// Whether nobody was there, or was there and did not answer.
pub(crate) fn is_no_answer(error: &ServerError) -> bool {
    ["not_running", "bad_answer", "runner_gone"].contains(&error.code.as_str())
}
