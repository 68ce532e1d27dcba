//! Builds the component that the host carries.

use std::{env, error::Error, fs, path::PathBuf};

fn main() -> Result<(), Box<dyn Error>> {
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("Cargo names no OUT_DIR")?);
    let profile = out.ancestors().nth(3).unwrap_or(&out);
    let built = tierwise_componentize::built_in(profile.parent().unwrap_or(profile))?;
    for source in built.sources {
        println!("cargo::rerun-if-changed={}", source.display());
    }
    println!("cargo::rerun-if-changed=build.rs");
    fs::write(out.join("tierwise.wasm"), &built.component)?;
    // For whoever loads it in a wasmtime of their own.
    fs::write(profile.join("tierwise.wasm"), &built.component)?;
    Ok(())
}
