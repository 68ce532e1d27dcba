//! Invariant 25: SQLite's log, cut at any byte, shows a prefix of commits that holds every one
//! whose last byte is before the cut.
#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests, which count in small numbers"
)]

mod world;

use std::{collections::BTreeSet, fs, path::Path};

use oorandom::Rand64;
use tierwise_lanes::Span;
use tierwise_runner::*;
use tierwise_transport::{Event, Inbound};

/// The log's own head, and that of each page in it.
const HEAD_BYTES: usize = 32;
const FRAME_HEAD_BYTES: usize = 24;

/// Cuts beside those at each boundary.
const RANDOM_CUTS: u64 = 40;

const COMMITS: u64 = 14;

/// Everything that can be read of a store.
fn dump(store: &mut Sqlite) -> String {
    let mut transaction = store.begin().unwrap();
    let ids: Vec<_> = (0..COMMITS * 3).map(|number| format!("m{number}")).collect();
    let ids: Vec<_> = ids.iter().map(String::as_str).collect();
    let mut said = format!("{:?}", transaction.others(Epoch(0)).unwrap());
    for row in transaction.accounts_at(&[AccountKey(1), AccountKey(2)]).unwrap() {
        said += &format!("\n{row:?}\n{:?}", transaction.messages(row.key, &ids).unwrap());
        said += &format!("\n{:?}", transaction.last_decision(row.key).unwrap());
    }
    said + &format!("\n{:?}", transaction.life("team", 0, 50).unwrap())
}

fn open(path: &Path) -> Sqlite {
    Sqlite::open(path).unwrap().with_clock(|| world::START.0)
}

/// What happens in a flush: accounts, then messages for them; each also claims and completes.
fn requests(number: u64, ids: &[String], out: Vec<Request>) -> Vec<Request> {
    let mut requests = out;
    match number {
        0 => {
            let create = || Request::Create(world::account("team", world::PLAIN));
            requests.extend([create(), create()]);
        }
        1 => {
            let event = || Event::Open { login: false };
            let open = |id: &String| Inbound::new(id, event());
            requests.extend(ids.iter().map(|id| Request::Arrived(open(id))));
        }
        _ => {
            let account = ids[number as usize % 2].clone();
            let messages = (0..3).map(|place| world::message(&format!("m{}", number * 3 + place)));
            requests.push(Request::Send {
                account,
                team: None,
                require_open: false,
                messages: messages.collect(),
            });
        }
    }
    requests
}

/// The file and its log after some commits, and how long the log was and what could be read after
/// each of them.
fn written(path: &Path) -> (Vec<u8>, Vec<u8>, Vec<(usize, String)>) {
    let log = path.with_extension("db-wal");
    let length = || fs::metadata(&log).map_or(0, |of| of.len() as usize);
    let mut after = Vec::new();
    let mut note = |engine: &mut Engine| {
        let (length, mut reader) = (length(), CopyOf::new(path));
        let shown = dump(reader.store());
        after.push((length, shown.clone()));
        assert_eq!(engine.epoch(), Epoch(1));
        shown
    };
    let mut engine =
        Engine::start(Box::new(open(path)), world::policy(), Terms::default()).unwrap();
    note(&mut engine);
    let (mut ids, mut out) = (Vec::new(), Vec::new());
    for number in 0..COMMITS {
        let requests = requests(number, &ids, std::mem::take(&mut out));
        let flushed = engine.flush(requests, 5, &|| Span(number)).unwrap();
        let mut accepted = Vec::new();
        for answer in flushed.answers {
            match answer.unwrap() {
                Answer::Created { account, .. } => ids.push(account),
                Answer::Accepted(messages) => accepted.extend(messages),
                _ => {}
            }
        }
        for action in flushed.actions {
            if let Action::Send(sending) = action {
                let (account, fence) = (sending.account, sending.message.fence);
                let report = tierwise_transport::Report::delivered();
                out.push(Request::Completed(Completion { account, fence, report }));
            }
        }
        let shown = note(&mut engine);
        for Accepted { message, .. } in accepted {
            assert!(shown.contains(&format!("{message:?}")), "{message:?} was answered");
        }
    }
    let (file, log) = (fs::read(path).unwrap(), fs::read(&log).unwrap());
    (file, log, after)
}

/// A copy of a store that somebody has open.
struct CopyOf {
    _folder: tempfile::TempDir,
    store: Sqlite,
}

impl CopyOf {
    fn new(path: &Path) -> Self {
        let log = fs::read(path.with_extension("db-wal")).unwrap();
        Self::of(&fs::read(path).unwrap(), &log)
    }

    fn of(file: &[u8], log: &[u8]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("queue.db");
        fs::write(&path, file).unwrap();
        fs::write(path.with_extension("db-wal"), log).unwrap();
        CopyOf { store: open(&path), _folder: folder }
    }

    fn store(&mut self) -> &mut Sqlite {
        &mut self.store
    }
}

#[test]
fn a_log_cut_at_any_byte_shows_a_prefix_of_commits_that_holds_all_answered_ones() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("queue.db");
    let before = dump(&mut open(&path));
    let (file, log, after) = written(&path);
    assert!(after.windows(2).all(|two| two[0].0 < two[1].0 && two[0].1 != two[1].1));

    let page = u32::from_be_bytes(log[8..12].try_into().unwrap()) as usize;
    let frames = (log.len() - HEAD_BYTES) / (FRAME_HEAD_BYTES + page);
    let boundaries = (0..=frames).map(|frame| HEAD_BYTES + frame * (FRAME_HEAD_BYTES + page));
    let mut cuts = BTreeSet::from([0, 1, HEAD_BYTES - 1]);
    for boundary in boundaries {
        cuts.extend([boundary - 1, boundary, boundary + 1]);
    }
    let mut random = Rand64::new(1);
    cuts.extend((0..RANDOM_CUTS).map(|_| random.rand_range(0..log.len() as u64) as usize));
    for cut in cuts.into_iter().filter(|cut| *cut <= log.len()) {
        let whole = after.iter().rfind(|(end, _)| *end <= cut);
        let expected = whole.map_or(&before, |(_, dump)| dump);
        let mut copy = CopyOf::of(&file, &log[..cut]);
        assert_eq!(&dump(copy.store()), expected, "cut at byte {cut} of {}", log.len());
    }
    println!("{frames} pages in {} commits", after.len());
}
