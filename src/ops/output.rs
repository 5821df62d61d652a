//! `output`: the outputs of the state.

use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::did_you_mean;
use crate::state::Output;
use crate::state::State;

/// Returns an output of the state.
///
/// # Errors
/// If there is no such output.
pub fn output<'s>(state: &'s State, name: &str) -> Result<&'s Output, Diagnostic> {
    state.outputs.get(name).ok_or_else(|| {
        let names = state.outputs.keys().map(|name| &**name);
        let hint = did_you_mean(name, names).unwrap_or_else(|| {
            "outputs are written by `queueform apply`; `queueform output` lists them".to_owned()
        });
        Diagnostic::error(Code::UndeclaredReference, format!("the state has no output `{name}`")).hint(hint)
    })
}
