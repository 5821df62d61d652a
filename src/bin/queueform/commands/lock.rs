//! `lock show` and `force-unlock`

use std::io;

use queueform::diag::Code;
use queueform::diag::Diagnostic;
use queueform::ops::lock;
use queueform::ops::lock::Claim;
use queueform::ops::place::Place;
use queueform::source::SourceMap;

use crate::args::ForceUnlockArgs;
use crate::args::LockCommand;
use crate::args::LockShowArgs;
use crate::consent;
use crate::exit::Exit;
use crate::project;
use crate::session::Session;

use super::state::with_place;

/// Runs one of the commands about the lock.
pub(crate) fn run(session: &Session<'_>, command: &LockCommand) -> io::Result<Exit> {
    match command {
        LockCommand::Show(args) => show(session, args),
    }
}

/// Shows who holds the lock.
fn show(session: &Session<'_>, args: &LockShowArgs) -> io::Result<Exit> {
    with_place(session, |place| {
        let holder = lock::show(place)?;
        if args.json {
            let document = serde_json::json!({ "locked": holder.is_some(), "holder": holder });
            return Ok(format!("{document:#}\n"));
        }
        Ok(match holder {
            Some(holder) if place.backend().kind() == "local" => {
                format!("The state is locked by {holder}.\nThe lock ends with that process.\n")
            }
            Some(holder) => format!(
                "The state is locked by {holder}.\nIf that run has died and the lock does not go: queueform force-unlock {}\n",
                holder.id
            ),
            None if place.backend().shows_others() => "Nobody holds the lock.\n".to_owned(),
            None => "No run of Queueform holds the lock. Of other programs the service tells only those who lock.\n"
                .to_owned(),
        })
    })
}

/// Takes the lock away, if somebody agrees to it.
pub(crate) fn force_unlock(session: &Session<'_>, args: &ForceUnlockArgs) -> io::Result<Exit> {
    let Some(place) = project::place(session)? else { return Ok(Exit::Error) };
    let failed = |found: Diagnostic| {
        session.report(&found.into(), &SourceMap::new())?;
        Ok(Exit::Error)
    };
    let claim = match lock::claim(&place, &args.id) {
        Ok(claim) => claim,
        Err(found) => return failed(found),
    };
    if !args.force {
        if !session.may_ask() {
            return failed(refusal(&claim));
        }
        if !consent::confirmed(session, &question(&claim))? {
            session.say("Not confirmed; the lock stays.\n")?;
            return Ok(Exit::Error);
        }
    }
    if let Err(found) = lock::take_away(&place, &claim) {
        return failed(found);
    }
    session.print(&taken(&place, &claim))?;
    Ok(Exit::Success)
}

/// Who holds a lock, for people.
fn whose(claim: &Claim) -> String {
    match &claim.holder {
        Some(holder) => holder.to_string(),
        None => format!("somebody whom the service does not name, under `{}`", claim.id),
    }
}

/// Why nothing is done without a word of consent.
fn refusal(claim: &Claim) -> Diagnostic {
    if let (true, Some(holder)) = (claim.is_alive, &claim.holder) {
        return Diagnostic::error(Code::StateLocked, "the run that holds the lock is alive")
            .detail(format!("It is {holder}."))
            .hint(format!("stop it (`kill {}`): the lock ends with its process", holder.pid))
            .hint("with `--force` it loses the right to write, wherever it is just now");
    }
    Diagnostic::error(Code::Usage, "nobody is there to confirm that the lock is taken away")
        .detail(format!("It is held by {}.", whose(claim)))
        .hint("make sure that nothing of it goes on, then use `--force`")
}

fn question(claim: &Claim) -> String {
    let state = if claim.is_alive {
        "That run is alive. It loses the right to write, wherever it is just now."
    } else if claim.is_ours {
        "If that run still goes on, it can write nothing more. What it did is in its journal, and the next run takes it up."
    } else {
        "That is not a run of Queueform: if it still goes on, two programs change this state at once."
    };
    format!("The state is locked by {}.\n{state}\nTake the lock away?", whose(claim))
}

fn taken(place: &Place, claim: &Claim) -> String {
    let then = if claim.is_ours {
        match place.backend().kind() {
            "http" => "It can write nothing more, unless the service takes writes without the lock.",
            "s3" => "What it still writes counts for nobody, and it notices at its next sign of life.",
            _ => "It can write nothing more.",
        }
    } else {
        "If that program still goes on, it may write: make sure that it has ended."
    };
    format!("The lock was taken from {}.\n{then}\n", whose(claim))
}
