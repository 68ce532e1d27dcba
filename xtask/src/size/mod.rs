//! `size`: what the module for browsers weighs, what each part of it costs, and the bounds.

mod parts;

use crate::project::Project;
use crate::table::{self, grouped};
use crate::wasm;
use anyhow::{Context as _, Result, bail};
use flate2::Compression;
use flate2::write::GzEncoder;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::slice;

/// In bytes, compressed: what a visitor waits for.
const MODULE_BOUND: u64 = 64_000;
const GLUE_BOUND: u64 = 8_000;
const CLIENT_BOUND: u64 = 5_000;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// How many of the largest functions to list.
    #[arg(long, default_value_t = 12)]
    pub(crate) functions: usize,
}

/// Builds the module if it is out of date, prints its sizes and checks them.
pub(crate) fn run(project: &Project, arguments: &Arguments) -> Result<()> {
    let module = wasm::run(project)?;
    let glue = module.glue.iter().map(|path| project.shown(path)).collect::<Vec<_>>().join(" + ");
    let files = [
        (project.shown(&module.wasm), sizes(slice::from_ref(&module.wasm))?, MODULE_BOUND),
        // As it is published: white space and comments are left out, names are not shortened.
        (glue, sizes(&module.glue)?, GLUE_BOUND),
        // Loaded without the module.
        (project.shown(&module.client), sizes(slice::from_ref(&module.client))?, CLIENT_BOUND),
    ];
    let mut rows = Vec::new();
    let mut passed = Vec::new();
    for (name, (raw, gzip), bound) in files {
        let verdict = if gzip <= bound { "ok" } else { "TOO LARGE" };
        if gzip > bound {
            passed.push(format!("{name} has {} bytes, {} allowed", grouped(gzip), grouped(bound)));
        }
        rows.push([name, grouped(raw), grouped(gzip), grouped(bound), verdict.to_owned()]);
    }
    println!();
    table::print(["bytes", "raw", "gzip", "bound", ""], rows);
    println!();
    show_parts(&module.named, arguments.functions)?;
    if !passed.is_empty() {
        bail!("a size bound is passed, compressed: {}", passed.join("; "));
    }
    Ok(())
}

/// The bytes of files together, raw and each compressed.
fn sizes(paths: &[PathBuf]) -> Result<(u64, u64)> {
    let mut sum = (0, 0);
    for path in paths {
        let bytes = fs::read(path).with_context(|| format!("reading `{}`", path.display()))?;
        sum.0 += bytes.len() as u64;
        sum.1 += gzip(&bytes)?.len() as u64;
    }
    Ok(sum)
}

fn gzip(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?)
}

/// The parts by what they cost, then the largest functions.
fn show_parts(named: &Path, functions: usize) -> Result<()> {
    let bytes = fs::read(named).with_context(|| format!("reading `{}`", named.display()))?;
    let weights = parts::weigh(&bytes)?;
    let total: u64 = weights.parts.iter().map(|(_, size)| size).sum();
    let share = |size: u64| {
        let per_mille = size * 1000 / total.max(1);
        format!("{}.{} %", per_mille / 10, per_mille % 10)
    };
    let rows =
        weights.parts.iter().map(|(name, size)| [name.clone(), grouped(*size), share(*size)]);
    let rows = rows.chain([["all".to_owned(), grouped(total), String::new()]]);
    table::print(["part, raw, names left out", "bytes", "share"], rows);
    println!();
    let rows = weights.machinery.iter().map(|(name, size)| [name.clone(), grouped(*size)]);
    table::print(["of that, generic code of the standard library", "bytes"], rows);
    println!();
    let largest = weights.functions.iter().take(functions);
    let rows = largest.map(|(name, size)| [shortened(name), grouped(*size)]);
    table::print(["largest functions", "bytes"], rows);
    Ok(())
}

fn shortened(name: &str) -> String {
    const WIDTH: usize = 84;
    if name.chars().count() <= WIDTH {
        return name.to_owned();
    }
    name.chars().take(WIDTH - 1).chain(['…']).collect()
}
