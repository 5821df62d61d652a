//! Provider configurations: arguments, presets, credentials, the project, and where all that points.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use crate::addr::ProviderAddr;
use crate::addr::ValuePath;
use crate::api;
use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::diag::did_you_mean;
use crate::plan::Target;
use crate::schema::Argument;
use crate::schema::ArgumentLookup;
use crate::schema::ErrorClass;
use crate::schema::ErrorRule;
use crate::schema::ProviderSchema;
use crate::schema::ResourceSchema;
use crate::schema::scope::Frame;
use crate::schema::scope::Root;
use crate::schema::scope::check;
use crate::schema::scope::check_value;
use crate::syntax::ast::Name;
use crate::value::Marks;
use crate::value::Type;
use crate::value::Value;
use crate::value::convert;
use crate::value::to_json;

use super::EmulatedEndpoint;
use super::ProviderOptions;
use super::connection::Connection;
use super::credentials;
use super::places::Places;
use super::stats::Counts;
use super::trust::Trust;
use super::trust::check_encrypted;

pub(super) type Values = BTreeMap<Name, Value>;

/// Sets up one provider configuration.
pub(super) async fn configure(
    addr: &ProviderAddr,
    schema: Arc<ProviderSchema>,
    arguments: &Value,
    options: &ProviderOptions,
    counts: Arc<Counts>,
    stop: &api::Stop,
) -> Result<Connection, Diagnostics> {
    let emulated = options.emulated.get(&*addr.name);
    let mut values = given(&schema, arguments, options, emulated)?;
    let block = block(&values);
    let found = match emulated {
        Some(_) => credentials::find(&schema, &block, |_| None, &BTreeMap::new())?,
        None => credentials::find(&schema, &block, |name| words(values.get(name)?), &*options.environment)?,
    };
    if let Some(found) = &found {
        for (name, value) in &found.values {
            values.insert(Arc::clone(name), Value::string(Arc::clone(value)));
        }
    }
    presets(&schema, &mut values)?;
    required(&schema, &values)?;
    let address = address(&values)?;
    let iam = match values.get("auth_url").and_then(text) {
        Some(url) => Some(endpoint("auth_url", without_version(url))?),
        None => None,
    };
    for (argument, address) in [("endpoint", &address), ("auth_url", &iam)] {
        if let Some(address) = address {
            check_encrypted(&schema, &values, argument, address)?;
        }
    }
    let project =
        ["project_name", "region"].iter().find_map(|name| values.get(*name).and_then(text)).cloned();
    let so_far = root(&schema, &values);
    let auth = credentials::auth(&schema, found.as_ref(), iam, project.as_deref(), &so_far)?;
    // A provider without an emulator makes no calls in an emulated run, unless a server on this machine stands in.
    let here_only = options.emulate && emulated.is_none();
    let places = Places::new(&schema, address, &so_far, here_only)?;
    let trust = Trust::of(&schema, &values, options.emulate)?;
    let client = if places.any() { Some(client(&schema, auth, trust, options)?) } else { None };
    if let (Some(client), Some(project)) = (&client, &project)
        && let Some(argument) = schema.arguments.iter().find(|argument| {
            argument.lookup == Some(ArgumentLookup::IamProject) && !values.contains_key(&argument.name)
        })
    {
        let id = client.project_id(project, stop).await.map_err(|error| {
            Diagnostics::from(
                Diagnostic::from(&error).hint(format!("or set `{}`, which saves the look-up", argument.name)),
            )
        })?;
        counts.read(1);
        values.insert(Arc::clone(&argument.name), Value::string(id));
    }
    let root = root(&schema, &values);
    judge(&schema, &values, &root)?;
    let target = Target {
        pin: pin(&schema, &values, emulated.is_some()),
        arguments: shown(&schema, &root),
        credentials: match (emulated, &found) {
            (Some(_), _) => "the emulator's own".to_owned(),
            (None, Some(found)) => found.source.clone(),
            (None, None) => "none needed".to_owned(),
        },
        emulated: emulated.is_some(),
    };
    Ok(Connection::new(addr.clone(), schema, client, places, root, target, counts))
}

pub(super) fn invalid(summary: impl Into<String>) -> Diagnostic {
    Diagnostic::error(Code::InvalidProviderConfiguration, summary)
}

pub(super) fn text(value: &Value) -> Option<&Arc<str>> {
    value.as_str().filter(|text| !text.is_empty())
}

/// The arguments that are texts.
pub(super) fn block(values: &Values) -> BTreeMap<Name, Arc<str>> {
    let texts = values.iter().filter_map(|(name, value)| Some((Arc::clone(name), Arc::clone(text(value)?))));
    texts.collect()
}

/// The address of a provider that has only one.
pub(super) fn address(values: &Values) -> Result<Option<api::Endpoint>, Diagnostics> {
    values.get("endpoint").and_then(text).map(|url| endpoint("endpoint", url)).transpose()
}

pub(super) fn words(value: &Value) -> Option<Vec<String>> {
    let words: Vec<String> =
        value.elements()?.iter().filter_map(|word| word.as_str().map(ToString::to_string)).collect();
    (!words.is_empty()).then_some(words)
}

/// What the block, the environment, the emulator and defaults say.
pub(super) fn given(
    schema: &ProviderSchema,
    arguments: &Value,
    options: &ProviderOptions,
    emulated: Option<&EmulatedEndpoint>,
) -> Result<Values, Diagnostics> {
    let mut values = Values::new();
    let mut findings = Diagnostics::new();
    for argument in &schema.arguments {
        let name = &argument.name;
        let written = arguments.get(name).filter(|value| !value.is_null());
        if written.is_some_and(|value| !value.is_wholly_known()) {
            let summary = format!("`{name}` of provider `{}` is known only after apply", schema.name);
            findings.push(
                invalid(summary)
                    .hint("provider arguments must not depend on objects that are not created yet"),
            );
            continue;
        }
        let decided = emulated
            .and_then(|emulated| emulated.arguments.get(&**name))
            .map(|text| Value::string(text.as_str()));
        let variable = || {
            if emulated.is_some() {
                return None;
            }
            argument.env.iter().find_map(|name| options.environment.variable(name)).map(Value::string)
        };
        let fallback = || {
            emulated
                .and_then(|emulated| emulated.defaults.get(&**name))
                .map(|text| Value::string(text.as_str()))
        };
        let value = decided.or_else(|| written.cloned()).or_else(variable).or_else(fallback);
        let Some(value) = value else { continue };
        match convert(&value, &argument.ty) {
            Ok(value) => {
                values.insert(Arc::clone(name), value.unmark_deep().0);
            }
            Err(error) => findings.push(invalid(format!("unsuitable value for `{name}`: {}", error.message))),
        }
    }
    if findings.is_empty() { Ok(values) } else { Err(findings) }
}

/// Fills what follows from the choice of a cloud, then defaults.
pub(super) fn presets(schema: &ProviderSchema, values: &mut Values) -> Result<(), Diagnostics> {
    for argument in &schema.arguments {
        if let Some(default) = &argument.default
            && !values.contains_key(&argument.name)
            && !schema
                .clouds
                .iter()
                .any(|cloud| cloud.presets.iter().any(|preset| preset.name == argument.name))
        {
            values.insert(Arc::clone(&argument.name), default.clone());
        }
    }
    let Some(choice) = values.get("cloud").and_then(text).cloned() else { return Ok(()) };
    let Some(cloud) = schema.cloud(&choice) else {
        let names = schema.clouds.iter().map(|cloud| &*cloud.name);
        let hint = did_you_mean(&choice, names);
        return Err(invalid(format!("there is no cloud `{choice}`")).maybe_hint(hint).into());
    };
    if let Some(region) = values.get("region").and_then(text)
        && !cloud.regions.is_empty()
        && !cloud.regions.contains(region)
    {
        tracing::warn!("region `{region}` is not one of the known regions of {}", cloud.description);
    }
    for preset in &cloud.presets {
        if values.contains_key(&preset.name) {
            continue;
        }
        let needed = crate::schema::scope::names_in(&preset.value, Root::Provider);
        if needed.iter().any(|name| !values.contains_key(name)) {
            continue;
        }
        let frame = Frame::new().with(Root::Provider, root(schema, values));
        let value = frame.value(&preset.value)?;
        values.insert(Arc::clone(&preset.name), value);
    }
    for argument in &schema.arguments {
        if let Some(default) = &argument.default
            && !values.contains_key(&argument.name)
        {
            values.insert(Arc::clone(&argument.name), default.clone());
        }
    }
    Ok(())
}

fn required(schema: &ProviderSchema, values: &Values) -> Result<(), Diagnostics> {
    let mut findings = Diagnostics::new();
    for argument in schema.arguments.iter().filter(|argument| argument.required) {
        if values.contains_key(&argument.name) {
            continue;
        }
        let summary = format!("`{}` of provider `{}` is not set", argument.name, schema.name);
        let mut hint = format!("set `{}` in the provider block", argument.name);
        if !argument.env.is_empty() {
            let names: Vec<String> = argument.env.iter().map(|name| format!("`{name}`")).collect();
            hint = format!("{hint}, or the variable {}", names.join(" or "));
        }
        findings.push(invalid(summary).hint(hint));
    }
    if findings.is_empty() { Ok(()) } else { Err(findings) }
}

/// The vendors' own tools take the address of IAM with its version behind it.
fn without_version(url: &str) -> &str {
    let bare = url.trim_end_matches('/');
    bare.strip_suffix("/v3").unwrap_or(bare)
}

fn endpoint(argument: &str, url: &str) -> Result<api::Endpoint, Diagnostics> {
    api::Endpoint::parse(url).map_err(|error| invalid(format!("`{argument}` is not usable: {error}")).into())
}

/// All arguments as an object, null for those that are not set, secrets marked.
pub(super) fn root(schema: &ProviderSchema, values: &Values) -> Value {
    Value::object(schema.arguments.iter().map(|argument: &Argument| {
        let value = values.get(&argument.name).cloned();
        let value = value.unwrap_or_else(|| Value::null_of(argument.ty.without_optional()));
        let marks = if argument.sensitive { Marks::SENSITIVE } else { Marks::NONE };
        (Arc::clone(&argument.name), value.mark(marks))
    }))
}

/// Constraints of arguments, and rules over more than one.
fn judge(schema: &ProviderSchema, values: &Values, root: &Value) -> Result<(), Diagnostics> {
    let mut found = Vec::new();
    for argument in &schema.arguments {
        if let Some(value) = values.get(&argument.name) {
            let path = ValuePath::attr(Arc::clone(&argument.name));
            check_value(&argument.constraints, argument.sensitive, value, &path, &mut found);
        }
    }
    let frame = Frame::new().with(Root::Provider, root.clone());
    found.extend(schema.checks.iter().flat_map(|rule| check(rule, &frame)));
    let mut findings = Diagnostics::new();
    for finding in found {
        let found = Diagnostic { code: Code::InvalidProviderConfiguration, ..finding.diagnostic() };
        if found.is_error() {
            findings.push(found);
        } else {
            tracing::warn!("{}", found.summary);
        }
    }
    if findings.is_empty() { Ok(()) } else { Err(findings) }
}

fn pin(schema: &ProviderSchema, values: &Values, emulated: bool) -> Vec<(String, String)> {
    let names = schema.pin.iter().filter(|name| !emulated || !EmulatedEndpoint::is_address(name));
    names
        .filter_map(|name| {
            let value = convert(values.get(name)?, &Type::String).ok()?;
            Some((name.to_string(), value.as_str()?.to_string()))
        })
        .collect()
}

/// The arguments without those that hold secrets.
fn shown(schema: &ProviderSchema, root: &Value) -> Vec<(String, serde_json::Value)> {
    let arguments = schema.arguments.iter().filter(|argument| !argument.sensitive);
    arguments
        .filter_map(|argument| {
            let value = to_json(root.get(&argument.name)?).ok()?;
            Some((argument.name.to_string(), value))
        })
        .collect()
}

fn client(
    schema: &ProviderSchema,
    auth: api::Auth,
    trust: Trust,
    options: &ProviderOptions,
) -> Result<api::Client, Diagnostics> {
    let texts = |list: &[Arc<str>]| list.iter().map(ToString::to_string).collect::<Vec<String>>();
    let defaults = api::Envelope::default();
    let width = match options.parallelism {
        Some(parallelism) => api::Width::fixed(parallelism),
        None => api::Width {
            first: usize::try_from(schema.limits.parallel).unwrap_or(1).max(1),
            most: usize::try_from(schema.limits.parallel_most).unwrap_or(1).max(1),
        },
    };
    api::Client::new(api::ClientOptions {
        auth,
        rules: rules(&schema.errors),
        envelope: api::Envelope {
            code: texts(&schema.envelope.code),
            message: texts(&schema.envelope.message),
            request_id_headers: texts(&schema.envelope.request_id_headers),
            request_id: if schema.envelope.request_id.is_empty() {
                defaults.request_id
            } else {
                texts(&schema.envelope.request_id)
            },
            ignored_codes: texts(&schema.envelope.success_codes),
            good_codes: texts(&schema.envelope.success_codes),
            success: texts(&schema.envelope.success),
            retry_after_headers: {
                let own = schema.limits.retry_after_ms.iter();
                let own = own.map(|name| (name.to_lowercase(), Duration::from_millis(1)));
                own.chain(defaults.retry_after_headers).collect()
            },
            numeric_codes: defaults.numeric_codes,
        },
        redaction: api::Redaction::new(schema.redact.iter()),
        width,
        timeout: schema.limits.timeout,
        ca_pem: trust.ca_pem,
        accept_invalid_certificates: trust.anybody,
        plain_http: trust.in_clear,
        clock: Arc::clone(&options.clock),
        ..api::ClientOptions::default()
    })
    .map_err(|error| Diagnostic::from(&error).into())
}

/// Rules in the client's form.
pub(super) fn rules(rules: &[ErrorRule]) -> Arc<[api::ErrorRule]> {
    rules
        .iter()
        .map(|rule| api::ErrorRule {
            status: rule.status.clone(),
            code: rule.code.iter().map(|code| api::CodePattern::new(&**code)).collect(),
            class: class(rule.class),
            hint: rule.hint.as_ref().map(ToString::to_string),
        })
        .collect()
}

/// The client's class of a schema's class.
pub(super) fn class(class: ErrorClass) -> api::ErrorClass {
    api::ErrorClass::from_name(class.name()).unwrap_or(api::ErrorClass::Fatal)
}

/// Rules of a resource type, in the client's form.
pub(super) fn resource_rules(schema: &ResourceSchema) -> Arc<[api::ErrorRule]> {
    rules(&schema.errors)
}
