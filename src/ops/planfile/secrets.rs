//! Which files of a configuration hold secrets in clear, so that they are not copied into a saved plan.

use std::collections::BTreeSet;

use crate::config::Module;
use crate::config::VariableValues;
use crate::plan::Plan;
use crate::schema::Attribute;
use crate::schema::Registry;
use crate::schema::ResourceKind;
use crate::source::SourceId;
use crate::source::SourceMap;
use crate::syntax::ast::Expr;
use crate::syntax::ast::RefStep;
use crate::syntax::parse::references;
use crate::value::Value;

/// Shorter lines of a secret of many lines are not looked for by themselves.
const LEAST_LINE: usize = 8;

/// Returns the sources in which a secret is written.
pub(super) fn sources_with_secrets(
    module: &Module,
    variables: &VariableValues,
    registry: &Registry,
    sources: &SourceMap,
    plan: &Plan,
) -> BTreeSet<SourceId> {
    let mut found = written_secrets(module, registry, sources);
    let texts = secret_texts(variables, plan);
    for (id, file) in sources.iter() {
        if texts.iter().any(|text| file.text().contains(text.as_str())) {
            found.insert(id);
        }
    }
    found
}

/// Looks at the places where secrets may be written: arguments that are sensitive, and defaults of sensitive
/// variables.
fn written_secrets(module: &Module, registry: &Registry, sources: &SourceMap) -> BTreeSet<SourceId> {
    let mut search = Search { module, sources, found: BTreeSet::new(), seen: BTreeSet::new() };
    for variable in module.variables.values().filter(|variable| variable.sensitive || variable.ephemeral) {
        if variable.default.as_ref().is_some_and(|default| !default.is_null()) {
            search.found.insert(variable.header.source);
        }
    }
    for output in module.outputs.values().filter(|output| output.sensitive) {
        search.expression(&output.value);
    }
    for resource in module.resources.values() {
        let kind = ResourceKind::of(resource.id.mode);
        let Some(schema) = registry.resource(kind, &resource.id.kind) else { continue };
        for (name, argument) in &resource.arguments {
            if schema.attribute(name).is_none_or(is_secret) {
                search.expression(&argument.expr);
            }
        }
    }
    for provider in module.providers.values() {
        let Some(schema) = registry.provider(&provider.addr.name) else { continue };
        for (name, argument) in &provider.arguments {
            let known = schema.arguments.iter().find(|known| known.name == *name);
            if known.is_none_or(|known| known.sensitive) {
                search.expression(&argument.expr);
            }
        }
    }
    search.found
}

/// Returns whether an attribute or a part of it is secret.
fn is_secret(attribute: &Attribute) -> bool {
    attribute.sensitive
        || attribute.write_only
        || attribute.nested.as_ref().is_some_and(|nested| nested.attributes.iter().any(is_secret))
}

struct Search<'s> {
    module: &'s Module,
    sources: &'s SourceMap,
    found: BTreeSet<SourceId>,
    seen: BTreeSet<String>,
}

impl Search<'_> {
    /// Notes the source of an expression that has a text in it, and those of the local values it uses.
    fn expression(&mut self, expr: &Expr) {
        let text = self.sources.snippet(expr.span);
        if text.contains('"') || text.contains("<<") || text.contains(|c: char| c.is_ascii_digit()) {
            self.found.insert(expr.span.source);
        }
        let mut locals = Vec::new();
        references(expr, &mut |reference| {
            if &*reference.root.value == "local"
                && let Some(RefStep::Attr(name)) = reference.steps.first().map(|step| &step.value)
            {
                locals.push(name.to_string());
            }
        });
        let module = self.module;
        for name in locals {
            if self.seen.insert(name.clone())
                && let Some(local) = module.locals.get(name.as_str())
            {
                self.expression(&local.expr);
            }
        }
    }
}

/// Returns the secrets that are known, in every way they may stand in a file.
fn secret_texts(variables: &VariableValues, plan: &Plan) -> BTreeSet<String> {
    let mut texts = BTreeSet::new();
    let values = variables.values.values().map(|variable| &variable.value);
    let changes = plan.changes.iter().flat_map(|change| change.before.iter().chain(&change.after));
    let outputs = plan.outputs.values().flat_map(|output| output.before.iter().chain(&output.after));
    for value in values.chain(changes).chain(outputs) {
        collect(value, false, &mut texts);
    }
    texts
}

fn collect(value: &Value, within: bool, texts: &mut BTreeSet<String>) {
    let secret = within || value.marks().is_sensitive() || value.marks().is_ephemeral();
    if secret && let Some(text) = value.as_str() {
        let escaped = serde_json::to_string(&**text).unwrap_or_default();
        let escaped = escaped.trim_matches('"').to_owned();
        for text in [text.to_string(), escaped.replace("${", "$${").replace("%{", "%%{"), escaped] {
            if !text.is_empty() {
                texts.insert(text);
            }
        }
        for line in text.lines().filter(|line| line.len() >= LEAST_LINE) {
            texts.insert(line.to_owned());
        }
    }
    if let Some(fields) = value.fields() {
        for part in fields.values() {
            collect(part, secret, texts);
        }
    }
    for part in value.elements().unwrap_or_default() {
        collect(part, secret, texts);
    }
}
