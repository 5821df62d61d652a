//! The file form of the state: Terraform v4 state documents.
//!
//! What Terraform has no field for travels in each object's `private`, which other tools keep; the top-level
//! key `queueform` holds only what may be lost. Bytes are a function of the state: the same state gives the
//! same bytes, one object per line.

mod checksum;
mod private;
mod read;
mod write;

#[cfg(test)]
mod tests;

pub use read::DocumentError;
pub use read::Encryptor;
pub use read::head;
pub use read::read;
pub use read::read_edited;
pub use write::write;
pub use write::write_with_secrets;

/// The Terraform version whose state documents these are.
const COMPATIBLE_WITH: &str = "1.11.4";

/// The version of what stands under the key `queueform` and in `private`.
const FORMAT: u64 = 1;
