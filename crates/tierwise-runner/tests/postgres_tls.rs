//! TLS to PostgreSQL: who is trusted, and what is refused. `TIERWISE_POSTGRES` names a server on
//! this machine that the tests may turn TLS on of, as `cargo xtask postgres` starts one.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod world;

use std::{
    fs,
    io::{Read as _, Write as _},
    net::TcpListener,
    os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown},
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use tempfile::TempDir;
use tierwise_runner::*;
use world::schema::Schema;

/// The only name of the server's certificate.
const HOST: &str = "localhost";

/// An authority of certificates.
struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
}

impl Authority {
    fn new(name: &str) -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let pem = params.self_signed(&key).unwrap().pem();
        Authority { issuer: Issuer::new(params, key), pem }
    }
}

/// The server with TLS on, and a certificate that was made for the test.
struct Guarded {
    schema: Schema,
    /// The authority of its certificate, and another one.
    own: PathBuf,
    other: PathBuf,
    _folder: TempDir,
    _alone: MutexGuard<'static, ()>,
}

impl Guarded {
    fn new() -> Self {
        static ONE: Mutex<()> = Mutex::new(());
        let alone = ONE.lock().unwrap_or_else(PoisonError::into_inner);
        let schema = Schema::new();
        drop(schema.open());
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = folder.path().join(name);
            fs::write(&path, text).unwrap();
            path
        };
        let (authority, other) = (Authority::new("own"), Authority::new("other"));
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec![HOST.to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &authority.issuer).unwrap();
        let certificate = write("server.pem", &certificate.pem());
        let secret = write("server.key", &key.serialize_pem());
        give(&schema, &[&secret, folder.path()]);
        let (own, other) = (write("own.pem", &authority.pem), write("other.pem", &other.pem));
        let guarded = Guarded { schema, own, other, _folder: folder, _alone: alone };
        guarded.set("ssl_cert_file", &format!("'{}'", certificate.display()));
        guarded.set("ssl_key_file", &format!("'{}'", secret.display()));
        guarded.set("ssl", "on");
        guarded.reload(|| Postgres::connect(&guarded.url(HOST, "require"), &guarded.schema.name));
        guarded
    }

    fn set(&self, name: &str, to: &str) {
        self.schema.run(&format!("alter system set {name} = {to}"));
    }

    /// Has the settings take effect, and waits until that is seen.
    fn reload<T, E: std::fmt::Display>(&self, is_seen: impl Fn() -> Result<T, E>) {
        self.schema.run("select pg_reload_conf()");
        let begun = Instant::now();
        while let Err(error) = is_seen() {
            assert!(begun.elapsed() < Duration::from_secs(10), "TLS is not on: {error}");
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// The server under a name, in a mode, for a session that is called as the schema is.
    fn url(&self, host: &str, mode: &str) -> String {
        let Schema { url, name } = &self.schema;
        let url = url.replace("127.0.0.1", host);
        format!("{url}?hostaddr=127.0.0.1&application_name={name}&sslmode={mode}")
    }

    /// Whether a connection is by TLS.
    fn is_by_tls(&self, url: &str) -> Stored<bool> {
        let store = Postgres::connect(url, &self.schema.name)?;
        let sql = format!(
            "select count(*) from pg_stat_ssl join pg_stat_activity using (pid) where \
             application_name = '{}' and ssl",
            self.schema.name
        );
        let is_by_tls = self.schema.count(&sql) == 1;
        drop(store);
        // The next one is looked for alone.
        let begun = Instant::now();
        while self.schema.count(&sql.replace(" and ssl", "")) > 0 {
            assert!(begun.elapsed() < Duration::from_secs(10), "a session does not end");
            thread::sleep(Duration::from_millis(5));
        }
        Ok(is_by_tls)
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        if !thread::panicking() {
            for name in ["ssl", "ssl_cert_file", "ssl_key_file"] {
                self.schema.run(&format!("alter system reset {name}"));
            }
            self.schema.run("select pg_reload_conf()");
        }
    }
}

/// Gives files to the user that the server runs as: it takes no key that others could read.
fn give(schema: &Schema, paths: &[&Path]) {
    let session = schema.open();
    let pid = "select pid::bigint from pg_stat_activity where application_name = current_schema()";
    let server = fs::metadata(format!("/proc/{}", schema.count(pid))).unwrap();
    drop(session);
    for path in paths {
        let mode = if path.is_dir() { 0o711 } else { 0o600 };
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
        if fs::metadata(path).unwrap().uid() != server.uid() {
            chown(path, Some(server.uid()), Some(server.gid())).unwrap();
        }
    }
}

fn by(url: &str, authority: &Path) -> String {
    format!("{url}&sslrootcert={}", authority.display())
}

fn untrusted(server: &Guarded, url: &str) -> String {
    let error = server.is_by_tls(url).unwrap_err();
    assert_eq!(error.code, "store_untrusted", "{url}: {error}");
    error.message
}

#[test]
fn a_server_whose_authority_is_named_is_trusted_and_no_other() {
    let server = Guarded::new();
    for mode in ["prefer", "require", "verify-ca", "verify-full"] {
        let url = server.url(HOST, mode);
        assert_eq!(server.is_by_tls(&by(&url, &server.own)), Ok(true), "{mode}");
        let why = untrusted(&server, &by(&url, &server.other));
        assert!(why.contains("UnknownIssuer"), "{mode}: {why}");
        assert!(why.contains("`sslrootcert`"), "{mode}: {why}");
    }
}

#[test]
fn a_host_that_the_certificate_does_not_name_is_refused_where_it_is_checked() {
    let server = Guarded::new();
    let url = |mode| by(&server.url("127.0.0.1", mode), &server.own);
    assert_eq!(server.is_by_tls(&url("verify-ca")), Ok(true));
    let why = untrusted(&server, &url("verify-full"));
    assert!(why.contains("127.0.0.1"), "{why}");
    assert!(why.contains(HOST), "{why}");
}

#[test]
fn whoever_the_server_is_the_words_are_hidden_where_it_can_hide_them() {
    let server = Guarded::new();
    let is_by_tls = |mode| server.is_by_tls(&server.url(HOST, mode));
    assert_eq!(is_by_tls("require"), Ok(true));
    assert_eq!(is_by_tls("prefer"), Ok(true));
    assert_eq!(is_by_tls("disable"), Ok(false));
    // No authority that this machine knows has signed it.
    let why = untrusted(&server, &server.url(HOST, "verify-full"));
    assert!(why.contains("UnknownIssuer"), "{why}");
}

#[test]
fn a_server_without_tls_is_told_nothing_where_tls_is_required() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let server = thread::spawn(move || {
        let (mut client, _) = listener.accept().unwrap();
        let mut asked = [0; 8];
        client.read_exact(&mut asked).unwrap();
        client.write_all(b"N").unwrap();
        let mut told = Vec::new();
        client.read_to_end(&mut told).unwrap();
        told
    });
    let url = format!("postgresql://somebody:secret@{address}/database?sslmode=require");
    let error = Postgres::connect(&url, "queue").unwrap_err();
    assert_eq!(error.code, "store_untrusted", "{error}");
    assert!(error.message.contains("does not support TLS"), "{error}");
    assert_eq!(server.join().unwrap(), b"", "neither who asks nor for what");
}
