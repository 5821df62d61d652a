//! Whether an object is one that this configuration may touch: by its name, by the names it grants access to, and
//! by where it lies. The planner asks it of everything it knows, and apply again of what has become known since.

use std::sync::Arc;

use crate::addr::InstanceAddr;
use crate::config::Config;
use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::schema::ProviderSchema;
use crate::schema::ResourceSchema;
use crate::schema::scope::Frame;
use crate::schema::scope::Root;
use crate::syntax::ast::Name;
use crate::value::Value;
use crate::value::matches_wildcard;

/// Returns what no pattern of `owns` matches: the name of an object, and those it grants access to unless it
/// `goes`. What is not known yet is passed over.
#[must_use]
pub fn not_owned(
    config: &Config,
    addr: &InstanceAddr,
    schema: &ResourceSchema,
    object: &Value,
    goes: bool,
) -> Vec<Diagnostic> {
    let owns = &config.root.settings.owns;
    let Some(first) = owns.first() else { return Vec::new() };
    let is_owned = |name: &str| owns.iter().any(|pattern| matches_wildcard(&pattern.value, name));
    let list: Vec<String> = owns.iter().map(|pattern| format!("`{}`", pattern.value)).collect();
    let list = list.join(", ");
    let header = config.resource(&addr.resource).map(|resource| resource.header);
    let finding = |text: String| {
        let found = Diagnostic::error(Code::OutsideScope, text);
        let found = match header {
            Some(place) => found.at(place, ""),
            None => found,
        };
        found
            .at(first.span, "what this configuration owns")
            .about(addr.clone())
            .hint("leave it to its owner, or widen `owns` if it is yours")
    };
    let mut found = Vec::new();
    if let Some(name) = name_of(schema, object).filter(|name| !is_owned(name)) {
        found.push(finding(format!("`{addr}` is called `{name}`, which is not within {list}")));
    }
    for (attribute, name) in granted(schema, object).into_iter().filter(|_| !goes) {
        if !is_owned(&name) {
            found.push(finding(format!(
                "`{attribute}` of `{addr}` grants access to `{name}`, which is not within {list}"
            )));
        }
    }
    found
}

/// Returns the rules of the provider against which an object lies where it must not; `arguments` are those of the
/// provider configuration.
#[must_use]
pub fn not_allowed(
    provider: &ProviderSchema,
    arguments: &Value,
    addr: &InstanceAddr,
    schema: &ResourceSchema,
    objects: &[&Value],
) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for rule in &provider.object_checks {
        if (!rule.of.is_empty() && !rule.of.contains(&schema.type_name))
            || schema.attribute(&rule.attribute).is_none()
        {
            continue;
        }
        let values = objects.iter().filter_map(|object| object.get(&rule.attribute));
        let Some(value) = values.into_iter().find(|value| value.is_known() && !value.is_null()) else {
            continue;
        };
        let frame = Frame::new().with(Root::Value, value.clone()).with(Root::Provider, arguments.clone());
        if matches!(frame.holds(&rule.that), Ok(Some(false))) {
            let text = frame.text(&rule.message).unwrap_or_else(|_| rule.name.to_string());
            let item = Diagnostic::error(Code::NotAllowed, text).about(addr.clone());
            found.push(item.maybe_hint(rule.hint.as_ref().map(ToString::to_string)));
        }
    }
    found
}

/// What an object is called: the last part of its identity, or its `name` if the service makes ids.
fn name_of(schema: &ResourceSchema, object: &Value) -> Option<Arc<str>> {
    let attribute = match schema.identity.last() {
        Some(last) if !schema.has_server_id() => last,
        _ => &schema.attribute("name")?.name,
    };
    object.get(attribute)?.as_str().cloned()
}

/// The names that an object grants access to, with the attributes that say so.
fn granted<'s>(schema: &'s ResourceSchema, object: &Value) -> Vec<(&'s Name, Arc<str>)> {
    let mut names = Vec::new();
    for attribute in schema.attributes.iter().filter(|attribute| attribute.grants) {
        let Some(value) = object.get(&attribute.name) else { continue };
        let (value, _) = value.clone().unmark();
        let keys = value.fields().into_iter().flat_map(|fields| fields.keys().cloned());
        let elements = value.elements().unwrap_or_default().iter();
        let elements = elements.filter_map(|element| element.as_str().cloned());
        let single = value.as_str().cloned();
        names.extend(keys.chain(elements).chain(single).map(|name| (&attribute.name, name)));
    }
    names
}
