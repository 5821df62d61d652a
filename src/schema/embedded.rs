//! The schema files that are part of the program.

/// Path below `schemas/` and content of each file.
pub(super) const FILES: &[(&str, &str)] = &[];
