//! Which blocks need which provider, and how each is configured.

use std::fmt;
use std::fmt::Write;

use serde_json::Value as Json;
use serde_json::json;

/// What `providers` tells.
#[derive(Debug, Clone, Default)]
pub struct Overview {
    /// The modules, each behind the one that calls it; the root module has no name.
    pub modules: Vec<ModuleUse>,
    /// The provider configurations that are declared or used.
    pub providers: Vec<ProviderUse>,
    /// Providers of objects in the state that the configuration does not use.
    pub only_state: Vec<String>,
}

/// A module, and what its blocks need.
#[derive(Debug, Clone, Default)]
pub struct ModuleUse {
    /// The path: `module.a.module.b`; empty for the root.
    pub path: String,
    /// How deep it lies; the root lies at 0.
    pub depth: usize,
    /// Provider configurations with the blocks that need them.
    pub needs: Vec<(String, Vec<String>)>,
}

/// A provider configuration.
#[derive(Debug, Clone, Default)]
pub struct ProviderUse {
    /// Its address: `dms`, `dms.second`.
    pub address: String,
    /// The full name, as plans and states have it.
    pub full_name: String,
    /// Whether its schemas are part of the program.
    pub built_in: bool,
    /// The version of its schema.
    pub version: u32,
    /// The digest of its schema.
    pub digest: String,
    /// Where its block stands.
    pub place: Option<(String, u32)>,
    /// How it is configured; nothing if that is told only by a plan.
    pub setup: Option<Setup>,
}

/// How a provider is configured.
#[derive(Debug, Clone, Default)]
pub struct Setup {
    /// Where the credentials come from.
    pub credentials: Option<String>,
    /// Whether the emulator stands in.
    pub emulated: bool,
    /// Services (empty if there is only one) and their addresses.
    pub endpoints: Vec<(String, String)>,
    /// Arguments: name, value (nothing of a secret), where it comes from.
    pub arguments: Vec<(String, Option<Json>, String)>,
    /// What is missing or wrong: summary and hints.
    pub problems: Vec<(String, Vec<String>)>,
}

/// Writes a tree of modules, providers and blocks, and every provider behind it.
///
/// # Errors
/// If the writer fails.
pub fn text(out: &mut dyn Write, overview: &Overview) -> fmt::Result {
    writeln!(out, "Providers required by configuration:")?;
    writeln!(out, ".")?;
    tree(out, &overview.modules, 0, "")?;
    for provider in &overview.providers {
        writeln!(out)?;
        one(out, provider)?;
    }
    if !overview.only_state.is_empty() {
        writeln!(out, "\nProviders required by state alone:")?;
        overview.only_state.iter().try_for_each(|name| writeln!(out, "  {name}"))?;
    }
    Ok(())
}

/// Writes what is below the module at a position.
fn tree(out: &mut dyn Write, modules: &[ModuleUse], at: usize, indent: &str) -> fmt::Result {
    let Some(module) = modules.get(at) else { return Ok(()) };
    let behind = modules.iter().enumerate().skip(at + 1);
    let below = behind.take_while(|(_, other)| other.depth > module.depth);
    let children: Vec<usize> =
        below.filter(|(_, other)| other.depth == module.depth + 1).map(|(index, _)| index).collect();
    let number = module.needs.len() + children.len();
    for (index, (provider, blocks)) in module.needs.iter().enumerate() {
        let (branch, bar) = branch(index + 1 == number);
        writeln!(out, "{indent}{branch}provider {provider}")?;
        for (position, block) in blocks.iter().enumerate() {
            let (branch, _) = self::branch(position + 1 == blocks.len());
            writeln!(out, "{indent}{bar}{branch}{block}")?;
        }
    }
    for (index, child) in children.iter().enumerate() {
        let (branch, bar) = branch(module.needs.len() + index + 1 == number);
        let path = modules.get(*child).map(|found| found.path.as_str()).unwrap_or_default();
        let own = path.strip_prefix(module.path.as_str()).unwrap_or(path);
        writeln!(out, "{indent}{branch}{}", own.trim_start_matches('.'))?;
        tree(out, modules, *child, &format!("{indent}{bar}"))?;
    }
    Ok(())
}

fn branch(last: bool) -> (&'static str, &'static str) {
    if last { ("└── ", "    ") } else { ("├── ", "│   ") }
}

fn one(out: &mut dyn Write, provider: &ProviderUse) -> fmt::Result {
    writeln!(out, "provider {}", provider.address)?;
    let mut line = |name: &str, text: &str| writeln!(out, "  {name:<12} {text}");
    let from = if provider.built_in { "built in" } else { "of its own" };
    line("schemas", &format!("{from}, version {}, {}", provider.version, provider.digest))?;
    if let Some((file, row)) = &provider.place {
        line("block", &format!("{file}:{row}"))?;
    }
    let Some(setup) = &provider.setup else {
        return line("setup", "told by a plan: it takes values that are not given or not known yet");
    };
    if setup.emulated {
        line("emulated", "yes")?;
    }
    line("credentials", setup.credentials.as_deref().unwrap_or("none"))?;
    for (service, address) in &setup.endpoints {
        let of = if service.is_empty() { String::new() } else { format!("{service}: ") };
        line("endpoint", &format!("{of}{address}"))?;
    }
    for (name, value, origin) in &setup.arguments {
        let value = value.as_ref().map_or_else(|| "(sensitive value)".to_owned(), ToString::to_string);
        line("argument", &format!("{name} = {value} ({origin})"))?;
    }
    for (summary, hints) in &setup.problems {
        line("problem", summary)?;
        hints.iter().try_for_each(|hint| line("", &format!("hint: {hint}")))?;
    }
    Ok(())
}

/// Returns the same as JSON. Values of secrets are null.
#[must_use]
pub fn json(overview: &Overview) -> Json {
    let module = |module: &ModuleUse| {
        let needs =
            module.needs.iter().map(|(provider, blocks)| json!({ "provider": provider, "blocks": blocks }));
        json!({ "module": module.path, "providers": needs.collect::<Vec<_>>() })
    };
    json!({
        "format_version": "1.0",
        "modules": overview.modules.iter().map(module).collect::<Vec<_>>(),
        "providers": overview.providers.iter().map(provider_json).collect::<Vec<_>>(),
        "only_in_state": overview.only_state,
    })
}

fn provider_json(provider: &ProviderUse) -> Json {
    let place = provider.place.as_ref().map(|(file, line)| json!({ "filename": file, "line": line }));
    json!({
        "address": provider.address,
        "full_name": provider.full_name,
        "built_in": provider.built_in,
        "schema_version": provider.version,
        "schema_digest": provider.digest,
        "place": place,
        "setup": provider.setup.as_ref().map(setup_json),
    })
}

fn setup_json(setup: &Setup) -> Json {
    let endpoint = |(service, address): &(String, String)| {
        let service = Some(service).filter(|service| !service.is_empty());
        json!({ "service": service, "address": address })
    };
    let argument = |(name, value, origin): &(String, Option<Json>, String)| json!({ "name": name, "value": value, "sensitive": value.is_none(), "origin": origin });
    let problem = |(summary, hints): &(String, Vec<String>)| json!({ "summary": summary, "hints": hints });
    json!({
        "credentials": setup.credentials,
        "emulated": setup.emulated,
        "endpoints": setup.endpoints.iter().map(endpoint).collect::<Vec<_>>(),
        "arguments": setup.arguments.iter().map(argument).collect::<Vec<_>>(),
        "problems": setup.problems.iter().map(problem).collect::<Vec<_>>(),
    })
}
