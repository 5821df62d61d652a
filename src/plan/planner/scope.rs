//! Whose objects a plan may touch: what the configuration owns, where the provider configuration may work, and
//! that an object has one address.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::addr::InstanceAddr;
use crate::addr::ProviderAddr;
use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::schema::ResourceKind;
use crate::schema::ResourceSchema;
use crate::schema::scope::Frame;
use crate::schema::scope::Root;
use crate::syntax::ast::Name;
use crate::value::Value;

use super::super::Action;
use super::Planner;
use super::draft::Draft;

impl Planner<'_> {
    /// Refuses what lies outside of what this configuration may touch.
    pub(super) fn check_scope(&mut self) {
        let mut found = self.not_owned();
        found.extend(self.not_allowed());
        if !found.is_empty() {
            self.denied = true;
            self.diagnostics.extend(found);
        }
        let twice = self.same_objects();
        self.diagnostics.extend(twice);
    }

    /// Names that no pattern of `owns` matches, of objects and of those they grant access to.
    fn not_owned(&self) -> Vec<Diagnostic> {
        let owns = &self.input.config.root.settings.owns;
        let Some(first) = owns.first() else { return Vec::new() };
        let is_owned = |name: &str| owns.iter().any(|pattern| matches(&pattern.value, name));
        let list: Vec<String> = owns.iter().map(|pattern| format!("`{}`", pattern.value)).collect();
        let list = list.join(", ");
        let mut found = Vec::new();
        for (key, draft) in self.drafts.iter().filter(|(_, draft)| touches(draft)) {
            let finding = |text: String| {
                let found = Diagnostic::error(Code::OutsideScope, text);
                let found = match draft.place {
                    Some(place) => found.at(place, ""),
                    None => found,
                };
                found
                    .at(first.span, "what this configuration owns")
                    .about(key.addr.clone())
                    .hint("leave it to its owner, or widen `owns` if it is yours")
            };
            if let Some(name) = name_of(draft).filter(|name| !is_owned(name)) {
                found.push(finding(format!("`{}` is called `{name}`, which is not within {list}", key.addr)));
            }
            for (attribute, name) in granted(draft) {
                if !is_owned(&name) {
                    let text = format!(
                        "`{attribute}` of `{}` grants access to `{name}`, which is not within {list}",
                        key.addr
                    );
                    found.push(finding(text));
                }
            }
        }
        found
    }

    /// Objects that lie where the provider configuration must not work.
    fn not_allowed(&self) -> Vec<Diagnostic> {
        let mut found = Vec::new();
        for (key, draft) in self.drafts.iter().filter(|(_, draft)| touches(draft)) {
            let Some(provider) = self.input.registry.provider(&draft.provider.name) else { continue };
            for rule in &provider.object_checks {
                let kind = &draft.schema.type_name;
                if (!rule.of.is_empty() && !rule.of.contains(kind))
                    || draft.schema.attribute(&rule.attribute).is_none()
                {
                    continue;
                }
                let value = [&draft.before, &draft.after]
                    .into_iter()
                    .flatten()
                    .filter_map(|object| object.get(&rule.attribute))
                    .find(|value| value.is_known() && !value.is_null());
                let Some(value) = value else { continue };
                let frame = Frame::new()
                    .with(Root::Value, value.clone())
                    .with(Root::Provider, self.provider_value(draft));
                if matches!(frame.holds(&rule.that), Ok(Some(false))) {
                    let text = frame.text(&rule.message).unwrap_or_else(|_| rule.name.to_string());
                    let item = Diagnostic::error(Code::NotAllowed, text).about(key.addr.clone());
                    let item = match draft.place {
                        Some(place) => item.at(place, ""),
                        None => item,
                    };
                    found.push(item.maybe_hint(rule.hint.as_ref().map(ToString::to_string)));
                }
            }
        }
        found
    }

    /// Addresses that stand for the same object: each would undo what the other does.
    fn same_objects(&self) -> Vec<Diagnostic> {
        let mut known: BTreeMap<(&ProviderAddr, &Name, Arc<str>), &InstanceAddr> = BTreeMap::new();
        let mut found = Vec::new();
        for (key, draft) in &self.drafts {
            // Ids made by the service are compared where objects are imported; nothing else could repeat one.
            if key.deposed.is_some()
                || draft.schema.has_server_id()
                || draft.schema.kind != ResourceKind::Managed
                || matches!(draft.action, Action::Delete | Action::Forget)
            {
                continue;
            }
            let id = draft.after.as_ref().and_then(|value| value.get("id")).and_then(Value::as_str);
            let Some(id) = id else { continue };
            let place = (&draft.provider, &draft.schema.type_name, Arc::clone(id));
            let Some(other) = known.insert(place, &key.addr) else { continue };
            let item = Diagnostic::error(
                Code::SameObject,
                format!("`{other}` and `{}` stand for the same object, `{id}`", key.addr),
            )
            .about(key.addr.clone())
            .hint("an object has one address: remove one of the two, or give it another name");
            found.push(match draft.place {
                Some(place) => item.at(place, ""),
                None => item,
            });
        }
        found
    }
}

/// Whether a plan does something to an object, or makes it managed.
fn touches(draft: &Draft) -> bool {
    draft.schema.kind == ResourceKind::Managed
        && (draft.importing.is_some()
            || !draft.held.is_empty()
            || matches!(draft.action, Action::Create | Action::Update | Action::Replace(_) | Action::Delete))
}

/// What an object is called: the last part of its identity, or its `name` if the service makes ids.
fn name_of(draft: &Draft) -> Option<Arc<str>> {
    let schema: &ResourceSchema = &draft.schema;
    let attribute = match schema.identity.last() {
        Some(last) if !schema.has_server_id() => last,
        _ => &schema.attribute("name")?.name,
    };
    let object = if draft.action == Action::Delete { &draft.before } else { &draft.after };
    object.as_ref()?.get(attribute)?.as_str().cloned()
}

/// The names that an object grants access to, with the attributes that say so.
fn granted(draft: &Draft) -> Vec<(&Name, Arc<str>)> {
    let mut names = Vec::new();
    let Some(object) = draft.after.as_ref().filter(|_| draft.action != Action::Delete) else { return names };
    for attribute in draft.schema.attributes.iter().filter(|attribute| attribute.grants) {
        let Some(value) = object.get(&attribute.name) else { continue };
        let (value, _) = value.clone().unmark();
        let keys = value.fields().into_iter().flat_map(|fields| fields.keys().cloned());
        let elements = value.elements().unwrap_or_default().iter();
        let elements = elements.filter_map(|element| element.as_str().cloned());
        let single = value.as_str().cloned();
        names.extend(keys.chain(elements).chain(single).map(|name| (&attribute.name, name)));
    }
    names
}

/// Whether a pattern, with `*` for any run of characters, matches a whole name.
fn matches(pattern: &str, name: &str) -> bool {
    let Some((first, rest)) = pattern.split_once('*') else { return pattern == name };
    let Some(tail) = name.strip_prefix(first) else { return false };
    tail.char_indices()
        .map(|(index, _)| index)
        .chain([tail.len()])
        .any(|index| tail.get(index..).is_some_and(|tail| matches(rest, tail)))
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn patterns_match_whole_names() {
        for (pattern, name, expected) in [
            ("payments-*", "payments-orders", true),
            ("payments-*", "payments-", true),
            ("payments-*", "payment", false),
            ("*-dlq", "orders-dlq", true),
            ("*", "", true),
            ("a*b*c", "a1b2c", true),
            ("a*b*c", "a1b2", false),
            ("orders", "orders", true),
            ("orders", "orders2", false),
            ("*ü*", "grün", true),
        ] {
            assert_eq!(matches(pattern, name), expected, "{pattern} {name}");
        }
    }
}
