//! Providers: arguments, endpoints, authentication, the API's habits.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value as Json;

use crate::source::Span;
use crate::syntax::ast::Expr;
use crate::syntax::ast::Name;
use crate::value::Type;
use crate::value::Value;

use super::Check;
use super::Constraints;
use super::Digest;
use super::ErrorRule;
use super::Field;

/// One remote system.
#[derive(Debug, Clone)]
pub struct ProviderSchema {
    /// The name: `dms`.
    pub name: Name,
    /// Version of the schema.
    pub version: u32,
    /// What it is.
    pub description: Arc<str>,
    /// The arguments of the provider block; `provider.NAME` in expressions.
    pub arguments: Vec<Argument>,
    /// Presets: where the system is reached.
    pub clouds: Vec<Cloud>,
    /// Its APIs, if there are more than one or more is to be said about it.
    pub services: Vec<Service>,
    /// The ways to authenticate. A provider without any makes no calls.
    pub auth: Vec<AuthMethod>,
    /// Where credentials come from besides the provider block. Two complete sets with different values
    /// are an error.
    pub credentials: Vec<CredentialSet>,
    /// Where answers carry code, message and request id.
    pub envelope: Envelope,
    /// What error answers mean.
    pub errors: Vec<ErrorRule>,
    /// The ways lists come in pages.
    pub paging: Vec<Paging>,
    /// How much may be asked of the API.
    pub limits: Limits,
    /// The arguments that say whose certificates are believed.
    pub tls: Tls,
    /// Names of JSON keys, query parameters and headers whose values are never written anywhere.
    pub redact: Vec<Arc<str>>,
    /// The arguments that say where a provider configuration works; recorded in the state and compared.
    pub pin: Vec<Name>,
    /// Rules over the arguments.
    pub checks: Vec<Check>,
    /// Rules over one attribute of every object.
    pub object_checks: Vec<ObjectCheck>,
    /// Digest of the file.
    pub digest: Digest,
    /// The block.
    pub span: Span,
}

impl ProviderSchema {
    /// Returns the argument of a name.
    #[must_use]
    pub fn argument(&self, name: &str) -> Option<&Argument> {
        self.arguments.iter().find(|argument| &*argument.name == name)
    }

    /// Returns the preset of a name.
    #[must_use]
    pub fn cloud(&self, name: &str) -> Option<&Cloud> {
        self.clouds.iter().find(|cloud| &*cloud.name == name)
    }

    /// Returns the service of a name.
    #[must_use]
    pub fn service(&self, name: &str) -> Option<&Service> {
        self.services.iter().find(|service| &*service.name == name)
    }

    /// Returns the paging style of a name.
    #[must_use]
    pub fn paging(&self, name: &str) -> Option<&Paging> {
        self.paging.iter().find(|paging| &*paging.name == name)
    }

    /// Returns the authentication method of a name.
    #[must_use]
    pub fn auth_method(&self, name: &str) -> Option<&AuthMethod> {
        self.auth.iter().find(|method| &*method.name == name)
    }
}

/// A rule over one attribute of every object of a provider that has it.
#[derive(Debug, Clone)]
pub struct ObjectCheck {
    /// The name.
    pub name: Name,
    /// The attribute.
    pub attribute: Name,
    /// The resource types; all that have the attribute if empty.
    pub of: Vec<Name>,
    /// What must hold, over `value` and `provider`.
    pub that: Expr,
    /// What is wrong if it does not.
    pub message: Expr,
    /// What to do now.
    pub hint: Option<Arc<str>>,
}

/// An argument of a provider block.
#[derive(Debug, Clone)]
pub struct Argument {
    /// The name.
    pub name: Name,
    /// The type.
    pub ty: Type,
    /// It must be set, in the block or by an environment variable.
    pub required: bool,
    /// Environment variables that set it, the first present one wins; the block wins over all.
    pub env: Vec<Arc<str>>,
    /// Used if nothing sets it.
    pub default: Option<Value>,
    /// Asked for if nothing sets it.
    pub lookup: Option<ArgumentLookup>,
    /// The value is never shown.
    pub sensitive: bool,
    /// What values are allowed.
    pub constraints: Constraints,
    /// What it is.
    pub description: Arc<str>,
    /// The block.
    pub span: Span,
}

/// Where the value of an argument is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ArgumentLookup {
    /// The id of the IAM project named by the argument `project_name`, or else by `region`.
    IamProject,
}

/// A preset for the places where a system is reached.
#[derive(Debug, Clone)]
pub struct Cloud {
    /// The name, a value of the argument `cloud`.
    pub name: Name,
    /// Arguments that follow from the preset unless they are set: expressions over `provider`.
    /// Always has `endpoint`.
    pub presets: Vec<Field>,
    /// The regions known to exist; others only give a warning.
    pub regions: Vec<Arc<str>>,
    /// What it is.
    pub description: Arc<str>,
    /// The block.
    pub span: Span,
}

/// One of several APIs of a system.
#[derive(Debug, Clone)]
pub struct Service {
    /// The name, which resource types say in `service`.
    pub name: Name,
    /// Its address, over `provider`.
    pub endpoint: Expr,
    /// The version of the API, if signatures cover it.
    pub api_version: Option<Arc<str>>,
    /// Operations are told apart by their name alone, and the path is `/`.
    pub rpc: bool,
    /// Query parameters of every call, over `provider`.
    pub query: Vec<Field>,
    /// Headers of every call, over `provider`.
    pub headers: Vec<Field>,
    /// The method that writing calls declared as POST are sent with, over `provider`.
    pub write_method: Option<Expr>,
    /// What it is.
    pub description: Arc<str>,
    /// The block.
    pub span: Span,
}

/// The arguments that say whose certificates are believed.
#[derive(Debug, Clone, Default)]
pub struct Tls {
    /// Names a file with more certificate authorities, in PEM.
    pub ca_file: Option<Name>,
    /// Whether certificates are not checked at all.
    pub insecure: Option<Name>,
    /// Whether other machines may be called without encryption.
    pub plain_http: Option<Name>,
}

/// A way to authenticate.
#[derive(Debug, Clone)]
pub struct AuthMethod {
    /// The name.
    pub name: Name,
    /// It can be used at all, over `provider`.
    pub when: Option<Expr>,
    /// How requests are signed.
    pub signer: Signer,
    /// The arguments it needs.
    pub needs: Vec<Name>,
    /// Arguments it uses if they are set.
    pub uses: Vec<Name>,
    /// What it is.
    pub description: Arc<str>,
    /// The block.
    pub span: Span,
}

/// The closed list of signers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Signer {
    /// `SDK-HMAC-SHA256` with `access_key`, `secret_key` and `security_token`.
    SdkHmacSha256,
    /// `X-Auth-Token` with `token`, or a token from IAM for `user_name`, `password`, `domain_name`.
    IamToken,
    /// Alibaba Cloud's `ACS3-HMAC-SHA256` with `access_key`, `secret_key` and `security_token`.
    Acs3HmacSha256,
    /// Alibaba Cloud's older HMAC-SHA1, in the form of the service's style, with the same arguments.
    AcsHmacSha1,
    /// Apsara Stack's HMAC-SHA1 over the sorted values of parameters, with `access_key` and `secret_key`.
    SortedValuesHmacSha1,
    /// `Authorization: Bearer` with `token`.
    Bearer,
    /// `Authorization: Basic` with `user_name` and `password`.
    Basic,
}

impl Signer {
    /// All signers.
    pub const ALL: &'static [Self] = &[
        Self::SdkHmacSha256,
        Self::IamToken,
        Self::Acs3HmacSha256,
        Self::AcsHmacSha1,
        Self::SortedValuesHmacSha1,
        Self::Bearer,
        Self::Basic,
    ];

    /// Returns the keyword.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::SdkHmacSha256 => "sdk_hmac_sha256",
            Self::IamToken => "iam_token",
            Self::Acs3HmacSha256 => "acs3_hmac_sha256",
            Self::AcsHmacSha1 => "acs_hmac_sha1",
            Self::SortedValuesHmacSha1 => "sorted_values_hmac_sha1",
            Self::Bearer => "bearer",
            Self::Basic => "basic",
        }
    }
}

/// A place where a complete set of credentials may be found.
#[derive(Debug, Clone)]
pub struct CredentialSet {
    /// The name shown as the source of the credentials.
    pub name: Name,
    /// The authentication method it serves.
    pub auth: Name,
    /// Where the values are.
    pub source: CredentialSource,
    /// The block.
    pub span: Span,
}

/// Where a credential set comes from.
#[derive(Debug, Clone)]
pub enum CredentialSource {
    /// Environment variables by argument. The set is present if every needed argument has one.
    Environment(Vec<(Name, Arc<str>)>),
    /// The argument that holds a command printing a JSON object of arguments.
    Command(Name),
}

/// Where answers carry what is the same for all calls. Keys are compared without case and looked for in
/// nested objects too, outer ones first.
#[derive(Debug, Clone, Default)]
pub struct Envelope {
    /// Keys of the vendor's error code, most telling first.
    pub code: Vec<Arc<str>>,
    /// Keys of the message.
    pub message: Vec<Arc<str>>,
    /// Headers of the request id, lower case.
    pub request_id_headers: Vec<Arc<str>>,
    /// Keys of the request id; the client's own if empty.
    pub request_id: Vec<Arc<str>>,
    /// Keys at the top that say whether an answer is good.
    pub success: Vec<Arc<str>>,
    /// Codes of good answers.
    pub success_codes: Vec<Arc<str>>,
    /// Keys at the top whose value may be a text that holds JSON.
    pub embedded: Vec<Arc<str>>,
    /// Keys of answers are made lower case.
    pub lower_keys: bool,
}

impl Envelope {
    /// Returns an answer as expressions see it: texts that hold JSON parsed, keys in one spelling.
    #[must_use]
    pub fn opened(&self, mut body: Json) -> Json {
        if let Json::Object(map) = &mut body {
            for (key, value) in map.iter_mut() {
                if self.embedded.iter().any(|name| name.eq_ignore_ascii_case(key))
                    && let Json::String(text) = value
                    && let Ok(inner) = serde_json::from_str(text)
                {
                    *value = inner;
                }
            }
        }
        if self.lower_keys { lower_keys(body) } else { body }
    }
}

fn lower_keys(json: Json) -> Json {
    match json {
        Json::Object(map) => Json::Object(
            map.into_iter().map(|(key, value)| (key.to_lowercase(), lower_keys(value))).collect(),
        ),
        Json::Array(items) => Json::Array(items.into_iter().map(lower_keys).collect()),
        other => other,
    }
}

/// One way lists come in pages.
#[derive(Debug, Clone)]
pub struct Paging {
    /// The name, as used in `pages`.
    pub name: Name,
    /// How the next page is asked for.
    pub style: PagingStyle,
    /// The query parameter that says where the page starts.
    pub start: Arc<str>,
    /// The query parameter that says how long it is.
    pub limit: Arc<str>,
    /// The length asked for.
    pub size: u32,
    /// What the next page is asked for by, over `response`.
    pub next: Option<Expr>,
    /// What the first item is counted as.
    pub first: u32,
    /// The block.
    pub span: Span,
}

/// How the next page is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PagingStyle {
    /// By the number of items to skip, from 0.
    Offset,
    /// By the number of the page, from 1.
    Page,
    /// By something the last answer held.
    Token,
}

/// How much may be asked of the API.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Requests in flight to begin with.
    pub parallel: u32,
    /// Requests in flight at most.
    pub parallel_most: u32,
    /// Longest time for one request.
    pub timeout: Duration,
    /// Headers that say in milliseconds how long to wait.
    pub retry_after_ms: Vec<Arc<str>>,
}

impl Default for Limits {
    fn default() -> Self {
        Self { parallel: 4, parallel_most: 32, timeout: Duration::from_mins(1), retry_after_ms: Vec::new() }
    }
}
