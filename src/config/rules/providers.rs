//! Providers and resource types must exist, and provider arguments must be known.

use std::collections::BTreeSet;

use crate::addr::Mode;
use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::diag::did_you_mean;
use crate::eval;
use crate::schema::Argument;
use crate::schema::CredentialSource;
use crate::schema::ProviderSchema;
use crate::schema::Registry;
use crate::schema::ResourceKind;
use crate::syntax::ast::Attribute;
use crate::syntax::ast::Expr;
use crate::syntax::parse::references;

use super::super::Config;
use super::super::Module;

/// Checks provider blocks, the types of resources and the configurations they name.
pub(super) fn check(_config: &Config, module: &Module, registry: &Registry, diagnostics: &mut Diagnostics) {
    for config in module.providers.values() {
        let Some(schema) = registry.provider(&config.addr.name) else {
            diagnostics.push(unknown_provider(&config.addr.name, registry).at(config.header, ""));
            continue;
        };
        for (name, attribute) in &config.arguments {
            if let Some(known) = schema.argument(name).filter(|known| known.sensitive)
                && is_written_down(&attribute.expr)
            {
                diagnostics.push(literal_secret(&schema, known, attribute));
            }
            if schema.argument(name).is_none() {
                diagnostics.push(
                    Diagnostic::error(
                        Code::UnknownArgument,
                        format!("provider `{}` has no argument `{name}`", config.addr.name),
                    )
                    .at(attribute.name.span, "unknown argument")
                    .maybe_hint(did_you_mean(name, schema.arguments.iter().map(|argument| &*argument.name))),
                );
            }
        }
    }
    for (id, resource) in &module.resources {
        let kind = kind_of(id.mode);
        if registry.resource(kind, &id.kind).is_none() {
            diagnostics
                .push(unknown_type(id.mode, &id.kind, registry).at(resource.kind_span, "unknown type"));
            continue;
        }
        let addr = &resource.provider.value;
        if let Some(owner) = registry.provider_of(&id.kind)
            && *owner != addr.name
        {
            diagnostics.push(
                Diagnostic::error(
                    Code::InvalidMetaArgument,
                    format!("`{}` belongs to provider `{owner}`, not to `{}`", id.kind, addr.name),
                )
                .at(resource.provider.span, "")
                .hint(
                    did_you_mean(&addr.name, [&**owner])
                        .unwrap_or_else(|| format!("write `provider = {owner}`, or leave it out")),
                ),
            );
        } else if module.path.is_root()
            && module.provider_sets.contains_key(addr) != resource.provider_key.is_some()
        {
            let (text, hint) = if resource.provider_key.is_some() {
                (format!("`{addr}` has no `for_each`"), format!("write `provider = {addr}`"))
            } else {
                (
                    format!("`{addr}` has `for_each`, so one of its configurations must be named"),
                    format!("write `provider = {addr}[each.key]`, or `{addr}[\"KEY\"]`"),
                )
            };
            let found = Diagnostic::error(Code::InvalidMetaArgument, text);
            diagnostics.push(found.at(resource.provider.span, "").hint(hint));
        } else if module.path.is_root()
            && resource.provider_key.is_none()
            && addr.alias.is_some()
            && !module.providers.contains_key(addr)
            && !module.partial
        {
            let aliases: BTreeSet<String> = module.providers.keys().map(ToString::to_string).collect();
            diagnostics.push(
                Diagnostic::error(
                    Code::UnknownProviderConfiguration,
                    format!("there is no provider configuration `{addr}`"),
                )
                .at(resource.provider.span, "")
                .hint(
                    did_you_mean(&addr.to_string(), aliases.iter().map(String::as_str)).unwrap_or_else(
                        || {
                            format!(
                                "declare it: `provider \"{}\" {{ alias = \"{}\" … }}`",
                                addr.name,
                                addr.alias.as_deref().unwrap_or_default()
                            )
                        },
                    ),
                ),
            );
        }
    }
}

/// Whether an expression is a text by itself, whoever runs it.
fn is_written_down(expr: &Expr) -> bool {
    let mut refers = false;
    references(expr, &mut |_reference| refers = true);
    !refers && eval::constant(expr).is_ok_and(|value| value.as_str().is_some_and(|text| !text.is_empty()))
}

/// A secret in a file is soon in a repository, and in the hands of everybody who reads it.
fn literal_secret(schema: &ProviderSchema, argument: &Argument, attribute: &Attribute) -> Diagnostic {
    let name = &argument.name;
    let mut variables: Vec<String> = argument.env.iter().map(|variable| format!("`{variable}`")).collect();
    let mut commands = Vec::new();
    for set in &schema.credentials {
        match &set.source {
            CredentialSource::Environment(pairs) => {
                let named = pairs.iter().filter(|(argument, _)| argument == name);
                variables.extend(named.map(|(_, variable)| format!("`{variable}`")));
            }
            CredentialSource::Command(command) => commands.push(format!("`{command}`")),
        }
    }
    let mut ways = vec!["a variable with `sensitive = true`".to_owned()];
    if let Some(variable) = variables.first() {
        ways.insert(0, format!("the environment ({variable})"));
    }
    ways.extend(commands.into_iter().next());
    Diagnostic::warning(
        Code::LiteralSecret,
        format!("`{name}` of provider `{}` is written down in the configuration", schema.name),
    )
    .at(attribute.name.span, "a secret")
    .detail("Whoever can read the file has it, and it stays in the history of a repository.")
    .hint(format!("take it from {}, and change it at the service", ways.join(", or ")))
}

/// The schema kind of a block.
pub(super) fn kind_of(mode: Mode) -> ResourceKind {
    ResourceKind::of(mode)
}

fn unknown_provider(name: &str, registry: &Registry) -> Diagnostic {
    let names: Vec<&str> = registry.provider_names().map(|name| &**name).collect();
    Diagnostic::error(Code::UnknownProvider, format!("there is no provider `{name}`")).hint(
        did_you_mean(name, names.iter().copied()).unwrap_or_else(|| {
            format!(
                "known are {}",
                names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
            )
        }),
    )
}

/// Says that there is no such type, and which is meant.
pub(crate) fn unknown_type(mode: Mode, kind: &str, registry: &Registry) -> Diagnostic {
    let what = if mode == Mode::Managed { "resource type" } else { mode.noun() };
    let others = [Mode::Managed, Mode::Data, Mode::Action, Mode::Ephemeral];
    let others = others.into_iter().filter(|other| *other != mode);
    let other =
        others.into_iter().find(|other| registry.type_names(kind_of(*other)).any(|name| &**name == kind));
    let names = registry.type_names(kind_of(mode)).map(|name| &**name);
    let hint = if let Some(other) = other {
        let article = if matches!(other, Mode::Action | Mode::Ephemeral) { "an" } else { "a" };
        let noun = if other == Mode::Managed { "resource type" } else { other.noun() };
        Some(format!("`{kind}` is {article} {noun}: write `{} \"{kind}\" …`", kind_of(other).block()))
    } else if kind == "terraform_data" {
        Some("write `queueform_data`: it behaves the same".to_owned())
    } else {
        did_you_mean(kind, names)
            .or_else(|| {
                registry.provider_of(kind).is_none().then(|| {
                    let names: Vec<String> =
                        registry.provider_names().map(|name| format!("`{name}_`")).collect();
                    format!("types begin with their provider: {}", names.join(", "))
                })
            })
            .or_else(|| Some("`queueform schema show` lists the types there are".to_owned()))
    };
    Diagnostic::error(Code::UnknownResourceType, format!("there is no {what} `{kind}`")).maybe_hint(hint)
}
