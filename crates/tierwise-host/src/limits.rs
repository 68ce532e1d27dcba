//! Every bound on a component, with the reasons: what one call may use, and what all may.
//!
//! They are constants: the same question has the same outcome on every machine.

/// Fuel of one call, about one for each instruction: a second or so. Golden cases take less than a
/// hundredth of it; it is there for requests of hundreds of kilobytes.
pub const FUEL_PER_CALL: u64 = 1_000_000_000;

/// Linear memory of an instance, in bytes; asking for more ends the call. A request of a mebibyte
/// becomes a tree of some dozen.
pub const MEMORY_BYTES: usize = 64 << 20;

/// Elements of an instance's tables, together.
pub const TABLE_ELEMENTS: usize = 10_000;

/// The stack of WebAssembly code, in bytes; calls nested deeper end.
pub const STACK_BYTES: usize = 512 << 10;

/// Text and lists of one question, in bytes. The engine itself refuses a document of more than
/// half of it, in words of its own.
pub const INPUT_BYTES: usize = 2 << 20;

/// What one answer may take, in bytes, once it is outside the component.
pub const OUTPUT_BYTES: usize = 16 << 20;

/// The largest component, in bytes.
pub const COMPONENT_BYTES: usize = 1 << 20;

/// Instances of one component, busy or waiting for work; each answers for one catalog. Beyond them,
/// the one that waits longest goes, or a call waits until one is there.
pub const INSTANCES: u32 = 128;

/// An instance whose memory is larger than this is not kept after its call.
pub const IDLE_MEMORY_BYTES: usize = 8 << 20;
