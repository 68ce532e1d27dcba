//! Columns of numbers in one piece of memory: NumPy arrays, `array.array`, `memoryview`.

use pyo3::{
    exceptions::{PyBufferError, PyTypeError, PyValueError},
    prelude::*,
    types::{PyByteArray, PyBytes, PyMemoryView},
};

use super::cells::{Totals, check_rows, not_exact, unreadable, unsupported};
use crate::failure::Result;

/// How the numbers lie in memory.
pub(super) struct Numbers {
    kind: Kind,
    is_big_endian: bool,
}

#[derive(Clone, Copy)]
enum Kind {
    Int8,
    Int16,
    Int32,
    Int64,
    UInt8,
    UInt16,
    UInt32,
    UInt64,
}

/// Numbers and the memory that they lie in.
pub(super) struct Buffer<'py> {
    pub(super) numbers: Numbers,
    pub(super) bytes: Bound<'py, PyBytes>,
}

/// The numbers of an object that shows its memory; none if it does not, or shows objects.
pub(super) fn numbers<'py>(value: &Bound<'py, PyAny>) -> Result<Option<Buffer<'py>>> {
    // Text, not numbers: `objects` refuses it.
    if value.is_instance_of::<PyBytes>() || value.is_instance_of::<PyByteArray>() {
        return Ok(None);
    }
    let Some(view) = view_of(value)? else { return Ok(None) };
    let format: String = view.getattr("format")?.extract()?;
    if format == "O" {
        return Ok(None);
    }
    let dimensions: usize = view.getattr("ndim")?.extract()?;
    if dimensions != 1 {
        return Err(unreadable(&format_args!("it has {dimensions} dimensions")));
    }
    let rows = check_rows(view.len()?)?;
    let numbers = Numbers::of(&format, view.getattr("itemsize")?.extract()?)
        .map_err(|failure| if rows == 0 { failure } else { failure.under(0) })?;
    // A copy in order, whatever the strides are: nothing can change it while it is priced.
    let bytes = view.call_method0("tobytes")?.cast_into::<PyBytes>().map_err(PyErr::from)?;
    Ok(Some(Buffer { numbers, bytes }))
}

fn view_of<'py>(value: &Bound<'py, PyAny>) -> Result<Option<Bound<'py, PyMemoryView>>> {
    match PyMemoryView::from(value) {
        Ok(view) => return Ok(Some(view)),
        Err(error) if has_no_buffer(&error, value.py()) => {}
        Err(error) => return Err(error.into()),
    }
    // A column of pandas shows its memory through NumPy.
    if !value.hasattr("__array__")? || value.hasattr("__array_interface__")? {
        return Ok(None);
    }
    match PyMemoryView::from(&value.call_method0("__array__")?) {
        Ok(view) => Ok(Some(view)),
        Err(error) if has_no_buffer(&error, value.py()) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Whether an object said that it does not show its memory; NumPy does so with a `ValueError`.
fn has_no_buffer(error: &PyErr, py: Python<'_>) -> bool {
    error.is_instance_of::<PyTypeError>(py)
        || error.is_instance_of::<PyValueError>(py)
        || error.is_instance_of::<PyBufferError>(py)
}

impl Numbers {
    /// From the letter of the module `struct`. Errors: `expected_decimal_string` for floats,
    /// `unsupported_type`.
    fn of(format: &str, item_bytes: usize) -> Result<Self> {
        let is_big_endian = match format.as_bytes().first() {
            Some(b'>' | b'!') => true,
            Some(b'<') => false,
            _ => cfg!(target_endian = "big"),
        };
        let letter = format.trim_start_matches(['@', '=', '<', '>', '!']);
        let kind = match (letter, item_bytes) {
            ("b" | "h" | "i" | "l" | "q" | "n", 1) => Kind::Int8,
            ("b" | "h" | "i" | "l" | "q" | "n", 2) => Kind::Int16,
            ("b" | "h" | "i" | "l" | "q" | "n", 4) => Kind::Int32,
            ("b" | "h" | "i" | "l" | "q" | "n", 8) => Kind::Int64,
            ("B" | "H" | "I" | "L" | "Q" | "N", 1) => Kind::UInt8,
            ("B" | "H" | "I" | "L" | "Q" | "N", 2) => Kind::UInt16,
            ("B" | "H" | "I" | "L" | "Q" | "N", 4) => Kind::UInt32,
            ("B" | "H" | "I" | "L" | "Q" | "N", 8) => Kind::UInt64,
            ("e" | "f" | "d" | "g", _) => return Err(not_exact("a float")),
            _ => return Err(unsupported(format_args!("a value of the format `{format}`"))),
        };
        Ok(Numbers { kind, is_big_endian })
    }

    /// Adds the numbers in `bytes`.
    pub(super) fn add(&self, totals: &mut Totals<'_>, bytes: &[u8]) -> Result<()> {
        macro_rules! add {
            ($number:ty) => {{
                let (items, _) = bytes.as_chunks::<{ size_of::<$number>() }>();
                totals.reserve(items.len())?;
                if self.is_big_endian {
                    totals.add_whole(items.iter().map(|item| <$number>::from_be_bytes(*item)))
                } else {
                    totals.add_whole(items.iter().map(|item| <$number>::from_le_bytes(*item)))
                }
            }};
        }
        match self.kind {
            Kind::Int8 => add!(i8),
            Kind::Int16 => add!(i16),
            Kind::Int32 => add!(i32),
            Kind::Int64 => add!(i64),
            Kind::UInt8 => add!(u8),
            Kind::UInt16 => add!(u16),
            Kind::UInt32 => add!(u32),
            Kind::UInt64 => add!(u64),
        }
    }
}
