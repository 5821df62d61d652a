//! Paths into a value: `topic_perms["orders"]`.

use std::fmt;
use std::sync::Arc;

/// One step of a path.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// An attribute of an object.
    Attr(Arc<str>),
    /// A key of a map.
    Key(Arc<str>),
    /// A position in a list or tuple (or in the sorted order of a set).
    Index(u64),
}

/// A path from a resource's root object to a part of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ValuePath(pub Vec<Step>);

impl ValuePath {
    /// Returns the path to one top-level attribute.
    pub fn attr(name: impl Into<Arc<str>>) -> Self {
        Self(vec![Step::Attr(name.into())])
    }

    /// Returns the path extended by a step.
    #[must_use]
    pub fn join(&self, step: Step) -> Self {
        let mut steps = self.0.clone();
        steps.push(step);
        Self(steps)
    }

    /// Returns true if this path is `prefix` or lies below it.
    #[must_use]
    pub fn starts_with(&self, prefix: &Self) -> bool {
        self.0.starts_with(&prefix.0)
    }
}

impl fmt::Display for ValuePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, step) in self.0.iter().enumerate() {
            match step {
                Step::Attr(name) if index == 0 => write!(f, "{name}")?,
                Step::Attr(name) => write!(f, ".{name}")?,
                Step::Key(key) => write!(f, "{}", super::InstanceKey::Str(Arc::clone(key)))?,
                Step::Index(position) => write!(f, "[{position}]")?,
            }
        }
        Ok(())
    }
}
