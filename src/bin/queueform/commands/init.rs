//! `init`

use std::io;

use queueform::diag::Code;
use queueform::ops::backends;
use queueform::ops::init::Elsewhere;
use queueform::ops::init::InitRequest;
use queueform::ops::init::Initialised;
use queueform::ops::init::init;
use queueform::ops::modules::InstalledModule;
use queueform::ops::modules::Origin;
use queueform::source::SourceMap;

use crate::args::InitArgs;
use crate::args::LockfileMode;
use crate::exit::Exit;
use crate::host::interruptible;
use crate::project;
use crate::session::Session;
use crate::teller::Teller;

/// Installs modules, prepares a directory and says what is in it.
pub(crate) fn run(session: &Session<'_>, args: &InitArgs) -> io::Result<Exit> {
    let teller = Teller::new(session, args.json)?;
    let options = project::options(session, &args.variables, None);
    let lock_is_fixed = args.lockfile == Some(LockfileMode::Readonly);
    let elsewhere = match (args.migrate_state, args.reconfigure) {
        (true, _) => Elsewhere::Copy { force: args.force_copy },
        (false, true) => Elsewhere::Leave,
        (false, false) => Elsewhere::Refuse,
    };
    let mut backend_arguments = None;
    if !args.backend_config.is_empty() {
        match backends::read_arguments(&options.directory, &args.backend_config) {
            Ok(found) => backend_arguments = Some(found),
            Err((found, sources)) => {
                teller.report(&found, &sources)?;
                return Ok(Exit::Error);
            }
        }
    }
    let upgrade = args.upgrade;
    let result = interruptible(async |signals| {
        init(
            options,
            &InitRequest { upgrade, lock_is_fixed, backend_arguments, elsewhere, stop: signals.stop },
        )
    })?;
    let interrupted = result.diagnostics.iter().any(|found| found.code == Code::Interrupted);
    let failed = result.diagnostics.has_errors();
    match &result.output {
        Some(found) => {
            teller.report(&result.diagnostics, &(&found.project.sources, &*found.project.registry))?
        }
        None => teller.report(&result.diagnostics, &SourceMap::new())?,
    }
    let Some(found) = result.output else { return Ok(Exit::Error) };
    if failed {
        return Ok(if interrupted { Exit::Interrupted } else { Exit::Error });
    }
    for module in &found.installation.modules {
        teller.installed(&module.path.to_string(), &module.source, &module.directory, &told(module))?;
    }
    teller.initialised(&summary(&found))?;
    Ok(Exit::Success)
}

/// How a module came to be where it is, in a few words.
fn told(module: &InstalledModule) -> String {
    let short = |commit: &str| commit.get(..12).unwrap_or(commit).to_owned();
    let commit = short(&module.commit);
    match &module.origin {
        Origin::Kept => format!("at {commit}"),
        Origin::Fetched => format!("installed at {commit}"),
        Origin::Upgraded { from } => format!("upgraded from {} to {commit}", short(from)),
    }
}

fn summary(found: &Initialised) -> String {
    let mut text = String::new();
    if found.installation.lock_changed {
        text.push_str("`.queueform.lock.hcl` was changed: keep it in version control.\n");
    }
    text.push_str(if found.created {
        "The directory is ready.\n"
    } else {
        "The directory was ready already.\n"
    });
    for copied in &found.copied {
        let objects = if copied.objects == 1 { "object" } else { "objects" };
        text.push_str(&format!(
            "Copied the state of workspace `{}`: {} {objects}.",
            copied.workspace, copied.objects
        ));
        if let Some(kept) = &copied.kept {
            text.push_str(&format!(" The old one is kept as `{kept}`."));
        }
        text.push('\n');
    }
    for (name, count) in &found.providers {
        text.push_str(&format!(
            "  provider {name}: {count} {}\n",
            if *count == 1 { "block" } else { "blocks" }
        ));
    }
    text.push_str(&format!("  state: {}\n\nNext:\n", found.state));
    for step in &found.next {
        text.push_str(&format!("  - {step}\n"));
    }
    text
}
