//! The engine as a WebAssembly component: the world of `wit/policy.wit`, without imports.
//!
//! Typed questions go straight to the core, JSON to the table of operations. Made to be small: on
//! wasm there is no `std`, and a panic, which the engine does not have, would end the instance.
#![cfg_attr(target_arch = "wasm32", no_std)]

extern crate alloc;

mod bills;
mod policy;
mod read;

use alloc::{borrow::ToOwned, string::String, vec::Vec};

use bindings::exports::tierwise::policy::engine as wit;
use tierwise_wire::LoadedCatalog;

#[expect(unsafe_code, reason = "written by wit-bindgen")]
mod bindings {
    //! What `wit/policy.wit` says, in Rust; its documentation stands there.
    wit_bindgen::generate!({ path: "wit", world: "policy" });

    export!(Component with_types_in self);
    use super::Component;
}

#[cfg(target_arch = "wasm32")]
mod runtime {
    //! What `std` would bring: memory, and what to do at a panic.

    #[global_allocator]
    static MEMORY: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();

    #[panic_handler]
    fn stop(_: &core::panic::PanicInfo<'_>) -> ! {
        core::arch::wasm32::unreachable()
    }
}

/// A wrong catalog or question, as the world's record says it.
type Refused = wit::Error;

fn refused(error: &tierwise::Error) -> Refused {
    Refused {
        code: error.code().as_str().to_owned(),
        path: error.path().to_owned(),
        message: error.message().to_owned(),
        help: error.help().to_owned(),
    }
}

struct Component;

impl wit::Guest for Component {
    type Catalog = LoadedCatalog;
}

impl wit::GuestCatalog for LoadedCatalog {
    fn load(document: String) -> Result<wit::Catalog, Refused> {
        let catalog = LoadedCatalog::load(document.as_bytes()).map(wit::Catalog::new);
        drop(document);
        make_room();
        answered(catalog)
    }

    fn describe(&self) -> wit::Description {
        let catalog = self.catalog();
        wit::Description {
            id: catalog.id().to_owned(),
            version: catalog.version().to_owned(),
            currency: catalog.currency().to_owned(),
            fingerprint: self.fingerprint().to_owned(),
        }
    }

    fn ask(&self, operation: String, request: String) -> Result<String, Refused> {
        answered(LoadedCatalog::ask(self, &operation, &request))
    }

    fn quota(&self, question: wit::QuotaQuestion) -> Result<wit::QuotaAnswer, Refused> {
        answered(policy::quota(self.catalog(), &question))
    }

    fn dispatch(&self, question: wit::DispatchQuestion) -> Result<wit::DispatchAnswer, Refused> {
        answered(policy::dispatch(self.catalog(), &question))
    }

    fn claim(&self, question: wit::ClaimQuestion) -> Result<wit::ClaimAnswer, Refused> {
        answered(policy::claim(self.catalog(), &question))
    }

    fn tier_change(
        &self,
        question: wit::TierChangeQuestion,
    ) -> Result<wit::TierChangeAnswer, Refused> {
        answered(policy::tier_change(self.catalog(), &question))
    }

    fn ending(&self, question: wit::EndingQuestion) -> Result<wit::EndingAnswer, Refused> {
        answered(policy::ending(self.catalog(), &question))
    }

    fn history(&self, question: wit::HistoryQuestion) -> Result<u64, Refused> {
        answered(policy::history(self.catalog(), &question))
    }

    fn creation_charge(&self, question: wit::CreationQuestion) -> Result<String, Refused> {
        let charge = policy::creation_charge(self.catalog(), &question);
        answered(charge.map(read::price))
    }

    fn quote(&self, items: Vec<wit::QuoteItem>) -> Result<wit::QuoteAnswer, Refused> {
        answered(bills::quote(self.catalog(), items))
    }

    fn invoice(&self, question: wit::InvoiceQuestion) -> Result<wit::InvoiceAnswer, Refused> {
        answered(bills::invoice(self.catalog(), &question))
    }
}

/// Room for answers, in bytes: those that take less find it, and do not grow the memory.
const ROOM_BYTES: usize = 512 << 10;

/// Has the allocator fetch memory, and gives it back to the allocator.
fn make_room() {
    drop(core::hint::black_box(Vec::<u8>::with_capacity(ROOM_BYTES)));
}

fn answered<T>(answer: tierwise::Result<T>) -> Result<T, Refused> {
    answer.map_err(|error| refused(&error))
}
