//! `state log`

use std::io;

use queueform::ops::history;
use queueform::render::history as drawn;
use queueform::source::SourceMap;

use crate::args::StateLogArgs;
use crate::exit::Exit;
use crate::session::Session;

use super::state::with_place;

/// Lists the runs of the past, or tells one.
pub(crate) fn log(session: &Session<'_>, args: &StateLogArgs) -> io::Result<Exit> {
    with_place(session, |place| {
        let history = history::read(place)?;
        if history.diagnostics.iter().next().is_some() {
            // What cannot be read is told beside what can be.
            session.report(&history.diagnostics, &SourceMap::new()).ok();
        }
        if let Some(id) = &args.run {
            let run = history.find(id)?;
            return Ok(if args.json {
                format!("{:#}\n", drawn::runs_json(&[run], true))
            } else {
                drawn::detail(run)
            });
        }
        let runs = history.newest(&args.address, args.limit);
        Ok(match (args.json, runs.is_empty()) {
            (true, _) => format!("{:#}\n", drawn::runs_json(&runs, false)),
            (false, true) => "No run is known.\n".to_owned(),
            (false, false) => drawn::list(&runs),
        })
    })
}
