//! A way to a server that fails as networks do: it is cut, it swallows what is sent, it is slow, it
//! breaks at the moment of a commit.

use std::{
    io::{ErrorKind, Read, Write},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream, ToSocketAddrs as _},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering::SeqCst},
    },
    thread,
    time::Duration,
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
    way: Arc<Way>,
}

#[derive(Debug, Default)]
struct Way {
    commit: AtomicU8,
    delay_ms: AtomicU64,
    is_cut: AtomicBool,
    swallows: AtomicBool,
    /// They stay as long as the proxy: what is half open is never closed.
    links: Mutex<Vec<Arc<Link>>>,
}

/// A connection, and the one beyond it.
#[derive(Debug)]
struct Link {
    client: TcpStream,
    server: TcpStream,
    is_swallowed: AtomicBool,
}

impl Proxy {
    pub(crate) fn to(server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let way = Arc::<Way>::default();
        let kept = way.clone();
        thread::spawn(move || {
            // One that comes while the way is cut is closed at once.
            for client in listener.incoming().flatten().filter(|_| !way.is_cut.load(SeqCst)) {
                let server = TcpStream::connect(server).unwrap();
                // What is late is late by the delay alone.
                client.set_nodelay(true).unwrap();
                server.set_nodelay(true).unwrap();
                let is_swallowed = AtomicBool::new(way.swallows.load(SeqCst));
                let link = Arc::new(Link { client, server, is_swallowed });
                way.links.lock().unwrap().push(link.clone());
                if way.is_cut.load(SeqCst) {
                    link.end();
                }
                let (there, back) = (way.clone(), way.clone());
                let other = link.clone();
                thread::spawn(move || carry(&there, &link, &link.client, &link.server, true));
                thread::spawn(move || carry(&back, &other, &other.server, &other.client, false));
            }
        });
        Proxy { address, way: kept }
    }

    /// A way to the server of a URL, and the URL by this way, without TLS: commits are to be seen.
    pub(crate) fn of(url: &str) -> (Self, String) {
        let after = |mark: &str| url.find(mark).map(|place| place + mark.len());
        let begin = after("@").or_else(|| after("://")).unwrap();
        let end = url[begin..].find(['/', '?']).map_or(url.len(), |length| begin + length);
        let server = url[begin..end].to_socket_addrs().unwrap().next().unwrap();
        let proxy = Proxy::to(server);
        let mark = if url.contains('?') { '&' } else { '?' };
        let by = format!("{}{}{}{mark}sslmode=disable", &url[..begin], proxy.address, &url[end..]);
        (proxy, by)
    }

    pub(crate) fn next_commit(&self, what: Commit) {
        self.way.commit.store(what as u8, SeqCst);
    }

    /// Every connection is cut, and none comes about any more.
    pub(crate) fn cut(&self) {
        self.way.is_cut.store(true, SeqCst);
        for link in self.way.links.lock().unwrap().drain(..) {
            link.end();
        }
    }

    /// Nobody hears any more what the other side says on the connections that there are, and on
    /// those that come.
    pub(crate) fn swallow(&self) {
        self.way.swallows.store(true, SeqCst);
        for link in self.way.links.lock().unwrap().iter() {
            link.is_swallowed.store(true, SeqCst);
        }
    }

    /// Each packet takes so long.
    pub(crate) fn delay(&self, by: Duration) {
        self.way.delay_ms.store(by.as_millis() as u64, SeqCst);
    }

    /// New connections are good.
    pub(crate) fn mend(&self) {
        self.next_commit(Commit::Passes);
        self.way.swallows.store(false, SeqCst);
        self.way.is_cut.store(false, SeqCst);
    }
}

impl Link {
    fn end(&self) {
        let _ = self.client.shutdown(Shutdown::Both);
        let _ = self.server.shutdown(Shutdown::Both);
    }
}

/// What a client says that commits.
const COMMIT: &[u8] = b"commit\0";

/// Carries what one side says to the other, until either ends.
fn carry(way: &Way, link: &Link, mut from: &TcpStream, mut to: &TcpStream, is_client: bool) {
    let mut buffer = vec![0; 1 << 16];
    while let Some(read) = read(&mut from, &mut buffer) {
        let delay_ms = way.delay_ms.load(SeqCst);
        if delay_ms > 0 {
            thread::sleep(Duration::from_millis(delay_ms));
        }
        if link.is_swallowed.load(SeqCst) {
            continue;
        }
        let is_commit = is_client && read.windows(COMMIT.len()).any(|part| part == COMMIT);
        let what = if is_commit { way.commit.load(SeqCst) } else { Commit::Passes as u8 };
        if what != Commit::Passes as u8 {
            // First the way back: no answer may slip through.
            let _ = link.client.shutdown(Shutdown::Both);
        }
        if what == Commit::IsLost as u8 || to.write_all(read).is_err() {
            break;
        }
    }
    if link.is_swallowed.load(SeqCst) {
        return;
    }
    // The server may still be at work on what it was told; whoever asks is told no more.
    let _ = if is_client { to.shutdown(Shutdown::Write) } else { to.shutdown(Shutdown::Both) };
}

fn read<'a>(from: &mut &TcpStream, buffer: &'a mut [u8]) -> Option<&'a [u8]> {
    loop {
        match from.read(buffer) {
            Ok(0) => return None,
            Ok(count) => return Some(&buffer[..count]),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(_) => return None,
        }
    }
}
