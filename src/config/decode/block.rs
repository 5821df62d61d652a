//! What all block decoders share: labels, known arguments, known nested blocks.

use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::diag::did_you_mean;
use crate::diag::suggestion;
use crate::source::Span;
use crate::syntax::ast::Attribute;
use crate::syntax::ast::Block;
use crate::syntax::ast::Body;
use crate::syntax::ast::Expr;
use crate::syntax::ast::Ident;

/// Checks the number of labels and that each is an identifier; returns them if they are usable.
pub(super) fn labels<'b>(
    block: &'b Block,
    meaning: &[&str],
    diagnostics: &mut Diagnostics,
) -> Option<&'b [Ident]> {
    if block.labels.len() != meaning.len() {
        let wanted = match meaning {
            [] => "no labels".to_owned(),
            [one] => format!("one label, its {one}"),
            many => format!("{} labels: {}", many.len(), many.join(" and ")),
        };
        let example = meaning.iter().map(|word| format!(" \"{}\"", word.to_uppercase())).collect::<String>();
        diagnostics.push(
            Diagnostic::error(Code::WrongLabels, format!("a `{}` block has {wanted}", block.kind.value))
                .at(block.header, format!("{} given", block.labels.len()))
                .hint(format!("write `{}{example} {{`", block.kind.value)),
        );
        return None;
    }
    let mut usable = true;
    for label in &block.labels {
        if !is_identifier(&label.value) {
            usable = false;
            // An empty one that was written otherwise is reported already, by the parser.
            if label.value.is_empty() && label.span.end.saturating_sub(label.span.start) > 2 {
                continue;
            }
            diagnostics.push(
                Diagnostic::error(Code::InvalidName, format!("`{}` is not a valid name", label.value))
                    .at(label.span, "")
                    .hint("names start with a letter or underscore and hold letters, digits, underscores and dashes"),
            );
        }
    }
    usable.then_some(&*block.labels)
}

/// Returns true for a name that can stand in an expression.
pub(super) fn is_identifier(name: &str) -> bool {
    let mut chars = name.chars();
    chars.next().is_some_and(|c| c == '_' || unicode_ident::is_xid_start(c))
        && chars.all(|c| c == '-' || unicode_ident::is_xid_continue(c))
}

/// Reports every argument and nested block that is not in the lists.
pub(super) fn only(
    body: &Body,
    of: &str,
    arguments: &[&str],
    blocks: &[&str],
    diagnostics: &mut Diagnostics,
) {
    for attribute in &body.attributes {
        let name = &*attribute.name.value;
        if arguments.contains(&name) {
            continue;
        }
        let hint = if blocks.contains(&name) {
            Some(format!("`{name}` is a block: write `{name} {{ … }}` without `=`"))
        } else {
            did_you_mean(name, arguments.iter().copied())
        };
        diagnostics.push(
            Diagnostic::error(Code::UnknownArgument, format!("{of} has no argument `{name}`"))
                .at(attribute.name.span, "unknown argument")
                .maybe_hint(hint),
        );
    }
    for block in &body.blocks {
        let name = &*block.kind.value;
        if blocks.contains(&name) {
            continue;
        }
        let hint = if arguments.contains(&name) {
            Some(format!("`{name}` is an argument: write `{name} = …`"))
        } else {
            did_you_mean(name, blocks.iter().copied())
        };
        diagnostics.push(
            Diagnostic::error(Code::UnknownBlock, format!("{of} has no block `{name}`"))
                .at(block.header, "unknown block")
                .maybe_hint(hint),
        );
    }
}

/// Reports every nested block.
pub(super) fn no_blocks(block: &Block, diagnostics: &mut Diagnostics) {
    for nested in &block.body.blocks {
        diagnostics.push(
            Diagnostic::error(Code::UnknownBlock, format!("a `{}` block holds no blocks", block.kind.value))
                .at(nested.header, "")
                .hint(format!("write it as a value: `{} = {{ … }}`", nested.kind.value)),
        );
    }
}

/// Returns a required argument, or reports that it is missing (unless the body is partial).
pub(super) fn required<'b>(
    body: &'b Body,
    of: &str,
    name: &str,
    header: Span,
    diagnostics: &mut Diagnostics,
) -> Option<&'b Expr> {
    let found = body.attribute(name);
    // What is there under a wrong name is reported as that.
    let misspelled =
        || body.attributes.iter().any(|attribute| suggestion(&attribute.name.value, [name]).is_some());
    if found.is_none() && !body.partial && !misspelled() {
        diagnostics.push(
            Diagnostic::error(Code::MissingArgument, format!("{of} needs the argument `{name}`"))
                .at(header, format!("`{name}` is not set")),
        );
    }
    found.map(|attribute: &Attribute| &attribute.expr)
}

/// Reports a second declaration.
pub(super) fn duplicate(what: &str, name: &str, second: Span, first: Span) -> Diagnostic {
    Diagnostic::error(Code::DuplicateDeclaration, format!("{what} `{name}` is declared twice"))
        .at(second, "declared again here")
        .at(first, "first declared here")
        .hint("rename or remove one of them")
}
