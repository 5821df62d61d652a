//! The parts of a map or object by name.

use std::cmp::Ordering;
use std::iter::Map;
use std::slice;
use std::sync::Arc;
use std::vec;

use super::Value;

type Part = (Arc<str>, Value);

/// The parts of a map or object by name, in the order of their names.
///
/// One block of memory: objects are read, compared and copied far more often than changed, and there are many of them.
/// Whoever builds a large one collects it from an iterator, which sorts once; inserting in the middle moves what
/// follows.
#[derive(Debug, Clone, Default)]
pub struct Fields {
    /// Sorted, each name once.
    parts: Vec<Part>,
}

/// So many are inserted one by one; more are sorted in at once.
const FEW: usize = 8;

/// Names and values of [`Fields`].
pub(super) type Iter<'f> = Map<slice::Iter<'f, Part>, fn(&'f Part) -> (&'f Arc<str>, &'f Value)>;

impl Fields {
    /// Returns no fields.
    #[must_use]
    pub const fn new() -> Self {
        Self { parts: Vec::new() }
    }

    /// Returns how many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.parts.len()
    }

    /// Returns true if there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    fn find(&self, name: &str) -> Result<usize, usize> {
        match self.parts.last() {
            // Mostly fields come in order.
            Some((last, _)) if **last < *name => Err(self.parts.len()),
            _ => self.parts.binary_search_by(|(own, _)| (**own).cmp(name)),
        }
    }

    /// Returns the value of a name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.get_key_value(name).map(|(_, value)| value)
    }

    /// Returns name and value of a name.
    #[must_use]
    pub fn get_key_value(&self, name: &str) -> Option<(&Arc<str>, &Value)> {
        let at = self.find(name).ok()?;
        self.parts.get(at).map(pair)
    }

    /// Returns the value of a name to be changed.
    pub fn get_mut(&mut self, name: &str) -> Option<&mut Value> {
        let at = self.find(name).ok()?;
        self.parts.get_mut(at).map(|(_, value)| value)
    }

    /// Returns true if there is a value of this name.
    #[must_use]
    pub fn contains_key(&self, name: &str) -> bool {
        self.find(name).is_ok()
    }

    /// Sets the value of a name, and returns the one before.
    pub fn insert(&mut self, name: Arc<str>, value: Value) -> Option<Value> {
        match self.find(&name) {
            Ok(at) => self.parts.get_mut(at).map(|(_, old)| std::mem::replace(old, value)),
            Err(at) => {
                self.parts.insert(at, (name, value));
                None
            }
        }
    }

    /// Takes a value out.
    pub fn remove(&mut self, name: &str) -> Option<Value> {
        let at = self.find(name).ok()?;
        Some(self.parts.remove(at).1)
    }

    /// Returns names and values in order.
    pub fn iter(&self) -> Iter<'_> {
        self.parts.iter().map(pair)
    }

    /// Returns the names in order.
    pub fn keys(&self) -> impl DoubleEndedIterator<Item = &Arc<str>> + ExactSizeIterator + Clone {
        self.parts.iter().map(|(name, _)| name)
    }

    /// Returns the values in the order of their names.
    pub fn values(&self) -> impl DoubleEndedIterator<Item = &Value> + ExactSizeIterator + Clone {
        self.parts.iter().map(|(_, value)| value)
    }

    /// Returns the values in the order of their names.
    pub fn into_values(self) -> impl DoubleEndedIterator<Item = Value> + ExactSizeIterator {
        self.parts.into_iter().map(|(_, value)| value)
    }
}

fn pair((name, value): &Part) -> (&Arc<str>, &Value) {
    (name, value)
}

impl<N: Into<Arc<str>>> FromIterator<(N, Value)> for Fields {
    /// The last one counts among those of one name.
    fn from_iter<I: IntoIterator<Item = (N, Value)>>(parts: I) -> Self {
        let mut parts: Vec<Part> = parts.into_iter().map(|(name, value)| (name.into(), value)).collect();
        if !parts.is_sorted_by(|(a, _), (b, _)| a < b) {
            parts.sort_by(|(a, _), (b, _)| a.cmp(b));
            parts.dedup_by(|later, earlier| {
                let same = later.0.cmp(&earlier.0) == Ordering::Equal;
                if same {
                    std::mem::swap(later, earlier);
                }
                same
            });
        }
        Self { parts }
    }
}

impl Extend<(Arc<str>, Value)> for Fields {
    fn extend<I: IntoIterator<Item = (Arc<str>, Value)>>(&mut self, parts: I) {
        let new: Vec<Part> = parts.into_iter().collect();
        if new.len() <= FEW {
            for (name, value) in new {
                self.insert(name, value);
            }
        } else {
            *self = std::mem::take(&mut self.parts).into_iter().chain(new).collect();
        }
    }
}

impl IntoIterator for Fields {
    type Item = (Arc<str>, Value);
    type IntoIter = vec::IntoIter<Part>;

    fn into_iter(self) -> Self::IntoIter {
        self.parts.into_iter()
    }
}

impl<'f> IntoIterator for &'f Fields {
    type Item = (&'f Arc<str>, &'f Value);
    type IntoIter = Iter<'f>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(fields: &Fields) -> String {
        fields.iter().map(|(name, value)| format!("{name}={value:?} ")).collect()
    }

    #[test]
    fn fields_are_sorted_and_the_last_one_of_a_name_counts() {
        let fields: Fields = [("b", 1), ("a", 2), ("b", 3), ("c", 4), ("a", 5), ("b", 6)]
            .into_iter()
            .map(|(name, value)| (name, Value::int(value)))
            .collect();
        assert_eq!(shown(&fields), "a=5 b=6 c=4 ");
        assert_eq!(fields.len(), 3);
        assert!(fields.get("d").is_none() && fields.get("").is_none());
    }

    #[test]
    fn inserting_and_removing_keep_the_order() {
        let mut fields = Fields::new();
        for name in ["m", "z", "a", "m", "b"] {
            fields.insert(name.into(), Value::string(name));
        }
        assert_eq!(shown(&fields), "a=\"a\" b=\"b\" m=\"m\" z=\"z\" ");
        assert!(fields.insert("a".into(), Value::int(1)).is_some());
        assert!(fields.remove("b").is_some() && fields.remove("b").is_none());
        *fields.get_mut("z").unwrap() = Value::int(2);
        fields.extend([("c".into(), Value::int(3))]);
        assert_eq!(shown(&fields), "a=1 c=3 m=\"m\" z=2 ");
    }
}
