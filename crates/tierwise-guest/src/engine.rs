//! The engine as the world of `wit/policy.wit` asks it.

use alloc::{borrow::ToOwned, string::String, vec::Vec};
use core::marker::PhantomData;

use tierwise::Catalog;
use tierwise_wire::LoadedCatalog;

use crate::{Pacing, bills, policy, read, wit};

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

/// The engine with a pacing: it answers every question of the world. What
/// [`policy!`](macro@crate::policy) exports.
pub struct Engine<P>(PhantomData<P>);

impl<P: Pacing> wit::Guest for Engine<P> {
    type Catalog = Paced<P>;
}

/// A loaded catalog, with the pacing that decides beside it.
pub struct Paced<P> {
    loaded: LoadedCatalog,
    pacing: PhantomData<P>,
}

impl<P> Paced<P> {
    fn catalog(&self) -> &Catalog {
        self.loaded.catalog()
    }
}

impl<P: Pacing> wit::GuestCatalog for Paced<P> {
    fn load(document: String) -> Result<wit::Catalog, Refused> {
        let paced = |loaded| wit::Catalog::new(Paced::<P> { loaded, pacing: PhantomData });
        let catalog = LoadedCatalog::load(document.as_bytes()).map(paced);
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
            fingerprint: self.loaded.fingerprint().to_owned(),
        }
    }

    fn ask(&self, operation: String, request: String) -> Result<String, Refused> {
        answered(self.loaded.ask(&operation, &request))
    }

    fn quota(&self, question: wit::QuotaQuestion) -> Result<wit::QuotaAnswer, Refused> {
        answered(policy::quota(self.catalog(), &question))
    }

    fn dispatch(&self, question: wit::DispatchQuestion) -> Result<wit::DispatchAnswer, Refused> {
        answered(policy::dispatch(self.catalog(), &question))
    }

    fn claim(&self, question: wit::ClaimQuestion) -> Result<wit::ClaimAnswer, Refused> {
        answered(policy::claim::<P>(self.catalog(), &question))
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
