//! The same trees as another parser, on texts that both accept.

use std::fs;

use hcl::edit::expr::Expression;
use hcl::edit::expr::ObjectKey;
use hcl::edit::expr::TraversalOperator;
use hcl::edit::expr::UnaryOperator;
use hcl::edit::structure::BlockLabel;
use hcl::edit::template::Directive;
use hcl::edit::template::Element;
use hcl::edit::template::Template;
use proptest::prelude::*;

use super::*;

fn other(expr: &Expression) -> String {
    match expr {
        Expression::Null(_) => "null".to_owned(),
        Expression::Bool(value) => value.to_string(),
        Expression::Number(value) => value.value().to_string(),
        Expression::String(text) => format!("{:?}", &**text),
        Expression::Array(items) => format!("[{}]", items.iter().map(other).collect::<Vec<_>>().join(", ")),
        Expression::Object(items) => {
            let items: Vec<String> = items
                .iter()
                .map(|(key, value)| {
                    let key = match key {
                        ObjectKey::Ident(name) => format!("'{:?}", name.as_str()),
                        ObjectKey::Expression(expr) => match expr {
                            Expression::Variable(name) => format!("'{:?}", name.as_str()),
                            Expression::Null(_) | Expression::Bool(_) => format!("'\"{}\"", other(expr)),
                            _ => other(expr),
                        },
                    };
                    format!("{key}={}", other(value.expr()))
                })
                .collect();
            format!("{{{}}}", items.join(", "))
        }
        Expression::StringTemplate(template) => {
            let elements: Vec<&Element> = template.iter().collect();
            whole(&elements)
        }
        Expression::HeredocTemplate(heredoc) => {
            let elements: Vec<&Element> = heredoc.template.iter().collect();
            whole(&elements)
        }
        Expression::Parenthesis(inner) => format!("P{}", other(inner.inner())),
        Expression::Variable(name) => name.as_str().to_owned(),
        Expression::Conditional(c) => {
            format!("({} ? {} : {})", other(&c.cond_expr), other(&c.true_expr), other(&c.false_expr))
        }
        Expression::FuncCall(call) => {
            let mut name = String::new();
            for part in &call.name.namespace {
                write!(name, "{}::", part.as_str()).unwrap();
            }
            name.push_str(call.name.name.as_str());
            let arguments: Vec<String> = call.args.iter().map(other).collect();
            let dots = if call.args.expand_final() { "..." } else { "" };
            format!("{name}({}{dots})", arguments.join(", "))
        }
        Expression::Traversal(traversal) => {
            let operators: Vec<&TraversalOperator> =
                traversal.operators.iter().map(hcl::edit::Decorated::value).collect();
            steps(other(&traversal.expr), &operators)
        }
        Expression::UnaryOp(op) => {
            let sign = if *op.operator.value() == UnaryOperator::Neg { "-" } else { "!" };
            format!("({sign}{})", other(&op.expr))
        }
        Expression::BinaryOp(op) => {
            format!("({} {} {})", other(&op.lhs_expr), op.operator.value(), other(&op.rhs_expr))
        }
        Expression::ForExpr(f) => {
            let key = f.intro.key_var.as_ref().map(|key| format!("{},", key.as_str())).unwrap_or_default();
            let result_key = f.key_expr.as_ref().map(|key| format!("{} => ", other(key))).unwrap_or_default();
            let condition = f.cond.as_ref().map(|c| format!(" if {}", other(&c.expr))).unwrap_or_default();
            let group = if f.grouping { "..." } else { "" };
            format!(
                "(for {key}{} in {} : {result_key}{}{group}{condition})",
                f.intro.value_var.as_str(),
                other(&f.intro.collection_expr),
                other(&f.value_expr)
            )
        }
    }
}

fn steps(mut of: String, operators: &[&TraversalOperator]) -> String {
    let mut rest = operators;
    while let Some((operator, after)) = rest.split_first() {
        rest = after;
        of = match operator {
            TraversalOperator::GetAttr(name) => format!("{of}.{}", name.as_str()),
            TraversalOperator::Index(key) => format!("{of}[{}]", other(key)),
            TraversalOperator::LegacyIndex(index) => format!("{of}.{}", **index),
            TraversalOperator::FullSplat(_) => return format!("<{of}[*] {}>", steps("@".to_owned(), after)),
            TraversalOperator::AttrSplat(_) => {
                let count = after
                    .iter()
                    .take_while(|next| {
                        matches!(next, TraversalOperator::GetAttr(_) | TraversalOperator::LegacyIndex(_))
                    })
                    .count();
                let (each, outside) = after.split_at(count);
                rest = outside;
                format!("<{of}.* {}>", steps("@".to_owned(), each))
            }
        };
    }
    of
}

fn whole(elements: &[&Element]) -> String {
    match elements {
        [] => "\"\"".to_owned(),
        [Element::Literal(text)] => format!("{:?}", text.value()),
        [Element::Interpolation(inner)] => format!("W({})", other(&inner.expr)),
        _ => format!("T({})", elements_of(elements)),
    }
}

fn elements_of(elements: &[&Element]) -> String {
    let parts: Vec<String> = elements
        .iter()
        .map(|element| match element {
            Element::Literal(text) => format!("{:?}", text.value()),
            Element::Interpolation(inner) => other(&inner.expr),
            Element::Directive(directive) => match &**directive {
                Directive::If(d) => {
                    let no = d.else_expr.as_ref().map(|no| template(&no.template)).unwrap_or_default();
                    format!(
                        "if {} {{{}}} {{{no}}}",
                        other(&d.if_expr.cond_expr),
                        template(&d.if_expr.template)
                    )
                }
                Directive::For(d) => {
                    let key = d.for_expr.key_var.as_ref().map(|key| format!("{},", key.as_str()));
                    format!(
                        "for {}{} in {} {{{}}}",
                        key.unwrap_or_default(),
                        d.for_expr.value_var.as_str(),
                        other(&d.for_expr.collection_expr),
                        template(&d.for_expr.template)
                    )
                }
            },
        })
        .collect();
    parts.join(" ")
}

fn template(template: &Template) -> String {
    elements_of(&template.iter().collect::<Vec<_>>())
}

fn show_body(body: &Body) -> String {
    let mut text = String::new();
    for attribute in &body.attributes {
        writeln!(text, "{} = {}", attribute.name.value, show(&attribute.expr)).unwrap();
    }
    for block in &body.blocks {
        let labels: Vec<&str> = block.labels.iter().map(|label| &*label.value).collect();
        writeln!(text, "{} {labels:?} {{\n{}}}", block.kind.value, show_body(&block.body)).unwrap();
    }
    text
}

fn other_body(body: &hcl::edit::structure::Body) -> String {
    let mut text = String::new();
    for attribute in body.attributes() {
        writeln!(text, "{} = {}", attribute.key.as_str(), other(&attribute.value)).unwrap();
    }
    for block in body.blocks() {
        let labels: Vec<&str> = block
            .labels
            .iter()
            .map(|label| match label {
                BlockLabel::Ident(name) => name.as_str(),
                BlockLabel::String(text) => text.as_str(),
            })
            .collect();
        writeln!(text, "{} {labels:?} {{\n{}}}", block.ident.as_str(), other_body(&block.body)).unwrap();
    }
    text
}

/// Recorded texts whose trees differ, each with what the other parser does.
const KNOWN_DIFFERENCES: &[(&str, &str)] = &[
    ("syntax-num_huge_int", "holds numbers as 64-bit floats"),
    ("syntax-num_u64max1", "holds numbers as 64-bit floats"),
    ("syntax-num_tiny", "holds numbers as 64-bit floats"),
    ("syntax-num_negneg", "makes a sign part of the number"),
    ("syntax-tr_neg_idx", "makes a sign part of the number"),
    ("syntax-o_neg_key", "makes a sign part of the number"),
    ("syntax-str_interp_strip", "keeps trim markers in the tree"),
    ("syntax-hd_dir", "keeps trim markers in the tree"),
    ("syntax-str_dir_esc_in", "does not read escapes inside of directives"),
];

#[test]
fn recorded_texts_give_the_same_tree() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/conformance/syntax/syntax.jsonl");
    let cases = fs::read_to_string(path).unwrap();
    let (mut compared, mut wrong) = (0, String::new());
    for line in cases.lines() {
        let case: serde_json::Value = serde_json::from_str(line).unwrap();
        let (id, Some(text)) = (case["id"].as_str().unwrap(), case["source"].as_str()) else { continue };
        let ours = parse_file(SOURCE, text);
        if ours.diagnostics.has_errors() {
            continue;
        }
        let Ok(theirs) = hcl::edit::parser::parse_body(text) else { continue };
        compared += 1;
        let (ours, theirs) = (show_body(&ours.output.unwrap()), other_body(&theirs));
        let known = KNOWN_DIFFERENCES.iter().any(|(known, _)| *known == id);
        if (ours != theirs) != known {
            writeln!(wrong, "{id}:\n{text}\nours   {ours}\ntheirs {theirs}").unwrap();
        }
    }
    assert!(compared > 100, "only {compared} texts");
    assert!(wrong.is_empty(), "{wrong}");
}

/// Valid expressions on one line, without what the other parser is known to get wrong: trim markers, keys
/// twice, escapes in directives.
fn expression() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        "[a-c]{1,2}",
        "[1-9][0-9]{0,3}(\\.[0-9]{0,2}[1-9])?",
        Just("true".to_owned()),
        Just("null".to_owned()),
        "\"[a-z ]{0,4}(\\\\n|\\\\\"|\\$\\$\\{)?[a-z]{0,2}\"",
    ];
    leaf.prop_recursive(4, 40, 4, |inner| {
        let operator = prop::sample::select(vec![
            "||", "&&", "==", "!=", "<", "<=", ">", ">=", "+", "-", "*", "/", "%",
        ]);
        prop_oneof![
            4 => (inner.clone(), operator, inner.clone()).prop_map(|(a, op, b)| format!("{a} {op} {b}")),
            1 => inner.clone().prop_map(|a| format!("({a})")),
            1 => (prop::sample::select(vec!["-", "!"]), "[a-c]").prop_map(|(op, a)| format!("{op}{a}")),
            1 => (inner.clone(), inner.clone(), inner.clone()).prop_map(|(a, b, c)| format!("({a} ? {b} : {c})")),
            1 => ("[a-c]", inner.clone(), inner.clone()).prop_map(|(a, b, c)| format!("{a} ? {b} : {c}")),
            1 => prop::collection::vec(inner.clone(), 0..4).prop_map(|items| format!("[{}]", items.join(", "))),
            1 => (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("{{x = {a}, \"y\" = {b}, (z) = 1}}")),
            1 => (prop::collection::vec(inner.clone(), 0..3), "(f|a::g)").prop_map(|(items, f)| format!("{f}({})", items.join(", "))),
            1 => ("[a-c]", inner.clone()).prop_map(|(a, b)| format!("f({a}, {b}...)")),
            2 => ("[a-c](\\.[a-c]|\\.0|\\[1\\]|\\[\\*\\]|\\.\\*){1,3}(\\.[a-c]){0,2}", inner.clone())
                .prop_filter("two indices after dots", |(a, _)| !a.contains(".0.0") && !a.contains(".*") )
                .prop_map(|(a, b)| format!("{a}[{b}]")),
            1 => "[a-c](\\.[a-c]){0,2}\\.\\*(\\.[a-c]){0,2}(\\[0\\]\\.[a-c])?",
            1 => (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("[for v in {a} : {b} if v != null]")),
            1 => (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("{{for k, v in {a} : k => {b}...}}")),
            1 => (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("\"x${{{a}}}${{{b}}} y\"")),
            1 => inner.clone().prop_map(|a| format!("\"${{{a}}}\"")),
            1 => (inner.clone(), inner).prop_map(|(a, b)| format!("\"%{{ if {a} }}${{{b}}}%{{ else }}z%{{ endif }}\"")),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn generated_expressions_give_the_same_tree(text in expression()) {
        let ours = valid(&text);
        let theirs: Expression = text.parse().map_err(|error| TestCaseError::fail(format!("{text}: {error}")))?;
        prop_assert_eq!(show(&ours), other(&theirs), "{}", text);
    }
}
