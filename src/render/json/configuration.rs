//! The configuration as plans hold it: expressions as what they refer to, or as the constants they are.
//!
//! Constants in places that hold secrets are null.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use serde_json::Map;
use serde_json::Value as Json;
use serde_json::json;

use crate::addr::ModuleInstance;
use crate::addr::ModulePath;
use crate::addr::ProviderAddr;
use crate::config::Config;
use crate::config::Module;
use crate::config::ModuleCall;
use crate::config::Output;
use crate::config::Repetition;
use crate::config::Resource;
use crate::config::Variable;
use crate::plan::Action;
use crate::plan::Plan;
use crate::schema::Attribute;
use crate::schema::Registry;
use crate::schema::ResourceKind;
use crate::syntax::ast::Expr;
use crate::syntax::ast::ExprKind;
use crate::syntax::ast::RefStep;
use crate::syntax::ast::UnaryOp;

use super::references;
use super::references::Relevant;
use super::shape::number_json;
use super::shape::shown;

/// Returns the full name of a provider in machine output.
#[must_use]
pub fn provider_name(name: &str) -> String {
    format!("queueform.io/builtin/{name}")
}

/// Returns the configuration.
pub(super) fn configuration(config: &Config, registry: &Registry) -> Json {
    json!({
        "provider_config": provider_config(config, registry),
        "root_module": module(config, &config.root, registry),
    })
}

fn provider_config(config: &Config, registry: &Registry) -> Json {
    let module = &config.root;
    let all = config.all_modules().flat_map(|module| module.resources.values());
    let used = all.map(|resource| &resource.provider.value);
    let all: BTreeSet<&ProviderAddr> = module.providers.keys().chain(used).collect();
    let entries = all.into_iter().map(|addr| {
        let mut entry = Map::new();
        entry.insert("name".to_owned(), addr.name.to_string().into());
        entry.insert("full_name".to_owned(), provider_name(&addr.name).into());
        if let Some(alias) = &addr.alias {
            entry.insert("alias".to_owned(), alias.to_string().into());
        }
        let schema = registry.provider(&addr.name);
        let arguments: Map<String, Json> = module
            .providers
            .get(addr)
            .into_iter()
            .flat_map(|block| &block.arguments)
            .map(|(name, argument)| {
                let known = schema.as_ref().and_then(|schema| {
                    schema
                        .arguments
                        .iter()
                        .find(|argument| argument.name == *name)
                        .map(|found| found.sensitive)
                });
                (name.to_string(), expression(&argument.expr, known.unwrap_or(true)))
            })
            .collect();
        if !arguments.is_empty() {
            entry.insert("expressions".to_owned(), arguments.into());
        }
        (addr.to_string(), Json::Object(entry))
    });
    Json::Object(entries.collect())
}

fn module(config: &Config, module: &Module, registry: &Registry) -> Json {
    let mut out = Map::new();
    let outputs: Map<String, Json> =
        module.outputs.iter().map(|(name, found)| (name.to_string(), output(found))).collect();
    if !outputs.is_empty() {
        out.insert("outputs".to_owned(), outputs.into());
    }
    let resources: Vec<Json> = module.resources.values().map(|found| resource(found, registry)).collect();
    if !resources.is_empty() {
        out.insert("resources".to_owned(), resources.into());
    }
    let calls: Map<String, Json> = module
        .calls
        .iter()
        .map(|(name, found)| (name.to_string(), call(config, &module.path.child(name), found, registry)))
        .collect();
    if !calls.is_empty() {
        out.insert("module_calls".to_owned(), calls.into());
    }
    let variables: Map<String, Json> =
        module.variables.iter().map(|(name, found)| (name.to_string(), variable(found))).collect();
    if !variables.is_empty() {
        out.insert("variables".to_owned(), variables.into());
    }
    out.into()
}

fn call(config: &Config, path: &ModulePath, found: &ModuleCall, registry: &Registry) -> Json {
    let child = config.module(path);
    let mut out = Map::new();
    if let Some(child) = child {
        out.insert("source".to_owned(), child.source.as_str().into());
    }
    let expressions: Map<String, Json> = found
        .arguments
        .iter()
        .map(|(name, argument)| {
            let variable = child.and_then(|child| child.variables.get(name));
            let secret = variable.is_none_or(|variable| variable.sensitive || variable.ephemeral);
            (name.to_string(), expression(&argument.expr, secret))
        })
        .collect();
    if !expressions.is_empty() {
        out.insert("expressions".to_owned(), expressions.into());
    }
    repetition(&found.repetition, &mut out);
    if let Some(child) = child {
        out.insert("module".to_owned(), module(config, child, registry));
    }
    let depends_on: Vec<String> = found.depends_on.iter().filter_map(first_of).collect();
    if !depends_on.is_empty() {
        out.insert("depends_on".to_owned(), depends_on.into());
    }
    out.into()
}

fn repetition(found: &Repetition, out: &mut Map<String, Json>) {
    match found {
        Repetition::One => {}
        Repetition::Enabled(expr) => {
            insert_expression(out, "enabled_expression", expr);
        }
        Repetition::Count(expr) => {
            insert_expression(out, "count_expression", expr);
        }
        Repetition::ForEach(expr) => {
            insert_expression(out, "for_each_expression", expr);
        }
    }
}

/// Nothing is said of an expression that is no constant and refers to nothing.
fn insert_expression(out: &mut Map<String, Json>, name: &str, expr: &Expr) {
    let told = expression(expr, false);
    if told.as_object().is_some_and(|told| !told.is_empty()) {
        out.insert(name.to_owned(), told);
    }
}

fn output(found: &Output) -> Json {
    let mut out = Map::new();
    out.insert("expression".to_owned(), expression(&found.value, found.sensitive));
    if found.sensitive {
        out.insert("sensitive".to_owned(), Json::Bool(true));
    }
    if let Some(description) = &found.description {
        out.insert("description".to_owned(), description.as_str().into());
    }
    let depends_on: Vec<String> = found.depends_on.iter().filter_map(first_of).collect();
    if !depends_on.is_empty() {
        out.insert("depends_on".to_owned(), depends_on.into());
    }
    out.into()
}

fn first_of(reference: &crate::syntax::ast::Reference) -> Option<String> {
    references::of_reference(reference).into_iter().next()
}

fn variable(found: &Variable) -> Json {
    let mut out = Map::new();
    let hidden = found.sensitive || found.ephemeral;
    if let Some(default) = &found.default {
        out.insert("default".to_owned(), if hidden { Json::Null } else { shown(default) });
    }
    if let Some(description) = &found.description {
        out.insert("description".to_owned(), description.as_str().into());
    }
    if found.sensitive {
        out.insert("sensitive".to_owned(), Json::Bool(true));
    }
    out.into()
}

fn resource(found: &Resource, registry: &Registry) -> Json {
    let kind = ResourceKind::of(found.id.mode);
    let schema = registry.resource(kind, &found.id.kind);
    let mut out = Map::new();
    out.insert("address".to_owned(), found.id.to_string().into());
    out.insert("mode".to_owned(), found.id.mode.as_str().into());
    out.insert("type".to_owned(), found.id.kind.to_string().into());
    out.insert("name".to_owned(), found.id.name.to_string().into());
    out.insert("provider_config_key".to_owned(), found.provider.value.to_string().into());
    let expressions: Map<String, Json> = found
        .arguments
        .iter()
        .map(|(name, argument)| {
            let attribute = schema.as_ref().and_then(|schema| schema.attribute(name));
            (name.to_string(), expression(&argument.expr, attribute.is_none_or(is_secret)))
        })
        .collect();
    if !expressions.is_empty() {
        out.insert("expressions".to_owned(), expressions.into());
    }
    out.insert("schema_version".to_owned(), schema.map_or(0, |schema| schema.version).into());
    repetition(&found.repetition, &mut out);
    let depends_on: Vec<String> = found.depends_on.iter().filter_map(first_of).collect();
    if !depends_on.is_empty() {
        out.insert("depends_on".to_owned(), depends_on.into());
    }
    out.into()
}

fn is_secret(attribute: &Attribute) -> bool {
    attribute.sensitive
        || attribute.write_only
        || attribute.nested.as_ref().is_some_and(|nested| nested.attributes.iter().any(is_secret))
}

/// Returns an expression: its references, or the constant it is. A constant secret is null.
fn expression(expr: &Expr, secret: bool) -> Json {
    let references = references::of_expression(expr);
    if !references.is_empty() {
        return json!({ "references": references });
    }
    match constant(expr) {
        Some(_) if secret => json!({ "constant_value": null, "sensitive": true }),
        Some(value) => json!({ "constant_value": value }),
        None => json!({}),
    }
}

/// Returns the value of an expression that is written out: nothing in it is computed.
fn constant(expr: &Expr) -> Option<Json> {
    match &expr.kind {
        ExprKind::Literal(value) => Some(shown(value)),
        ExprKind::Parens(inner) => constant(inner),
        ExprKind::Unary(unary) if unary.operator.value == UnaryOp::Negate => {
            match constant(&unary.operand)? {
                Json::Number(number) => {
                    let text = number.to_string();
                    Some(number_json(
                        &text.strip_prefix('-').map_or_else(|| format!("-{text}"), ToOwned::to_owned),
                    ))
                }
                _ => None,
            }
        }
        ExprKind::Tuple(parts) => parts.iter().map(constant).collect::<Option<Vec<_>>>().map(Json::Array),
        ExprKind::Object(items) => {
            let mut fields = Map::new();
            for item in items {
                let key = match constant(&item.key)? {
                    Json::String(key) => key,
                    Json::Number(number) => number.to_string(),
                    Json::Bool(value) => value.to_string(),
                    Json::Null | Json::Array(_) | Json::Object(_) => return None,
                };
                fields.insert(key, constant(&item.value)?);
            }
            Some(Json::Object(fields))
        }
        _ => None,
    }
}

/// Returns the attributes of resources that the changes of a plan are computed from.
pub(super) fn relevant_attributes(plan: &Plan, config: &Config) -> Json {
    let mut relevant = Relevant::new(config);
    let mut told = BTreeSet::new();
    for change in plan.changes.iter().filter(|change| change.action != Action::NoOp) {
        let addr = change.addr.resource.declared();
        if !told.insert(addr.clone()) {
            continue;
        }
        let Some(block) = config.resource(&addr) else { continue };
        let repetition = match &block.repetition {
            Repetition::One => None,
            Repetition::Count(expr) | Repetition::ForEach(expr) | Repetition::Enabled(expr) => Some(expr),
        };
        let triggers = block.lifecycle.replace_triggered_by.iter().map(|trigger| &trigger.expr);
        let arguments = block.arguments.values().map(|argument| &argument.expr);
        let path = addr.module.path();
        for expr in repetition.into_iter().chain(arguments).chain(triggers) {
            relevant.expression(&path, expr);
        }
    }
    for (name, output) in &plan.outputs {
        if output.action != Action::NoOp
            && let Some(block) = config.root.outputs.get(name)
        {
            relevant.expression(&ModulePath::root(), &block.value);
        }
    }
    // What modules hand out is not kept anywhere, so it is computed by every plan.
    for module in config.all_modules().filter(|module| !module.path.is_root()) {
        for output in module.outputs.values() {
            relevant.expression(&module.path, &output.value);
        }
    }
    let found = relevant.found;
    let instances = instances(plan);
    let step = |step: &RefStep| match step {
        RefStep::Attr(name) | RefStep::Key(name) => Json::String(name.to_string()),
        RefStep::Index(index) => (*index).into(),
        RefStep::Dynamic => Json::Null,
    };
    let mut told: Vec<(String, Json)> = Vec::new();
    for (module, resource, path) in &found {
        let path: Vec<Json> = path.iter().map(step).collect();
        for instance in instances.get(module).into_iter().flatten() {
            let dot = if instance.is_root() { "" } else { "." };
            told.push((format!("{instance}{dot}{resource}"), Json::Array(path.clone())));
        }
    }
    told.into_iter().map(|(resource, path)| json!({ "resource": resource, "attribute": path })).collect()
}

/// Returns the instances of modules that a plan is about, and those around them.
fn instances(plan: &Plan) -> BTreeMap<ModulePath, BTreeSet<ModuleInstance>> {
    let mut found: BTreeMap<ModulePath, BTreeSet<ModuleInstance>> = BTreeMap::new();
    found.entry(ModulePath::root()).or_default().insert(ModuleInstance::root());
    for change in &plan.changes {
        let mut at = change.addr.resource.module.clone();
        while !at.is_root() && found.entry(at.path()).or_default().insert(at.clone()) {
            let Some((around, ..)) = at.parent() else { break };
            at = around;
        }
    }
    found
}
