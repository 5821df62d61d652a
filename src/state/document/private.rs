//! What travels in an object's `private`: base64 of a JSON object, our part under the key `queueform`.

use std::collections::BTreeMap;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde::Serialize;
use serde_json::Map;
use serde_json::Value as Json;
use serde_json::value::RawValue;

use crate::state::Object;
use crate::state::SensitiveLeaf;
use crate::state::Status;

/// The key of our part.
const OURS: &str = "queueform";
/// The key under which bytes that are not a JSON object are kept.
const BYTES: &str = "$bytes";

/// Our part of `private`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Extras {
    /// The version of this form.
    pub(super) format: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) schema_digest: Option<Arc<str>>,
    /// Anything but ready and tainted, which the document itself can say.
    #[serde(default, skip_serializing_if = "Status::is_ready")]
    pub(super) status: Status,
    /// The sensitive leaves that have digests.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) digests: Vec<SensitiveLeaf>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) prevent_destroy: bool,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) held: Vec<Arc<str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) pin: Option<Arc<str>>,
}

impl Extras {
    /// Collects what must be kept of an object.
    pub(super) fn of(object: &Object, schema_digest: &Arc<str>) -> Self {
        let status = match &object.status {
            Status::Ready | Status::Tainted => Status::Ready,
            other @ (Status::Pending(_) | Status::Incomplete { .. } | Status::InDoubt(_)) => other.clone(),
        };
        Self {
            format: super::FORMAT,
            schema_digest: (!schema_digest.is_empty()).then(|| Arc::clone(schema_digest)),
            status,
            digests: object
                .attributes
                .sensitive()
                .iter()
                .filter(|leaf| leaf.digest.is_some())
                .cloned()
                .collect(),
            prevent_destroy: object.prevent_destroy,
            held: object.held.clone(),
            pin: object.pin.clone(),
        }
    }

    fn is_empty(&self) -> bool {
        *self == Self { format: self.format, ..Self::default() }
    }
}

/// Returns the text of `private`; none if there is nothing to keep.
pub(super) fn encode(
    extras: &Extras,
    others: &Map<String, Json>,
) -> Result<Option<String>, serde_json::Error> {
    if extras.is_empty() {
        return match others.get(BYTES) {
            Some(Json::String(bytes)) if others.len() == 1 => Ok(Some(bytes.clone())),
            _ if others.is_empty() => Ok(None),
            _ => Ok(Some(STANDARD.encode(serde_json::to_vec(others)?))),
        };
    }
    let mut all = others.clone();
    all.insert(OURS.to_owned(), serde_json::to_value(extras)?);
    Ok(Some(STANDARD.encode(serde_json::to_vec(&all)?)))
}

/// Reads `private`: our part, and everything else.
pub(super) fn decode(text: &str) -> Result<(Option<Extras>, Map<String, Json>), serde_json::Error> {
    let bytes = STANDARD.decode(text).unwrap_or_default();
    let Ok(all) = serde_json::from_slice::<BTreeMap<String, &RawValue>>(&bytes) else {
        return Ok((None, Map::from_iter([(BYTES.to_owned(), Json::from(text))])));
    };
    let mut ours = None;
    let mut others = Map::new();
    for (name, part) in all {
        if name == OURS {
            ours = Some(serde_json::from_str(part.get())?);
        } else {
            others.insert(name, serde_json::from_str(part.get())?);
        }
    }
    Ok((ours, others))
}
