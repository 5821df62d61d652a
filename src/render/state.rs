//! States and outputs for people, as HCL they could have been written in.

use std::fmt::Write as _;
use std::sync::Arc;

use crate::addr::InstanceAddr;
use crate::plan::mark_object;
use crate::plan::object_type;
use crate::schema::Registry;
use crate::schema::ResourceKind;
use crate::schema::ResourceSchema;
use crate::state::Instance;
use crate::state::Object;
use crate::state::ObjectRef;
use crate::state::Output;
use crate::state::State;
use crate::state::Status;
use crate::value::Value;

use super::Look;
use super::Paint;
use super::Tone;
use super::value::inline;
use super::value::key;

/// How far each level is set in.
const INDENT: usize = 2;

/// Returns a whole state.
#[must_use]
pub fn state(state: &State, registry: &Registry, look: Look) -> String {
    if state.is_empty() {
        return "The state is empty.\n".to_owned();
    }
    let mut text = String::new();
    for (target, instance, one) in state.objects() {
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(&object(&target, instance, one, registry, look));
    }
    if !state.outputs.is_empty() {
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str("# Outputs\n");
        text.push_str(&outputs(&state.outputs));
    }
    text
}

/// Returns one object.
#[must_use]
pub fn object(
    target: &ObjectRef,
    instance: &Instance,
    object: &Object,
    registry: &Registry,
    look: Look,
) -> String {
    let paint = Paint::of(look);
    let resource = &target.addr.resource;
    let kind = ResourceKind::of(resource.mode);
    let mut text = paint.tone(Tone::Strong, &format!("# {target}"));
    for note in notes(&target.addr, object) {
        text.push('\n');
        text.push_str(&paint.tone(Tone::Warn, &format!("# {note}")));
    }
    text.push_str(&format!("\n{} {} {} {{\n", kind.block(), quoted(&resource.kind), quoted(&resource.name)));
    let schema = registry.resource(kind, &resource.kind);
    let value = schema
        .as_ref()
        .and_then(|schema| Some(mark_object(&object.value(&object_type(schema)).ok()?, schema)));
    match value {
        Some(value) => attributes(&mut text, &value, schema.as_deref(), look),
        None => text.push_str(&format!(
            "  # The attributes cannot be read by this version (schema version {}).\n",
            instance.schema_version
        )),
    }
    text.push_str("}\n");
    text
}

/// Writes the attributes of an object in the order of its schema, with their units. What is short stands on one
/// line.
fn attributes(text: &mut String, value: &Value, schema: Option<&ResourceSchema>, look: Look) {
    let Some(fields) = value.fields() else { return };
    let rank = |name: &str| {
        let known = schema.and_then(|schema| schema.attributes.iter().position(|found| &*found.name == name));
        known.unwrap_or(usize::MAX)
    };
    let mut parts: Vec<(&Arc<str>, &Value)> =
        fields.iter().filter(|(_, part)| !part.is_null() || part.marks().is_sensitive()).collect();
    parts.sort_by_key(|(name, _)| (rank(name), Arc::clone(name)));
    let width = parts.iter().map(|(name, _)| key(name).chars().count()).max().unwrap_or(0);
    for (name, part) in parts {
        let lines = part.as_str().is_some_and(|text| text.contains('\n'));
        let short = inline(part);
        let fits = !lines && INDENT + width + 3 + short.chars().count() <= look.width;
        let shown = if fits { short } else { spread(part, 1, Some(look.width)) };
        let unit =
            schema.and_then(|schema| schema.attribute(name)).and_then(|attribute| attribute.unit.as_ref());
        let unit =
            unit.filter(|_| part.as_number().is_some()).map_or_else(String::new, |unit| format!(" # {unit}"));
        text.push_str(&format!("  {:width$} = {shown}{unit}\n", key(name)));
    }
}

/// Returns outputs, one per line or more. The values of secrets are only named.
#[must_use]
pub fn outputs<'o, N: AsRef<str> + 'o>(all: impl IntoIterator<Item = (&'o N, &'o Output)>) -> String {
    let mut text = String::new();
    for (name, output) in all {
        let name = name.as_ref();
        let shown = match output.value(name) {
            _ if output.sensitive => "(sensitive value)".to_owned(),
            Ok(value) => block(&value, 0),
            Err(error) => format!("null # {error}"),
        };
        // Writing to a string cannot fail.
        writeln!(text, "{name} = {shown}").ok();
    }
    text
}

/// Returns a value over as many lines as it needs.
#[must_use]
pub fn block(value: &Value, depth: usize) -> String {
    spread(value, depth, None)
}

/// As [`block`]; with a width, collections that fit stand on one line.
fn spread(value: &Value, depth: usize, width: Option<usize>) -> String {
    if value.marks().is_sensitive() || !value.is_known() {
        return inline(value);
    }
    let pad = " ".repeat(depth * INDENT);
    if let Some(parts) = value.fields() {
        if parts.iter().next().is_none() {
            return "{}".to_owned();
        }
        let mut text = "{\n".to_owned();
        fields(&mut text, value, depth + 1, width);
        text.push_str(&format!("{pad}}}"));
        return text;
    }
    match value.elements() {
        Some([]) => "[]".to_owned(),
        Some(parts) => {
            let mut text = "[\n".to_owned();
            for part in parts {
                text.push_str(&format!("{pad}  {},\n", fitting(part, depth + 1, 0, width)));
            }
            text.push_str(&format!("{pad}]"));
            text
        }
        None => match value.as_str() {
            Some(lines) if lines.contains('\n') && !lines.contains('\r') => {
                let mut text = "<<-EOT\n".to_owned();
                let lines = lines.replace("${", "$${").replace("%{", "%%{");
                for line in lines.trim_end_matches('\n').split('\n') {
                    text.push_str(&format!("{pad}    {line}\n"));
                }
                text.push_str(&format!("{pad}  EOT"));
                text
            }
            _ => inline(value),
        },
    }
}

/// A value on one line if it fits behind so many columns and holds no text of several lines.
fn fitting(value: &Value, depth: usize, before: usize, width: Option<usize>) -> String {
    let short = inline(value);
    let fits = width.is_some_and(|width| depth * INDENT + before + short.chars().count() < width);
    if fits && !short.contains("\\n") { short } else { spread(value, depth, width) }
}

fn fields(text: &mut String, value: &Value, depth: usize, room: Option<usize>) {
    let parts: Vec<(String, &Value)> = value
        .fields()
        .into_iter()
        .flat_map(|fields| fields.iter())
        .filter(|(_, part)| !part.is_null() || part.marks().is_sensitive())
        .map(|(name, part)| (key(name), part))
        .collect();
    let width = parts.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
    let pad = " ".repeat(depth * INDENT);
    for (name, part) in parts {
        let shown = fitting(part, depth, width + 3, room);
        text.push_str(&format!("{pad}{name:width$} = {shown}\n"));
    }
}

fn quoted(text: &str) -> String {
    super::value::quoted(text)
}

/// What a reader must know about an object beside its attributes.
fn notes(addr: &InstanceAddr, object: &Object) -> Vec<String> {
    let mut notes = Vec::new();
    match &object.status {
        Status::Ready => {}
        Status::Tainted => notes.push("tainted: the next apply replaces it".to_owned()),
        Status::Pending(pending) => notes.push(format!(
            "pending: `{}` was answered and has not finished; the next apply waits for it",
            pending.intent.call
        )),
        Status::Incomplete { failed, .. } => {
            notes.push(format!("incomplete: `{failed}` failed; the next apply goes on from there"));
        }
        Status::InDoubt(intent) => notes.push(format!(
            "in doubt: it is not known whether `{}` took effect; the next apply looks, or decide: queueform state resolve '{addr}' --adopt ID | --absent",
            intent.call
        )),
    }
    if object.prevent_destroy {
        notes.push(format!("protected by prevent_destroy; lift it: queueform state unprotect '{addr}'"));
    }
    notes
}
