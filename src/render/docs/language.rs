//! The page about the language of schema files, written from the vocabulary.

use std::fmt;
use std::fmt::Write;

use crate::schema::ErrorClass;
use crate::schema::vocabulary;
use crate::schema::vocabulary::BlockType;
use crate::schema::vocabulary::ROOTS;

use super::text;

const INTRODUCTION: &str = "\
# The language of schema files

A provider is data: `schemas/PROVIDER/provider.hcl` says how its API is reached,
`schemas/PROVIDER/TYPE.hcl` declares a resource type, `schemas/PROVIDER/data/TYPE.hcl` a data source,
`schemas/PROVIDER/action/TYPE.hcl` an action. Files are HCL. Those in the program's own `schemas/` are built in;
the argument `schemas` of a `provider` block reads others (`docs/guides/write-a-provider.md`).
The words below are all there are; anything else is an error. `queueform schema check` reports all mistakes of a
file or directory with their places. Why the words are what they are: `docs/design/0002-schema-vocabulary.md`.

Words of the vocabulary and names of things in the same file are written bare (`mode = required`,
`identity = [instance_id, name]`), texts and durations as strings.
";

const EXPRESSIONS: &str = "\
An expression is evaluated as in configurations, with all functions that need no files, over these names. Each keyword
allows some of them.
";

const ABSENT: &str = "\
**Absent values.** In `response`, `items` and `item` a path that is not there makes the whole expression absent, which
is not null: absent keeps the value there was. `try(item.createdAt, item.created_at, self.created_at)` takes the
first path that is there, and keeps the value if none is. Numbers that come as texts, and texts that come as numbers, are converted to the attribute's type.
";

/// Writes the page.
pub fn language(out: &mut dyn Write) -> fmt::Result {
    writeln!(out, "{INTRODUCTION}\nWritten from the vocabulary; do not edit.\n")?;
    writeln!(out, "## Expressions\n\n{EXPRESSIONS}\n| name | |\n|---|---|")?;
    for root in ROOTS {
        writeln!(out, "| `{}` | {} |", root.name, text::cell(root.doc))?;
    }
    writeln!(out, "\n{ABSENT}")?;
    for known in vocabulary::blocks() {
        block(out, known)?;
    }
    writeln!(out, "## Classes of errors\n\n| class | |\n|---|---|")?;
    for class in ErrorClass::ALL {
        writeln!(out, "| `{}` | {} |", class.name(), class.meaning())?;
    }
    Ok(())
}

fn block(out: &mut dyn Write, block: &BlockType) -> fmt::Result {
    let title = match block.label {
        Some(_) => format!("`{} \"…\"`", block.name),
        None => format!("`{}`", block.name),
    };
    writeln!(out, "## {title}\n\n{}\n", block.doc)?;
    if let Some(label) = block.label {
        writeln!(out, "Label: {label}.\n")?;
    }
    if !block.blocks.is_empty() {
        let children: Vec<String> = block
            .blocks
            .iter()
            .map(|child| format!("`{}`{}", child.block.name, if child.many { " (any number)" } else { "" }))
            .collect();
        writeln!(out, "Blocks inside: {}.\n", children.join(", "))?;
    }
    if block.keywords.is_empty() {
        return Ok(());
    }
    writeln!(out, "| keyword | holds | |\n|---|---|---|")?;
    for keyword in block.keywords {
        let mut form = keyword.form.describe();
        let roots = keyword.form.roots();
        if !roots.is_empty() {
            let list: Vec<String> = roots.iter().map(|root| format!("`{root}`")).collect();
            form = format!("{form} over {}", list.join(", "));
        }
        let needed = if keyword.required { " **Required.**" } else { "" };
        writeln!(
            out,
            "| `{}` | {} | {}{needed} |",
            keyword.name,
            text::cell(&form),
            text::cell(keyword.doc)
        )?;
    }
    writeln!(out)
}
