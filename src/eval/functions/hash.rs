//! Digests and identifiers.

use std::fmt::Write as _;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use md5::Digest;
use md5::Md5;
use sha1::Sha1;
use sha2::Sha256;
use sha2::Sha512;
use uuid::Uuid;

use super::Call;
use super::Function;
use super::FunctionError;
use super::Param;
use super::Returns;
use super::Ty;
use super::args::text;
use crate::value::Type;
use crate::value::Value;

const STRING: Returns = Returns::Is(Ty::String);
const STR: &[Param] = &[Param::new("str", Ty::String)];

/// The functions of this family.
pub(super) const ALL: &[Function] = &[
    Function::new("base64sha256", STR, STRING, |call| of_text(call, base64_sha256))
        .doc("Returns the SHA-256 digest of a string in Base64.", r#"base64sha256("hello world")"#),
    Function::new("base64sha512", STR, STRING, |call| of_text(call, base64_sha512))
        .doc("Returns the SHA-512 digest of a string in Base64.", r#"base64sha512("hello world")"#),
    Function::new("md5", STR, STRING, |call| of_text(call, md5))
        .doc("Returns the MD5 digest of a string in hexadecimal.", r#"md5("hello world")"#),
    Function::new("sha1", STR, STRING, |call| of_text(call, sha1))
        .doc("Returns the SHA-1 digest of a string in hexadecimal.", r#"sha1("hello world")"#),
    Function::new("sha256", STR, STRING, |call| of_text(call, sha256))
        .doc("Returns the SHA-256 digest of a string in hexadecimal.", r#"sha256("hello world")"#),
    Function::new("sha512", STR, STRING, |call| of_text(call, sha512))
        .doc("Returns the SHA-512 digest of a string in hexadecimal.", r#"sha512("hello world")"#),
    Function::new("uuid", &[], STRING, |call| {
        Ok(if call.scope.impure_is_unknown() {
            Value::unknown(Type::String)
        } else {
            Value::string(Uuid::new_v4().to_string())
        })
    })
    .doc("Returns a random identifier; known only when applying.", "length(uuid())"),
    Function::new(
        "uuidv5",
        &[Param::new("namespace", Ty::String), Param::new("name", Ty::String)],
        STRING,
        uuid_v5,
    )
    .doc(
        "Returns the identifier that belongs to a name within a namespace.",
        r#"uuidv5("dns", "example.com")"#,
    ),
];

fn of_text(call: &Call<'_>, digest: fn(&[u8]) -> String) -> Result<Value, FunctionError> {
    Ok(Value::string(digest(text(call, 0)?.as_bytes())))
}

fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        // Writing to a string cannot fail.
        let _written = write!(text, "{byte:02x}");
    }
    text
}

/// MD5 in hexadecimal.
pub(super) fn md5(bytes: &[u8]) -> String {
    hex(&Md5::digest(bytes))
}

/// SHA-1 in hexadecimal.
pub(super) fn sha1(bytes: &[u8]) -> String {
    hex(&Sha1::digest(bytes))
}

/// SHA-256 in hexadecimal.
pub(super) fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// SHA-512 in hexadecimal.
pub(super) fn sha512(bytes: &[u8]) -> String {
    hex(&Sha512::digest(bytes))
}

/// SHA-256 in Base64.
pub(super) fn base64_sha256(bytes: &[u8]) -> String {
    STANDARD.encode(Sha256::digest(bytes))
}

/// SHA-512 in Base64.
pub(super) fn base64_sha512(bytes: &[u8]) -> String {
    STANDARD.encode(Sha512::digest(bytes))
}

fn uuid_v5(call: &Call<'_>) -> Result<Value, FunctionError> {
    let namespace = text(call, 0)?;
    let id = match &**namespace {
        "dns" => Uuid::NAMESPACE_DNS,
        "url" => Uuid::NAMESPACE_URL,
        "oid" => Uuid::NAMESPACE_OID,
        "x500" => Uuid::NAMESPACE_X500,
        other => Uuid::try_parse(other).map_err(|_| {
            let why = match other.len() {
                32 | 36 | 38 | 45 => "invalid UUID format".to_owned(),
                length => format!("invalid UUID length: {length}"),
            };
            FunctionError::new(format!("uuidv5() doesn't support namespace {other} ({why})"))
        })?,
    };
    Ok(Value::string(Uuid::new_v5(&id, text(call, 1)?.as_bytes()).to_string()))
}
