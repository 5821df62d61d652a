//! `providers`

use std::io;
use std::path::Path;

use queueform::diag::Code;
use queueform::diag::Diagnostic;
use queueform::diag::did_you_mean;
use queueform::ops::plan::now;
use queueform::ops::providers;
use queueform::ops::schema;
use queueform::render::provider_schemas;
use queueform::render::providers as draw;

use crate::args::ProvidersArgs;
use crate::args::ProvidersCommand;
use crate::args::ProvidersSchemaArgs;
use crate::exit::Exit;
use crate::project;
use crate::session::Session;
use crate::teller::Teller;

/// Tells which blocks need which provider, and how each is configured.
pub(crate) fn run(session: &Session<'_>, args: &ProvidersArgs) -> io::Result<Exit> {
    if let Some(ProvidersCommand::Schema(args)) = &args.command {
        return schemas(session, args);
    }
    let teller = Teller::new(session, false)?;
    let Some(project) = project::open(session, &teller, &args.variables, None)? else {
        return Ok(Exit::Error);
    };
    let overview = match providers::overview(&project, &now()) {
        Ok(overview) => overview,
        Err(found) => return teller.failed(&project, &found),
    };
    if args.json {
        session.print(&format!("{:#}\n", draw::json(&overview)))?;
    } else {
        let mut text = String::new();
        draw::text(&mut text, &overview).map_err(io::Error::other)?;
        session.print(&text)?;
    }
    Ok(Exit::Success)
}

/// Prints schemas in the format of Terraform.
fn schemas(session: &Session<'_>, args: &ProvidersSchemaArgs) -> io::Result<Exit> {
    let registry = schema::known(Path::new("."));
    let known: Vec<&str> = registry.provider_names().map(|name| &**name).collect();
    let wanted = match &args.provider {
        Some(name) if !known.contains(&name.as_str()) => {
            let found = Diagnostic::error(Code::UnknownProvider, format!("there is no provider `{name}`"));
            let near = did_you_mean(name, known.iter().copied());
            let all = format!("there are {}", known.join(", "));
            session.report_one(found.hint(near.unwrap_or(all)))?;
            return Ok(Exit::Error);
        }
        Some(name) => vec![name.as_str()],
        None => known,
    };
    session.print(&format!("{}\n", provider_schemas::json(&registry, wanted.into_iter())))?;
    Ok(Exit::Success)
}
