//! What a transport does.

use std::{future::Future, pin::Pin, sync::Arc};

use crate::{Connecting, Event, Inbox, Outgoing, Report};

/// Carries the messages of accounts to a network. Asked for many accounts at once, and for each
/// account one message at a time.
pub trait Transport: Send + Sync + 'static {
    /// Gives a message to the network. Whoever calls drops the future when the time for an attempt
    /// is over; the attempt is then unknown.
    fn send(&self, message: &Outgoing) -> impl Future<Output = Report> + Send;

    /// Connects an account. What becomes of it comes through the inbox, now or at any time later:
    /// [`Event::Scan`] while somebody is to scan a code, [`Event::Open`] once it can send,
    /// [`Event::Failed`]. Once the future has ended, the network has the login in hand, and no
    /// restart asks for it again; if the program ends before, the account is connected once more,
    /// in a new opening. So whatever is lost with the program belongs into the future. A transport
    /// whose accounts are always connected leaves this out: they are open at once, with a login the
    /// first time.
    fn open(&self, account: &Connecting, inbox: &Inbox) -> impl Future<Output = ()> + Send {
        async {
            inbox.put_of(account, Event::Open { login: !account.has_login }).await;
        }
    }

    /// Disconnects an account, and drops its login if `logout` says so.
    fn close(&self, account: &Connecting, logout: bool) -> impl Future<Output = ()> + Send {
        let _ = (account, logout);
        std::future::ready(())
    }
}

type Pinned<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A [`Transport`] whose type does not matter any more.
#[derive(Clone)]
pub struct AnyTransport(Arc<dyn Erased>);

impl AnyTransport {
    /// Any transport.
    pub fn new(transport: impl Transport) -> Self {
        AnyTransport(Arc::new(transport))
    }

    /// [`Transport::send`].
    pub async fn send(&self, message: &Outgoing) -> Report {
        self.0.send(message).await
    }

    /// [`Transport::open`].
    pub async fn open(&self, account: &Connecting, inbox: &Inbox) {
        self.0.open(account, inbox).await;
    }

    /// [`Transport::close`].
    pub async fn close(&self, account: &Connecting, logout: bool) {
        self.0.close(account, logout).await;
    }
}

impl std::fmt::Debug for AnyTransport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AnyTransport").finish_non_exhaustive()
    }
}

trait Erased: Send + Sync {
    fn send<'a>(&'a self, message: &'a Outgoing) -> Pinned<'a, Report>;
    fn open<'a>(&'a self, account: &'a Connecting, inbox: &'a Inbox) -> Pinned<'a, ()>;
    fn close<'a>(&'a self, account: &'a Connecting, logout: bool) -> Pinned<'a, ()>;
}

impl<T: Transport> Erased for T {
    fn send<'a>(&'a self, message: &'a Outgoing) -> Pinned<'a, Report> {
        Box::pin(Transport::send(self, message))
    }

    fn open<'a>(&'a self, account: &'a Connecting, inbox: &'a Inbox) -> Pinned<'a, ()> {
        Box::pin(Transport::open(self, account, inbox))
    }

    fn close<'a>(&'a self, account: &'a Connecting, logout: bool) -> Pinned<'a, ()> {
        Box::pin(Transport::close(self, account, logout))
    }
}
