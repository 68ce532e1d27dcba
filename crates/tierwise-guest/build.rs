//! Gives components a stack of their own size, and small code: the examples of this crate, and the
//! built-in one.

/// In bytes. The deepest calls, documents nested to their bound, use less than half of it: the
/// host's tests of those pass with 32,768, too. Beyond its end there is no memory, so that running
/// out of it is a trap.
const STACK_BYTES: u32 = 65_536;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let is = |name: &str, value: &str| std::env::var(name).is_ok_and(|found| found == value);
    if !is("CARGO_CFG_TARGET_ARCH", "wasm32") {
        return;
    }
    // Of every kind: what Cargo calls examples are programs, and ours are libraries.
    println!("cargo::rustc-link-arg=-zstack-size={STACK_BYTES}");
    // Calls and addresses take the bytes that they need, not the five that the linker leaves for
    // each of them: a tenth of the code. The linker does not do so where it has to say for a
    // debugger which code is which.
    if is("DEBUG", "false") {
        println!("cargo::rustc-link-arg=--compress-relocations");
    }
}
