//! Writes state documents.

use std::fmt::Write as _;

use serde::Serialize;
use serde_json::Value as Json;
use serde_json::json;
use serde_json::value::RawValue;

use crate::addr::InstanceAddr;
use crate::addr::InstanceKey;
use crate::addr::Mode;
use crate::addr::ResourceAddr;
use crate::state::AttributeError;
use crate::state::DeposedKey;
use crate::state::Instance;
use crate::state::Object;
use crate::state::State;
use crate::state::Status;
use crate::state::forms;

use super::checksum;
use super::private;
use super::private::Extras;

/// One object of a document.
#[derive(Serialize)]
struct Line<'o> {
    #[serde(skip_serializing_if = "Option::is_none")]
    index_key: Option<Json>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    deposed: Option<&'o str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    provider: Option<String>,
    schema_version: u64,
    attributes: &'o RawValue,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    sensitive_attributes: Vec<Json>,
    #[serde(skip_serializing_if = "Option::is_none")]
    private: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    dependencies: Vec<String>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    create_before_destroy: bool,
}

/// Returns the document of a state. Secrets that are held in clear are digested first.
///
/// # Errors
/// If a secret cannot be digested, or a part has no JSON form.
pub fn write(state: &State) -> Result<Vec<u8>, AttributeError> {
    if !state.is_sealed() {
        let mut sealed = state.clone();
        sealed.seal()?;
        return write_with_secrets(&sealed);
    }
    write_with_secrets(state)
}

/// Returns the document of a state with the secrets that are held in clear, for a place that is encrypted.
///
/// # Errors
/// If a part has no JSON form.
pub fn write_with_secrets(state: &State) -> Result<Vec<u8>, AttributeError> {
    let failed = |error: serde_json::Error| AttributeError::new(&[], error.to_string());
    let mut out = String::with_capacity(4096 + state.resources.len() * 512);
    let head = |name: &str, value: Json| format!("  {}: {value}", json!(name));
    out.push_str("{\n");
    for (name, value) in [
        ("version", json!(4)),
        ("terraform_version", json!(super::COMPATIBLE_WITH)),
        ("serial", json!(state.serial)),
        ("lineage", json!(state.lineage.0)),
    ] {
        out.push_str(&head(name, value));
        out.push_str(",\n");
    }
    write_outputs(&mut out, state).map_err(failed)?;
    write_resources(&mut out, state).map_err(failed)?;
    if state.checks.is_empty() {
        out.push_str("  \"check_results\": null,\n");
    } else {
        out.push_str("  \"check_results\": [\n");
        for (at, check) in state.checks.iter().enumerate() {
            let comma = if at + 1 < state.checks.len() { "," } else { "" };
            let _infallible = writeln!(out, "    {}{comma}", serde_json::to_string(check).map_err(failed)?);
        }
        out.push_str("  ],\n");
    }
    let mut ours = serde_json::to_string(&ours(state)).map_err(failed)?;
    let blank = ours.rfind(checksum::BLANK);
    let runs = list(state, true).map_err(failed)?;
    if !runs.is_empty() && ours.pop() == Some('}') {
        let _infallible = write!(ours, ",\"invocations\": [{runs}\n  ]}}");
    }
    out.push_str("  \"queueform\": ");
    let blank = blank.map(|at| out.len() + at);
    out.push_str(&ours);
    out.push_str("\n}\n");
    if let Some(at) = blank {
        checksum::fill(&mut out, at);
    }
    Ok(out.into_bytes())
}

/// What stands under the key `queueform`.
fn ours(state: &State) -> Json {
    let digests: serde_json::Map<String, Json> = state
        .outputs
        .iter()
        .filter_map(|(name, output)| Some((name.to_string(), json!(output.digest.as_ref()?))))
        .collect();
    let identities: serde_json::Map<String, Json> =
        state.pins.iter().map(|(provider, identity)| (provider.to_string(), json!(identity))).collect();
    let mut ours = serde_json::Map::new();
    ours.insert("format".to_owned(), json!(super::FORMAT));
    ours.insert("version".to_owned(), json!(env!("CARGO_PKG_VERSION")));
    ours.insert("folded".to_owned(), json!(state.folded));
    ours.insert(checksum::KEY.to_owned(), json!(checksum::BLANK));
    for (name, part) in [
        ("identities", json!(identities)),
        ("plans", json!(state.plans)),
        ("due", json!(state.due)),
        ("output_digests", json!(digests)),
    ] {
        if part.as_object().is_some_and(|part| !part.is_empty()) {
            ours.insert(name.to_owned(), part);
        }
    }
    Json::Object(ours)
}

fn write_outputs(out: &mut String, state: &State) -> Result<(), serde_json::Error> {
    if state.outputs.is_empty() {
        out.push_str("  \"outputs\": {},\n");
        return Ok(());
    }
    out.push_str("  \"outputs\": {\n");
    for (at, (name, output)) in state.outputs.iter().enumerate() {
        let mut value = String::from("{\"value\":");
        value.push_str(output.raw.as_ref().map_or("null", |raw| raw.get()));
        value.push_str(",\"type\":");
        value.push_str(&forms::type_json(&output.ty).to_string());
        value.push_str(if output.sensitive { ",\"sensitive\":true}" } else { "}" });
        let comma = if at + 1 < state.outputs.len() { "," } else { "" };
        let _infallible = writeln!(out, "    {}: {value}{comma}", serde_json::to_string(name)?);
    }
    out.push_str("  },\n");
    Ok(())
}

fn write_resources(out: &mut String, state: &State) -> Result<(), serde_json::Error> {
    let resources = list(state, false)?;
    if resources.is_empty() {
        out.push_str("  \"resources\": [],\n");
    } else {
        let _infallible = writeln!(out, "  \"resources\": [{resources}\n  ],");
    }
    Ok(())
}

/// Writes objects, or what is recorded of actions, which other tools would not understand among the objects.
fn list(state: &State, actions: bool) -> Result<String, serde_json::Error> {
    let mut text = String::new();
    let out = &mut text;
    let mut open: Option<(&ResourceAddr, &crate::addr::ProviderAddr)> = None;
    let wanted = |addr: &InstanceAddr| (addr.resource.mode == Mode::Action) == actions;
    for (addr, instance) in state.resources.iter().filter(|(addr, _)| wanted(addr)) {
        let provider = match open {
            Some((resource, provider)) if *resource == addr.resource => provider,
            _ => {
                out.push_str(if open.is_some() { "\n      ]\n    },\n" } else { "\n" });
                write_resource_head(out, &addr.resource, &instance.provider);
                open = Some((&addr.resource, &instance.provider));
                &instance.provider
            }
        };
        for (key, object) in instance.objects() {
            let own = (instance.provider != *provider).then(|| instance.provider.state_form());
            let line = serde_json::to_string(&line(addr, instance, key, object, own)?)?;
            out.push_str(if out.ends_with('[') { "\n        " } else { ",\n        " });
            out.push_str(&line);
        }
    }
    if open.is_some() {
        out.push_str("\n      ]\n    }");
    }
    Ok(text)
}

fn write_resource_head(out: &mut String, resource: &ResourceAddr, provider: &crate::addr::ProviderAddr) {
    out.push_str("    {\n");
    let module = (!resource.module.is_root()).then(|| resource.module.to_string());
    for (name, value) in [
        ("module", module.as_deref()),
        ("mode", Some(resource.mode.as_str())),
        ("type", Some(&*resource.kind)),
        ("name", Some(&*resource.name)),
        ("provider", Some(provider.state_form().as_str())),
    ] {
        if let Some(value) = value {
            let _infallible = writeln!(out, "      \"{name}\": {},", json!(value));
        }
    }
    out.push_str("      \"instances\": [");
}

fn line<'o>(
    addr: &InstanceAddr,
    instance: &Instance,
    deposed: Option<&'o DeposedKey>,
    object: &'o Object,
    provider: Option<String>,
) -> Result<Line<'o>, serde_json::Error> {
    let index_key = addr.key.as_ref().map(|key| match key {
        InstanceKey::Int(index) => json!(index),
        InstanceKey::Str(key) => json!(key),
    });
    // Other tools know only one kind of trouble: an object that is not wholly created is tainted to them.
    let is_tainted = object.status == Status::Tainted || object.status.is_being_created();
    let extras = Extras::of(object, &instance.schema_digest);
    let mut dependencies: Vec<String> = object.dependencies.iter().map(ToString::to_string).collect();
    dependencies.sort_unstable();
    dependencies.dedup();
    Ok(Line {
        index_key,
        status: is_tainted.then_some("tainted"),
        deposed: deposed.map(DeposedKey::as_str),
        provider,
        schema_version: instance.schema_version,
        attributes: object.attributes.raw_value(),
        sensitive_attributes: object
            .attributes
            .sensitive()
            .iter()
            .map(|leaf| forms::document_path(&leaf.path))
            .collect(),
        private: private::encode(&extras, &object.private)?,
        dependencies,
        create_before_destroy: object.create_before_destroy,
    })
}

impl State {
    /// Returns whether two states say the same about objects, outputs and checks, whatever their serial.
    #[must_use]
    pub fn same_content(&self, other: &Self) -> bool {
        self.checks == other.checks && self.outputs == other.outputs && self.resources == other.resources
    }
}
