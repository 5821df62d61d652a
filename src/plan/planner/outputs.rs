//! Root outputs.

use std::sync::Arc;

use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::eval;
use crate::syntax::ast::Name;
use crate::value::Marks;
use crate::value::Value;

use super::super::Action;
use super::super::OutputChange;
use super::super::PlanMode;
use super::super::scope::View;
use super::Planner;
use super::conditions::check_conditions;

impl Planner<'_> {
    /// Evaluates an output and compares it with the state.
    pub(super) fn plan_output(&mut self, name: &Name) {
        let Some(output) = self.input.config.root.outputs.get(name) else { return };
        if self.options.mode == PlanMode::Destroy {
            return;
        }
        let outcome = {
            let view = View::of(&self.world);
            check_conditions(&output.preconditions, "precondition", &format!("output.{name}"), &view)
        };
        if !self.note_conditions(outcome) {
            return;
        }
        let evaluated = eval::evaluate(&output.value, &View::of(&self.world));
        let value = match evaluated {
            Ok(value) => value,
            Err(found) => {
                self.diagnostics.extend(found);
                return;
            }
        };
        let marks = value.marks_deep();
        if marks.is_sensitive() && !output.sensitive {
            self.diagnostics.push(
                Diagnostic::error(
                    Code::SensitiveValue,
                    format!("output `{name}` would show a sensitive value"),
                )
                .at(output.header, "not declared as sensitive")
                .at(output.value.span, "sensitive")
                .hint("add `sensitive = true` to the output, or take the sensitive part out"),
            );
            return;
        }
        if marks.is_ephemeral() {
            self.diagnostics.push(
                Diagnostic::error(
                    Code::InvalidValue,
                    format!("output `{name}` cannot hold an ephemeral value"),
                )
                .at(output.value.span, "ephemeral")
                .hint("outputs are stored; leave the ephemeral part out"),
            );
            return;
        }
        let after = if output.sensitive { value.mark(Marks::SENSITIVE) } else { value };
        let stored = self.input.state.outputs.get(name);
        let (plain, _marks) = after.clone().unmark_deep();
        let before = stored.map(|stored| match stored.value(name) {
            Ok(value) => value,
            // A sensitive value that is not stored.
            Err(_) => Value::null_of(stored.ty.clone()).mark(Marks::SENSITIVE),
        });
        let same_kind = stored.is_some_and(|stored| stored.sensitive == output.sensitive);
        let unchanged =
            same_kind && plain.is_wholly_known() && stored.is_some_and(|stored| stored.is_value(&plain));
        let action = match (&before, plain.is_null()) {
            (None, true) => Action::NoOp,
            (None, false) => Action::Create,
            (Some(_), _) if unchanged => Action::NoOp,
            (Some(_), _) => Action::Update,
        };
        let before = if unchanged { Some(after.clone()) } else { before };
        self.outputs.insert(
            Arc::clone(name),
            OutputChange { before, after: Some(after), sensitive: output.sensitive, action },
        );
    }

    /// Adds the outputs of the state that the configuration does not have any more.
    pub(super) fn plan_removed_outputs(&mut self) {
        if self.within.is_some() && self.options.mode != PlanMode::Destroy {
            return;
        }
        for (name, stored) in &self.input.state.outputs {
            let declared = self.input.config.root.outputs.contains_key(name);
            if declared && self.options.mode != PlanMode::Destroy {
                continue;
            }
            let before = stored
                .value(name)
                .unwrap_or_else(|_| Value::null_of(stored.ty.clone()).mark(Marks::SENSITIVE));
            self.outputs.insert(
                Arc::clone(name),
                OutputChange {
                    before: Some(before),
                    after: None,
                    sensitive: stored.sensitive,
                    action: Action::Delete,
                },
            );
        }
    }
}
