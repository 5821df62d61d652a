//! `show`

use std::io;

use queueform::addr::Target;
use queueform::diag::Diagnostics;
use queueform::ops::show;
use queueform::ops::state::Selection;
use queueform::schema::Registry;
use queueform::schema::ResourceKind;
use queueform::source::SourceMap;

use crate::args::Detail;
use crate::args::ShowArgs;
use crate::args::Variables;
use crate::exit::Exit;
use crate::project;
use crate::session::Session;

use super::state;

/// Shows the state, an object of it, or a saved plan.
pub(crate) fn run(session: &Session<'_>, args: &ShowArgs) -> io::Result<Exit> {
    if let Some(path) = &args.file
        && !path.exists()
        && let Some(address) = path.to_str().and_then(|text| text.parse::<Selection>().ok())
        && is_address(&address)
    {
        return state::objects(session, &address, args.json);
    }
    let found = match &args.file {
        Some(path) => show::file(path, &project::options(session, &Variables::default(), None).place()),
        None => match project::place(session)? {
            Some(place) => show::state(&place).map_err(Diagnostics::from),
            None => return Ok(Exit::Error),
        },
    };
    let found = match found {
        Ok(found) => found,
        Err(found) => {
            session.report(&found, &SourceMap::new())?;
            return Ok(Exit::Error);
        }
    };
    let registry = Registry::embedded();
    let text = if args.json {
        format!("{}\n", found.json(&registry))
    } else {
        found.human(&registry, args.detail == Detail::Full, args.calls, session.look())
    };
    if args.json {
        session.print(&text)?
    } else {
        session.print_long(&text)?
    }
    Ok(Exit::Success)
}

/// Whether a text that could be the name of a file too is meant as an address: it names a type that there is.
fn is_address(selection: &Selection) -> bool {
    let resource = match selection {
        Selection::Pattern(_) | Selection::Named(Target::Module(_)) => return true,
        Selection::Named(Target::Resource(resource)) => resource,
        Selection::Named(Target::Instance(instance)) => &instance.resource,
    };
    let kind = ResourceKind::of(resource.mode);
    !resource.module.is_root() || Registry::embedded().resource(kind, &resource.kind).is_some()
}
