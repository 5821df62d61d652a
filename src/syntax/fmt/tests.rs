use super::*;
use crate::syntax::lex::Token;
use crate::syntax::lex::TokenKind;
use crate::syntax::lex::lex;
use crate::syntax::lex::random::SOUP;
use crate::syntax::lex::random::inputs;
use crate::syntax::lex::random::mutant;
use crate::syntax::lex::random::soup;
use crate::syntax::lex::steps;

#[track_caller]
fn check(input: &str, expected: &str) {
    let actual = format_valid(input);
    assert_eq!(actual, expected, "for {input:?}");
    assert_eq!(format_valid(&actual), expected, "the second run differs");
}

#[track_caller]
fn unchanged(input: &str) {
    check(input, input);
}

#[test]
fn comments_never_end_up_inside_the_next_token() {
    check("x = \"${ # c\na}\"\n", "x = ( # c\na)\n");
    check("x = \"${a # c\n}\"\n", "x = a # c\n\n");
    unchanged("b { x = \"${a # c\n}\" }\n");
    check("b \"x\" /* c */ y {\n}\n", "b \"x\" /* c */ \"y\" {\n}\n");
    check("x = /* c */ \"${a}\"   /* d */\n", "x = /* c */ a /* d */\n");
}

#[test]
fn unwrapped_values_stay_whole() {
    check("x = \"${(a)\n+(b)}\"\n", "x = ((a)\n+ (b))\n");
    check("x = \"${(a)+f(\n1\n)+(b)}\"\n", "x = (a) + f(\n  1\n) + (b)\n");
    check("x = \"${<<E\ny\nE\n}\"\n", "x = <<E\ny\nE\n");
    unchanged("b { x = \"${<<E\ny\nE\n}\" }\n");
    check("x = \"${a\n? b : <<E\ny\nE\n}\"\n", "x = (a\n  ? b : <<E\ny\nE\n)\n");
}

#[test]
fn numbers_keep_their_borders() {
    check("x = a . 0 . 1\n", "x = a.0. 1\n");
    check("x = - - 1\n", "x = --1\n");
    check("x = a - -1\n", "x = a - -1\n");
}

#[test]
fn brackets_in_heredocs_move_nothing() {
    let text = "a {\n  x = <<E\n${f(\n  1\n  )}\nE\n  y = 1\n}\n";
    assert!(format_valid(text).ends_with("\nE\n  y = 1\n}\n"), "{}", format_valid(text));
}

#[test]
fn carriage_returns_are_kept() {
    check("a=1 # x\r\nbb=2\r\n", "a  = 1 # x\r\nbb = 2\r\n");
}

fn comments<'t>(pieces: &[Piece<'t>]) -> Vec<&'t str> {
    pieces.iter().filter(|piece| piece.kind.is_comment()).map(|piece| piece.text).collect()
}

fn content<'t>(pieces: &[Piece<'t>]) -> Vec<(TokenKind, &'t str)> {
    pieces.iter().map(|piece| (piece.kind, piece.text)).collect()
}

/// Returns whether another implementation accepts the text. It is lenient with characters that are none.
fn valid(text: &str) -> bool {
    let bad = |token: &Token| token.kind.is_bad() || token.kind == TokenKind::Bom;
    !lex(text).iter().any(bad) && hcl::parse(text).is_ok()
}

/// What must hold for any text at all.
#[track_caller]
fn survives(text: &str) {
    let pieces = Piece::of(text);
    let rewritten = rewrite::rewrite(&pieces);
    assert_eq!(comments(&pieces), comments(&rewritten), "lost a comment of {text:?}");
    let formatted = format_valid(text);
    let mut rest = formatted.as_str();
    for piece in &rewritten {
        rest = rest.trim_start_matches(' ').strip_prefix(piece.text.trim_start_matches(' ')).unwrap_or_else(
            || {
                panic!("lost {:?} of {text:?}, which became {formatted:?}", piece.text);
            },
        );
    }
    assert_eq!(rest, " ".repeat(piece::behind(text)), "added to {text:?}");
}

#[test]
fn tokens_are_those_of_the_input() {
    for text in inputs() {
        survives(&text);
        if valid(&text) {
            let formatted = format_valid(&text);
            let expected = rewrite::rewrite(&Piece::of(&text));
            assert_eq!(content(&Piece::of(&formatted)), content(&expected), "for {text:?}");
        }
    }
}

#[test]
fn soup_of_tokens_survives() {
    let mut random = fastrand::Rng::with_seed(7);
    for _ in 0..3_000 {
        let text = soup(&mut random);
        survives(&text);
    }
}

#[test]
fn mutants_survive() {
    let mut random = fastrand::Rng::with_seed(11);
    let inputs = inputs();
    let mut count = 0;
    for _ in 0..3_000 {
        let text = mutant(&mut random, &inputs);
        survives(&text);
        if valid(&text) {
            count += 1;
            let formatted = format_valid(&text);
            let expected = rewrite::rewrite(&Piece::of(&text));
            assert_eq!(content(&Piece::of(&formatted)), content(&expected), "for {text:?}");
            assert!(valid(&formatted), "{text:?} became invalid: {formatted:?}");
            // A string inside the string that was unwrapped takes a second run.
            let twice = format_valid(&formatted);
            assert!(twice == formatted || text.contains("${\""), "{text:?} changes twice: {formatted:?}");
        }
    }
    assert!(count > 300, "only {count} mutants are valid: they test nothing");
}

#[test]
fn work_grows_with_the_text_only() {
    let mut patterns: Vec<String> = SOUP.iter().map(|part| (*part).to_owned()).collect();
    let pairs = SOUP.iter().flat_map(|one| SOUP.iter().map(move |two| format!("{one}{two}")));
    patterns.extend(pairs);
    patterns.extend(inputs().into_iter().filter(|text| !text.is_empty() && text.len() < 200));
    for shape in [
        "\"${",
        "<<E\n${",
        "a = \"${a}\" # c\n",
        "a = [{",
        "<<E\nE\n",
        "a = f(\"",
        "<<aaaaaaaaa",
        "/*",
        "a \"b\" ",
    ] {
        patterns.push(shape.to_owned());
    }
    for pattern in patterns {
        let text = pattern.repeat(600 / pattern.len() + 1);
        let steps = steps::of(|| drop(format_valid(&text)));
        assert!(steps <= 30 * text.len(), "{} steps a byte for {pattern:?}", steps / text.len());
    }
}

#[test]
fn spaces_in_a_last_line_without_an_end_stay() {
    for (input, expected) in [
        ("\t", " "),
        ("   ", "   "),
        ("x = 1\n  ", "x = 1\n  "),
        ("x=1\t\t", "x = 1  "),
        ("x {\n}\n\t", "x {\n}\n "),
        ("# c  ", "# c  "),
        ("x = 1 /* c */  ", "x = 1 /* c */  "),
        ("  \n  ", "\n  "),
        ("x {\n a = 1\n   }   ", "x {\n  a = 1\n}   "),
        ("x = <<E\na\nE  ", "x = <<E\na\nE  "),
        ("x = 1  \n", "x = 1\n"),
    ] {
        check(input, expected);
    }
}
