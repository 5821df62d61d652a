//! `state list|show|resolve|unprotect` and `lock show`

use std::io;

use queueform::diag::Diagnostics;
use queueform::ops::Stop;
use queueform::ops::place::Place;
use queueform::ops::state;
use queueform::ops::state::Resolution;
use queueform::ops::state::Selection;
use queueform::render::json::object_json;
use queueform::render::state as view;
use queueform::schema::Registry;

use crate::args::StateCommand;
use crate::args::StateListArgs;
use crate::args::StateResolveArgs;
use crate::args::StateShowArgs;
use crate::args::StateUnprotectArgs;
use crate::exit::Exit;
use crate::project;
use crate::session::Session;

use super::state_changes;
use super::state_log;
use super::state_moves;

/// Lists addresses.
pub(crate) fn list(session: &Session<'_>, args: &StateListArgs) -> io::Result<Exit> {
    with_place(session, |place| {
        let state = place.view()?.recovered.state;
        let objects = state::list(&state, &args.addresses, args.id.as_deref())?;
        Ok(objects.iter().map(|listed| format!("{}\n", listed.target)).collect())
    })
}

/// Shows objects, with their deposed ones.
pub(crate) fn show(session: &Session<'_>, args: &StateShowArgs) -> io::Result<Exit> {
    objects(session, &args.address, args.json)
}

/// Shows the objects of a selection.
pub(super) fn objects(session: &Session<'_>, of: &Selection, json: bool) -> io::Result<Exit> {
    with_place(session, |place| {
        let state = place.view()?.recovered.state;
        let registry = Registry::embedded();
        let found = state::select(&state, std::slice::from_ref(of))?;
        if json {
            let objects: Vec<_> = found
                .into_iter()
                .filter_map(|(target, instance, object)| object_json(&target, instance, object, &registry))
                .collect();
            let document = serde_json::json!({ "format_version": "1.0", "resources": objects });
            return Ok(format!("{document:#}\n"));
        }
        let drawn = found.into_iter().map(|(target, instance, object)| {
            view::object(&target, instance, object, &registry, session.look())
        });
        Ok(drawn.collect::<Vec<_>>().join("\n"))
    })
}

/// Settles a doubt.
pub(crate) fn resolve(session: &Session<'_>, args: &StateResolveArgs) -> io::Result<Exit> {
    let resolution = match &args.adopt {
        Some(id) => Resolution::Adopt(id.clone()),
        None => Resolution::Absent,
    };
    with_place(session, |place| {
        state::resolve(place, &Registry::embedded(), &args.address, &resolution, &Stop::never())?;
        Ok(format!("{}: settled. `queueform plan` shows what follows from it.\n", args.address))
    })
}

/// Lifts a protection.
pub(crate) fn unprotect(session: &Session<'_>, args: &StateUnprotectArgs) -> io::Result<Exit> {
    with_place(session, |place| {
        let lifted = state::unprotect(place, &args.address, &Stop::never())?;
        let text = if lifted { "no longer protected" } else { "was not protected" };
        Ok(format!("{}: {text}.\n", args.address))
    })
}

/// Runs one of the commands about the state.
pub(super) fn run(session: &Session<'_>, command: &StateCommand) -> io::Result<Exit> {
    match command {
        StateCommand::List(args) => list(session, args),
        StateCommand::Show(args) => show(session, args),
        StateCommand::Mv(args) => state_moves::relocate(session, args),
        StateCommand::Rm(args) => state_changes::remove(session, args),
        StateCommand::ReplaceProvider(args) => state_moves::replace_provider(session, args),
        StateCommand::Log(args) => state_log::log(session, args),
        StateCommand::Pull(args) => state_changes::pull(session, args),
        StateCommand::Reencrypt => state_changes::reencrypt(session),
        StateCommand::Push(args) => state_changes::push(session, args),
        StateCommand::Resolve(args) => resolve(session, args),
        StateCommand::Unprotect(args) => unprotect(session, args),
    }
}

/// Does something with the state and prints what it says.
pub(super) fn with_place(
    session: &Session<'_>,
    work: impl FnOnce(&Place) -> Result<String, Diagnostics>,
) -> io::Result<Exit> {
    let Some(place) = project::place(session)? else { return Ok(Exit::Error) };
    match work(&place) {
        Ok(text) => {
            session.print(&text)?;
            Ok(Exit::Success)
        }
        Err(found) => {
            session.report(&found, &queueform::source::SourceMap::new())?;
            Ok(Exit::Error)
        }
    }
}
