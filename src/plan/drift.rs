//! What is not as it should be: objects that are not what the state says, and changes that the configuration asks for.
//!
//! Pure: made of two plans, or three. Knows nothing of how it is shown.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::addr::InstanceAddr;
use crate::addr::Mode;
use crate::addr::ProviderAddr;
use crate::addr::Step;
use crate::addr::ValuePath;
use crate::syntax::ast::Name;
use crate::value::Data;
use crate::value::Fields;
use crate::value::Value;
use crate::value::matches_wildcard;

use super::Action;
use super::Cause;
use super::Change;
use super::Drift;
use super::Plan;
use super::PlanStatus;

/// What is not as it should be.
#[derive(Debug, Clone)]
pub struct DriftReport {
    /// The refresh-only plan: where it looked, at what cost, and what went wrong.
    pub found: Plan,
    /// What the configuration asks for, whatever has drifted: only the changes that are pending.
    pub pending: Plan,
    /// Objects that are not what the state says, with nothing but the attributes that differ.
    pub drift: Vec<Drift>,
    /// What differs and was not to be told.
    pub ignored: Vec<Ignored>,
    /// Objects that exist and are not managed; none if nobody asked for them.
    pub unmanaged: Option<Vec<Unmanaged>>,
}

/// A difference that a pattern takes out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ignored {
    /// The object.
    pub addr: InstanceAddr,
    /// The part that differs; the whole object if it is gone.
    pub path: ValuePath,
    /// The pattern.
    pub pattern: Arc<str>,
}

/// An object that exists and is not managed.
#[derive(Debug, Clone)]
pub struct Unmanaged {
    /// The provider configuration that showed it.
    pub provider: ProviderAddr,
    /// Its type.
    pub kind: Name,
    /// Its id, as `import` takes it.
    pub id: String,
    /// Its name, if that is not the end of its id.
    pub name: Option<String>,
}

/// What a report comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DriftStatus {
    /// Everything is as the state and the configuration say.
    None,
    /// Objects are not what the state says.
    Drift,
    /// The configuration asks for changes.
    Pending,
    /// Both.
    Both,
}

impl DriftReport {
    /// Puts a report together: of a refresh-only plan, of a plan on the stored state, and of a plan on what was found,
    /// if that is another one. Differences that a pattern matches are taken out.
    #[must_use]
    pub fn new(found: Plan, stored: Plan, now: Option<&Plan>, ignore: &[Arc<str>]) -> Self {
        let mut ignored = Vec::new();
        let drift = found.drift.iter().filter_map(|drift| without(drift, ignore, &mut ignored)).collect();
        Self { pending: pending(stored, now), found, drift, ignored, unmanaged: None }
    }

    /// Returns what it comes to. Objects that are not managed are no drift.
    #[must_use]
    pub fn status(&self) -> DriftStatus {
        match (self.drift.is_empty(), self.is_pending()) {
            (true, false) => DriftStatus::None,
            (false, false) => DriftStatus::Drift,
            (true, true) => DriftStatus::Pending,
            (false, true) => DriftStatus::Both,
        }
    }

    /// Returns the drift as changes from what the state says to what there is, for views of changes.
    #[must_use]
    pub fn as_changes(&self) -> Vec<Change> {
        let known = |addr: &InstanceAddr| {
            self.found.changes.iter().find(|change| change.addr == *addr && change.deposed.is_none())
        };
        let change = |drift: &Drift| {
            let cause = Cause { path: None, text: "is gone".to_owned(), from: None };
            let is_gone = drift.after.is_none();
            Some(Change {
                action: if is_gone { Action::Delete } else { Action::Update },
                before: Some(drift.before.clone()),
                after: drift.after.clone(),
                causes: if is_gone { vec![cause] } else { Vec::new() },
                steps: Vec::new(),
                ..known(&drift.addr)?.clone()
            })
        };
        self.drift.iter().filter_map(change).collect()
    }

    /// Returns how many objects were compared.
    #[must_use]
    pub fn compared(&self) -> u64 {
        self.found.effort.refreshed
    }

    /// Returns true if one of its plans failed, so that it may not hold everything.
    #[must_use]
    pub fn has_failed(&self) -> bool {
        self.found.diagnostics.has_errors() || self.pending.status == PlanStatus::Errored
    }

    fn is_pending(&self) -> bool {
        !self.pending.changes.is_empty()
            || self.pending.outputs.values().any(|output| output.action != Action::NoOp)
    }
}

/// Leaves of a plan on the stored state what is still to be done in view of what was found.
fn pending(mut stored: Plan, now: Option<&Plan>) -> Plan {
    let left: Option<BTreeSet<(&InstanceAddr, &Option<Arc<str>>)>> =
        now.filter(|plan| plan.status != PlanStatus::Errored).map(|plan| {
            plan.changes.iter().filter(|one| counts(one)).map(|one| (&one.addr, &one.deposed)).collect()
        });
    stored.changes.retain(|change| {
        counts(change) && left.as_ref().is_none_or(|left| left.contains(&(&change.addr, &change.deposed)))
    });
    for change in &mut stored.changes {
        // Nothing was observed for them.
        change.guards.clear();
    }
    if let Some(now) = now.filter(|plan| plan.status != PlanStatus::Errored) {
        stored
            .outputs
            .retain(|name, _| now.outputs.get(name).is_some_and(|output| output.action != Action::NoOp));
    }
    stored
}

/// Whether a change is one that somebody asked for; what is only read is none.
fn counts(change: &Change) -> bool {
    matches!(change.addr.resource.mode, Mode::Managed | Mode::Action)
        && (change.is_effective() || change.is_held())
}

/// Returns what is left of a drift without the attributes that say nothing and the parts that are ignored.
fn without(drift: &Drift, patterns: &[Arc<str>], ignored: &mut Vec<Ignored>) -> Option<Drift> {
    let addr = &drift.addr;
    let mut names = vec![addr.to_string()];
    let declared = addr.resource.declared().to_string();
    if !names.contains(&declared) {
        names.push(declared);
    }
    let rules = Rules { names, patterns };
    if let Some(pattern) = rules.matching(&ValuePath::default()) {
        ignored.push(Ignored { addr: addr.clone(), path: ValuePath::default(), pattern });
        return None;
    }
    let Some(after) = &drift.after else { return Some(drift.clone()) };
    let mut fields = drift.before.fields().cloned().unwrap_or_default();
    let mut differing = BTreeSet::new();
    for name in &drift.differing {
        let none = Value::null();
        let old = drift.before.get(name).unwrap_or(&none);
        let new = after.get(name).unwrap_or(&none);
        let mut found = Vec::new();
        let left = rules.strip(&ValuePath::attr(Arc::clone(name)), old, new, &mut found);
        // A secret of which the state keeps a digest has no value there.
        let all = !found.is_empty() && left.as_ref().is_none_or(|left| left.same_as(old));
        ignored.extend(found.into_iter().map(|(path, pattern)| Ignored {
            addr: addr.clone(),
            path,
            pattern,
        }));
        if !all {
            differing.insert(Arc::clone(name));
            fields.insert(Arc::clone(name), left.unwrap_or_else(|| new.clone()));
        }
    }
    let after = Some(Value::of_fields(fields).mark(after.marks()));
    (!differing.is_empty()).then(|| Drift {
        addr: addr.clone(),
        before: drift.before.clone(),
        after,
        differing,
    })
}

/// Patterns, and the names of the object that they are tried on: with its keys and without.
struct Rules<'r> {
    names: Vec<String>,
    patterns: &'r [Arc<str>],
}

type Found = Vec<(ValuePath, Arc<str>)>;

impl Rules<'_> {
    fn matching(&self, path: &ValuePath) -> Option<Arc<str>> {
        let texts: Vec<String> = self
            .names
            .iter()
            .map(|name| if path.0.is_empty() { name.clone() } else { format!("{name}.{path}") })
            .collect();
        let fits = |pattern: &&Arc<str>| texts.iter().any(|text| matches_wildcard(pattern, text));
        self.patterns.iter().find(fits).cloned()
    }

    /// Returns the new value with the old one in every part that a pattern matches; none if there is no such part any
    /// more.
    fn strip(&self, path: &ValuePath, old: &Value, new: &Value, found: &mut Found) -> Option<Value> {
        if let Some(pattern) = self.matching(path) {
            found.push((path.clone(), pattern));
            return (!old.is_null()).then(|| old.clone());
        }
        // Secrets differ as a whole.
        if old.marks().is_sensitive() || new.marks().is_sensitive() {
            return Some(new.clone());
        }
        let stripped = match (old.data(), new.data()) {
            (Data::Object(old), Data::Object(new)) => {
                Value::of_fields(self.fields(path, Step::Attr, old, new, found))
            }
            (Data::Map(_, old), Data::Map(ty, new)) => {
                let fields = self.fields(path, Step::Key, old, new, found);
                Value::map(ty.clone(), fields.iter().map(|(name, part)| (Arc::clone(name), part.clone())))
            }
            (Data::List(_, old), Data::List(ty, new)) if old.len() == new.len() => {
                Value::list(ty.clone(), self.parts(path, old, new, found))
            }
            (Data::Tuple(old), Data::Tuple(new)) if old.len() == new.len() => {
                Value::tuple(self.parts(path, old, new, found))
            }
            _ => return Some(new.clone()),
        };
        Some(stripped.mark(new.marks()))
    }

    fn fields(
        &self,
        path: &ValuePath,
        step: fn(Arc<str>) -> Step,
        old: &Fields,
        new: &Fields,
        found: &mut Found,
    ) -> Fields {
        let names: BTreeSet<&Arc<str>> = old.keys().chain(new.keys()).collect();
        let null = Value::null();
        let mut fields = Fields::new();
        for name in names {
            let path = path.join(step(Arc::clone(name)));
            let part = match (old.get(name), new.get(name)) {
                (Some(old), Some(new)) if old.same_as(new) => Some(new.clone()),
                (old, Some(new)) => self.strip(&path, old.unwrap_or(&null), new, found),
                (Some(old), None) => self.matching(&path).map(|pattern| {
                    found.push((path.clone(), pattern));
                    old.clone()
                }),
                (None, None) => None,
            };
            if let Some(part) = part {
                fields.insert(Arc::clone(name), part);
            }
        }
        fields
    }

    fn parts(&self, path: &ValuePath, old: &[Value], new: &[Value], found: &mut Found) -> Vec<Value> {
        let pairs = old.iter().zip(new).enumerate();
        pairs
            .map(|(index, (old, new))| {
                let path = path.join(Step::Index(index as u64));
                if old.same_as(new) {
                    return new.clone();
                }
                self.strip(&path, old, new, found).unwrap_or_else(|| old.clone())
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Type;

    fn drift(before: Value, after: Option<Value>) -> Drift {
        let differing = match (&after, before.fields()) {
            (Some(after), Some(fields)) => {
                let other = |name: &&Arc<str>| !before.get(name).unwrap().same_as(after.get(name).unwrap());
                fields.keys().filter(other).cloned().collect()
            }
            _ => BTreeSet::new(),
        };
        Drift { addr: "module.m[\"a\"].dms_rocketmq_topic.t[0]".parse().unwrap(), before, after, differing }
    }

    fn object(permission: &str, tags: &[(&str, &str)]) -> Value {
        let tags = tags.iter().map(|(name, value)| (*name, Value::string(*value)));
        Value::object([("permission", Value::string(permission)), ("tags", Value::map(Type::String, tags))])
    }

    fn left(drift: &Drift, patterns: &[&str]) -> (Vec<String>, Vec<String>) {
        let patterns: Vec<Arc<str>> = patterns.iter().map(|pattern| Arc::from(*pattern)).collect();
        let mut ignored = Vec::new();
        let left = without(drift, &patterns, &mut ignored);
        let left = left.map(|left| match &left.after {
            Some(_) => left.differing.iter().map(ToString::to_string).collect(),
            None => vec!["gone".to_owned()],
        });
        (left.unwrap_or_default(), ignored.iter().map(|one| one.path.to_string()).collect())
    }

    #[test]
    fn patterns_take_out_objects_attributes_and_parts() {
        let changed = drift(
            object("all", &[("team", "a"), ("by", "x")]),
            Some(object("pub", &[("team", "a"), ("by", "y"), ("cost", "1")])),
        );
        let names = |names: &[&str]| names.iter().map(ToString::to_string).collect::<Vec<_>>();
        for (patterns, stays, goes) in [
            (&[][..], &["permission", "tags"][..], &[][..]),
            (&["*.permission"], &["tags"], &["permission"]),
            (&["dms_rocketmq_topic.t.permission"], &["permission", "tags"], &[]),
            (&["module.m.dms_rocketmq_topic.t.permission"], &["tags"], &["permission"]),
            (&["module.m[\"a\"].dms_rocketmq_topic.t[0].permission"], &["tags"], &["permission"]),
            (&["*.tags[\"by\"]"], &["permission", "tags"], &["tags[\"by\"]"]),
            (&["*.tags[*", "*.permission"], &[], &["permission", "tags[\"by\"]", "tags[\"cost\"]"]),
            (&["module.m.*"], &[], &[""]),
            (&["module.other.*"], &["permission", "tags"], &[]),
        ] {
            // A pattern that matches the whole object needs no part of it.
            assert_eq!(left(&changed, patterns), (names(stays), names(goes)), "{patterns:?}");
        }
        let gone = drift(object("all", &[]), None);
        assert_eq!(left(&gone, &["*.permission"]), (names(&["gone"]), Vec::new()));
        assert_eq!(left(&gone, &["*dms_rocketmq_topic*"]), (Vec::new(), names(&[""])));
    }

    #[test]
    fn what_is_left_shows_nothing_but_what_differs() {
        let mut changed = drift(object("all", &[("by", "x")]), Some(object("pub", &[("by", "y")])));
        changed.differing.remove("tags");
        let left = without(&changed, &[], &mut Vec::new()).unwrap();
        assert!(left.after.unwrap().get("tags").unwrap().same_as(changed.before.get("tags").unwrap()));
    }
}
