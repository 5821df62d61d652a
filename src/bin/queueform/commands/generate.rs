//! `plan --generate-config-out`

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::sync::Arc;

use queueform::addr::ResourceAddr;
use queueform::adopt::Generated;
use queueform::ops;
use queueform::ops::project::Project;
use queueform::ops::project::ProjectOptions;

use crate::exit::Exit;
use crate::host;
use crate::project;
use crate::session::Session;
use crate::teller::Teller;

/// Blocks that were written before planning.
pub(crate) struct Before {
    /// The texts of the blocks.
    pub(crate) blocks: BTreeMap<ResourceAddr, Arc<str>>,
    /// The project that they were written by: its emulators run as long as it is there.
    project: Project,
}

impl Before {
    /// Returns what the project is opened with to be planned with them. Emulators that run already are used again, and
    /// variables that were asked for are known.
    pub(crate) fn again(&self) -> ProjectOptions {
        ProjectOptions { placeholders: false, ..self.project.again() }
    }
}

/// Writes the blocks that are missing.
pub(crate) fn before_planning(
    session: &Session<'_>,
    teller: &Teller<'_>,
    options: ProjectOptions,
    path: &Path,
) -> io::Result<Result<Before, Exit>> {
    let open = ProjectOptions { placeholders: true, ..options };
    let Some(project) = project::open_with(session, teller, open)? else { return Ok(Err(Exit::Error)) };
    let generated =
        host::interruptible(async |signals| ops::generate::generate(&project, path, &signals.stop).await)?;
    let blocks = match generated {
        Ok(Some(generated)) => {
            teller.generated(&told(&generated, path))?;
            generated.blocks
        }
        Ok(None) => {
            teller.generated("Nothing is generated: every import has its block.")?;
            BTreeMap::new()
        }
        Err(found) => return Ok(Err(teller.failed(&project, &found)?)),
    };
    Ok(Ok(Before { blocks, project }))
}

fn told(generated: &Generated, path: &Path) -> String {
    let count = |number: usize, noun: &str| format!("{number} {noun}{}", if number == 1 { "" } else { "s" });
    let mut text = format!(
        "Wrote {} for {} to {}. Look through it before you apply.",
        count(generated.blocks.len(), "block"),
        count(generated.objects, "object"),
        path.display()
    );
    for note in &generated.notes {
        text.push_str("\nNeeds attention: ");
        text.push_str(note);
        text.push('.');
    }
    text
}
