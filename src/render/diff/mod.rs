//! What differs between two values, part by part, for every view of a change.
//!
//! Objects and maps are compared by key, lists by their longest common part, elements of sets and lists that
//! are much alike with each other, texts that hold JSON by what they mean. Secrets are compared without being
//! shown: a part that is marked stays whole and is never looked into.

mod json_text;
mod sequence;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::addr::Step;
use crate::addr::ValuePath;
use crate::value::Data;
use crate::value::Value;

use super::value::key;

/// One difference.
#[derive(Debug, Clone)]
pub struct Difference {
    /// The part, from the root of what is compared; as deep as both sides have the same structure.
    pub path: ValuePath,
    /// The part within its attribute, as people read it: `rules[0].port`; empty for the attribute itself.
    pub label: String,
    /// What happens to it.
    pub sign: Sign,
    /// As it was; none if it is added.
    pub before: Option<Value>,
    /// As it will be; none if it is removed.
    pub after: Option<Value>,
    /// What kind of difference it is.
    pub nature: Nature,
}

/// What happens to a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sign {
    /// It is new.
    Add,
    /// It is gone.
    Remove,
    /// It is another one.
    Change,
}

/// What kind of difference it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nature {
    /// One value and another.
    Plain,
    /// A text of several lines.
    Lines,
    /// A part within a text that holds JSON.
    Json,
    /// A text that holds JSON which means the same as before.
    Layout,
    /// The same elements in another order.
    Order,
    /// The same value, which becomes a secret or is none any more.
    Secrecy,
}

impl Sign {
    /// Returns the character in front of a line.
    #[must_use]
    pub const fn symbol(self) -> char {
        match self {
            Self::Add => '+',
            Self::Remove => '-',
            Self::Change => '~',
        }
    }
}

impl Difference {
    /// Returns the attribute that the part belongs to.
    #[must_use]
    pub fn attribute(&self) -> Option<&Arc<str>> {
        match self.path.0.first() {
            Some(Step::Attr(name) | Step::Key(name)) => Some(name),
            Some(Step::Index(_)) | None => None,
        }
    }

    /// Returns true if a side of it must not be shown.
    #[must_use]
    pub fn is_sensitive(&self) -> bool {
        let hidden =
            |side: &Option<Value>| side.as_ref().is_some_and(|value| value.marks_deep().is_sensitive());
        hidden(&self.before) || hidden(&self.after)
    }

    /// Returns true if what it will be is not wholly known yet.
    #[must_use]
    pub fn is_unknown(&self) -> bool {
        self.after.as_ref().is_some_and(|value| !value.is_wholly_known())
    }
}

/// Lists what differs between two objects, attribute by attribute. An object that is not there has none.
#[must_use]
pub fn attributes(before: Option<&Value>, after: Option<&Value>) -> Vec<Difference> {
    let mut walk = Walk::default();
    let fields = |side: Option<&Value>| side.and_then(Value::fields).cloned().unwrap_or_default();
    let (old, new) = (fields(before), fields(after));
    let names: BTreeSet<&Arc<str>> = old.keys().chain(new.keys()).collect();
    for name in names {
        let at = At { path: ValuePath::attr(Arc::clone(name)), label: String::new() };
        walk.sides(&at, old.get(name), new.get(name));
    }
    walk.found
}

/// Lists what differs between two values of one attribute or output.
#[must_use]
pub fn values(path: ValuePath, before: &Value, after: &Value) -> Vec<Difference> {
    let mut walk = Walk::default();
    walk.both(&At { path, label: String::new() }, before, after);
    walk.found
}

/// A place within what is compared.
#[derive(Debug, Clone)]
struct At {
    path: ValuePath,
    label: String,
}

impl At {
    fn attr(&self, name: &Arc<str>) -> Self {
        let shown = key(name);
        let label = if self.label.is_empty() { shown } else { format!("{}.{shown}", self.label) };
        Self { path: self.path.join(Step::Attr(Arc::clone(name))), label }
    }

    fn key(&self, name: &Arc<str>) -> Self {
        Self { path: self.path.join(Step::Key(Arc::clone(name))), ..self.attr(name) }
    }

    fn index(&self, index: usize) -> Self {
        Self { path: self.path.join(Step::Index(index as u64)), label: format!("{}[{index}]", self.label) }
    }

    /// A part that has no position, named by what it holds.
    fn named(&self, index: usize, name: &str) -> Self {
        Self { path: self.path.join(Step::Index(index as u64)), label: format!("{}[{name}]", self.label) }
    }

    /// The same label, at the position of an element.
    fn element(&self, index: usize) -> Self {
        Self { path: self.path.join(Step::Index(index as u64)), label: self.label.clone() }
    }
}

#[derive(Debug, Default)]
struct Walk {
    found: Vec<Difference>,
    /// Within a text that holds JSON.
    json: bool,
}

impl Walk {
    fn push(&mut self, at: &At, sign: Sign, before: Option<&Value>, after: Option<&Value>, nature: Nature) {
        let nature = if self.json && nature == Nature::Plain { Nature::Json } else { nature };
        self.found.push(Difference {
            path: at.path.clone(),
            label: at.label.clone(),
            sign,
            before: before.cloned(),
            after: after.cloned(),
            nature,
        });
    }

    /// Two sides of which one may be missing. A null is as good as nothing.
    fn sides(&mut self, at: &At, before: Option<&Value>, after: Option<&Value>) {
        let there =
            |side: Option<&Value>| side.is_some_and(|value| !value.is_null() || value.marks().is_sensitive());
        match (before.filter(|_| there(before)), after.filter(|_| there(after))) {
            (Some(before), Some(after)) => self.both(at, before, after),
            // A null of JSON is a value like any other.
            (None, None) if !self.json || (before.is_some() == after.is_some()) => {}
            (None, None) => match (before, after) {
                (Some(null), None) => self.push(at, Sign::Remove, Some(null), None, Nature::Plain),
                (_, null) => self.push(at, Sign::Add, None, null, Nature::Plain),
            },
            (Some(before), None) => self.push(at, Sign::Remove, Some(before), after, Nature::Plain),
            (None, Some(after)) => self.push(at, Sign::Add, before, Some(after), Nature::Plain),
        }
    }

    fn both(&mut self, at: &At, before: &Value, after: &Value) {
        let (secret, becomes) = (before.marks().is_sensitive(), after.marks().is_sensitive());
        let same = before.same_as(after) && after.is_wholly_known();
        if same && secret == becomes && before.marks_deep() == after.marks_deep() {
            return;
        }
        if secret || becomes {
            let nature = if same && secret != becomes { Nature::Secrecy } else { Nature::Plain };
            if !(same && secret == becomes) {
                self.push(at, Sign::Change, Some(before), Some(after), nature);
            }
            return;
        }
        match (before.data(), after.data()) {
            (Data::Object(a), Data::Object(b)) => {
                let names: BTreeSet<&Arc<str>> = a.keys().chain(b.keys()).collect();
                for name in names {
                    self.sides(&at.attr(name), a.get(name), b.get(name));
                }
            }
            (Data::Map(_, a) | Data::Object(a), Data::Map(_, b) | Data::Object(b)) => {
                let names: BTreeSet<&Arc<str>> = a.keys().chain(b.keys()).collect();
                for name in names {
                    self.sides(&at.key(name), a.get(name), b.get(name));
                }
            }
            (Data::Set(_, a), Data::Set(_, b)) => self.set(at, a, b),
            (Data::List(_, a) | Data::Tuple(a), Data::List(_, b) | Data::Tuple(b)) => self.list(at, a, b),
            (Data::String(a), Data::String(b)) => self.text(at, (before, a), (after, b)),
            _ => self.push(at, Sign::Change, Some(before), Some(after), Nature::Plain),
        }
    }

    fn text(&mut self, at: &At, (before, a): (&Value, &Arc<str>), (after, b): (&Value, &Arc<str>)) {
        if let (Some(old), Some(new)) = (json_text::meaning(a), json_text::meaning(b)) {
            let outer = std::mem::replace(&mut self.json, true);
            let known = self.found.len();
            self.both(&At { path: at.path.clone(), label: at.label.clone() }, &old, &new);
            for difference in self.found.iter_mut().skip(known) {
                // Parts of a text have no path of their own.
                difference.path = at.path.clone();
            }
            self.json = outer;
            if self.found.len() == known {
                self.push(at, Sign::Change, Some(before), Some(after), Nature::Layout);
            }
            return;
        }
        let lines = |text: &str| text.trim_end_matches('\n').contains('\n');
        let nature = if lines(a) || lines(b) { Nature::Lines } else { Nature::Plain };
        self.push(at, Sign::Change, Some(before), Some(after), nature);
    }

    fn set(&mut self, at: &At, before: &[Value], after: &[Value]) {
        let (gone, new) = sequence::apart(before, after);
        self.pairs(at, &gone, &new, true);
    }

    fn list(&mut self, at: &At, before: &[Value], after: &[Value]) {
        let (gone, new) = sequence::apart(before, after);
        if gone.is_empty() && new.is_empty() {
            let (old, now) = (Value::tuple(before.iter().cloned()), Value::tuple(after.iter().cloned()));
            if before.iter().zip(after).all(|(a, b)| a.same_as(b)) {
                // Only marks differ.
                for (index, (a, b)) in before.iter().zip(after).enumerate() {
                    self.both(&at.index(index), a, b);
                }
            } else {
                self.push(at, Sign::Change, Some(&old), Some(&now), Nature::Order);
            }
            return;
        }
        for (gone, new) in sequence::gaps(before, after) {
            self.pairs(at, &gone, &new, false);
        }
    }

    /// Elements of one side each: those that are much alike are one changed element.
    fn pairs(&mut self, at: &At, gone: &[(usize, &Value)], new: &[(usize, &Value)], is_set: bool) {
        let paired = sequence::pair(gone, new, is_set);
        for (index, value) in
            gone.iter().filter(|(index, _)| !paired.iter().any(|pair| pair.before == *index))
        {
            self.push(&at.element(*index), Sign::Remove, Some(value), None, Nature::Plain);
        }
        for (index, value) in new {
            let Some(pair) = paired.iter().find(|pair| pair.after == *index) else {
                self.push(&at.element(*index), Sign::Add, None, Some(value), Nature::Plain);
                continue;
            };
            let Some((_, old)) = gone.iter().find(|(index, _)| *index == pair.before) else { continue };
            let at = match &pair.name {
                Some(name) => at.named(*index, name),
                None => at.index(*index),
            };
            self.both(&at, old, value);
        }
    }
}
