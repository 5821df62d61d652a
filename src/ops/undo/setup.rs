//! The parts of a configuration that say how remote systems are reached: settings, providers, and what these need.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use crate::config::Module;
use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::source::SourceId;
use crate::source::SourceMap;
use crate::syntax::ast::Body;
use crate::syntax::ast::Expr;
use crate::syntax::ast::Name;
use crate::syntax::ast::RefStep;
use crate::syntax::parse::parse_file;
use crate::syntax::parse::references;

use super::super::project::Project;

/// Blocks that stay whole.
const KEPT: [&str; 4] = ["queueform", "terraform", "provider", "variable"];

/// Returns the files of the root module without everything that declares objects.
///
/// # Errors
/// If a provider needs an object: it cannot be reached before that is there.
pub(super) fn texts(project: &Project) -> Result<Vec<(String, String)>, Diagnostic> {
    let module = &project.config.root;
    let locals = needed_locals(module)?;
    let mut texts = Vec::new();
    for id in files(module) {
        let Some(file) = project.sources.get(id) else { continue };
        let name = file.name().rsplit(['/', '\\']).next().unwrap_or(file.name()).to_owned();
        let text = if name.ends_with(".json") {
            of_json(file.text(), &locals)
        } else {
            let body = parse_file(id, file.text()).output;
            body.map(|body| of_blocks(&body, &project.sources, &locals)).unwrap_or_default()
        };
        texts.push((name, text));
    }
    Ok(texts)
}

/// The files in which providers, variables, locals and settings stand.
fn files(module: &Module) -> BTreeSet<SourceId> {
    let settings = &module.settings;
    let spans = module
        .providers
        .values()
        .map(|provider| provider.header)
        .chain(module.variables.values().map(|variable| variable.header))
        .chain(module.locals.values().map(|local| local.name.span))
        .chain(settings.backend.iter().map(|backend| backend.span))
        .chain(settings.required_providers.iter().map(|block| block.header))
        .chain(settings.owns.iter().map(|pattern| pattern.span))
        .chain(settings.limits.deletes.iter().map(|limit| limit.span))
        .chain(settings.limits.delete_percent.iter().map(|limit| limit.span))
        .chain(settings.encryption.iter().map(|block| block.header));
    spans.map(|span| span.source).collect()
}

/// The locals that providers are set up with, directly or not.
fn needed_locals(module: &Module) -> Result<BTreeSet<Name>, Diagnostic> {
    let mut needed = BTreeSet::new();
    let mut open: Vec<&Expr> = Vec::new();
    for provider in module.providers.values() {
        open.extend(provider.arguments.values().map(|argument| &argument.expr));
        open.extend(&provider.for_each);
    }
    if let Some(backend) = &module.settings.backend {
        open.extend(backend.arguments.iter().map(|argument| &argument.expr));
    }
    while let Some(expr) = open.pop() {
        let mut object = None;
        let mut locals = Vec::new();
        references(expr, &mut |reference| match &*reference.root.value {
            "local" => {
                if let Some(RefStep::Attr(name)) = reference.steps.first().map(|step| &step.value) {
                    locals.push(Name::clone(name));
                }
            }
            "var" | "each" | "path" | "queueform" | "terraform" => {}
            _ => object = Some(reference),
        });
        if let Some(reference) = object {
            return Err(Diagnostic::error(
                Code::Usage,
                "a provider is set up with what an object or a module gives",
            )
            .at(reference.span, "known only with the configuration as it is")
            .hint("change the configuration back, and apply that"));
        }
        for name in locals {
            if needed.insert(Name::clone(&name)) {
                open.extend(module.locals.get(&name).map(|local| &local.expr));
            }
        }
    }
    Ok(needed)
}

fn of_blocks(body: &Body, sources: &SourceMap, locals: &BTreeSet<Name>) -> String {
    let mut text = String::new();
    for block in &body.blocks {
        let kind = &*block.kind.value;
        if KEPT.contains(&kind) {
            text.push_str(sources.snippet(block.span));
            text.push_str("\n\n");
        }
        if kind == "locals" {
            let kept = block.body.attributes.iter().filter(|local| locals.contains(&local.name.value));
            let kept: String =
                kept.map(|local| format!("  {}\n", sources.snippet(local.span).trim_end())).collect();
            if !kept.is_empty() {
                text.push_str(&format!("locals {{\n{kept}}}\n\n"));
            }
        }
    }
    text
}

fn of_json(text: &str, locals: &BTreeSet<Name>) -> String {
    let Ok(Json::Object(mut file)) = serde_json::from_str(text) else { return "{}".to_owned() };
    file.retain(|name, _| KEPT.contains(&name.as_str()) || name == "locals");
    if let Some(all) = file.get_mut("locals") {
        let blocks: Vec<&mut Json> = match all {
            Json::Array(blocks) => blocks.iter_mut().collect(),
            one => vec![one],
        };
        for block in blocks {
            if let Json::Object(fields) = block {
                fields.retain(|name, _| locals.iter().any(|local| **local == **name));
            }
        }
    }
    Json::Object(file).to_string()
}
