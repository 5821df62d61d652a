//! Texts that are made to cost much: each ends at a limit that is counted (levels, steps, parts, bytes, findings), with a
//! finding that names it, and what is printed is bounded, too.

use crate::support::Place;

/// Most that one run may print, in bytes.
const MOST_PRINTED: usize = 256 * 1024;

/// What `validate` says of a configuration; nothing if it is valid. Its files are `main.qf.hcl` and some more.
#[track_caller]
fn said(text: &str, more: &[(&str, &str)]) -> String {
    let mut files = vec![("main.qf.hcl", text)];
    files.extend(more);
    let output = Place::with(&files).run(&["validate"]);
    assert!(
        output.stdout.len() + output.stderr.len() < MOST_PRINTED,
        "{} bytes are printed, beginning with {}",
        output.stderr.len(),
        output.stderr.chars().take(2000).collect::<String>()
    );
    if output.stderr.is_empty() {
        assert_eq!(output.stdout, "The configuration is valid.\n");
    }
    output.stderr
}

/// Asserts that the first finding is of a code.
#[track_caller]
fn ends_with(code: &str, text: &str) {
    let said = said(text, &[]);
    assert!(said.starts_with(&format!("error[{code}]")), "{}", said.chars().take(2000).collect::<String>());
}

fn local(value: &str) -> String {
    format!("locals {{\n  a = {value}\n}}\n")
}

/// Names that each hold the one before, made by `next`.
fn chain(first: &str, count: usize, next: impl Fn(&str) -> String) -> String {
    let mut text = format!("locals {{\n  l0 = {first}\n");
    for index in 1..count {
        text += &format!("  l{index} = {}\n", next(&format!("local.l{}", index - 1)));
    }
    text + "}\n"
}

const DEEP: usize = 50_000;

#[test]
fn levels_of_nesting_are_counted() {
    for (open, inside, close) in [
        ("(", "1", ")"),
        ("[", "1", "]"),
        ("{ a = ", "1", "}"),
        ("\"${", "1", "}\""),
        ("upper(", "1", ")"),
        ("!", "true", ""),
        ("-", "1", ""),
        ("true ? 1 : ", "2", ""),
        ("true ? ", "2", " : 1"),
        ("[for x in ", "[]", " : x]"),
    ] {
        ends_with("too-deep", &local(&format!("{}{inside}{}", open.repeat(DEEP), close.repeat(DEEP))));
    }
    for (open, close) in [("%{ if true }", "%{ endif }"), ("%{ for x in [1] }", "%{ endfor }")] {
        let count = 5_000;
        ends_with("too-deep", &local(&format!("\"{}x{}\"", open.repeat(count), close.repeat(count))));
    }
    let ty = format!("{}string{}", "list(".repeat(DEEP), ")".repeat(DEEP));
    ends_with("too-deep", &format!("variable \"a\" {{\n  type = {ty}\n}}\n"));
}

#[test]
fn what_is_never_closed_is_reported_once_or_in_bounds() {
    for open in ["(", "[", "{ a = ", "\"${", "upper(", "a["] {
        let text = format!("locals {{\n  a = {}", open.repeat(DEEP));
        let said = said(&text, &[]);
        assert!(said.starts_with("error[un"), "{}", said.chars().take(2000).collect::<String>());
    }
    ends_with("unclosed-block", &"a {\n".repeat(20_000));
    ends_with("unclosed-block", &"a{".repeat(DEEP));
    ends_with("syntax", &"/*".repeat(DEEP));
}

#[test]
fn long_chains_are_walked_without_recursion() {
    let sum = format!("1{}", " + 1".repeat(DEEP));
    assert_eq!(said(&local(&sum), &[]), "");
    for step in [".a", "[0]"] {
        let text = format!("locals {{\n  b = {{}}\n  a = local.b{}\n}}\n", step.repeat(DEEP));
        assert_ne!(said(&text, &[]), "");
    }
    assert_eq!(said(&chain("1", 20_000, str::to_owned), &[]), "");
}

#[test]
fn cycles_are_shown_in_part() {
    let count = 20_000;
    let text: String = (0..count).map(|at| format!("  l{at} = local.l{}\n", (at + 1) % count)).collect();
    ends_with("cycle", &format!("locals {{\n{text}}}\n"));
}

#[test]
fn steps_of_loops_are_counted() {
    let text = "locals {\n  r = range(1000)\n  a = [for x in local.r : [for y in local.r : [for z in local.r : x]]]\n}\n";
    let said = said(text, &[]);
    assert!(said.contains("steps"), "{said}");
}

#[test]
fn values_that_grow_with_each_name_end_at_a_limit() {
    let grown = |text: String| {
        let said = said(&text, &[]);
        assert!(said.starts_with("error[too-"), "{}", said.chars().take(2000).collect::<String>());
    };
    grown(chain("\"xxxxxxxxxx\"", 64, |last| format!("\"${{{last}}}${{{last}}}\"")));
    grown(chain("[1]", 64, |last| format!("[{last}, {last}]")));
    grown(chain("{}", 64, |last| format!("{{ a = {last}, b = {last} }}")));
    grown(chain("[1]", 64, |last| format!("concat({last}, {last})")));
    grown(chain("{}", 2_000, |last| format!("{{ a = {last} }}")));
}

#[test]
fn functions_that_multiply_their_input_end_at_a_limit() {
    let long = "join(\"\", [for i in range(1024) : \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"])";
    for (value, reason) in [
        ("indent(100000000, \"a\\nb\\nc\")".to_owned(), "too large"),
        (format!("replace({long}, \"a\", {long})"), "too large"),
        (format!("replace({long}, \"/a/\", {long})"), "too large"),
        (format!("join({long}, [for i in range(1024) : \"\"], [for i in range(1024) : \"\"])"), "too large"),
        ("setproduct(range(1000), range(1000), range(1000), range(1000))".to_owned(), "too many"),
        ("range(0, 1000000)".to_owned(), "more than 1024"),
        ("cidrsubnets(\"fd00::/8\", [for i in range(1024) : 64]...)".to_owned(), "cidrsubnets"),
        ("regexall(\"((((((x{100}){100}){100}){100}){100}){100})\", \"xxx\")".to_owned(), "pattern"),
        ("regexall(\"\\\\pL{900}\\\\pL{900}\\\\pL{900}\", \"xxx\")".to_owned(), "pattern"),
        ("yamldecode(file(\"bomb.yaml\"))".to_owned(), "too large"),
        ("yamldecode(file(\"deep.yaml\"))".to_owned(), "limit"),
        ("jsondecode(file(\"deep.yaml\"))".to_owned(), "depth"),
        ("templatefile(\"itself.tpl\", {})".to_owned(), "inside another template"),
    ] {
        let mut bomb = "a: &a [\"x\",\"x\",\"x\",\"x\",\"x\",\"x\",\"x\",\"x\",\"x\"]\n".to_owned();
        for (last, next) in ('a'..'j').zip('b'..) {
            bomb += &format!("{next}: &{next} [{}]\n", vec![format!("*{last}"); 9].join(","));
        }
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        let more = [
            ("bomb.yaml", bomb.as_str()),
            ("deep.yaml", deep.as_str()),
            ("itself.tpl", "${templatefile(\"itself.tpl\", {})}"),
        ];
        let said = said(&local(&value), &more);
        assert!(said.contains(reason), "{value}: {}", said.chars().take(2000).collect::<String>());
    }
}

/// Patterns are matched in time that grows with the text alone, and formats have a greatest width.
#[test]
fn what_is_slow_elsewhere_is_not_slow_here() {
    for value in [
        format!("regexall(\"(?:a?){{200}}a{{200}}\", \"{}\")", "a".repeat(200)),
        format!("replace(\"{}\", \"/(a*)*b/\", \"x\")", "a".repeat(5_000)),
        "length(format(\"%9999999999d\", 1))".to_owned(),
        "1e999999 % 7".to_owned(),
        "pow(10, 1000000000)".to_owned(),
    ] {
        assert_eq!(said(&local(&value), &[]), "", "{value}");
    }
}

#[test]
fn large_literals_are_read_in_one_pass() {
    assert_eq!(said(&local(&"7".repeat(200_000)), &[]), "");
    assert_eq!(said(&local(&format!("0.{}", "7".repeat(200_000))), &[]), "");
    let lines = format!("<<EOT\n{}EOT", "some text of a line\n".repeat(20_000));
    assert_eq!(said(&local(&lines), &[]), "");
    let marks = format!("\"e{}\"", "\u{301}\u{323}".repeat(100_000));
    assert_eq!(said(&local(&marks), &[]), "");
}

#[test]
fn not_every_finding_is_printed() {
    let count = 20_000;
    let wrong: String = (0..count).map(|at| format!("  l{at} = nope.x{at}.y\n")).collect();
    let said_of = said(&format!("locals {{\n{wrong}}}\n"), &[]);
    assert!(said_of.contains("20000 errors") && said_of.contains("more"), "{}", said_of.len());
    for text in
        ["@\n".repeat(count), "@".repeat(count), "\0".repeat(count), format!("a {}", "\"b\" ".repeat(count))]
    {
        assert_ne!(said(&text, &[]), "");
    }
    let name = "a".repeat(100_000);
    assert_ne!(said(&format!("locals {{\n  a = {name}\n  b = local.{name}\n}}\n"), &[]), "");
}

#[test]
fn counts_have_a_greatest_number() {
    ends_with("invalid-count", "resource \"queueform_data\" \"a\" {\n  count = 1000000000\n}\n");
}
