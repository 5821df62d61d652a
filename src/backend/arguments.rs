//! Arguments of backends: what a kind declares, and the settled values of one configuration.
//!
//! A value comes from the `backend` block, from `init --backend-config`, or from a variable of the environment, in that
//! order of strength from the end: options win over the block, the block over the environment.

use std::collections::BTreeMap;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::api::Secret;
use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::diag::did_you_mean;
use crate::source::Span;
use crate::value::Number;
use crate::value::Type;
use crate::value::Value;
use crate::value::convert;

use super::KINDS;
use super::Kind;

/// One argument of a kind of backend.
#[derive(Debug, Clone, Copy)]
pub struct Argument {
    /// Its name.
    pub name: &'static str,
    /// What it takes.
    pub kind: ArgumentKind,
    /// Whether it must have a value.
    pub required: bool,
    /// Variables of the environment that are read if nothing else gives a value, the first one that is set.
    pub environment: &'static [&'static str],
    /// Whether it is a secret or may contain one: it is never stored, shown or compared.
    pub sensitive: bool,
    /// What it means, in sentences, with its default.
    pub description: &'static str,
}

/// What an argument takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ArgumentKind {
    /// A string that is not empty.
    Text,
    /// A whole number, zero or more.
    Number,
    /// `true` or `false`.
    Flag,
    /// A time such as `30s` or `2m`.
    Duration,
    /// A map of strings.
    Map,
}

impl Argument {
    /// Returns an optional argument.
    const fn new(
        kind: ArgumentKind,
        name: &'static str,
        environment: &'static [&'static str],
        description: &'static str,
    ) -> Self {
        Self { name, kind, required: false, environment, sensitive: false, description }
    }

    /// Returns an optional text.
    pub(super) const fn text(
        name: &'static str,
        environment: &'static [&'static str],
        description: &'static str,
    ) -> Self {
        Self::new(ArgumentKind::Text, name, environment, description)
    }

    /// Returns an optional text that is a secret.
    pub(super) const fn secret(
        name: &'static str,
        environment: &'static [&'static str],
        description: &'static str,
    ) -> Self {
        Self { sensitive: true, ..Self::text(name, environment, description) }
    }

    /// Returns an optional flag.
    pub(super) const fn flag(
        name: &'static str,
        environment: &'static [&'static str],
        description: &'static str,
    ) -> Self {
        Self::new(ArgumentKind::Flag, name, environment, description)
    }

    /// Returns an optional time.
    pub(super) const fn time(name: &'static str, description: &'static str) -> Self {
        Self::new(ArgumentKind::Duration, name, &[], description)
    }
}

impl ArgumentKind {
    /// Returns what it takes, for people.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "string",
            Self::Number => "number",
            Self::Flag => "bool",
            Self::Duration => "duration",
            Self::Map => "map of strings",
        }
    }

    fn ty(self) -> Type {
        match self {
            Self::Text | Self::Duration => Type::String,
            Self::Number => Type::Number,
            Self::Flag => Type::Bool,
            Self::Map => Type::map(Type::String),
        }
    }
}

/// An argument as somebody gave it.
#[derive(Debug, Clone)]
pub struct Given {
    /// Its name.
    pub name: Arc<str>,
    /// Where the name stands; none outside of files.
    pub name_span: Option<Span>,
    /// The value, known as a whole. Null is as if it were not given.
    pub value: Value,
    /// Where the value stands; none outside of files.
    pub value_span: Option<Span>,
}

/// The settled arguments of one backend.
#[derive(Debug, Clone)]
pub struct Settings {
    kind: &'static Kind,
    directory: PathBuf,
    values: BTreeMap<&'static str, Setting>,
}

#[derive(Debug, Clone)]
struct Setting {
    content: Content,
    span: Option<Span>,
    /// The variable of the environment that it came from.
    variable: Option<&'static str>,
}

#[derive(Debug, Clone)]
enum Content {
    /// Text that may be a secret: never printed.
    Text(Secret),
    Number(u64),
    Flag(bool),
    Duration(Duration),
    Map(BTreeMap<String, Secret>),
}

impl Settings {
    /// Returns the kind of backend.
    #[must_use]
    pub fn kind(&self) -> &'static Kind {
        self.kind
    }

    /// Returns the directory of the configuration, which relative paths begin at.
    #[must_use]
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// Returns a text.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        match &self.values.get(name)?.content {
            Content::Text(text) => Some(text.reveal()),
            _ => None,
        }
    }

    /// Returns a text that is a secret.
    #[must_use]
    pub fn secret(&self, name: &str) -> Option<&Secret> {
        match &self.values.get(name)?.content {
            Content::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Returns a file name: relative ones begin at the configuration.
    #[must_use]
    pub fn path(&self, name: &str) -> Option<PathBuf> {
        self.text(name).map(|text| self.directory.join(text))
    }

    /// Returns a number.
    #[must_use]
    pub fn number(&self, name: &str) -> Option<u64> {
        match self.values.get(name)?.content {
            Content::Number(number) => Some(number),
            _ => None,
        }
    }

    /// Returns a flag; false if it is not given.
    #[must_use]
    pub fn flag(&self, name: &str) -> bool {
        matches!(self.values.get(name).map(|setting| &setting.content), Some(Content::Flag(true)))
    }

    /// Returns whether an argument is given at all.
    #[must_use]
    pub fn is_given(&self, name: &str) -> bool {
        self.values.contains_key(name)
    }

    /// Returns a time.
    #[must_use]
    pub fn duration(&self, name: &str) -> Option<Duration> {
        match self.values.get(name)?.content {
            Content::Duration(time) => Some(time),
            _ => None,
        }
    }

    /// Returns a map.
    #[must_use]
    pub fn map(&self, name: &str) -> Option<&BTreeMap<String, Secret>> {
        match &self.values.get(name)?.content {
            Content::Map(map) => Some(map),
            _ => None,
        }
    }

    /// Returns a finding about an argument, at the place of its value if it stands in a file, and with its variable if
    /// it came from the environment.
    #[must_use]
    pub fn wrong(&self, name: &str, summary: impl Into<String>) -> Diagnostic {
        let found = Diagnostic::error(Code::InvalidValue, summary.into());
        match self.values.get(name) {
            Some(Setting { span: Some(span), .. }) => found.at(*span, ""),
            Some(Setting { variable: Some(variable), .. }) => {
                found.detail(format!("The value comes from the variable `{variable}`."))
            }
            _ => found,
        }
    }

    /// Returns what may be kept in a file of the directory to tell where the states are: everything but secrets and
    /// what came from the environment.
    #[must_use]
    pub fn recordable(&self) -> BTreeMap<String, serde_json::Value> {
        let mut kept = BTreeMap::new();
        for argument in self.kind.arguments.iter().filter(|argument| !argument.sensitive) {
            let Some(setting) = self.values.get(argument.name).filter(|found| found.variable.is_none())
            else {
                continue;
            };
            let value = match &setting.content {
                Content::Text(text) => text.reveal().into(),
                Content::Number(number) => (*number).into(),
                Content::Flag(flag) => (*flag).into(),
                Content::Duration(time) => format!("{}ms", time.as_millis()).into(),
                Content::Map(map) => {
                    let texts = map.iter().map(|(key, text)| (key.clone(), text.reveal().into()));
                    serde_json::Value::Object(texts.collect())
                }
            };
            kept.insert(argument.name.to_owned(), value);
        }
        kept
    }
}

/// Checks the kind and the names of arguments alone.
#[must_use]
pub fn check(kind: (&str, Option<Span>), given: &[Given]) -> Diagnostics {
    let (name, span) = kind;
    let Some(kind) = super::kind(name) else { return unknown_kind(name, span).into() };
    let is_known = |given: &&Given| kind.arguments.iter().any(|argument| *argument.name == *given.name);
    given.iter().filter(|given| !is_known(given)).map(|given| unknown_argument(kind, given)).collect()
}

/// Settles the arguments of a backend: what was given, the later the stronger, then the environment.
///
/// # Errors
/// All that is wrong: an unknown kind or argument, a wrong type, a required argument without a value.
pub fn settle(
    kind: (&str, Option<Span>),
    given: Vec<Given>,
    directory: &Path,
    environment: &dyn Fn(&str) -> Option<String>,
) -> Result<Settings, Diagnostics> {
    let (name, span) = kind;
    let Some(kind) = super::kind(name) else {
        return Err(unknown_kind(name, span).into());
    };
    let mut found = check((name, span), &given);
    let mut settings = Settings { kind, directory: directory.to_owned(), values: BTreeMap::new() };
    for given in given {
        let Some(argument) = kind.arguments.iter().find(|argument| *argument.name == *given.name) else {
            continue;
        };
        if given.value.is_null() {
            settings.values.remove(argument.name);
            continue;
        }
        match content(argument, &given.value) {
            Ok(content) => {
                let setting = Setting { content, span: given.value_span, variable: None };
                settings.values.insert(argument.name, setting);
            }
            Err(why) => found.push(place(
                Diagnostic::error(
                    Code::InvalidValue,
                    format!("`{}` of the backend `{name}` {why}", argument.name),
                ),
                given.value_span,
            )),
        }
    }
    for argument in kind.arguments {
        if settings.values.contains_key(argument.name) {
            continue;
        }
        let read = argument.environment.iter().find_map(|name| Some((*name, environment(name)?)));
        match read {
            Some((variable, text)) => match content(argument, &Value::string(text)) {
                Ok(content) => {
                    let setting = Setting { content, span: None, variable: Some(variable) };
                    settings.values.insert(argument.name, setting);
                }
                Err(why) => found.push(Diagnostic::error(
                    Code::InvalidValue,
                    format!(
                        "`{}` of the backend `{name}`, from the variable `{variable}`, {why}",
                        argument.name
                    ),
                )),
            },
            None if argument.required => found.push(missing(name, argument, span)),
            None => {}
        }
    }
    if found.has_errors() { Err(found) } else { Ok(settings) }
}

/// Brings a value to what an argument takes; on an error, how it is wrong, without quoting it.
fn content(argument: &Argument, value: &Value) -> Result<Content, String> {
    let (value, _) = value.clone().unmark_deep();
    let value = convert(&value, &argument.kind.ty()).map_err(|error| format!("is not valid: {error}"))?;
    let text = || value.as_str().cloned().unwrap_or_default();
    match argument.kind {
        ArgumentKind::Text if text().is_empty() => Err("must not be empty".to_owned()),
        ArgumentKind::Text => Ok(Content::Text(Secret::new(text()))),
        ArgumentKind::Number => value
            .as_number()
            .and_then(Number::to_u64)
            .map(Content::Number)
            .ok_or_else(|| "must be a whole number, zero or more".to_owned()),
        ArgumentKind::Flag => Ok(Content::Flag(value.as_bool().unwrap_or_default())),
        ArgumentKind::Duration => time(&text())
            .map(Content::Duration)
            .ok_or_else(|| "must be a time such as `30s` or `2m`".to_owned()),
        ArgumentKind::Map => {
            let fields = value.fields().map(|fields| fields.iter()).into_iter().flatten();
            let texts = fields.map(|(name, value)| match value.as_str() {
                Some(text) => Ok((name.to_string(), Secret::new(Arc::clone(text)))),
                None => Err(format!("must have a string for `{name}`")),
            });
            Ok(Content::Map(texts.collect::<Result<_, _>>()?))
        }
    }
}

/// `30s`, `1m30s`, `500ms`.
pub(super) fn time(text: &str) -> Option<Duration> {
    let time: jiff::SignedDuration = text.parse().ok()?;
    Duration::try_from(time).ok().filter(|time| !time.is_zero())
}

fn unknown_kind(name: &str, span: Option<Span>) -> Diagnostic {
    let names: Vec<String> = KINDS.iter().map(|kind| format!("`{}`", kind.name)).collect();
    place(Diagnostic::error(Code::InvalidValue, format!("there is no backend `{name}`")), span)
        .maybe_hint(did_you_mean(name, KINDS.iter().map(|kind| kind.name)))
        .hint(format!("the backends are {}", names.join(", ")))
}

fn unknown_argument(kind: &Kind, given: &Given) -> Diagnostic {
    let names = kind.arguments.iter().map(|argument| argument.name);
    place(
        Diagnostic::error(
            Code::UnknownArgument,
            format!("the backend `{}` has no argument `{}`", kind.name, given.name),
        ),
        given.name_span,
    )
    .maybe_hint(did_you_mean(&given.name, names.clone()))
    .hint(format!(
        "its arguments are {}",
        names.map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
    ))
}

fn missing(kind: &str, argument: &Argument, span: Option<Span>) -> Diagnostic {
    let name = argument.name;
    let found =
        place(Diagnostic::error(Code::MissingArgument, format!("the backend `{kind}` needs `{name}`")), span);
    let found = found.hint(match span {
        Some(_) => {
            format!("write it into the `backend` block, or run `queueform init --backend-config={name}=…`")
        }
        // Not every backend is that of a block: other states are read from theirs.
        None => format!("write `{name} = …` into its arguments"),
    });
    match argument.environment.first() {
        Some(variable) => found.hint(format!("or set the variable `{variable}`")),
        None => found,
    }
}

fn place(found: Diagnostic, span: Option<Span>) -> Diagnostic {
    match span {
        Some(span) => found.at(span, ""),
        None => found,
    }
}
