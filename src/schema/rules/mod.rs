//! Rules that a schema must follow beyond the form of its words: names lead somewhere, every change has a
//! step, every object has an identity.

mod capacity;
mod names;
mod refers;
mod steps;

use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::source::Span;

use super::Change;
use super::Generated;
use super::Mode;
use super::ProviderSchema;
use super::ResourceKind;
use super::ResourceSchema;
use super::load::File;
use super::load::Loaded;

/// Checks files that were loaded together.
pub(super) fn check(files: &[File], found: &mut Diagnostics) {
    let provider_of = |name: &str| {
        files.iter().find_map(|file| match &file.loaded {
            Loaded::Provider(provider) if &*provider.name == name => Some(&**provider),
            Loaded::Provider(_) | Loaded::Type(_) => None,
        })
    };
    for file in files {
        patterns(file, found);
        match &file.loaded {
            Loaded::Provider(provider) => names::provider(file, provider, found),
            Loaded::Type(schema) => {
                let provider = provider_of(&schema.provider);
                names::resource(file, schema, provider, found);
                if let Some(provider) = provider {
                    service(schema, provider, found);
                }
                resource(schema, files, found);
            }
        }
    }
}

/// Patterns are regular expressions.
fn patterns(file: &File, found: &mut Diagnostics) {
    for (pattern, span) in &file.patterns {
        if let Err(error) = pattern.check() {
            let reason = error.to_string();
            let reason = reason.lines().last().unwrap_or_default().trim();
            let summary = "the pattern is not a regular expression";
            found.push(Diagnostic::error(Code::InvalidSchema, summary).at(*span, "").hint(reason));
        }
    }
}

/// Rules over one resource type.
fn resource(schema: &ResourceSchema, files: &[File], found: &mut Diagnostics) {
    match schema.kind {
        ResourceKind::Managed => {
            identity(schema, found);
            steps::updates(schema, found);
            parent(schema, files, found);
            refers::targets(schema, files, found);
        }
        ResourceKind::Data if schema.reads_state => {
            for name in ["backend", "config", "workspace", "defaults", "outputs"] {
                if schema.attribute(name).is_none() {
                    report(
                        found,
                        format!("a data source with `reads_state` needs the attribute `{name}`"),
                        schema.span,
                    );
                }
            }
            if schema.read.is_some() {
                report(found, "`reads_state` makes no calls, so there is no `read`", schema.span);
            }
        }
        ResourceKind::Data if schema.read.is_none() => {
            report(found, "the data source has no `read`", schema.span);
        }
        ResourceKind::Action if schema.invocation.is_none() => {
            report(found, "the action has no `run`", schema.span);
        }
        ResourceKind::Ephemeral => match (schema.generates, &schema.create) {
            (None, None) => report(found, "the ephemeral object has no `open`", schema.span),
            (Some(Generated::Password), None) => {
                for name in ["length", "result"] {
                    if schema.attribute(name).is_none() {
                        let summary = format!("an object with `generates` needs the attribute `{name}`");
                        report(found, summary, schema.span);
                    }
                }
            }
            (Some(Generated::Password), Some(_)) => {
                report(found, "`generates` makes no calls, so there is no `open`", schema.span);
            }
            (None, Some(_)) => {}
        },
        ResourceKind::Data | ResourceKind::Action => {}
    }
    steps::reads(schema, found);
    steps::observations(schema, found);
    capacity::capacities(schema, files, found);
}

/// Where its calls go is said, and another region can be reached.
fn service(schema: &ResourceSchema, provider: &ProviderSchema, found: &mut Diagnostics) {
    let calls = steps::calls(schema);
    if schema.service.is_none() && !provider.services.is_empty() && !calls.is_empty() {
        let names: Vec<String> =
            provider.services.iter().map(|service| format!("`service = {}`", service.name)).collect();
        found.push(
            Diagnostic::error(Code::InvalidSchema, "nothing says which service the calls go to")
                .at(schema.span, "")
                .hint(format!("add {}", names.join(" or "))),
        );
    }
    let service = schema.service.as_ref().and_then(|name| provider.service(name));
    for call in calls {
        if call.region.is_some() && (service.is_none() || provider.argument("region").is_none()) {
            let summary = "`region` needs a provider with services and an argument `region`";
            report(found, summary, call.span);
        }
        if service.is_some_and(|service| service.api_version.is_some()) && call.operation.is_none() {
            found.push(
                Diagnostic::error(Code::InvalidSchema, "the service needs the name of the operation")
                    .at(call.span, "")
                    .hint("add `operation = \"…\"`: signatures cover it"),
            );
        }
    }
}

/// The attributes of an identity exist, and a change of one is another object.
fn identity(schema: &ResourceSchema, found: &mut Diagnostics) {
    match schema.attribute("id") {
        Some(id) if id.mode == Mode::Computed => {}
        Some(id) => report(found, "`id` must be `mode = computed`", id.span),
        None => report(found, "the resource has no attribute `id`", schema.span),
    }
    if schema.has_server_id() {
        return;
    }
    // What the service makes up cannot change by itself.
    for attribute in schema.identity.iter().filter_map(|name| schema.attribute(name)) {
        if attribute.change != Change::Replace && attribute.mode != Mode::Computed {
            let summary =
                format!("`{}` is part of the identity and must be `change = replace`", attribute.name);
            report(found, summary, attribute.span);
        }
    }
}

fn parent(schema: &ResourceSchema, files: &[File], found: &mut Diagnostics) {
    let Some(parent) = &schema.parent else { return };
    let known = files.iter().any(|file| match &file.loaded {
        Loaded::Type(other) => other.type_name == parent.type_name,
        Loaded::Provider(_) => false,
    });
    if files.len() > 1 && !known {
        report(found, format!("the parent `{}` is not a resource type", parent.type_name), parent.span);
    }
}

fn report(found: &mut Diagnostics, summary: impl Into<String>, span: Span) {
    found.push(Diagnostic::error(Code::InvalidSchema, summary).at(span, ""));
}

/// Returns the arguments that `provider.NAME` may name.
fn arguments(provider: &ProviderSchema) -> impl Iterator<Item = &str> {
    provider.arguments.iter().map(|argument| &*argument.name)
}
