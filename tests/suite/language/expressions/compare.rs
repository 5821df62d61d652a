//! One recorded case against what the evaluator gives.

use std::fmt::Display;

use queueform::diag::Code;
use queueform::diag::Diagnostics;
use queueform::eval::evaluate;
use queueform::value::Data;
use queueform::value::Number;
use queueform::value::Value;
use queueform::value::to_json;
use queueform::value::type_to_json;
use serde_json::Value as Json;

use super::directory::Directory;
use super::world::CURRENT_DIRECTORY;
use super::world::World;
use super::world::parse;

pub(super) enum Verdict {
    Same,
    Different {
        /// What was expected, and what was found.
        how: String,
        /// What was found.
        found: String,
    },
}

impl Verdict {
    fn different(expected: impl Display, found: impl Display) -> Self {
        Self::Different { how: format!("expected {expected}, got {found}"), found: found.to_string() }
    }

    /// What was found, if it is not what was expected.
    pub(super) fn shown(&self) -> Json {
        match self {
            Self::Same => Json::Null,
            Self::Different { found, .. } => Json::String(found.clone()),
        }
    }
}

pub(super) fn judge(case: &Json) -> Verdict {
    let mode = case["mode"].as_str().unwrap();
    let expected_error = case["error"].as_str();
    // What is Terraform's own has another name here.
    let text = case["expr"]
        .as_str()
        .unwrap()
        .replace("provider::terraform::", "provider::queueform::")
        .replace("code_tfvars(", "code_qfvars(");
    if mode == "console" {
        return judge_console(case, &text.replace("terraform.", "queueform."));
    }
    let result = parse(&text).and_then(|expr| World::of(case).and_then(|world| evaluate(&expr, &world)));
    match (result, expected_error) {
        (Ok(value), None) => compare_value(&value, case, mode),
        (Ok(value), Some("cannot_serialize_infinity")) if to_json(&value).is_err() => Verdict::Same,
        // What may be stored is decided by whoever stores it.
        (Ok(value), Some("invalid_use_of_ephemeral_value")) if value.marks_deep().is_ephemeral() => {
            Verdict::Same
        }
        (Ok(value), Some(slug)) => Verdict::different(slug, shown(&value)),
        (Err(found), None) => Verdict::different(&case["result"], summaries(&found)),
        (Err(found), Some(slug)) => {
            let codes: Vec<Code> = found.iter().map(|diagnostic| diagnostic.code).collect();
            if codes.iter().any(|code| fits(slug, *code)) {
                Verdict::Same
            } else {
                Verdict::different(slug, summaries(&found))
            }
        }
    }
}

/// What the console prints, letter by letter; the words of a failure are our own.
fn judge_console(case: &Json, text: &str) -> Verdict {
    match (Directory::of(case).console(text), case["result"].as_str()) {
        (Ok(printed), Some(expected)) if printed == expected => Verdict::Same,
        (Ok(printed), _) => {
            Verdict::different(format!("{} {}", case["result"], case["message"]), format!("{printed:?}"))
        }
        (Err(_), None) => Verdict::Same,
        (Err(found), Some(expected)) => Verdict::different(expected, summaries(&found)),
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
        | "iteration_over_null_value"
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
        "invalid_value_for_variable" => code == Code::VariableValidation,
        "invalid_variable_validation_condition"
        | "invalid_validation_expression"
        | "invalid_variable_validation_result" => code == Code::ConditionUnusable,
        "missing_required_argument" => code == Code::MissingArgument,
        "invalid_default_value_for_variable" if code == Code::UnsuitableValue => true,
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
        Err(error) => return Verdict::different(&case["result"], error),
    };
    if !same_json(&case["result"], &got, case) {
        return Verdict::different(&case["result"], got);
    }
    let ty = type_to_json(&value.ty());
    if let Some(expected) = case.get("type_json")
        && *expected != ty
        && !value.marks_deep().is_ephemeral()
    {
        return Verdict::different(format!("type {expected}"), ty);
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
    if differences.is_empty() {
        Verdict::Same
    } else {
        Verdict::Different { how: differences.join("; "), found: shown(value) }
    }
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
