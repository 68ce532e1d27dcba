//! Columns with a mask beside their numbers: NumPy's masked arrays, and columns of pandas where
//! pyarrow is not there to make Arrow of them.

use pyo3::{
    exceptions::PyTypeError,
    intern,
    prelude::*,
    types::{PyDict, PyModule},
};

use super::cells::unreadable;
use crate::failure::Result;

/// The values as objects, `None` where the mask hides one; none if the value hides nothing. Such
/// columns are rare, so they go the slower way.
pub(super) fn objects<'py>(value: &Bound<'py, PyAny>) -> Result<Option<Bound<'py, PyAny>>> {
    match of_numpy(value)? {
        Some(objects) => Ok(Some(objects)),
        None => Ok(of_pandas(value)?),
    }
}

fn of_numpy<'py>(value: &Bound<'py, PyAny>) -> Result<Option<Bound<'py, PyAny>>> {
    let py = value.py();
    // Not imported here: without the module there is no such array.
    let modules = py.import(intern!(py, "sys"))?.getattr(intern!(py, "modules"))?;
    let Some(numpy) = modules.cast::<PyDict>().map_err(PyErr::from)?.get_item("numpy.ma")? else {
        return Ok(None);
    };
    let numpy = numpy.cast_into::<PyModule>().map_err(PyErr::from)?;
    if !value.is_instance(&numpy.getattr(intern!(py, "MaskedArray"))?)? {
        return Ok(None);
    }
    match numpy.call_method1(intern!(py, "is_masked"), (value,)) {
        Ok(is_masked) if is_masked.is_truthy()? => {}
        Ok(_) => return Ok(None),
        // Of several fields: as an array without a mask it is refused.
        Err(error) if error.is_instance_of::<PyTypeError>(py) => return Ok(None),
        Err(error) => return Err(error.into()),
    }
    let dimensions: usize = value.getattr(intern!(py, "ndim"))?.extract()?;
    if dimensions != 1 {
        return Err(unreadable(&format_args!("it has {dimensions} dimensions")));
    }
    Ok(Some(value.call_method0(intern!(py, "tolist"))?))
}

fn of_pandas<'py>(value: &Bound<'py, PyAny>) -> PyResult<Option<Bound<'py, PyAny>>> {
    let py = value.py();
    let is_column = value.hasattr(intern!(py, "isna"))?
        && value.hasattr(intern!(py, "dtype"))?
        && value.hasattr(intern!(py, "to_numpy"))?;
    if !is_column {
        return Ok(None);
    }
    let missing = value.call_method0(intern!(py, "isna"))?;
    if !missing.call_method0(intern!(py, "any"))?.is_truthy()? {
        return Ok(None);
    }
    let arguments = PyDict::new(py);
    arguments.set_item("dtype", "object")?;
    arguments.set_item("na_value", py.None())?;
    value.call_method(intern!(py, "to_numpy"), (), Some(&arguments)).map(Some)
}
