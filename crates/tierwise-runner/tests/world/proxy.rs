//! A way to a server that can be cut at the moment of a commit.

use std::{
    io::{ErrorKind, Read, Write},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering::SeqCst},
    },
    thread,
};

/// What becomes of the next commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Commit {
    /// It goes through.
    Passes = 0,
    /// The connection is cut before the server hears of it.
    IsLost = 1,
    /// The connection is cut before the server's answer arrives.
    IsNotAnswered = 2,
}

/// Forwards connections of this machine to a server.
#[derive(Debug)]
pub(crate) struct Proxy {
    pub(crate) address: SocketAddr,
    commit: Arc<AtomicU8>,
}

impl Proxy {
    pub(crate) fn to(server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let commit = Arc::new(AtomicU8::new(0));
        let of_connections = commit.clone();
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let server = TcpStream::connect(server).unwrap();
                let (back, forth) = (server.try_clone().unwrap(), client.try_clone().unwrap());
                let commit = of_connections.clone();
                thread::spawn(move || forward(client, server, &commit));
                thread::spawn(move || copy(back, forth));
            }
        });
        Proxy { address, commit }
    }

    pub(crate) fn next_commit(&self, what: Commit) {
        self.commit.store(what as u8, SeqCst);
    }
}

/// What a client says that commits.
const COMMIT: &[u8] = b"commit\0";

fn forward(mut client: TcpStream, mut server: TcpStream, commit: &AtomicU8) {
    let mut buffer = vec![0; 1 << 16];
    while let Some(read) = read(&mut client, &mut buffer) {
        let is_commit = read.windows(COMMIT.len()).any(|part| part == COMMIT);
        let what = if is_commit { commit.load(SeqCst) } else { Commit::Passes as u8 };
        if what != Commit::Passes as u8 {
            // First the way back: no answer may slip through.
            let _ = client.shutdown(Shutdown::Both);
        }
        if what == Commit::IsLost as u8 || server.write_all(read).is_err() {
            break;
        }
    }
    let _ = server.shutdown(Shutdown::Write);
}

fn copy(mut from: TcpStream, mut to: TcpStream) {
    let mut buffer = vec![0; 1 << 16];
    while let Some(read) = read(&mut from, &mut buffer) {
        if to.write_all(read).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Both);
}

fn read<'a>(from: &mut TcpStream, buffer: &'a mut [u8]) -> Option<&'a [u8]> {
    loop {
        match from.read(buffer) {
            Ok(0) => return None,
            Ok(count) => return Some(&buffer[..count]),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(_) => return None,
        }
    }
}
