//! A server on loopback that answers, or fails to, as a test tells it to.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::mpsc,
};

/// A request as it arrived.
#[derive(Clone, Debug)]
pub(crate) struct Got {
    pub(crate) method: String,
    pub(crate) target: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    /// On which connection, counted from 0.
    pub(crate) connection: usize,
}

impl Got {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).expect("a JSON body")
    }
}

/// How a request is answered.
#[derive(Clone, Debug)]
pub(crate) enum Reply {
    /// Properly; the connection stays.
    Answer { status: u16, headers: Vec<(&'static str, String)>, body: Vec<u8> },
    /// Properly, and the connection ends.
    AnswerAndClose { status: u16 },
    /// With these bytes; then the connection ends.
    Bytes(Vec<u8>),
    /// With these bytes; then nothing more, as long as the other side stays.
    BytesAndSilence(Vec<u8>),
    /// With a reset.
    Reset,
}

impl Reply {
    pub(crate) fn status(status: u16) -> Self {
        Reply::Answer { status, headers: Vec::new(), body: Vec::new() }
    }

    pub(crate) fn json(status: u16, body: &serde_json::Value) -> Self {
        Reply::Answer { status, headers: Vec::new(), body: body.to_string().into_bytes() }
    }

    pub(crate) fn with(status: u16, name: &'static str, value: &str) -> Self {
        Reply::Answer { status, headers: vec![(name, value.to_owned())], body: Vec::new() }
    }

    pub(crate) fn never() -> Self {
        Reply::BytesAndSilence(Vec::new())
    }
}

/// The server. It ends with the runtime of the test.
pub(crate) struct Double {
    pub(crate) address: SocketAddr,
    /// The requests, as they arrive.
    pub(crate) requests: mpsc::UnboundedReceiver<Got>,
    /// A sign for each connection that the other side ended.
    pub(crate) ended: mpsc::UnboundedReceiver<()>,
    connections: Arc<AtomicUsize>,
}

impl Double {
    pub(crate) async fn start(answer: impl Fn(&Got) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let (arrived, requests) = mpsc::unbounded_channel();
        let (end, ended) = mpsc::unbounded_channel();
        let connections = Arc::new(AtomicUsize::new(0));
        let (answer, count) = (Arc::new(answer), Arc::clone(&connections));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let connection = count.fetch_add(1, Ordering::SeqCst);
                let (answer, arrived, end) = (Arc::clone(&answer), arrived.clone(), end.clone());
                tokio::spawn(async move {
                    let _ = stream.set_nodelay(true);
                    serve(stream, connection, &*answer, &arrived).await;
                    let _ = end.send(());
                });
            }
        });
        Double { address, requests, ended, connections }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/hook", self.address)
    }

    /// How many connections there were.
    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    /// The next request.
    pub(crate) async fn next(&mut self) -> Got {
        self.requests.recv().await.expect("a request")
    }
}

/// Answers requests on a connection until either side ends it.
async fn serve(
    mut stream: TcpStream,
    connection: usize,
    answer: &(dyn Fn(&Got) -> Reply + Send + Sync),
    arrived: &mpsc::UnboundedSender<Got>,
) {
    let mut read = Vec::new();
    while let Some(got) = request(&mut stream, &mut read, connection).await {
        let reply = answer(&got);
        let _ = arrived.send(got);
        let stays = match reply {
            Reply::Answer { status, headers, body } => {
                let lines: String =
                    headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
                write(&mut stream, status, &lines, &body).await
            }
            Reply::AnswerAndClose { status } => {
                write(&mut stream, status, "", b"").await;
                false
            }
            Reply::Bytes(bytes) => {
                let _ = stream.write_all(&bytes).await;
                let _ = stream.shutdown().await;
                false
            }
            Reply::BytesAndSilence(bytes) => {
                let _ = stream.write_all(&bytes).await;
                let _ = stream.read(&mut [0; 1]).await;
                false
            }
            Reply::Reset => {
                stream.set_zero_linger().expect("a socket that can be reset");
                false
            }
        };
        if !stays {
            return;
        }
    }
}

async fn write(
    stream: &mut (impl AsyncWrite + Unpin),
    status: u16,
    headers: &str,
    body: &[u8],
) -> bool {
    let length = body.len();
    let head = format!("HTTP/1.1 {status} x\r\n{headers}content-length: {length}\r\n\r\n");
    let whole = [head.as_bytes(), body].concat();
    stream.write_all(&whole).await.is_ok()
}

/// Reads one request; none at the end of the connection. `read` holds what is read already.
pub(crate) async fn request(
    stream: &mut (impl AsyncRead + Unpin),
    read: &mut Vec<u8>,
    connection: usize,
) -> Option<Got> {
    let head = loop {
        if let Some(end) = read.windows(4).position(|window| window == b"\r\n\r\n") {
            break end;
        }
        if stream.read_buf(read).await.ok()? == 0 {
            return None;
        }
    };
    let text = String::from_utf8(read[..head].to_vec()).expect("a head in UTF-8");
    let mut lines = text.split("\r\n");
    let mut first = lines.next().expect("a first line").split(' ');
    let mut got = Got {
        method: first.next().expect("a method").to_owned(),
        target: first.next().expect("a target").to_owned(),
        headers: Vec::new(),
        body: Vec::new(),
        connection,
    };
    for line in lines {
        let (name, value) = line.split_once(':').expect("a header");
        got.headers.push((name.to_lowercase(), value.trim().to_owned()));
    }
    let length = got.header("content-length").map_or(0, |text| text.parse().expect("a length"));
    let whole = head + 4 + length;
    while read.len() < whole {
        if stream.read_buf(read).await.ok()? == 0 {
            return None;
        }
    }
    got.body = read[head + 4..whole].to_vec();
    read.drain(..whole);
    Some(got)
}
