//! Functions that read files or work on paths. Files are read through the scope's port only.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::super::Files;
use super::Call;
use super::Function;
use super::FunctionError;
use super::Param;
use super::Returns;
use super::Ty;
use super::args::text;
use super::args::value;
use super::glob::Glob;
use super::hash;
use super::normal;
use crate::value::Marks;
use crate::value::Type;
use crate::value::Value;

const STRING: Returns = Returns::Is(Ty::String);
const PATH: &[Param] = &[Param::new("path", Ty::String)];
const MARKED_PATH: &[Param] = &[Param::new("path", Ty::String).marked()];

/// The functions of this family.
pub(super) const ALL: &[Function] = &[
    Function::new("abspath", PATH, STRING, |call| {
        let path = text(call, 0)?;
        let whole = if path.starts_with('/') {
            path.to_string()
        } else {
            format!("{}/{path}", files(call)?.current_directory())
        };
        Ok(Value::string(normal(clean(&whole))))
    })
    .doc("Makes a path absolute, from the working directory.", r#"startswith(abspath("x"), "/")"#),
    Function::new("basename", PATH, STRING, |call| {
        let path = text(call, 0)?;
        let trimmed = path.trim_end_matches('/');
        Ok(Value::string(match (path.is_empty(), trimmed.is_empty()) {
            (true, _) => ".",
            (_, true) => "/",
            _ => trimmed.rsplit('/').next().unwrap_or(trimmed),
        }))
    })
    .doc("Returns the last part of a path.", r#"basename("foo/bar/baz.txt")"#),
    Function::new("dirname", PATH, STRING, |call| {
        let path = text(call, 0)?;
        Ok(Value::string(clean(path.rfind('/').and_then(|end| path.get(..=end)).unwrap_or(""))))
    })
    .doc("Returns a path without its last part.", r#"dirname("foo/bar/baz.txt")"#),
    Function::new("file", MARKED_PATH, STRING, |call| {
        let (bytes, marks) = read(call)?;
        utf8(call, &bytes).map(|text| Value::string(text).mark(marks))
    })
    .doc("Returns the text of a file.", r#"file("hello.txt")"#),
    Function::new("filebase64", MARKED_PATH, STRING, |call| {
        let (bytes, marks) = read(call)?;
        Ok(Value::string(STANDARD.encode(bytes)).mark(marks))
    })
    .doc("Returns the bytes of a file in Base64.", r#"filebase64("hello.txt")"#),
    Function::new("filebase64sha256", MARKED_PATH, STRING, |call| digest(call, hash::base64_sha256))
        .doc("Returns the SHA-256 digest of a file in Base64.", r#"filebase64sha256("hello.txt")"#),
    Function::new("filebase64sha512", MARKED_PATH, STRING, |call| digest(call, hash::base64_sha512))
        .doc("Returns the SHA-512 digest of a file in Base64.", r#"filebase64sha512("hello.txt")"#),
    Function::new("fileexists", MARKED_PATH, Returns::Is(Ty::Bool), exists)
        .doc("Tells whether a file exists.", r#"fileexists("hello.txt")"#),
    Function::new("filemd5", MARKED_PATH, STRING, |call| digest(call, hash::md5))
        .doc("Returns the MD5 digest of a file in hexadecimal.", r#"filemd5("hello.txt")"#),
    Function::new(
        "fileset",
        &[Param::new("path", Ty::String).marked(), Param::new("pattern", Ty::String).marked()],
        Returns::Is(Ty::Set(&Ty::String)),
        file_set,
    )
    .doc("Returns the files below a directory whose paths match a pattern.", r#"fileset(".", "*.txt")"#),
    Function::new("filesha1", MARKED_PATH, STRING, |call| digest(call, hash::sha1))
        .doc("Returns the SHA-1 digest of a file in hexadecimal.", r#"filesha1("hello.txt")"#),
    Function::new("filesha256", MARKED_PATH, STRING, |call| digest(call, hash::sha256))
        .doc("Returns the SHA-256 digest of a file in hexadecimal.", r#"filesha256("hello.txt")"#),
    Function::new("filesha512", MARKED_PATH, STRING, |call| digest(call, hash::sha512))
        .doc("Returns the SHA-512 digest of a file in hexadecimal.", r#"filesha512("hello.txt")"#),
    Function::new("pathexpand", PATH, STRING, |call| {
        let path = text(call, 0)?;
        expand(call, path).map(|path| Value::string(normal(path)))
    })
    .doc("Replaces `~` at the start of a path by the home directory.", r#"pathexpand("/etc/hosts")"#),
];

/// The port to files.
pub(super) fn files<'c>(call: &Call<'c>) -> Result<&'c dyn Files, FunctionError> {
    call.scope.files().ok_or_else(|| FunctionError::new("files cannot be read here"))
}

/// Removes empty segments, `.` and, where possible, `..` from a path.
fn clean(path: &str) -> String {
    let absolute = path.starts_with('/');
    let mut kept: Vec<&str> = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." if kept.last().is_some_and(|last| *last != "..") => {
                kept.pop();
            }
            ".." if absolute => {}
            other => kept.push(other),
        }
    }
    let joined = kept.join("/");
    match (absolute, joined.is_empty()) {
        (true, _) => format!("/{joined}"),
        (false, true) => ".".to_owned(),
        (false, false) => joined,
    }
}

fn expand(call: &Call<'_>, path: &str) -> Result<String, FunctionError> {
    let Some(rest) = path.strip_prefix('~') else { return Ok(path.to_owned()) };
    if !rest.is_empty() && !rest.starts_with('/') {
        return Err(FunctionError::new("cannot expand user-specific home dir"));
    }
    let home =
        files(call)?.home_directory().ok_or_else(|| FunctionError::new("the home directory is not known"))?;
    Ok(if rest.is_empty() { home.to_string() } else { clean(&format!("{home}{rest}")) })
}

/// A path as messages may show it.
fn shown(path: &str, marks: Marks) -> String {
    if marks.is_sensitive() { "(sensitive value)".to_owned() } else { format!("\"{path}\"") }
}

/// Reads the file that the first argument names, and returns the marks of the path.
pub(super) fn read(call: &Call<'_>) -> Result<(Arc<[u8]>, Marks), FunctionError> {
    let (path, marks) = (text(call, 0)?, value(call, 0)?.marks());
    let files = files(call)?;
    let place = clean(&expand(call, path)?);
    let missing = matches!(files.exists(&place), Ok(false));
    if missing {
        return Err(FunctionError::argument(
            0,
            format!(
                "no file exists at {}; only files that are there before the plan can be read, not those \
                 that a resource will write",
                shown(path, marks)
            ),
        ));
    }
    files.read(&place).map(|bytes| (bytes, marks)).map_err(|error| {
        let reason = if marks.is_sensitive() {
            "failed to read the file".to_owned()
        } else {
            format!("failed to read file: {error}")
        };
        FunctionError::argument(0, reason)
    })
}

/// The bytes of a file as text.
pub(super) fn utf8(call: &Call<'_>, bytes: &[u8]) -> Result<Arc<str>, FunctionError> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(normal(text.to_owned())),
        Err(_) => Err(FunctionError::new(format!(
            "contents of {} are not valid UTF-8; `filebase64` returns them in Base64",
            shown(text(call, 0)?, value(call, 0)?.marks())
        ))),
    }
}

fn digest(call: &Call<'_>, digest: fn(&[u8]) -> String) -> Result<Value, FunctionError> {
    // A file that cannot be read fails the call as a whole here, not the argument.
    let (bytes, marks) = read(call).map_err(|error| FunctionError::new(error.message))?;
    Ok(Value::string(digest(&bytes)).mark(marks))
}

fn exists(call: &Call<'_>) -> Result<Value, FunctionError> {
    let (path, marks) = (text(call, 0)?, value(call, 0)?.marks());
    let place = clean(&expand(call, path)?);
    match files(call)?.exists(&place) {
        Ok(exists) => Ok(Value::bool(exists).mark(marks)),
        Err(error) if marks.is_sensitive() => {
            drop(error);
            Err(FunctionError::new("(sensitive value) is not a file"))
        }
        Err(error) => Err(FunctionError::new(error.message)),
    }
}

fn file_set(call: &Call<'_>) -> Result<Value, FunctionError> {
    let (path, pattern) = (text(call, 0)?, text(call, 1)?);
    let marks = value(call, 0)?.marks() | value(call, 1)?.marks();
    let directory = clean(&expand(call, path)?);
    let glob = Glob::new(pattern).ok_or_else(|| {
        FunctionError::new(format!(
            "failed to glob pattern {}: syntax error in pattern",
            shown(&format!("{directory}/{pattern}"), marks)
        ))
    })?;
    // A directory that does not exist has no files.
    let found = files(call)?.list(&directory).unwrap_or_default();
    let names = found.into_iter().filter(|name| glob.matches(name));
    Ok(Value::set(Type::String, names.map(|name| Value::string(normal(name)))).mark(marks))
}
