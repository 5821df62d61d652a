//! Objects that only got another address or another name, and are planned to be deleted and made again.
//!
//! An object that is deleted and one that is made are the same if their identity is: then `moved` keeps it, and the block to
//! add is told. If only the name differs, nothing keeps it, for services do not rename: then the way in steps is told.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::Arc;

use crate::addr::InstanceAddr;
use crate::addr::Mode;
use crate::addr::ModuleInstance;
use crate::addr::ResourceAddr;
use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::schema::ResourceSchema;
use crate::schema::scope::identity;
use crate::syntax::ast::Name;
use crate::value::Value;

use super::super::Action;
use super::super::PlanMode;
use super::super::Verdict;
use super::Planner;
use super::draft::Draft;

/// How many blocks are told at most.
const BLOCKS: usize = 12;

/// No more pairs than this are compared for objects with other names, and no more than so many are told.
const COMPARED: usize = 4096;
const TOLD: usize = 4;

/// An object that goes or comes.
type Side<'d> = (&'d InstanceAddr, &'d Draft);

impl Planner<'_> {
    /// Tells of objects that are deleted under one address and made again under another one.
    pub(super) fn tell_renamed(&mut self) {
        if self.options.mode != PlanMode::Normal || self.options.undo.is_some() {
            return;
        }
        let sides = |action: Action| -> Vec<Side<'_>> {
            let drafts = self.drafts.iter().filter(move |(key, draft)| {
                draft.action == action
                    && key.deposed.is_none()
                    && key.addr.resource.mode == Mode::Managed
                    && !draft.is_mocked
            });
            drafts.map(|(key, draft)| (&key.addr, draft)).collect()
        };
        let (going, coming) = (sides(Action::Delete), sides(Action::Create));
        if going.is_empty() || coming.is_empty() {
            return;
        }
        let moved = same(&going, &coming);
        let mut found = Vec::new();
        if !moved.is_empty() {
            found.push(self.blocks_to_add(&moved));
        }
        if (going.len() - moved.len()).saturating_mul(coming.len() - moved.len()) > COMPARED {
            self.diagnostics.extend(found);
            return;
        }
        let spoken: BTreeSet<&InstanceAddr> = moved.iter().flat_map(|(from, to)| [from, to]).collect();
        let rest = |sides: &[Side<'_>]| -> Vec<(InstanceAddr, Draft)> {
            let left = sides.iter().filter(|(addr, _)| !spoken.contains(addr));
            left.map(|(addr, draft)| ((*addr).clone(), (*draft).clone())).collect()
        };
        let (going, coming) = (rest(&going), rest(&coming));
        found.extend(renamed(&going, &coming).into_iter().take(TOLD));
        self.diagnostics.extend(found);
    }

    /// The blocks that keep objects which have another address now.
    fn blocks_to_add(&self, moved: &BTreeMap<InstanceAddr, InstanceAddr>) -> Diagnostic {
        let blocks = self.blocks(moved);
        let shown = blocks
            .iter()
            .take(BLOCKS)
            .map(|(from, to)| format!("moved {{\n  from = {from}\n  to   = {to}\n}}"));
        let mut text = shown.collect::<Vec<_>>().join("\n");
        if blocks.len() > BLOCKS {
            text.push_str(&format!("\n# and {} more of the same form", blocks.len() - BLOCKS));
        }
        let (summary, keep) = match moved.first_key_value() {
            Some((from, to)) if moved.len() == 1 => {
                (format!("`{from}` is deleted and made again as `{to}`"), "keep it with this block:")
            }
            _ => (
                format!("{} objects are deleted and made again under other addresses", moved.len()),
                if blocks.len() == 1 { "keep them with this block:" } else { "keep them with these blocks:" },
            ),
        };
        Diagnostic::warning(Code::LooksMoved, summary)
            .detail("Nothing but the address differs.")
            .hint(format!("{keep}\n{text}"))
    }

    /// The fewest blocks: of modules, of resources, of single objects.
    fn blocks(&self, moved: &BTreeMap<InstanceAddr, InstanceAddr>) -> Vec<(String, String)> {
        let mut left = moved.clone();
        let mut blocks = Vec::new();
        let resources: Vec<&InstanceAddr> = self.prior.keys().map(|key| &key.addr).collect();
        // Whole modules first: all that was in one is in another one, at the same place.
        let pairs: BTreeSet<(ModuleInstance, ModuleInstance)> = moved
            .iter()
            .filter(|(from, to)| from.key == to.key && from.resource.name == to.resource.name)
            .map(|(from, to)| (from.resource.module.clone(), to.resource.module.clone()))
            .filter(|(from, to)| from != to && !from.is_root() && !to.is_root())
            .collect();
        for (from, to) in pairs {
            let inside: Vec<&&InstanceAddr> = resources
                .iter()
                .filter(|addr| addr.resource.mode == Mode::Managed && from.covers(&addr.resource.module))
                .collect();
            let all_go = inside.iter().all(|addr| {
                let mut there = (**addr).clone();
                there.resource.module.0.splice(..from.0.len(), to.0.iter().cloned());
                left.get(**addr) == Some(&there)
            });
            if all_go && !inside.is_empty() {
                for addr in inside {
                    left.remove(*addr);
                }
                blocks.push((from.to_string(), to.to_string()));
            }
        }
        let pairs: BTreeSet<(ResourceAddr, ResourceAddr)> = left
            .iter()
            .filter(|(from, to)| from.key == to.key)
            .map(|(from, to)| (from.resource.clone(), to.resource.clone()))
            .collect();
        for (from, to) in pairs {
            let inside: Vec<&&InstanceAddr> = resources.iter().filter(|addr| addr.resource == from).collect();
            let all_go = inside.iter().all(|addr| {
                left.get(**addr).is_some_and(|there| there.resource == to && there.key == addr.key)
            });
            if all_go && from != to {
                for addr in inside {
                    left.remove(*addr);
                }
                blocks.push((from.to_string(), to.to_string()));
            }
        }
        blocks.extend(left.iter().map(|(from, to)| (from.to_string(), to.to_string())));
        blocks
    }
}

/// What tells an object from all others of its type, if it can be told before it is made.
fn told_by(schema: &ResourceSchema, object: &Value) -> Option<String> {
    if !schema.has_server_id() {
        return identity(schema, object);
    }
    // The service gives the id: all that the configuration says must be the same, and there must be a name in it.
    let mut parts = Vec::new();
    let settable = schema.attributes.iter().filter(|attribute| attribute.mode.is_settable());
    let mut is_named = false;
    for attribute in settable.filter(|attribute| !attribute.write_only) {
        let Some(value) = object.get(&attribute.name) else { continue };
        if attribute.mode.is_computed() && !value.is_wholly_known() {
            continue;
        }
        if matches!(attribute.mode, crate::schema::Mode::Required) || &*attribute.name == "name" {
            if !value.is_wholly_known() {
                return None;
            }
            is_named |= &*attribute.name == "name" && !value.is_null();
            let text = crate::value::to_json(&value.clone().unmark_deep().0).ok()?;
            parts.push(format!("{}={text}", attribute.name));
        }
    }
    is_named.then(|| parts.join("\n"))
}

/// The objects that go and come with the same identity, where that is unmistakable.
fn same(going: &[Side<'_>], coming: &[Side<'_>]) -> BTreeMap<InstanceAddr, InstanceAddr> {
    type Known<'d> = BTreeMap<(Name, String, String), Vec<&'d InstanceAddr>>;
    fn by_identity<'d>(sides: &[Side<'d>], of: impl Fn(&Draft) -> Option<&Value>) -> Known<'d> {
        let mut known = Known::new();
        for (addr, draft) in sides {
            let Some(told) = of(draft).and_then(|value| told_by(&draft.schema, value)) else { continue };
            let key = (Arc::clone(&draft.schema.type_name), draft.provider.to_string(), told);
            known.entry(key).or_default().push(addr);
        }
        known
    }
    let going = by_identity(going, |draft| draft.before.as_ref());
    let coming = by_identity(coming, |draft| draft.after.as_ref());
    let mut found = BTreeMap::new();
    for (key, from) in going {
        if let ([from], Some([to])) = (&*from, coming.get(&key).map(|to| &**to)) {
            found.insert((*from).clone(), (*to).clone());
        }
    }
    found
}

/// Objects of one block that go and come, and are alike but for the key and the name.
fn renamed(going: &[(InstanceAddr, Draft)], coming: &[(InstanceAddr, Draft)]) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for (from, old) in going {
        let alike: Vec<&(InstanceAddr, Draft)> =
            coming.iter().filter(|(to, new)| is_alike((from, old), (to, new))).collect();
        let [(to, new)] = &*alike else { continue };
        let rivals = going.iter().filter(|(other, draft)| is_alike((other, draft), (to, new))).count();
        if rivals == 1 {
            found.push(staged(from, old, to));
        }
    }
    found
}

fn is_alike((from, old): (&InstanceAddr, &Draft), (to, new): (&InstanceAddr, &Draft)) -> bool {
    if from.resource != to.resource || old.schema.type_name != new.schema.type_name {
        return false;
    }
    let (Some(before), Some(after)) = (&old.before, &new.after) else { return false };
    let settable = old.schema.attributes.iter().filter(|attribute| attribute.mode.is_settable());
    let mut names = 0;
    for attribute in settable.filter(|attribute| !attribute.write_only) {
        let (Some(one), Some(other)) = (before.get(&attribute.name), after.get(&attribute.name)) else {
            continue;
        };
        if !other.is_wholly_known() && attribute.mode.is_computed() || one.same_as(other) {
            continue;
        }
        if !old.schema.identity.contains(&attribute.name) {
            return false;
        }
        names += 1;
    }
    names == 1
}

/// The way to another name: nothing is lost on it.
fn staged(from: &InstanceAddr, old: &Draft, to: &InstanceAddr) -> Diagnostic {
    let key =
        |addr: &InstanceAddr| addr.key.as_ref().map_or_else(|| addr.to_string(), |key| format!("{key}"));
    let unread: u64 = old
        .guards
        .iter()
        .filter(|guard| matches!(guard.verdict, Verdict::Denied | Verdict::Allowed))
        .map(|guard| guard.count)
        .max()
        .unwrap_or(0);
    let unobserved = old.guards.iter().any(|guard| guard.verdict == Verdict::Unobserved);
    let loss = match unread {
        0 if unobserved => ", and what would be lost could not be observed".to_owned(),
        0 => String::new(),
        1 => ": 1 message would be lost".to_owned(),
        number => format!(": {} messages would be lost", grouped(number)),
    };
    Diagnostic::warning(
        Code::LooksRenamed,
        format!("`{from}` looks renamed to `{}`, and the service cannot rename{loss}", key(to)),
    )
    .about(from.clone())
    .detail("`moved` does not help: another name is another object.")
    .hint(format!(
        "in steps: keep both ({} and {}) and apply; move publishers, then consumers; when nothing is unread any more, take {} away",
        key(from),
        key(to),
        key(from)
    ))
}

/// A number with its thousands apart.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
