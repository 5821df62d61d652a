//! Reads addresses as people type them on the command line.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use super::InstanceAddr;
use super::InstanceKey;
use super::Mode;
use super::ModuleInstance;
use super::ResourceAddr;

/// Why a text is not an address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message} (at character {})", position + 1)]
pub struct AddrError {
    /// What is wrong.
    pub message: String,
    /// Where, in characters from 0.
    pub position: usize,
}

/// What `--target` and similar options name: a module, a resource with all its instances, or one instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// Everything in a module instance.
    Module(ModuleInstance),
    /// All instances of a resource.
    Resource(ResourceAddr),
    /// One instance.
    Instance(InstanceAddr),
}

impl Target {
    /// Returns true if an instance lies in this target. Modules without a key stand for all their instances.
    #[must_use]
    pub fn contains(&self, addr: &InstanceAddr) -> bool {
        match self {
            Self::Module(module) => module.covers(&addr.resource.module),
            Self::Resource(resource) => resource.covers(&addr.resource),
            Self::Instance(instance) => addr.key == instance.key && instance.resource.covers(&addr.resource),
        }
    }

    /// Whether it may name instances of a resource, of whose modules some keys are known.
    #[must_use]
    pub fn meets(&self, resource: &ResourceAddr) -> bool {
        let compatible = |module: &ModuleInstance| {
            module.0.len() <= resource.module.0.len()
                && module.0.iter().zip(&resource.module.0).all(|((name, key), (other, other_key))| {
                    name == other && (key.is_none() || other_key.is_none() || key == other_key)
                })
        };
        let same =
            |other: &ResourceAddr| other.declared() == resource.declared() && compatible(&other.module);
        match self {
            Self::Module(module) => compatible(module),
            Self::Resource(other) => same(other),
            Self::Instance(instance) => same(&instance.resource),
        }
    }

    /// Whether it names all instances of what it names.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        match self {
            Self::Module(module) => module.is_unkeyed(),
            Self::Resource(resource) => resource.module.is_unkeyed(),
            Self::Instance(_) => false,
        }
    }

    /// Whether it names a resource as declared, or instances of it.
    #[must_use]
    pub fn is_about(&self, declared: &ResourceAddr) -> bool {
        match self {
            Self::Module(module) => module.unkeyed().covers(&declared.module),
            Self::Resource(resource) => resource.declared() == *declared,
            Self::Instance(instance) => instance.resource.declared() == *declared,
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Module(module) => write!(f, "{module}"),
            Self::Resource(resource) => write!(f, "{resource}"),
            Self::Instance(instance) => write!(f, "{instance}"),
        }
    }
}

struct Cursor<'t> {
    chars: Vec<char>,
    at: usize,
    text: &'t str,
    /// `*` may stand in names, and alone as a key.
    is_wild: bool,
}

impl Cursor<'_> {
    fn error<T>(&self, message: impl Into<String>) -> Result<T, AddrError> {
        Err(AddrError { message: message.into(), position: self.at })
    }

    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn name(&mut self) -> Result<Arc<str>, AddrError> {
        let start = self.at;
        let is_wild = self.is_wild;
        while self.peek().is_some_and(|c| c.is_alphanumeric() || c == '_' || c == '-' || is_wild && c == '*')
        {
            self.at += 1;
        }
        if start == self.at {
            return self.error(format!("expected a name in `{}`", self.text));
        }
        Ok(self.chars.get(start..self.at).unwrap_or(&[]).iter().collect::<String>().into())
    }

    fn key(&mut self) -> Result<Option<InstanceKey>, AddrError> {
        if self.peek() != Some('[') {
            return Ok(None);
        }
        self.at += 1;
        let key = if self.peek() == Some('"') {
            self.at += 1;
            let mut text = String::new();
            loop {
                match self.peek() {
                    None => {
                        return self
                            .error("the key is not closed; quote it for the shell: 'type.name[\"key\"]'");
                    }
                    Some('"') => break,
                    Some('\\') => {
                        self.at += 1;
                        match self.peek() {
                            Some('n') => text.push('\n'),
                            Some('r') => text.push('\r'),
                            Some('t') => text.push('\t'),
                            Some(other) => text.push(other),
                            None => return self.error("the key is not closed"),
                        }
                    }
                    Some(c @ ('$' | '%'))
                        if self.chars.get(self.at + 1) == Some(&c)
                            && self.chars.get(self.at + 2) == Some(&'{') =>
                    {
                        text.push(c);
                        self.at += 1;
                    }
                    Some(other) => text.push(other),
                }
                self.at += 1;
            }
            self.at += 1;
            InstanceKey::Str(text.into())
        } else if self.is_wild && self.peek() == Some('*') {
            self.at += 1;
            InstanceKey::Str("*".into())
        } else {
            let start = self.at;
            while self.peek().is_some_and(|c| c.is_ascii_digit()) {
                self.at += 1;
            }
            let digits: String = self.chars.get(start..self.at).unwrap_or(&[]).iter().collect();
            match digits.parse() {
                Ok(index) => InstanceKey::Int(index),
                Err(_not_a_number) => {
                    return self.error(
                        "expected a number or a quoted key; quote it for the shell: 'type.name[\"key\"]'",
                    );
                }
            }
        };
        if self.peek() != Some(']') {
            return self.error("expected `]`");
        }
        self.at += 1;
        Ok(Some(key))
    }

    fn dot(&mut self) -> Result<(), AddrError> {
        if self.peek() == Some('.') {
            self.at += 1;
            Ok(())
        } else {
            self.error("expected `.`; addresses look like `type.name`, `type.name[\"key\"]` or `module.name.type.name`")
        }
    }

    fn target(&mut self) -> Result<Target, AddrError> {
        let mut module = Vec::new();
        let mut word = self.name()?;
        while &*word == "module" {
            self.dot()?;
            let name = self.name()?;
            let key = self.key()?;
            module.push((name, key));
            if self.at == self.chars.len() {
                return Ok(Target::Module(ModuleInstance(module)));
            }
            self.dot()?;
            word = self.name()?;
        }
        let mode = match &*word {
            "data" => Mode::Data,
            "action" => Mode::Action,
            "ephemeral" => Mode::Ephemeral,
            _ => Mode::Managed,
        };
        if mode != Mode::Managed {
            self.dot()?;
            word = self.name()?;
        }
        self.dot()?;
        let name = self.name()?;
        let resource = ResourceAddr { module: ModuleInstance(module), mode, kind: word, name };
        let key = self.key()?;
        if self.at != self.chars.len() {
            return self.error("the address ends before this; addresses name whole objects, not attributes");
        }
        Ok(match key {
            Some(key) => Target::Instance(resource.instance(Some(key))),
            None => Target::Resource(resource),
        })
    }
}

impl FromStr for Target {
    type Err = AddrError;

    fn from_str(text: &str) -> Result<Self, AddrError> {
        Cursor { chars: text.chars().collect(), at: 0, text, is_wild: false }.target()
    }
}

/// Reads an address with `*` in it.
pub(super) fn wild_target(text: &str) -> Result<Target, AddrError> {
    Cursor { chars: text.chars().collect(), at: 0, text, is_wild: true }.target()
}

impl FromStr for InstanceAddr {
    type Err = AddrError;

    fn from_str(text: &str) -> Result<Self, AddrError> {
        match text.parse::<Target>()? {
            Target::Instance(instance) => Ok(instance),
            Target::Resource(resource) => Ok(resource.instance(None)),
            Target::Module(_) => {
                Err(AddrError { message: format!("`{text}` names a module, not an object"), position: 0 })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_round_trip() {
        for text in [
            "dms_rocketmq_topic.orders",
            "dms_rocketmq_topic.orders[0]",
            "data.dms_rocketmq_topics.all",
            "module.a[\"x.y\"].module.b.dms_rocketmq_topic.orders[\"a\\\"b $${c}\"]",
        ] {
            let addr: InstanceAddr = text.parse().unwrap();
            assert_eq!(addr.to_string(), text);
        }
    }

    #[test]
    fn mistakes_are_located() {
        let error = "dms_rocketmq_topic.orders[a]".parse::<InstanceAddr>().unwrap_err();
        assert_eq!(error.position, 26);
        assert!("dms_rocketmq_topic".parse::<Target>().is_err());
        assert!("a.b.c".parse::<Target>().is_err());
    }
}
