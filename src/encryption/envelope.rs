//! The form of encrypted documents: JSON, so that every engine takes it, with serial and lineage in clear.

use std::borrow::Cow;
use std::sync::Arc;

use serde::Deserialize;
use serde::Serialize;

use crate::state::Lineage;

use super::Keyring;
use super::Problem;
use super::cipher::Sealer;
use super::cipher::Wrapped;

/// The form that is written.
const FORMAT: u64 = 1;

/// What is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Of {
    State,
    Journal,
    Plan,
}

impl Of {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::State => "state",
            Self::Journal => "journal",
            Self::Plan => "plan",
        }
    }
}

/// What says how something is encrypted.
#[derive(Serialize, Deserialize)]
pub(super) struct Head<'h> {
    format: u64,
    of: Cow<'h, str>,
    key: Cow<'h, Wrapped>,
}

impl<'h> Head<'h> {
    pub(super) fn new(of: Of, sealer: &'h Sealer) -> Self {
        Self { format: FORMAT, of: Cow::Borrowed(of.name()), key: Cow::Borrowed(&sealer.wrapped) }
    }

    /// Finds the key.
    pub(super) fn unlock(&self, ring: &Keyring, of: Of) -> Result<Arc<Sealer>, Problem> {
        if self.of != of.name() {
            return Err(Problem::Other { found: self.of.to_string(), wanted: of.name() });
        }
        if self.format > FORMAT {
            return Err(Problem::TooNew { found: self.format, known: FORMAT });
        }
        if self.format < FORMAT {
            return Err(Problem::Damaged);
        }
        ring.unlock(&self.key)
    }
}

#[derive(Serialize, Deserialize)]
struct Envelope<'e> {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    serial: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    lineage: Option<Lineage>,
    encryption: Head<'e>,
    data: Cow<'e, str>,
}

/// What the text is bound to: a document cannot stand in for another one, nor for another version of itself.
fn context(of: Of, version: Option<(u64, &Lineage)>) -> String {
    match version {
        Some((serial, lineage)) => format!("{} {FORMAT}\n{serial}\n{lineage}", of.name()),
        None => format!("{} {FORMAT}", of.name()),
    }
}

/// Encrypts a document.
pub(super) fn seal(
    sealer: &Sealer,
    of: Of,
    version: Option<(u64, &Lineage)>,
    plain: &[u8],
) -> Result<String, Problem> {
    let data = sealer.seal(&context(of, version), plain)?;
    let envelope = Envelope {
        serial: version.map(|(serial, _)| serial),
        lineage: version.map(|(_, lineage)| lineage.clone()),
        encryption: Head::new(of, sealer),
        data: Cow::Owned(data),
    };
    let mut text =
        serde_json::to_string(&envelope).map_err(|error| Problem::Failed { reason: error.to_string() })?;
    text.push('\n');
    Ok(text)
}

/// Decrypts a document; nothing if it is not encrypted.
pub(super) fn open(ring: &Keyring, of: Of, bytes: &[u8]) -> Result<Option<(Vec<u8>, Arc<Sealer>)>, Problem> {
    // Whatever does not begin as we write it is looked at by those who know the plain form.
    if !looks_sealed(bytes) {
        return Ok(None);
    }
    let Ok(envelope) = serde_json::from_slice::<Envelope<'_>>(bytes) else { return Err(Problem::Damaged) };
    let sealer = envelope.encryption.unlock(ring, of)?;
    let version = match (envelope.serial, &envelope.lineage) {
        (Some(serial), Some(lineage)) => Some((serial, lineage)),
        _ => None,
    };
    let plain = sealer.open(&context(of, version), &envelope.data)?;
    Ok(Some((plain, sealer)))
}

/// Returns whether a document says that it is encrypted: at its beginning, where we write it, or, whole, anywhere at its
/// top, where an engine may have moved it.
fn looks_sealed(bytes: &[u8]) -> bool {
    /// Serial, lineage and the name of the head.
    const LONGEST: usize = 256;
    #[derive(Deserialize)]
    struct Top {
        #[serde(default)]
        encryption: Option<serde::de::IgnoredAny>,
    }
    let start = bytes.get(..bytes.len().min(LONGEST)).unwrap_or_default();
    let start: Vec<u8> = start.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
    let name = b"\"encryption\":{\"format\":";
    start.windows(name.len()).any(|window| window == name)
        || serde_json::from_slice::<Top>(bytes).is_ok_and(|top| top.encryption.is_some())
}
