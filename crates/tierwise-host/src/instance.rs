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
    /// The memory of the instance that answered, in bytes, of [`MEMORY_BYTES`](limits::MEMORY_BYTES):
    /// its most so far, as a memory does not shrink.
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

/// What wasmtime gives: the component's answer or refusal, unless it did not come to an end.
pub(crate) type Called<T> = wasmtime::Result<Result<T, wit::Error>>;

/// A question to the component, put to an instance that may have answered others before.
pub(crate) struct Instance {
    store: Store<Held>,
    policy: Policy,
    /// The one asked last stands last.
    loaded: Vec<Loaded>,
    /// Whether it has answered a question.
    is_fresh: bool,
    is_broken: bool,
}

struct Loaded {
    catalog: Weak<Document>,
    handle: ResourceAny,
}

/// A store with its bounds, and fuel for one call. Errors: `host_failure`.
pub(crate) fn new_store(engine: &Engine) -> Result<Store<Held>, Error> {
    let mut store = Store::new(engine, Held::default());
    store.limiter(|held| held);
    store.set_hostcall_fuel(limits::OUTPUT_BYTES);
    // Catalogs, and one on its way in.
    store.set_max_component_handles(limits::CATALOGS_PER_INSTANCE + 1);
    let fuelled = store.set_fuel(limits::FUEL_PER_CALL);
    fuelled.map_err(|error| failure(&error, Code::HostFailure))?;
    Ok(store)
}

impl Instance {
    pub(crate) fn new(store: Store<Held>, policy: Policy) -> Self {
        Instance { store, policy, loaded: Vec::new(), is_fresh: true, is_broken: false }
    }

    /// Whether it answered nothing yet: what a call does then depends on the call alone.
    pub(crate) fn is_fresh(&self) -> bool {
        self.is_fresh
    }

    /// Whether it may answer again.
    pub(crate) fn is_reusable(&self) -> bool {
        !self.is_broken && self.memory_bytes() <= limits::IDLE_MEMORY_BYTES
    }

    fn memory_bytes(&self) -> usize {
        self.store.data().memory_bytes
    }

    /// Puts a question to a catalog, which is loaded first if it is not yet.
    pub(crate) fn ask<T>(
        &mut self,
        catalog: &Catalog,
        question: impl FnOnce(&wit::GuestCatalog<'_>, &mut Store<Held>, ResourceAny) -> Called<T>,
    ) -> Reply<T> {
        let handle = match self.handle(&catalog.0) {
            Ok(handle) => handle,
            Err(reply) => return Reply { answer: Err(reply.0), usage: reply.1 },
        };
        self.run(|guest, store| question(&guest.catalog(), store, handle))
    }

    /// Loads a catalog for later questions.
    pub(crate) fn load(&mut self, catalog: &Catalog) -> Reply<()> {
        let document = &catalog.0;
        let most = limits::INPUT_BYTES;
        if document.text.len() > most {
            return Reply { answer: Err(too_large()), usage: Usage::default() };
        }
        if let Err(error) = self.make_room() {
            return Reply { answer: Err(error), usage: Usage::default() };
        }
        let Reply { answer, usage } =
            self.run(|guest, store| guest.catalog().call_load(store, &document.text));
        let answer = answer.map(|handle| {
            self.loaded.push(Loaded { catalog: Arc::downgrade(document), handle });
        });
        Reply { answer, usage }
    }

    /// The component's handle of a catalog.
    fn handle(&mut self, document: &Arc<Document>) -> Result<ResourceAny, (Error, Usage)> {
        let is_it = |loaded: &Loaded| std::ptr::eq(loaded.catalog.as_ptr(), Arc::as_ptr(document));
        // From the end: the one asked last is asked next, more often than not.
        if let Some(place) = self.loaded.iter().rposition(is_it) {
            if let Some(later) = self.loaded.get_mut(place..) {
                later.rotate_left(1);
            }
        } else {
            let Reply { answer, usage } = self.load(&Catalog(Arc::clone(document)));
            answer.map_err(|error| (error, usage))?;
        }
        match self.loaded.last() {
            Some(loaded) => Ok(loaded.handle),
            None => Err((Error::new(Code::HostFailure, "no catalog", ""), Usage::default())),
        }
    }

    /// Drops catalogs that nobody holds any more and, if there are still as many as may be, the one
    /// not asked for longest.
    fn make_room(&mut self) -> Result<(), Error> {
        let mut place = 0;
        while let Some(loaded) = self.loaded.get(place) {
            if loaded.catalog.strong_count() == 0 {
                self.drop_catalog(place)?;
            } else {
                place += 1;
            }
        }
        while self.loaded.len() >= limits::CATALOGS_PER_INSTANCE {
            self.drop_catalog(0)?;
        }
        Ok(())
    }

    fn drop_catalog(&mut self, place: usize) -> Result<(), Error> {
        let handle = self.loaded.remove(place).handle;
        let dropped = |_: &wit::Guest, store: &mut Store<Held>| {
            handle.resource_drop(store).map(Ok::<_, wit::Error>)
        };
        self.run(dropped).answer
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
        self.is_fresh = false;
        let left = self.store.get_fuel().unwrap_or_default();
        let usage = Usage {
            fuel: limits::FUEL_PER_CALL.saturating_sub(left),
            memory_bytes: self.memory_bytes(),
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
