//! `wasm`: the module for JavaScript and its glue, into `bindings/js/pkg`.

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
const OUT: &str = "bindings/js/pkg";

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
    /// The JavaScript around it.
    pub(crate) glue: PathBuf,
    /// The same code with the names of its functions, to tell what they weigh.
    pub(crate) named: PathBuf,
}

pub(crate) fn run(project: &Project) -> Result<Module> {
    setup::rust_targets(project)?;
    setup::node_packages(project, setup::BINDING)?;
    let input = compile(project)?;
    let out = project.path(OUT);
    let module = Module {
        wasm: out.join(format!("{NAME}_bg.wasm")),
        glue: out.join(format!("{NAME}.js")),
        named: project.target(format!("wasm-bindgen/{NAME}_named.wasm")),
    };
    let types = out.join(format!("{NAME}.d.ts"));
    let lock = project.path(setup::BINDING).join("package-lock.json");
    let made_from = [input.clone(), lock, env::current_exe()?];
    if !are_newer(&[&module.wasm, &module.glue, &module.named, &types], &made_from)? {
        bind(project, &input, &module)?;
    }
    println!("{OUT} is up to date");
    Ok(module)
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

fn bind(project: &Project, input: &Path, module: &Module) -> Result<()> {
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
    optimize(project, &bound, &module.named, &["-g"])?;
    let out = project.path(OUT);
    fs::create_dir_all(&out)?;
    for name in [format!("{NAME}.d.ts"), format!("{NAME}.js")] {
        copy(&folder.join(&name), &out.join(&name))?;
    }
    copy(&small, &module.wasm)
}

fn optimize(project: &Project, from: &Path, to: &Path, more: &[&str]) -> Result<()> {
    let program = project.path(setup::BINDING).join("node_modules/.bin/wasm-opt");
    Call::new(project, program)
        .args(["-Oz", "--strip-producers", "--strip-target-features"])
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
