//! The end of a file of tests: everything that its runs made is destroyed.

use std::sync::Arc;

use crate::addr::Mode;
use crate::addr::Target;
use crate::config::Module;
use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::plan::PlanOptions;
use crate::plan::PlanStatus;
use crate::render::events::denials;
use crate::state::State;
use crate::testing::FileReport;
use crate::testing::Leftover;
use crate::testing::RunStatus;
use crate::testing::Texts;

use super::super::apply;
use super::super::apply::ApplyOutcome;
use super::super::apply::ApplyPorts;
use super::super::apply::ApplyRequest;
use super::super::project::Project;
use super::super::state;
use super::Stops;
use super::course::Course;

impl Course<'_> {
    /// Destroys the objects of all states, those of the last run first.
    pub(super) async fn tear_down(&mut self, stops: Stops<'_>, report: &mut FileReport) {
        let mut states: Vec<(Arc<str>, usize, Project)> = std::mem::take(&mut self.last)
            .into_iter()
            .map(|(key, (at, project))| (key, at, project))
            .collect();
        states.sort_by_key(|(_, at, _)| std::cmp::Reverse(*at));
        for (key, _, mut project) in states {
            let mut found = Diagnostics::new();
            if let Err(failed) = destroy(&mut project, stops).await {
                found.extend(failed);
            }
            let left = match project.place.view() {
                Ok(view) => leftovers(&view.recovered.state),
                Err(failed) => {
                    found.push(failed);
                    Vec::new()
                }
            };
            let kept = self.suite.options.real.then(|| self.state_of(&key).display().to_string());
            if !left.is_empty() {
                found.push(listed(&left, kept.as_deref()));
            }
            report.leftovers.extend(left.into_iter().map(|left| Leftover { state: kept.clone(), ..left }));
            if found.has_errors() {
                report.status = RunStatus::Error;
                let sources = Arc::new(project.sources.clone());
                report.cleanup.push((found, Texts { sources, registry: Arc::clone(&project.registry) }));
            }
        }
    }
}

/// Destroys everything in the state of a project.
async fn destroy(project: &mut Project, stops: Stops<'_>) -> Result<(), Diagnostics> {
    let state = project.place.view()?.recovered.state;
    if state.resources.is_empty() {
        return Ok(());
    }
    // What a test made is its own: neither protection nor what would be lost holds it back.
    state::unprotect_all(&project.place, "queueform test", stops.abort)?;
    unprotect(&mut project.config.root);
    project.config.modules.values_mut().for_each(unprotect);
    let allow = state.resources.keys().map(|addr| (Target::Instance(addr.clone()), u64::MAX)).collect();
    let options =
        PlanOptions { allow_data_loss: allow, allow_deletes: Some(u64::MAX), ..PlanOptions::destroy() };
    let request = ApplyRequest { options, expect: None, command: "queueform test".to_owned() };
    let ports =
        ApplyPorts { approve: &mut |_| true, events: &mut |_| {}, stop: stops.abort, abort: stops.abort };
    match apply::apply(project, &request, ports).await? {
        ApplyOutcome::Refused(planned) => {
            let mut found = planned.plan.diagnostics.clone();
            if planned.plan.status == PlanStatus::Denied {
                found.extend(denials(&planned.plan));
            }
            Err(found)
        }
        ApplyOutcome::Applied(_, applied) if applied.diagnostics.has_errors() => Err(applied.diagnostics),
        ApplyOutcome::Unchanged(_) | ApplyOutcome::Declined(_) | ApplyOutcome::Applied(..) => Ok(()),
    }
}

fn unprotect(module: &mut Module) {
    for resource in module.resources.values_mut() {
        resource.lifecycle.prevent_destroy = None;
    }
}

/// Returns the objects of a state that exist somewhere.
fn leftovers(state: &State) -> Vec<Leftover> {
    let objects = state.objects().filter(|(target, _, _)| target.addr.resource.mode == Mode::Managed);
    objects
        .map(|(target, _, object)| Leftover {
            id: object.attributes.text("id"),
            addr: target.addr,
            deposed: target.deposed.map(|key| key.to_string().into()),
            state: None,
        })
        .collect()
}

fn listed(left: &[Leftover], kept: Option<&str>) -> Diagnostic {
    let lines: Vec<String> = left
        .iter()
        .map(|left| {
            let id = left.id.as_deref().map(|id| format!(" [id={id}]")).unwrap_or_default();
            let deposed =
                left.deposed.as_deref().map(|key| format!(" (deposed object {key})")).unwrap_or_default();
            format!("{}{deposed}{id}", left.addr)
        })
        .collect();
    let count = match left.len() {
        1 => "1 object that the tests made was".to_owned(),
        more => format!("{more} objects that the tests made were"),
    };
    let found =
        Diagnostic::error(Code::TestLeftovers, format!("{count} not destroyed")).detail(lines.join("\n"));
    match kept {
        Some(path) => found.hint(format!("destroy them by hand; their state is kept in `{path}`")),
        None => found
            .hint("they were in the emulator, which is gone with them; look at why they cannot be destroyed"),
    }
}
