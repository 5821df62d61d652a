//! Functions of the built-in provider that write values as configuration text and read variable files.

use std::fmt::Write as _;

use super::super::constant;
use super::Call;
use super::Function;
use super::FunctionError;
use super::Param;
use super::Returns;
use super::Ty;
use super::args::text;
use super::args::value;
use super::normal;
use super::template::is_identifier;
use crate::source::SourceMap;
use crate::syntax::fmt::format_valid;
use crate::syntax::parse::parse_file;
use crate::value::Data;
use crate::value::Fields;
use crate::value::Refinement;
use crate::value::Type;
use crate::value::Value;

/// The functions of this family.
pub(super) const ALL: &[Function] = &[
    Function::new(
        "provider::queueform::decode_qfvars",
        &[Param::new("src", Ty::String)],
        Returns::By(decode_type),
        |call| decode(text(call, 0)?),
    )
    .doc(
        "Reads the text of a variable file into an object.",
        r#"provider::queueform::decode_qfvars("a = 1")"#,
    ),
    Function::new(
        "provider::queueform::encode_expr",
        &[Param::new("value", Ty::Any).unknown()],
        Returns::Is(Ty::String),
        encode_expr,
    )
    .doc("Writes a value as an expression.", "provider::queueform::encode_expr({ a = [1, 2] })"),
    Function::new(
        "provider::queueform::encode_qfvars",
        &[Param::new("value", Ty::Any)],
        Returns::Is(Ty::String),
        encode_vars,
    )
    .doc("Writes an object as the text of a variable file.", "provider::queueform::encode_qfvars({ a = 1 })"),
];

fn encode_expr(call: &Call<'_>) -> Result<Value, FunctionError> {
    let arg = value(call, 0)?;
    if arg.is_wholly_known() {
        let mut out = String::new();
        expression(arg, &mut out);
        return Ok(Value::string(normal(format_valid(&out))));
    }
    let never_null = match arg.data() {
        Data::Unknown(unknown) => unknown.refinement.not_null,
        _ => true,
    };
    let prefix = match arg.ty() {
        Type::String => Some("\"".into()),
        Type::Map(_) | Type::Object(_) => Some("{".into()),
        Type::List(_) | Type::Set(_) | Type::Tuple(_) => Some("[".into()),
        Type::Any | Type::Bool | Type::Number => None,
    };
    let prefix = prefix.filter(|_| never_null);
    Ok(Value::refined(Type::String, Refinement { prefix, ..Refinement::not_null() }))
}

fn encode_vars(call: &Call<'_>) -> Result<Value, FunctionError> {
    let arg = value(call, 0)?;
    let Some(fields) = arg.fields() else {
        return Err(FunctionError::new(
            "invalid value to encode: must be an object whose attribute names are the names of variables",
        ));
    };
    if !arg.is_wholly_known() {
        return Ok(Value::unknown(Type::String));
    }
    if let Some(bad) = fields.keys().find(|name| !is_identifier(name)) {
        return Err(FunctionError::new(format!("invalid variable name \"{bad}\": must be an identifier")));
    }
    let mut out = String::new();
    attributes(fields, &mut out);
    Ok(Value::string(normal(format_valid(&out))))
}

/// Writes `name = value` lines without layout, which the formatter adds.
fn attributes(fields: &Fields, out: &mut String) {
    for (name, value) in fields {
        if is_identifier(name) {
            out.push_str(name);
        } else {
            quoted(name, out);
        }
        out.push_str(" = ");
        expression(value, out);
        out.push('\n');
    }
}

fn expression(value: &Value, out: &mut String) {
    match value.data() {
        Data::Null(_) | Data::Unknown(_) => out.push_str("null"),
        Data::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Data::Number(number) => out.push_str(&number.to_string()),
        Data::String(text) => quoted(text, out),
        Data::List(_, parts) | Data::Set(_, parts) | Data::Tuple(parts) => {
            out.push('[');
            for (index, part) in parts.iter().enumerate() {
                if index > 0 {
                    out.push_str(", ");
                }
                expression(part, out);
            }
            out.push(']');
        }
        Data::Map(_, fields) | Data::Object(fields) if fields.is_empty() => out.push_str("{}"),
        Data::Map(_, fields) | Data::Object(fields) => {
            out.push_str("{\n");
            attributes(fields, out);
            out.push('}');
        }
    }
}

fn quoted(text: &str, out: &mut String) {
    out.push('"');
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '$' | '%' => {
                out.push(c);
                if rest.peek() == Some(&'{') {
                    out.push(c);
                }
            }
            c if c == ' ' || !(c.is_control() || c.is_whitespace() || is_invisible(c)) => out.push(c),
            c => {
                let code = u32::from(c);
                // Writing to a string cannot fail.
                let _written =
                    if code > 0xffff { write!(out, "\\U{code:08x}") } else { write!(out, "\\u{code:04x}") };
            }
        }
    }
    out.push('"');
}

/// Characters that would not be seen in a text: formatting marks and private use.
fn is_invisible(c: char) -> bool {
    matches!(
        u32::from(c),
        0xAD | 0x61C | 0x180E | 0x200B..=0x200F | 0x202A..=0x202E | 0x2060..=0x206F | 0xE000..=0xF8FF | 0xFEFF
        | 0xFFF9..=0xFFFF | 0xE0000..=0x0010_FFFF
    )
}

fn decode_type(args: &[Value]) -> Result<Type, FunctionError> {
    match args.first().and_then(Value::as_str) {
        Some(text) => decode(text).map(|value| value.ty()),
        None => Ok(Type::Any),
    }
}

fn decode(text: &str) -> Result<Value, FunctionError> {
    let mut sources = SourceMap::new();
    let id = sources.add("src", text);
    let parsed = parse_file(id, text);
    let line = |offset: u32| sources.get(id).map_or(1, |file| file.position(offset).line);
    if let Some(error) = parsed.diagnostics.iter().find(|finding| finding.is_error()) {
        let at = error.labels.first().map_or(0, |label| label.span.start);
        return Err(FunctionError::new(format!("invalid syntax in line {}: {}", line(at), error.summary)));
    }
    let body = parsed.output.ok_or_else(|| FunctionError::new("the text cannot be read"))?;
    if let Some(block) = body.blocks.first() {
        return Err(FunctionError::new(format!(
            "line {}: blocks are not allowed here",
            line(block.kind.span.start)
        )));
    }
    let mut fields = Fields::new();
    for attribute in &body.attributes {
        let name = &attribute.name.value;
        let value = constant(&attribute.expr).map_err(|found| {
            let reason = found.iter().next().map_or("", |finding| &finding.summary);
            FunctionError::new(format!("invalid expression for variable \"{name}\": {reason}"))
        })?;
        fields.insert(std::sync::Arc::clone(name), value);
    }
    Ok(Value::object(fields))
}
