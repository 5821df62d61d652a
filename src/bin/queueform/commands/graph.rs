//! `graph`

use std::io;

use queueform::diag::Code;
use queueform::diag::Diagnostic;
use queueform::ops::graph;
use queueform::ops::graph::GraphKind;
use queueform::render::graph as draw;
use queueform::render::graph::Drawing;
use queueform::source::SourceMap;

use crate::args::GraphArgs;
use crate::args::GraphFormat;
use crate::args::GraphType;
use crate::args::Variables;
use crate::exit::Exit;
use crate::project;
use crate::session::Session;

/// Draws what needs what. A configuration with cycles is drawn, and is an error all the same.
pub(crate) fn run(session: &Session<'_>, args: &GraphArgs) -> io::Result<Exit> {
    let kind = match args.kind {
        None if args.plan.is_some() => GraphKind::Plan,
        None | Some(GraphType::Resources) => GraphKind::Resources,
        Some(GraphType::Config) => GraphKind::Config,
        Some(GraphType::Plan) => GraphKind::Plan,
        Some(GraphType::Steps) => GraphKind::Steps,
    };
    let of_plan = matches!(kind, GraphKind::Plan | GraphKind::Steps);
    match &args.plan {
        Some(path) if of_plan => {
            let options = project::options(session, &Variables::default(), None).place();
            match graph::of_plan(path, &options, kind) {
                Ok(drawing) => print(session, args.format, &drawing).map(|()| Exit::Success),
                Err(found) => {
                    session.report(&found, &SourceMap::new())?;
                    Ok(Exit::Error)
                }
            }
        }
        None if of_plan => {
            let found = Diagnostic::error(Code::Usage, "a graph of a plan needs the plan");
            session.report_one(
                found.hint("write one with `queueform plan --out=FILE` and give it with `--plan=FILE`"),
            )?;
            Ok(Exit::Error)
        }
        Some(_) => {
            let found = Diagnostic::error(Code::Usage, "a saved plan has no graph of this type");
            session.report_one(found.hint("use `--type=plan` or `--type=steps`, or leave out `--plan`"))?;
            Ok(Exit::Error)
        }
        None => {
            let found = graph::of_configuration(&session.load_options(&args.variables), kind);
            session.report(&found.diagnostics, &(&found.sources, &found.registry))?;
            if let Some(drawing) = &found.drawing {
                print(session, args.format, drawing)?;
            }
            Ok(if found.diagnostics.has_errors() { Exit::Error } else { Exit::Success })
        }
    }
}

fn print(session: &Session<'_>, format: GraphFormat, drawing: &Drawing) -> io::Result<()> {
    let mut text = String::new();
    let drawn = match format {
        GraphFormat::Dot => draw::dot(&mut text, drawing),
        GraphFormat::Mermaid => draw::mermaid(&mut text, drawing),
        GraphFormat::Json => {
            text = format!("{:#}\n", draw::json(drawing));
            Ok(())
        }
    };
    drawn.map_err(io::Error::other)?;
    session.print(&text)
}
