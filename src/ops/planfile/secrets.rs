//! Which files of a configuration hold secrets in clear, so that they are not copied into a saved plan.

use std::collections::BTreeSet;

use crate::addr::ModulePath;
use crate::config::Config;
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
    config: &Config,
    variables: &VariableValues,
    registry: &Registry,
    sources: &SourceMap,
    plan: &Plan,
) -> BTreeSet<SourceId> {
    let mut found = written_secrets(config, registry, sources);
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
fn written_secrets(config: &Config, registry: &Registry, sources: &SourceMap) -> BTreeSet<SourceId> {
    let mut search = Search { config, sources, found: BTreeSet::new(), seen: BTreeSet::new() };
    for module in config.all_modules() {
        for (name, variable) in &module.variables {
            if !variable.sensitive && !variable.ephemeral {
                continue;
            }
            if variable.default.as_ref().is_some_and(|default| !default.is_null()) {
                search.found.insert(variable.header.source);
            }
            search.name(&module.path, "var", name);
        }
        for output in module.outputs.values().filter(|output| output.sensitive) {
            search.expression(&module.path, &output.value);
        }
        for resource in module.resources.values() {
            let kind = ResourceKind::of(resource.id.mode);
            let Some(schema) = registry.resource(kind, &resource.id.kind) else { continue };
            for (name, argument) in &resource.arguments {
                if schema.attribute(name).is_none_or(is_secret) {
                    search.expression(&module.path, &argument.expr);
                }
            }
        }
        for provider in module.providers.values() {
            let Some(schema) = registry.provider(&provider.addr.name) else { continue };
            for (name, argument) in &provider.arguments {
                let known = schema.arguments.iter().find(|known| known.name == *name);
                if known.is_none_or(|known| known.sensitive) {
                    search.expression(&module.path, &argument.expr);
                }
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
    config: &'s Config,
    sources: &'s SourceMap,
    found: BTreeSet<SourceId>,
    seen: BTreeSet<(ModulePath, String, String)>,
}

impl Search<'_> {
    /// Notes the source of an expression that has a text in it, and those of what it is computed from: local values,
    /// arguments of the modules around, and outputs of called ones.
    fn expression(&mut self, module: &ModulePath, expr: &Expr) {
        let text = self.sources.snippet(expr.span);
        if text.contains('"') || text.contains("<<") || text.contains(|c: char| c.is_ascii_digit()) {
            self.found.insert(expr.span.source);
        }
        let mut names = Vec::new();
        references(expr, &mut |reference| {
            let mut steps = reference.steps.iter().filter_map(|step| match &step.value {
                RefStep::Attr(name) => Some(name.to_string()),
                _ => None,
            });
            match (&*reference.root.value, steps.next()) {
                (root @ ("local" | "var"), Some(name)) => names.push((module.clone(), root.to_owned(), name)),
                ("module", Some(call)) => {
                    let child = module.child(&call.into());
                    let outputs =
                        self.config.module(&child).into_iter().flat_map(|child| child.outputs.keys());
                    let asked = steps.next();
                    for output in outputs.filter(|name| asked.as_ref().is_none_or(|asked| **asked == ***name))
                    {
                        names.push((child.clone(), "output".to_owned(), output.to_string()));
                    }
                }
                _ => {}
            }
        });
        for (module, root, name) in names {
            self.name(&module, &root, &name);
        }
    }

    /// Goes on with what a name stands for.
    fn name(&mut self, path: &ModulePath, root: &str, name: &str) {
        if !self.seen.insert((path.clone(), root.to_owned(), name.to_owned())) {
            return;
        }
        let config = self.config;
        let Some(module) = config.module(path) else { return };
        match root {
            "local" => {
                if let Some(local) = module.locals.get(name) {
                    self.expression(path, &local.expr);
                }
            }
            "output" => {
                if let Some(output) = module.outputs.get(name) {
                    self.expression(path, &output.value);
                }
            }
            _ => {
                let argument = config.call(path).and_then(|call| call.arguments.get(name));
                if let (Some(argument), Some((parent, _))) = (argument, path.parent()) {
                    self.expression(&parent, &argument.expr);
                }
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
