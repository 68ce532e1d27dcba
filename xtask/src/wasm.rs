//! `wasm`: the module for JavaScript and the npm package around it, into `bindings/js/dist`.

use crate::process::Call;
use crate::project::Project;
use crate::setup;
use anyhow::{Context as _, Result, anyhow, bail};
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;
use wasm_bindgen_cli_support::Bindgen;

const CRATE: &str = "tierwise-js";
const NAME: &str = "tierwise";
/// What wasm-bindgen writes, which the package is made from.
const OUT: &str = "bindings/js/pkg";
/// The package as it is published.
const PACKAGE: &str = "bindings/js/dist";
/// What the package is made from besides.
const SOURCES: [&str; 4] = ["src", "build.mjs", "tsconfig.json", "package.json"];
/// Files of the package: the first and the last that are written, and what a page loads.
const BUILT: [&str; 5] = ["tierwise.wasm", "core.js", "browser.js", "client.js", "client.d.cts"];

/// The features that rustc uses by default; `wasm-opt` refuses what it is not told about.
const FEATURES: [&str; 6] = [
    "--enable-bulk-memory",
    "--enable-nontrapping-float-to-int",
    "--enable-sign-ext",
    "--enable-mutable-globals",
    "--enable-multivalue",
    "--enable-reference-types",
];

/// What was built.
pub(crate) struct Module {
    /// The module as it is published.
    pub(crate) wasm: PathBuf,
    /// All JavaScript around it that a page loads, as it is published.
    pub(crate) glue: Vec<PathBuf>,
    /// The client of the service, as a page loads it.
    pub(crate) client: PathBuf,
    /// The same code with the names of its functions, to tell what they weigh.
    pub(crate) named: PathBuf,
}

pub(crate) fn run(project: &Project) -> Result<Module> {
    setup::rust_targets(project)?;
    setup::node_packages(project, setup::BINDING)?;
    let input = compile(project)?;
    let out = project.path(OUT);
    let bound = out.join(format!("{NAME}_bg.wasm"));
    let glue = out.join(format!("{NAME}.js"));
    let types = out.join(format!("{NAME}.d.ts"));
    let named = project.target(format!("wasm-bindgen/{NAME}_named.wasm"));
    let lock = project.path(setup::BINDING).join("package-lock.json");
    let made_from = [input.clone(), lock.clone(), env::current_exe()?];
    if !are_newer(&[&bound, &glue, &types, &named], &made_from)? {
        bind(project, &input, &bound, &named)?;
    }
    let package = project.path(PACKAGE);
    let built = BUILT.map(|name| package.join(name));
    let mut made_from = vec![bound, glue, types, lock];
    for source in SOURCES {
        files(&project.path(setup::BINDING).join(source), &mut made_from)?;
    }
    if !are_newer(&built.each_ref(), &made_from)? {
        Call::new(project, "node").arg("build.mjs").dir(project.path(setup::BINDING)).run()?;
    }
    println!("{PACKAGE} is up to date");
    let [wasm, core, entry, client, _] = built;
    Ok(Module { wasm, glue: vec![entry, core], client, named })
}

/// A file, or all files of a folder and its folders.
fn files(path: &Path, found: &mut Vec<PathBuf>) -> Result<()> {
    if path.is_file() {
        found.push(path.to_path_buf());
        return Ok(());
    }
    for entry in fs::read_dir(path).with_context(|| format!("`{}`", path.display()))? {
        files(&entry?.path(), found)?;
    }
    Ok(())
}

/// Runs Cargo; its own bookkeeping makes this quick when nothing changed.
fn compile(project: &Project) -> Result<PathBuf> {
    Call::cargo(project)
        .args(["build", "--package", CRATE, "--lib", "--profile", "wasm"])
        .args(["--target", setup::WASM_TARGET])
        // `size` reads the names of functions, with their type parameters (v0). `wasm-opt` drops
        // them from what is published.
        .env("CARGO_PROFILE_WASM_STRIP", "debuginfo")
        .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS", "-Csymbol-mangling-version=v0")
        .run()?;
    let built = project.target(Path::new(setup::WASM_TARGET).join("wasm/tierwise.wasm"));
    if !built.is_file() {
        bail!("`{}` was not built: `{CRATE}` must be a cdylib named `{NAME}`", built.display());
    }
    Ok(built)
}

fn bind(project: &Project, input: &Path, module: &Path, named: &Path) -> Result<()> {
    let folder = project.target("wasm-bindgen");
    Bindgen::new()
        .input_path(input)
        .out_name(NAME)
        .web(true)?
        .typescript(true)
        .remove_producers_section(true)
        // Names are read by `size`, which takes them as the compiler wrote them.
        .demangle(false)
        .generate(&folder)
        .map_err(|error| anyhow!("wasm-bindgen: {error:#}"))?;
    let bound = folder.join(format!("{NAME}_bg.wasm"));
    let small = folder.join(format!("{NAME}_small.wasm"));
    optimize(project, &bound, &small, &[])?;
    optimize(project, &bound, named, &["-g"])?;
    let out = project.path(OUT);
    fs::create_dir_all(&out)?;
    for name in [format!("{NAME}.d.ts"), format!("{NAME}.js")] {
        copy(&folder.join(&name), &out.join(&name))?;
    }
    copy(&small, module)
}

fn optimize(project: &Project, from: &Path, to: &Path, more: &[&str]) -> Result<()> {
    let program = project.path(setup::BINDING).join("node_modules/.bin/wasm-opt");
    Call::new(project, program)
        // The module is instantiated with memory of its own, which is empty.
        .args(["-Oz", "--zero-filled-memory", "--strip-producers", "--strip-target-features"])
        .args(FEATURES)
        .args(more)
        .args([from.as_os_str(), "-o".as_ref(), to.as_os_str()])
        .run_quietly()
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    let bytes = fs::read(from).with_context(|| format!("reading `{}`", from.display()))?;
    fs::write(to, bytes).with_context(|| format!("writing `{}`", to.display()))
}

/// True if all files exist and none is older than what it was made from.
fn are_newer(files: &[&PathBuf], made_from: &[PathBuf]) -> Result<bool> {
    let changed = |path: &Path| -> Result<SystemTime> {
        Ok(fs::metadata(path).with_context(|| format!("`{}`", path.display()))?.modified()?)
    };
    let mut newest_source = SystemTime::UNIX_EPOCH;
    for source in made_from {
        newest_source = newest_source.max(changed(source)?);
    }
    for file in files {
        if !file.is_file() || changed(file)? < newest_source {
            return Ok(false);
        }
    }
    Ok(true)
}
