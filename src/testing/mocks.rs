//! Whether what a test puts in place of something has something to take the place of.

use crate::addr::InstanceAddr;
use crate::addr::Mode;
use crate::addr::Target;
use crate::config::Config;
use crate::config::Mocks;
use crate::config::Standin;
use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::diag::did_you_mean;
use crate::schema::Registry;
use crate::schema::ResourceKind;
use crate::syntax::ast::Name;

/// Looks at what stands in for parts of a configuration: errors for types that do not exist, warnings for what has no
/// effect.
#[must_use]
pub fn check_mocks(mocks: &Mocks, config: &Config, registry: &Registry) -> Diagnostics {
    let mut found = Diagnostics::new();
    for (addr, mocked) in &mocks.providers {
        for ((mode, kind), standin) in &mocked.types {
            if registry.provider_of(kind) == Some(&addr.name) {
                attributes(*mode, kind, standin, registry, &mut found);
            } else {
                let summary = format!("provider `{}` has no {} `{kind}`", addr.name, word(*mode));
                found.push(Diagnostic::error(Code::UnknownResourceType, summary).at(standin.span, ""));
            }
        }
        for (target, standin) in &mocked.overrides {
            check_target(target, standin, config, registry, &mut found);
        }
    }
    for (target, standin) in &mocks.overrides {
        check_target(target, standin, config, registry, &mut found);
    }
    found
}

fn check_target(
    target: &Target,
    standin: &Standin,
    config: &Config,
    registry: &Registry,
    found: &mut Diagnostics,
) {
    let resource = match target {
        Target::Module(module) => {
            let Some(called) = config.module(&module.path()) else {
                let all: Vec<String> = config.modules.keys().map(|path| path.unkeyed().to_string()).collect();
                found.push(missing(target, standin, &all));
                return;
            };
            let known = || called.outputs.keys().map(|name| &**name);
            for name in standin.values.keys().filter(|name| !called.outputs.contains_key(*name)) {
                found.push(unused(format!("`{target}` has no output `{name}`"), standin, name, known()));
            }
            return;
        }
        Target::Resource(addr) => addr.instance(None),
        Target::Instance(addr) => addr.clone(),
    };
    let InstanceAddr { resource, .. } = resource;
    if config.resource(&resource).is_none() {
        let all: Vec<String> = config.all_resources().map(|(addr, _)| addr.to_string()).collect();
        found.push(missing(target, standin, &all));
        return;
    }
    attributes(resource.mode, &resource.kind, standin, registry, found);
}

fn attributes(mode: Mode, kind: &Name, standin: &Standin, registry: &Registry, found: &mut Diagnostics) {
    let Some(schema) = registry.resource(ResourceKind::of(mode), kind) else {
        let known = registry.type_names(ResourceKind::of(mode)).map(|name| &**name);
        found.push(
            Diagnostic::error(Code::UnknownResourceType, format!("there is no {} `{kind}`", word(mode)))
                .at(standin.span, "")
                .maybe_hint(did_you_mean(kind, known)),
        );
        return;
    };
    for name in standin.values.keys() {
        match schema.attribute(name) {
            None => {
                let computed = schema.attributes.iter().filter(|attribute| attribute.mode.is_computed());
                let known = computed.map(|attribute| &*attribute.name);
                found.push(unused(format!("`{kind}` has no attribute `{name}`"), standin, name, known));
            }
            Some(attribute) if !attribute.mode.is_computed() => found.push(
                Diagnostic::warning(
                    Code::UnknownArgument,
                    format!("`{name}` of `{kind}` is what the configuration says, whatever stands here"),
                )
                .at(standin.span, "")
                .hint(format!("remove `{name}`: only what the provider decides can be given")),
            ),
            Some(_) => {}
        }
    }
}

fn missing(target: &Target, standin: &Standin, known: &[String]) -> Diagnostic {
    Diagnostic::warning(
        Code::UndeclaredReference,
        format!("there is no `{target}` in the configuration under test"),
    )
    .at(standin.span, "stands in for nothing")
    .maybe_hint(did_you_mean(&target.to_string(), known.iter().map(String::as_str)))
}

fn unused<'k>(
    summary: String,
    standin: &Standin,
    name: &str,
    known: impl IntoIterator<Item = &'k str>,
) -> Diagnostic {
    Diagnostic::warning(Code::UnknownArgument, summary)
        .at(standin.span, "has no effect")
        .maybe_hint(did_you_mean(name, known))
}

fn word(mode: Mode) -> &'static str {
    match mode {
        Mode::Managed => "resource type",
        Mode::Data => "data source",
        Mode::Action => "action",
        Mode::Ephemeral => "ephemeral resource",
    }
}
