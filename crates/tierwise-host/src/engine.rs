//! The machine that runs a component: wasmtime, set up for bounded and repeatable calls.

use wasmtime::{
    Config, Engine, InstanceAllocationStrategy, OperatorCost, OptLevel, PoolingAllocationConfig,
    RegallocAlgorithm, ResourceLimiter, Result, Strategy, VariableOperatorCost,
};

use crate::limits;

/// Core instances and memories that one component may be made of.
const PARTS_PER_COMPONENT: u32 = 4;

/// Whose code a component is: what compiles it, and what its fuel counts, follow from that.
#[derive(Clone, Copy)]
pub(crate) enum Origin {
    /// [`BUILT_IN`](crate::BUILT_IN): without floats, and without copies for their own sake.
    BuiltIn,
    /// Anybody's: it may do whatever WebAssembly can, and pays for each byte that it copies.
    Foreign,
}

impl Origin {
    /// The compiler: for our own code Winch, which makes one pass and is done in a third of the
    /// time, where there is one. It does not compile all of WebAssembly, nor make the floats of
    /// all machines alike.
    pub(crate) fn compiler(self) -> Strategy {
        let is_there = cfg!(any(target_arch = "x86_64", target_arch = "aarch64"));
        match self {
            Origin::BuiltIn if is_there => Strategy::Winch,
            Origin::BuiltIn | Origin::Foreign => Strategy::Cranelift,
        }
    }
}

/// Winch counts a copy as one instruction, however long it is. So does Cranelift by this: the same
/// fuel on every machine.
fn cost_as_of_winch() -> OperatorCost {
    let mut cost = OperatorCost::new();
    cost.variable = VariableOperatorCost {
        memory_copy_per_byte: 0,
        memory_fill_per_byte: 0,
        memory_init_per_byte: 0,
        table_copy_per_element: 0,
        table_fill_per_element: 0,
        table_init_per_element: 0,
        table_grow_per_element: 0,
        ..cost.variable
    };
    cost
}

/// A machine for one component and its instances.
pub(crate) fn engine(origin: Origin, compiler: Strategy) -> Result<Engine> {
    // One more than calls use, for the trial of a check.
    let instances = limits::INSTANCES + 1;
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(instances)
        .total_core_instances(instances * PARTS_PER_COMPONENT)
        .total_memories(instances * PARTS_PER_COMPONENT)
        .total_tables(instances * PARTS_PER_COMPONENT)
        .max_core_instances_per_component(PARTS_PER_COMPONENT)
        .max_memories_per_component(PARTS_PER_COMPONENT)
        .max_tables_per_component(PARTS_PER_COMPONENT)
        .table_elements(limits::TABLE_ELEMENTS);
    let mut config = Config::new();
    config
        .strategy(compiler)
        .allocation_strategy(InstanceAllocationStrategy::Pooling(pool))
        .consume_fuel(true)
        .max_wasm_stack(limits::STACK_BYTES)
        // Compiled in half the time, for decisions a third slower: most of one is the way in
        // and out, which stays.
        .cranelift_opt_level(OptLevel::None)
        .cranelift_regalloc_algorithm(RegallocAlgorithm::SinglePass)
        .wasm_relaxed_simd(false)
        // Calls come one after the other, and nothing waits within one.
        .concurrency_support(false);
    match origin {
        Origin::BuiltIn => config.operator_cost(cost_as_of_winch()),
        // Same input, same outcome: also of what it does with floats.
        Origin::Foreign => config.cranelift_nan_canonicalization(true),
    };
    Engine::new(&config)
}

/// What an instance holds beside its code: how much it may have, and has.
#[derive(Debug, Default)]
pub(crate) struct Held {
    /// All memories together.
    pub(crate) memory_bytes: usize,
    table_elements: usize,
}

/// Why an instance does not get more.
#[derive(Debug)]
pub(crate) struct BeyondMemory(String);

impl std::fmt::Display for BeyondMemory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for BeyondMemory {}

impl ResourceLimiter for Held {
    fn memory_growing(&mut self, now: usize, wanted: usize, _: Option<usize>) -> Result<bool> {
        let bytes = self.memory_bytes.saturating_add(wanted.saturating_sub(now));
        if bytes > limits::MEMORY_BYTES {
            let most = limits::MEMORY_BYTES;
            let text =
                format!("the component asks for {bytes} bytes of memory, {most} are allowed");
            return Err(BeyondMemory(text).into());
        }
        self.memory_bytes = bytes;
        Ok(true)
    }

    fn table_growing(&mut self, now: usize, wanted: usize, _: Option<usize>) -> Result<bool> {
        let elements = self.table_elements.saturating_add(wanted.saturating_sub(now));
        if elements > limits::TABLE_ELEMENTS {
            let most = limits::TABLE_ELEMENTS;
            let text =
                format!("the component asks for {elements} table elements, {most} are allowed");
            return Err(BeyondMemory(text).into());
        }
        self.table_elements = elements;
        Ok(true)
    }
}
