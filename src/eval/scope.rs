//! What an expression can see: names and files.

use std::sync::Arc;

use crate::diag::Diagnostics;
use crate::source::Span;
use crate::value::Value;

/// Resolves the root names of references. Implemented by `config`, `plan`, `provider` and tests.
pub trait Scope {
    /// Returns what a root name stands for, or findings (`unknown-variable`, `undeclared-reference` …).
    ///
    /// # Errors
    /// If the name means nothing here or its value could not be computed.
    fn root(&self, name: &str, span: Span) -> Result<Referent<'_>, Diagnostics>;

    /// Returns the files that file functions may read; none by default.
    fn files(&self) -> Option<&dyn Files> {
        None
    }

    /// Returns false where functions must not be called, as in defaults and variable files.
    fn allows_functions(&self) -> bool {
        true
    }

    /// Returns the instant of the plan as RFC 3339, for `plantimestamp()`, if there is one.
    fn plan_time(&self) -> Option<Arc<str>> {
        None
    }

    /// Returns true inside a template that a function renders, where the template functions are refused.
    fn within_template(&self) -> bool {
        false
    }

    /// Returns true in messages whose figures are for people: whole numbers stand in texts with their thousands
    /// apart.
    fn groups_digits(&self) -> bool {
        false
    }

    /// Returns true while a plan is made: `timestamp()`, `uuid()` and `bcrypt()` are unknown then.
    fn impure_is_unknown(&self) -> bool {
        true
    }
}

/// What a name or a step of a reference stands for.
pub enum Referent<'s> {
    /// A value.
    Value(Value),
    /// Something whose parts are computed only when asked for, such as all instances of a resource.
    Namespace(Box<dyn Namespace<'s> + 's>),
}

impl std::fmt::Debug for Referent<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Value(value) => value.fmt(f),
            Self::Namespace(_) => f.write_str("(namespace)"),
        }
    }
}

/// A part of the scope that is taken apart step by step, so that `a.b["c"].d` touches only that one object.
/// Each step consumes the part it starts from.
pub trait Namespace<'s> {
    /// Returns the part of a name: `.name`.
    ///
    /// # Errors
    /// If there is no such part.
    fn attribute(self: Box<Self>, name: &str, span: Span) -> Result<Referent<'s>, Diagnostics>;

    /// Returns the part of a key: `[key]`. The key may be unknown or marked.
    ///
    /// # Errors
    /// If there is no such part.
    fn index(self: Box<Self>, key: &Value, span: Span) -> Result<Referent<'s>, Diagnostics>;

    /// Returns all of it as one value: for `for`, splats, function arguments and comparison.
    ///
    /// # Errors
    /// If it is not usable as a value (`data` alone, for example).
    fn whole(self: Box<Self>, span: Span) -> Result<Value, Diagnostics>;
}

/// Read access to files for the file functions. Implementations record what was read.
pub trait Files {
    /// Returns the bytes of a file; relative paths start at the working directory.
    ///
    /// # Errors
    /// If the file cannot be read.
    fn read(&self, path: &str) -> Result<Arc<[u8]>, FileError>;

    /// Returns whether a regular file exists; an error for a directory.
    ///
    /// # Errors
    /// If the path is something else than a file.
    fn exists(&self, path: &str) -> Result<bool, FileError>;

    /// Returns the paths below a directory of all regular files, with `/`, sorted.
    ///
    /// # Errors
    /// If the directory cannot be read.
    fn list(&self, directory: &str) -> Result<Vec<String>, FileError>;

    /// Returns the absolute working directory.
    fn current_directory(&self) -> Arc<str>;

    /// Returns the home directory, if there is one.
    fn home_directory(&self) -> Option<Arc<str>>;
}

/// Why a file could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct FileError {
    /// What went wrong, naming the path.
    pub message: String,
}
