//! What every part of the view needs: the plan, the schemas, and how it is to look.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use crate::addr::InstanceAddr;
use crate::plan::Action;
use crate::plan::Change;
use crate::plan::Drift;
use crate::plan::Operation;
use crate::plan::StepKind;
use crate::schema::Attribute;
use crate::schema::GuardKind;
use crate::schema::ResourceKind;
use crate::schema::ResourceSchema;
use crate::value::Value;

use super::super::Look;
use super::super::paint::Paint;
use super::super::paint::Tone;
use super::super::value;
use super::PlanView;
use super::layout;

/// Longest value on a line of a folded view.
pub(super) const LONGEST: usize = 120;

/// The page that is drawn.
pub(super) struct Page<'v> {
    pub(super) view: &'v PlanView<'v>,
    pub(super) look: Look,
    pub(super) paint: Paint,
    changes: BTreeMap<&'v InstanceAddr, &'v Change>,
    drift: BTreeMap<&'v InstanceAddr, &'v Drift>,
}

impl<'v> Page<'v> {
    pub(super) fn new(view: &'v PlanView<'v>, look: Look) -> Self {
        let current = view.plan.changes.iter().filter(|change| change.deposed.is_none());
        Self {
            view,
            look,
            paint: Paint::of(look),
            changes: current.map(|change| (&change.addr, change)).collect(),
            drift: view.plan.drift.iter().map(|drift| (&drift.addr, drift)).collect(),
        }
    }

    /// Returns the change of an object.
    pub(super) fn change(&self, addr: &InstanceAddr) -> Option<&'v Change> {
        self.changes.get(addr).copied()
    }

    /// Returns how an object that was found differs from the state.
    pub(super) fn drift(&self, addr: &InstanceAddr) -> Option<&'v Drift> {
        self.drift.get(addr).copied()
    }

    /// Returns the schema of an object.
    pub(super) fn schema(&self, addr: &InstanceAddr) -> Option<Arc<ResourceSchema>> {
        let kind = ResourceKind::of(addr.resource.mode);
        self.view.registry.resource(kind, &addr.resource.kind)
    }

    /// Columns for text that is set in.
    pub(super) fn room(&self, indent: usize) -> usize {
        layout::room(self.look.width, indent)
    }

    pub(super) fn faint(&self, text: &str) -> String {
        self.paint.tone(Tone::Faint, text)
    }

    /// Writes a text that may take several lines, all set in.
    pub(super) fn paragraph(&self, out: &mut dyn fmt::Write, indent: usize, text: &str) -> fmt::Result {
        for line in layout::wrap(text, self.room(indent)) {
            writeln!(out, "{:indent$}{line}", "")?;
        }
        Ok(())
    }

    /// Where a block stands: `main.qf.hcl:13`.
    pub(super) fn place(&self, change: &Change) -> Option<String> {
        let span = change.place?;
        let file = self.view.sources.get(span.source)?;
        Some(format!("{}:{}", file.name(), file.position(span.start).line))
    }

    /// Whether a guard is a condition that is waited for, rather than something that might be found.
    pub(super) fn is_condition(&self, change: &Change, guard: &str) -> bool {
        self.schema(&change.addr).is_some_and(|schema| {
            schema.guards.iter().any(|known| &*known.name == guard && known.kind == GuardKind::Wait)
        })
    }

    /// Whether a part of an update waits for something, now or in a later run.
    pub(super) fn is_in_steps(&self, change: &Change) -> bool {
        !change.held.is_empty() || !self.waits(change).is_empty()
    }

    /// What each call of an update waits for, with the attributes it changes, in order; nothing if none waits.
    pub(super) fn waits(&self, change: &Change) -> Vec<Wait> {
        if change.action != Action::Update {
            return Vec::new();
        }
        let Some(schema) = self.schema(&change.addr) else { return Vec::new() };
        let steps = change.steps.iter().filter_map(|id| {
            let step = self.view.plan.steps.get(usize::try_from(id.0).ok()?)?;
            let StepKind::Call { operation: Operation::Update, index, waits, .. } = &step.kind else {
                return None;
            };
            let step = schema.update.as_ref()?.steps.get(*index)?;
            Some(Wait { attributes: step.on.clone(), until: waits.first().cloned() })
        });
        let steps: Vec<Wait> = steps.collect();
        if steps.iter().any(|step| step.until.is_some()) { steps } else { Vec::new() }
    }
}

/// One call of an update that is made in several steps.
pub(super) struct Wait {
    /// The attributes whose change makes it.
    pub(super) attributes: Vec<Arc<str>>,
    /// What must be so before, in words.
    pub(super) until: Option<String>,
}

impl Wait {
    /// Returns what the change of an attribute waits for: with the last call that it has a part in.
    pub(super) fn of_attribute(waits: &[Self], name: &str) -> Option<String> {
        let last = waits.iter().rev().find(|wait| wait.attributes.iter().any(|known| &**known == name))?;
        Some(last.until.as_ref().map_or_else(|| "now".to_owned(), |until| format!("waits until {until}")))
    }
}

/// Returns a value on one line, with its unit.
pub(super) fn with_unit(value: &Value, attribute: Option<&Attribute>) -> String {
    let text = value::inline(value);
    let unit = attribute.and_then(|attribute| attribute.unit.as_ref());
    match unit.filter(|_| value.as_number().is_some() && !value.marks().is_sensitive()) {
        Some(unit) => format!("{text} {unit}"),
        None => text,
    }
}
