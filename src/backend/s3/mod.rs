//! States in a bucket of an S3-compatible service.
//!
//! Everything rests on conditional writes of single objects: the service replaces an object only if it is still the version
//! that was read, and creates one only if there is none. Beside the snapshot `KEY` stand
//!
//! - `KEY.lock`: who holds the lock, since which epoch, and which segments of the journal count;
//! - `KEY.journal/EPOCH-NUMBER`: one segment for each group of records;
//! - `KEY.history/…`, `KEY.backup`: journals of earlier runs, the snapshot before the last run;
//! - `KEY.tflock`: the lock file of Terraform.
//!
//! Why nothing is lost and nobody overwrites anybody is argued in `docs/design/0024-backend-s3.md`.

mod acquire;
mod bucket;
mod credentials;
mod engine;
mod failure;
mod journal;
mod keys;
mod lease;
mod manifest;
mod opening;
mod probe;
mod session;
mod settings;
mod store;
mod terraform;
mod wire;

pub(super) use settings::ARGUMENTS;
pub(super) use settings::configure;
