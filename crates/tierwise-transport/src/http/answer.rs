//! An answer, and as much of its body as is read.

use std::time::{Duration, SystemTime};

use http_body_util::BodyExt;
use hyper::{
    Response, StatusCode,
    body::Incoming,
    header::{HeaderMap, RETRY_AFTER},
};
use serde::de::DeserializeOwned;
use tokio::time::timeout;

use super::wait::retry_after;

/// As much of a body is read, in bytes. The rest is not waited for.
const MOST: usize = 64 * 1024;
/// So long is a body waited for, once the status is there.
const WITHIN: Duration = Duration::from_secs(5);

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    body: Vec<u8>,
    is_whole: bool,
}

impl Answer {
    /// Reads it. A body that is long, slow or broken takes nothing from the status that came.
    pub(super) async fn read(answer: Response<Incoming>) -> Self {
        let (head, mut incoming) = answer.into_parts();
        let mut body = Vec::new();
        let reading = async {
            while let Some(frame) = incoming.frame().await {
                let Ok(frame) = frame else { return false };
                let Ok(data) = frame.into_data() else { continue };
                let room = MOST.saturating_sub(body.len());
                body.extend_from_slice(&data[..data.len().min(room)]);
                if data.len() > room {
                    return false;
                }
            }
            true
        };
        let is_whole = timeout(WITHIN, reading).await.unwrap_or(false);
        Answer { status: head.status, headers: head.headers, body, is_whole }
    }

    /// Its body, if that is whole and a JSON object of this form.
    pub(crate) fn json<T: DeserializeOwned>(&self) -> Option<T> {
        // A struct would be read from a list, too.
        let is_object = self.body.trim_ascii_start().first() == Some(&b'{');
        if self.is_whole && is_object { serde_json::from_slice(&self.body).ok() } else { None }
    }

    /// Its body as text, for people: nothing that moves a cursor.
    pub(crate) fn text(&self) -> String {
        let kept = &self.body[..self.body.len().min(crate::Detail::MOST)];
        let text = String::from_utf8_lossy(kept);
        let shown = |c: char| if c.is_control() { ' ' } else { c };
        text.trim().chars().map(shown).collect()
    }

    /// How long it asks to wait (`Retry-After`).
    pub(crate) fn wait(&self, now: SystemTime) -> Option<Duration> {
        retry_after(self.headers.get(RETRY_AFTER)?.to_str().ok()?, now)
    }
}
