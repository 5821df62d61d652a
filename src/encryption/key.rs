//! Keys of users: passphrases, and recipients of age with their identities.

use std::fmt;
use std::io::Read as _;
use std::io::Write as _;
use std::str::FromStr as _;
use std::sync::Arc;

use age::secrecy::SecretString;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use zeroize::Zeroizing;

use crate::value::Secret;

use super::Problem;
use super::cipher::DataKey;
use super::cipher::Sealer;
use super::cipher::Wrapped;

/// The cost of a passphrase: scrypt with N = 2^16 (64 MiB), paid once by a run.
const WORK: u8 = 16;

/// What a manipulated file can make us compute at most: 1 GiB.
const MOST_WORK: u8 = 20;

/// The fewest characters of a passphrase.
const SHORTEST: usize = 16;

/// A key of the configuration.
pub struct Key {
    name: Arc<str>,
    kind: Kind,
}

enum Kind {
    Passphrase(Secret),
    Age { recipients: Vec<age::x25519::Recipient>, identities: Vec<age::x25519::Identity> },
}

/// Why something is no key. Never quotes a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The passphrase could be guessed.
    #[error("a passphrase needs at least {SHORTEST} characters, this one has {characters}")]
    Short {
        /// How many it has.
        characters: usize,
    },
    /// A recipient is not one of age.
    #[error("`{text}` is no recipient of age: {reason}")]
    Recipient {
        /// The text.
        text: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// An identity is not one of age.
    #[error("line {line} of the identities is no identity of age (`AGE-SECRET-KEY-1…`)")]
    Identity {
        /// The line, from 1.
        line: usize,
    },
    /// There is nothing to encrypt for.
    #[error("there is neither a recipient nor an identity")]
    Nobody,
}

impl Key {
    /// Returns the key of a passphrase.
    ///
    /// # Errors
    /// If it is too short.
    pub fn passphrase(name: impl Into<Arc<str>>, passphrase: Secret) -> Result<Self, KeyError> {
        let characters = passphrase.reveal().chars().count();
        if characters < SHORTEST {
            return Err(KeyError::Short { characters });
        }
        Ok(Self { name: name.into(), kind: Kind::Passphrase(passphrase) })
    }

    /// Returns the key of recipients, any of whom can read what is written, and of the identities that are at hand,
    /// one per line. Without recipients, those of the identities are meant.
    ///
    /// # Errors
    /// If a recipient or an identity is malformed, or there is none at all.
    pub fn age(
        name: impl Into<Arc<str>>,
        recipients: &[Arc<str>],
        identities: Option<&Secret>,
    ) -> Result<Self, KeyError> {
        let mut known = Vec::new();
        for text in recipients {
            let recipient = age::x25519::Recipient::from_str(text.trim()).map_err(|reason| {
                // Whoever swaps the two must not find the secret in a log.
                let text = if text.trim().to_ascii_uppercase().starts_with("AGE-SECRET") {
                    "(sensitive value)".to_owned()
                } else {
                    text.to_string()
                };
                KeyError::Recipient { text, reason }
            })?;
            known.push(recipient);
        }
        let mut own = Vec::new();
        for (at, line) in identities.map_or("", Secret::reveal).lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let identity = age::x25519::Identity::from_str(line)
                .map_err(|_reason| KeyError::Identity { line: at + 1 })?;
            own.push(identity);
        }
        if recipients.is_empty() {
            known.extend(own.iter().map(age::x25519::Identity::to_public));
        }
        if known.is_empty() {
            return Err(KeyError::Nobody);
        }
        Ok(Self { name: name.into(), kind: Kind::Age { recipients: known, identities: own } })
    }

    /// How the configuration calls it: `key_provider.age.team`.
    #[must_use]
    pub fn name(&self) -> &Arc<str> {
        &self.name
    }

    /// The public keys of those who can read, sorted.
    fn recipients(&self) -> Vec<String> {
        match &self.kind {
            Kind::Passphrase(_) => Vec::new(),
            Kind::Age { recipients, .. } => {
                let mut names: Vec<String> = recipients.iter().map(ToString::to_string).collect();
                names.sort_unstable();
                names.dedup();
                names
            }
        }
    }

    fn kind(&self) -> &'static str {
        match &self.kind {
            Kind::Passphrase(_) => "passphrase",
            Kind::Age { .. } => "age",
        }
    }

    /// Makes a data key and wraps it.
    pub(super) fn sealer(&self) -> Result<Sealer, Problem> {
        let failed = |reason: String| Problem::Failed { reason };
        let data = DataKey::random()?;
        let encryptor = match &self.kind {
            Kind::Passphrase(passphrase) => {
                let mut recipient = age::scrypt::Recipient::new(SecretString::from(passphrase.reveal()));
                recipient.set_work_factor(WORK);
                age::Encryptor::with_recipients(std::iter::once(&recipient as &dyn age::Recipient))
            }
            Kind::Age { recipients, .. } => age::Encryptor::with_recipients(
                recipients.iter().map(|recipient| recipient as &dyn age::Recipient),
            ),
        }
        .map_err(|error| failed(error.to_string()))?;
        let mut file = Vec::new();
        let written = encryptor.wrap_output(&mut file).and_then(|mut writer| {
            writer.write_all(data.bytes())?;
            writer.finish().map(|_file| ())
        });
        written.map_err(|error| failed(error.to_string()))?;
        let wrapped = Wrapped {
            kind: self.kind().to_owned(),
            name: self.name.to_string(),
            recipients: self.recipients(),
            age: STANDARD_NO_PAD.encode(file),
        };
        Ok(Sealer::new(data, wrapped, true))
    }

    /// Opens a wrapped data key; says why if this is not the key for it.
    pub(super) fn unwrap(&self, wrapped: &Wrapped, writes: bool) -> Result<Sealer, String> {
        let no = |why: &str| format!("`{}`: {why}", self.name);
        if wrapped.kind != self.kind() {
            return Err(no(if wrapped.kind == "passphrase" {
                "it has recipients, a passphrase is needed"
            } else {
                "it is a passphrase, an identity is needed"
            }));
        }
        let file = STANDARD_NO_PAD.decode(&wrapped.age).map_err(|_no_base64| no("the head is damaged"))?;
        let decryptor =
            age::Decryptor::new_buffered(file.as_slice()).map_err(|_malformed| no("the head is damaged"))?;
        let mut reader = match &self.kind {
            Kind::Passphrase(passphrase) => {
                let mut identity = age::scrypt::Identity::new(SecretString::from(passphrase.reveal()));
                identity.set_max_work_factor(MOST_WORK);
                decryptor.decrypt(std::iter::once(&identity as &dyn age::Identity)).map_err(|error| {
                    match error {
                        age::DecryptError::ExcessiveWork { .. } => {
                            no("it asks for more work than is allowed")
                        }
                        _ => no("the passphrase is another one"),
                    }
                })?
            }
            Kind::Age { identities, .. } if identities.is_empty() => {
                return Err(no("there is no identity, so it can write and not read"));
            }
            Kind::Age { identities, .. } => decryptor
                .decrypt(identities.iter().map(|identity| identity as &dyn age::Identity))
                .map_err(|_other| no("none of its identities is one of them"))?,
        };
        // One byte more than expected is enough to see that it is no key.
        let mut bytes = Zeroizing::new(Vec::with_capacity(64));
        reader.by_ref().take(64).read_to_end(&mut bytes).map_err(|_damaged| no("the head is damaged"))?;
        let data = DataKey::of(&bytes).ok_or_else(|| no("the head is damaged"))?;
        let is_current = writes && self.recipients() == wrapped.recipients;
        Ok(Sealer::new(data, wrapped.clone(), is_current))
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Key({})", self.name)
    }
}
