//! Bytes become a checked component first: only what fits the world is ever run.

use std::sync::Arc;

use wasmparser::{Chunk, Parser, Payload};
use wasmtime::{
    Engine,
    component::{Component, InstancePre, Linker},
};

use crate::{
    bindings::{Policy, PolicyPre},
    engine::{Held, Origin, engine},
    error::{Code, Error},
    instance::{Instance, failure, new_store},
    limits,
    types::another_function,
};

/// The component that this crate is built with: the engine of Tierwise, as it would stand in a file
/// `tierwise.wasm`. Any runtime that knows the component model loads it, with nothing linked to it.
pub const BUILT_IN: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/tierwise.wasm"));

const BUILD_HELP: &str = "build it against the world `tierwise:policy/policy` of `policy.wit`";

/// A component that may be run: it is whole, asks for nothing, exports the world, and starts.
///
/// Cheap to clone; usable from many threads.
#[derive(Clone)]
pub struct CheckedComponent(Arc<Checked>);

struct Checked {
    engine: Engine,
    pre: PolicyPre<Held>,
}

impl CheckedComponent {
    /// Checks and compiles a component, on all processors. [`BUILT_IN`] is what
    /// [`built_in`](Self::built_in) gives, wherever its bytes come from; any other takes some three
    /// times as long for its size, and pays fuel for each byte that it copies.
    ///
    /// Errors, in this order: `empty_component`, `component_too_large`, `not_wasm`, `core_module`,
    /// `truncated_component`, `invalid_component`, `component_imports`, `wrong_world`; and those of
    /// starting it once: `fuel_exhausted`, `memory_exhausted`, `stack_exhausted`,
    /// `component_trapped`, `host_failure`.
    ///
    /// ```
    /// use tierwise_host::{CheckedComponent, Code};
    /// let error = CheckedComponent::check(b"%PDF-1.7").unwrap_err();
    /// assert_eq!(error.host_code(), Some(Code::NotWasm));
    /// ```
    pub fn check(bytes: &[u8]) -> Result<Self, Error> {
        check_shape(bytes)?;
        let origin = if bytes == BUILT_IN { Origin::BuiltIn } else { Origin::Foreign };
        let engine = engine(origin, origin.compiler());
        let engine = engine.map_err(|error| failure(&error, Code::HostFailure))?;
        Self::compile(engine, bytes)
    }

    /// The component that this crate is built with, [`BUILT_IN`], compiled. Errors: `host_failure`.
    pub fn built_in() -> Result<Self, Error> {
        Self::check(BUILT_IN)
    }

    fn compile(engine: Engine, bytes: &[u8]) -> Result<Self, Error> {
        let component = Component::from_binary(&engine, bytes).map_err(|error| {
            Error::new(Code::InvalidComponent, format_args!("not a component: {error:#}"), "")
        })?;
        check_imports(&engine, &component)?;
        // Nothing is ever put into the linker: that a component starts all the same is the proof
        // that it reaches nothing outside.
        let linker = Linker::new(&engine);
        let unfit = |error| failure(&error, Code::InvalidComponent);
        let pre: InstancePre<Held> = linker.instantiate_pre(&component).map_err(unfit)?;
        let wrong_world = |error: wasmtime::Error| {
            let message = format_args!("another world than `tierwise:policy/policy`: {error:#}");
            Error::new(Code::WrongWorld, message, BUILD_HELP)
        };
        let policy = PolicyPre::new(pre.clone()).map_err(wrong_world)?;
        let mut store = new_store(&engine)?;
        let trial = pre.instantiate(&mut store).map_err(|e| failure(&e, Code::HostFailure))?;
        Policy::new(&mut store, &trial).map_err(|error| {
            wrong_world(match another_function(&engine, &component) {
                Some(name) => error.context(format!("the type of `{name}`")),
                None => error,
            })
        })?;
        Ok(CheckedComponent(Arc::new(Checked { engine, pre: policy })))
    }

    /// A fresh instance: nothing of earlier calls is in it.
    pub(crate) fn instance(&self) -> Result<Instance, Error> {
        let mut store = new_store(&self.0.engine)?;
        let policy = self.0.pre.instantiate(&mut store);
        let policy = policy.map_err(|error| failure(&error, Code::HostFailure))?;
        Ok(Instance::new(store, policy))
    }
}

impl std::fmt::Debug for CheckedComponent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CheckedComponent").finish_non_exhaustive()
    }
}

/// What can be said of the bytes without compiling them.
fn check_shape(bytes: &[u8]) -> Result<(), Error> {
    if bytes.is_empty() {
        return Err(Error::new(Code::EmptyComponent, "there are no bytes", BUILD_HELP));
    }
    let (size, most) = (bytes.len(), limits::COMPONENT_BYTES);
    if size > most {
        let message = format_args!("the component has {size} bytes, {most} are allowed");
        return Err(Error::new(Code::ComponentTooLarge, message, ""));
    }
    if Parser::is_core_wasm(bytes) {
        let help = "make it a component, as `wasm-tools component new` does";
        return Err(Error::new(Code::CoreModule, "a core module is not a component", help));
    }
    if !Parser::is_component(bytes) {
        let message = "the bytes do not begin as those of a component";
        return Err(Error::new(Code::NotWasm, message, BUILD_HELP));
    }
    if ends_early(bytes) {
        let message = format_args!("the component goes on after its {size} bytes");
        return Err(Error::new(Code::TruncatedComponent, message, "load the whole file"));
    }
    Ok(())
}

/// Whether a part of the component says that it goes on beyond the bytes. What is wrong otherwise
/// is found by compiling.
fn ends_early(bytes: &[u8]) -> bool {
    let mut rest = bytes;
    let mut parser = Parser::new(0);
    let mut outer = Vec::new();
    loop {
        // Only the outermost part may end where the bytes end.
        let may_end = outer.is_empty() && rest.is_empty();
        let (used, payload) = match parser.parse(rest, may_end) {
            Ok(Chunk::NeedMoreData(_)) => return true,
            Ok(Chunk::Parsed { consumed, payload }) => (consumed, payload),
            Err(_) => return false,
        };
        rest = rest.get(used..).unwrap_or_default();
        match payload {
            Payload::ModuleSection { parser: inner, .. }
            | Payload::ComponentSection { parser: inner, .. } => {
                outer.push(std::mem::replace(&mut parser, inner));
            }
            Payload::End(_) => match outer.pop() {
                Some(enclosing) => parser = enclosing,
                None => return false,
            },
            _ => {}
        }
    }
}

fn check_imports(engine: &Engine, component: &Component) -> Result<(), Error> {
    let names: Vec<String> = component
        .component_type()
        .imports(engine)
        .take(4)
        .map(|(name, _)| format!("`{name}`"))
        .collect();
    if names.is_empty() {
        return Ok(());
    }
    let message = format_args!("the component imports {}", names.join(", "));
    let help =
        "a policy gets everything with the question: build it without imports, WASI included";
    Err(Error::new(Code::ComponentImports, message, help))
}

#[cfg(test)]
mod tests;
