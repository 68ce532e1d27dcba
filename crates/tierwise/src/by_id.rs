//! Values by id, ids rising: a small map whose order is always the same.

use alloc::{string::String, vec::Vec};

/// Values by id, in byte order of the ids. Made for the few dozen meters, features and limits of a
/// catalog; every search is a bisection.
///
/// ```
/// let mut limits = tierwise::ById::default();
/// limits.insert("message".to_owned(), 1000);
/// assert_eq!(limits.get("message"), Some(&1000));
/// assert_eq!(limits.get("note"), None);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ById<T>(Vec<(String, T)>);

impl<T> Default for ById<T> {
    fn default() -> Self {
        ById(Vec::new())
    }
}

impl<T> ById<T> {
    fn find(&self, id: &str) -> Result<usize, usize> {
        self.0.binary_search_by(|(known, _)| known.as_str().cmp(id))
    }

    /// Puts a value under an id; one that was there is replaced.
    pub fn insert(&mut self, id: String, value: T) {
        match self.find(&id) {
            Ok(place) => {
                if let Some((_, old)) = self.0.get_mut(place) {
                    *old = value;
                }
            }
            Err(place) => self.0.insert(place, (id, value)),
        }
    }

    /// The value under an id.
    pub fn get(&self, id: &str) -> Option<&T> {
        self.0.get(self.find(id).ok()?).map(|(_, value)| value)
    }

    /// The value under an id, to change it.
    pub fn get_mut(&mut self, id: &str) -> Option<&mut T> {
        let place = self.find(id).ok()?;
        self.0.get_mut(place).map(|(_, value)| value)
    }

    /// Whether there is a value under an id.
    pub fn contains(&self, id: &str) -> bool {
        self.find(id).is_ok()
    }

    /// Ids and values, ids rising.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &T)> {
        self.0.iter().map(|(id, value)| (id.as_str(), value))
    }

    /// The ids, rising.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(id, _)| id.as_str())
    }

    /// The same ids with what a function makes of their values.
    pub fn map<U>(self, made: impl Fn(T) -> U) -> ById<U> {
        ById(self.0.into_iter().map(|(id, value)| (id, made(value))).collect())
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
