//! Tests over all functions: their documentation, and the rules every call follows.

use std::sync::Arc;

use super::super::FileError;
use super::super::Files;
use super::super::Referent;
use super::super::Scope;
use super::super::evaluate;
use super::*;
use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::source::SourceMap;
use crate::source::Span;
use crate::syntax::parse::parse_expression;
use crate::value::Value;

/// One file `hello.txt` in `/work`.
struct OneFile;

impl Files for OneFile {
    fn read(&self, path: &str) -> Result<Arc<[u8]>, FileError> {
        match path {
            "hello.txt" => Ok(Arc::from(&b"Hello, World!\n"[..])),
            "greet.tftpl" => Ok(Arc::from(&b"Hello, ${name}!"[..])),
            _ => Err(FileError { message: format!("open {path}: no such file") }),
        }
    }

    fn exists(&self, path: &str) -> Result<bool, FileError> {
        match path {
            "." => Err(FileError { message: "\".\" is a directory, not a file".to_owned() }),
            _ => Ok(matches!(path, "hello.txt" | "greet.tftpl")),
        }
    }

    fn list(&self, _directory: &str) -> Result<Vec<String>, FileError> {
        Ok(vec!["hello.txt".to_owned(), "sub/a.md".to_owned()])
    }

    fn current_directory(&self) -> Arc<str> {
        "/work".into()
    }

    fn home_directory(&self) -> Option<Arc<str>> {
        Some("/home/me".into())
    }
}

struct Plain;

impl Scope for Plain {
    fn root(&self, name: &str, span: Span) -> Result<Referent<'_>, Diagnostics> {
        match name {
            "greeting" => Ok(Referent::Value(Value::string("Hello, ${name}!"))),
            _ => Err(Diagnostic::error(Code::UnknownVariable, format!("no `{name}`")).at(span, "").into()),
        }
    }

    fn files(&self) -> Option<&dyn Files> {
        Some(&OneFile)
    }

    fn plan_time(&self) -> Option<Arc<str>> {
        Some("2026-01-02T03:04:05Z".into())
    }

    fn impure_is_unknown(&self) -> bool {
        false
    }
}

fn eval(text: &str) -> Result<Value, Diagnostics> {
    let mut sources = SourceMap::new();
    let id = sources.add("test", text);
    let parsed = parse_expression(id, 0, text);
    assert!(!parsed.diagnostics.has_errors(), "{text}: {:?}", parsed.diagnostics);
    evaluate(&parsed.output.unwrap(), &Plain)
}

/// Evaluates to the text that `Debug` shows; the summary of the first error otherwise.
fn check(text: &str, expected: &str) {
    let shown = match eval(text) {
        Ok(value) => format!("{value:?}"),
        Err(found) => format!("error: {}", found.iter().next().unwrap().summary),
    };
    assert_eq!(shown, expected, "{text}");
}

#[test]
fn every_function_is_documented_by_an_example_that_evaluates() {
    for function in all() {
        assert!(function.description.ends_with('.'), "{}: description", function.name);
        assert!(function.example.contains(&format!("{}(", function.name)), "{}: example", function.name);
        if let Err(found) = eval(function.example) {
            panic!("{}: {found:?}", function.example);
        }
    }
}

#[test]
fn names_are_unique() {
    let listed: usize = FAMILIES.iter().map(|family| family.len()).sum();
    assert_eq!(listed, names().count());
}

#[test]
fn secrets_are_not_quoted_in_messages() {
    check(
        "formatdate(\"YYYY\", sensitive(\"hunter2\"))",
        "error: invalid value for `time` of `formatdate`: an argument is sensitive, so the reason cannot be shown",
    );
}
