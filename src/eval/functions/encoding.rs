//! Encodings: Base64, compression, CSV, JSON, character sets, URLs.

use std::fmt::Write as _;
use std::io::Write as _;
use std::sync::Arc;

use base64::Engine;
use base64::alphabet;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::GeneralPurpose;
use base64::engine::general_purpose::GeneralPurposeConfig;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;

use super::Call;
use super::Function;
use super::FunctionError;
use super::Param;
use super::Returns;
use super::Ty;
use super::args::text;
use super::args::value;
use super::charset::Charset;
use super::csv_text;
use super::json_text;
use super::normal;
use super::yaml_read;
use super::yaml_text;
use crate::value::Data;
use crate::value::Refinement;
use crate::value::Type;
use crate::value::Value;

const STRING: Returns = Returns::Is(Ty::String);
const STR: &[Param] = &[Param::new("str", Ty::String)];

/// The functions of this family.
pub(super) const ALL: &[Function] = &[
    Function::new("base64decode", &[Param::new("str", Ty::String).marked()], STRING, base64_decode)
        .doc("Decodes Base64 into a string.", r#"base64decode("SGVsbG8gV29ybGQ=")"#),
    Function::new("base64encode", STR, STRING, |call| {
        Ok(Value::string(STANDARD.encode(text(call, 0)?.as_bytes())))
    })
    .doc("Encodes the UTF-8 bytes of a string in Base64.", r#"base64encode("Hello World")"#),
    Function::new("base64gzip", STR, STRING, base64_gzip).doc(
        "Compresses the UTF-8 bytes of a string and encodes them in Base64.",
        r#"length(base64gzip("Hello World")) > 0"#,
    ),
    Function::new("csvdecode", STR, Returns::By(csv_type), csv_decode)
        .doc("Reads CSV with a header line into a list of objects.", r#"csvdecode("a,b\n1,2")"#),
    Function::new("jsondecode", STR, Returns::By(json_type), json_decode)
        .may_be_null()
        .doc("Reads a JSON text into a value.", r#"jsondecode("{\"hello\": [1, true]}")"#),
    Function::new(
        "jsonencode",
        &[Param::new("val", Ty::Any).nullable().unknown().dynamic()],
        STRING,
        json_encode,
    )
    .doc("Writes a value as JSON.", r#"jsonencode({ hello = "world" })"#),
    Function::new(
        "textdecodebase64",
        &[Param::new("source", Ty::String), Param::new("encoding", Ty::String)],
        STRING,
        text_decode,
    )
    .doc(
        "Decodes Base64 whose bytes are text in a character encoding.",
        r#"textdecodebase64("SABlAA==", "UTF-16LE")"#,
    ),
    Function::new(
        "textencodebase64",
        &[Param::new("string", Ty::String), Param::new("encoding", Ty::String)],
        STRING,
        text_encode,
    )
    .doc(
        "Writes a string in a character encoding and encodes the bytes in Base64.",
        r#"textencodebase64("He", "UTF-16LE")"#,
    ),
    Function::new("urlencode", STR, STRING, |call| Ok(Value::string(url_encode(text(call, 0)?))))
        .doc("Escapes a string for the query of a URL.", r#"urlencode("Hello World!")"#),
    Function::new("yamldecode", &[Param::new("src", Ty::String)], Returns::By(yaml_type), yaml_decode)
        .may_be_null()
        .doc("Reads a YAML document into a value.", r#"yamldecode("hello: [1, true]")"#),
    Function::new("yamlencode", &[Param::new("value", Ty::Any).nullable().dynamic()], STRING, yaml_encode)
        .doc("Writes a value as YAML in block style.", r#"yamlencode({ a = ["b"] })"#),
];

/// Padding is required; bits of the last character that no byte needs are ignored.
const DECODER: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::RequireCanonical),
);

fn decode_bytes(text: &str) -> Option<Vec<u8>> {
    let compact: String = text.chars().filter(|c| !matches!(c, '\r' | '\n')).collect();
    DECODER.decode(compact).ok()
}

fn base64_decode(call: &Call<'_>) -> Result<Value, FunctionError> {
    let source = text(call, 0)?;
    let marks = value(call, 0)?.marks();
    let Some(bytes) = decode_bytes(source) else {
        let shown = if marks.is_sensitive() { "(sensitive value)".to_owned() } else { format!("{source:?}") };
        return Err(FunctionError::new(format!("failed to decode base64 data {shown}")));
    };
    match String::from_utf8(bytes) {
        Ok(text) => Ok(Value::string(normal(text)).mark(marks)),
        Err(_) => Err(FunctionError::new("the result of decoding the provided string is not valid UTF-8")),
    }
}

fn base64_gzip(call: &Call<'_>) -> Result<Value, FunctionError> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    let bytes = encoder
        .write_all(text(call, 0)?.as_bytes())
        .and_then(|()| encoder.finish())
        .map_err(|error| FunctionError::new(format!("compression failed: {error}")))?;
    Ok(Value::string(STANDARD.encode(bytes)))
}

/// The names of the columns, and the records.
type Csv = (Vec<Arc<str>>, Vec<Vec<String>>);

/// Reads a CSV text; nothing if the text is not known.
fn csv_header(args: &[Value]) -> Result<Option<Csv>, FunctionError> {
    let Some(text) = args.first().and_then(Value::as_str) else { return Ok(None) };
    let mut records = csv_text::records(text).map_err(FunctionError::new)?.into_iter();
    let header = records.next().ok_or_else(|| FunctionError::new("missing header line"))?;
    let mut names: Vec<Arc<str>> = Vec::with_capacity(header.len());
    for name in header {
        let name = normal(name);
        if names.contains(&name) {
            return Err(FunctionError::new(format!("duplicate column name \"{name}\"")));
        }
        names.push(name);
    }
    Ok(Some((names, records.collect())))
}

fn csv_record(names: &[Arc<str>]) -> Type {
    Type::object(names.iter().map(|name| (Arc::clone(name), Type::String)))
}

fn csv_type(args: &[Value]) -> Result<Type, FunctionError> {
    Ok(match csv_header(args)? {
        Some((names, _)) => Type::list(csv_record(&names)),
        None => Type::Any,
    })
}

fn csv_decode(call: &Call<'_>) -> Result<Value, FunctionError> {
    let Some((names, records)) = csv_header(call.args)? else {
        return Ok(Value::unknown(call.returns.clone()));
    };
    let rows = records.into_iter().map(|record| {
        let cells = record.into_iter().map(|cell| Value::string(normal(cell)));
        Value::object(names.iter().cloned().zip(cells))
    });
    Ok(Value::list(csv_record(&names), rows))
}

fn json_type(args: &[Value]) -> Result<Type, FunctionError> {
    match args.first().and_then(Value::as_str) {
        Some(text) => json_text::decode(text).map(|value| value.ty()).map_err(FunctionError::new),
        None => Ok(Type::Any),
    }
}

fn json_decode(call: &Call<'_>) -> Result<Value, FunctionError> {
    json_text::decode(text(call, 0)?).map_err(FunctionError::new)
}

fn json_encode(call: &Call<'_>) -> Result<Value, FunctionError> {
    let arg = value(call, 0)?;
    if arg.is_wholly_known() {
        if holds_infinity(arg) {
            return Err(FunctionError::new("JSON has no way to write infinity"));
        }
        return Ok(Value::string(normal(json_text::encode(arg))));
    }
    // The first character of the text is settled by the type, unless the value may turn out null.
    let mut refinement = Refinement::not_null();
    let never_null = match arg.data() {
        Data::Unknown(unknown) => unknown.refinement.not_null,
        _ => true,
    };
    if never_null {
        refinement.prefix = match arg.ty() {
            Type::String => Some("\"".into()),
            Type::Map(_) | Type::Object(_) => Some("{".into()),
            Type::List(_) | Type::Set(_) | Type::Tuple(_) => Some("[".into()),
            Type::Any | Type::Bool | Type::Number => None,
        };
    }
    Ok(Value::refined(Type::String, refinement))
}

fn holds_infinity(value: &Value) -> bool {
    match value.data() {
        Data::Number(number) => number.is_infinite(),
        Data::List(_, parts) | Data::Set(_, parts) | Data::Tuple(parts) => parts.iter().any(holds_infinity),
        Data::Map(_, fields) | Data::Object(fields) => fields.values().any(holds_infinity),
        Data::Null(_) | Data::Bool(_) | Data::String(_) | Data::Unknown(_) => false,
    }
}

fn charset(call: &Call<'_>) -> Result<Charset, FunctionError> {
    let name = text(call, 1)?;
    Charset::named(name).ok_or_else(|| {
        FunctionError::argument(1, format!("\"{name}\" is not a supported IANA encoding name or alias"))
    })
}

fn text_encode(call: &Call<'_>) -> Result<Value, FunctionError> {
    let charset = charset(call)?;
    let bytes = charset.encode(text(call, 0)?).ok_or_else(|| {
        FunctionError::argument(
            0,
            format!("the given string contains characters that cannot be represented in {}", charset.name()),
        )
    })?;
    Ok(Value::string(STANDARD.encode(bytes)))
}

fn text_decode(call: &Call<'_>) -> Result<Value, FunctionError> {
    let charset = charset(call)?;
    let source = text(call, 0)?;
    let bytes = decode_bytes(source).ok_or_else(|| {
        let offset = bad_base64(source);
        FunctionError::argument(0, format!("the given value has an invalid base64 symbol at offset {offset}"))
    })?;
    let decoded = charset.decode(&bytes).ok_or_else(|| {
        FunctionError::argument(
            0,
            format!("the given string contains symbols that are not defined for {}", charset.name()),
        )
    })?;
    Ok(Value::string(normal(decoded)))
}

/// The position of the first character that cannot stand in Base64, or the end.
fn bad_base64(text: &str) -> usize {
    text.find(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '+' | '/' | '=' | '\r' | '\n'))
        .unwrap_or(text.len())
}

fn url_encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(char::from(byte)),
            b' ' => out.push('+'),
            byte => {
                // Writing to a string cannot fail.
                let _written = write!(out, "%{byte:02X}");
            }
        }
    }
    out
}

fn yaml_encode(call: &Call<'_>) -> Result<Value, FunctionError> {
    let arg = value(call, 0)?;
    if !arg.is_wholly_known() {
        return Ok(Value::unknown(Type::String));
    }
    Ok(Value::string(normal(yaml_text::encode(arg))))
}

fn yaml_type(args: &[Value]) -> Result<Type, FunctionError> {
    match args.first().and_then(Value::as_str) {
        Some(text) => yaml_read::decode(text).map(|value| value.ty()).map_err(FunctionError::new),
        None => Ok(Type::Any),
    }
}

fn yaml_decode(call: &Call<'_>) -> Result<Value, FunctionError> {
    yaml_read::decode(text(call, 0)?).map_err(FunctionError::new)
}
