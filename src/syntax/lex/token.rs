//! What a token is.

/// A piece of source text: its kind and the bytes `start..end`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Token {
    /// What the bytes are.
    pub kind: TokenKind,
    /// Offset of the first byte.
    pub start: u32,
    /// Offset behind the last byte.
    pub end: u32,
}

impl Token {
    /// Returns the bytes of the token as a range, to slice the text with.
    pub fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }

    /// Returns the text of the token; `text` must be the text that was lexed.
    pub fn text(self, text: &str) -> &str {
        text.get(self.range()).unwrap_or("")
    }

    /// Returns whether the token is empty: the end of the file, or an unclosed construct.
    pub fn is_empty(self) -> bool {
        self.start == self.end
    }
}

/// The kinds of tokens.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
#[repr(u8)]
pub enum TokenKind {
    // Words.
    /// A name: letters, digits, `_` and `-`. Keywords are names, too.
    Ident,
    /// A number: `5`, `0.5`, `1e10`.
    Number,

    // Layout.
    /// A line end, LF or CR LF.
    Newline,
    /// A comment from `#` or `//` up to and including its line end, if there is one.
    LineComment,
    /// A comment `/* … */`.
    BlockComment,
    /// A byte order mark at the start of the file.
    Bom,
    /// The end of the text; empty, always the last token.
    Eof,

    // Brackets.
    /// `{`
    OBrace,
    /// `}`
    CBrace,
    /// `[`
    OBrack,
    /// `]`
    CBrack,
    /// `(`
    OParen,
    /// `)`
    CParen,

    // Operators and separators.
    /// `=`
    Equal,
    /// `==`
    EqualOp,
    /// `!=`
    NotEqual,
    /// `<`
    LessThan,
    /// `<=`
    LessThanEq,
    /// `>`
    GreaterThan,
    /// `>=`
    GreaterThanEq,
    /// `+`
    Plus,
    /// `-`
    Minus,
    /// `*`
    Star,
    /// `/`
    Slash,
    /// `%`
    Percent,
    /// `!`
    Bang,
    /// `&&`
    And,
    /// `||`
    Or,
    /// `?`
    Question,
    /// `:`
    Colon,
    /// `::`
    DoubleColon,
    /// `.`
    Dot,
    /// `...`
    Ellipsis,
    /// `,`
    Comma,
    /// `=>`
    FatArrow,

    // Templates.
    /// The `"` that opens a string.
    OQuote,
    /// Literal text of a string, with its escapes.
    QuotedLit,
    /// The `"` that closes a string.
    CQuote,
    /// The start of a heredoc: `<<NAME` or `<<-NAME` with its line end.
    OHeredoc,
    /// Literal text of a heredoc or a bare template: at most one line, with its line end.
    StringLit,
    /// The end marker of a heredoc with the spaces around it, without its line end.
    CHeredoc,
    /// `${` or `${~`
    TemplateInterp,
    /// `%{` or `%{~`
    TemplateControl,
    /// The `}` or `~}` that closes either of the two. A `~}` elsewhere has this kind, too.
    TemplateSeqEnd,

    // Constructs without an end: empty tokens where the end had to be.
    /// A string was not closed before the end of its line.
    UnclosedQuote,
    /// A template sequence was not closed before its string or the text ended.
    UnclosedTemplate,
    /// The end marker of a heredoc is missing.
    UnclosedHeredoc,
    /// A `/*` without `*/`; it holds the rest of the text, so it is not empty.
    UnclosedComment,

    // Characters the language has no use for.
    /// `'`
    Apostrophe,
    /// A typographic quotation mark.
    SmartQuote,
    /// `` ` ``
    Backtick,
    /// `;`
    Semicolon,
    /// `**`
    StarStar,
    /// `&`
    BitAnd,
    /// `|`
    BitOr,
    /// `~`
    BitNot,
    /// `^`
    BitXor,
    /// Any other character, one a token.
    Invalid,
}

impl TokenKind {
    /// Returns whether this is a comment of either kind.
    pub fn is_comment(self) -> bool {
        matches!(self, Self::LineComment | Self::BlockComment)
    }

    /// Returns whether this ends a line: a line end or a comment that holds one.
    pub fn ends_line(self) -> bool {
        matches!(self, Self::Newline | Self::LineComment)
    }

    /// Returns whether no valid text has a token of this kind.
    pub fn is_bad(self) -> bool {
        self >= Self::UnclosedQuote
    }

    /// Returns whether this closes a construct that the text leaves open.
    pub fn is_unclosed(self) -> bool {
        (Self::UnclosedQuote..=Self::UnclosedComment).contains(&self)
    }

    /// Returns how to call the token in a message, such as "`{`" or "a name".
    pub fn describe(self) -> &'static str {
        match self {
            Self::Ident => "a name",
            Self::Number => "a number",
            Self::Newline => "the end of the line",
            Self::LineComment | Self::BlockComment => "a comment",
            Self::Bom => "a byte order mark",
            Self::Eof => "the end of the file",
            Self::OBrace => "`{`",
            Self::CBrace => "`}`",
            Self::OBrack => "`[`",
            Self::CBrack => "`]`",
            Self::OParen => "`(`",
            Self::CParen => "`)`",
            Self::Equal => "`=`",
            Self::EqualOp => "`==`",
            Self::NotEqual => "`!=`",
            Self::LessThan => "`<`",
            Self::LessThanEq => "`<=`",
            Self::GreaterThan => "`>`",
            Self::GreaterThanEq => "`>=`",
            Self::Plus => "`+`",
            Self::Minus => "`-`",
            Self::Star => "`*`",
            Self::Slash => "`/`",
            Self::Percent => "`%`",
            Self::Bang => "`!`",
            Self::And => "`&&`",
            Self::Or => "`||`",
            Self::Question => "`?`",
            Self::Colon => "`:`",
            Self::DoubleColon => "`::`",
            Self::Dot => "`.`",
            Self::Ellipsis => "`...`",
            Self::Comma => "`,`",
            Self::FatArrow => "`=>`",
            Self::OQuote => "a string",
            Self::QuotedLit | Self::StringLit => "literal text",
            Self::CQuote => "the end of the string",
            Self::OHeredoc => "a heredoc",
            Self::CHeredoc => "the end of the heredoc",
            Self::TemplateInterp => "`${`",
            Self::TemplateControl => "`%{`",
            Self::TemplateSeqEnd => "the end of the template sequence",
            Self::UnclosedQuote => "a string without end",
            Self::UnclosedTemplate => "a template sequence without end",
            Self::UnclosedHeredoc => "a heredoc without end",
            Self::UnclosedComment => "a comment without end",
            Self::Apostrophe => "a single quote",
            Self::SmartQuote => "a typographic quote",
            Self::Backtick => "a backtick",
            Self::Semicolon => "`;`",
            Self::StarStar => "`**`",
            Self::BitAnd => "`&`",
            Self::BitOr => "`|`",
            Self::BitNot => "`~`",
            Self::BitXor => "`^`",
            Self::Invalid => "an invalid character",
        }
    }
}
