//! Data sources: read while planning if everything they need is known, otherwise during apply. Ephemeral resources are
//! opened in the same way, and are no part of the plan.

use std::sync::Arc;

use crate::addr::InstanceAddr;
use crate::addr::Mode;
use crate::addr::ResourceAddr;
use crate::addr::Step;
use crate::config::Resource;
use crate::diag::Diagnostic;
use crate::value::Value;

use super::super::Action;
use super::super::ActionReason;
use super::super::Answer;
use super::super::PlanMode;
use super::super::Query;
use super::super::expand::expand;
use super::super::mocking::mocked_result;
use super::super::propose;
use super::super::query::ObjectKey;
use super::super::scope::Each;
use super::super::scope::Instances;
use super::super::scope::View;
use super::super::shape::mark_object;
use super::super::shape::object_type;
use super::Planner;
use super::conditions::check_conditions;
use super::draft::Draft;
use super::managed::evaluate_arguments;

impl Planner<'_> {
    /// Plans every instance of a data source or ephemeral resource.
    pub(super) fn plan_data(&mut self, of: &ResourceAddr) {
        let Some(resource) = self.input.config.resource(of) else { return };
        let Some(schema) = self.schema(of.mode, &of.kind) else { return };
        if self.options.mode != PlanMode::Normal && of.mode == Mode::Data {
            // What a data source would say is not needed to delete or to refresh.
            self.world.set_resource(of, Instances::Unknown(object_type(&schema)));
            return;
        }
        let expansion = match expand(&resource.repetition, &self.world, &of.module) {
            Ok(expansion) => expansion,
            Err(found) => {
                let found = self.defer(of, &resource.repetition, resource.header, found);
                self.diagnostics.extend(found.into_iter().flatten());
                self.world.set_resource(of, Instances::Unknown(object_type(&schema)));
                return;
            }
        };
        let around = self.touched_by_calls(&of.module);
        let behind = self.behind(of, resource);
        let mut values = Vec::with_capacity(expansion.each.len());
        for each in expansion.each {
            let Some(provider) = self.provider_of(resource, &of.instance(each.key()), &each) else {
                values.push((each, Value::unknown(object_type(&schema))));
                continue;
            };
            let mocked = self.schema_of(&schema, &of.instance(each.key()), &provider);
            let mut draft = Draft::new(mocked, provider);
            draft.place = Some(resource.header);
            draft.depends_on.clone_from(&behind);
            draft.touched.extend(&expansion.touched);
            draft.touched.extend(&around);
            let value = self.plan_read(resource, &of.instance(each.key()), &each, draft);
            values.push((each, value));
        }
        self.world.set_resource(of, super::visible::instances_of(resource, values));
    }

    fn plan_read(
        &mut self,
        resource: &Resource,
        addr: &InstanceAddr,
        each: &Each,
        mut draft: Draft,
    ) -> Value {
        let schema = Arc::clone(&draft.schema);
        let unknown = Value::unknown(object_type(&schema));
        let outcome = {
            let view = View::instance(&self.world, &addr.resource.module, each.clone());
            check_conditions(&resource.lifecycle.preconditions, "precondition", &addr.to_string(), &view)
        };
        if !self.note_conditions(outcome) {
            return unknown;
        }
        let evaluated = evaluate_arguments(resource, &schema, &|| {
            View::instance(&self.world, &addr.resource.module, each.clone())
        });
        let arguments = match evaluated {
            Ok(arguments) => arguments,
            Err(found) => {
                self.diagnostics.extend(found.into_iter().map(|item| item.about(addr.clone())));
                return unknown;
            }
        };
        for touched in arguments.touched.values() {
            draft.touched.extend(touched);
        }
        let provider = self.provider_value(&draft);
        let planned = propose::create(&schema, &arguments.values, &provider);
        let asked = propose::for_reading(&schema, &arguments.values);
        let mut is_wrong = false;
        for finding in
            crate::schema::scope::offline_checks(&schema, &asked, &arguments.values, None, Some(&provider))
        {
            let place = match finding.path.0.first() {
                Some(Step::Attr(name)) => resource.arguments.get(name),
                _ => None,
            };
            let span = place.map_or(resource.header, |argument| argument.expr.span);
            let found = finding.diagnostic().or_at(span).about(addr.clone());
            is_wrong |= found.is_error();
            self.diagnostics.push(found);
        }
        // What is asked with arguments that cannot be right is not asked at all.
        if is_wrong {
            return unknown;
        }
        let is_ephemeral = addr.resource.mode == Mode::Ephemeral;
        let known = arguments.values.values().all(Value::is_wholly_known);
        let pending = self.depends_on_pending(&draft);
        let key = ObjectKey { addr: addr.clone(), deposed: None };
        if !known || pending {
            draft.action = Action::Read;
            draft.reason = Some(if known {
                ActionReason::ReadBecauseDependencyPending
            } else {
                ActionReason::ReadBecauseConfigUnknown
            });
            // Arguments of ephemeral resources may be ephemeral, too: nothing of them stands in a plan.
            let planned = if is_ephemeral { unknown } else { planned };
            draft.after = Some(planned.clone());
            self.drafts.insert(key, draft);
            return planned;
        }
        let value = if let Some(standin) = self.standin(addr, &draft.provider) {
            match mocked_result(&schema, &planned, standin, addr) {
                Ok(value) => mark_object(&value, &schema),
                Err(found) => {
                    self.diagnostics.extend(found);
                    return unknown;
                }
            }
        } else {
            let provider = draft.provider.clone();
            let query = if is_ephemeral {
                Query::Ephemeral { addr: addr.clone(), provider, arguments: planned }
            } else {
                Query::Data { addr: addr.clone(), provider, arguments: asked }
            };
            match self.answer(query) {
                Some(Answer::Data(value)) => mark_object(value, &schema),
                Some(Answer::Failed(found)) => {
                    let found = found.clone();
                    let place = |item: Diagnostic| item.or_at(resource.header).about(addr.clone());
                    self.diagnostics.extend(found.into_iter().map(place));
                    return unknown;
                }
                _ => return unknown,
            }
        };
        let outcome = {
            let view =
                View::instance(&self.world, &addr.resource.module, each.clone()).with_self(value.clone());
            check_conditions(&resource.lifecycle.postconditions, "postcondition", &addr.to_string(), &view)
        };
        self.note_conditions(outcome);
        if is_ephemeral {
            return value;
        }
        draft.before = Some(value.clone());
        draft.after = Some(value.clone());
        self.drafts.insert(key, draft);
        value
    }

    /// Whether something named in `depends_on` will change.
    fn depends_on_pending(&self, draft: &Draft) -> bool {
        draft.depends_on.iter().any(|declared| {
            self.drafts
                .iter()
                .any(|(key, other)| declared.covers(&key.addr.resource) && other.action != Action::NoOp)
        })
    }
}
