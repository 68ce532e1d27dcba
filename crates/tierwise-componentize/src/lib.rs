//! Builds this repository's guests for wasm, with a Cargo call of its own, and makes components of
//! them: the one that the host carries, and the ready policies.
//!
//! A guest is the same whatever is built around it, and however. So the target folder is one of its
//! own, too, whose lock no outer Cargo holds.

use std::{
    env,
    error::Error,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use wasm_encoder::RawSection;
use wasmparser::{Parser, Payload};
use wit_component::ComponentEncoder;

const BUILT_IN: &str = "tierwise-component";
const GUEST: &str = "tierwise-guest";
const TARGET: &str = "wasm32-unknown-unknown";
/// The profile of the workspace that is made to be small.
const PROFILE: &str = "wasm";
/// What an outer Cargo tells its build scripts and tests, or was told itself, and would make a
/// guest another one.
const LEAKS: [&str; 15] = [
    "CARGO_BUILD_",
    "CARGO_CFG_",
    "CARGO_ENCODED_RUSTFLAGS",
    "CARGO_FEATURE_",
    // Not together with link-time optimisation.
    "CARGO_INCREMENTAL",
    "CARGO_MAKEFLAGS",
    "CARGO_PKG_",
    "CARGO_PROFILE_",
    "CARGO_TARGET_",
    "CARGO_UNSTABLE_",
    "MAKEFLAGS",
    "MFLAGS",
    "RUSTC_",
    "RUSTFLAGS",
    "TARGET",
];

/// The ready policies: the examples of `tierwise-guest`.
pub const POLICIES: [&str; 4] = ["jitter", "pair_limit", "quiet_hours", "warm_up"];

/// Why there is no component.
pub type Failure = Box<dyn Error>;

/// A component, and what it is made of.
#[derive(Debug)]
pub struct Built {
    /// Its bytes, without what only debuggers read.
    pub component: Vec<u8>,
    /// The files that its compiler read, and what says how they are built.
    pub sources: Vec<PathBuf>,
}

/// The folder within Cargo's target folder that guests are built in: beside the profiles of outer
/// builds, so that all of them share it.
pub fn folder(target: &Path) -> PathBuf {
    target.join(BUILT_IN)
}

/// Builds the component that the host carries, in the [`folder`] of a target folder.
///
/// # Errors
/// If Cargo does not build it; the toolchain lacks the target, for example.
pub fn built_in(target: &Path) -> Result<Built, Failure> {
    let target = folder(target);
    compile(&target, BUILT_IN, "--lib")?;
    let built = target.join(TARGET).join(PROFILE);
    let component = encoded(&built.join("tierwise_component.wasm"))?;
    let mut sources = listed(&built.join("tierwise_component.d"))?;
    for name in ["Cargo.toml", "Cargo.lock", "rust-toolchain.toml", ".cargo/config.toml"] {
        sources.push(root().join(name));
    }
    for name in ["tierwise", "tierwise-wire", GUEST, BUILT_IN] {
        sources.push(root().join("crates").join(name).join("Cargo.toml"));
    }
    sources.push(root().join("crates").join(GUEST).join("build.rs"));
    Ok(Built { component, sources })
}

/// Builds the ready policies in the [`folder`] of a target folder: the components, in the order of
/// [`POLICIES`].
///
/// # Errors
/// As for [`built_in`].
pub fn policies(target: &Path) -> Result<[Vec<u8>; POLICIES.len()], Failure> {
    let target = folder(target);
    compile(&target, GUEST, "--examples")?;
    let built = target.join(TARGET).join(PROFILE).join("examples");
    let mut components = [const { Vec::new() }; POLICIES.len()];
    for (name, component) in POLICIES.iter().zip(&mut components) {
        *component = encoded(&built.join(name).with_extension("wasm"))?;
    }
    Ok(components)
}

/// The top of the repository.
fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

fn compile(target: &Path, package: &str, what: &str) -> Result<(), Failure> {
    let mut call = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    call.current_dir(root())
        .args(["build", "--locked", "--package", package, what])
        .args(["--profile", PROFILE, "--target", TARGET, "--target-dir"])
        .arg(target);
    for (name, _) in env::vars_os() {
        let leaks = |text: &str| LEAKS.iter().any(|leak| text.starts_with(leak));
        if name.to_str().is_some_and(leaks) {
            call.env_remove(name);
        }
    }
    let output = call.output().map_err(|error| format!("Cargo could not be started: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let mut message = format!("the guest `{package}` was not built:\n{said}");
    if said.contains("can't find crate for `core`") || said.contains("can't find crate for `std`") {
        message = format!(
            "the guest `{package}` is built for {TARGET}, which this toolchain lacks: run \
             `rustup target add {TARGET}` and build again"
        );
    }
    Err(message.into())
}

fn encoded(module: &Path) -> Result<Vec<u8>, Failure> {
    let bytes = fs::read(module).map_err(|error| format!("{}: {error}", module.display()))?;
    let component = ComponentEncoder::default().validate(true).module(&bytes)?.encode()?;
    without_notes(&component)
}

/// A component without what only debuggers read: names of its parts, and what made them. Those of
/// its types and functions are no such notes.
fn without_notes(component: &[u8]) -> Result<Vec<u8>, Failure> {
    let mut kept = wasm_encoder::Component::new();
    let mut depth = 0_usize;
    for payload in Parser::new(0).parse_all(component) {
        let payload = payload?;
        if depth == 0
            && let Some((id, range)) = payload.as_section()
            && !matches!(payload, Payload::CustomSection(_))
        {
            let range = usize::try_from(range.start)?..usize::try_from(range.end)?;
            let data = component.get(range).ok_or("a section goes on beyond the component")?;
            kept.section(&RawSection { id, data });
        }
        match payload {
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
            Payload::End(_) => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    Ok(kept.finish())
}

/// The files that a compiler read, which it lists as a rule of make.
fn listed(rule: &Path) -> Result<Vec<PathBuf>, Failure> {
    let text = fs::read_to_string(rule).map_err(|error| format!("{}: {error}", rule.display()))?;
    let (_, sources) = text.split_once(": ").ok_or("the list of the guest's files is no rule")?;
    // A space within a name is escaped.
    let sources = sources.trim_end().replace("\\ ", "\0");
    Ok(sources.split(' ').map(|source| PathBuf::from(source.replace('\0', " "))).collect())
}
