//! Replacements: their order, what triggers them, and why things change.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::Arc;

use crate::addr::InstanceAddr;
use crate::addr::InstanceKey;
use crate::addr::Mode;
use crate::addr::ResourceAddr;
use crate::addr::Step;
use crate::addr::ValuePath;
use crate::config::Config;
use crate::config::Resource;
use crate::config::ResourceId;
use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::eval;
use crate::graph::DependencyGraph;
use crate::graph::Node;
use crate::graph::node_of;
use crate::schema::ResourceSchema;
use crate::schema::scope;
use crate::syntax::ast::Expr;
use crate::syntax::ast::ExprKind;
use crate::syntax::ast::RefStep;
use crate::syntax::parse::references;
use crate::value::Data;
use crate::value::Value;

use super::super::Action;
use super::super::Cause;
use super::super::ReplaceOrder;
use super::super::query::ObjectKey;
use super::super::scope::Each;
use super::super::scope::View;
use super::Planner;
use super::draft::Draft;
use super::managed::Arguments;

/// So many causes are kept of one change, however many the plan has.
const CAUSES: usize = 3;
/// So many causes are kept of a plan: all of them, but where thousands of objects follow from thousands.
const ALL_CAUSES: usize = 100_000;

/// Returns the resources, as declared, that are created before they are destroyed: those that say so, and everything
/// they depend on with whose wish it was.
#[must_use]
pub fn created_first(
    config: &Config,
    graph: &DependencyGraph,
) -> BTreeMap<ResourceAddr, Option<ResourceAddr>> {
    let mut found: BTreeMap<ResourceAddr, Option<ResourceAddr>> = BTreeMap::new();
    for (addr, resource) in config.all_resources() {
        if !resource.lifecycle.create_before_destroy.as_ref().is_some_and(|flag| flag.value) {
            continue;
        }
        for node in graph.closure([&Node::resource(&addr)]) {
            if let Some(other) = node.resource_addr()
                && other.mode == Mode::Managed
                && other != addr
            {
                found.entry(other).or_insert_with(|| Some(addr.clone()));
            }
        }
        found.insert(addr, None);
    }
    found
}

impl Planner<'_> {
    /// Works out which resources are created before they are destroyed: those that say so, and everything
    /// they depend on. Remembers whose wish it was.
    pub(super) fn find_create_first(&mut self) {
        self.create_first = created_first(self.input.config, self.input.graph);
    }

    /// The resources, as declared, that triggers and conditions refer to, also through locals: they come first as
    /// well.
    pub(super) fn behind_lifecycle(&self, of: &ResourceAddr, resource: &Resource) -> BTreeSet<ResourceAddr> {
        let lifecycle = &resource.lifecycle;
        let conditions = lifecycle.preconditions.iter().chain(&lifecycle.postconditions);
        let exprs = conditions.flat_map(|condition| [&condition.condition, &condition.message]);
        let path = of.module.path();
        let mut behind = BTreeSet::new();
        for expr in exprs.chain(lifecycle.replace_triggered_by.iter().map(|trigger| &trigger.expr)) {
            references(expr, &mut |reference| {
                let Some(node) = node_of(&path, &reference) else { return };
                match node.resource_addr() {
                    Some(other) => {
                        behind.insert(other);
                    }
                    None => behind.extend(self.input.graph.resources_behind(&node)),
                }
            });
        }
        behind.remove(&of.declared());
        behind
    }

    /// A replacement cannot be created beside the old object if both would have the same identity.
    pub(super) fn refuse_same_identity(&mut self, resource: &Resource, key: &ObjectKey, draft: &Draft) {
        if draft.action != Action::Replace(ReplaceOrder::CreateFirst) || draft.schema.has_server_id() {
            return;
        }
        let (Some(before), Some(after)) = (&draft.before, &draft.after) else { return };
        let (Some(old), Some(new)) =
            (scope::identity(&draft.schema, before), scope::identity(&draft.schema, after))
        else {
            return;
        };
        if old != new {
            return;
        }
        let forced = self.create_first.get(&key.addr.resource.declared()).cloned().flatten();
        let mut found = Diagnostic::error(
            Code::CannotReplace,
            format!("`{}` cannot be created before it is destroyed: both would be `{old}`", key.addr),
        )
        .at(resource.header, "to be replaced")
        .about(key.addr.clone());
        if let Some(forced) = &forced {
            found = found.detail(format!(
                "`{forced}` has `create_before_destroy`, which holds for everything it depends on."
            ));
        }
        if let Some(path) = draft.replace_paths.first() {
            found = found.value(path.to_string(), "forces the replacement");
        }
        self.diagnostics
            .push(found.hint("remove `create_before_destroy`, or change the name together with the rest"));
    }

    /// The parts of a replaced object are gone with it, or must go before it: they are made anew too.
    fn parent_is_replaced(&self, schema: &ResourceSchema, before: Option<&Value>) -> Option<Cause> {
        let parent = schema.parent.as_ref()?;
        let by = before?.get(&parent.by)?.as_str()?;
        let (key, _) = self.drafts.iter().find(|(key, draft)| {
            key.deposed.is_none()
                && draft.schema.type_name == parent.type_name
                && matches!(draft.action, Action::Replace(_))
                && draft.before.as_ref().and_then(|value| value.get("id")).and_then(Value::as_str) == Some(by)
        })?;
        Some(Cause {
            path: None,
            text: format!("it is a part of {}, which is replaced", key.addr),
            from: Some(key.addr.clone()),
        })
    }

    /// Whether `replace_triggered_by` asks for a replacement; notes what triggered it.
    pub(super) fn triggered(&mut self, resource: &Resource, key: &ObjectKey, draft: &mut Draft) -> bool {
        let of_parent = self.parent_is_replaced(&draft.schema, draft.before.as_ref());
        let mut fired = of_parent.is_some();
        let causes = &mut draft.causes;
        causes.extend(of_parent);
        for trigger in &resource.lifecycle.replace_triggered_by {
            let Some((addr, instance, path)) = self.trigger_target(&trigger.expr, &key.addr) else {
                continue;
            };
            let hit = self
                .drafts
                .iter()
                .filter(|(other, _)| other.deposed.is_none() && other.addr.resource == addr)
                .filter(|(other, _)| instance.as_ref().is_none_or(|key| other.addr.key.as_ref() == Some(key)))
                .find(|(_, draft)| match (&path, draft.action) {
                    (None, Action::Update | Action::Replace(_)) => true,
                    (Some(path), Action::Update | Action::Replace(_)) => attribute_changes(draft, path),
                    _ => false,
                });
            if let Some((other, draft)) = hit {
                fired = true;
                causes.push(Cause {
                    path: None,
                    text: format!("`replace_triggered_by`: {} {}", other.addr, verb(draft.action)),
                    from: Some(other.addr.clone()),
                });
            }
        }
        fired
    }

    /// Takes a trigger apart: the resource, the instance key if there is one, the attribute if there is one.
    fn trigger_target(
        &self,
        expr: &Expr,
        addr: &InstanceAddr,
    ) -> Option<(ResourceAddr, Option<InstanceKey>, Option<ValuePath>)> {
        let mut steps: Vec<TriggerStep<'_>> = Vec::new();
        let mut at = expr;
        let root = loop {
            match &at.kind {
                ExprKind::GetAttr(access) => {
                    steps.push(TriggerStep::Attr(&access.name.value));
                    at = &access.of;
                }
                ExprKind::Index(index) => {
                    steps.push(TriggerStep::Key(&index.key));
                    at = &index.of;
                }
                ExprKind::Parens(inner) | ExprKind::TemplateWrap(inner) => at = inner,
                ExprKind::Variable(name) => break Arc::clone(name),
                _ => return None,
            }
        };
        steps.reverse();
        let mut steps = steps.into_iter().peekable();
        let TriggerStep::Attr(name) = steps.next()? else { return None };
        let id = ResourceId { mode: Mode::Managed, kind: root, name: Arc::clone(name) };
        let mut instance = None;
        if let Some(TriggerStep::Key(key)) = steps.peek() {
            instance = self.instance_key(key, addr);
            steps.next();
        }
        let path: Vec<Step> = steps
            .map_while(|step| match step {
                TriggerStep::Attr(name) => Some(Step::Attr(Arc::clone(name))),
                TriggerStep::Key(key) => self.instance_key(key, addr).map(|key| match key {
                    InstanceKey::Int(index) => Step::Index(index),
                    InstanceKey::Str(key) => Step::Key(key),
                }),
            })
            .collect();
        let of = id.within(&addr.resource.module);
        Some((of, instance, Some(ValuePath(path)).filter(|path| !path.0.is_empty())))
    }

    fn instance_key(&self, expr: &Expr, addr: &InstanceAddr) -> Option<InstanceKey> {
        let each = match &addr.key {
            None => Each::None,
            Some(InstanceKey::Int(index)) => Each::Index(*index),
            Some(InstanceKey::Str(key)) => Each::Pair(Arc::clone(key), Value::null()),
        };
        let view = View::instance(&self.world, &addr.resource.module, each);
        let value = eval::evaluate(expr, &view).ok()?;
        match value.data() {
            Data::Number(number) => {
                number.to_i64().and_then(|index| u64::try_from(index).ok()).map(InstanceKey::Int)
            }
            Data::String(text) => Some(InstanceKey::Str(Arc::clone(text))),
            _ => None,
        }
    }

    /// Notes which changes of other objects reach this one.
    pub(super) fn find_causes(&mut self, arguments: &Arguments, draft: &mut Draft) {
        let roots: BTreeSet<&Arc<str>> = draft
            .changed
            .iter()
            .filter_map(|path| match path.0.first() {
                Some(Step::Attr(name)) => Some(name),
                _ => None,
            })
            .collect();
        let mut causes = Vec::new();
        for name in roots {
            let Some(touched) = arguments.touched.get(name) else { continue };
            let singles = touched.instances.iter();
            let wholes = touched.whole.iter().flat_map(|addr| {
                let of_it = self.drafts.keys().filter(move |key| key.addr.resource == *addr);
                of_it.map(|key| &key.addr).filter(|addr| !touched.instances.contains(addr))
            });
            for addr in singles.chain(wholes) {
                let key = ObjectKey { addr: addr.clone(), deposed: None };
                let Some(other) = self.drafts.get(&key).filter(|other| other.action != Action::NoOp) else {
                    continue;
                };
                if causes.len() >= CAUSES && self.causes + causes.len() >= ALL_CAUSES {
                    draft.more_causes += 1;
                    continue;
                }
                causes.push(Cause {
                    path: Some(ValuePath::attr(Arc::clone(name))),
                    text: format!("{addr} {}", verb(other.action)),
                    from: Some(addr.clone()),
                });
            }
        }
        self.causes += causes.len();
        draft.causes.extend(causes);
    }
}

enum TriggerStep<'e> {
    Attr(&'e Arc<str>),
    Key(&'e Expr),
}

/// Whether an attribute of a draft, or a part of it, will have another value.
fn attribute_changes(draft: &Draft, path: &ValuePath) -> bool {
    match (part(draft.before.as_ref(), path), part(draft.after.as_ref(), path)) {
        (Some(before), Some(after)) => !after.is_wholly_known() || !before.same_as(&after),
        (None, None) => false,
        _ => true,
    }
}

/// The part of a value at a path; unknown if something on the way is.
fn part(value: Option<&Value>, path: &ValuePath) -> Option<Value> {
    let mut at = value?.clone().unmark_deep().0;
    for step in &path.0 {
        if !at.is_known() {
            break;
        }
        at = match step {
            Step::Attr(name) | Step::Key(name) => at.get(name)?.clone(),
            Step::Index(index) => at.elements()?.get(usize::try_from(*index).ok()?)?.clone(),
        };
    }
    Some(at)
}

/// What happens to an object, as part of a sentence.
pub(super) fn verb(action: Action) -> &'static str {
    match action {
        Action::NoOp => "stays",
        Action::Create => "is created",
        Action::Read => "is read",
        Action::Update => "is updated",
        Action::Replace(_) => "is replaced",
        Action::Delete => "is deleted",
        Action::Forget => "is forgotten",
        Action::Invoke => "is run",
    }
}

/// The text of a reference for messages.
pub(super) fn shown(reference: &crate::syntax::ast::Reference) -> String {
    let mut text = reference.root.value.to_string();
    for step in &reference.steps {
        match &step.value {
            RefStep::Attr(name) => {
                text.push('.');
                text.push_str(name);
            }
            RefStep::Key(key) => text.push_str(&InstanceKey::Str(Arc::clone(key)).to_string()),
            RefStep::Index(index) => text.push_str(&InstanceKey::Int(*index).to_string()),
            RefStep::Dynamic => break,
        }
    }
    text
}
