//! Outputs of the root module.

use std::fmt;
use std::sync::Arc;

use serde::Deserialize;
use serde::Serialize;
use serde_json::value::RawValue;

use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::state::AttributeError;
use crate::state::Digest;
use crate::state::json;
use crate::value::Marks;
use crate::value::Type;
use crate::value::Value;

/// One output as stored. The value of a sensitive one is kept only where everything is encrypted; elsewhere a digest
/// tells whether it changed.
#[derive(Clone, Serialize, Deserialize)]
pub struct Output {
    /// The type.
    #[serde(with = "crate::state::forms::types")]
    pub ty: Type,
    /// Whether it is declared sensitive.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub sensitive: bool,
    /// The value as JSON; none where it is a secret that is not stored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) raw: Option<Arc<RawValue>>,
    /// Tells whether a secret that is not stored has changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) digest: Option<Digest>,
}

/// Why an output has no value to give.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OutputError {
    /// It is a secret and the state is not encrypted.
    #[error("the value of sensitive output `{name}` is not stored")]
    SecretUnavailable {
        /// The output.
        name: Arc<str>,
    },
    /// The stored value does not have the stored type.
    #[error("the stored value of output `{name}` cannot be read: {source}")]
    Unreadable {
        /// The output.
        name: Arc<str>,
        /// What is wrong.
        source: AttributeError,
    },
}

impl From<OutputError> for Diagnostic {
    fn from(error: OutputError) -> Self {
        let summary = error.to_string();
        match error {
            OutputError::SecretUnavailable { .. } => Self::error(Code::SecretUnavailable, summary)
                .detail(
                    "Secrets are kept in the state only as digests unless it is encrypted; the value was known while the run that set it lasted.",
                )
                .hint("encrypt the state (`encryption { … }` in the `queueform` block) and apply again: it is kept then")
                .hint("read the secret from where it is kept (the variable, vault or service that it comes from)"),
            OutputError::Unreadable { .. } => Self::error(Code::StateCorrupt, summary)
                .hint("run `queueform apply`: it computes all outputs anew"),
        }
    }
}

impl Output {
    /// Makes an output from its value. A value with a sensitive part, or of a sensitive output, is not kept
    /// itself; `prior` saves the cost of a new digest if the value is still the same.
    ///
    /// # Errors
    /// If a part of the value is unknown.
    pub fn from_value(value: &Value, sensitive: bool, prior: Option<&Self>) -> Result<Self, AttributeError> {
        let (plain, marks) = value.clone().unmark_deep();
        let ty = plain.ty();
        if sensitive || !marks.is_none() {
            let digest = if marks.is_ephemeral() {
                None
            } else {
                let text = json::canonical(&plain)?;
                let known = prior.and_then(|prior| prior.digest.as_ref()).filter(|d| d.matches(&text));
                Some(known.cloned().map_or_else(|| Digest::of(&text), Ok)?)
            };
            return Ok(Self { ty, sensitive: true, raw: None, digest });
        }
        Ok(Self { raw: Some(json::encode(&plain, &ty)?), ty, sensitive, digest: None })
    }

    /// Makes an output from its value like [`Self::from_value`], for a place that is encrypted: secrets are kept too.
    ///
    /// # Errors
    /// If a part of the value is unknown.
    pub fn from_value_kept(
        value: &Value,
        sensitive: bool,
        prior: Option<&Self>,
    ) -> Result<Self, AttributeError> {
        let (plain, marks) = value.clone().unmark_deep();
        if marks.is_ephemeral() || plain.is_null() {
            return Self::from_value(value, sensitive, prior);
        }
        let ty = plain.ty();
        let raw = Some(json::encode(&plain, &ty)?);
        Ok(Self { ty, sensitive: sensitive || !marks.is_none(), raw, digest: None })
    }

    /// Takes over the value of another version of the output if the digest says that it is the same.
    pub(crate) fn reveal_from(&mut self, known: &Self) {
        let Some(digest) = self.digest.as_ref().filter(|_| self.raw.is_none() && self.ty == known.ty) else {
            return;
        };
        let Some(raw) = &known.raw else { return };
        let text = json::decode(raw, &known.ty).and_then(|value| json::canonical(&value));
        if text.is_ok_and(|text| digest.matches(&text)) {
            (self.raw, self.digest) = (Some(Arc::clone(raw)), None);
        }
    }

    /// Replaces a secret that is held in clear by its digest.
    pub(crate) fn seal(&mut self) -> Result<(), AttributeError> {
        if let Some(raw) = self.raw.take() {
            let value = json::decode(&raw, &self.ty)?;
            self.digest = Some(Digest::of(&json::canonical(&value)?)?);
        }
        Ok(())
    }

    /// Returns the value, marked sensitive where it is.
    ///
    /// # Errors
    /// If it is a secret that is not stored, or what is stored cannot be read.
    pub fn value(&self, name: &str) -> Result<Value, OutputError> {
        let Some(raw) = &self.raw else {
            return Err(OutputError::SecretUnavailable { name: name.into() });
        };
        let value = json::decode(raw, &self.ty)
            .map_err(|source| OutputError::Unreadable { name: name.into(), source })?;
        Ok(if self.sensitive { value.mark(Marks::SENSITIVE) } else { value })
    }

    /// Returns whether the value is stored.
    #[must_use]
    pub fn is_stored(&self) -> bool {
        self.raw.is_some()
    }

    /// Returns whether the stored output has this value (and type); false if that cannot be told.
    #[must_use]
    pub fn is_value(&self, value: &Value) -> bool {
        let (plain, _) = value.clone().unmark_deep();
        if plain.ty() != self.ty {
            return false;
        }
        match (&self.raw, &self.digest) {
            (Some(raw), _) => json::encode(&plain, &self.ty).is_ok_and(|text| text.get() == raw.get()),
            (None, Some(digest)) => json::canonical(&plain).is_ok_and(|text| digest.matches(&text)),
            (None, None) => false,
        }
    }
}

impl PartialEq for Output {
    fn eq(&self, other: &Self) -> bool {
        self.ty == other.ty
            && self.sensitive == other.sensitive
            && self.digest == other.digest
            && self.raw.as_ref().map(|raw| raw.get()) == other.raw.as_ref().map(|raw| raw.get())
    }
}

impl fmt::Debug for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = match &self.raw {
            _ if self.sensitive => "(sensitive)",
            Some(raw) => raw.get(),
            None => "(not stored)",
        };
        write!(f, "{}: {shown}", self.ty)
    }
}
