//! Whether a text is the beginning of an expression that goes on in the next line.

use crate::syntax::lex::TokenKind;
use crate::syntax::lex::lex_expression;

/// Returns true if a bracket, a template, a heredoc or a comment is open at the end, and more lines can close it.
pub(super) fn is_unfinished(text: &str) -> bool {
    let mut open: Vec<TokenKind> = Vec::new();
    // The line ends here; a heredoc begins with that.
    for token in lex_expression(&format!("{text}\n")) {
        let opener = match token.kind {
            TokenKind::OBrace
            | TokenKind::OBrack
            | TokenKind::OParen
            | TokenKind::TemplateInterp
            | TokenKind::TemplateControl => {
                open.push(token.kind);
                continue;
            }
            TokenKind::UnclosedHeredoc | TokenKind::UnclosedComment => return true,
            // A string ends on its line unless a template in it is open.
            TokenKind::UnclosedQuote if !open.iter().any(|kind| is_template(*kind)) => return false,
            TokenKind::CBrace => &[TokenKind::OBrace][..],
            TokenKind::CBrack => &[TokenKind::OBrack],
            TokenKind::CParen => &[TokenKind::OParen],
            TokenKind::TemplateSeqEnd => &[TokenKind::TemplateInterp, TokenKind::TemplateControl],
            _ => continue,
        };
        match open.pop() {
            Some(kind) if opener.contains(&kind) => {}
            // What closes nothing is wrong however it goes on.
            _ => return false,
        }
    }
    !open.is_empty()
}

fn is_template(kind: TokenKind) -> bool {
    matches!(kind, TokenKind::TemplateInterp | TokenKind::TemplateControl)
}

#[cfg(test)]
mod tests {
    use super::is_unfinished;

    #[test]
    fn open_constructs_go_on() {
        for text in [
            "[",
            "max(1,",
            "{ a = [1, 2]",
            "{ a = 1\n  b = (",
            "<<EOT\nhello",
            "<<EOT",
            "upper(<<-EOT\n  ${var.x}\n",
            "1 /* and",
            "[for x in",
            "\"a ${upper(",
            "(\n\n",
        ] {
            assert!(is_unfinished(text), "{text:?}");
        }
    }

    #[test]
    fn what_is_whole_or_wrong_does_not_go_on() {
        for text in [
            "",
            "1 +",
            "[]",
            "max(1, 2)",
            "<<EOT\nhello\nEOT\n",
            "\"a",
            "[\"a",
            "(]",
            ")",
            "[1, 2))",
            "{ a = 1 ]",
            "\"[\"",
            "1 # (",
            "1 /* ( */",
            "\"$${\"",
        ] {
            assert!(!is_unfinished(text), "{text:?}");
        }
    }
}
