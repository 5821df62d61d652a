//! Envelopes of saved files: one JSON document that says what it holds and whether it is whole.

use serde::Deserialize;
use serde::Serialize;
use serde_json::value::RawValue;
use sha2::Digest as _;

use super::forms::hex;
use crate::diag::Code;
use crate::diag::Diagnostic;

/// Why a file cannot be opened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EnvelopeError {
    /// It is something else.
    #[error("it is not a {kind} saved by Queueform")]
    NotOurs {
        /// What was expected, such as `plan`.
        kind: &'static str,
    },
    /// It was changed after it was saved, or saved in part.
    #[error("it was changed or cut off after it was saved")]
    Damaged,
    /// A newer version saved it.
    #[error("it was saved by version {version}, which writes a newer format ({found}, known up to {known})")]
    TooNew {
        /// The version of Queueform that saved it.
        version: String,
        /// Its format.
        found: u64,
        /// The newest format known here.
        known: u64,
    },
}

impl From<EnvelopeError> for Diagnostic {
    fn from(error: EnvelopeError) -> Self {
        let diagnostic = Self::error(Code::PlanFile, format!("the saved plan cannot be used: {error}"));
        match error {
            EnvelopeError::NotOurs { .. } => {
                diagnostic.hint("give the file that `queueform plan --out FILE` wrote")
            }
            EnvelopeError::Damaged => diagnostic.hint("plan again: `queueform plan --out FILE`"),
            EnvelopeError::TooNew { .. } => {
                diagnostic.hint("apply it with the version that saved it, or plan again with this one")
            }
        }
    }
}

#[derive(Serialize, Deserialize)]
struct Envelope<'e> {
    #[serde(borrow)]
    queueform: Head<'e>,
    #[serde(borrow)]
    body: &'e RawValue,
}

#[derive(Serialize, Deserialize)]
struct Head<'e> {
    kind: &'e str,
    format: u64,
    version: &'e str,
    sha256: String,
}

fn digest(kind: &str, format: u64, body: &str) -> String {
    let mut hash = sha2::Sha256::new();
    hash.update(format!("{kind} {format}\n"));
    hash.update(body);
    hex(&hash.finalize())
}

/// Puts a body into an envelope. The digest covers the kind, the format and every byte of the body.
///
/// # Errors
/// If the body has no JSON form.
pub fn wrap<T: Serialize>(kind: &'static str, format: u64, body: &T) -> Result<String, serde_json::Error> {
    let body = serde_json::value::to_raw_value(body)?;
    let sha256 = digest(kind, format, body.get());
    let head = Head { kind, format, version: env!("CARGO_PKG_VERSION"), sha256 };
    let mut text = serde_json::to_string(&Envelope { queueform: head, body: &body })?;
    text.push('\n');
    Ok(text)
}

/// Opens an envelope of a kind whose formats up to `known` can be read; returns the format and the body.
///
/// # Errors
/// If it is not such an envelope, was changed, or was saved by a newer version.
pub fn open<'t>(kind: &'static str, known: u64, text: &'t str) -> Result<(u64, &'t RawValue), EnvelopeError> {
    let Ok(Envelope { queueform: head, body }) = serde_json::from_str::<Envelope<'t>>(text) else {
        let looks_ours = text.starts_with(&format!("{{\"queueform\":{{\"kind\":\"{kind}\""));
        return Err(if looks_ours { EnvelopeError::Damaged } else { EnvelopeError::NotOurs { kind } });
    };
    if head.kind != kind {
        return Err(EnvelopeError::NotOurs { kind });
    }
    if head.format > known {
        return Err(EnvelopeError::TooNew { version: head.version.to_owned(), found: head.format, known });
    }
    if head.sha256 != digest(kind, head.format, body.get()) {
        return Err(EnvelopeError::Damaged);
    }
    Ok((head.format, body))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_round_trip_and_changes_are_noticed() {
        let text = wrap("plan", 1, &serde_json::json!({ "steps": [1, 2.5] })).unwrap();
        let (format, body) = open("plan", 1, &text).unwrap();
        assert_eq!((format, body.get()), (1, r#"{"steps":[1,2.5]}"#));
        for length in 0..text.trim_end().len() {
            assert!(text.get(..length).is_some_and(|part| open("plan", 1, part).is_err()), "{length}");
        }
        assert_eq!(open("plan", 1, &text.replace("2.5", "2.6")).unwrap_err(), EnvelopeError::Damaged);
        let (cut, _) = text.split_at(text.len() - 4);
        assert_eq!(open("plan", 1, cut).unwrap_err(), EnvelopeError::Damaged);
        assert!(matches!(open("state", 1, &text), Err(EnvelopeError::NotOurs { .. })));
        assert!(matches!(
            open("plan", 1, "{\"format_version\":\"1.2\"}"),
            Err(EnvelopeError::NotOurs { .. })
        ));
        let newer = wrap("plan", 2, &1).unwrap();
        assert!(matches!(open("plan", 1, &newer), Err(EnvelopeError::TooNew { found: 2, .. })));
    }
}
