//! `metadata functions`: the functions of the language, for programs.

use serde_json::Map;
use serde_json::Value as Json;
use serde_json::json;

use crate::eval::functions;
use crate::eval::functions::Function;
use crate::eval::functions::Param;
use crate::eval::functions::Returns;
use crate::value::Type;
use crate::value::type_to_json;

/// Returns the signatures of all functions: format 1.0 of Terraform's `metadata functions -json`. Every function is
/// known without and with `core::`.
#[must_use]
pub fn signatures() -> Json {
    let mut all = Map::new();
    for function in functions::all() {
        let told = signature(function);
        if !function.name.contains("::") {
            all.insert(format!("core::{}", function.name), told.clone());
        }
        all.insert(function.name.to_owned(), told);
    }
    for lazy in functions::LAZY {
        let (name, inside) = lazy.signature.split_once('(').unwrap_or((lazy.signature, ""));
        let inside = inside.trim_end_matches(')');
        let parameter = json!({ "name": inside.trim_end_matches('.'), "type": "dynamic" });
        let mut told = Map::new();
        told.insert("description".to_owned(), lazy.description.into());
        let returns = if name == "can" { "bool" } else { "dynamic" };
        told.insert("return_type".to_owned(), returns.into());
        if inside.ends_with("...") {
            told.insert("variadic_parameter".to_owned(), parameter);
        } else {
            told.insert("parameters".to_owned(), json!([parameter]));
        }
        all.insert(format!("core::{name}"), told.clone().into());
        all.insert(name.to_owned(), told.into());
    }
    json!({ "format_version": "1.0", "function_signatures": all })
}

fn signature(function: &Function) -> Json {
    let mut told = Map::new();
    told.insert("description".to_owned(), function.description.into());
    let returns = match function.returns {
        Returns::Is(ty) => type_to_json(&ty.to_type()),
        Returns::By(_) => type_to_json(&Type::Any),
    };
    told.insert("return_type".to_owned(), returns);
    if !function.params.is_empty() {
        told.insert("parameters".to_owned(), function.params.iter().map(parameter).collect());
    }
    if let Some(last) = &function.variadic {
        told.insert("variadic_parameter".to_owned(), parameter(last));
    }
    told.into()
}

fn parameter(found: &Param) -> Json {
    let mut told = Map::new();
    told.insert("name".to_owned(), found.name.into());
    if found.is_nullable() {
        told.insert("is_nullable".to_owned(), true.into());
    }
    told.insert("type".to_owned(), type_to_json(&found.ty.to_type()));
    told.into()
}
