//! Tests over all functions: their documentation, and the rules every call follows.

use std::fmt::Write as _;
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
use crate::syntax::ast::Expr;
use crate::syntax::ast::ExprKind;
use crate::syntax::parse::parse_expression;
use crate::value::Data;
use crate::value::Marks;
use crate::value::Type;
use crate::value::Value;

/// One file `hello.txt` in `/work`.
struct OneFile;

impl Files for OneFile {
    fn read(&self, path: &str) -> Result<Arc<[u8]>, FileError> {
        match path {
            "hello.txt" => Ok(Arc::from(&b"Hello, World!\n"[..])),
            "greet.tftpl" => Ok(Arc::from(&b"Hello, ${name}!"[..])),
            "key.pem" => Ok(Arc::from(&include_bytes!("../../../tests/fixtures/keys/openssh.pem")[..])),
            "secret.b64" => Ok(Arc::from(&include_bytes!("../../../tests/fixtures/keys/encrypted.b64")[..])),
            _ => Err(FileError { message: format!("open {path}: no such file") }),
        }
    }

    fn exists(&self, path: &str) -> Result<bool, FileError> {
        match path {
            "." => Err(FileError { message: "\".\" is a directory, not a file".to_owned() }),
            _ => Ok(matches!(path, "hello.txt" | "greet.tftpl" | "key.pem" | "secret.b64")),
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

/// Knows `greeting`, and `hole` if it is given.
#[derive(Default)]
struct Plain {
    hole: Option<Value>,
}

impl Scope for Plain {
    fn root(&self, name: &str, span: Span) -> Result<Referent<'_>, Diagnostics> {
        match (name, &self.hole) {
            ("greeting", _) => Ok(Referent::Value(Value::string("Hello, ${name}!"))),
            ("hole", Some(value)) => Ok(Referent::Value(value.clone())),
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

fn parse(text: &str) -> Expr {
    let mut sources = SourceMap::new();
    let id = sources.add("test", text);
    let parsed = parse_expression(id, 0, text);
    assert!(!parsed.diagnostics.has_errors(), "{text}: {:?}", parsed.diagnostics);
    parsed.output.unwrap()
}

fn eval(text: &str) -> Result<Value, Diagnostics> {
    evaluate(&parse(text), &Plain::default())
}

/// The example of a function with each argument in turn replaced by a name, and what stood there.
fn holes(function: &Function) -> Vec<(String, Value)> {
    let ExprKind::Call(call) = parse(function.example).kind else { return Vec::new() };
    if *call.name.value != *function.name {
        return Vec::new();
    }
    call.arguments
        .iter()
        .filter(|argument| {
            !(function.name == "templatestring" && matches!(argument.kind, ExprKind::Variable(_)))
        })
        .map(|argument| {
            let mut text = function.example.to_owned();
            text.replace_range(argument.span.start as usize..argument.span.end as usize, "hole");
            (text, evaluate(argument, &Plain::default()).unwrap())
        })
        .collect()
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
fn a_sensitive_argument_makes_a_sensitive_result() {
    // These take the mark off, or answer a question about it.
    let exceptions = ["issensitive", "nonsensitive"];
    for function in all().filter(|function| !exceptions.contains(&function.name)) {
        for (text, argument) in holes(function) {
            let scope = Plain { hole: Some(argument.mark(Marks::SENSITIVE)) };
            let result = evaluate(&parse(&text), &scope).unwrap();
            assert!(result.marks_deep().is_sensitive(), "{text} for {}", function.example);
        }
    }
}

#[test]
fn what_is_known_in_spite_of_unknown_arguments_stays_true() {
    for function in all() {
        for (text, argument) in holes(function) {
            for hole in [Value::unknown(argument.ty()), Value::unknown(Type::Any)] {
                // An argument of unknown type may also fail.
                let Ok(open) = evaluate(&parse(&text), &Plain { hole: Some(hole) }) else { continue };
                let closed = eval(function.example).unwrap();
                assert_agrees(&open, &closed, &text);
            }
        }
    }
}

/// Every part that was known before must be the same now.
fn assert_agrees(open: &Value, closed: &Value, text: &str) {
    match (open.data(), closed.data()) {
        (Data::Unknown(unknown), _) => {
            assert!(!(unknown.refinement.not_null && closed.is_null()), "{text}: null");
            if let (Some(prefix), Some(whole)) = (&unknown.refinement.prefix, closed.as_str()) {
                assert!(whole.starts_with(&**prefix), "{text}: prefix");
            }
            assert!(unknown.ty.has_any() || unknown.ty == closed.ty(), "{text}: type");
        }
        (Data::List(..) | Data::Tuple(_), _) => {
            let (open, closed) = (open.elements().unwrap(), closed.elements().unwrap());
            assert_eq!(open.len(), closed.len(), "{text}: length");
            for (open, closed) in open.iter().zip(closed) {
                assert_agrees(open, closed, text);
            }
        }
        (Data::Map(..) | Data::Object(_), _) => {
            let (open, closed) = (open.fields().unwrap(), closed.fields().unwrap());
            assert_eq!(open.len(), closed.len(), "{text}: length");
            for (name, open) in open {
                assert_agrees(open, closed.get(name).unwrap(), text);
            }
        }
        // Unknown elements of sets may turn out equal to others.
        (Data::Set(..), _) if !open.is_wholly_known() => {}
        _ => assert!(open.same_as(closed), "{text}: {open:?} became {closed:?}"),
    }
}

#[test]
fn names_are_unique() {
    let listed: usize = families().map(|(_, family)| family.len()).sum();
    assert_eq!(listed, names().count());
}

#[test]
fn secrets_are_not_quoted_in_messages() {
    check(
        "formatdate(\"YYYY\", sensitive(\"hunter2\"))",
        "error: invalid value for `time` of `formatdate`: an argument is sensitive, so the reason cannot be shown",
    );
}

#[test]
fn formats() {
    check(r#"format("%-8s|%08.3f|%+d|%#x", "ab", 3.14159, 5, 255)"#, r#""ab      |0003.142|+5|0xff""#);
    check(r#"format("%[2]s %[1]v", [1], "x")"#, r#""x [1]""#);
    check(r#"format("%v %g %e", 1e21, 0.00001, 12345.678)"#, r#""1e+21 1e-05 1.234568e+04""#);
    check(
        r#"format("%d", 1.5)"#,
        r#"error: `format` failed: unsupported value for "%d" at 0: an integer is required"#,
    );
    check(r#"format("%5000000s", "")"#, &format!("{:?}", " ".repeat(1_000_000)));
}

#[test]
fn patterns_are_those_of_re2() {
    check(r#"regex("[[a]+", "x[a[")"#, r#""[a[""#);
    check(r#"regex("\\w+", "héllo")"#, r#""h""#);
    check(r#"regex("[\\d&&x-]+", "1&x-")"#, r#""1&x-""#);
    check(r#"regexall("o*", "foo")"#, r#"list["", "oo"]"#);
    check(r#"replace("foo", "/(?P<v>o)/", "<$${v}>")"#, r#""f<o><o>""#);
    check(
        r#"regex("a**", "a")"#,
        "error: invalid value for `pattern` of `regex`: invalid regexp pattern: invalid nested repetition operator in **",
    );
    check(
        r#"regex("(?P<a>x)(y)", "xy")"#,
        "error: invalid value for `pattern` of `regex`: invalid regexp pattern: cannot mix both named and unnamed capture groups",
    );
}

#[test]
fn dates() {
    check(r#"timeadd("2024-02-28T23:30:00+01:00", "1h")"#, r#""2024-02-29T00:30:00+01:00""#);
    check(r#"timeadd("1969-12-31T23:59:59Z", "-1.5s")"#, r#""1969-12-31T23:59:57Z""#);
    check(
        r#"formatdate("EEEE 'the' D. MMMM YYYY, h:mm aa ZZZ", "2026-11-21T00:05:00-03:30")"#,
        r#""Saturday the 21. November 2026, 0:05 am -0330""#,
    );
}

#[test]
fn address_ranges() {
    check(r#"cidrsubnet("2001:db8::/32", 16, 255)"#, r#""2001:db8:ff::/48""#);
    check(r#"cidrhost("fe80::/64", -1)"#, r#""fe80::ffff:ffff:ffff:ffff""#);
    check(r#"cidrsubnets("10.0.0.0/8", 4, 8, 4)"#, r#"list["10.0.0.0/12", "10.16.0.0/16", "10.32.0.0/12"]"#);
}

#[test]
fn files_and_templates() {
    check(r#"fileset(".", "**/*.md")"#, r#"set["sub/a.md"]"#);
    check(r#"fileset(".", "{hello,x}.t?t")"#, r#"set["hello.txt"]"#);
    check(r#"pathexpand("~/x")"#, r#""/home/me/x""#);
    check(
        r#"templatefile("greet.tftpl", {})"#,
        "error: invalid value for `vars` of `templatefile`: vars map does not contain key \"name\", referenced at greet.tftpl:1,10",
    );
    check(
        r#"file(sensitive("secret.txt"))"#,
        "error: invalid value for `path` of `file`: no file exists at (sensitive value); only files that are there before the plan can be read, not those that a resource will write",
    );
}

/// The reference page, as written by the functions themselves.
fn reference() -> String {
    let mut page = String::from(
        "<!-- generated from src/eval/functions by its tests; do not edit -->\n\n# Functions\n\n\
         All can be called with `core::` in front of their names. Strings are counted in characters as people see\n\
         them (grapheme clusters). Results of sensitive arguments are sensitive.\n",
    );
    let result = |example: &str| {
        if example == "timestamp()" {
            return String::new();
        }
        let value = eval(example).unwrap();
        if value.marks_deep().is_sensitive() {
            return "(sensitive value)".to_owned();
        }
        let shown = lookup("provider::queueform::encode_expr").unwrap();
        match shown.call(vec![value], &Plain::default(), parse("1").span) {
            Ok(text) => text.as_str().unwrap().to_string(),
            Err(_) => "null".to_owned(),
        }
    };
    let entry = |signature: &str, description: &str, example: &str| {
        let mut text = format!("\n### `{signature}`\n\n{description}\n\n```hcl\n{example}\n```\n");
        let result = result(example);
        if !result.is_empty() {
            let _written = write!(text, "\n```hcl\n{result}\n```\n");
        }
        text
    };
    page.push_str("\n## Errors\n");
    for lazy in LAZY {
        page.push_str(&entry(lazy.signature, lazy.description, lazy.example));
    }
    for (title, family) in families() {
        let _written = write!(page, "\n## {title}\n");
        let mut sorted: Vec<&Function> = family.iter().collect();
        sorted.sort_by_key(|function| function.name);
        for function in sorted {
            page.push_str(&entry(&function.signature(), function.description, function.example));
        }
    }
    page
}

/// `UPDATE=1` writes the page anew.
#[test]
fn the_reference_page_is_current() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/reference/functions.md");
    let page = reference();
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(kept == page, "run the tests once with UPDATE=1 to rewrite {}", path.display());
}
