//! `state rm|pull|push|reencrypt`, `taint` and `untaint`

use std::io;

use queueform::diag::Code;
use queueform::diag::Diagnostic;
use queueform::ops::Stop;
use queueform::ops::state;

use crate::args::StatePullArgs;
use crate::args::StatePushArgs;
use crate::args::StateRmArgs;
use crate::args::TaintArgs;
use crate::exit::Exit;
use crate::session::Session;

use super::state::with_place;
use super::state_moves::count;
use super::state_moves::read;

/// Forgets objects.
pub(crate) fn remove(session: &Session<'_>, args: &StateRmArgs) -> io::Result<Exit> {
    with_place(session, |place| {
        let removed = state::remove(place, &args.addresses, args.dry_run, &Stop::never())?;
        let (verb, end) = if args.dry_run {
            ("Would forget", "would be forgotten")
        } else {
            ("Forgot", "forgotten and left as they are")
        };
        let mut text: String = removed.iter().map(|target| format!("{verb} {target}\n")).collect();
        text.push_str(&format!("{} {end}.\n", count(removed.len())));
        Ok(text)
    })
}

/// Prints the whole state.
pub(crate) fn pull(session: &Session<'_>, args: &StatePullArgs) -> io::Result<Exit> {
    with_place(session, |place| Ok(state::pull(place, args.show_secrets)?.unwrap_or_default()))
}

/// Writes the state anew with the key of now.
pub(crate) fn reencrypt(session: &Session<'_>) -> io::Result<Exit> {
    with_place(session, |place| {
        let done = state::reencrypt(place, &Stop::never())?;
        let Some(serial) = done.serial else { return Ok("There is no state yet.\n".to_owned()) };
        let how = match done.key {
            Some(key) => format!("encrypted with {key}"),
            None => "not encrypted".to_owned(),
        };
        Ok(format!(
            "The state is {how} now, serial {serial}. The backup and the history are as they were; remove them if nobody is to read them any more.\n"
        ))
    })
}

/// Replaces the whole state.
pub(crate) fn push(session: &Session<'_>, args: &StatePushArgs) -> io::Result<Exit> {
    with_place(session, |place| {
        let bytes = read(&args.file)?;
        let pushed = state::push(place, &bytes, args.force, &Stop::never())?;
        Ok(if pushed.unchanged {
            "The state is this one already.\n".to_owned()
        } else {
            format!("Pushed: {}, serial {}.\n", count(pushed.objects), pushed.serial)
        })
    })
}

/// Marks an object to be replaced, or takes the mark away.
pub(crate) fn taint(session: &Session<'_>, args: &TaintArgs, tainted: bool) -> io::Result<Exit> {
    let addr = &args.address;
    with_place(session, |place| {
        if args.allow_missing && place.view()?.recovered.state.instance(addr).is_none() {
            return Ok(format!("{addr}: there is no such object.\n"));
        }
        let changed = state::taint(place, addr, tainted, &Stop::never())?;
        Ok(match (tainted, changed) {
            (true, true) => format!("{addr}: tainted; the next apply replaces it.\n"),
            (true, false) => format!("{addr}: was tainted already.\n"),
            (false, true) => format!("{addr}: no longer tainted.\n"),
            (false, false) => {
                let found = Diagnostic::error(Code::InvalidTarget, format!("`{addr}` is not tainted"));
                return Err(found.about(addr.clone()).into());
            }
        })
    })
}
