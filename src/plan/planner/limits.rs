//! How much one plan may delete.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::syntax::ast::Name;

use super::super::Action;
use super::super::PlanMode;
use super::Planner;

impl Planner<'_> {
    /// Compares deletions and replacements with the limits of the configuration.
    pub(super) fn check_limits(&mut self) {
        if self.options.mode == PlanMode::Destroy {
            // Destroying everything is its own consent to the number.
            return;
        }
        let limits = &self.input.config.root.settings.limits;
        if limits.deletes.is_none() && limits.delete_percent.is_none() {
            return;
        }
        let mut per_type: BTreeMap<Name, (u64, u64)> = BTreeMap::new();
        for (key, draft) in &self.drafts {
            if draft.before.is_none() || key.deposed.is_some() {
                continue;
            }
            let counts = per_type.entry(Arc::clone(&draft.schema.type_name)).or_default();
            counts.1 += 1;
            if matches!(draft.action, Action::Delete | Action::Replace(_)) {
                counts.0 += 1;
            }
        }
        for (kind, (gone, all)) in per_type {
            if gone == 0 || self.options.allow_deletes.is_some_and(|allowed| gone <= allowed) {
                continue;
            }
            let percent = gone * 100 / all.max(1);
            let over_number = limits.deletes.as_ref().filter(|limit| gone > limit.value);
            let over_share = limits.delete_percent.as_ref().filter(|limit| gone * 100 > limit.value * all);
            let (Some(limit), text) = (match (over_number, over_share) {
                (Some(limit), _) => (
                    Some(limit),
                    format!("{gone} objects of type `{kind}` would be deleted, the limit is {}", limit.value),
                ),
                (None, Some(limit)) => (
                    Some(limit),
                    format!(
                        "{percent} % of the objects of type `{kind}` would be deleted ({gone} of {all}), the limit is {} %",
                        limit.value
                    ),
                ),
                (None, None) => (None, String::new()),
            }) else {
                continue;
            };
            self.denied = true;
            self.diagnostics.push(
                Diagnostic::error(Code::DeletionLimit, text).at(limit.span, "the limit").hint(format!(
                    "if that is what you want, plan with `--allow-deletes={gone}`, or raise the limit"
                )),
            );
        }
    }
}
