//! The keys of a folder: private keys in files of PEM, `NAME.pem`, and the file `active`, which
//! names the one that signs. All of them verify.

use std::{
    fs::{self, DirBuilder, File},
    io::{self, ErrorKind, Write as _},
    os::unix::fs::{DirBuilderExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use super::{key::Key, token::LIFE_S};
use crate::{error::ServerError, owner::give_to_owner_of};

/// The file that names the key that signs.
const ACTIVE: &str = "active";

/// Keys that a folder may hold.
const MOST_KEYS: usize = 64;

/// The keys of a folder, as they were when it was read.
pub(crate) struct Keyring {
    /// In the order of their ids.
    keys: Vec<(Key, PathBuf)>,
    /// The place of the one that signs.
    active: usize,
}

/// A key as it is listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedKey {
    /// Its id.
    pub kid: String,
    /// Whether it signs.
    pub is_active: bool,
    /// Its public key, PEM.
    pub public_pem: String,
}

fn bad(what: impl std::fmt::Display) -> ServerError {
    ServerError::new("bad_keys", what)
}

fn failed(path: &Path, error: &io::Error) -> ServerError {
    bad(format_args!("`{}`: {error}", path.display()))
}

impl Keyring {
    /// Reads a folder; makes it, with a key that is active, if there is none. Errors: `bad_keys`.
    pub(crate) fn open(folder: &Path) -> Result<Self, ServerError> {
        if files(folder)?.is_empty() {
            let made = DirBuilder::new().recursive(true).mode(0o700).create(folder);
            made.map_err(|error| failed(folder, &error))?;
            let kid = new_key(folder)?;
            // Another service that starts at the same time may have been quicker: then its key is
            // the active one, and this one verifies.
            put(folder, ACTIVE, format!("{kid}\n").as_bytes(), false)?;
            tracing::info!(kid, folder = %folder.display(), "a key that signs tokens was made");
        }
        Self::read(folder)
    }

    /// Reads a folder that is there. Errors: `bad_keys`.
    pub(crate) fn read(folder: &Path) -> Result<Self, ServerError> {
        let files = files(folder)?;
        if files.len() > MOST_KEYS {
            let what = format_args!(
                "`{}` holds {} keys, {MOST_KEYS} at most are expected: retire old ones",
                folder.display(),
                files.len()
            );
            return Err(bad(what));
        }
        let mut keys = Vec::with_capacity(files.len());
        for path in files {
            keys.push((read_key(&path)?, path));
        }
        keys.sort_by(|(one, _), (other, _)| one.kid().cmp(other.kid()));
        keys.dedup_by(|(one, _), (other, _)| one.kid() == other.kid());
        let active = active_of(folder, &keys)?;
        Ok(Keyring { keys, active })
    }

    /// The key that signs.
    pub(crate) fn active(&self) -> Option<&Key> {
        self.keys.get(self.active).map(|(key, _)| key)
    }

    /// A key by its id.
    pub(crate) fn find(&self, kid: &str) -> Option<&Key> {
        let place = self.keys.binary_search_by(|(key, _)| key.kid().cmp(kid)).ok()?;
        self.keys.get(place).map(|(key, _)| key)
    }

    /// All keys, the one that signs first.
    pub(crate) fn listed(&self) -> Vec<ListedKey> {
        let listed = |(place, (key, _)): (usize, &(Key, PathBuf))| ListedKey {
            kid: key.kid().to_owned(),
            is_active: place == self.active,
            public_pem: key.public_pem(),
        };
        let mut all: Vec<_> = self.keys.iter().enumerate().map(listed).collect();
        all.sort_by_key(|key| !key.is_active);
        all
    }
}

/// The place of the key that signs. Errors: `bad_keys`.
fn active_of(folder: &Path, keys: &[(Key, PathBuf)]) -> Result<usize, ServerError> {
    let path = folder.join(ACTIVE);
    let named = match fs::read_to_string(&path) {
        Ok(text) => text.trim().to_owned(),
        // Whoever brings one key means that.
        Err(error) if error.kind() == ErrorKind::NotFound && keys.len() == 1 => return Ok(0),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let what = format_args!(
                "`{}` says of none of its {} keys that it signs: `tierwise key activate` does",
                folder.display(),
                keys.len()
            );
            return Err(bad(what));
        }
        Err(error) => return Err(failed(&path, &error)),
    };
    keys.iter().position(|(key, _)| key.kid() == named).ok_or_else(|| {
        let what = format_args!(
            "`{}` names the key `{named}`, which is not in the folder: `tierwise key activate` \
             names another",
            path.display()
        );
        bad(what)
    })
}

/// The files of keys in a folder; none if the folder is not there.
fn files(folder: &Path) -> Result<Vec<PathBuf>, ServerError> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(failed(folder, &error)),
    };
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.map_err(|error| failed(folder, &error))?.path();
        if path.extension().is_some_and(|extension| extension == "pem") {
            files.push(path);
        }
    }
    Ok(files)
}

/// Errors: `bad_keys`, also if others than its owner may read it.
fn read_key(path: &Path) -> Result<Key, ServerError> {
    let shown = path.display();
    let about = fs::metadata(path).map_err(|error| failed(path, &error))?;
    let mode = about.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        let what = format_args!(
            "the key `{shown}` may be read or written by others than its owner (mode {mode:o}): \
             `chmod 600` it"
        );
        return Err(bad(what));
    }
    let text = fs::read(path).map_err(|error| failed(path, &error))?;
    Key::of_pem(&text).ok_or_else(|| {
        let what = format_args!(
            "`{shown}` is no private key of P-256 in PEM as PKCS#8, `BEGIN PRIVATE KEY`"
        );
        bad(what)
    })
}

/// Puts a file into a folder, whole or not at all, for its owner alone. Whether it did: where it
/// may replace nothing, it does not if the file is there.
fn put(folder: &Path, name: &str, bytes: &[u8], replaces: bool) -> Result<bool, ServerError> {
    let path = folder.join(name);
    let failed = |error: io::Error| failed(&path, &error);
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(failed)?;
    give_to_owner_of(folder, file.as_file()).map_err(failed)?;
    file.write_all(bytes).and_then(|()| file.as_file().sync_all()).map_err(failed)?;
    let placed = if replaces { file.persist(&path) } else { file.persist_noclobber(&path) };
    match placed {
        Ok(_) => {}
        Err(error) if !replaces && error.error.kind() == ErrorKind::AlreadyExists => {
            return Ok(false);
        }
        Err(error) => return Err(failed(error.error)),
    }
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed)?;
    Ok(true)
}

/// A folder that is not there is not the one that was meant. Errors: `bad_keys`.
fn check_is_there(folder: &Path) -> Result<(), ServerError> {
    if folder.is_dir() {
        return Ok(());
    }
    let what = format_args!(
        "there is no folder `{}`: `--keys` names that of the service, which makes it as it starts",
        folder.display()
    );
    Err(bad(what))
}

/// Makes a key that verifies and does not sign yet; its id. Errors: `bad_keys`.
pub fn new_key(folder: &Path) -> Result<String, ServerError> {
    check_is_there(folder)?;
    let none = || bad("the system gives no random bytes");
    let (text, kid) = Key::generate().ok_or_else(none)?;
    put(folder, &format!("{kid}.pem"), text.as_bytes(), false)?;
    Ok(kid)
}

/// The keys of a folder, the one that signs first. Errors: `bad_keys`.
pub fn list_keys(folder: &Path) -> Result<Vec<ListedKey>, ServerError> {
    check_is_there(folder)?;
    if files(folder)?.is_empty() {
        return Ok(Vec::new());
    }
    Ok(Keyring::read(folder)?.listed())
}

/// Has a key sign from the next time on that services read the folder. Errors: `bad_keys`; refused:
/// `not_found`.
pub fn activate_key(folder: &Path, kid: &str) -> Result<(), ServerError> {
    file_of(folder, kid)?;
    put(folder, ACTIVE, format!("{kid}\n").as_bytes(), true).map(drop)
}

/// Removes a key: what it signed is good no more once services read the folder. Errors: `bad_keys`;
/// refused: `not_found`; `key_in_use` if it signs, or if another one signs for so short a time that
/// tokens of this one may be good, unless that is wanted.
pub fn retire_key(folder: &Path, kid: &str, now: bool) -> Result<(), ServerError> {
    let in_use = |what: &dyn std::fmt::Display| ServerError {
        is_refusal: true,
        ..ServerError::new("key_in_use", what)
    };
    let path = file_of(folder, kid)?;
    let keyring = Keyring::read(folder)?;
    if keyring.active().is_some_and(|key| key.kid() == kid) {
        return Err(in_use(&format_args!("the key `{kid}` signs: activate another one first")));
    }
    let active = folder.join(ACTIVE);
    let changed = fs::metadata(&active).and_then(|about| about.modified());
    let since = changed.map_err(|error| failed(&active, &error))?;
    // A time in the future is one of a clock that was set.
    let since = SystemTime::now().duration_since(since).unwrap_or(Duration::ZERO);
    let life = Duration::from_secs(LIFE_S.unsigned_abs());
    if !now && since < life {
        let left = (life - since).as_secs() / 60 + 1;
        return Err(in_use(&format_args!(
            "another key signs for less than an hour: tokens of `{kid}` may be good for {left} \
             minutes more; `--now` ends them"
        )));
    }
    fs::remove_file(&path).map_err(|error| failed(&path, &error))?;
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(|error| failed(folder, &error))
}

/// The file of a key, whatever its name. Errors: `bad_keys`; refused: `not_found`.
fn file_of(folder: &Path, kid: &str) -> Result<PathBuf, ServerError> {
    check_is_there(folder)?;
    for path in files(folder)? {
        if read_key(&path)?.kid() == kid {
            return Ok(path);
        }
    }
    let what = format_args!("there is no key `{kid}` in `{}`", folder.display());
    Err(ServerError { is_refusal: true, ..ServerError::new("not_found", what) })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn folder() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys");
        (folder, path)
    }

    fn code<T>(result: Result<T, ServerError>) -> String {
        result.err().unwrap().code
    }

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn the_first_start_makes_a_key_for_its_owner_alone_and_the_next_ones_keep_it() {
        let (_kept, folder) = folder();
        let first = Keyring::open(&folder).unwrap().listed();
        assert_eq!((first.len(), first[0].is_active), (1, true));
        let file = folder.join(format!("{}.pem", first[0].kid));
        assert_eq!((mode(&folder), mode(&file)), (0o700, 0o600));
        assert_eq!(Keyring::open(&folder).unwrap().listed(), first);
        assert_eq!(list_keys(&folder).unwrap(), first);
    }

    #[test]
    fn a_key_is_changed_in_steps_and_the_old_one_verifies_meanwhile() {
        let (_kept, folder) = folder();
        let old = Keyring::open(&folder).unwrap().listed()[0].kid.clone();
        let signature = Keyring::open(&folder).unwrap().active().unwrap().sign(b"x").unwrap();
        let new = new_key(&folder).unwrap();
        let active = || Keyring::read(&folder).unwrap().active().unwrap().kid().to_owned();
        assert_eq!(active(), old, "a new key does not sign by itself");
        activate_key(&folder, &new).unwrap();
        assert_eq!(active(), new);
        assert!(Keyring::read(&folder).unwrap().find(&old).unwrap().verifies(b"x", &signature));
        assert_eq!(code(retire_key(&folder, &new, true)), "key_in_use");
        // It may have signed a moment ago.
        assert_eq!(code(retire_key(&folder, &old, false)), "key_in_use");
        retire_key(&folder, &old, true).unwrap();
        assert!(Keyring::read(&folder).unwrap().find(&old).is_none());
        assert_eq!(code(retire_key(&folder, &old, true)), "not_found");
        assert_eq!(code(activate_key(&folder, &old)), "not_found");
    }

    #[test]
    fn a_folder_that_is_not_there_is_not_taken_for_one_without_keys() {
        let (_kept, folder) = folder();
        assert_eq!(code(list_keys(&folder)), "bad_keys");
        assert_eq!(code(new_key(&folder)), "bad_keys");
        assert_eq!(code(activate_key(&folder, "kid")), "bad_keys");
        assert_eq!(code(retire_key(&folder, "kid", true)), "bad_keys");
        assert!(!folder.exists());
    }

    #[test]
    fn an_old_key_is_retired_once_its_last_token_has_lapsed() {
        let (_kept, folder) = folder();
        let old = Keyring::open(&folder).unwrap().listed()[0].kid.clone();
        activate_key(&folder, &new_key(&folder).unwrap()).unwrap();
        let active = File::options().write(true).open(folder.join(ACTIVE)).unwrap();
        let ago = |seconds| SystemTime::now() - Duration::from_secs(seconds);
        active.set_modified(ago(3590)).unwrap();
        assert_eq!(code(retire_key(&folder, &old, false)), "key_in_use");
        active.set_modified(ago(3600)).unwrap();
        retire_key(&folder, &old, false).unwrap();
    }

    #[test]
    fn what_is_wrong_in_a_folder_is_named() {
        let (_kept, folder) = folder();
        let kid = Keyring::open(&folder).unwrap().listed()[0].kid.clone();
        let file = folder.join(format!("{kid}.pem"));
        let say = || Keyring::open(&folder).err().unwrap().message;
        fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
        assert!(say().contains("mode 640") && say().contains(&kid), "{}", say());
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
        let other = new_key(&folder).unwrap();
        fs::remove_file(folder.join(ACTIVE)).unwrap();
        assert!(say().contains("none of its 2 keys"), "{}", say());
        fs::remove_file(folder.join(format!("{other}.pem"))).unwrap();
        assert_eq!(Keyring::open(&folder).unwrap().listed()[0].kid, kid, "one alone signs");
        activate_key(&folder, &kid).unwrap();
        fs::write(folder.join(ACTIVE), "another\n").unwrap();
        assert!(say().contains("the key `another`"), "{}", say());
        fs::write(&file, "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n").unwrap();
        assert!(say().contains("PKCS#8"), "{}", say());
    }
}
