//! `required_version` must admit this version of Queueform.

use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::schema::Registry;

use super::super::Config;
use super::super::Module;

/// This version, as three numbers.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Checks the version constraints of the `queueform` blocks.
pub(super) fn check(_config: &Config, module: &Module, _registry: &Registry, diagnostics: &mut Diagnostics) {
    for constraint in &module.settings.required_version {
        match admits(&constraint.value, VERSION) {
            Some(true) => {}
            Some(false) => diagnostics.push(
                Diagnostic::error(
                    Code::RequiredVersion,
                    format!("this configuration needs Queueform {}, but this is {VERSION}", constraint.value),
                )
                .at(constraint.span, "")
                .hint("install a version that fits, or change the constraint"),
            ),
            None => diagnostics.push(
                Diagnostic::error(
                    Code::RequiredVersion,
                    format!("`{}` is not a version constraint", constraint.value),
                )
                .at(constraint.span, "")
                .hint("write something like `\">= 0.1.0, < 1.0.0\"` or `\"~> 0.1\"`"),
            ),
        }
    }
}

/// Returns whether a version satisfies a list of constraints separated by commas; nothing if it is malformed.
fn admits(constraints: &str, version: &str) -> Option<bool> {
    let version = numbers(version)?;
    let mut all = true;
    for part in constraints.split(',') {
        let part = part.trim();
        let split = part.find(|c: char| c.is_ascii_digit())?;
        let (operator, wanted) = part.split_at(split);
        let given = wanted.trim().split('.').count();
        let wanted = numbers(wanted.trim())?;
        all &= match operator.trim() {
            "" | "=" => version == wanted,
            "!=" => version != wanted,
            ">" => version > wanted,
            ">=" => version >= wanted,
            "<" => version < wanted,
            "<=" => version <= wanted,
            "~>" => {
                // The last given number may grow, those before it may not.
                let fixed = given.saturating_sub(1).max(1);
                version >= wanted && version.iter().take(fixed).eq(wanted.iter().take(fixed))
            }
            _ => return None,
        };
    }
    Some(all)
}

fn numbers(text: &str) -> Option<[u64; 3]> {
    let mut parts = text.split('.');
    let mut result = [0; 3];
    for place in &mut result {
        match parts.next() {
            Some(part) => *place = part.parse().ok()?,
            None => break,
        }
    }
    parts.next().is_none().then_some(result)
}

#[cfg(test)]
mod tests {
    use super::admits;

    #[test]
    fn constraints() {
        assert_eq!(admits(">= 0.1.0, < 1.0", "0.1.5"), Some(true));
        assert_eq!(admits("~> 0.1", "0.9.0"), Some(true));
        assert_eq!(admits("~> 0.1", "1.0.0"), Some(false));
        assert_eq!(admits("~> 0.1.2", "0.1.9"), Some(true));
        assert_eq!(admits("~> 0.1.2", "0.2.0"), Some(false));
        assert_eq!(admits("1.2.3", "1.2.3"), Some(true));
        assert_eq!(admits("!= 1.2.3", "1.2.3"), Some(false));
        assert_eq!(admits("latest", "1.0.0"), None);
        assert_eq!(admits("=> 1.0", "1.0.0"), None);
    }
}
