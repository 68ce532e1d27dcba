//! The direction of dependencies: the core stands on next to nothing, the wire knows no host.

use crate::process::Call;
use crate::project::Project;
use anyhow::Result;
use serde::Deserialize;

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    dependencies: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    name: String,
    /// None for what the crate itself is built with; else `dev` or `build`.
    kind: Option<String>,
}

const CORE: &str = "tierwise";
const WIRE: &str = "tierwise-wire";
/// Everything that the core may be built with.
const CORE_MAY: [&str; 2] = ["chrono", "rust_decimal"];
/// The one package of this repository that the wire may be built with, and what it must not know.
const WIRE_MAY: &str = CORE;
const HOSTS: [&str; 17] = [
    "async-std",
    "async-trait",
    "axum",
    "futures",
    "futures-util",
    "hyper",
    "js-sys",
    "pyo3",
    "reqwest",
    "rusqlite",
    "smol",
    "sqlx",
    "tokio",
    "tower",
    "wasm-bindgen",
    "wasmtime",
    "web-sys",
];

const GUEST: &str = "tierwise-guest";
/// Everything that guests may be built with: what is in one is in its hundred kilobytes.
const GUEST_MAY: [&str; 4] = ["talc", "tierwise", "tierwise-wire", "wit-bindgen"];
const COMPONENT: &str = "tierwise-component";
/// The one thing that the built-in component is.
const COMPONENT_MAY: &str = GUEST;
const COMPONENTIZE: &str = "tierwise-componentize";
const HOST: &str = "tierwise-host";
/// Everything that its host may be built with: neither prices nor HTTP nor databases.
const HOST_MAY: [&str; 2] = ["wasmparser", "wasmtime"];

const LANES: &str = "tierwise-lanes";
const TRANSPORT: &str = "tierwise-transport";
/// The packages of this repository that transports may be built with.
const TRANSPORT_MAY: &str = LANES;
const RUNNER: &str = "tierwise-runner";
/// HTTP is the transports' and the server's.
const HTTP: [&str; 6] = ["axum", "http", "hyper", "hyper-util", "reqwest", "tower"];

const SERVER: &str = "tierwise-server";
/// What is kept, and who decides, is the runner's.
const SERVER_MUST_NOT: [&str; 4] = ["rusqlite", "tierwise-host", "tokio-postgres", "wasmtime"];

pub(crate) fn breaches(project: &Project) -> Result<Vec<String>> {
    let metadata = Call::cargo(project).args(["metadata", "--no-deps", "--format-version", "1"]);
    Ok(judge(&serde_json::from_str(&metadata.output()?)?))
}

fn judge(metadata: &Metadata) -> Vec<String> {
    let mut breaches = Vec::new();
    for package in &metadata.packages {
        let own = package.dependencies.iter().filter(|dependency| dependency.kind.is_none());
        for Dependency { name, .. } in own {
            let reason = match package.name.as_str() {
                CORE if !CORE_MAY.contains(&name.as_str()) => {
                    "the core knows only numbers and days"
                }
                WIRE if HOSTS.contains(&name.as_str()) => "the wire knows no host and no async",
                WIRE if name.starts_with("tierwise") && name != WIRE_MAY => {
                    "the wire stands on the core alone"
                }
                GUEST if !GUEST_MAY.contains(&name.as_str()) => {
                    "a guest knows the core, the wire and its WIT"
                }
                COMPONENT if name != COMPONENT_MAY => "the built-in component is a guest as it is",
                COMPONENTIZE if name.starts_with("tierwise") => {
                    "what makes components knows nothing of what they are made of"
                }
                HOST if !HOST_MAY.contains(&name.as_str()) => {
                    "the host runs components and knows nothing of what they decide"
                }
                LANES => "a lane stands on nothing: no storage, no clock, no threads",
                TRANSPORT if name.starts_with("tierwise") && name != TRANSPORT_MAY => {
                    "a transport knows outcomes, and neither stores nor prices"
                }
                SERVER if SERVER_MUST_NOT.contains(&name.as_str()) => {
                    "the server knows the runner, and neither SQL nor components"
                }
                RUNNER if HTTP.contains(&name.as_str()) => "the runner knows no HTTP",
                _ => continue,
            };
            breaches.push(format!("{} depends on {name}: {reason}", package.name));
        }
    }
    breaches
}

#[cfg(test)]
mod tests {
    use super::{Metadata, judge};
    use anyhow::Result;

    fn breaches(package: &str, dependency: &str, kind: &str) -> Result<usize> {
        let metadata: Metadata = serde_json::from_str(&format!(
            r#"{{"packages":[{{"name":"{package}","dependencies":[
                {{"name":"{dependency}","kind":{kind}}}]}}]}}"#
        ))?;
        Ok(judge(&metadata).len())
    }

    #[test]
    fn dependencies_point_one_way() -> Result<()> {
        assert_eq!(breaches("tierwise", "chrono", "null")?, 0);
        assert_eq!(breaches("tierwise", "serde", "null")?, 1);
        assert_eq!(breaches("tierwise", "proptest", "\"dev\"")?, 0);
        assert_eq!(breaches("tierwise-wire", "serde_json", "null")?, 0);
        assert_eq!(breaches("tierwise-wire", "tierwise", "null")?, 0);
        assert_eq!(breaches("tierwise-wire", "tierwise-server", "null")?, 1);
        assert_eq!(breaches("tierwise-wire", "tokio", "null")?, 1);
        assert_eq!(breaches("tierwise-cli", "tokio", "null")?, 0);
        assert_eq!(breaches("tierwise-guest", "tierwise", "null")?, 0);
        assert_eq!(breaches("tierwise-guest", "serde", "null")?, 1);
        assert_eq!(breaches("tierwise-component", "tierwise-guest", "null")?, 0);
        assert_eq!(breaches("tierwise-component", "tierwise", "null")?, 1);
        assert_eq!(breaches("tierwise-componentize", "tierwise-guest", "null")?, 1);
        assert_eq!(breaches("tierwise-host", "wasmtime", "null")?, 0);
        assert_eq!(breaches("tierwise-host", "tierwise", "null")?, 1);
        assert_eq!(breaches("tierwise-host", "tierwise-wire", "\"dev\"")?, 0);
        assert_eq!(breaches("tierwise-lanes", "tokio", "null")?, 1);
        assert_eq!(breaches("tierwise-transport", "tierwise-lanes", "null")?, 0);
        assert_eq!(breaches("tierwise-transport", "tierwise-runner", "null")?, 1);
        assert_eq!(breaches("tierwise-runner", "rusqlite", "null")?, 0);
        assert_eq!(breaches("tierwise-runner", "hyper", "null")?, 1);
        assert_eq!(breaches("tierwise-server", "axum", "null")?, 0);
        assert_eq!(breaches("tierwise-server", "rusqlite", "null")?, 1);
        Ok(())
    }
}
