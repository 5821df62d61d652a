//! `provider` blocks with `for_each`: one configuration for each element, known before anything is planned.

use std::sync::Arc;

use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::eval;
use crate::syntax::ast::Expr;
use crate::syntax::ast::Name;
use crate::value::Data;
use crate::value::Value;

use super::Early;
use super::EarlyInputs;
use super::EarlyPlace;
use super::Module;
use super::ProviderConfig;
use super::VariableValues;

/// Puts the configurations of every block with `for_each` in its place. Where variables without a value keep them from
/// being known, the block stays as it is.
pub(super) fn expand(
    root: &mut Module,
    variables: &VariableValues,
    workspace: &str,
    diagnostics: &mut Diagnostics,
) {
    let mut found = Vec::new();
    for config in root.providers.values() {
        let Some(expr) = &config.for_each else { continue };
        let place = EarlyPlace { workspace, directory: ".", files: None };
        match elements(expr, &Early::new(root, EarlyInputs::Root(variables), place)) {
            Ok(Some(elements)) => found.push((config.clone(), elements)),
            Ok(None) if !variables.missing.is_empty() => {}
            Ok(None) => diagnostics.push(
                Diagnostic::error(
                    Code::InvalidForEach,
                    "`for_each` of a `provider` block must be known before anything is planned",
                )
                .at(expr.span, "not known yet")
                .hint("use variables, local values and functions of them"),
            ),
            Err(findings) => diagnostics.extend(findings),
        }
    }
    for (config, elements) in found {
        root.providers.remove(&config.addr);
        for (key, value) in elements {
            let addr = config.addr.keyed(&key);
            let one = ProviderConfig { addr: addr.clone(), each: Some((key, value)), ..config.clone() };
            root.providers.insert(addr, one);
        }
    }
}

/// Returns keys and values; nothing if they are not known.
fn elements(expr: &Expr, early: &Early<'_>) -> Result<Option<Vec<(Name, Value)>>, Diagnostics> {
    let (value, marks) = eval::evaluate(expr, early)?.unmark();
    let invalid = |text: String| Diagnostic::error(Code::InvalidForEach, text).at(expr.span, "");
    if !marks.is_none() {
        return Err(invalid("`for_each` of a `provider` block must not be secret".to_owned())
            .hint("its keys are parts of addresses, which are shown and stored")
            .into());
    }
    match value.data() {
        Data::Unknown(_) => Ok(None),
        Data::Map(_, fields) | Data::Object(fields) => {
            Ok(Some(fields.iter().map(|(key, value)| (Arc::clone(key), value.clone())).collect()))
        }
        Data::Set(_, parts) => {
            let mut found = Vec::with_capacity(parts.len());
            for part in parts.iter() {
                match part.data() {
                    Data::String(text) => found.push((Arc::clone(text), part.clone())),
                    Data::Unknown(_) => return Ok(None),
                    _ => return Err(invalid("`for_each` needs a set of strings".to_owned()).into()),
                }
            }
            Ok(Some(found))
        }
        _ => Err(invalid(format!(
            "`for_each` needs a map or a set of strings, this is a {}",
            value.ty().friendly_name()
        ))
        .hint("write `toset(…)` around it, or a map with a key for each configuration")
        .into()),
    }
}
