//! Override files: blocks that change arguments of blocks declared elsewhere.
//!
//! An argument replaces the one of the same name; nested blocks replace all of their type, but `lifecycle` is
//! merged argument by argument. Local values and required providers are merged by name.

use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::diag::did_you_mean;
use crate::syntax::ast::Block;
use crate::syntax::ast::Body;
use crate::syntax::ast::ExprKind;

/// Nested blocks that are merged and not replaced.
const MERGED: [&str; 2] = ["lifecycle", "required_providers"];

/// Blocks that say what happens once: there is nothing to change in them.
const FIXED: [&str; 4] = ["moved", "import", "removed", "check"];

/// Merges one override file into the bodies of a directory.
pub(super) fn merge(bodies: &mut Vec<Body>, change: Body, diagnostics: &mut Diagnostics) {
    // What is wrong at the top level is told when the rest is decoded.
    let mut rest = Body { blocks: Vec::new(), ..change };
    for block in change.blocks {
        match &*block.kind.value {
            "locals" => locals(bodies, block, diagnostics),
            kind if FIXED.contains(&kind) => diagnostics.push(
                Diagnostic::error(
                    Code::InvalidOverride,
                    format!("an override file cannot hold `{kind}` blocks"),
                )
                .at(block.header, "")
                .hint("write it in another file"),
            ),
            kind => {
                let provider = kind == "provider";
                let found =
                    bodies.iter_mut().flat_map(|body| &mut body.blocks).find(|base| is_same(base, &block));
                match found {
                    Some(base) => merge_block(base, block, diagnostics),
                    // Without a block the provider has an empty configuration, and that is what is changed.
                    None if (provider && alias(&block).is_none()) || kind == "queueform" => {
                        rest.blocks.push(block)
                    }
                    // What is no block at all is told when it is decoded.
                    None if block.labels.is_empty() => rest.blocks.push(block),
                    None => diagnostics.push(nothing_to_change(bodies, &block)),
                }
            }
        }
    }
    bodies.push(rest);
}

fn shown(block: &Block) -> String {
    block.labels.iter().map(|label| &*label.value).collect::<Vec<_>>().join(".")
}

fn nothing_to_change(bodies: &[Body], block: &Block) -> Diagnostic {
    let kind = &*block.kind.value;
    let name = shown(block);
    let others: Vec<String> = bodies.iter().flat_map(|body| body.blocks_of(kind)).map(shown).collect();
    Diagnostic::error(Code::InvalidOverride, format!("there is no {kind} `{name}` to override"))
        .at(block.header, "")
        .hint(
            did_you_mean(&name, others.iter().map(String::as_str))
                .unwrap_or_else(|| "declare it in a file that is not an override file".to_owned()),
        )
}

/// The alias of a provider block as written.
fn alias(block: &Block) -> Option<String> {
    let ExprKind::Literal(value) = &block.body.attribute("alias")?.expr.kind else {
        return Some(String::new());
    };
    value.as_str().map(ToString::to_string)
}

fn is_same(base: &Block, change: &Block) -> bool {
    let labels = |block: &Block| {
        block.labels.iter().map(|label| std::sync::Arc::clone(&label.value)).collect::<Vec<_>>()
    };
    base.kind.value == change.kind.value
        && labels(base) == labels(change)
        && (&*base.kind.value != "provider" || alias(base) == alias(change))
}

fn locals(bodies: &mut [Body], change: Block, diagnostics: &mut Diagnostics) {
    for attribute in change.body.attributes {
        let base = bodies
            .iter_mut()
            .flat_map(|body| &mut body.blocks)
            .filter(|block| &*block.kind.value == "locals")
            .flat_map(|block| &mut block.body.attributes)
            .find(|base| base.name.value == attribute.name.value);
        match base {
            Some(base) => *base = attribute,
            None => diagnostics.push(
                Diagnostic::error(
                    Code::InvalidOverride,
                    format!("there is no local value `{}` to override", attribute.name.value),
                )
                .at(attribute.name.span, "")
                .hint("declare it in a file that is not an override file"),
            ),
        }
    }
}

fn merge_block(base: &mut Block, change: Block, diagnostics: &mut Diagnostics) {
    let kind = change.kind.value;
    let fixed: &[&str] = if matches!(&*kind, "resource" | "data" | "ephemeral" | "module" | "output") {
        &["depends_on"]
    } else {
        &[]
    };
    base.body.partial |= change.body.partial;
    merge_body(&mut base.body, change.body, &kind, fixed, diagnostics);
}

fn merge_body(base: &mut Body, change: Body, of: &str, fixed: &[&str], diagnostics: &mut Diagnostics) {
    for attribute in change.attributes {
        let name = &*attribute.name.value;
        if fixed.contains(&name) {
            diagnostics.push(
                Diagnostic::error(
                    Code::InvalidOverride,
                    format!("`{name}` of a {of} cannot be changed by an override file"),
                )
                .at(attribute.name.span, "")
                .hint("write it where the block is declared"),
            );
            continue;
        }
        match base.attributes.iter_mut().find(|found| found.name.value == attribute.name.value) {
            Some(found) => *found = attribute,
            None => base.attributes.push(attribute),
        }
    }
    let mut replaced: Vec<Block> = Vec::new();
    for block in change.blocks {
        let merged = MERGED.contains(&&*block.kind.value);
        match base.blocks.iter_mut().find(|found| merged && found.kind.value == block.kind.value) {
            Some(found) => merge_body(&mut found.body, block.body, "block", &[], diagnostics),
            None => replaced.push(block),
        }
    }
    base.blocks.retain(|found| replaced.iter().all(|block| block.kind.value != found.kind.value));
    base.blocks.extend(replaced);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Module;
    use crate::config::decode;
    use crate::eval::constant;
    use crate::source::SourceId;
    use crate::syntax::parse::parse_file;

    fn merged(base: &str, change: &str) -> (Module, Diagnostics) {
        let mut diagnostics = Diagnostics::new();
        let read = |id: u32, text: &str| {
            let checked = parse_file(SourceId(id), text);
            assert!(checked.diagnostics.is_empty(), "{:?}", checked.diagnostics);
            checked.output.unwrap()
        };
        let mut bodies = vec![read(0, base)];
        merge(&mut bodies, read(1, change), &mut diagnostics);
        let mut module = Module::default();
        for body in &bodies {
            decode::decode_file(body, &mut module, &mut diagnostics);
        }
        (module, diagnostics)
    }

    #[test]
    fn arguments_are_replaced_one_by_one() {
        let (module, found) = merged(
            r#"
            variable "n" {
              type    = string
              default = "1"
            }
            locals {
              a = 1
              b = 2
            }
            resource "queueform_data" "x" {
              input            = "old"
              triggers_replace = "kept"
              lifecycle {
                create_before_destroy = true
                prevent_destroy       = true
                precondition {
                  condition     = local.a == 1
                  error_message = "one"
                }
                precondition {
                  condition     = local.a == 1
                  error_message = "two"
                }
              }
            }
            "#,
            r#"
            variable "n" {
              type = number
            }
            locals {
              b = 3
            }
            resource "queueform_data" "x" {
              input = "new"
              lifecycle {
                prevent_destroy = false
                precondition {
                  condition     = local.b == 3
                  error_message = "three"
                }
              }
            }
            "#,
        );
        assert!(found.is_empty(), "{found:?}");
        let default = module.variables["n"].default.as_ref().unwrap();
        assert_eq!(format!("{default:?}"), "1", "the default is converted to the new type");
        assert_eq!(constant(&module.locals["a"].expr).unwrap().as_number().unwrap().to_string(), "1");
        assert_eq!(constant(&module.locals["b"].expr).unwrap().as_number().unwrap().to_string(), "3");
        let resource = module.resources.values().next().unwrap();
        assert_eq!(constant(&resource.arguments["input"].expr).unwrap().as_str().unwrap().as_ref(), "new");
        assert_eq!(
            constant(&resource.arguments["triggers_replace"].expr).unwrap().as_str().unwrap().as_ref(),
            "kept"
        );
        assert!(resource.lifecycle.create_before_destroy.as_ref().unwrap().value);
        assert!(!resource.lifecycle.prevent_destroy.as_ref().unwrap().value);
        assert_eq!(resource.lifecycle.preconditions.len(), 1);
    }

    #[test]
    fn providers_are_told_apart_by_their_aliases() {
        let base = "provider \"dms\" {\n  region = \"a\"\n}\nprovider \"dms\" {\n  alias  = \"west\"\n  region = \"b\"\n}\n";
        let (module, found) = merged(base, "provider \"dms\" {\n  alias  = \"west\"\n  region = \"c\"\n}\n");
        assert!(found.is_empty(), "{found:?}");
        let regions: Vec<String> = module
            .providers
            .values()
            .map(|provider| {
                constant(&provider.arguments["region"].expr).unwrap().as_str().unwrap().to_string()
            })
            .collect();
        assert_eq!(regions, ["a", "c"]);
        // A provider without a block has an empty one.
        let (module, found) = merged("locals {}\n", "provider \"dms\" {\n  region = \"a\"\n}\n");
        assert!(found.is_empty(), "{found:?}");
        assert_eq!(module.providers.len(), 1);
    }

    #[test]
    fn what_is_not_there_cannot_be_changed() {
        for (change, summary) in [
            ("resource \"queueform_data\" \"y\" {}\n", "there is no resource `queueform_data.y` to override"),
            ("variable \"m\" {}\n", "there is no variable `m` to override"),
            ("locals {\n  c = 1\n}\n", "there is no local value `c` to override"),
            ("provider \"dms\" {\n  alias = \"x\"\n}\n", "there is no provider `dms` to override"),
            (
                "moved {\n  from = queueform_data.a\n  to   = queueform_data.x\n}\n",
                "an override file cannot hold `moved` blocks",
            ),
            (
                "resource \"queueform_data\" \"x\" {\n  depends_on = []\n}\n",
                "`depends_on` of a resource cannot be changed by an override file",
            ),
        ] {
            let (_, found) = merged("resource \"queueform_data\" \"x\" {}\n", change);
            let summaries: Vec<&str> = found.iter().map(|found| &*found.summary).collect();
            assert_eq!(summaries, [summary], "{change}");
        }
    }
}
