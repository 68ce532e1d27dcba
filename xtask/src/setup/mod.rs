//! What the commands need on the machine: each part is quick when it is there already.

mod apt;
mod browser;
mod faketime;
mod load;
mod node;
mod postgres;
mod private_server;
mod python_environment;
mod redis;
mod strace;
mod toolchain;
mod version;

pub(crate) use browser::browser;
pub(crate) use faketime::faketime;
pub(crate) use load::load;
pub(crate) use node::{bench as bench_node, packages as node_packages};
pub(crate) use postgres::{POSTGRES, Postgres};
pub(crate) use private_server::stop_with_servers;
pub(crate) use python_environment::{
    bench_python, binding_python, container_lint, contract_python,
};
pub(crate) use redis::Redis;
pub(crate) use strace::strace;
pub(crate) use toolchain::{BARE_TARGET, WASM_TARGET, rust_targets};
pub(crate) use version::python;

use crate::project::Project;
use anyhow::Result;

/// The folders with npm packages of their own.
pub(crate) const BINDING: &str = "bindings/js";
pub(crate) const PAGE: &str = "www";
pub(crate) const PACKAGING: &str = "tests/packaging";
pub(crate) const BENCH_QUEUE: &str = "tests/bench/queue";

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Also what only `bench` needs: a Python environment with DuckDB, other queues, Redis.
    #[arg(long)]
    bench: bool,
}

pub(crate) fn run(project: &Project, arguments: &Arguments) -> Result<()> {
    rust_targets(project)?;
    python(project)?;
    node_packages(project, BINDING)?;
    node_packages(project, PAGE)?;
    node_packages(project, PACKAGING)?;
    println!("browser: {}", browser(project)?.display());
    println!("PostgreSQL: {}", Postgres::programs(project)?.display());
    strace(project)?;
    faketime(project)?;
    println!("python: {}", project.shown(&binding_python(project)?));
    println!("hadolint: {}", project.shown(&container_lint(project)?));
    if arguments.bench {
        println!("Node of the bench: {}", project.shown(&bench_node(project)?));
        println!("Redis: {}", Redis::program(project)?.display());
        println!("bench: {}", project.shown(&bench_python(project)?));
    }
    Ok(())
}
