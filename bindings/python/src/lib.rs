//! The engine for Python: questions as Python's own objects or as JSON text, answers as records
//! or as canonical JSON, columns in Arrow.
//!
//! Everything here is a thin face: what a question means, `tierwise-wire` says. The package
//! `tierwise` beside it (in `python/`) is what people import.

mod catalog;
mod column;
mod document;
mod failure;
mod moments;
mod record;

/// `tierwise._engine`. Its classes hold nothing that changes, so they need no lock.
#[pyo3::pymodule(gil_used = false)]
mod _engine {
    #[pymodule_export]
    use crate::catalog::Engine;
    #[pymodule_export]
    use crate::column::Decimals;
    #[pymodule_export]
    use crate::document::canonical;
    #[pymodule_export]
    use crate::record::Shape;
    /// The version of the package.
    #[pymodule_export]
    const VERSION: &str = env!("CARGO_PKG_VERSION");
    /// The largest size of a catalog or a question, in bytes.
    #[pymodule_export]
    const MAX_DOCUMENT_BYTES: usize = tierwise::limits::MAX_DOCUMENT_BYTES;
}
