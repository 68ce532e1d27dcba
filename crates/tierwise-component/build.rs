//! Gives the component a stack of its own size, and small code.

/// In bytes. The deepest calls, documents nested to their bound, use less than half of it: the
/// host's tests of those pass with 32,768, too. Beyond its end there is no memory, so that running
/// out of it is a trap.
const STACK_BYTES: u32 = 65_536;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if std::env::var("CARGO_CFG_TARGET_ARCH").is_ok_and(|target| target == "wasm32") {
        println!("cargo::rustc-link-arg-cdylib=-zstack-size={STACK_BYTES}");
        // Calls and addresses take the bytes that they need, not the five that the linker leaves
        // for each of them: a tenth of the code. The linker does not do so where it has to say
        // for a debugger which code is which.
        if std::env::var("DEBUG").is_ok_and(|debug| debug == "false") {
            println!("cargo::rustc-link-arg-cdylib=--compress-relocations");
        }
    }
}
