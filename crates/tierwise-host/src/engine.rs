//! The machine that runs a component: wasmtime, set up for bounded and repeatable calls.

use wasmtime::{
    Config, Engine, InstanceAllocationStrategy, OptLevel, PoolingAllocationConfig,
    RegallocAlgorithm, ResourceLimiter, Result,
};

use crate::limits;

/// Core instances and memories that one component may be made of.
const PARTS_PER_COMPONENT: u32 = 4;

/// A machine for one component and its instances.
pub(crate) fn engine() -> Result<Engine> {
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
        .allocation_strategy(InstanceAllocationStrategy::Pooling(pool))
        .consume_fuel(true)
        .max_wasm_stack(limits::STACK_BYTES)
        // Compiled in half the time, for decisions a third slower: most of one is the way in
        // and out, which stays.
        .cranelift_opt_level(OptLevel::None)
        .cranelift_regalloc_algorithm(RegallocAlgorithm::SinglePass)
        // Same input, same outcome: also of what a foreign component does with floats.
        .cranelift_nan_canonicalization(true)
        .wasm_relaxed_simd(false)
        // Calls come one after the other, and nothing waits within one.
        .concurrency_support(false);
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
