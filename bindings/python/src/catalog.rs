//! A loaded catalog as Python holds it.

use std::borrow::Cow;

use pyo3::{
    exceptions::PyTypeError,
    prelude::*,
    types::{PyByteArray, PyBytes, PyString, PyTuple},
};
use tierwise_wire::{Code, Document, Error, LoadedCatalog, OPERATIONS, document_text};

use crate::{
    column::{self, Decimals, Nulls},
    document::{document, escaped, utf8, with_pythons_type},
    failure::{Failure, Result},
    record::Shape,
};

/// From how many bytes on the interpreter lock is released. A shorter question is answered in
/// less time than it can take to get the lock back from a busy thread (5 ms).
const LONG_BYTES: usize = 4096;

/// A catalog, compiled once and asked often. It never changes.
#[pyclass(frozen, module = "tierwise._engine")]
pub(crate) struct Engine(LoadedCatalog);

#[pymethods]
impl Engine {
    /// Loads a catalog: JSON text as `str` or `bytes`, or a mapping.
    #[staticmethod]
    #[pyo3(signature = (source, /))]
    fn load(py: Python<'_>, source: &Bound<'_, PyAny>) -> PyResult<Self> {
        let loaded = match json_text(source)? {
            Some(text) => released(py, text.len(), || LoadedCatalog::load(&text))
                .map_err(|error| with_help_for_paths(error, &text)),
            None => {
                let (document, bytes) = document(source)?;
                match released(py, bytes, || LoadedCatalog::load_document(&document)) {
                    Err(error) => Err(with_pythons_type(error, source)?),
                    loaded => loaded,
                }
            }
        };
        Ok(Engine(loaded.map_err(Failure::from)?))
    }

    /// The built-in catalog of the messaging service.
    #[staticmethod]
    fn messaging() -> Self {
        Engine(LoadedCatalog::messaging())
    }

    /// Answers an operation with canonical JSON. The request is JSON text or a mapping.
    #[pyo3(signature = (operation, request, /))]
    fn ask(
        &self,
        py: Python<'_>,
        operation: &Bound<'_, PyString>,
        request: &Bound<'_, PyAny>,
    ) -> PyResult<String> {
        // No operation has a name with lone surrogates, however they are shown.
        Ok(self.answer_text(py, &escaped(operation)?, request)?)
    }

    /// Answers an operation with a record: of the first shape that fits.
    #[pyo3(signature = (operation, request, /, *shapes))]
    fn answer<'py>(
        &self,
        py: Python<'py>,
        operation: &str,
        request: &Bound<'_, PyAny>,
        shapes: &Bound<'_, PyTuple>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let answer = self.answer_text(py, operation, request)?;
        let mut record = Err(PyTypeError::new_err("the answer has no shape"));
        for shape in shapes {
            record = shape.cast::<Shape>()?.get().record(py, &answer);
            if record.is_ok() {
                break;
            }
        }
        record
    }

    /// The totals of a column of quantities, exact, as `Decimal128(38, 12)`.
    #[pyo3(signature = (tier, quantities, /, meter, nulls))]
    fn totals(
        &self,
        py: Python<'_>,
        tier: &Bound<'_, PyString>,
        quantities: &Bound<'_, PyAny>,
        meter: Option<&Bound<'_, PyString>>,
        nulls: &Bound<'_, PyString>,
    ) -> PyResult<Decimals> {
        let nulls = utf8(nulls).and_then(Nulls::of).map_err(|failure| failure.under("nulls"))?;
        let tier = utf8(tier).map_err(|failure| failure.under("tier"))?;
        let meter = meter.map(utf8).transpose().map_err(|failure| failure.under("meter"))?;
        let price = column::price_of(self.0.catalog(), tier, meter)?;
        Ok(column::totals(py, price, quantities, nulls)?)
    }

    /// SHA-256 of the canonical JSON of the catalog, in hex (F4).
    #[getter]
    fn fingerprint<'py>(&self, py: Python<'py>) -> Bound<'py, PyString> {
        PyString::new(py, self.0.fingerprint())
    }

    /// The catalog in its canonical form.
    #[getter]
    fn canonical_json<'py>(&self, py: Python<'py>) -> Bound<'py, PyString> {
        PyString::new(py, self.0.canonical_json())
    }

    /// The catalog's id, version and currency.
    #[getter]
    fn name(&self) -> (&str, &str, &str) {
        let catalog = self.0.catalog();
        (catalog.id(), catalog.version(), catalog.currency())
    }

    /// The ids of the tiers, by rising rank.
    #[getter]
    fn tiers(&self) -> Vec<&str> {
        self.0.catalog().tiers().iter().map(|tier| tier.id()).collect()
    }
}

impl Engine {
    fn answer_text(
        &self,
        py: Python<'_>,
        operation: &str,
        request: &Bound<'_, PyAny>,
    ) -> Result<String> {
        if !OPERATIONS.iter().any(|known| known.name == operation) {
            // A wrong name is told before a wrong request, as it is for JSON text.
            return Ok(self.0.ask_document(operation, &Document::Null)?);
        }
        let answer = match json_text(request)? {
            Some(text) => {
                let text = document_text(&text)?;
                released(py, text.len(), || self.0.ask(operation, text))
            }
            None => {
                let (document, bytes) = document(request)?;
                match released(py, bytes, || self.0.ask_document(operation, &document)) {
                    Err(error) => Err(with_pythons_type(error, request)?),
                    answer => answer,
                }
            }
        };
        Ok(answer?)
    }
}

/// The bytes of JSON text; none if the value is an object of another kind. Errors:
/// `invalid_utf8`.
fn json_text<'a>(value: &'a Bound<'_, PyAny>) -> Result<Option<Cow<'a, [u8]>>> {
    if let Ok(text) = value.cast::<PyString>() {
        return Ok(Some(Cow::Borrowed(utf8(text)?.as_bytes())));
    }
    if let Ok(bytes) = value.cast::<PyBytes>() {
        return Ok(Some(Cow::Borrowed(bytes.as_bytes())));
    }
    // What may change while it is read is copied.
    Ok(value.cast::<PyByteArray>().ok().map(|bytes| Cow::Owned(bytes.to_vec())))
}

/// An error about text that is no JSON, and looks like the path of a file.
#[cold]
fn with_help_for_paths(error: Error, text: &[u8]) -> Error {
    let text = text.trim_ascii_start();
    let is_line = !text.is_empty() && !text.contains(&b'\n');
    if error.code() != Code::BadJson || !is_line || text.starts_with(b"{") || text.starts_with(b"[")
    {
        return error;
    }
    error.with_help("text is the catalog itself: a path is given as `pathlib.Path`")
}

/// Calls the engine, without the interpreter lock if there is much to do.
fn released<T: Send>(py: Python<'_>, bytes: usize, call: impl FnOnce() -> T + Send) -> T {
    if bytes < LONG_BYTES { call() } else { py.detach(call) }
}
