//! Reads state documents.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::Value as Json;
use serde_json::value::RawValue;

use crate::addr::InstanceKey;
use crate::addr::Mode;
use crate::addr::ModuleInstance;
use crate::addr::ProviderAddr;
use crate::addr::ResourceAddr;
use crate::addr::Target;
use crate::state::Attributes;
use crate::state::CheckResult;
use crate::state::DeposedKey;
use crate::state::Digest;
use crate::state::Due;
use crate::state::Identity;
use crate::state::Instance;
use crate::state::Lineage;
use crate::state::Object;
use crate::state::Output;
use crate::state::PlanProgress;
use crate::state::SensitiveLeaf;
use crate::state::State;
use crate::state::Status;
use crate::state::forms;
use crate::state::json;
use crate::value::Type;

use super::checksum;
use super::private;

/// Why a text is not a state document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DocumentError {
    /// It is empty, truncated, or not a state document at all.
    #[error("{message}{}", if *line > 0 { format!(" (line {line}, column {column})") } else { String::new() })]
    Corrupt {
        /// What is wrong.
        message: String,
        /// The line, from 1; 0 if the place is named in the message.
        line: usize,
        /// The column, from 1.
        column: usize,
    },
    /// It parses, but it is not what was written.
    #[error("its content does not match its checksum: it was damaged, or changed by hand")]
    Altered,
    /// It was written by a newer version.
    #[error("the document has format {found}, this version reads up to {known}")]
    TooNew {
        /// Its format.
        found: String,
        /// The newest format known here.
        known: String,
    },
    /// It was written by a very old version of Terraform.
    #[error("the document has format {found}, which Terraform 0.12 replaced by format 4")]
    TooOld {
        /// Its format.
        found: u64,
    },
    /// It is encrypted.
    #[error("the document is encrypted by {by}")]
    Encrypted {
        /// What encrypted it.
        by: Encryptor,
    },
}

/// What encrypts states.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encryptor {
    /// This tool: the `encryption` block says how it is opened.
    Queueform,
    /// `OpenTofu`, whose form is another one.
    OpenTofu,
}

impl fmt::Display for Encryptor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Queueform => "Queueform",
            Self::OpenTofu => "OpenTofu",
        })
    }
}

#[derive(Deserialize)]
struct Document {
    version: u64,
    #[serde(default)]
    terraform_version: String,
    #[serde(default)]
    serial: u64,
    #[serde(default)]
    lineage: String,
    #[serde(default)]
    outputs: BTreeMap<String, OutputDocument>,
    #[serde(default)]
    resources: Vec<Resource>,
    #[serde(default)]
    check_results: Option<Vec<CheckResult>>,
    #[serde(default)]
    queueform: Option<Ours>,
}

#[derive(Deserialize)]
struct OutputDocument {
    #[serde(default)]
    value: Option<Arc<RawValue>>,
    #[serde(rename = "type", with = "forms::types")]
    ty: Type,
    #[serde(default)]
    sensitive: bool,
}

#[derive(Deserialize)]
struct Resource {
    #[serde(default)]
    module: Option<String>,
    mode: String,
    #[serde(rename = "type")]
    kind: String,
    name: String,
    #[serde(default)]
    provider: String,
    #[serde(default)]
    instances: Vec<ObjectDocument>,
}

#[derive(Deserialize)]
struct ObjectDocument {
    #[serde(default)]
    index_key: Option<Json>,
    #[serde(default)]
    status: Option<String>,
    #[serde(default)]
    deposed: Option<String>,
    #[serde(default)]
    provider: Option<String>,
    #[serde(default)]
    schema_version: u64,
    #[serde(default)]
    attributes: Option<Arc<RawValue>>,
    #[serde(default)]
    attributes_flat: Option<Arc<RawValue>>,
    #[serde(default)]
    sensitive_attributes: Option<Vec<Json>>,
    #[serde(default)]
    private: Option<String>,
    #[serde(default)]
    dependencies: Option<Vec<String>>,
    #[serde(default)]
    create_before_destroy: bool,
}

/// What stands under the key `queueform`.
#[derive(Deserialize)]
struct Ours {
    format: u64,
    #[serde(default)]
    version: String,
    #[serde(default)]
    sha256: Option<String>,
    #[serde(default)]
    folded: u64,
    #[serde(default)]
    identities: BTreeMap<String, Identity>,
    #[serde(default)]
    plans: BTreeMap<Arc<str>, PlanProgress>,
    #[serde(default)]
    due: BTreeMap<Arc<str>, Due>,
    #[serde(default)]
    output_digests: BTreeMap<String, Digest>,
    #[serde(default)]
    invocations: Vec<Resource>,
}

/// Reads a state document as Queueform or Terraform (0.12 and newer) wrote it.
///
/// Secrets that another tool stored in clear are returned as they are; nothing writes them back in clear.
///
/// # Errors
/// If the text is not a state document of a known version. A damaged document is never read in part.
pub fn read(bytes: &[u8]) -> Result<State, DocumentError> {
    read_document(bytes, true)
}

/// Reads a document that somebody may have changed on purpose: its checksum does not count.
///
/// # Errors
/// As [`read`], but for the checksum.
pub fn read_edited(bytes: &[u8]) -> Result<State, DocumentError> {
    read_document(bytes, false)
}

fn read_document(bytes: &[u8], is_as_written: bool) -> Result<State, DocumentError> {
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(corrupt("the file is empty".to_owned()));
    }
    let document: Document = match serde_json::from_slice(bytes) {
        Ok(document) => document,
        Err(error) => {
            check_version(bytes)?;
            let (line, column) = (error.line(), error.column());
            let text = error.to_string();
            let message = text.rsplit_once(" at line ").map_or(&*text, |(message, _)| message);
            return Err(DocumentError::Corrupt { message: message.to_owned(), line, column });
        }
    };
    known_version(document.version)?;
    if let Some(ours) = &document.queueform {
        known_format(ours.format)?;
        if let Some(written) = ours.sha256.as_ref().filter(|_| is_as_written)
            && !checksum::holds(bytes, written)
        {
            return Err(DocumentError::Altered);
        }
    }
    convert(document)
}

/// Returns serial and lineage of a state document without reading the rest.
#[must_use]
pub fn head(bytes: &[u8]) -> Option<(u64, Lineage)> {
    #[derive(Deserialize)]
    struct Head {
        serial: u64,
        lineage: Lineage,
    }
    serde_json::from_slice(bytes).ok().map(|Head { serial, lineage }| (serial, lineage))
}

/// Tells a document of another version from a damaged one.
fn check_version(bytes: &[u8]) -> Result<(), DocumentError> {
    #[derive(Deserialize)]
    struct Head {
        version: u64,
        #[serde(default)]
        queueform: Option<Format>,
    }
    #[derive(Deserialize)]
    struct Sealed {
        #[serde(default)]
        encryption: Option<serde::de::IgnoredAny>,
        #[serde(default)]
        encrypted_data: Option<serde::de::IgnoredAny>,
    }
    #[derive(Deserialize)]
    struct Format {
        format: u64,
    }
    let Ok(head) = serde_json::from_slice::<Head>(bytes) else {
        return match serde_json::from_slice(bytes) {
            Ok(Sealed { encryption: Some(_), .. }) => {
                Err(DocumentError::Encrypted { by: Encryptor::Queueform })
            }
            Ok(Sealed { encrypted_data: Some(_), .. }) => {
                Err(DocumentError::Encrypted { by: Encryptor::OpenTofu })
            }
            _ => Ok(()),
        };
    };
    known_version(head.version)?;
    head.queueform.map_or(Ok(()), |ours| known_format(ours.format))
}

fn known_version(version: u64) -> Result<(), DocumentError> {
    match version {
        4 => Ok(()),
        0..4 => Err(DocumentError::TooOld { found: version }),
        _ => Err(DocumentError::TooNew { found: version.to_string(), known: "4".to_owned() }),
    }
}

fn known_format(format: u64) -> Result<(), DocumentError> {
    if format <= super::FORMAT {
        return Ok(());
    }
    let (found, known) =
        (format!("4, with extension {format}"), format!("4, with extension {}", super::FORMAT));
    Err(DocumentError::TooNew { found, known })
}

fn corrupt(message: String) -> DocumentError {
    DocumentError::Corrupt { message, line: 0, column: 0 }
}

fn convert(document: Document) -> Result<State, DocumentError> {
    let mut state = State {
        serial: document.serial,
        lineage: Lineage(document.lineage.into()),
        written_by: document.terraform_version.into(),
        checks: document.check_results.unwrap_or_default(),
        ..State::default()
    };
    let mut digests = BTreeMap::new();
    let mut invocations = Vec::new();
    if let Some(ours) = document.queueform {
        state.written_by = ours.version.into();
        state.folded = ours.folded;
        state.plans = ours.plans;
        state.due = ours.due;
        digests = ours.output_digests;
        invocations = ours.invocations;
        for (name, identity) in ours.identities {
            let provider = forms::provider::parse(&name)
                .ok_or_else(|| corrupt(format!("`{name}` is no provider configuration")))?;
            state.pins.insert(provider, identity);
        }
    }
    for (name, output) in document.outputs {
        let raw = match output.value {
            // Our own documents hold null for every sensitive output: a secret that is not stored.
            Some(raw) if output.sensitive && raw.get() == "null" => None,
            Some(raw) => Some(tidy(raw).map_err(|message| corrupt(format!("output `{name}`: {message}")))?),
            None => None,
        };
        let digest = if raw.is_none() { digests.remove(&name) } else { None };
        let raw = if raw.is_none() && !output.sensitive && digest.is_none() {
            json::raw("null".to_owned()).ok()
        } else {
            raw
        };
        state.outputs.insert(name.into(), Output { ty: output.ty, sensitive: output.sensitive, raw, digest });
    }
    for resource in document.resources.into_iter().chain(invocations) {
        let addr = resource_addr(&resource)?;
        let provider = provider_addr(&resource.provider, &addr)?;
        for object in resource.instances {
            place(&mut state, &addr, &provider, object)?;
        }
    }
    Ok(state)
}

fn resource_addr(resource: &Resource) -> Result<ResourceAddr, DocumentError> {
    let module = match resource.module.as_deref() {
        None | Some("") => ModuleInstance::root(),
        Some(text) => match text.parse() {
            Ok(Target::Module(module)) => module,
            Ok(Target::Resource(_) | Target::Instance(_)) | Err(_) => {
                return Err(corrupt(format!("`{text}` is no address of a module")));
            }
        },
    };
    let mode = match resource.mode.as_str() {
        "managed" => Mode::Managed,
        "data" => Mode::Data,
        "action" => Mode::Action,
        other => return Err(corrupt(format!("`{other}` is no mode of a resource"))),
    };
    Ok(ResourceAddr {
        module,
        mode,
        kind: resource.kind.as_str().into(),
        name: resource.name.as_str().into(),
    })
}

fn provider_addr(text: &str, addr: &ResourceAddr) -> Result<ProviderAddr, DocumentError> {
    ProviderAddr::from_state_form(text)
        .ok_or_else(|| corrupt(format!("`{addr}`: `{text}` is no provider configuration")))
}

fn tidy(raw: Arc<RawValue>) -> Result<Arc<RawValue>, String> {
    if raw.get().bytes().any(|byte| byte.is_ascii_whitespace()) {
        return json::raw(json::compact(raw.get())).map_err(|error| error.to_string());
    }
    Ok(raw)
}

fn place(
    state: &mut State,
    resource: &ResourceAddr,
    provider: &ProviderAddr,
    document: ObjectDocument,
) -> Result<(), DocumentError> {
    let key = match document.index_key {
        None | Some(Json::Null) => None,
        Some(Json::String(ref key)) => Some(InstanceKey::Str(key.as_str().into())),
        Some(Json::Number(ref index)) => match index.as_u64() {
            Some(index) => Some(InstanceKey::Int(index)),
            None => return Err(corrupt(format!("`{resource}`: `{index}` is no instance key"))),
        },
        Some(ref other @ (Json::Bool(_) | Json::Array(_) | Json::Object(_))) => {
            return Err(corrupt(format!("`{resource}`: `{other}` is no instance key")));
        }
    };
    let addr = resource.instance(key);
    let fail = |message: &str| corrupt(format!("`{addr}`: {message}"));
    if document.attributes_flat.is_some() {
        return Err(fail("its attributes have the form of Terraform 0.11"));
    }
    let deposed = match document.deposed.as_deref() {
        None | Some("") => None,
        Some(text) => Some(DeposedKey::parse(text).ok_or_else(|| fail("a deposed key is malformed"))?),
    };
    let provider = match &document.provider {
        Some(text) => provider_addr(text, resource)?,
        None => provider.clone(),
    };
    let (extras, private) = match &document.private {
        Some(text) => private::decode(text).map_err(|error| fail(&format!("`private`: {error}")))?,
        None => (None, serde_json::Map::new()),
    };
    let extras = match extras {
        Some(extras) => {
            known_format(extras.format)?;
            extras
        }
        None => private::Extras::default(),
    };
    let mut sensitive: Vec<SensitiveLeaf> = Vec::new();
    for path in document.sensitive_attributes.iter().flatten() {
        let path = forms::path_from_document(path).ok_or_else(|| fail("a sensitive path is malformed"))?;
        let digest =
            extras.digests.iter().find(|leaf| leaf.path == path).and_then(|leaf| leaf.digest.clone());
        sensitive.push(SensitiveLeaf { path, digest, tag: None });
    }
    let attributes = match document.attributes {
        Some(raw) => Attributes::stored(tidy(raw).map_err(|message| fail(&message))?, sensitive),
        None => Attributes::default(),
    };
    let dependencies = document
        .dependencies
        .iter()
        .flatten()
        .map(|text| {
            forms::resources::parse(text)
                .ok_or_else(|| fail(&format!("`{text}` is no address of a resource")))
        })
        .collect::<Result<_, _>>()?;
    let status = match (extras.status, document.status.as_deref()) {
        (Status::Ready, Some("tainted")) => Status::Tainted,
        (status, _) => status,
    };
    let object = Object {
        attributes,
        status,
        dependencies,
        create_before_destroy: document.create_before_destroy,
        prevent_destroy: extras.prevent_destroy,
        held: extras.held,
        pin: extras.pin,
        private,
    };
    let like = Instance::new(provider, document.schema_version, extras.schema_digest.unwrap_or_default());
    let target = crate::state::ObjectRef { addr: addr.clone(), deposed };
    if state.object(&target).is_some() {
        return Err(corrupt(format!("`{target}` is there twice")));
    }
    state.put(&target, &like, object);
    Ok(())
}
