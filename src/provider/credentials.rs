//! Which credentials a provider configuration uses, and where they come from.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::api;
use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::schema::AuthMethod;
use crate::schema::CredentialSet;
use crate::schema::CredentialSource;
use crate::schema::ProviderSchema;
use crate::schema::Signer;
use crate::schema::scope::Frame;
use crate::schema::scope::Root;
use crate::syntax::ast::Name;
use crate::value::Value;

use super::Environment;

/// Credentials that were found.
#[derive(Debug)]
pub(super) struct Found {
    /// Where they come from.
    pub(super) source: String,
    /// The authentication method they serve.
    pub(super) method: Name,
    /// Arguments and their values.
    pub(super) values: BTreeMap<Name, Arc<str>>,
}

/// Finds the credentials: those of the provider block if there are any, then those printed by the
/// configured command, then those of the environment, where two different sets are an error.
pub(super) fn find(
    schema: &ProviderSchema,
    block: &BTreeMap<Name, Arc<str>>,
    command: impl Fn(&str) -> Option<Vec<String>>,
    environment: &dyn Environment,
) -> Result<Option<Found>, Diagnostics> {
    if schema.auth.is_empty() {
        return Ok(None);
    }
    for method in &schema.auth {
        if method.needs.iter().all(|name| block.contains_key(name)) {
            let values = named(method, |name| block.get(name).cloned());
            return Ok(Some(Found {
                source: "the provider block".to_owned(),
                method: Arc::clone(&method.name),
                values,
            }));
        }
    }
    for set in &schema.credentials {
        let CredentialSource::Command(argument) = &set.source else { continue };
        if let Some(words) = command(argument) {
            return from_command(schema, set, argument, &words, environment).map(Some);
        }
    }
    let complete: Vec<Found> =
        schema.credentials.iter().filter_map(|set| from_environment(schema, set, environment)).collect();
    let Some(first) = complete.first() else { return Err(missing(schema, block, environment).into()) };
    if let Some(other) =
        complete.iter().find(|other| other.method != first.method || other.values != first.values)
    {
        let summary = format!(
            "two different sets of credentials are present: `{}` and `{}`",
            first.source, other.source
        );
        return Err(Diagnostic::error(Code::ConflictingCredentials, summary)
            .hint("unset the variables of one of them, or set the credentials in the provider block")
            .into());
    }
    Ok(complete.into_iter().next())
}

fn named(method: &AuthMethod, value: impl Fn(&Name) -> Option<Arc<str>>) -> BTreeMap<Name, Arc<str>> {
    let names = method.needs.iter().chain(&method.uses);
    names.filter_map(|name| Some((Arc::clone(name), value(name)?))).collect()
}

fn from_environment(
    schema: &ProviderSchema,
    set: &CredentialSet,
    environment: &dyn Environment,
) -> Option<Found> {
    let CredentialSource::Environment(variables) = &set.source else { return None };
    let method = schema.auth_method(&set.auth)?;
    let values = named(method, |name| {
        let (_, variable) = variables.iter().find(|(argument, _)| argument == name)?;
        environment.variable(variable).map(Arc::from)
    });
    method.needs.iter().all(|name| values.contains_key(name)).then(|| Found {
        source: format!("environment, {}", set.name),
        method: Arc::clone(&method.name),
        values,
    })
}

fn from_command(
    schema: &ProviderSchema,
    set: &CredentialSet,
    argument: &str,
    words: &[String],
    environment: &dyn Environment,
) -> Result<Found, Diagnostics> {
    let wrong = |reason: String| {
        Diagnostics::from(
            Diagnostic::error(
                Code::MissingCredentials,
                format!("`{argument}` gave no credentials: {reason}"),
            )
            .hint("run the command by hand and look at what it prints"),
        )
    };
    let Some(method) = schema.auth_method(&set.auth) else {
        return Err(wrong(format!("the schema has no `{}`", set.auth)));
    };
    let printed = environment.run(words).map_err(wrong)?;
    let Ok(serde_json::Value::Object(printed)) = serde_json::from_str(&printed) else {
        return Err(wrong("it did not print a JSON object".to_owned()));
    };
    let values =
        named(method, |name| printed.get(&**name).and_then(serde_json::Value::as_str).map(Arc::from));
    if let Some(name) = method.needs.iter().find(|name| !values.contains_key(*name)) {
        return Err(wrong(format!("`{name}` is not in the printed object")));
    }
    Ok(Found { source: argument.to_owned(), method: Arc::clone(&method.name), values })
}

/// Says for each way of authentication what to set.
fn missing(
    schema: &ProviderSchema,
    block: &BTreeMap<Name, Arc<str>>,
    environment: &dyn Environment,
) -> Diagnostic {
    let mut found =
        Diagnostic::error(Code::MissingCredentials, format!("no credentials for provider `{}`", schema.name));
    let mut half = Vec::new();
    for method in &schema.auth {
        let given = method.needs.iter().any(|name| block.contains_key(name));
        let absent: Vec<String> = method
            .needs
            .iter()
            .filter(|name| !block.contains_key(*name))
            .map(|name| format!("`{name}`"))
            .collect();
        if given && !absent.is_empty() {
            half.push(format!("the provider block lacks {}", absent.join(" and ")));
        }
        let mut ways: Vec<String> = Vec::new();
        for set in schema.credentials.iter().filter(|set| set.auth == method.name) {
            match &set.source {
                CredentialSource::Environment(variables) => {
                    let needed: Vec<&str> = method
                        .needs
                        .iter()
                        .filter_map(|name| variables.iter().find(|(argument, _)| argument == name))
                        .map(|(_, variable)| &**variable)
                        .collect();
                    let (present, absent): (Vec<&str>, Vec<&str>) =
                        needed.iter().partition(|variable| environment.variable(variable).is_some());
                    if let (Some(present), Some(absent)) = (present.first(), absent.first()) {
                        half.push(format!("`{present}` is set, but `{absent}` is not"));
                    }
                    let names: Vec<String> = needed.iter().map(|variable| format!("`{variable}`")).collect();
                    ways.push(names.join(" and "));
                }
                CredentialSource::Command(argument) => ways.push(format!("the argument `{argument}`")),
            }
        }
        let arguments: Vec<String> = method.needs.iter().map(|name| format!("`{name}`")).collect();
        ways.push(format!("{} in the provider block", arguments.join(" and ")));
        found = found.hint(format!("{}: set {}", method.name, ways.join(", or ")));
    }
    found.detail(half.join("; "))
}

/// The way to use credentials: the first one whose condition holds and which needs nothing else.
fn method<'s>(
    schema: &'s ProviderSchema,
    found: &Found,
    root: &Value,
) -> Result<Option<&'s AuthMethod>, Diagnostics> {
    for method in &schema.auth {
        if !method.needs.iter().all(|name| found.values.contains_key(name)) {
            continue;
        }
        let usable = match &method.when {
            None => true,
            Some(when) => {
                let frame = Frame::new().with(Root::Provider, root.clone());
                frame.value(when)?.as_bool() == Some(true)
            }
        };
        if usable {
            return Ok(Some(method));
        }
    }
    Ok(schema.auth_method(&found.method))
}

/// Makes the client's authentication of found credentials.
pub(super) fn auth(
    schema: &ProviderSchema,
    found: Option<&Found>,
    iam: Option<api::Endpoint>,
    project: Option<&str>,
    root: &Value,
) -> Result<api::Auth, Diagnostics> {
    let Some(found) = found else { return Ok(api::Auth::none()) };
    let Some(method) = method(schema, found, root)? else { return Ok(api::Auth::none()) };
    let text = |name: &str| found.values.get(name).map(ToString::to_string);
    let secret = |name: &str| found.values.get(name).map(|value| api::Secret::new(Arc::clone(value)));
    let lacking = |name: &str| {
        Diagnostics::from(Diagnostic::error(
            Code::InvalidProviderConfiguration,
            format!("authentication by `{}` needs `{name}`", method.name),
        ))
    };
    Ok(match method.signer {
        Signer::SdkHmacSha256
        | Signer::Acs3HmacSha256
        | Signer::AcsHmacSha1
        | Signer::SortedValuesHmacSha1 => api::Auth {
            signer: match method.signer {
                Signer::Acs3HmacSha256 => api::Signer::Acs3HmacSha256,
                Signer::AcsHmacSha1 => api::Signer::AcsHmacSha1,
                Signer::SortedValuesHmacSha1 => api::Signer::SortedValuesHmacSha1,
                Signer::SdkHmacSha256 | Signer::IamToken | Signer::Bearer | Signer::Basic => {
                    api::Signer::SdkHmacSha256
                }
            },
            credentials: api::Credentials::AccessKey {
                access_key: text("access_key").ok_or_else(|| lacking("access_key"))?,
                secret_key: secret("secret_key").ok_or_else(|| lacking("secret_key"))?,
                security_token: secret("security_token"),
            },
            iam,
        },
        Signer::Bearer => api::Auth {
            signer: api::Signer::Bearer,
            credentials: api::Credentials::Token(secret("token").ok_or_else(|| lacking("token"))?),
            iam: None,
        },
        Signer::Basic => api::Auth {
            signer: api::Signer::Basic,
            credentials: api::Credentials::Basic {
                user: text("user_name").ok_or_else(|| lacking("user_name"))?,
                password: secret("password").ok_or_else(|| lacking("password"))?,
            },
            iam: None,
        },
        Signer::IamToken => {
            let credentials = match secret("token") {
                Some(token) => api::Credentials::Token(token),
                None => api::Credentials::Password {
                    domain: text("domain_name").ok_or_else(|| lacking("domain_name"))?,
                    user: text("user_name").ok_or_else(|| lacking("user_name"))?,
                    password: secret("password").ok_or_else(|| lacking("password"))?,
                    project: project.ok_or_else(|| lacking("project_name"))?.to_owned(),
                },
            };
            api::Auth { signer: api::Signer::Token { header: "X-Auth-Token".to_owned() }, credentials, iam }
        }
    })
}
