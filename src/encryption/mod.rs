//! Encrypted states, journals and plans.
//!
//! Owns the keys that the `encryption` block names, the envelope that encrypted documents stand in, and a
//! [`Store`](crate::state::store::Store) that encrypts whatever another one keeps. Knows nothing of files,
//! configuration and engines: keys are handed in, places are somebody else's.
//!
//! A random *data key* encrypts (XChaCha20-Poly1305, random nonces); the key of the user encrypts the data key alone
//! (`age`: scrypt for passphrases, X25519 for recipients) and stands in the head of every document and journal. A run
//! pays for the slow passphrase once. `docs/design/0026-encryption.md` gives the reasons.

mod cipher;
mod envelope;
mod journal;
mod key;
mod problem;
mod ring;
mod session;
mod store;

#[cfg(test)]
mod tests;

pub use key::Key;
pub use key::KeyError;
pub use problem::Problem;
pub use ring::Keyring;
pub use ring::Rule;
pub use store::EncryptedStore;

use std::sync::Arc;

/// What is encrypted with which keys; nothing, by default.
#[derive(Debug, Clone, Default)]
pub struct Encryption {
    /// For states with their journals, backups and histories.
    pub state: Option<Arc<Keyring>>,
    /// For saved plans.
    pub plan: Option<Arc<Keyring>>,
    /// For states of other configurations, which are only read.
    pub remote_state: Option<Arc<Keyring>>,
}
