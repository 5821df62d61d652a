//! `variable` and `output` blocks, and the conditions that several blocks share.

use std::sync::Arc;

use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::eval;
use crate::syntax::ast::Block;
use crate::syntax::ast::Body;
use crate::syntax::ast::Expr;
use crate::syntax::ast::ExprKind;
use crate::syntax::ast::RefStep;
use crate::syntax::ast::Reference;
use crate::syntax::parse::traversal;
use crate::value::Marks;
use crate::value::Type;
use crate::value::Value;

use super::super::Condition;
use super::super::Module;
use super::super::Output;
use super::super::Variable;
use super::block;
use super::literal;

/// Names that would be meta-arguments of a `module` block.
const RESERVED: [&str; 8] =
    ["source", "version", "providers", "count", "for_each", "lifecycle", "depends_on", "locals"];

/// Adds one `variable` block.
pub(super) fn decode_variable(block: &Block, module: &mut Module, diagnostics: &mut Diagnostics) {
    let Some([name]) = block::labels(block, &["name"], diagnostics) else { return };
    module.partial |= block.body.partial;
    let of = format!("variable `{}`", name.value);
    let body = &block.body;
    block::only(
        body,
        &of,
        &["type", "default", "description", "sensitive", "nullable", "ephemeral"],
        &["validation"],
        diagnostics,
    );
    if RESERVED.contains(&&*name.value) {
        diagnostics.push(
            Diagnostic::error(
                Code::ReservedName,
                format!("`{}` is reserved and cannot name a variable", name.value),
            )
            .at(name.span, "")
            .hint("choose another name"),
        );
    }
    let typed = body.attribute("type").is_some();
    let mut ty = Type::Any;
    if let Some(attribute) = body.attribute("type") {
        match eval::type_constraint(&attribute.expr) {
            Ok(constraint) => ty = constraint,
            Err(found) => diagnostics.extend(found),
        }
    }
    let flag = |argument: &str, diagnostics: &mut Diagnostics| {
        body.attribute(argument)
            .and_then(|attribute| literal::bool(&attribute.expr, &format!("`{argument}`"), diagnostics))
            .map(|flag| flag.value)
    };
    let sensitive = flag("sensitive", diagnostics).unwrap_or(false);
    let nullable = flag("nullable", diagnostics).unwrap_or(true);
    let ephemeral = flag("ephemeral", diagnostics).unwrap_or(false);
    let mut default = None;
    if let Some(attribute) = body.attribute("default") {
        default = literal::value(&attribute.expr, &ty, &format!("the default of {of}"), diagnostics)
            // A default that cannot be used is still one: nobody else has to give a value.
            .or_else(|| Some(Value::unknown(ty.clone())));
        if !nullable && default.as_ref().is_some_and(Value::is_null) {
            diagnostics.push(
                Diagnostic::error(
                    Code::InvalidVariable,
                    format!("{of} is not nullable, its default cannot be null"),
                )
                .at(attribute.expr.span, "")
                .hint("remove the default or `nullable = false`"),
            );
        }
        if sensitive {
            default = default.map(|value| value.mark(Marks::SENSITIVE));
        }
        if ephemeral {
            default = default.map(|value| value.mark(Marks::EPHEMERAL));
        }
    }
    let description = body
        .attribute("description")
        .and_then(|attribute| literal::string(&attribute.expr, "`description`", diagnostics))
        .map(|text| text.value);
    let validations =
        body.blocks_of("validation").filter_map(|nested| condition(nested, diagnostics)).collect();
    let variable = Variable {
        name: name.clone(),
        ty,
        typed,
        default,
        description,
        sensitive,
        ephemeral,
        nullable,
        validations,
        header: block.header,
    };
    if let Some(first) = module.variables.get(&name.value) {
        diagnostics.push(block::duplicate("variable", &name.value, block.header, first.header));
        return;
    }
    module.variables.insert(Arc::clone(&name.value), variable);
}

/// Adds one `output` block.
pub(super) fn decode_output(block: &Block, module: &mut Module, diagnostics: &mut Diagnostics) {
    let Some([name]) = block::labels(block, &["name"], diagnostics) else { return };
    module.partial |= block.body.partial;
    let of = format!("output `{}`", name.value);
    let body = &block.body;
    block::only(
        body,
        &of,
        &["value", "description", "sensitive", "depends_on", "ephemeral"],
        &["precondition"],
        diagnostics,
    );
    let value = block::required(body, &of, "value", block.header, diagnostics);
    let sensitive = body
        .attribute("sensitive")
        .and_then(|attribute| literal::bool(&attribute.expr, "`sensitive`", diagnostics))
        .is_some_and(|flag| flag.value);
    let ephemeral = body
        .attribute("ephemeral")
        .and_then(|attribute| literal::bool(&attribute.expr, "`ephemeral`", diagnostics))
        .filter(|flag| flag.value)
        .map(|flag| flag.span);
    let description = body
        .attribute("description")
        .and_then(|attribute| literal::string(&attribute.expr, "`description`", diagnostics))
        .map(|text| text.value);
    let depends_on = depends_on(body, diagnostics);
    let preconditions =
        body.blocks_of("precondition").filter_map(|nested| condition(nested, diagnostics)).collect();
    let output = Output {
        name: name.clone(),
        value: value.cloned().unwrap_or(Expr { kind: ExprKind::Invalid, span: block.header }),
        description,
        sensitive,
        ephemeral,
        depends_on,
        preconditions,
        header: block.header,
    };
    if let Some(first) = module.outputs.get(&name.value) {
        diagnostics.push(block::duplicate("output", &name.value, block.header, first.header));
        return;
    }
    module.outputs.insert(Arc::clone(&name.value), output);
}

/// Reads `condition` and `error_message`.
pub(super) fn condition(block: &Block, diagnostics: &mut Diagnostics) -> Option<Condition> {
    block::labels(block, &[], diagnostics)?;
    let of = format!("a `{}` block", block.kind.value);
    block::only(&block.body, &of, &["condition", "error_message"], &[], diagnostics);
    let condition = block::required(&block.body, &of, "condition", block.header, diagnostics);
    let message = block::required(&block.body, &of, "error_message", block.header, diagnostics);
    Some(Condition { condition: condition?.clone(), message: message?.clone(), span: block.span })
}

/// Returns the first attribute behind a whole object.
fn attribute_in(reference: &Reference) -> Option<&str> {
    let whole = match &*reference.root.value {
        "data" | "action" | "ephemeral" => 2,
        "module" => return None,
        _ => 1,
    };
    reference.steps.iter().skip(whole).find_map(|step| match &step.value {
        RefStep::Attr(name) => Some(&**name),
        _ => None,
    })
}

/// Reads `depends_on`.
pub(super) fn depends_on(body: &Body, diagnostics: &mut Diagnostics) -> Vec<Reference> {
    let Some(attribute) = body.attribute("depends_on") else { return Vec::new() };
    let ExprKind::Tuple(items) = &attribute.expr.kind else {
        diagnostics.push(
            Diagnostic::error(Code::InvalidMetaArgument, "`depends_on` must be a list of references")
                .at(attribute.expr.span, "")
                .hint("write `depends_on = [dms_rocketmq_instance.main]`"),
        );
        return Vec::new();
    };
    items
        .iter()
        .filter_map(|item| {
            let unquoted = literal::unquoted(item, diagnostics);
            let reference = traversal(unquoted.as_ref().unwrap_or(item));
            if let Some(more) = reference.as_ref().and_then(attribute_in) {
                diagnostics.push(
                    Diagnostic::error(Code::InvalidMetaArgument, "`depends_on` holds whole objects only")
                        .at(item.span, format!("`{more}` is a part of one"))
                        .hint("name the object itself: everything it does is waited for"),
                );
                return None;
            }
            if reference.is_none() {
                diagnostics.push(
                    Diagnostic::error(
                        Code::InvalidMetaArgument,
                        "`depends_on` holds only references to objects",
                    )
                    .at(item.span, "not a reference")
                    .hint("name a resource, data source, variable or local value, without quotes"),
                );
            }
            reference
        })
        .collect()
}
