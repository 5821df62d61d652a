//! Which key writes, and which ones read.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;

use super::Key;
use super::Problem;
use super::cipher::Sealer;
use super::cipher::Wrapped;
use super::envelope;

/// What a block `state` or `plan` says. No key means unencrypted.
#[derive(Debug, Clone, Default)]
pub struct Rule {
    /// The key that writes.
    pub key: Option<Arc<Key>>,
    /// What is read besides: `fallback` blocks, in their order.
    pub fallbacks: Vec<Option<Arc<Key>>>,
    /// Nothing that is not encrypted is read or written.
    pub enforced: bool,
}

/// The keys for one kind of document. What was unwrapped once is kept for the run.
#[derive(Debug, Default)]
pub struct Keyring {
    rule: Rule,
    known: Mutex<Vec<Arc<Sealer>>>,
}

impl Keyring {
    /// Returns the keys of a rule.
    #[must_use]
    pub fn new(rule: Rule) -> Self {
        Self { rule, known: Mutex::new(Vec::new()) }
    }

    /// Returns the same keys for reading what others wrote: what is not encrypted is read, too.
    #[must_use]
    pub fn lenient(&self) -> Self {
        let mut rule = Rule { enforced: false, ..self.rule.clone() };
        rule.fallbacks.push(None);
        Self::new(rule)
    }

    /// Whether what is written is encrypted.
    #[must_use]
    pub fn encrypts(&self) -> bool {
        self.rule.key.is_some()
    }

    /// The name of the key that writes.
    #[must_use]
    pub fn key_name(&self) -> Option<&Arc<str>> {
        self.rule.key.as_ref().map(|key| key.name())
    }

    /// Makes sure that something unencrypted may be read.
    pub(super) fn allow_plain(&self) -> Result<(), Problem> {
        let allowed = self.rule.key.is_none() || self.rule.fallbacks.iter().any(Option::is_none);
        if allowed && !self.rule.enforced {
            return Ok(());
        }
        Err(Problem::NotEncrypted { enforced: self.rule.enforced })
    }

    fn remember(&self, sealer: Sealer) -> Arc<Sealer> {
        let sealer = Arc::new(sealer);
        self.known.lock().unwrap_or_else(PoisonError::into_inner).push(Arc::clone(&sealer));
        sealer
    }

    /// Finds the key that opens a wrapped one.
    pub(super) fn unlock(&self, wrapped: &Wrapped) -> Result<Arc<Sealer>, Problem> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(sealer) = known.iter().find(|sealer| sealer.wrapped == *wrapped) {
            return Ok(Arc::clone(sealer));
        }
        drop(known);
        let writer = self.rule.key.iter().map(|key| (key, true));
        let readers = self.rule.fallbacks.iter().flatten().map(|key| (key, false));
        let mut tried = Vec::new();
        for (key, writes) in writer.chain(readers) {
            match key.unwrap(wrapped, writes) {
                Ok(sealer) => return Ok(self.remember(sealer)),
                Err(why) => tried.push(why),
            }
        }
        Err(Problem::NoKey {
            written_with: wrapped.name.clone(),
            recipients: wrapped.recipients.clone(),
            tried,
        })
    }

    /// Returns what is written with; none if nothing is encrypted. The key of what was read last goes on as long as the
    /// same people are to read: a new key of the user means a new data key.
    pub(super) fn sealer(&self, last: Option<&Arc<Sealer>>) -> Result<Option<Arc<Sealer>>, Problem> {
        let Some(key) = &self.rule.key else { return Ok(None) };
        match last {
            Some(sealer) if sealer.is_current => Ok(Some(Arc::clone(sealer))),
            _ => Ok(Some(self.remember(key.sealer()?))),
        }
    }

    /// Encrypts a saved plan, if plans are to be encrypted.
    ///
    /// # Errors
    /// If that fails.
    pub fn seal_plan(&self, text: String) -> Result<String, Problem> {
        match self.sealer(None)? {
            None => Ok(text),
            Some(sealer) => envelope::seal(&sealer, envelope::Of::Plan, None, text.as_bytes()),
        }
    }

    /// Decrypts a state document, if it is encrypted.
    ///
    /// # Errors
    /// If no key opens it, it was changed, or it is not encrypted and must be.
    pub fn open_state(&self, bytes: &[u8]) -> Result<Vec<u8>, Problem> {
        match envelope::open(self, envelope::Of::State, bytes)? {
            None => self.allow_plain().map(|()| bytes.to_vec()),
            Some((plain, _)) => Ok(plain),
        }
    }

    /// Decrypts a saved plan, if it is encrypted.
    ///
    /// # Errors
    /// If no key opens it, it was changed, or it is not encrypted and must be.
    pub fn open_plan(&self, text: String) -> Result<String, Problem> {
        match envelope::open(self, envelope::Of::Plan, text.as_bytes())? {
            None => {
                self.allow_plain()?;
                Ok(text)
            }
            Some((bytes, _)) => String::from_utf8(bytes).map_err(|_not_text| Problem::Damaged),
        }
    }
}
