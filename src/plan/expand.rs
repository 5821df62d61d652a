//! `count` and `for_each`: how many instances a block stands for.

use std::sync::Arc;

use crate::addr::ModuleInstance;
use crate::config::Repetition;
use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::eval;
use crate::syntax::ast::Expr;
use crate::value::Data;
use crate::value::Type;
use crate::value::convert;

use super::scope::Each;
use super::scope::Touched;
use super::scope::View;
use super::scope::World;

/// How the finding begins that says that the instances are not known yet.
const UNKNOWN: &str = "the instances cannot be told";

/// The instances of a block.
#[derive(Debug)]
pub struct Expansion {
    /// One entry per instance.
    pub each: Vec<Each>,
    /// What `count` or `for_each` was computed from.
    pub touched: Touched,
}

/// Evaluates `count` or `for_each` of a block in a module.
///
/// # Errors
/// If it cannot be evaluated, is not of the right type, or is not known.
pub fn expand(
    repetition: &Repetition,
    world: &World<'_>,
    module: &ModuleInstance,
) -> Result<Expansion, Diagnostics> {
    let view = View::module(world, module);
    let each = match repetition {
        Repetition::One => vec![Each::None],
        Repetition::Count(expr) => count(expr, &view)?,
        Repetition::ForEach(expr) => for_each(expr, &view)?,
        Repetition::Enabled(expr) => enabled(expr, &view)?,
    };
    Ok(Expansion { each, touched: view.touched() })
}

/// Returns what is wrong with `count` whatever is known later.
pub(super) fn instances_of_count(expr: &Expr, view: &View<'_>) -> Diagnostics {
    wrong(count(expr, view))
}

/// Returns what is wrong with `enabled` whatever is known later.
pub(super) fn instances_of_enabled(expr: &Expr, view: &View<'_>) -> Diagnostics {
    wrong(enabled(expr, view))
}

/// Returns what is wrong with `for_each` whatever is known later.
pub(super) fn instances_of_each(expr: &Expr, view: &View<'_>) -> Diagnostics {
    wrong(for_each(expr, view))
}

fn wrong(expanded: Result<Vec<Each>, Diagnostics>) -> Diagnostics {
    expanded.err().into_iter().flatten().filter(|found| !is_unknown(found)).collect()
}

/// Whether findings say only that the instances are not known yet.
pub(super) fn is_only_unknown(found: &Diagnostics) -> bool {
    !found.is_empty() && found.iter().all(is_unknown)
}

/// Whether a finding says only that the instances are not known yet.
fn is_unknown(found: &Diagnostic) -> bool {
    found.summary.starts_with(UNKNOWN)
}

fn count(expr: &Expr, view: &View<'_>) -> Result<Vec<Each>, Diagnostics> {
    let (value, marks) = eval::evaluate(expr, view)?.unmark();
    let invalid = |text: &str| Diagnostic::error(Code::InvalidCount, text.to_owned()).at(expr.span, "");
    if marks.is_ephemeral() {
        return Err(invalid("`count` cannot be ephemeral")
            .hint("use a value that stays the same between plan and apply")
            .into());
    }
    let value = convert(&value, &Type::Number).map_err(|error| {
        let advice = eval::advise(expr, &value, &Type::Number);
        let found = invalid(&format!("`count` is not a number: {error}"));
        found.hint(advice.hint.unwrap_or_else(|| "give a whole number of at least 0".to_owned()))
    })?;
    match value.data() {
        Data::Null(_) => {
            Err(invalid("`count` must not be null").hint("give a whole number of at least 0").into())
        }
        Data::Unknown(_) => Err(unknown("count", expr, view).into()),
        Data::Number(number) => match number.to_i64().and_then(|number| u64::try_from(number).ok()) {
            Some(number) if number <= 1_000_000 => Ok((0..number).map(Each::Index).collect()),
            Some(number) => Err(invalid(&format!("`count` is {number}, more than a million")).into()),
            None => {
                Err(invalid(&format!("`count` must be a whole number of at least 0, this is {number}"))
                    .into())
            }
        },
        _ => Err(invalid("`count` is not a number").into()),
    }
}

/// Evaluates `for_each`.
pub(super) fn for_each(expr: &Expr, view: &View<'_>) -> Result<Vec<Each>, Diagnostics> {
    let (value, marks) = eval::evaluate(expr, view)?.unmark();
    let invalid = |text: String| Diagnostic::error(Code::InvalidForEach, text).at(expr.span, "");
    if marks.is_sensitive() {
        return Err(invalid("`for_each` is sensitive, and its keys would become visible".to_owned())
            .hint("iterate over something that is not sensitive, such as `nonsensitive(keys(…))`")
            .into());
    }
    if marks.is_ephemeral() {
        return Err(invalid("`for_each` cannot be ephemeral".to_owned()).into());
    }
    let wrong_type = match value.ty() {
        Type::Bool | Type::Number | Type::String | Type::List(_) | Type::Tuple(_) => true,
        Type::Set(element) => !matches!(*element, Type::String | Type::Any),
        Type::Any | Type::Map(_) | Type::Object(_) => false,
    };
    match value.data() {
        Data::Unknown(_) if !wrong_type => Err(unknown("for_each", expr, view).into()),
        Data::Null(_) => Err(invalid("`for_each` must not be null".to_owned())
            .hint("use an empty map `{}` for no instances")
            .into()),
        Data::Map(_, fields) | Data::Object(fields) => {
            Ok(fields.iter().map(|(key, value)| Each::Pair(Arc::clone(key), value.clone())).collect())
        }
        Data::Set(_, elements) => elements
            .iter()
            .map(|element| match element.data() {
                Data::String(text) => Ok(Each::Pair(Arc::clone(text), element.clone())),
                Data::Unknown(_) => Err(unknown("for_each", expr, view).into()),
                Data::Null(_) => Err(invalid("the set in `for_each` holds null".to_owned()).into()),
                _ => Err(invalid(format!(
                    "`for_each` needs a set of strings, this is a {}",
                    value.ty().friendly_name()
                ))
                .hint("keys are strings: convert the elements, as in `toset([for x in … : tostring(x)])`")
                .into()),
            })
            .collect(),
        Data::List(..) | Data::Tuple(_) | Data::Unknown(_) => Err(invalid(format!(
            "`for_each` needs a map or a set of strings, this is a {}",
            value.ty().friendly_name()
        ))
        .hint("write `toset(…)` around it, or a map with a key for each instance")
        .into()),
        Data::Bool(_) | Data::Number(_) | Data::String(_) => Err(invalid(format!(
            "`for_each` needs a map or a set of strings, this is a {}",
            value.ty().friendly_name()
        ))
        .into()),
    }
}

/// Evaluates `enabled` of `lifecycle`.
pub(super) fn enabled(expr: &Expr, view: &View<'_>) -> Result<Vec<Each>, Diagnostics> {
    let (value, marks) = eval::evaluate(expr, view)?.unmark();
    let invalid =
        |text: &str| Diagnostic::error(Code::InvalidMetaArgument, text.to_owned()).at(expr.span, "");
    if marks.is_ephemeral() {
        return Err(invalid("`enabled` cannot be ephemeral")
            .hint("use a value that stays the same between plan and apply")
            .into());
    }
    if marks.is_sensitive() {
        return Err(invalid("`enabled` is sensitive, and whether there is an object would become visible")
            .hint("use something that is not sensitive, such as `nonsensitive(…)`")
            .into());
    }
    let value = convert(&value, &Type::Bool).map_err(|error| {
        invalid(&format!("`enabled` is not a boolean: {error}")).hint("give `true` or `false`")
    })?;
    match value.data() {
        Data::Bool(true) => Ok(vec![Each::None]),
        Data::Bool(false) => Ok(Vec::new()),
        Data::Null(_) => Err(invalid("`enabled` must not be null").hint("give `true` or `false`").into()),
        _ => Err(unknown("enabled", expr, view).into()),
    }
}

fn unknown(meta: &str, expr: &Expr, view: &View<'_>) -> Diagnostic {
    let code = match meta {
        "count" => Code::InvalidCount,
        "enabled" => Code::InvalidMetaArgument,
        _ => Code::InvalidForEach,
    };
    let touched = view.touched();
    let behind: Vec<String> = touched.resources().into_iter().map(|id| format!("`{id}`")).collect();
    let mut found = Diagnostic::error(code, format!("{UNKNOWN}: `{meta}` is known only after apply")).at(
        expr.span,
        if behind.is_empty() { String::new() } else { format!("depends on {}", behind.join(", ")) },
    );
    let target = touched.resources().into_iter().next().map(ToString::to_string);
    if meta == "for_each" {
        found = found.hint("give the map fixed keys and put what is unknown into its values");
    }
    found.maybe_hint(
        target.map(|id| format!("or apply what it depends on first: `queueform apply --target={id}`")),
    )
}
