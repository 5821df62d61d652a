mod differential;
mod random;

use std::fmt::Write;
use std::thread;

use super::super::ast::BinaryOp;
use super::super::ast::TemplatePart;
use super::super::ast::UnaryOp;
use super::*;
use crate::value::Data;

const SOURCE: SourceId = SourceId(0);

fn valid(text: &str) -> Expr {
    let checked = parse_expression(SOURCE, 0, text);
    assert!(checked.diagnostics.is_empty(), "{text}: {:#?}", checked.diagnostics);
    checked.output.unwrap()
}

/// The tree with every grouping written out.
fn show(expr: &Expr) -> String {
    match &expr.kind {
        ExprKind::Literal(value) => format!("{value:?}"),
        ExprKind::Variable(name) => name.to_string(),
        ExprKind::Template(parts) => format!("T({})", show_parts(parts)),
        ExprKind::TemplateWrap(inner) => format!("W({})", show(inner)),
        ExprKind::GetAttr(step) => format!("{}.{}", show(&step.of), step.name.value),
        ExprKind::Index(step) if step.legacy => format!("{}.{}", show(&step.of), show(&step.key)),
        ExprKind::Index(step) => format!("{}[{}]", show(&step.of), show(&step.key)),
        ExprKind::Splat(step) => {
            let marker = if step.attribute_only { ".*" } else { "[*]" };
            format!("<{}{marker} {}>", show(&step.of), show(&step.each))
        }
        ExprKind::SplatItem => "@".to_owned(),
        ExprKind::Call(call) => {
            let arguments: Vec<String> = call.arguments.iter().map(show).collect();
            let dots = if call.expand { "..." } else { "" };
            format!("{}({}{dots})", call.name.value, arguments.join(", "))
        }
        ExprKind::Conditional(c) => format!("({} ? {} : {})", show(&c.condition), show(&c.yes), show(&c.no)),
        ExprKind::Binary(b) => format!("({} {} {})", show(&b.left), symbol(b.operator.value), show(&b.right)),
        ExprKind::Unary(u) => {
            let sign = if u.operator.value == UnaryOp::Negate { "-" } else { "!" };
            format!("({sign}{})", show(&u.operand))
        }
        ExprKind::Tuple(items) => {
            format!("[{}]", items.iter().map(show).collect::<Vec<_>>().join(", "))
        }
        ExprKind::Object(items) => {
            let items: Vec<String> = items
                .iter()
                .map(|item| {
                    format!("{}{}={}", if item.bare { "'" } else { "" }, show(&item.key), show(&item.value))
                })
                .collect();
            format!("{{{}}}", items.join(", "))
        }
        ExprKind::For(f) => {
            let key = f.key.as_ref().map(|key| format!("{},", key.value)).unwrap_or_default();
            let result_key =
                f.result_key.as_ref().map(|key| format!("{} => ", show(key))).unwrap_or_default();
            let condition = f.condition.as_ref().map(|c| format!(" if {}", show(c))).unwrap_or_default();
            let group = if f.group { "..." } else { "" };
            format!(
                "(for {key}{} in {} : {result_key}{}{group}{condition})",
                f.value.value,
                show(&f.collection),
                show(&f.result)
            )
        }
        ExprKind::Parens(inner) => format!("P{}", show(inner)),
        ExprKind::Invalid => "?".to_owned(),
    }
}

fn show_parts(parts: &[TemplatePart]) -> String {
    let parts: Vec<String> = parts
        .iter()
        .map(|part| match part {
            TemplatePart::Text(text) => format!("{text:?}"),
            TemplatePart::Interpolation(expr) => show(expr),
            TemplatePart::If(d) => {
                format!("if {} {{{}}} {{{}}}", show(&d.condition), show_parts(&d.yes), show_parts(&d.no))
            }
            TemplatePart::For(d) => {
                let key = d.key.as_ref().map(|key| format!("{},", key.value)).unwrap_or_default();
                format!("for {key}{} in {} {{{}}}", d.value.value, show(&d.collection), show_parts(&d.body))
            }
        })
        .collect();
    parts.join(" ")
}

fn symbol(operator: BinaryOp) -> &'static str {
    match operator {
        BinaryOp::Or => "||",
        BinaryOp::And => "&&",
        BinaryOp::Equal => "==",
        BinaryOp::NotEqual => "!=",
        BinaryOp::Greater => ">",
        BinaryOp::GreaterOrEqual => ">=",
        BinaryOp::Less => "<",
        BinaryOp::LessOrEqual => "<=",
        BinaryOp::Add => "+",
        BinaryOp::Subtract => "-",
        BinaryOp::Multiply => "*",
        BinaryOp::Divide => "/",
        BinaryOp::Modulo => "%",
    }
}

#[track_caller]
fn check(text: &str, expected: &str) {
    assert_eq!(show(&valid(text)), expected, "{text}");
}

#[test]
fn operators_group_by_rank_and_from_the_left() {
    check("1 + 2 * 3 == 7 && a || b", "((((1 + (2 * 3)) == 7) && a) || b)");
    check("1 - 2 - 3", "((1 - 2) - 3)");
    check("a || b && c == d < e + f * g", "(a || (b && (c == (d < (e + (f * g))))))");
    check("a * b + c < d == e && f || g", "((((((a * b) + c) < d) == e) && f) || g)");
    check("-a.b + !c", "((-a.b) + (!c))");
    check("--5", "(-(-5))");
    check("-46+5", "((-46) + 5)");
    check("1 < 2 < 3", "((1 < 2) < 3)");
    check("(1 + 2) * 3", "(P(1 + 2) * 3)");
}

#[test]
fn conditionals_group_from_the_right() {
    check("a ? b : c ? d : e", "(a ? b : (c ? d : e))");
    check("a ? b ? 1 : 2 : 3", "(a ? (b ? 1 : 2) : 3)");
    check("a || b ? c : d", "((a || b) ? c : d)");
    check("a ? b::c() : d", "(a ? b::c() : d)");
}

#[test]
fn steps() {
    check("a.b[0].c", "a.b[0].c");
    check("a.0.b", "a.0.b");
    check("a[*].b[0].c", "<a[*] @.b[0].c>");
    check("a.*.b[0].c", "<a.* @.b>[0].c");
    check("a.*.0.b", "<a.* @.0.b>");
    check("a[*][*]", "<a[*] <@[*] @>>");
    check("f(x)[a.b].c", "f(x)[a.b].c");
    check("f(1, x...)", "f(1, x...)");
    check("(a\n.b\n[0])", "Pa.b[0]");
}

#[test]
fn brackets() {
    check("[1, 2,]", "[1, 2]");
    check("{a = 1, \"b\" : 2, (c) = 3\nnull = 4}", "{'\"a\"=1, \"b\"=2, Pc=3, '\"null\"=4}");
    check("{a.b = 1}", "{a.b=1}");
    check("{a ? b : c = 1}", "{(a ? b : c)=1}");
    check("[for x in y : x]", "(for x in y : x)");
    check("{for k, v in y : k => v... if v != null}", "(for k,v in y : k => v... if (v != null))");
    check("[for in in in : in]", "(for in in in : in)");
    check("{\n\n}", "{}");
}

#[test]
fn literals() {
    check("[true, false, null]", "[true, false, null]");
    check(r#""a\n\"\\\u00e9\U0001F600""#, r#""a\n\"\\é😀""#);
    check(r#""$${a} $${ %%{b} $a 50% $$""#, r#""${a} ${ %{b} $a 50% $$""#);
    check("\"e\u{301}\"", "\"\u{e9}\"");
    check("e\u{301}", "\u{e9}");
    check("18446744073709551616", "18446744073709551616");
    check("\"\"", "\"\"");
}

#[test]
fn templates() {
    check(r#""${a}""#, "W(a)");
    check(r#""${a}${b}""#, "T(a b)");
    check(r#""${a ~} ""#, "T(a)");
    check(r#""a${b}c""#, r#"T("a" b "c")"#);
    check(r#""%{ if a }b%{ else }c%{ endif }""#, r#"T(if a {"b"} {"c"})"#);
    check(
        r#""%{ for k, v in m }%{ if v }${k},%{ endif }%{ endfor }""#,
        r#"T(for k,v in m {if v {k ","} {}})"#,
    );
    check(r#""%{ if true }a\nb%{ endif }""#, r#"T(if true {"a\nb"} {})"#);
    let template = parse_template(SOURCE, 0, "a \"b\" \\n ${c}\n%{ if d }e%{ endif }").output.unwrap();
    assert_eq!(show(&template), r#"T("a \"b\" \\n " c "\n" if d {"e"} {})"#);
    let template = parse_template(SOURCE, 0, "${c}").output.unwrap();
    assert_eq!(show(&template), "W(c)");
    assert_eq!(show(&parse_template(SOURCE, 0, "").output.unwrap()), "\"\"");
}

/// The text of a template whose interpolations are literals, with `if true` and `for` over a literal list.
fn render(expr: &Expr) -> String {
    fn scalar(expr: &Expr) -> String {
        match &expr.kind {
            ExprKind::Literal(value) => match value.data() {
                Data::String(text) => text.to_string(),
                _ => format!("{value:?}"),
            },
            _ => show(expr),
        }
    }
    fn parts(list: &[TemplatePart], bound: &mut Vec<(String, String)>, out: &mut String) {
        for part in list {
            match part {
                TemplatePart::Text(text) => out.push_str(text),
                TemplatePart::Interpolation(expr) => {
                    let name = show(expr);
                    match bound.iter().find(|(bound, _)| *bound == name) {
                        Some((_, value)) => out.push_str(value),
                        None => out.push_str(&scalar(expr)),
                    }
                }
                TemplatePart::If(d) => parts(&d.yes, bound, out),
                TemplatePart::For(d) => {
                    let ExprKind::Tuple(items) = &d.collection.kind else { panic!("not a list") };
                    for item in items {
                        bound.push((d.value.value.to_string(), scalar(item)));
                        parts(&d.body, bound, out);
                        bound.pop();
                    }
                }
            }
        }
    }
    match &expr.kind {
        ExprKind::Template(list) => {
            let mut out = String::new();
            parts(list, &mut Vec::new(), &mut out);
            out
        }
        _ => scalar(expr),
    }
}

/// Recorded from Terraform.
#[test]
fn heredocs_and_trim_markers() {
    let cases = [
        ("\"a \\n \\n ${~ 1 ~} \\n \\n b\"", "a1b"),
        ("<<EOT\n${\"x\" ~}\n\n\nnext\nEOT\n", "x\n\nnext\n"),
        ("<<EOT\na  \n  ${~ \"x\" ~}  \n  b\nEOT\n", "a  \nx  b\n"),
        ("<<EOT\n%{ if true ~}\n\n\na\n%{ endif ~}\nEOT\n", "\n\na\n"),
        (
            "<<-EOT\n    %{ for x in [\"a\", \"b\"] ~}\n    - ${x}\n    %{ endfor ~}\n  EOT\n",
            "    - a\n    - b\n",
        ),
        (
            "<<-EOT\n    %{ for x in [\"a\", \"b\"] }\n    - ${x}\n    %{ endfor }\n  EOT\n",
            "\n- a\n\n- b\n\n",
        ),
        ("<<-EOT\n    a\n    %{ if true ~}\n    b\n    %{ endif ~}\n    c\n  EOT\n", "a\n    b\n    c\n"),
        ("<<-EOT\n    a ${\"x\" ~}\n    b\n  EOT\n", "a x    b\n"),
        ("<<-EOT\n  hello\n \n    world\n  EOT\n", "hello\n \n  world\n"),
        ("<<-EOT\na\n  b\n    EOT\n", "a\n  b\n"),
        ("<<-EOT\n  ${\"  x\"}\n    y\n  EOT\n", "  x\n  y\n"),
        ("<<-EOT\n  hello\n\n    world\n  EOT\n", "hello\n\n  world\n"),
        ("<<EOT\nEOT\n", ""),
        ("<<EOT\na\\nb\r\nEOT\n", "a\\nb\r\n"),
    ];
    for (text, expected) in cases {
        assert_eq!(render(&valid(text)), expected, "{text:?}");
    }
}

fn found(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    references(&valid(text), &mut |reference| {
        let mut shown = reference.root.value.to_string();
        for step in &reference.steps {
            match &step.value {
                super::super::ast::RefStep::Attr(name) => write!(shown, ".{name}").unwrap(),
                super::super::ast::RefStep::Key(name) => write!(shown, "[{name:?}]").unwrap(),
                super::super::ast::RefStep::Index(index) => write!(shown, "[{index}]").unwrap(),
                super::super::ast::RefStep::Dynamic => shown.push_str("[?]"),
            }
        }
        let span = reference.span.range();
        write!(shown, " <{}>", text.get(span).unwrap()).unwrap();
        found.push(shown);
    });
    found
}

#[test]
fn references_of_an_expression() {
    assert_eq!(found("a.b[0][\"c\"].0 + d"), ["a.b[0][\"c\"][0] <a.b[0][\"c\"].0>", "d <d>"]);
    assert_eq!(found("a.b[c.d].e"), ["a.b[?] <a.b>", "c.d <c.d>"]);
    assert_eq!(found("a.b[*].c"), ["a.b[?] <a.b>"]);
    assert_eq!(found("a.*.b[x]"), ["a[?] <a>", "x <x>"]);
    assert_eq!(found("[for k, v in v : f(k, v, w) if k]"), ["v <v>", "w <w>"]);
    assert_eq!(found("\"%{ for x in y }${x}${z}%{ endfor }${x}\""), ["y <y>", "z <z>", "x <x>"]);
    assert_eq!(found("{a = b, (c) = d ? e : f}"), ["b <b>", "c <c>", "d <d>", "e <e>", "f <f>"]);
    assert_eq!(found("(a.b).c"), ["a.b <a.b>"]);
    assert_eq!(found("null"), [""; 0]);
}

#[test]
fn plain_references() {
    let plain = |text: &str| traversal(&valid(text)).map(|reference| reference.steps.len());
    assert_eq!(plain("a"), Some(0));
    assert_eq!(plain("x.y[\"z\"][0]"), Some(3));
    assert_eq!(plain("x.y[z]"), None);
    assert_eq!(plain("x[*].y"), None);
    assert_eq!(plain("f(x).y"), None);
    assert_eq!(plain("\"a.b\""), None);
}

#[test]
fn an_error_does_not_hide_the_others() {
    let text = "a = [1, @, 2, $]\nb {\n  c = 1 +\n  d = f(1 2, ;)\n  e = { x = , y 1 }\n  f = 1\n}\n) \ng = 'x'\nh = 1\n";
    let checked = parse_file(SOURCE, text);
    let places: Vec<&str> = checked
        .diagnostics
        .iter()
        .map(|d| text.get(d.labels[0].span.start as usize..).unwrap().lines().next().unwrap())
        .collect();
    let starts = ["@, 2", "$]", "+", " 2, ;", ";)", " , y", " 1 }", ") ", "'x'"];
    assert_eq!(places.len(), starts.len(), "{places:?}");
    for (place, start) in places.iter().zip(starts) {
        assert!(place.starts_with(start), "{place:?} {start:?}");
    }
    let body = checked.output.unwrap();
    assert!(body.partial);
    assert_eq!(body.attributes.len(), 3);
    assert_eq!(body.blocks[0].body.attributes.len(), 4);
    assert_eq!(show(&body.attributes[0].expr), "[1, ?, 2, ?]");
}

#[test]
fn an_unclosed_block_does_not_hide_the_rest() {
    let text = "a \"x\" {\n  b = 1\n  c {\n    d = 1\n\ne \"y\" {\n  f = 1\n}\ng = 2\n";
    let checked = parse_file(SOURCE, text);
    let codes: Vec<Code> = checked.diagnostics.iter().map(|d| d.code).collect();
    assert_eq!(codes, [Code::UnclosedBlock, Code::UnclosedBlock]);
    let body = checked.output.unwrap();
    let kinds: Vec<&str> = body.blocks.iter().map(|block| &*block.kind.value).collect();
    assert_eq!(kinds, ["a", "e"]);
    assert!(body.blocks[0].body.partial);
    assert!(!body.blocks[1].body.partial);
    assert_eq!(body.attributes.len(), 1);
}

#[test]
fn an_unclosed_heredoc_does_not_hide_the_rest() {
    let text = "a \"x\" {\n  b = <<EOT\n  text ${c\n}\n\ne \"y\" {\n  f = 1\n}\ng = <<E\nx\n";
    let checked = parse_file(SOURCE, text);
    let codes: Vec<Code> = checked.diagnostics.iter().map(|d| d.code).collect();
    assert_eq!(codes, [Code::UnterminatedTemplate, Code::UnterminatedTemplate]);
    let body = checked.output.unwrap();
    let kinds: Vec<&str> = body.blocks.iter().map(|block| &*block.kind.value).collect();
    assert_eq!(kinds, ["a", "e"]);
}

/// Whatever is lost has a finding, also where one unclosed construct stands in another.
#[test]
fn nothing_is_lost_in_silence() {
    for text in ["x = \"${<<-E\na.b\n", "x = \"${\"${%{ for x in y }\"}\"\n", "x = \"${[(\"\n", "x = \"${\n"]
    {
        let checked = parse_file(SOURCE, text);
        assert_eq!(checked.diagnostics.len(), 1, "{text:?}: {:#?}", checked.diagnostics);
        assert_eq!(show(&checked.output.unwrap().attributes[0].expr), "?", "{text:?}");
    }
}

/// Texts that made other parsers slow, overflow the stack, or both; `n` sets their size.
fn pathological(n: usize) -> Vec<(&'static str, String)> {
    let nest = |open: &str, close: &str| format!("a = {}1{}\n", open.repeat(n), close.repeat(n));
    let mut cases = vec![
        ("open operators", format!("a = {}\n", "1+1+(".repeat(n))),
        ("open objects", format!("a = {}\n", "1+1+{a=".repeat(n))),
        ("open strings", format!("a = {}\n", "1+1+\"${".repeat(n))),
        ("open fors", format!("a = {}\n", "1+1+{for k, v in [".repeat(n))),
        ("open calls", format!("a = {}\n", "f(".repeat(n))),
        ("open lists", format!("a = {}\n", "[".repeat(n))),
        ("open mixture", format!("a = {}\n", "[({".repeat(n))),
        ("closed operators", nest("1+1+(", ")")),
        ("parentheses", nest("(", ")")),
        ("lists", nest("[", "]")),
        ("objects", nest("{a=", "}")),
        ("strings", nest("\"${", "}\"")),
        ("calls", nest("f(", ")")),
        ("indices", nest("a[", "]")),
        ("directives", format!("a = \"{}{}\"\n", "%{ if x }".repeat(n), "%{ endif }".repeat(n))),
        ("open directives", format!("a = \"{}\"\n", "%{ for x in y }".repeat(n))),
        ("broken directives", nest("\"%{ foo }${", "}\"")),
        ("conditionals", format!("a = {}1\n", "b ? c : ".repeat(n))),
        ("open conditionals", format!("a = {}1\n", "b ? ".repeat(n))),
        ("negations", format!("a = {}1\n", "-".repeat(n))),
        ("sum", format!("a = 1{}\n", " + 1".repeat(n))),
        ("logic", format!("a = b{}\n", " || b && c".repeat(n))),
        ("path", format!("a = b{}\n", ".c".repeat(n))),
        ("index path", format!("a = b{}\n", "[0]".repeat(n))),
        ("splats", format!("a = b{}\n", "[*]".repeat(n))),
        ("attribute splats", format!("a = b{}\n", ".*.c[0]".repeat(n))),
        ("blocks", format!("{}{}", "a {\n".repeat(n), "}\n".repeat(n))),
        ("open blocks", "a {\n".repeat(n)),
        (
            "open indented",
            (0..n.min(2000)).fold(String::new(), |text, i| format!("{text}{}a {{\n", " ".repeat(i % 50))),
        ),
        ("one-line blocks", "a { b = 1 }\n".repeat(n)),
        ("bad one-line blocks", "a { b { c = 1\n".repeat(n)),
        ("headers", "a \"b\" {\n".repeat(n)),
        ("closers", "}".repeat(n)),
        ("closing brackets", format!("a = {}", ")]".repeat(n))),
        ("wrong closers", format!("a = {}{}", "(".repeat(n), "]".repeat(n))),
        ("zig-zag", format!("a = {}", "[)".repeat(n))),
        ("braces in brackets", format!("a = {}{}", "(".repeat(n), "}".repeat(n))),
        ("arguments in brackets", format!("a = {}", "(\nb = 1\n".repeat(n))),
        ("empty heredocs", "a = <<E\nE\n".repeat(n)),
        ("nested heredocs", "a = <<E\n${<<E\nE\n".repeat(n)),
        ("open heredocs", "a = <<E\nb \"c\" {\n".repeat(n)),
        (
            "open heredocs of many names",
            (0..n).fold(String::new(), |mut text, i| {
                writeln!(text, "a = <<E{i}\nb \"c\" {{").unwrap();
                text
            }),
        ),
        ("open interpolations", "a = <<E\n${\nE\nb \"c\" {\n".repeat(n)),
        ("open quotes", "a = \"b\n".repeat(n)),
        ("open quoted interpolations", "a = \"${b\n".repeat(n)),
        ("cut strings", format!("a = {}\n", "\"${".repeat(n))),
        ("apostrophes", format!("a = [{}]\n", "', ".repeat(n))),
        ("smart quotes", format!("a = {}\n", "“".repeat(n))),
        ("less thans", format!("a = {}\n", "<".repeat(n))),
        ("line ends", format!("a = ({}1{})\n", "\n".repeat(n), "\n".repeat(n))),
        ("comments", format!("a = [{}]\n", "1, # c\n/* d */".repeat(n))),
        ("commas", format!("a = [{}]\n", ",".repeat(n))),
        ("no commas", format!("a = [{}]\n", "1 ".repeat(n))),
        ("colons", format!("a = {}\n", ":".repeat(n))),
        ("names", "a ".repeat(n)),
        ("same arguments", "a = 1\n".repeat(n)),
        ("escapes", format!("a = \"{}\"\n", "\\q".repeat(n))),
        ("signs", format!("a = \"{}\"\n", "$".repeat(n))),
        ("flush", format!("a = <<-E\n{}E\n", "   x\n".repeat(n))),
        ("trims", format!("a = \"{}\"\n", "${~ b ~} ".repeat(n))),
        ("tildes", format!("a = {}{}\n", "{".repeat(n), "~}".repeat(n))),
        ("sequence braces", format!("a = \"${{{}{}\"\n", "{".repeat(n), "}".repeat(n))),
    ];
    let mut keys = String::from("a = {\n");
    (0..5 * n).for_each(|i| writeln!(keys, "  k{i} = {i}").unwrap());
    cases.push(("keys", keys + "}\n"));
    let mut unique = String::new();
    (0..n).for_each(|i| writeln!(unique, "k{i} = {i}").unwrap());
    cases.push(("arguments", unique));
    cases
}

/// Work is counted in steps, which do not depend on the machine: a bounded number for each token.
#[test]
fn the_work_is_linear() {
    for (name, text) in pathological(4_000) {
        let tokens = lex::lex(&text).len() as u64;
        let (checked, steps) = counted(SOURCE, &text);
        assert!(checked.output.is_some(), "{name}");
        assert!(steps < 30 * tokens + 1000, "{name}: {steps} steps for {tokens} tokens");
        assert!(checked.diagnostics.len() <= 201, "{name}: {} findings", checked.diagnostics.len());
    }
}

/// The deepest texts fit into half of the 2 MiB that a thread has by default, unoptimised; and so does whatever
/// hangs on a long chain.
#[test]
fn depth_does_not_exhaust_the_stack() {
    let deep = |n: usize| {
        let levels = [
            ("(", ")"),
            ("[", "]"),
            ("{a=", "}"),
            ("\"${", "}\""),
            ("f(1, ", ")"),
            ("a[", "]"),
            ("1||1&&1==1<1+1*-(", ")"),
            ("b ? [", "] : 1"),
            ("[for x in ", " : x]"),
            ("\"%{ if ", " }%{ endif }\""),
            ("{for k, v in ", " : k => v}"),
        ];
        levels.map(|(open, close)| format!("a = {}1{}\n", open.repeat(n), close.repeat(n)))
    };
    let run = |texts: Vec<String>, clean: bool| {
        thread::Builder::new()
            .stack_size(1 << 20)
            .spawn(move || {
                for text in texts {
                    let checked = parse_file(SOURCE, &text);
                    let codes: Vec<Code> = checked.diagnostics.iter().map(|d| d.code).collect();
                    let shown: String = text.chars().take(30).collect();
                    if clean {
                        assert_eq!(codes, [], "{shown}");
                    } else {
                        assert_eq!(codes, [Code::TooDeep], "{shown}");
                    }
                    let copy = checked.output.clone();
                    let mut count = 0;
                    for attribute in copy.iter().flat_map(|body| &body.attributes) {
                        references(&attribute.expr, &mut |_| count += 1);
                    }
                }
            })
            .unwrap()
            .join()
            .unwrap();
    };
    // Some of the levels count more than once: 14 of them stay below the limit in any case.
    run(deep(14).to_vec(), true);
    run(deep(100_000).to_vec(), false);
    run(vec!["a {\n".repeat(128) + &"}\n".repeat(128)], true);
    let chains = [" + 1", ".c", "[0]", ".*.c[0]", " == b", " || b && c"];
    run(chains.map(|step| format!("a = b{}\n", step.repeat(100_000))).to_vec(), true);
}
