//! The objects of the state as they are now.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::Arc;

use crate::addr::InstanceAddr;
use crate::addr::Mode;
use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::schema::ResourceSchema;
use crate::state::Object;
use crate::state::ObjectRef;
use crate::state::Status;
use crate::syntax::ast::Name;
use crate::value::Value;

use super::super::Answer;
use super::super::Drift;
use super::super::PlanMode;
use super::super::Query;
use super::super::query::ObjectKey;
use super::super::shape::mark_object;
use super::super::shape::object_type;
use super::Planner;
use super::draft::Draft;
use super::draft::Prior;

/// From this share of a type's objects on, their absence is taken for a wrong account and not for drift.
const MISSING_SHARE_PERCENT: usize = 50;

/// Fewer objects of a type than this may be missing without suspicion.
const MISSING_LEAST: usize = 4;

impl Planner<'_> {
    /// Takes in every object of the state: decoded, and as it was found.
    pub(super) fn refresh_state(&mut self) {
        let state = self.input.state;
        for (target, instance, object) in state.objects() {
            let mode = target.addr.resource.mode;
            if mode == Mode::Data {
                continue;
            }
            let key = ObjectKey {
                addr: target.addr.clone(),
                deposed: target.deposed.as_ref().map(|key| Arc::from(key.as_str())),
            };
            let Some(schema) = self.schema(mode, &target.addr.resource.kind) else {
                self.diagnostics.push(unknown_type(&target));
                continue;
            };
            let is_mocked = self.standin(&target.addr, &instance.provider).is_some();
            let schema = self.schema_of(&schema, &target.addr, &instance.provider);
            let stored = match object.value(&object_type(&schema)) {
                Ok(value) => mark_object(&value, &schema),
                Err(error) => {
                    self.diagnostics.push(
                        Diagnostic::error(Code::StateCorrupt, format!("the state of `{}` cannot be read: {error}", target.addr))
                            .about(target.addr.clone())
                            .hint("restore the state from its backup, or forget the object with `queueform state rm`"),
                    );
                    continue;
                }
            };
            let mut prior = Prior {
                schema: Arc::clone(&schema),
                provider: instance.provider.clone(),
                found: Some(stored.clone()),
                stored: stored.clone(),
                object: object.clone(),
                broken: false,
                is_imported: false,
            };
            // What never came into being cannot be read.
            let readable = !matches!(object.status, Status::InDoubt(_));
            let readable = readable && mode == Mode::Managed && self.is_looked_at(&key.addr);
            let wanted = readable && self.wants_refresh(&key.addr);
            if wanted && (is_mocked || !self.input.watched) && schema.read.is_none() && schema.list.is_none()
            {
                // Nobody knows more of it than the state.
                self.refreshed += 1;
            } else if wanted {
                let query = Query::Refresh {
                    key: key.clone(),
                    provider: instance.provider.clone(),
                    kind: Arc::clone(&target.addr.resource.kind),
                    prior: stored,
                    needed: self.needed(&key, &schema, object),
                };
                match self.answer(query) {
                    Some(Answer::Found { value, broken }) => {
                        self.refreshed += 1;
                        prior.found = Some(mark_object(value, &schema));
                        prior.broken = *broken;
                    }
                    Some(Answer::Gone) => {
                        self.refreshed += 1;
                        prior.found = None;
                    }
                    Some(Answer::Failed(found)) => {
                        self.diagnostics.extend(found.iter().cloned());
                        continue;
                    }
                    _ => continue,
                }
            }
            if readable && !wanted && !self.read_secrets(&key, &mut prior) {
                continue;
            }
            self.prior.insert(key, prior);
        }
        if !self.must_ask() {
            self.suspect_missing();
            self.note_drift();
        }
    }

    /// Attributes of an object whose values are needed: its configuration sets them, or refers to them and the state
    /// does not have them.
    pub(super) fn needed(&self, key: &ObjectKey, schema: &ResourceSchema, object: &Object) -> BTreeSet<Name> {
        let mut needed = self.withheld(key, schema, object);
        if let Some(resource) = self.input.config.resource(&key.addr.resource) {
            needed.extend(resource.arguments.keys().cloned());
        }
        needed
    }

    /// A vanished parent, or most of a type missing, is an error and never a silent re-creation.
    fn suspect_missing(&mut self) {
        if self.options.mode != PlanMode::Normal {
            return;
        }
        let mut per_type: BTreeMap<&Name, (usize, usize)> = BTreeMap::new();
        let mut gone_ids: BTreeMap<(Name, Arc<str>), ObjectKey> = BTreeMap::new();
        for (key, prior) in &self.prior {
            let counts = per_type.entry(&prior.schema.type_name).or_default();
            counts.1 += 1;
            if prior.found.is_none() {
                counts.0 += 1;
                if let Some(id) = prior.stored.get("id").and_then(Value::as_str) {
                    gone_ids.insert((Arc::clone(&prior.schema.type_name), Arc::clone(id)), key.clone());
                }
            }
        }
        let mut children: BTreeMap<&ObjectKey, usize> = BTreeMap::new();
        for prior in self.prior.values() {
            let Some(parent) = &prior.schema.parent else { continue };
            let Some(id) = prior.stored.get(&parent.by).and_then(Value::as_str) else { continue };
            if let Some(key) = gone_ids.get(&(Arc::clone(&parent.type_name), Arc::clone(id))) {
                *children.entry(key).or_default() += 1;
            }
        }
        let mut found = Vec::new();
        for (key, count) in &children {
            found.push(
                Diagnostic::error(
                    Code::VanishedParent,
                    format!("`{}` does not exist any more, and {count} managed objects were part of it", key.addr),
                )
                .about(key.addr.clone())
                .detail("Either it was deleted outside of Queueform, or the credentials belong to another account or project.")
                .hint("check the target at the top of the plan; if it really is gone, take that into the state with `queueform apply --refresh-only` and plan again"),
            );
        }
        for (kind, (missing, all)) in per_type {
            if children.is_empty() && missing >= MISSING_LEAST && missing * 100 >= all * MISSING_SHARE_PERCENT
            {
                found.push(
                    Diagnostic::error(Code::VanishedParent, format!("{missing} of {all} objects of type `{kind}` do not exist any more"))
                        .detail("Either they were deleted outside of Queueform, or the credentials belong to another account or project.")
                        .hint("check the target at the top of the plan; if they really are gone, take that into the state with `queueform apply --refresh-only` and plan again"),
                );
            }
        }
        self.diagnostics.extend(found);
    }

    /// Refresh-only: every object is taken into the state as it was found.
    pub(super) fn take_over(&mut self) {
        let drifted: BTreeSet<&InstanceAddr> = self.drift.iter().map(|drift| &drift.addr).collect();
        let mut drafts = Vec::new();
        for (key, prior) in &self.prior {
            if !self.is_within(&key.addr) {
                continue;
            }
            let mut draft = Draft::new(Arc::clone(&prior.schema), prior.provider.clone());
            draft.recorded.clone_from(&prior.object.dependencies);
            draft.before.clone_from(&prior.found);
            draft.after.clone_from(&prior.found);
            draft.record = prior.found.is_none() || key.deposed.is_none() && drifted.contains(&key.addr);
            drafts.push((key.clone(), draft));
        }
        self.drafts.extend(drafts);
    }

    /// Lists what is not as the state says.
    fn note_drift(&mut self) {
        for (key, prior) in &self.prior {
            if key.deposed.is_some() {
                continue;
            }
            let differing: BTreeSet<Name> = match &prior.found {
                Some(found) => prior
                    .schema
                    .attributes
                    .iter()
                    .filter(|attribute| !attribute.volatile && !prior.is_as_stored(attribute, found))
                    .map(|attribute| Arc::clone(&attribute.name))
                    .collect(),
                None => BTreeSet::new(),
            };
            if prior.found.is_none() || !differing.is_empty() {
                self.drift.push(Drift {
                    addr: key.addr.clone(),
                    before: prior.stored.clone(),
                    after: prior.found.clone(),
                    differing,
                });
            }
        }
    }
}

fn unknown_type(target: &ObjectRef) -> Diagnostic {
    Diagnostic::error(
        Code::UnknownResourceType,
        format!("the state holds `{}`, whose type this version does not know", target.addr),
    )
    .about(target.addr.clone())
    .hint("use the version of Queueform that wrote the state, or forget the object with `queueform state rm`")
}
