//! Completion of names: what can stand where the cursor is.

use std::collections::BTreeSet;

use crate::addr::Mode;
use crate::eval;
use crate::eval::functions;
use crate::plan::object_type;
use crate::plan::scope::View;
use crate::schema::ResourceKind;
use crate::source::SourceMap;
use crate::syntax::lex::Token;
use crate::syntax::lex::TokenKind;
use crate::syntax::lex::lex_expression;
use crate::syntax::parse::parse_expression;
use crate::value::Data;
use crate::value::Type;
use crate::value::Value;

use super::Evaluator;

/// At most so many indices of a sequence are offered.
const MOST_INDICES: usize = 50;

/// What can stand at a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completion {
    /// Where the part begins that a candidate replaces.
    pub start: usize,
    /// What may be put there, in order.
    pub candidates: Vec<String>,
}

/// What is being typed.
enum Typing<'t> {
    /// The name of something that stands by itself.
    Root,
    /// A part of what stands before a dot.
    Attribute(&'t str),
    /// A key of what stands before a bracket; whether its quote is there.
    Key(&'t str, bool),
}

impl Evaluator<'_> {
    /// Returns what can stand where the cursor is, at a byte offset of a text.
    #[must_use]
    pub fn complete(&self, text: &str, cursor: usize) -> Completion {
        let before = text.get(..cursor).unwrap_or(text);
        let Some((typing, start)) = typing(before) else {
            return Completion { start: before.len(), candidates: Vec::new() };
        };
        let partial = before.get(start..).unwrap_or("");
        let all = match typing {
            Typing::Root => self.roots(),
            Typing::Attribute(of) => self.attributes(of),
            Typing::Key(of, quoted) => self.keys(of, quoted),
        };
        let candidates = all.into_iter().filter(|name| name.starts_with(partial)).collect();
        Completion { start, candidates }
    }

    /// Everything that can begin an expression.
    fn roots(&self) -> BTreeSet<String> {
        let module = &self.world.config().root;
        let words = ["true", "false", "null", "path.", "queueform."].map(str::to_owned);
        let mut found = BTreeSet::from(words);
        found.extend(functions::names().map(|name| format!("{name}(")));
        found.extend(["can(", "try(", "type("].map(str::to_owned));
        if !module.variables.is_empty() {
            found.insert("var.".to_owned());
        }
        if !module.locals.is_empty() {
            found.insert("local.".to_owned());
        }
        if !module.calls.is_empty() {
            found.insert("module.".to_owned());
        }
        for id in module.resources.keys() {
            found.insert(match id.mode {
                Mode::Managed => format!("{}.", id.kind),
                Mode::Data | Mode::Action | Mode::Ephemeral => format!("{}.", id.mode.as_str()),
            });
        }
        found
    }

    /// The parts of what a text before a dot stands for.
    fn attributes(&self, of: &str) -> BTreeSet<String> {
        let module = &self.world.config().root;
        let words: Vec<&str> = of.split('.').map(str::trim).collect();
        let names = |mode: Mode, kind: &str| -> BTreeSet<String> {
            let ids = module.resources.keys().filter(|id| id.mode == mode && &*id.kind == kind);
            ids.map(|id| id.name.to_string()).collect()
        };
        let mode = |word: &str| match word {
            "data" => Some(Mode::Data),
            "action" => Some(Mode::Action),
            "ephemeral" => Some(Mode::Ephemeral),
            _ => None,
        };
        match words.as_slice() {
            ["var"] => module.variables.keys().map(ToString::to_string).collect(),
            ["module"] => module.calls.keys().map(ToString::to_string).collect(),
            ["module", name] if module.calls.contains_key(*name) => self.outputs(name),
            ["local"] => module.locals.keys().map(ToString::to_string).collect(),
            [word] if mode(word).is_some() => {
                let ids = module.resources.keys().filter(|id| Some(id.mode) == mode(word));
                ids.map(|id| id.kind.to_string()).collect()
            }
            [word, kind] if mode(word).is_some() => {
                mode(word).map(|mode| names(mode, kind)).unwrap_or_default()
            }
            [kind] if !names(Mode::Managed, kind).is_empty() => names(Mode::Managed, kind),
            _ => {
                let known = self.value(of).map(|value| parts(&value)).unwrap_or_default();
                let plain = |name: &String| name.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-');
                if known.is_empty() {
                    self.schema_names(&words)
                } else {
                    known.into_iter().filter(plain).collect()
                }
            }
        }
    }

    /// The outputs of a called module.
    fn outputs(&self, name: &str) -> BTreeSet<String> {
        let config = self.world.config();
        let called = config.module(&config.root.path.child(&name.into()));
        called.map(|module| module.outputs.keys().map(ToString::to_string).collect()).unwrap_or_default()
    }

    /// The attributes of a resource that is not in the state yet.
    fn schema_names(&self, words: &[&str]) -> BTreeSet<String> {
        let (kind, name) = match words {
            ["data", kind, _] => (ResourceKind::Data, kind),
            ["ephemeral", kind, _] => (ResourceKind::Ephemeral, kind),
            [kind, _] => (ResourceKind::Managed, kind),
            _ => return BTreeSet::new(),
        };
        let schema = self.registry.resource(kind, name);
        schema.map(|schema| type_names(&object_type(&schema))).unwrap_or_default()
    }

    /// The keys of what a text before a bracket stands for, as they are written between brackets.
    fn keys(&self, of: &str, quoted: bool) -> BTreeSet<String> {
        let Some(value) = self.value(of) else { return BTreeSet::new() };
        match value.data() {
            Data::Map(..) | Data::Object(_) => parts(&value)
                .into_iter()
                .map(|key| {
                    let text = eval::normalise(key.as_str());
                    let text = format!("{text:?}]");
                    if quoted { text.trim_start_matches('"').to_owned() } else { text }
                })
                .collect(),
            Data::List(..) | Data::Tuple(_) if !quoted => {
                let length = value.elements().map_or(0, <[Value]>::len);
                (0..length.min(MOST_INDICES)).map(|index| format!("{index}]")).collect()
            }
            _ => BTreeSet::new(),
        }
    }

    /// The value of an expression, if it has one.
    fn value(&self, text: &str) -> Option<Value> {
        let source = SourceMap::new().add("<console>", text);
        let parsed = parse_expression(source, 0, text);
        let expr = parsed.output.filter(|_| !parsed.diagnostics.has_errors())?;
        eval::evaluate(&expr, &View::of(&self.world)).ok()
    }
}

/// The names of the parts of a value. Keys of secret maps are secret, too.
fn parts(value: &Value) -> BTreeSet<String> {
    match value.data() {
        Data::Map(..) if value.marks().is_sensitive() => BTreeSet::new(),
        Data::Map(_, parts) | Data::Object(parts) => parts.keys().map(ToString::to_string).collect(),
        Data::Unknown(_) => type_names(&value.ty()),
        _ => BTreeSet::new(),
    }
}

fn type_names(ty: &Type) -> BTreeSet<String> {
    match ty {
        Type::Object(attributes) => attributes.keys().map(ToString::to_string).collect(),
        _ => BTreeSet::new(),
    }
}

/// Finds out what is being typed at the end of a text, and where it begins.
fn typing(text: &str) -> Option<(Typing<'_>, usize)> {
    let skipped = |kind: TokenKind| {
        matches!(kind, TokenKind::Eof | TokenKind::Newline) || kind.is_unclosed() || kind.is_comment()
    };
    let tokens: Vec<Token> = lex_expression(text);
    let commented = tokens.iter().any(|token| token.kind.is_comment() && token.range().end == text.len());
    let tokens: Vec<Token> = tokens.into_iter().filter(|token| !skipped(token.kind)).collect();
    let ends_here = |token: &Token| token.range().end == text.len();
    match tokens.as_slice() {
        _ if commented => None,
        [before @ .., literal] if literal.kind == TokenKind::QuotedLit => match before {
            [base @ .., bracket, quote]
                if bracket.kind == TokenKind::OBrack && quote.kind == TokenKind::OQuote =>
            {
                Some((Typing::Key(base_of(text, base)?, true), literal.range().start))
            }
            _ => None,
        },
        [base @ .., bracket, quote]
            if bracket.kind == TokenKind::OBrack && quote.kind == TokenKind::OQuote && ends_here(quote) =>
        {
            Some((Typing::Key(base_of(text, base)?, true), text.len()))
        }
        [.., token]
            if matches!(token.kind, TokenKind::OQuote | TokenKind::StringLit | TokenKind::OHeredoc) =>
        {
            None
        }
        [base @ .., bracket] if bracket.kind == TokenKind::OBrack && ends_here(bracket) => {
            match base_of(text, base) {
                Some(of) => Some((Typing::Key(of, false), text.len())),
                None => Some((Typing::Root, text.len())),
            }
        }
        [base @ .., dot, name]
            if dot.kind == TokenKind::Dot && name.kind == TokenKind::Ident && ends_here(name) =>
        {
            Some((Typing::Attribute(base_of(text, base)?), name.range().start))
        }
        [base @ .., dot] if dot.kind == TokenKind::Dot => {
            Some((Typing::Attribute(base_of(text, base)?), text.len()))
        }
        [.., name] if name.kind == TokenKind::Ident && ends_here(name) => {
            Some((Typing::Root, name.range().start))
        }
        _ => Some((Typing::Root, text.len())),
    }
}

/// Returns the text of the reference or call that tokens end with; none if they end with something else.
fn base_of<'t>(text: &'t str, tokens: &[Token]) -> Option<&'t str> {
    let end = tokens.last()?.range().end;
    let mut at = tokens.len();
    let mut start = None;
    // Backwards, step by step: a name or number, or a group in brackets with what stands before it.
    while let Some(token) = at.checked_sub(1).and_then(|last| tokens.get(last)) {
        at = match token.kind {
            TokenKind::Ident | TokenKind::Number => at.saturating_sub(1),
            TokenKind::CBrack | TokenKind::CParen | TokenKind::CBrace => opening(tokens, at)?,
            _ => break,
        };
        start = tokens.get(at).map(|token| token.range().start);
        let before = at.checked_sub(1).and_then(|last| tokens.get(last)).map(|token| token.kind);
        let is_group = matches!(token.kind, TokenKind::CBrack | TokenKind::CParen);
        match before {
            Some(TokenKind::Dot) => at = at.saturating_sub(1),
            Some(TokenKind::Ident | TokenKind::CBrack | TokenKind::CParen) if is_group => {}
            _ => break,
        }
    }
    text.get(start?..end)
}

/// Returns the position of the token that opens the group that ends before `end`.
fn opening(tokens: &[Token], end: usize) -> Option<usize> {
    let mut depth = 0_usize;
    for (index, token) in tokens.get(..end)?.iter().enumerate().rev() {
        match token.kind {
            TokenKind::CBrack | TokenKind::CParen | TokenKind::CBrace | TokenKind::TemplateSeqEnd => {
                depth += 1
            }
            TokenKind::OBrack
            | TokenKind::OParen
            | TokenKind::OBrace
            | TokenKind::TemplateInterp
            | TokenKind::TemplateControl => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(index);
                }
            }
            _ => {}
        }
    }
    None
}
