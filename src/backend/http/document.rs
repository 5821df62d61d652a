//! The document of a state on a service: the snapshot with one more key, which holds everything that has no other place.

use std::fmt;
use std::io::Read as _;
use std::io::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde::Deserializer;
use serde::Serialize;
use serde::de::MapAccess;
use serde::de::Visitor;
use serde_json::value::RawValue;

use crate::state::store::Holder;

/// The key beside those of the state.
const KEY: &str = "queueform_session";

/// The form of what stands there.
const FORMAT: u32 = 1;

/// The largest text that is unpacked from a document, in bytes.
const LARGEST: u64 = 512 * 1024 * 1024;

/// A document, taken apart.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Document {
    /// The snapshot as it was committed; none if there is none yet.
    pub(super) snapshot: Option<Vec<u8>>,
    /// The rest.
    pub(super) session: SessionPart,
    /// The serial of the document. It grows with each write, as services that keep versions demand; the state's own
    /// stands in the session's part.
    pub(super) serial: u64,
}

/// What stands under our key.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct SessionPart {
    /// The form.
    format: u32,
    /// The id of the write: no two are the same.
    pub(super) write: String,
    /// The state's own serial; none if there is no snapshot.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    serial: Option<u64>,
    /// The run that holds the lock, until it lets go.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(super) run: Option<String>,
    /// That run, for people.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(super) holder: Option<Holder>,
    /// The service's time as the writer last heard it, in seconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(super) heard: Option<i64>,
    /// The journal.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub(super) journal: String,
    /// The snapshot before the last run that changed it, packed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(super) backup: Option<String>,
    /// Earlier journals, the oldest first.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub(super) history: Vec<Past>,
}

/// A journal of an earlier run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Past {
    pub(super) name: String,
    /// Its lines, packed.
    pub(super) lines: String,
}

/// Why a document cannot be taken apart.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unreadable {
    /// It is no JSON object.
    #[error("it is not a JSON document: {0}")]
    Json(#[from] serde_json::Error),
    /// A newer version wrote it.
    #[error("a newer version of Queueform wrote it (form {0})")]
    TooNew(u32),
}

/// The members of an object in their order, unread.
struct Members(Vec<(String, Box<RawValue>)>);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;

        impl<'de> Visitor<'de> for Reader {
            type Value = Members;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(Reader)
    }
}

impl Document {
    /// Takes a document apart. One that another tool wrote is a snapshot as it is.
    pub(super) fn read(body: &[u8]) -> Result<Self, Unreadable> {
        let Members(members) = serde_json::from_slice(body)?;
        let raw = |key: &str| members.iter().find(|(name, _)| name == key).map(|(_, value)| value.get());
        let serial = raw("serial").and_then(|text| text.parse().ok()).unwrap_or_default();
        let Some(ours) = raw(KEY) else {
            return Ok(Self { snapshot: Some(body.to_vec()), session: SessionPart::default(), serial });
        };
        let session: SessionPart = serde_json::from_str(ours)?;
        if session.format > FORMAT {
            return Err(Unreadable::TooNew(session.format));
        }
        let snapshot = session.serial.map(|own| {
            let own = own.to_string();
            let kept = members.iter().filter(|(name, _)| name != KEY);
            joined(kept.map(|(name, value)| {
                (name.as_str(), if name == "serial" { own.as_str() } else { value.get() })
            }))
        });
        Ok(Self { snapshot, session, serial })
    }

    /// Returns the text of the document.
    pub(super) fn write(&self) -> Result<Vec<u8>, serde_json::Error> {
        let mut session = self.session.clone();
        session.format = FORMAT;
        let serial = self.serial.to_string();
        let empty = concat!(
            "{\"version\": 4, \"terraform_version\": \"1.11.4\", \"serial\": 0, \"lineage\": \"\", ",
            "\"outputs\": {}, \"resources\": [], \"check_results\": null}"
        );
        let body = self.snapshot.as_deref().unwrap_or(empty.as_bytes());
        let Members(members) = serde_json::from_slice(body)?;
        let own = members.iter().find(|(name, _)| name == "serial").map(|(_, value)| value.get());
        session.serial =
            self.snapshot.as_ref().map(|_| own.and_then(|text| text.parse().ok()).unwrap_or_default());
        let session = serde_json::to_string(&session)?;
        let kept = members.iter().map(|(name, value)| {
            (name.as_str(), if name == "serial" { serial.as_str() } else { value.get() })
        });
        Ok(joined(kept.chain([(KEY, session.as_str())])))
    }

    /// The state's own serial; none if there is no snapshot.
    pub(super) fn own_serial(&self) -> Option<u64> {
        self.session.serial.or_else(|| self.snapshot.as_ref().map(|_| self.serial))
    }
}

/// Writes members as documents of states have them: one on a line.
fn joined<'m>(members: impl Iterator<Item = (&'m str, &'m str)>) -> Vec<u8> {
    let mut text = String::from("{\n");
    for (at, (name, value)) in members.enumerate() {
        if at > 0 {
            text.push_str(",\n");
        }
        text.push_str(&format!("  {}: {value}", serde_json::Value::from(name)));
    }
    text.push_str("\n}\n");
    text.into_bytes()
}

/// Packs bytes into a short text.
pub(super) fn pack(bytes: &[u8]) -> String {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    // Writing to memory does not fail.
    let packed = packer.write_all(bytes).and_then(|()| packer.finish()).unwrap_or_default();
    STANDARD.encode(packed)
}

/// Unpacks a text; none if it is none of ours.
pub(super) fn unpack(text: &str) -> Option<Vec<u8>> {
    let packed = STANDARD.decode(text).ok()?;
    let mut bytes = Vec::new();
    let mut reader = flate2::read::GzDecoder::new(packed.as_slice()).take(LARGEST + 1);
    reader.read_to_end(&mut bytes).ok()?;
    (bytes.len() as u64 <= LARGEST).then_some(bytes)
}
