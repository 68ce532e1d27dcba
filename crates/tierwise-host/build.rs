//! Builds the component that the host carries: the guest for wasm with a Cargo call of its own,
//! then its encoding as a component.

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

const GUEST: &str = "tierwise-component";
const GUEST_TARGET: &str = "wasm32-unknown-unknown";
/// The profile of the workspace that is made to be small.
const PROFILE: &str = "wasm";
/// What the outer Cargo tells this script, or was told itself, and would make the guest another
/// one: it is the same whatever is built around it, and however.
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

fn main() -> Result<(), Box<dyn Error>> {
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("Cargo names no OUT_DIR")?);
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent().ok_or("no folder of crates")?;
    let root = crates.parent().ok_or("no folder of the workspace")?;
    // Beside the profiles of the outer build, so that all of them share it; and not among their
    // files, whose lock the outer Cargo holds.
    let profile = out.ancestors().nth(3).unwrap_or(&out);
    let target = profile.parent().unwrap_or(profile).join(GUEST);
    let built = target.join(GUEST_TARGET).join(PROFILE);
    let module = built.join("tierwise_component.wasm");

    compile(root, &target)?;
    watch(root, &built.join("tierwise_component.d"))?;

    let module = fs::read(&module).map_err(|error| format!("{}: {error}", module.display()))?;
    let component = ComponentEncoder::default().validate(true).module(&module)?.encode()?;
    let component = without_notes(&component)?;
    fs::write(out.join("tierwise.wasm"), &component)?;
    // For whoever loads it in a wasmtime of their own.
    fs::write(profile.join("tierwise.wasm"), &component)?;
    Ok(())
}

fn compile(root: &Path, target: &Path) -> Result<(), Box<dyn Error>> {
    let cargo = env::var_os("CARGO").ok_or("Cargo names no CARGO")?;
    let mut call = Command::new(cargo);
    call.current_dir(root)
        .args(["build", "--locked", "--package", GUEST, "--lib"])
        .args(["--profile", PROFILE, "--target", GUEST_TARGET, "--target-dir"])
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
    let mut message = format!("the component `{GUEST}` was not built:\n{said}");
    if said.contains("can't find crate for `core`") || said.contains("can't find crate for `std`") {
        message = format!(
            "the component `{GUEST}` is built for {GUEST_TARGET}, which this toolchain lacks: run \
             `rustup target add {GUEST_TARGET}` and build again"
        );
    }
    Err(message.into())
}

/// A component without what only debuggers read: names of its parts, and what made them. Those of
/// its types and functions are no such notes.
fn without_notes(component: &[u8]) -> Result<Vec<u8>, Box<dyn Error>> {
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

/// Tells Cargo what the guest is made from: the files that its compiler read, which it lists as a
/// rule of make, and what says how they are built.
fn watch(root: &Path, rule: &Path) -> Result<(), Box<dyn Error>> {
    let text = fs::read_to_string(rule).map_err(|error| format!("{}: {error}", rule.display()))?;
    let (_, sources) = text.split_once(": ").ok_or("the list of the guest's files is no rule")?;
    // A space within a name is escaped.
    let sources = sources.trim_end().replace("\\ ", "\0");
    for source in sources.split(' ') {
        println!("cargo::rerun-if-changed={}", source.replace('\0', " "));
    }
    for manifest in ["Cargo.toml", "Cargo.lock", "rust-toolchain.toml", ".cargo/config.toml"] {
        println!("cargo::rerun-if-changed={}", root.join(manifest).display());
    }
    for name in ["tierwise", "tierwise-wire", GUEST] {
        let manifest = root.join("crates").join(name).join("Cargo.toml");
        println!("cargo::rerun-if-changed={}", manifest.display());
    }
    println!("cargo::rerun-if-changed=build.rs");
    Ok(())
}
