//! Salted slow digests: they tell whether a secret is still the same without keeping it.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;

use argon2::Algorithm;
use argon2::Argon2;
use argon2::Params;
use argon2::Version;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use serde::Deserialize;
use serde::Deserializer;
use serde::Serialize;
use serde::Serializer;
use sha2::Digest as _;

/// Memory in KiB and passes for new digests; measured and argued in `docs/design/0003-state-and-journal.md`.
const MEMORY_KIB: u32 = 1024;
const PASSES: u32 = 2;
const SALT_BYTES: usize = 16;
const HASH_BYTES: usize = 32;

/// A salted argon2id digest of one secret, in the PHC text form. Every digest has a salt of its own: equal
/// secrets have different digests, and objects keep theirs when they move to another state.
///
/// Comparing costs a few milliseconds the first time; the outcome is remembered for as long as the digest
/// (or a clone of it) lives.
#[derive(Clone)]
pub struct Digest {
    memory: u32,
    passes: u32,
    salt: Arc<[u8]>,
    hash: Arc<[u8]>,
    seen: Arc<Mutex<Seen>>,
}

/// Fast digests of texts that were compared before. They live in memory only.
#[derive(Default)]
struct Seen {
    same: Option<[u8; 32]>,
    other: Option<[u8; 32]>,
}

/// The digest could not be computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a sensitive value could not be digested")]
pub struct DigestError;

impl Digest {
    /// Computes the digest of a text with a new random salt.
    ///
    /// # Errors
    /// If memory for the computation is missing.
    pub fn of(text: &str) -> Result<Self, DigestError> {
        let salt = uuid::Uuid::new_v4().into_bytes();
        debug_assert_eq!(salt.len(), SALT_BYTES);
        let hash = slow(MEMORY_KIB, PASSES, &salt, text)?;
        let seen = Seen { same: Some(fast(text)), other: None };
        Ok(Self {
            memory: MEMORY_KIB,
            passes: PASSES,
            salt: salt.as_slice().into(),
            hash: hash.as_slice().into(),
            seen: Arc::new(Mutex::new(seen)),
        })
    }

    /// Returns whether it is the digest of a text.
    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        let quick = fast(text);
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(same) = seen.same {
            return same == quick;
        }
        if seen.other == Some(quick) {
            return false;
        }
        let matches = slow(self.memory, self.passes, &self.salt, text)
            .is_ok_and(|hash| hash.iter().zip(&*self.hash).fold(0, |odd, (a, b)| odd | (a ^ b)) == 0);
        if matches {
            seen.same = Some(quick);
        } else {
            seen.other = Some(quick);
        }
        matches
    }
}

fn fast(text: &str) -> [u8; 32] {
    sha2::Sha256::digest(text.as_bytes()).into()
}

fn slow(memory: u32, passes: u32, salt: &[u8], text: &str) -> Result<[u8; HASH_BYTES], DigestError> {
    let params = Params::new(memory, passes, 1, Some(HASH_BYTES)).map_err(|_invalid| DigestError)?;
    let mut hash = [0; HASH_BYTES];
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(text.as_bytes(), salt, &mut hash)
        .map_err(|_failed| DigestError)?;
    Ok(hash)
}

impl PartialEq for Digest {
    fn eq(&self, other: &Self) -> bool {
        self.memory == other.memory
            && self.passes == other.passes
            && self.salt == other.salt
            && self.hash == other.hash
    }
}

impl Eq for Digest {}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let base64 = |bytes: &[u8]| STANDARD_NO_PAD.encode(bytes);
        let (memory, passes) = (self.memory, self.passes);
        write!(f, "$argon2id$v=19$m={memory},t={passes},p=1${}${}", base64(&self.salt), base64(&self.hash))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(digest)")
    }
}

impl FromStr for Digest {
    type Err = DigestError;

    fn from_str(text: &str) -> Result<Self, DigestError> {
        /// Bounds what a manipulated file can make us compute.
        const MOST_MEMORY_KIB: u32 = 64 * 1024;
        const MOST_PASSES: u32 = 16;
        let read = || {
            let rest = text.strip_prefix("$argon2id$v=19$m=")?;
            let (memory, rest) = rest.split_once(",t=")?;
            let (passes, rest) = rest.split_once(",p=1$")?;
            let (salt, hash) = rest.split_once('$')?;
            let digest = Self {
                memory: memory.parse().ok()?,
                passes: passes.parse().ok()?,
                salt: STANDARD_NO_PAD.decode(salt).ok()?.into(),
                hash: STANDARD_NO_PAD.decode(hash).ok()?.into(),
                seen: Arc::default(),
            };
            let sound = digest.salt.len() >= 8
                && digest.hash.len() == HASH_BYTES
                && (8..=MOST_MEMORY_KIB).contains(&digest.memory)
                && (1..=MOST_PASSES).contains(&digest.passes);
            sound.then_some(digest)
        };
        read().ok_or(DigestError)
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(|_malformed: DigestError| {
            serde::de::Error::custom("the digest of a sensitive value is malformed")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_form_round_trips_and_is_bounded() {
        let digest = Digest::of("x").unwrap();
        let again: Digest = digest.to_string().parse().unwrap();
        assert_eq!(digest, again);
        assert!(again.matches("x") && !again.matches("y"));
        let greedy = digest.to_string().replace("m=1024", "m=4194304");
        assert_eq!(greedy.parse::<Digest>(), Err(DigestError));
        assert_eq!("".parse::<Digest>(), Err(DigestError));
    }
}
