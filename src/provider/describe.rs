//! What a provider configuration is made of, told without any call: arguments and where they come from, credentials,
//! endpoints.

use serde_json::Value as Json;

use crate::diag::Diagnostics;
use crate::schema::Argument;
use crate::schema::CredentialSource;
use crate::schema::ProviderSchema;
use crate::value::Value;
use crate::value::to_json;

use super::EmulatedEndpoint;
use super::ProviderOptions;
use super::configure::Values;
use super::configure::address;
use super::configure::block;
use super::configure::given;
use super::configure::presets;
use super::configure::root;
use super::configure::words;
use super::credentials;
use super::places::Places;

/// A provider configuration, described.
#[derive(Debug, Clone, Default)]
pub struct Described {
    /// Arguments that are set, in the order of the schema.
    pub arguments: Vec<DescribedArgument>,
    /// Where the credentials come from; nothing if there are none.
    pub credentials: Option<String>,
    /// Where calls go: the name of the service (empty if there is only one) and the address.
    pub endpoints: Vec<(String, String)>,
    /// Whether the emulator stands in.
    pub emulated: bool,
    /// What is missing or wrong.
    pub problems: Diagnostics,
}

/// An argument of a provider configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DescribedArgument {
    /// The name.
    pub name: String,
    /// The value; nothing of a secret.
    pub value: Option<Json>,
    /// Where it comes from: `the provider block`, `environment NAME`, `cloud NAME`, `default` or `the emulator`.
    pub origin: String,
}

/// Describes a configuration. Nothing is sent, and no program is started.
pub(super) fn describe(schema: &ProviderSchema, arguments: &Value, options: &ProviderOptions) -> Described {
    let emulated = options.emulated.get(&*schema.name);
    let mut found = Described { emulated: emulated.is_some(), ..Described::default() };
    let mut values = match given(schema, arguments, options, emulated) {
        Ok(values) => values,
        Err(problems) => {
            found.problems = problems;
            return found;
        }
    };
    let written = values.clone();
    match source(schema, &values, options, emulated) {
        Ok(source) => found.credentials = source,
        Err(problems) => found.problems.extend(problems),
    }
    if let Err(problems) = presets(schema, &mut values) {
        found.problems.extend(problems);
    }
    for argument in &schema.arguments {
        let Some(value) = values.get(&argument.name) else { continue };
        let origin = origin(argument, arguments, options, emulated, &written);
        let origin = origin.unwrap_or_else(|| preset(schema, argument, &values));
        let value = if argument.sensitive { None } else { to_json(value).ok() };
        found.arguments.push(DescribedArgument { name: argument.name.to_string(), value, origin });
    }
    let plain = match address(&values) {
        Ok(plain) => plain,
        Err(problems) => {
            found.problems.extend(problems);
            None
        }
    };
    let here_only = options.emulate && emulated.is_none();
    match Places::new(schema, plain, &root(schema, &values), here_only) {
        Ok(places) => found.endpoints = places.all(),
        Err(problems) => found.problems.extend(problems),
    }
    found
}

/// Returns where credentials come from. A program that prints them is named, not started.
fn source(
    schema: &ProviderSchema,
    values: &Values,
    options: &ProviderOptions,
    emulated: Option<&EmulatedEndpoint>,
) -> Result<Option<String>, Diagnostics> {
    if emulated.is_some() {
        return Ok(Some("the emulator's own".to_owned()));
    }
    let block = block(values);
    let whole = |needs: &[crate::syntax::ast::Name]| needs.iter().all(|name| block.contains_key(name));
    if !schema.auth.iter().any(|method| whole(&method.needs)) {
        let program = schema.credentials.iter().find_map(|set| match &set.source {
            CredentialSource::Command(argument) => values.get(argument).and_then(words).map(|_| argument),
            CredentialSource::Environment(_) => None,
        });
        if let Some(argument) = program {
            return Ok(Some(format!("the program of `{argument}`")));
        }
    }
    let found = credentials::find(schema, &block, |_| None, &*options.environment)?;
    Ok(found.map(|found| found.source))
}

/// Tells where the value of an argument comes from, in the order in which they are looked for.
fn origin(
    argument: &Argument,
    block: &Value,
    options: &ProviderOptions,
    emulated: Option<&EmulatedEndpoint>,
    written: &Values,
) -> Option<String> {
    let name = &*argument.name;
    if emulated.is_some_and(|emulated| emulated.arguments.contains_key(name)) {
        return Some("the emulator".to_owned());
    }
    if block.get(name).is_some_and(|value| !value.is_null()) {
        return Some("the provider block".to_owned());
    }
    let variable = argument.env.iter().find(|name| options.environment.variable(name).is_some());
    if let Some(variable) = variable.filter(|_| emulated.is_none()) {
        return Some(format!("environment {variable}"));
    }
    written.contains_key(name).then(|| "the emulator".to_owned())
}

/// Tells what fills an argument that nobody sets: the choice of a cloud, or its default.
fn preset(schema: &ProviderSchema, argument: &Argument, values: &Values) -> String {
    let cloud = values.get("cloud").and_then(Value::as_str).and_then(|name| schema.cloud(name));
    let by_cloud = cloud.filter(|cloud| cloud.presets.iter().any(|preset| preset.name == argument.name));
    by_cloud.map_or_else(|| "default".to_owned(), |cloud| format!("cloud {}", cloud.name))
}
