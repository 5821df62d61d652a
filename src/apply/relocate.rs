//! New addresses for objects that have moved.

use std::collections::BTreeMap;

use crate::diag::Diagnostic;
use crate::plan::Record as Noted;
use crate::plan::StepKind;
use crate::state::journal::Record;

use super::coordinator::Run;

impl Run<'_, '_> {
    /// Gives objects that have moved their new addresses, before anything is looked up under them. What an earlier
    /// run of the same plan has moved already stays where it is.
    pub(super) fn relocate(&mut self) {
        let moved = self
            .plan()
            .changes
            .iter()
            .filter_map(|change| Some((&change.addr, change.previous_addr.as_ref()?)));
        let moved: BTreeMap<_, _> = moved.collect();
        let steps = self.plan().steps.iter().filter(|step| step.kind == StepKind::Record(Noted::Moved));
        let pairs = steps.filter_map(|step| Some((*moved.get(step.addr.as_ref()?)?, step.addr.as_ref()?)));
        let records: Vec<Record> = self.input.ledger.state(|state| {
            pairs
                .filter(|(from, _)| state.instance(from).is_some())
                .map(|(from, to)| Record::Moved { from: from.clone(), to: to.clone() })
                .collect()
        });
        if records.is_empty() {
            return;
        }
        if let Err(error) = self.input.ledger.append(records).wait() {
            self.broken = true;
            self.diagnostics.push(Diagnostic::from(error));
        }
    }
}
