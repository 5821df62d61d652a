use super::*;
use TokenKind as K;

/// Kinds and texts in one line: `Ident(a) Equal(=) …`.
fn show(text: &str) -> String {
    shown(text, &lex(text))
}

fn shown(text: &str, tokens: &[Token]) -> String {
    let mut out = Vec::new();
    for token in tokens {
        if token.is_empty() {
            out.push(format!("{:?}", token.kind));
        } else {
            out.push(format!("{:?}({})", token.kind, token.text(text).escape_debug()));
        }
    }
    out.join(" ")
}

#[track_caller]
fn check(text: &str, expected: &str) {
    assert_eq!(show(text), expected, "for {text:?}");
    lossless(text, &lex(text));
}

/// Tokens are in order, and only spaces and tabs lie between them.
#[track_caller]
fn lossless(text: &str, tokens: &[Token]) {
    let mut at = 0;
    for token in tokens {
        let start = token.start as usize;
        assert!(start >= at && token.end >= token.start, "{token:?} in {text:?}");
        let between = text.get(at..start).unwrap();
        assert!(
            between.bytes().all(|b| b == b' ' || b == b'\t'),
            "lost {between:?} before {token:?} in {text:?}"
        );
        at = token.end as usize;
    }
    assert_eq!(at, text.len(), "the end of {text:?} is missing");
    assert_eq!(tokens.last().map(|token| token.kind), Some(K::Eof));
}

#[test]
fn words_and_numbers() {
    check("", "Eof");
    check("a-b _c é1", "Ident(a-b) Ident(_c) Ident(é1) Eof");
    check("a\u{b7}b", "Ident(a\u{b7}b) Eof");
    check("a\u{200d}b", "Ident(a) Invalid(\\u{200d}) Ident(b) Eof");
    check(
        "1 1.5 1e5 1.5E-3 1.a",
        "Number(1) Number(1.5) Number(1e5) Number(1.5E-3) Number(1) Dot(.) Ident(a) Eof",
    );
    check("1e 1.5.2 .5", "Number(1) Ident(e) Number(1.5) Dot(.) Number(2) Dot(.) Number(5) Eof");
    check("1a", "Number(1) Ident(a) Eof");
}

#[test]
fn operators() {
    check(
        "= == => ! != < <= > >= && || + - * / % ? : :: . ... ,",
        "Equal(=) EqualOp(==) FatArrow(=>) Bang(!) NotEqual(!=) LessThan(<) LessThanEq(<=) \
         GreaterThan(>) GreaterThanEq(>=) And(&&) Or(||) Plus(+) Minus(-) Star(*) Slash(/) \
         Percent(%) Question(?) Colon(:) DoubleColon(::) Dot(.) Ellipsis(...) Comma(,) Eof",
    );
    check("{}[]()", "OBrace({) CBrace(}) OBrack([) CBrack(]) OParen(() CParen()) Eof");
}

#[test]
fn layout_and_comments() {
    check("a\n\r\n", "Ident(a) Newline(\\n) Newline(\\r\\n) Eof");
    check("a # x\r\nb // y", "Ident(a) LineComment(# x\\r\\n) Ident(b) LineComment(// y) Eof");
    check("/* a\n*/ /**/b", "BlockComment(/* a\\n*/) BlockComment(/**/) Ident(b) Eof");
    check("a /* b\nc", "Ident(a) UnclosedComment(/* b\\nc) Eof");
    check("/*/", "UnclosedComment(/*/) Eof");
    check("\u{feff}a\u{feff}", "Bom(\\u{feff}) Ident(a) Invalid(\\u{feff}) Eof");
}

#[test]
fn bad_characters() {
    check(
        "' ` ; ** & | ~ ^ @ \u{201c} \u{2019} \r \u{a0}",
        "Apostrophe(\\') Backtick(`) Semicolon(;) StarStar(**) BitAnd(&) BitOr(|) BitNot(~) \
         BitXor(^) Invalid(@) SmartQuote(\u{201c}) SmartQuote(\u{2019}) Invalid(\\r) \
         Invalid(\\u{a0}) Eof",
    );
}

#[test]
fn strings() {
    check(r#""""#, r#"OQuote(\") CQuote(\") Eof"#);
    check(r#""a\"b\\""#, r#"OQuote(\") QuotedLit(a\\\"b\\\\) CQuote(\") Eof"#);
    check(r#""$ %a $${x} %%{ $$$""#, r#"OQuote(\") QuotedLit($ %a $${x} %%{ $$$) CQuote(\") Eof"#);
    check(r#""$$${a}""#, r#"OQuote(\") QuotedLit($$${a}) CQuote(\") Eof"#);
    check(r#""\${a}""#, r#"OQuote(\") QuotedLit(\\${a}) CQuote(\") Eof"#);
    check(
        r#""a${~ b ~}c%{if d}""#,
        r#"OQuote(\") QuotedLit(a) TemplateInterp(${~) Ident(b) TemplateSeqEnd(~}) QuotedLit(c) TemplateControl(%{) Ident(if) Ident(d) TemplateSeqEnd(}) CQuote(\") Eof"#,
    );
    check(
        r#""${{a="}"}}""#,
        r#"OQuote(\") TemplateInterp(${) OBrace({) Ident(a) Equal(=) OQuote(\") QuotedLit(}) CQuote(\") CBrace(}) TemplateSeqEnd(}) CQuote(\") Eof"#,
    );
    check("~}", "TemplateSeqEnd(~}) Eof");
}

#[test]
fn a_cut_string_ends_with_its_line() {
    check(
        "a = \"b\nc = 1",
        r#"Ident(a) Equal(=) OQuote(\") QuotedLit(b) UnclosedQuote Newline(\n) Ident(c) Equal(=) Number(1) Eof"#,
    );
    check("\"b\\\r\n", r#"OQuote(\") QuotedLit(b\\) UnclosedQuote Newline(\r\n) Eof"#);
    check(
        "\"${b\"\nc",
        r#"OQuote(\") TemplateInterp(${) Ident(b) OQuote(\") UnclosedQuote UnclosedTemplate UnclosedQuote Newline(\n) Ident(c) Eof"#,
    );
    // The sequence began on an earlier line: only the string of this line is cut.
    check(
        "\"${[\n\"b\n]}\"",
        r#"OQuote(\") TemplateInterp(${) OBrack([) Newline(\n) OQuote(\") QuotedLit(b) UnclosedQuote Newline(\n) CBrack(]) TemplateSeqEnd(}) CQuote(\") Eof"#,
    );
    check(
        "<<E\n${\"b\nE\n",
        r#"OHeredoc(<<E\n) TemplateInterp(${) OQuote(\") QuotedLit(b) UnclosedQuote UnclosedTemplate StringLit(\n) CHeredoc(E) Newline(\n) Eof"#,
    );
    check("\"${f(", r#"OQuote(\") TemplateInterp(${) Ident(f) OParen(() UnclosedTemplate UnclosedQuote Eof"#);
}

#[test]
fn heredocs() {
    check("<<E\nE\n", r"OHeredoc(<<E\n) CHeredoc(E) Newline(\n) Eof");
    check(
        "<<-A-B\r\n  x\r\n\tA-B \r\n",
        r"OHeredoc(<<-A-B\r\n) StringLit(  x\r\n) CHeredoc(\tA-B ) Newline(\r\n) Eof",
    );
    check(
        "<<E\n${x}E\nE y\n\\$${a}\nE",
        r"OHeredoc(<<E\n) TemplateInterp(${) Ident(x) TemplateSeqEnd(}) StringLit(E\n) StringLit(E y\n) StringLit(\\$${a}\n) StringLit(E) UnclosedHeredoc Eof",
    );
    check("<< E\n", r"LessThan(<) LessThan(<) Ident(E) Newline(\n) Eof");
    check("<<E \n", r"LessThan(<) LessThan(<) Ident(E) Newline(\n) Eof");
    check("<<\"E\"\n", r#"LessThan(<) LessThan(<) OQuote(\") QuotedLit(E) CQuote(\") Newline(\n) Eof"#);
    check("<<=", "LessThan(<) LessThanEq(<=) Eof");
    check(
        "<<A\n${<<B\nA\nB\n}\nA\n",
        r"OHeredoc(<<A\n) TemplateInterp(${) OHeredoc(<<B\n) StringLit(A\n) CHeredoc(B) Newline(\n) TemplateSeqEnd(}) StringLit(\n) CHeredoc(A) Newline(\n) Eof",
    );
}

#[test]
fn bare_templates() {
    let text = "a \"b\"\n\\n${c}%%{";
    let tokens = lex_template(text);
    lossless(text, &tokens);
    assert_eq!(
        shown(text, &tokens),
        r#"StringLit(a \"b\"\n) StringLit(\\n) TemplateInterp(${) Ident(c) TemplateSeqEnd(}) StringLit(%%{) Eof"#,
    );
}

#[test]
fn resuming_in_the_middle() {
    let text = "a = é[\nb = 1\n";
    let tokens = lex_from(text, 8);
    assert_eq!(shown(text, &tokens), r"Ident(b) Equal(=) Number(1) Newline(\n) Eof");
    assert_eq!(tokens[0].start, 8);
    // Inside a character, and behind the end.
    assert_eq!(lex_from(text, 5)[0].start, 6);
    assert_eq!(lex_from(text, 99).len(), 1);
}

#[test]
fn tokens_stay_compact() {
    assert_eq!(size_of::<Token>(), 12);
}

#[test]
fn deep_nesting_needs_no_stack() {
    let deep = "\"${".repeat(200_000);
    let tokens = lex(&deep);
    lossless(&deep, &tokens);
    let openings = tokens.iter().filter(|t| t.kind == K::OQuote).count();
    let cut = tokens.iter().filter(|t| t.kind == K::UnclosedQuote).count();
    assert_eq!((openings, cut), (200_000, 200_000));
}

/// Every opening of a string, sequence or heredoc has its end, in the right order.
#[track_caller]
fn balanced(text: &str, tokens: &[Token]) {
    let mut open = Vec::new();
    for token in tokens {
        let expected = match token.kind {
            K::OQuote | K::OHeredoc => {
                open.push(token.kind);
                continue;
            }
            K::TemplateInterp | K::TemplateControl => {
                open.push(K::TemplateInterp);
                continue;
            }
            K::CQuote | K::UnclosedQuote => K::OQuote,
            K::CHeredoc | K::UnclosedHeredoc => K::OHeredoc,
            K::UnclosedTemplate | K::TemplateSeqEnd => K::TemplateInterp,
            _ => continue,
        };
        assert_eq!(open.pop(), Some(expected), "{token:?} in {text:?}");
    }
    assert!(open.is_empty(), "{open:?} left open in {text:?}");
}

#[test]
fn any_text_is_lexed_without_loss() {
    let mut random = fastrand::Rng::with_seed(3);
    let inputs = random::inputs();
    for round in 0..6_000 {
        let text =
            if round % 2 == 0 { random::soup(&mut random) } else { random::mutant(&mut random, &inputs) };
        let tokens = lex(&text);
        lossless(&text, &tokens);
        lossless(&text, &lex_template(&text));
        // Where a `~}` closes a brace is hard to say from outside.
        if !text.contains("~}") {
            balanced(&text, &tokens);
        }
        let resumed = lex_from(&text, random.u32(..=u32::try_from(text.len()).unwrap()));
        assert_eq!(resumed.last().map(|token| token.end as usize), Some(text.len()));
    }
}
