//! Outputs of the root module are stored, so they cannot be ephemeral.

use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::schema::Registry;

use super::super::Config;
use super::super::Module;

/// Checks the outputs of the root module.
pub(super) fn check(_config: &Config, module: &Module, _registry: &Registry, diagnostics: &mut Diagnostics) {
    if !module.path.is_root() {
        return;
    }
    for output in module.outputs.values() {
        let Some(span) = output.ephemeral else { continue };
        diagnostics.push(
            Diagnostic::error(Code::InvalidMetaArgument, "outputs of the root module cannot be ephemeral")
                .at(output.header, "an output of the root module")
                .at(span, "")
                .hint("remove `ephemeral`, or use `sensitive = true`"),
        );
    }
}
