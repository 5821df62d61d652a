//! Random texts: nothing panics, every span lies in the text, valid parts survive.

use std::fs;
use std::sync::OnceLock;

use proptest::prelude::*;

use super::super::super::ast::Block;
use super::super::super::ast::ObjectItem;
use super::*;
use crate::source::Span;

/// Pieces that texts are made of; all that has a meaning, and some that has none.
fn pieces() -> impl Strategy<Value = String> {
    let known = vec![
        "a",
        "b",
        "for",
        "in",
        "if",
        "else",
        "endif",
        "endfor",
        "true",
        "null",
        "1",
        "0.5",
        "1e9",
        "\"",
        "\"x\"",
        "${",
        "${~",
        "%{",
        "%{ if a }",
        "%{ endif }",
        "%{ for x in y }",
        "%{ endfor }",
        "}",
        "~}",
        "{",
        "(",
        ")",
        "[",
        "]",
        "=",
        "==",
        ":",
        "::",
        "=>",
        ",",
        ".",
        "...",
        "*",
        "[*]",
        ".*",
        "+",
        "-",
        "!",
        "?",
        "&&",
        "||",
        "<",
        "<=",
        "<<E\n",
        "<<-E\n",
        "\nE\n",
        "\n",
        "\r\n",
        " ",
        "\t",
        "  ",
        "# c\n",
        "// c\n",
        "/*",
        "*/",
        "'",
        "“",
        "”",
        "`",
        ";",
        "@",
        "&",
        "|",
        "~",
        "^",
        "\\",
        "\\n",
        "\\u00e9",
        "$${",
        "é",
        "e\u{301}",
        "\u{feff}",
        "\u{a0}",
        "日本",
        "a \"b\" {\n",
        "x = ",
        "x = 1\n",
        "\n}\n",
        "f(",
        "\u{200b}",
        "\r",
        "\0",
    ];
    prop_oneof![9 => prop::sample::select(known).prop_map(ToOwned::to_owned), 1 => any::<char>().prop_map(String::from)]
}

fn soup() -> impl Strategy<Value = String> {
    prop::collection::vec(pieces(), 0..60).prop_map(|pieces| pieces.concat())
}

struct Spans<'t> {
    text: &'t str,
    base: u32,
}

impl Spans<'_> {
    fn check(&self, span: Span) {
        let (start, end) = (span.start.checked_sub(self.base), span.end.checked_sub(self.base));
        let (Some(start), Some(end)) = (start, end) else { panic!("{span:?} before {}", self.base) };
        assert!(start <= end, "{span:?} is turned round in {:?}", self.text);
        assert!(self.text.get(start as usize..end as usize).is_some(), "{span:?} in {:?}", self.text);
    }

    fn diagnostics(&self, diagnostics: &crate::diag::Diagnostics) {
        for diagnostic in diagnostics {
            assert!(!diagnostic.labels.is_empty(), "{diagnostic:?}");
            diagnostic.labels.iter().for_each(|label| self.check(label.span));
        }
    }

    fn body(&self, body: &Body) {
        self.check(body.span);
        for attribute in &body.attributes {
            self.check(attribute.span);
            self.check(attribute.name.span);
            self.expr(&attribute.expr);
        }
        for Block { kind, labels, body, header, span } in &body.blocks {
            self.check(kind.span);
            for label in labels {
                self.check(label.span);
            }
            self.check(*header);
            self.check(*span);
            self.body(body);
        }
    }

    fn expr(&self, expr: &Expr) {
        self.check(expr.span);
        if let Some(left) = expr.left() {
            self.expr(left);
        }
        match &expr.kind {
            ExprKind::Template(parts) => self.parts(parts),
            ExprKind::TemplateWrap(inner) | ExprKind::Parens(inner) => self.expr(inner),
            ExprKind::GetAttr(step) => self.check(step.name.span),
            ExprKind::Index(step) => self.expr(&step.key),
            ExprKind::Splat(step) => {
                self.check(step.marker);
                self.expr(&step.each);
            }
            ExprKind::Call(call) => {
                self.check(call.name.span);
                self.check(call.parens);
                call.arguments.iter().for_each(|argument| self.expr(argument));
            }
            ExprKind::Conditional(c) => {
                self.expr(&c.yes);
                self.expr(&c.no);
            }
            ExprKind::Binary(b) => {
                self.check(b.operator.span);
                self.expr(&b.right);
            }
            ExprKind::Unary(u) => {
                self.check(u.operator.span);
                self.expr(&u.operand);
            }
            ExprKind::Tuple(items) => items.iter().for_each(|item| self.expr(item)),
            ExprKind::Object(items) => {
                for ObjectItem { key, value, .. } in items {
                    self.expr(key);
                    self.expr(value);
                }
            }
            ExprKind::For(f) => {
                self.check(f.value.span);
                self.expr(&f.collection);
                f.result_key.iter().chain(&f.condition).for_each(|expr| self.expr(expr));
                self.expr(&f.result);
            }
            ExprKind::Literal(_) | ExprKind::Variable(_) | ExprKind::SplatItem | ExprKind::Invalid => {}
        }
    }

    fn parts(&self, parts: &[TemplatePart]) {
        for part in parts {
            match part {
                TemplatePart::Text(_) => {}
                TemplatePart::Interpolation(expr) => self.expr(expr),
                TemplatePart::If(d) => {
                    self.check(d.span);
                    self.expr(&d.condition);
                    self.parts(&d.yes);
                    self.parts(&d.no);
                }
                TemplatePart::For(d) => {
                    self.check(d.span);
                    self.expr(&d.collection);
                    self.parts(&d.body);
                }
            }
        }
    }
}

/// Returns whether an expression that could not be parsed hangs somewhere in a body.
fn has_invalid(body: &Body) -> bool {
    let shown = |expr: &Expr| format!("{:?}", expr.kind).contains("Invalid");
    body.attributes.iter().any(|attribute| shown(&attribute.expr))
        || body.blocks.iter().any(|block| has_invalid(&block.body))
}

fn judge_file(text: &str) {
    let spans = Spans { text, base: 0 };
    let checked = parse_file(SOURCE, text);
    spans.diagnostics(&checked.diagnostics);
    let body = checked.output.unwrap();
    spans.body(&body);
    if checked.diagnostics.is_empty() {
        assert!(!body.partial, "{text:?}");
        assert!(!has_invalid(&body), "{text:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn soup_does_no_harm(text in soup()) {
        judge_file(&text);
        let spans = Spans { text: &text, base: 7 };
        for checked in [parse_expression(SOURCE, 7, &text), parse_template(SOURCE, 7, &text)] {
            spans.diagnostics(&checked.diagnostics);
            spans.expr(&checked.output.unwrap());
        }
    }
}

/// The inputs of the formatter's recorded cases.
fn inputs() -> &'static [String] {
    static INPUTS: OnceLock<Vec<String>> = OnceLock::new();
    INPUTS.get_or_init(|| {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/conformance/fmt/cases.jsonl");
        let cases = fs::read_to_string(path).unwrap();
        let inputs = cases.lines().filter_map(|line| {
            let case: serde_json::Value = serde_json::from_str(line).unwrap();
            case["input"].as_str().map(ToOwned::to_owned)
        });
        inputs.collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    /// A valid text with a piece removed or put in: what a person at a keyboard leaves behind.
    #[test]
    fn damaged_texts_do_no_harm(pick in any::<prop::sample::Index>(), at in any::<prop::sample::Index>(), cut in 0_usize..4, piece in pieces()) {
        let inputs = inputs();
        let text = &inputs[pick.index(inputs.len())];
        let mut chars: Vec<char> = text.chars().collect();
        let at = at.index(chars.len() + 1);
        let end = (at + cut).min(chars.len());
        chars.splice(at..end, piece.chars());
        judge_file(&chars.into_iter().collect::<String>());
    }

    /// An item with any damage in it leaves the ones before it alone, and with balanced brackets the ones behind.
    #[test]
    fn neighbours_survive(soup in soup()) {
        let text = format!("first = 1\n{soup}\n");
        let body = parse_file(SOURCE, &text).output.unwrap();
        let first = body.attributes.first().unwrap();
        assert_eq!((&*first.name.value, show(&first.expr)), ("first", "1".to_owned()));
    }
}
