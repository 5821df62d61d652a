//! Asking whether a plan is to be carried out.

use std::io;
use std::io::BufRead as _;
use std::sync::mpsc;
use std::sync::mpsc::RecvTimeoutError;
use std::time::Duration;

use queueform::ops::Stop;
use queueform::ops::plan::Planned;
use queueform::plan::PlanMode;

use crate::args::ConsentArgs;
use crate::session::Session;

/// How often a wait for an answer looks at the signal to stop.
const LOOK: Duration = Duration::from_millis(50);

/// Asks for approval. A plan that deletes everything is approved by the name of what it is deleted from, so
/// that nobody destroys the wrong place out of habit.
/// A request to stop is no consent.
pub(crate) fn given(session: &Session<'_>, planned: &Planned, consent: &ConsentArgs, stop: &Stop) -> bool {
    // Who cannot be asked has not agreed.
    consent.auto_approve || asked(session, planned, stop).unwrap_or(false)
}

/// Asks a question that only `yes` agrees to.
pub(crate) fn confirmed(session: &Session<'_>, question: &str) -> io::Result<bool> {
    session.say(&format!("{question} Only `yes` is taken as consent.\n  Enter a value: "))?;
    let answer = line_or_stop(&Stop::never())?;
    session.say("\n")?;
    Ok(answer.is_some_and(|line| line.trim() == "yes"))
}

fn asked(session: &Session<'_>, planned: &Planned, stop: &Stop) -> io::Result<bool> {
    let wanted = match planned.plan.mode {
        PlanMode::Destroy => target_name(planned).unwrap_or_else(|| "yes".to_owned()),
        PlanMode::Normal | PlanMode::RefreshOnly => "yes".to_owned(),
    };
    let question = match planned.plan.mode {
        PlanMode::Destroy => "\nEverything above is deleted, for good.",
        PlanMode::Normal | PlanMode::RefreshOnly => "\nDo this?",
    };
    session.say(&format!("{question} Only `{wanted}` is taken as consent.\n  Enter a value: "))?;
    let answer = line_or_stop(stop)?;
    session.say("\n")?;
    Ok(answer.is_some_and(|line| line.trim() == wanted))
}

/// Reads a line from standard input; none if the run is asked to stop before.
fn line_or_stop(stop: &Stop) -> io::Result<Option<String>> {
    let (sender, receiver) = mpsc::channel();
    // Nothing can break off a read: its thread is left behind, and ends with the process.
    std::thread::spawn(move || {
        let mut line = String::new();
        let read = io::stdin().lock().read_line(&mut line);
        sender.send(read.map(|_bytes| line)).ok();
    });
    loop {
        match receiver.recv_timeout(LOOK) {
            Ok(line) => return line.map(Some),
            Err(RecvTimeoutError::Timeout) if !stop.is_stopped() => {}
            Err(_) => return Ok(None),
        }
    }
}

/// Returns the most telling part of the target: the project, otherwise the last part that is named.
fn target_name(planned: &Planned) -> Option<String> {
    let pins = planned.plan.targets.values().flat_map(|target| &target.pin);
    let named: Vec<&(String, String)> =
        pins.filter(|(name, value)| name != "endpoint" && !value.is_empty()).collect();
    let project = named.iter().find(|(name, _)| name.starts_with("project"));
    project.or(named.last()).map(|(_, value)| value.clone())
}
