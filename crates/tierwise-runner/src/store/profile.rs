//! What is kept of an account for people: the queue does not read it.

use tierwise_lanes::Moment;

/// What people see of an account.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Profile {
    /// Its name.
    pub nickname: String,
    /// Who created it.
    pub created_by: String,
    /// When any of this, its tier, its settings or its connection last changed.
    pub updated: Moment,
    /// When it was archived.
    pub archived: Option<Moment>,
    /// When somebody last logged in.
    pub last_login: Option<Moment>,
    /// When its login was last dropped.
    pub last_logout: Option<Moment>,
    /// When it was last disconnected.
    pub last_closed: Option<Moment>,
    /// What somebody is to scan; empty if nothing is.
    pub qr: String,
    /// Why connecting failed, JSON; empty if it did not.
    pub error: String,
    /// How far the history of its login has come.
    pub sync: HistorySync,
}

impl Profile {
    /// Changes what a change names.
    pub fn change(&mut self, change: &ProfileChange) {
        let ProfileChange { updated, nickname, qr, error, sync, .. } = change;
        self.updated = *updated;
        self.archived = change.archived.or(self.archived);
        self.last_login = change.last_login.or(self.last_login);
        self.last_logout = change.last_logout.or(self.last_logout);
        self.last_closed = change.last_closed.or(self.last_closed);
        let texts = [(nickname, &mut self.nickname), (qr, &mut self.qr), (error, &mut self.error)];
        for (new, old) in texts {
            if let Some(new) = new {
                old.clone_from(new);
            }
        }
        self.sync = sync.unwrap_or(self.sync);
    }

    /// A name as it is searched in: in lower case.
    pub(crate) fn sought(nickname: &str) -> String {
        nickname.to_lowercase()
    }
}

/// How far the history of a login has come (H1, H2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HistorySync {
    /// How many messages will be kept.
    pub expected: u64,
    /// When the last part came; none if none did.
    pub last: Option<Moment>,
}

/// What changes of a profile; what is none stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProfileChange {
    /// When it changes.
    pub updated: Moment,
    /// Its name.
    pub nickname: Option<String>,
    /// When it was archived.
    pub archived: Option<Moment>,
    /// When somebody logged in.
    pub last_login: Option<Moment>,
    /// When its login was dropped.
    pub last_logout: Option<Moment>,
    /// When it was disconnected.
    pub last_closed: Option<Moment>,
    /// What somebody is to scan.
    pub qr: Option<String>,
    /// Why connecting failed, JSON.
    pub error: Option<String>,
    /// How far the history of its login has come.
    pub sync: Option<HistorySync>,
}
