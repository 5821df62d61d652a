//! `modules`

use std::io;

use queueform::config;
use queueform::diag::Diagnostics;
use queueform::render::modules;
use queueform::schema::Registry;
use queueform::source::SourceMap;

use crate::args::ModulesArgs;
use crate::exit::Exit;
use crate::session::Session;

/// Lists the modules of the configuration, and where each comes from.
pub(crate) fn run(session: &Session<'_>, args: &ModulesArgs) -> io::Result<Exit> {
    let (mut registry, mut sources) = (Registry::embedded(), SourceMap::new());
    let mut found = Diagnostics::new();
    let options = session.load_options(&args.variables);
    let loaded = config::load(&options, &mut registry, &mut sources).collect_into(&mut found);
    let found = found.without_plan();
    session.report(&found, &(&sources, &registry))?;
    let Some(loaded) = loaded.filter(|_| !found.has_errors()) else { return Ok(Exit::Error) };
    if args.json {
        session.print(&format!("{:#}\n", modules::json(&loaded.config)))?;
    } else {
        let mut text = String::new();
        modules::text(&mut text, &loaded.config).map_err(io::Error::other)?;
        session.print(&text)?;
    }
    Ok(Exit::Success)
}
