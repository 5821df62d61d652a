//! Sealing and opening bytes with a random key, and that key wrapped by the user's.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use chacha20poly1305::KeyInit as _;
use chacha20poly1305::XChaCha20Poly1305;
use chacha20poly1305::XNonce;
use chacha20poly1305::aead::Aead as _;
use chacha20poly1305::aead::Payload;
use serde::Deserialize;
use serde::Serialize;
use sha2::Digest as _;
use zeroize::Zeroizing;

use super::Problem;

const KEY_BYTES: usize = 32;
const NONCE_BYTES: usize = 24;

/// The key that encrypts; random, and never written but wrapped.
pub(super) struct DataKey(Zeroizing<[u8; KEY_BYTES]>);

impl DataKey {
    /// Makes a key.
    pub(super) fn random() -> Result<Self, Problem> {
        let mut bytes = Zeroizing::new([0; KEY_BYTES]);
        fill(&mut *bytes)?;
        Ok(Self(bytes))
    }

    /// Takes what was unwrapped.
    pub(super) fn of(bytes: &[u8]) -> Option<Self> {
        let mut key = Zeroizing::new([0; KEY_BYTES]);
        if bytes.len() != key.len() {
            return None;
        }
        key.copy_from_slice(bytes);
        Some(Self(key))
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &*self.0
    }
}

impl fmt::Debug for DataKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("(sensitive)")
    }
}

/// Random bytes of the operating system.
fn fill(bytes: &mut [u8]) -> Result<(), Problem> {
    rustls::crypto::ring::default_provider()
        .secure_random
        .fill(bytes)
        .map_err(|_failed| Problem::Failed { reason: "the system gives no random numbers".to_owned() })
}

/// A data key as it is written: encrypted with the user's key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Wrapped {
    /// What kind of key opens it: `passphrase` or `age`.
    pub(super) kind: String,
    /// How that key was called. Told to people; what it is called now does not matter.
    pub(super) name: String,
    /// The public keys of those who can open it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) recipients: Vec<String>,
    /// The age file that holds the data key, in base64.
    pub(super) age: String,
}

impl Wrapped {
    /// Returns what everything sealed with it is bound to.
    fn digest(&self) -> [u8; 32] {
        let mut hash = sha2::Sha256::new();
        for part in [&self.kind, &self.name, &self.age].into_iter().chain(&self.recipients) {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        hash.finalize().into()
    }
}

/// A data key with its wrapped form.
#[derive(Debug)]
pub(super) struct Sealer {
    key: DataKey,
    pub(super) wrapped: Wrapped,
    /// Whether the key that is to be written with wrapped it, for all that are to read now.
    pub(super) is_current: bool,
    binding: [u8; 32],
}

impl Sealer {
    pub(super) fn new(key: DataKey, wrapped: Wrapped, is_current: bool) -> Self {
        let binding = wrapped.digest();
        Self { key, wrapped, is_current, binding }
    }

    fn cipher(&self) -> Result<XChaCha20Poly1305, Problem> {
        XChaCha20Poly1305::new_from_slice(self.key.bytes())
            .map_err(|_length| Problem::Failed { reason: "the data key is malformed".to_owned() })
    }

    /// What is authenticated besides the text: what it is, and how its key was wrapped.
    fn associated(&self, context: &str) -> Vec<u8> {
        let mut bytes = self.binding.to_vec();
        bytes.extend_from_slice(context.as_bytes());
        bytes
    }

    /// Encrypts; the same context is needed to decrypt.
    pub(super) fn seal(&self, context: &str, plain: &[u8]) -> Result<String, Problem> {
        let mut nonce = [0; NONCE_BYTES];
        // Of 192 random bits none comes twice, whatever a crash made us forget.
        fill(&mut nonce)?;
        let payload = Payload { msg: plain, aad: &self.associated(context) };
        let sealed = self
            .cipher()?
            .encrypt(&XNonce::from(nonce), payload)
            .map_err(|_failed| Problem::Failed { reason: "it is too large".to_owned() })?;
        let mut bytes = nonce.to_vec();
        bytes.extend_from_slice(&sealed);
        Ok(STANDARD_NO_PAD.encode(bytes))
    }

    /// Decrypts.
    pub(super) fn open(&self, context: &str, sealed: &str) -> Result<Vec<u8>, Problem> {
        let bytes = STANDARD_NO_PAD.decode(sealed).map_err(|_no_base64| Problem::Damaged)?;
        let (nonce, sealed) = bytes.split_first_chunk::<NONCE_BYTES>().ok_or(Problem::Damaged)?;
        let payload = Payload { msg: sealed, aad: &self.associated(context) };
        self.cipher()?.decrypt(&XNonce::from(*nonce), payload).map_err(|_changed| Problem::Damaged)
    }
}
