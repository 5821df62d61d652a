//! One recorded case against what the evaluator gives.

use queueform::diag::Code;
use queueform::diag::Diagnostics;
use queueform::eval::evaluate;
use queueform::eval::functions;
use queueform::syntax::ast::Expr;
use queueform::syntax::ast::ExprKind;
use queueform::syntax::ast::TemplatePart;
use queueform::value::Data;
use queueform::value::Number;
use queueform::value::Value;
use queueform::value::to_json;
use queueform::value::type_to_json;
use serde_json::Value as Json;

use super::world::CURRENT_DIRECTORY;
use super::world::World;
use super::world::parse;

pub(super) enum Verdict {
    Same,
    /// The case needs something that is not built yet.
    NotBuilt,
    Different(String),
}

pub(super) fn judge(case: &Json) -> Verdict {
    let group = case["group"].as_str().unwrap();
    let mode = case["mode"].as_str().unwrap();
    if mode == "console" || group == "vars/validation" {
        return Verdict::NotBuilt;
    }
    let expected_error = case["error"].as_str();
    // The built-in provider has another name here.
    let text = case["expr"]
        .as_str()
        .unwrap()
        .replace("provider::terraform::", "provider::queueform::")
        .replace("code_tfvars(", "code_qfvars(");
    let parsed = parse(&text);
    if let Ok(expr) = &parsed
        && expected_error != Some("call_to_unknown_function")
        && expected_error != Some("unknown_provider_function")
        && calls_missing_function(expr)
    {
        return Verdict::NotBuilt;
    }
    let result = parsed.and_then(|expr| World::of(case).and_then(|world| evaluate(&expr, &world)));
    match (result, expected_error) {
        (Ok(value), None) => compare_value(&value, case, mode),
        (Ok(value), Some("cannot_serialize_infinity")) if to_json(&value).is_err() => Verdict::Same,
        // What may be stored is decided by whoever stores it.
        (Ok(value), Some("invalid_use_of_ephemeral_value")) if value.marks_deep().is_ephemeral() => {
            Verdict::Same
        }
        (Ok(value), Some(slug)) => Verdict::Different(format!("expected {slug}, got {}", shown(&value))),
        (Err(found), None) if found.iter().any(|diagnostic| diagnostic.code == Code::UnknownFunction) => {
            Verdict::NotBuilt
        }
        (Err(found), None) => {
            Verdict::Different(format!("expected {}, got {}", case["result"], summaries(&found)))
        }
        (Err(found), Some(slug)) => {
            let codes: Vec<Code> = found.iter().map(|diagnostic| diagnostic.code).collect();
            if codes.iter().any(|code| fits(slug, *code)) {
                Verdict::Same
            } else {
                Verdict::Different(format!("expected {slug}, got {}", summaries(&found)))
            }
        }
    }
}

fn summaries(found: &Diagnostics) -> String {
    found
        .iter()
        .map(|diagnostic| format!("{} ({})", diagnostic.summary, diagnostic.code.name()))
        .collect::<Vec<_>>()
        .join("; ")
}

/// Whether a code of ours is the counterpart of a summary of Terraform's.
fn fits(slug: &str, code: Code) -> bool {
    let syntax = matches!(
        code,
        Code::Syntax
            | Code::UnclosedBlock
            | Code::UnclosedBracket
            | Code::UnterminatedString
            | Code::UnterminatedTemplate
            | Code::InvalidCharacter
            | Code::InvalidEscape
            | Code::InvalidNumber
            | Code::DuplicateArgument
    );
    match slug {
        "invalid_function_argument" => code == Code::InvalidFunctionArgument,
        // A null argument is reported the same way as any other unusable one.
        "error_in_function_call" => matches!(code, Code::FunctionFailed | Code::InvalidFunctionArgument),
        "not_enough_function_arguments"
        | "too_many_function_arguments"
        | "invalid_expanding_argument_value" => code == Code::FunctionArguments,
        "call_to_unknown_function" | "unknown_provider_function" => code == Code::UnknownFunction,
        "invalid_operand" => code == Code::UnsuitableOperand,
        "operation_failed" => matches!(code, Code::OperationFailed | Code::NullValue),
        "inconsistent_conditional_result_types" => code == Code::InconsistentConditional,
        "incorrect_condition_type" | "incorrect_key_type" => code == Code::UnsuitableValue,
        "invalid_index" => matches!(code, Code::InvalidIndex | Code::NullValue),
        "unsupported_attribute" | "missing_map_element" => code == Code::UnsupportedAttribute,
        "invalid_template_interpolation_value" => code == Code::InvalidTemplateValue,
        "null_condition"
        | "null_value_as_key"
        | "splat_of_null_value"
        | "attempt_to_index_null_value"
        | "attempt_to_get_attribute_from_null_value" => code == Code::NullValue,
        "duplicate_object_key"
        | "invalid_for_condition"
        | "invalid_object_key"
        | "iteration_over_non_iterable_value" => code == Code::InvalidForExpression,
        "reference_to_undeclared_local_value"
        | "reference_to_undeclared_resource"
        | "reference_to_undeclared_input_variable"
        | "invalid_reference"
        | "invalid_path_attribute"
        | "invalid_terraform_attribute"
        | "each_value_cannot_be_used_in_this_context"
        | "reference_to_count_in_non_counted_context"
        | "invalid_self_reference" => {
            matches!(code, Code::UndeclaredReference | Code::InvalidReference | Code::UnknownVariable)
                || syntax
        }
        "invalid_value_for_input_variable"
        | "invalid_default_value_for_variable"
        | "required_variable_not_set" => code == Code::InvalidVariable,
        "no_value_for_required_variable" => {
            matches!(code, Code::MissingVariable | Code::InvalidReference) || syntax
        }
        "invalid_legacy_index_syntax" => code == Code::InvalidIndex,
        "invalid_type_specification"
        | "invalid_quoted_type_constraints"
        | "invalid_legacy_variable_type_hint"
        | "invalid_default_value_for_optional_attribute" => code == Code::InvalidType || syntax,
        "function_calls_not_allowed" | "variables_not_allowed" | "ambiguous_attribute_key" => {
            code == Code::InvalidReference
        }
        _ => syntax,
    }
}

fn shown(value: &Value) -> String {
    format!("{value:?} : {}", value.ty())
}

fn compare_value(value: &Value, case: &Json, mode: &str) -> Verdict {
    if mode == "plan" {
        return compare_planned(value, case);
    }
    let got = match to_json(value) {
        Ok(got) => got,
        Err(error) => return Verdict::Different(format!("expected {}, got {error}", case["result"])),
    };
    if !same_json(&case["result"], &got, case) {
        return Verdict::Different(format!("expected {}, got {got}", case["result"]));
    }
    let ty = type_to_json(&value.ty());
    if let Some(expected) = case.get("type_json")
        && *expected != ty
        && !value.marks_deep().is_ephemeral()
    {
        return Verdict::Different(format!("expected type {expected}, got {ty}"));
    }
    Verdict::Same
}

fn same_json(expected: &Json, got: &Json, case: &Json) -> bool {
    match (expected, got) {
        (Json::Number(a), Json::Number(b)) => {
            a == b || Number::parse(&a.to_string()).unwrap().equals(&Number::parse(&b.to_string()).unwrap())
        }
        (Json::String(a), Json::String(b)) => {
            let a = a.replace("<cwd>", CURRENT_DIRECTORY);
            a == *b || (case["compare"] == "gunzip" && unpacked(&a) == unpacked(b))
        }
        (Json::Array(a), Json::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same_json(a, b, case))
        }
        (Json::Object(a), Json::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(name, a)| b.get(name).is_some_and(|b| same_json(a, b, case)))
        }
        (a, b) => a == b,
    }
}

fn unpacked(text: &str) -> Vec<u8> {
    use base64::Engine;
    use std::io::Read;
    let packed = base64::engine::general_purpose::STANDARD.decode(text).unwrap_or_default();
    let mut plain = Vec::new();
    match flate2::read::GzDecoder::new(&*packed).read_to_end(&mut plain) {
        Ok(_) => plain,
        Err(_) => packed,
    }
}

/// Compares value, unknown parts and sensitive parts of a planned value.
fn compare_planned(value: &Value, case: &Json) -> Verdict {
    let mut differences = Vec::new();
    planned(value, &case["result"], &case["unknown"], "", &mut differences);
    let sensitive = sensitive_parts(value);
    let expected = pruned(&case["sensitive"]);
    if sensitive != expected {
        differences.push(format!(
            "sensitive: expected {}, got {}",
            expected.unwrap_or(Json::Bool(false)),
            sensitive.unwrap_or(Json::Bool(false))
        ));
    }
    if differences.is_empty() { Verdict::Same } else { Verdict::Different(differences.join("; ")) }
}

fn planned(value: &Value, expected: &Json, unknown: &Json, path: &str, differences: &mut Vec<String>) {
    if *unknown == Json::Bool(true) {
        if value.is_known() {
            differences.push(format!("{path} should be unknown, is {}", shown(value)));
        }
        return;
    }
    match value.data() {
        Data::Unknown(_) => differences.push(format!("{path} is unknown, should be {expected}")),
        Data::List(_, parts) | Data::Set(_, parts) | Data::Tuple(parts) => {
            let length = expected.as_array().map(Vec::len);
            if length != Some(parts.len()) {
                differences.push(format!("{path} has {} elements, should be {expected}", parts.len()));
                return;
            }
            for (index, part) in parts.iter().enumerate() {
                let inner = unknown.get(index).unwrap_or(&Json::Null);
                planned(part, &expected[index], inner, &format!("{path}[{index}]"), differences);
            }
        }
        Data::Map(_, fields) | Data::Object(fields) => {
            let Some(wanted) = expected.as_object() else {
                differences.push(format!("{path} is {}, should be {expected}", shown(value)));
                return;
            };
            if let Some(name) = wanted.keys().find(|name| !fields.contains_key(name.as_str())) {
                differences.push(format!("{path} has no {name}"));
            }
            for (name, part) in fields.iter() {
                let inner = unknown.get(&**name).unwrap_or(&Json::Null);
                let wanted = wanted.get(&**name).unwrap_or(&Json::Null);
                planned(part, wanted, inner, &format!("{path}.{name}"), differences);
            }
        }
        Data::Number(number) => {
            // Plans are recorded with numbers rounded to floats.
            let wanted: Option<f64> = expected.to_string().parse().ok();
            if wanted != Some(number.to_f64()) {
                differences.push(format!("{path} is {number}, should be {expected}"));
            }
        }
        Data::Null(_) | Data::Bool(_) | Data::String(_) => {
            let got = to_json(value).unwrap();
            let same = match (expected.as_str(), got.as_str()) {
                (Some(a), Some(b)) => a.replace("<cwd>", CURRENT_DIRECTORY) == b,
                _ => *expected == got,
            };
            if !same {
                differences.push(format!("{path} is {got}, should be {expected}"));
            }
        }
    }
}

/// `true` where a part is sensitive, without what is not.
fn sensitive_parts(value: &Value) -> Option<Json> {
    if value.marks().is_sensitive() {
        return Some(Json::Bool(true));
    }
    let parts: Vec<(String, Json)> = match value.data() {
        Data::List(_, parts) | Data::Set(_, parts) | Data::Tuple(parts) => parts
            .iter()
            .enumerate()
            .filter_map(|(index, part)| Some((index.to_string(), sensitive_parts(part)?)))
            .collect(),
        Data::Map(_, parts) | Data::Object(parts) => {
            parts.iter().filter_map(|(name, part)| Some((name.to_string(), sensitive_parts(part)?))).collect()
        }
        _ => Vec::new(),
    };
    (!parts.is_empty()).then(|| Json::Object(parts.into_iter().collect()))
}

fn pruned(mask: &Json) -> Option<Json> {
    let parts: Vec<(String, Json)> = match mask {
        Json::Bool(true) => return Some(Json::Bool(true)),
        Json::Array(parts) => parts
            .iter()
            .enumerate()
            .filter_map(|(index, part)| Some((index.to_string(), pruned(part)?)))
            .collect(),
        Json::Object(parts) => {
            parts.iter().filter_map(|(name, part)| Some((name.clone(), pruned(part)?))).collect()
        }
        _ => Vec::new(),
    };
    (!parts.is_empty()).then(|| Json::Object(parts.into_iter().collect()))
}

/// Whether an expression calls a function that is not there.
fn calls_missing_function(expr: &Expr) -> bool {
    let missing = calls_missing_function;
    match &expr.kind {
        ExprKind::Call(call) => {
            let name = functions::plain_name(&call.name.value);
            (name != "try" && name != "can" && functions::lookup(name).is_none())
                || call.arguments.iter().any(missing)
        }
        ExprKind::Template(parts) => parts.iter().any(part_calls_missing_function),
        ExprKind::TemplateWrap(inner) | ExprKind::Parens(inner) => missing(inner),
        ExprKind::GetAttr(node) => missing(&node.of),
        ExprKind::Index(node) => missing(&node.of) || missing(&node.key),
        ExprKind::Splat(node) => missing(&node.of) || missing(&node.each),
        ExprKind::Conditional(node) => missing(&node.condition) || missing(&node.yes) || missing(&node.no),
        ExprKind::Binary(node) => missing(&node.left) || missing(&node.right),
        ExprKind::Unary(node) => missing(&node.operand),
        ExprKind::Tuple(elements) => elements.iter().any(missing),
        ExprKind::Object(items) => items.iter().any(|item| missing(&item.key) || missing(&item.value)),
        ExprKind::For(node) => {
            missing(&node.collection)
                || node.result_key.as_ref().is_some_and(missing)
                || missing(&node.result)
                || node.condition.as_ref().is_some_and(missing)
        }
        ExprKind::Literal(_) | ExprKind::Variable(_) | ExprKind::SplatItem | ExprKind::Invalid => false,
    }
}

fn part_calls_missing_function(part: &TemplatePart) -> bool {
    match part {
        TemplatePart::Text(_) => false,
        TemplatePart::Interpolation(expr) => calls_missing_function(expr),
        TemplatePart::If(node) => {
            calls_missing_function(&node.condition)
                || node.yes.iter().chain(&node.no).any(part_calls_missing_function)
        }
        TemplatePart::For(node) => {
            calls_missing_function(&node.collection) || node.body.iter().any(part_calls_missing_function)
        }
    }
}
