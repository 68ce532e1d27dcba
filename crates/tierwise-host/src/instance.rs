//! One running component: questions go in with fuel, and what they used is reported.

use std::{
    fmt,
    sync::{Arc, Weak},
};

use wasmtime::{Engine, Store, Trap, component::ResourceAny};

use crate::{
    bindings::Policy,
    catalog::{Catalog, Document},
    engine::{BeyondMemory, Held},
    error::{Code, Error},
    limits, wit,
};

/// What a call used of its bounds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Fuel, of [`FUEL_PER_CALL`](limits::FUEL_PER_CALL): an exact count of what the component did
    /// for this question. Loading a catalog on the way is not part of it.
    pub fuel: u64,
    /// The memory of the instance that answered, in bytes, of
    /// [`MEMORY_BYTES`](limits::MEMORY_BYTES): its most so far, as a memory does not shrink.
    pub memory_bytes: usize,
}

impl fmt::Display for Usage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (fuel, bytes) = (limits::FUEL_PER_CALL, limits::MEMORY_BYTES);
        write!(f, "fuel {} of {fuel}, memory {} of {bytes} bytes", self.fuel, self.memory_bytes)
    }
}

/// An answer, or why there is none, and what was used on the way to it.
#[derive(Clone, Debug)]
pub struct Reply<T> {
    /// The answer. An error is never a grant.
    pub answer: Result<T, Error>,
    /// What it used.
    pub usage: Usage,
}

impl<T> Reply<T> {
    /// No answer, before the component was even asked.
    #[cold]
    pub(crate) fn refused(error: Error) -> Self {
        Reply { answer: Err(error), usage: Usage::default() }
    }
}

/// What wasmtime gives: the component's answer or refusal, unless it did not come to an end.
pub(crate) type Called<T> = wasmtime::Result<Result<T, wit::Error>>;

/// A running component with the catalog that it answers for. It answers for one only: so what a
/// call finds, and takes, does not depend on who else asked what.
pub(crate) struct Instance {
    store: Store<Held>,
    policy: Policy,
    catalog: Option<Loaded>,
    is_broken: bool,
}

struct Loaded {
    of: Weak<Document>,
    handle: ResourceAny,
    /// The memory that it had then.
    memory_bytes: usize,
}

/// A store with its bounds, and fuel for one call. Errors: `host_failure`.
pub(crate) fn new_store(engine: &Engine) -> Result<Store<Held>, Error> {
    let mut store = Store::new(engine, Held::default());
    store.limiter(|held| held);
    store.set_hostcall_fuel(limits::OUTPUT_BYTES);
    store.set_max_component_handles(MAX_HANDLES);
    let fuelled = store.set_fuel(limits::FUEL_PER_CALL);
    fuelled.map_err(|error| failure(&error, Code::HostFailure))?;
    Ok(store)
}

/// Handles of resources that an instance may have: its catalog, and some for a component's own use.
const MAX_HANDLES: usize = 64;

impl Instance {
    pub(crate) fn new(store: Store<Held>, policy: Policy) -> Self {
        Instance { store, policy, catalog: None, is_broken: false }
    }

    /// Whether it answers for a catalog.
    pub(crate) fn is_of(&self, catalog: &Catalog) -> bool {
        let is_it = |loaded: &Loaded| std::ptr::eq(loaded.of.as_ptr(), Arc::as_ptr(&catalog.0));
        self.catalog.as_ref().is_some_and(is_it)
    }

    /// Whether it may answer again: somebody holds its catalog, and it is as it was when that was
    /// loaded. One whose memory has grown is not: a later call would not have to grow it.
    pub(crate) fn is_reusable(&self) -> bool {
        let bytes = self.store.data().memory_bytes;
        !self.is_broken
            && bytes <= limits::IDLE_MEMORY_BYTES
            && self
                .catalog
                .as_ref()
                .is_some_and(|loaded| loaded.of.strong_count() > 0 && loaded.memory_bytes == bytes)
    }

    /// Loads the catalog that it is to answer for.
    pub(crate) fn load(&mut self, catalog: &Catalog) -> Reply<()> {
        let document = &catalog.0;
        if document.text.len() > limits::INPUT_BYTES {
            return Reply::refused(too_large());
        }
        let Reply { answer, usage } =
            self.run(|guest, store| guest.catalog().call_load(store, &document.text));
        let answer = answer.map(|handle| {
            let of = Arc::downgrade(document);
            self.catalog = Some(Loaded { of, handle, memory_bytes: usage.memory_bytes });
        });
        Reply { answer, usage }
    }

    /// Puts a question to its catalog.
    pub(crate) fn ask<T>(
        &mut self,
        question: impl FnOnce(&wit::GuestCatalog<'_>, &mut Store<Held>, ResourceAny) -> Called<T>,
    ) -> Reply<T> {
        match &self.catalog {
            Some(Loaded { handle, .. }) => {
                let handle = *handle;
                self.run(|guest, store| question(&guest.catalog(), store, handle))
            }
            None => Reply::refused(Error::new(Code::HostFailure, "no catalog is loaded", "")),
        }
    }

    /// Runs the component, with fuel for one call.
    fn run<T>(
        &mut self,
        work: impl FnOnce(&wit::Guest, &mut Store<Held>) -> Called<T>,
    ) -> Reply<T> {
        let called = match self.store.set_fuel(limits::FUEL_PER_CALL) {
            Ok(()) => work(self.policy.tierwise_policy_engine(), &mut self.store),
            Err(error) => Err(error),
        };
        let left = self.store.get_fuel().unwrap_or_default();
        let usage = Usage {
            fuel: limits::FUEL_PER_CALL.saturating_sub(left),
            memory_bytes: self.store.data().memory_bytes,
        };
        let answer = match called {
            Ok(answer) => answer.map_err(Error::refused),
            Err(error) => {
                // What a component is in the middle of, nobody knows: it does not go on.
                self.is_broken = true;
                Err(failure(&error, Code::InvalidAnswer))
            }
        };
        Reply { answer, usage }
    }
}

/// The error of text that is not even shown to the component.
pub(crate) fn too_large() -> Error {
    let most = limits::INPUT_BYTES;
    Error::new(Code::TooLarge, format_args!("the text has more than {most} bytes"), "")
}

/// Why a component did not come to its end. `otherwise` is the code of what wasmtime reports
/// without a kind of its own.
pub(crate) fn failure(error: &wasmtime::Error, otherwise: Code) -> Error {
    if let Some(beyond) = error.downcast_ref::<BeyondMemory>() {
        return Error::new(Code::MemoryExhausted, beyond, "");
    }
    let trap = error.downcast_ref::<Trap>();
    match trap {
        Some(Trap::OutOfFuel) => {
            let most = limits::FUEL_PER_CALL;
            let message = format_args!("the component was not done after {most} units of fuel");
            Error::new(Code::FuelExhausted, message, "")
        }
        Some(Trap::StackOverflow) => {
            let most = limits::STACK_BYTES;
            let message =
                format_args!("the component's calls go deeper than {most} bytes of stack");
            Error::new(Code::StackExhausted, message, "")
        }
        Some(trap) => {
            Error::new(Code::ComponentTrapped, format_args!("the component gave up: {trap}"), "")
        }
        None if error.to_string().contains(TOO_MUCH_OUT) => {
            let most = limits::OUTPUT_BYTES;
            let message = format_args!("the component's answer takes more than {most} bytes");
            Error::new(Code::AnswerTooLarge, message, "")
        }
        None => Error::new(otherwise, format_args!("{error:#}"), ""),
    }
}

/// Words of wasmtime's error for an answer beyond its bound, whose type is its own; held by a test.
const TOO_MUCH_OUT: &str = "hostcall";
