//! The host: a component, its instances, and the questions that it answers.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use wasmtime::{Store, component::ResourceAny};

use crate::{
    ClaimAnswer, ClaimQuestion, CreationQuestion, Description, DispatchAnswer, DispatchQuestion,
    EndingAnswer, EndingQuestion, HistoryQuestion, InvoiceAnswer, InvoiceQuestion, QuotaAnswer,
    QuotaQuestion, QuoteAnswer, QuoteItem, TierChangeAnswer, TierChangeQuestion,
    catalog::Catalog,
    component::CheckedComponent,
    engine::Held,
    error::{Code, Error},
    instance::{Called, Instance, Reply, too_large},
    limits, wit,
};

/// A component and its instances, asked from as many threads as one likes.
///
/// An instance answers for one catalog, and is kept from call to call; none is asked by two threads
/// at once. One that trapped, or ran out of fuel or memory, is dropped, and the next call works in
/// a fresh one. Each call finds its instance as it was when the catalog had been loaded: what
/// others asked before changes neither an answer nor its fuel.
pub struct Host {
    pool: Mutex<Pool>,
    given_back: Condvar,
}

struct Pool {
    component: CheckedComponent,
    /// Counts the components that there were: instances of earlier ones are not kept.
    generation: u64,
    /// The one used last stands last.
    idle: Vec<Instance>,
    /// Instances of this component, idle and busy.
    instances: u32,
}

impl Host {
    /// A host of a component.
    pub fn new(component: CheckedComponent) -> Self {
        let pool = Pool { component, generation: 0, idle: Vec::new(), instances: 0 };
        Host { pool: Mutex::new(pool), given_back: Condvar::new() }
    }

    /// A host of the component that this crate is built with. Errors: `host_failure`.
    pub fn built_in() -> Result<Self, Error> {
        CheckedComponent::built_in().map(Self::new)
    }

    /// Puts another component in the place of the present one, which is given back. Calls under way
    /// end with the one that they began with; later ones are answered by the new one.
    ///
    /// ```
    /// use tierwise_host::{BUILT_IN, CheckedComponent, Host};
    /// let host = Host::built_in()?;
    /// // Checked first: what is refused here has not disturbed the host.
    /// if let Ok(component) = CheckedComponent::check(BUILT_IN) {
    ///     let former = host.swap(component);
    ///     host.swap(former);
    /// }
    /// # Ok::<(), tierwise_host::Error>(())
    /// ```
    pub fn swap(&self, component: CheckedComponent) -> CheckedComponent {
        let mut pool = self.lock();
        let former = std::mem::replace(&mut pool.component, component);
        pool.generation += 1;
        pool.instances = 0;
        let idle = std::mem::take(&mut pool.idle);
        drop(pool);
        self.given_back.notify_all();
        drop(idle);
        former
    }

    /// Drops the instances that wait for work, and the memory that they hold. The next calls begin
    /// in fresh ones.
    pub fn drop_idle(&self) {
        let mut pool = self.lock();
        let idle = std::mem::take(&mut pool.idle);
        pool.instances -= count(idle.len());
        drop(pool);
        self.given_back.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, Pool> {
        // INVARIANT: nothing that can panic happens between two changes of the pool.
        self.pool.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes an instance out of the pool: one that answers for the catalog, if there is one, or a
    /// fresh one.
    fn lease(&self, catalog: &Catalog) -> Result<Lease<'_>, Error> {
        // Dropped once the pool is free again.
        let mut former = Vec::new();
        let mut pool = self.lock();
        loop {
            if let Some(place) = pool.idle.iter().rposition(|instance| instance.is_of(catalog)) {
                let instance = Some(pool.idle.remove(place));
                return Ok(Lease { host: self, generation: pool.generation, instance });
            }
            // Those of catalogs that nobody holds any more.
            let before = former.len();
            former.extend(pool.idle.extract_if(.., |instance| !instance.is_reusable()));
            if pool.instances == limits::INSTANCES
                && former.len() == before
                && !pool.idle.is_empty()
            {
                former.push(pool.idle.remove(0));
            }
            pool.instances -= count(former.len() - before);
            if pool.instances < limits::INSTANCES {
                break;
            }
            pool = self.given_back.wait(pool).unwrap_or_else(PoisonError::into_inner);
        }
        pool.instances += 1;
        let (component, generation) = (pool.component.clone(), pool.generation);
        drop(pool);
        // Before there is a fresh one, which takes their place.
        drop(former);
        let mut lease = Lease { host: self, generation, instance: None };
        lease.instance = Some(component.instance()?);
        Ok(lease)
    }

    /// Runs a question in an instance that has the catalog loaded.
    fn question<T>(
        &self,
        catalog: &Catalog,
        question: impl FnOnce(&wit::GuestCatalog<'_>, &mut Store<Held>, ResourceAny) -> Called<T>,
    ) -> Reply<T> {
        let mut lease = match self.lease(catalog) {
            Ok(lease) => lease,
            Err(error) => return Reply::refused(error),
        };
        let Some(instance) = &mut lease.instance else { return Reply::refused(no_instance()) };
        if !instance.is_of(catalog) {
            let Reply { answer, usage } = instance.load(catalog);
            if let Err(error) = answer {
                return Reply { answer: Err(error), usage };
            }
        }
        instance.ask(question)
    }
}

/// Never seen: a lease has its instance until it is dropped.
fn no_instance() -> Error {
    Error::new(Code::HostFailure, "there is no instance", "")
}

fn count(instances: usize) -> u32 {
    u32::try_from(instances).unwrap_or(u32::MAX)
}

/// An instance outside the pool; it goes back when this is dropped, if it may answer again.
struct Lease<'a> {
    host: &'a Host,
    generation: u64,
    instance: Option<Instance>,
}

impl Drop for Lease<'_> {
    fn drop(&mut self) {
        let instance = self.instance.take().filter(Instance::is_reusable);
        let mut pool = self.host.lock();
        if pool.generation != self.generation {
            return;
        }
        match instance {
            Some(instance) => pool.idle.push(instance),
            None => pool.instances -= 1,
        }
        drop(pool);
        self.host.given_back.notify_one();
    }
}

/// What a component answers. Besides the errors that each names, all of them have those of running
/// a component: `fuel_exhausted`, `memory_exhausted`, `stack_exhausted`, `component_trapped`,
/// `answer_too_large`, `invalid_answer`, `host_failure`.
impl Host {
    /// Loads a catalog from the text of its document, JSON. Errors: `too_large`, those of the
    /// component.
    ///
    /// ```
    /// let host = tierwise_host::Host::built_in()?;
    /// let error = host.load(r#"{"tierwise":1,"currancy":"USD"}"#).answer.unwrap_err();
    /// assert_eq!((error.code(), error.path()), ("unknown_key", "/currancy"));
    /// assert_eq!(error.help(), "did you mean `currency`?");
    /// # Ok::<(), tierwise_host::Error>(())
    /// ```
    pub fn load(&self, document: &str) -> Reply<Catalog> {
        let catalog = Catalog::new(document);
        let mut lease = match self.lease(&catalog) {
            Ok(lease) => lease,
            Err(error) => return Reply::refused(error),
        };
        let Some(instance) = &mut lease.instance else { return Reply::refused(no_instance()) };
        let Reply { answer, usage } = instance.load(&catalog);
        Reply { answer: answer.map(|()| catalog.clone()), usage }
    }

    /// Which catalog it is.
    pub fn describe(&self, catalog: &Catalog) -> Reply<Description> {
        self.question(catalog, |guest, store, handle| guest.call_describe(store, handle).map(Ok))
    }

    /// Answers any operation: JSON in, canonical JSON out. Errors: `too_large`, those of the
    /// component.
    ///
    /// ```
    /// # let text = include_str!("../../../catalogs/messaging.json");
    /// let host = tierwise_host::Host::built_in()?;
    /// let catalog = host.load(text).answer?;
    /// let request = r#"{"tier":"unlimited_msg_chat_history","n":3001}"#;
    /// assert_eq!(host.ask(&catalog, "price_of", request).answer?, r#"{"price":"0.33"}"#);
    /// # Ok::<(), tierwise_host::Error>(())
    /// ```
    pub fn ask(&self, catalog: &Catalog, operation: &str, request: &str) -> Reply<String> {
        if operation.len().saturating_add(request.len()) > limits::INPUT_BYTES {
            return Reply::refused(too_large());
        }
        self.question(catalog, |guest, store, handle| {
            guest.call_ask(store, handle, operation, request)
        })
    }

    /// Whether messages are accepted (Q1, Q3, Q4, Q8).
    pub fn quota(&self, catalog: &Catalog, question: &QuotaQuestion) -> Reply<QuotaAnswer> {
        self.question(catalog, |guest, store, handle| guest.call_quota(store, handle, question))
    }

    /// Whether the next message is sent now (Q5, Q9, Q11).
    pub fn dispatch(
        &self,
        catalog: &Catalog,
        question: &DispatchQuestion,
    ) -> Reply<DispatchAnswer> {
        self.question(catalog, |guest, store, handle| guest.call_dispatch(store, handle, question))
    }

    /// Whether the first waiting message of an open account goes now, and how long the next ones
    /// wait (Q5, Q9).
    pub fn claim(&self, catalog: &Catalog, question: &ClaimQuestion) -> Reply<ClaimAnswer> {
        self.question(catalog, |guest, store, handle| guest.call_claim(store, handle, question))
    }

    /// What a change of tier does (section 8).
    pub fn tier_change(
        &self,
        catalog: &Catalog,
        question: &TierChangeQuestion,
    ) -> Reply<TierChangeAnswer> {
        self.question(catalog, |guest, store, handle| {
            guest.call_tier_change(store, handle, question)
        })
    }

    /// What an archive, a deletion or a downgrade does (sections 9 and 10).
    pub fn ending(&self, catalog: &Catalog, question: &EndingQuestion) -> Reply<EndingAnswer> {
        self.question(catalog, |guest, store, handle| guest.call_ending(store, handle, *question))
    }

    /// How many old messages are stored (H1, H2).
    pub fn history(&self, catalog: &Catalog, question: &HistoryQuestion) -> Reply<u64> {
        self.question(catalog, |guest, store, handle| guest.call_history(store, handle, question))
    }

    /// What creating an account costs, as a decimal string (C1, C2).
    pub fn creation_charge(&self, catalog: &Catalog, question: &CreationQuestion) -> Reply<String> {
        self.question(catalog, |guest, store, handle| {
            guest.call_creation_charge(store, handle, question)
        })
    }

    /// The bill of a basket of 1 to 100 items, explained (X1).
    pub fn quote(&self, catalog: &Catalog, items: &[QuoteItem]) -> Reply<QuoteAnswer> {
        self.question(catalog, |guest, store, handle| guest.call_quote(store, handle, items))
    }

    /// The bill of a period, from what accounts did (section 6).
    pub fn invoice(&self, catalog: &Catalog, question: &InvoiceQuestion) -> Reply<InvoiceAnswer> {
        self.question(catalog, |guest, store, handle| guest.call_invoice(store, handle, question))
    }
}

impl std::fmt::Debug for Host {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let pool = self.lock();
        f.debug_struct("Host")
            .field("instances", &pool.instances)
            .field("idle", &pool.idle.len())
            .finish_non_exhaustive()
    }
}
