//! `refresh`

use std::io;

use queueform::plan::PlanMode;

use crate::args::ConsentArgs;
use crate::args::RefreshArgs;
use crate::exit::Exit;
use crate::session::Session;

use super::apply;

/// Takes over into the state what was found.
pub(crate) fn run(session: &Session<'_>, args: &RefreshArgs) -> io::Result<Exit> {
    let consent = ConsentArgs { auto_approve: true, detailed_exitcode: false, json: args.json, reason: None };
    apply::new(session, &args.planning, &consent, Some(PlanMode::RefreshOnly), None)
}
