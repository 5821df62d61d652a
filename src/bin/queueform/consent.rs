//! Asking whether a plan is to be carried out.

use std::io;
use std::io::BufRead as _;

use queueform::ops::plan::Planned;
use queueform::plan::PlanMode;

use crate::session::Session;

/// Asks for approval. A plan that deletes everything is approved by the name of what it is deleted from, so
/// that nobody destroys the wrong place out of habit.
pub(crate) fn given(session: &Session<'_>, planned: &Planned) -> io::Result<bool> {
    let wanted = match planned.plan.mode {
        PlanMode::Destroy => target_name(planned).unwrap_or_else(|| "yes".to_owned()),
        PlanMode::Normal | PlanMode::RefreshOnly => "yes".to_owned(),
    };
    let question = match planned.plan.mode {
        PlanMode::Destroy => "\nEverything above is deleted, for good.",
        PlanMode::Normal | PlanMode::RefreshOnly => "\nDo this?",
    };
    session.say(&format!("{question} Only `{wanted}` is taken as consent.\n  Enter a value: "))?;
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line)?;
    session.say("\n")?;
    Ok(line.trim() == wanted)
}

/// Returns the most telling part of the target: the project, otherwise the last part that is named.
fn target_name(planned: &Planned) -> Option<String> {
    let pins = planned.plan.targets.values().flat_map(|target| &target.pin);
    let named: Vec<&(String, String)> =
        pins.filter(|(name, value)| name != "endpoint" && !value.is_empty()).collect();
    let project = named.iter().find(|(name, _)| name.starts_with("project"));
    project.or(named.last()).map(|(_, value)| value.clone())
}
