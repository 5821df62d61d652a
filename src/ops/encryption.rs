//! The keys of a configuration: what its `encryption` block says, with the secrets that it points to.
//!
//! Owns the way from the block to [`Encryption`]: secrets come from sensitive variables, variables of the environment,
//! files or programs, never from the text of the configuration. Stores nothing.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use crate::config::Early;
use crate::config::EarlyInputs;
use crate::config::EarlyPlace;
use crate::config::EncryptionBlock;
use crate::config::EncryptionRule;
use crate::config::KeyChoice;
use crate::config::KeyProvider;
use crate::config::Module;
use crate::config::VariableValues;
use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::encryption::Encryption;
use crate::encryption::Key;
use crate::encryption::Keyring;
use crate::encryption::Rule;
use crate::provider::Environment;
use crate::source::Span;
use crate::syntax::ast::Attribute;
use crate::value::Secret;
use crate::value::Value;

/// What the secrets of keys are found by.
#[derive(Debug, Clone, Copy)]
pub(super) struct Keys<'k> {
    /// The directory of the configuration, which paths are relative to.
    pub(super) directory: &'k Path,
    /// The workspace.
    pub(super) workspace: &'k str,
    /// Variables of the process, and programs that print secrets.
    pub(super) environment: &'k dyn Environment,
}

impl<'k> Keys<'k> {
    /// Reads the `encryption` block of a root module. Only keys that are used are looked for.
    pub(super) fn of(self, module: &Module, variables: &VariableValues) -> Result<Encryption, Diagnostics> {
        let Some(block) = &module.settings.encryption else { return Ok(Encryption::default()) };
        let early = Early::new(module, EarlyInputs::Root(variables), self.place());
        let mut reader = Reader { keys: self, early: &early, block, known: BTreeMap::new() };
        let mut findings = Diagnostics::new();
        let mut ring = |rule: &Option<EncryptionRule>| match reader.ring(rule.as_ref()?) {
            Ok(ring) => Some(Arc::new(ring)),
            Err(found) => {
                findings.extend(found);
                None
            }
        };
        let (state, plan) = (ring(&block.state), ring(&block.plan));
        // Without words of its own, what opens the state opens those of others: their keys are often the same.
        let remote_state =
            ring(&block.remote_state).or_else(|| state.as_ref().map(|own| Arc::new(own.lenient())));
        let encryption = Encryption { state, plan, remote_state };
        if findings.has_errors() { Err(findings) } else { Ok(encryption) }
    }

    /// Reads what the block says about saved plans, if it says something. Keys of states are not looked for.
    pub(super) fn of_plans(
        self,
        module: &Module,
        variables: &VariableValues,
    ) -> Result<Option<Arc<Keyring>>, Diagnostics> {
        let Some(block) = &module.settings.encryption else { return Ok(None) };
        let Some(rule) = &block.plan else { return Ok(None) };
        let early = Early::new(module, EarlyInputs::Root(variables), self.place());
        let mut reader = Reader { keys: self, early: &early, block, known: BTreeMap::new() };
        Ok(Some(Arc::new(reader.ring(rule)?)))
    }

    fn place(self) -> EarlyPlace<'k> {
        EarlyPlace { workspace: self.workspace, directory: ".", files: None }
    }
}

struct Reader<'r> {
    keys: Keys<'r>,
    early: &'r Early<'r>,
    block: &'r EncryptionBlock,
    /// A key is found once, whatever it is used for: its program asks once.
    known: BTreeMap<(Arc<str>, Arc<str>), Arc<Key>>,
}

impl Reader<'_> {
    fn ring(&mut self, rule: &EncryptionRule) -> Result<Keyring, Diagnostics> {
        let key = self.choose(&rule.key.value)?;
        let fallbacks = rule.fallbacks.iter().map(|key| self.choose(&key.value)).collect::<Result<_, _>>()?;
        Ok(Keyring::new(Rule { key, fallbacks, enforced: rule.enforced }))
    }

    fn choose(&mut self, choice: &KeyChoice) -> Result<Option<Arc<Key>>, Diagnostics> {
        let KeyChoice::Key { kind, name } = choice else { return Ok(None) };
        let index = (Arc::clone(kind), Arc::clone(name));
        if let Some(key) = self.known.get(&index) {
            return Ok(Some(Arc::clone(key)));
        }
        // That it is declared was checked when the block was read.
        let declared = |one: &&KeyProvider| one.kind.value == *kind && one.name.value == *name;
        let Some(provider) = self.block.providers.iter().find(declared) else {
            return Err(Diagnostics::new());
        };
        let key = Arc::new(self.key(provider)?);
        self.known.insert(index, Arc::clone(&key));
        Ok(Some(key))
    }

    fn key(&self, provider: &KeyProvider) -> Result<Key, Diagnostics> {
        let name = format!("key_provider.{}.{}", provider.kind.value, provider.name.value);
        let made = if &*provider.kind.value == "age" {
            let identities = self.secret(provider, "identities")?;
            let recipients = match argument(provider, "recipients") {
                Some(attribute) => self.recipients(attribute)?,
                None => Vec::new(),
            };
            Key::age(name.as_str(), &recipients, identities.as_ref())
        } else {
            let Some(passphrase) = self.secret(provider, "passphrase")? else {
                return Err(Diagnostic::error(Code::MissingArgument, format!("`{name}` has no passphrase"))
                    .at(provider.header, "")
                    .hint("write `passphrase = var.NAME` with a sensitive variable, or `passphrase_env`, `passphrase_file` or `passphrase_command`")
                    .into());
            };
            Key::passphrase(name.as_str(), passphrase)
        };
        made.map_err(|error| {
            Diagnostic::error(Code::InvalidEncryption, format!("`{name}` cannot be used: {error}"))
                .at(provider.header, "")
                .into()
        })
    }

    fn recipients(&self, attribute: &Attribute) -> Result<Vec<Arc<str>>, Diagnostics> {
        let value = self.early.value(&attribute.expr, "`recipients`")?.unmark_deep().0;
        let texts: Option<Vec<Arc<str>>> =
            value.elements().map(|parts| parts.iter().filter_map(|part| part.as_str().cloned()).collect());
        match texts {
            Some(texts) if value.elements().is_some_and(|parts| parts.len() == texts.len()) => Ok(texts),
            _ => Err(unsuitable("`recipients` must be a list of strings", attribute.expr.span)
                .hint("write `[\"age1…\"]`: public keys, which are no secrets")
                .into()),
        }
    }

    /// Finds a secret by whichever of its arguments is given.
    fn secret(&self, provider: &KeyProvider, name: &str) -> Result<Option<Secret>, Diagnostics> {
        let given: Vec<&Attribute> = ["", "_env", "_file", "_command"]
            .iter()
            .filter_map(|ending| argument(provider, &format!("{name}{ending}")))
            .collect();
        let attribute = match given.as_slice() {
            [] => return Ok(None),
            [one] => *one,
            [_, second, ..] => {
                return Err(Diagnostic::error(
                    Code::InvalidEncryption,
                    format!("`{name}` is given in more than one way"),
                )
                .at(second.name.span, "")
                .hint("keep one of them")
                .into());
            }
        };
        let span = attribute.expr.span;
        let what = format!("`{}`", attribute.name.value);
        let missing = |reason: String| Diagnostic::error(Code::KeyMissing, reason).at(span, "");
        let text = match attribute.name.value.strip_prefix(name).unwrap_or_default() {
            "" => {
                let value = self.early.value(&attribute.expr, &what)?;
                if value.marks_deep().is_none() {
                    return Err(Diagnostic::error(
                        Code::InvalidEncryption,
                        format!("{what} must not stand in the configuration"),
                    )
                    .at(span, "not sensitive")
                    .hint(format!("use a variable with `sensitive = true` or `ephemeral = true`, or `{name}_env`, `{name}_file` or `{name}_command`"))
                    .into());
                }
                let plain = text(&value, &what, span)?;
                Secret::new(plain)
            }
            "_env" => {
                let variable = self.early.text(&attribute.expr, &what)?;
                let found = self.keys.environment.variable(&variable).ok_or_else(|| {
                    missing(format!("the variable `{variable}` is not set"))
                        .hint(format!("set `{variable}`: it holds the key of encrypted data"))
                })?;
                Secret::from(found)
            }
            "_file" => {
                let path = self.early.text(&attribute.expr, &what)?;
                let found = std::fs::read_to_string(self.path(&path)).map_err(|error| {
                    missing(format!("the key file `{path}` cannot be read: {error}"))
                        .hint("relative paths start at the directory of the configuration")
                })?;
                Secret::from(found)
            }
            _ => {
                let value = self.early.value(&attribute.expr, &what)?.unmark_deep().0;
                let words: Vec<String> = value
                    .elements()
                    .unwrap_or_default()
                    .iter()
                    .filter_map(|word| word.as_str().map(ToString::to_string))
                    .collect();
                if words.is_empty() {
                    return Err(unsuitable(&format!("{what} must be a list of strings"), span)
                        .hint("write the program and its arguments: `[\"pass\", \"show\", \"queueform\"]`")
                        .into());
                }
                Secret::from(self.keys.environment.run(&words).map_err(|reason| {
                    missing(format!("{what} gave no key: {reason}"))
                        .hint("run the command by hand and look at what it says")
                })?)
            }
        };
        // The end of the last line is not part of a secret.
        let trimmed = text.reveal().trim_end_matches(['\r', '\n']);
        if trimmed.is_empty() {
            return Err(missing(format!("{what} gives an empty text")).into());
        }
        Ok(Some(Secret::new(trimmed)))
    }

    fn path(&self, text: &str) -> std::path::PathBuf {
        let home = text.strip_prefix("~/").zip(self.keys.environment.variable("HOME"));
        match home {
            Some((rest, home)) => Path::new(&home).join(rest),
            None => self.keys.directory.join(text),
        }
    }
}

fn argument<'p>(provider: &'p KeyProvider, name: &str) -> Option<&'p Attribute> {
    provider.arguments.iter().find(|attribute| &*attribute.name.value == name)
}

fn unsuitable(summary: &str, span: Span) -> Diagnostic {
    Diagnostic::error(Code::UnsuitableValue, summary).at(span, "")
}

fn text(value: &Value, what: &str, span: Span) -> Result<Arc<str>, Diagnostics> {
    let plain = value.clone().unmark_deep().0;
    plain.as_str().cloned().ok_or_else(|| unsuitable(&format!("{what} must be a string"), span).into())
}
