//! Provider configurations belong to the root module; modules get them from those who call them.

use std::collections::BTreeMap;

use crate::addr::ModulePath;
use crate::addr::ProviderAddr;
use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::diag::did_you_mean;
use crate::source::Span;

use super::Config;

/// What the configurations that a module names are in the root module. Names without an alias that are not here mean
/// the same as in the root.
type Given = BTreeMap<ProviderAddr, ProviderAddr>;

/// Gives every resource of a called module the provider configuration of the root module that manages it.
pub(super) fn resolve(config: &mut Config, diagnostics: &mut Diagnostics) {
    let mut known: BTreeMap<ModulePath, Given> = BTreeMap::new();
    let mut told: Vec<Span> = Vec::new();
    let paths: Vec<ModulePath> = config.modules.keys().cloned().collect();
    for path in paths {
        let Some((parent, _)) = path.parent() else { continue };
        let given = given(config, &path, &parent, known.get(&parent), &mut told, diagnostics);
        let call = config.call(&path).map(|call| call.header);
        let Some(module) = config.modules.get_mut(&path) else { continue };
        for resource in module.resources.values_mut() {
            let addr = &resource.provider.value;
            if let Some(root) = given.get(addr) {
                resource.provider.value = root.clone();
            } else if addr.alias.is_some() && !told.contains(&resource.provider.span) {
                told.push(resource.provider.span);
                let mut found = Diagnostic::error(
                    Code::UnknownProviderConfiguration,
                    format!("`{path}` is not given a provider configuration `{addr}`"),
                )
                .at(resource.provider.span, "");
                if let Some(call) = call {
                    found = found.at(call, "called here");
                }
                diagnostics
                    .push(found.hint(format!("add `providers = {{ {addr} = … }}` to the `module` block")));
            }
        }
        known.insert(path, given);
    }
}

fn given(
    config: &Config,
    path: &ModulePath,
    parent: &ModulePath,
    known: Option<&Given>,
    told: &mut Vec<Span>,
    diagnostics: &mut Diagnostics,
) -> Given {
    // What is known without an alias is handed down.
    let mut given: Given = known
        .into_iter()
        .flatten()
        .filter(|(name, _)| name.alias.is_none())
        .map(|(name, root)| (name.clone(), root.clone()))
        .collect();
    let Some(call) = config.call(path) else { return given };
    for (name, here) in call.providers.iter().flatten() {
        let root = match known.and_then(|known| known.get(&here.value)) {
            Some(root) => root.clone(),
            None if parent.is_root() || here.value.alias.is_none() => here.value.clone(),
            None => {
                unknown(
                    here.span,
                    format!("there is no provider configuration `{}`", here.value),
                    None,
                    told,
                    diagnostics,
                );
                continue;
            }
        };
        if parent.is_root()
            && root.alias.is_some()
            && !config.root.providers.contains_key(&root)
            && !config.root.partial
        {
            let names: Vec<String> = config.root.providers.keys().map(ToString::to_string).collect();
            let near = did_you_mean(&root.to_string(), names.iter().map(String::as_str));
            unknown(
                here.span,
                format!("there is no provider configuration `{root}`"),
                near,
                told,
                diagnostics,
            );
            continue;
        }
        given.insert(name.clone(), root);
    }
    given
}

fn unknown(
    span: Span,
    text: String,
    near: Option<String>,
    told: &mut Vec<Span>,
    diagnostics: &mut Diagnostics,
) {
    if !told.contains(&span) {
        told.push(span);
        diagnostics.push(Diagnostic::error(Code::UnknownProviderConfiguration, text).at(span, "").hint(
            near.unwrap_or_else(|| {
                "declare it in the root module: `provider \"NAME\" { alias = \"ALIAS\" … }`".to_owned()
            }),
        ));
    }
}
