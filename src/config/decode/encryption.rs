//! The `encryption` block of the settings.

use std::sync::Arc;

use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::diag::did_you_mean;
use crate::source::Spanned;
use crate::syntax::ast::Block;
use crate::syntax::ast::Expr;
use crate::syntax::ast::RefStep;
use crate::syntax::parse::traversal;

use super::super::EncryptionBlock;
use super::super::EncryptionRule;
use super::super::KeyChoice;
use super::super::KeyProvider;
use super::super::Module;
use super::block;
use super::literal;

/// The arguments of each kind of key.
const PASSPHRASE: &[&str] = &["passphrase", "passphrase_env", "passphrase_file", "passphrase_command"];
const AGE: &[&str] = &["recipients", "identities", "identities_env", "identities_file", "identities_command"];

/// Adds the `encryption` block to the settings of a module.
pub(super) fn decode(found: &Block, module: &mut Module, diagnostics: &mut Diagnostics) {
    if block::labels(found, &[], diagnostics).is_none() {
        return;
    }
    if let Some(first) = &module.settings.encryption {
        diagnostics.push(block::duplicate("an `encryption` block", "encryption", found.header, first.header));
        return;
    }
    let body = &found.body;
    let mut known = body.clone();
    known.blocks.retain(|nested| {
        let is_method = &*nested.kind.value == "method";
        if is_method {
            diagnostics.push(
                Diagnostic::error(Code::TerraformHabit, "there are no `method` blocks: there is one method")
                    .at(nested.header, "")
                    .hint("remove it, and write `key = key_provider.KIND.NAME` in `state` and `plan`; `key = unencrypted` stands for the method of that name"),
            );
        }
        !is_method
    });
    block::only(
        &known,
        "an `encryption` block",
        &[],
        &["key_provider", "state", "plan", "remote_state"],
        diagnostics,
    );
    let providers: Vec<KeyProvider> =
        body.blocks_of("key_provider").filter_map(|nested| provider(nested, diagnostics)).collect();
    for (at, provider) in providers.iter().enumerate() {
        let same = |other: &&KeyProvider| {
            other.kind.value == provider.kind.value && other.name.value == provider.name.value
        };
        if let Some(first) = providers.iter().take(at).find(same) {
            let name = format!("{}.{}", provider.kind.value, provider.name.value);
            diagnostics.push(block::duplicate("a key provider", &name, provider.header, first.header));
        }
    }
    let mut one = |kind: &str| {
        let mut rules = body.blocks_of(kind);
        let first = rules.next()?;
        for more in rules {
            diagnostics.push(block::duplicate("a block", kind, more.header, first.header));
        }
        rule(first, &providers, diagnostics)
    };
    let (state, plan, remote_state) = (one("state"), one("plan"), one("remote_state"));
    module.settings.encryption =
        Some(EncryptionBlock { providers, state, plan, remote_state, header: found.header });
}

fn provider(found: &Block, diagnostics: &mut Diagnostics) -> Option<KeyProvider> {
    let [kind, name] = block::labels(found, &["kind", "name"], diagnostics)? else { return None };
    block::no_blocks(found, diagnostics);
    let known = match &*kind.value {
        "passphrase" => PASSPHRASE,
        "age" => AGE,
        other => {
            let hint = did_you_mean(other, ["passphrase", "age"]).unwrap_or_else(|| match other {
                "pbkdf2" => "use `passphrase`, whose key is derived with scrypt".to_owned(),
                _ => {
                    "the kinds are `passphrase` and `age`; a key of a vault comes in by `passphrase_command`"
                        .to_owned()
                }
            });
            diagnostics.push(
                Diagnostic::error(Code::InvalidEncryption, format!("there is no key provider `{other}`"))
                    .at(kind.span, "")
                    .hint(hint),
            );
            return None;
        }
    };
    block::only(&found.body, &format!("a key provider `{}`", kind.value), known, &[], diagnostics);
    Some(KeyProvider {
        kind: kind.clone(),
        name: name.clone(),
        arguments: found.body.attributes.clone(),
        header: found.header,
    })
}

fn rule(found: &Block, providers: &[KeyProvider], diagnostics: &mut Diagnostics) -> Option<EncryptionRule> {
    let of = format!("a `{}` block", found.kind.value);
    block::labels(found, &[], diagnostics)?;
    block::only(&found.body, &of, &["key", "enforced"], &["fallback"], diagnostics);
    let enforced = found
        .body
        .attribute("enforced")
        .and_then(|attribute| literal::bool(&attribute.expr, "`enforced`", diagnostics))
        .is_some_and(|enforced| enforced.value);
    let mut fallbacks = Vec::new();
    for nested in found.body.blocks_of("fallback") {
        block::labels(nested, &[], diagnostics);
        block::only(&nested.body, "a `fallback` block", &["key"], &[], diagnostics);
        fallbacks.extend(key(nested, providers, diagnostics));
    }
    let key = key(found, providers, diagnostics)?;
    if enforced {
        let plain = std::iter::once(&key).chain(&fallbacks).find(|key| key.value == KeyChoice::Unencrypted);
        if let Some(plain) = plain {
            diagnostics.push(
                Diagnostic::error(Code::InvalidEncryption, "`enforced` and `unencrypted` exclude each other")
                    .at(plain.span, "")
                    .hint("take `enforced` out while encryption comes or goes"),
            );
        }
    }
    Some(EncryptionRule { key, fallbacks, enforced })
}

fn key(
    found: &Block,
    providers: &[KeyProvider],
    diagnostics: &mut Diagnostics,
) -> Option<Spanned<KeyChoice>> {
    let Some(attribute) = found.body.attribute("key") else {
        diagnostics.push(
            Diagnostic::error(Code::MissingArgument, format!("a `{}` block needs a `key`", found.kind.value))
                .at(found.header, "")
                .hint("write `key = key_provider.KIND.NAME`, or `key = unencrypted`"),
        );
        return None;
    };
    choice(&attribute.expr, providers, diagnostics)
}

fn choice(
    expr: &Expr,
    providers: &[KeyProvider],
    diagnostics: &mut Diagnostics,
) -> Option<Spanned<KeyChoice>> {
    let reference = traversal(expr);
    let steps: Option<Vec<_>> = reference.as_ref().map(|reference| {
        let names = reference.steps.iter().map(|step| match &step.value {
            RefStep::Attr(name) => Some(name),
            _ => None,
        });
        names.collect::<Option<Vec<_>>>().unwrap_or_default()
    });
    let root = reference.as_ref().map_or("", |reference| &*reference.root.value);
    match (root, steps.as_deref()) {
        ("unencrypted", Some([])) => Some(Spanned::new(KeyChoice::Unencrypted, expr.span)),
        ("key_provider", Some([kind, name])) => {
            if !providers.iter().any(|one| one.kind.value == **kind && one.name.value == **name) {
                let names: Vec<String> =
                    providers.iter().map(|one| format!("{}.{}", one.kind.value, one.name.value)).collect();
                let wanted = format!("{kind}.{name}");
                diagnostics.push(
                    Diagnostic::error(
                        Code::UndeclaredReference,
                        format!("there is no key provider `{wanted}`"),
                    )
                    .at(expr.span, "not declared")
                    .maybe_hint(did_you_mean(&wanted, names.iter().map(String::as_str))),
                );
            }
            let (kind, name) = (Arc::clone(kind), Arc::clone(name));
            Some(Spanned::new(KeyChoice::Key { kind, name }, expr.span))
        }
        _ => {
            diagnostics.push(
                Diagnostic::error(Code::InvalidEncryption, "`key` must name a key provider")
                    .at(expr.span, "")
                    .hint("write `key = key_provider.KIND.NAME`, or `key = unencrypted`"),
            );
            None
        }
    }
}
