//! Help on functions, and hints for texts that are no expressions.

use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::diag::did_you_mean;
use crate::eval::functions;

/// Returns what a function does: how it is called, one sentence, an example.
///
/// # Errors
/// If there is no such function.
pub fn help(name: &str) -> Result<String, Diagnostic> {
    let plain = name.trim_end_matches(['(', ')', ' ']);
    let of = |signature: &str, description: &str, example: &str| {
        format!("{signature}\n\n  {description}\n\n  > {example}\n")
    };
    if let Some(function) = functions::lookup(plain) {
        return Ok(of(&function.signature(), function.description, function.example));
    }
    let lazy = functions::LAZY.iter().find(|lazy| lazy.signature.split('(').next() == Some(plain));
    if let Some(lazy) = lazy {
        return Ok(of(lazy.signature, lazy.description, lazy.example));
    }
    Err(Diagnostic::error(Code::UnknownFunction, format!("there is no function `{plain}`")).hint(
        did_you_mean(plain, functions::names())
            .unwrap_or_else(|| "docs/reference/functions.md lists all of them".to_owned()),
    ))
}

/// Adds a hint to what is wrong with a text that is no expression at all.
pub(super) fn hinted(found: Diagnostics, text: &str) -> Diagnostics {
    let Some(hint) = hint(text) else { return found };
    let mut first = true;
    let hinted =
        found.into_iter().map(|item| if std::mem::take(&mut first) { item.hint(hint) } else { item });
    hinted.collect()
}

fn hint(text: &str) -> Option<&'static str> {
    let text = text.trim_start();
    let name = text.find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | ':')));
    let (word, rest) = text.split_at_checked(name?)?;
    let rest = rest.trim_start();
    if !word.is_empty() && rest.starts_with('=') && !rest.starts_with("==") && !rest.starts_with("=>") {
        return Some(
            "the console only evaluates: give values of variables with `--var`, and write local values into a file",
        );
    }
    let block =
        matches!(word, "resource" | "data" | "variable" | "output" | "locals" | "provider" | "module");
    (block && rest.starts_with(['"', '{']))
        .then_some("blocks belong into `.qf.hcl` files; here type an expression, such as `var.name`")
}
