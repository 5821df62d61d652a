//! Patterns of `fileset`: `*`, `?`, `[…]` within a path segment, `{a,b}` anywhere, `**` as a whole segment.
//!
//! Hidden files are matched like others; `!` does not negate a class, `^` does.

/// A compiled pattern.
#[derive(Debug)]
pub(super) struct Glob {
    /// The alternatives after braces are expanded, each a list of segments.
    alternatives: Vec<Vec<Segment>>,
}

#[derive(Debug)]
enum Segment {
    /// `**`: any number of directories.
    AnyDepth,
    Tokens(Vec<Token>),
}

#[derive(Debug)]
enum Token {
    Literal(char),
    One,
    Many,
    Class { negated: bool, ranges: Vec<(char, char)> },
}

/// More alternatives than this are refused.
const MAX_ALTERNATIVES: usize = 1000;

impl Glob {
    /// Compiles a pattern; nothing if it is malformed.
    pub(super) fn new(pattern: &str) -> Option<Self> {
        let mut expanded = vec![pattern.to_owned()];
        let mut done = Vec::new();
        while let Some(text) = expanded.pop() {
            if expanded.len() + done.len() > MAX_ALTERNATIVES {
                return None;
            }
            let alternatives = braces(&text)?;
            if alternatives == [text.as_str()] {
                done.push(text);
            } else {
                expanded.extend(alternatives);
            }
        }
        let alternatives = done
            .iter()
            .map(|text| {
                text.split('/')
                    .filter(|segment| !segment.is_empty() && *segment != ".")
                    .map(|segment| match segment {
                        "**" => Some(Segment::AnyDepth),
                        _ => tokens(segment).map(Segment::Tokens),
                    })
                    .collect::<Option<Vec<_>>>()
            })
            .collect::<Option<Vec<_>>>()?;
        Some(Self { alternatives })
    }

    /// Tells whether a path with `/` between segments matches.
    pub(super) fn matches(&self, path: &str) -> bool {
        let path: Vec<Vec<char>> = path.split('/').map(|segment| segment.chars().collect()).collect();
        self.alternatives.iter().any(|segments| !segments.is_empty() && segments_match(segments, &path))
    }
}

/// Expands the first group of braces; without any, the text is all there is. Nothing if they do not match.
fn braces(text: &str) -> Option<Vec<String>> {
    let mut depth = 0usize;
    let mut start = None;
    let mut cuts = Vec::new();
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        if escaped {
            escaped = false;
            continue;
        }
        match c {
            '\\' => escaped = true,
            '{' => {
                if depth == 0 && start.is_none() {
                    start = Some(at);
                }
                depth += 1;
            }
            ',' if depth == 1 => cuts.push(at),
            '}' => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    let start = start?;
                    let mut from = start + 1;
                    let mut alternatives = Vec::new();
                    for cut in cuts.iter().copied().chain([at]) {
                        let head = text.get(..start)?;
                        let tail = text.get(at + 1..)?;
                        alternatives.push(format!("{head}{}{tail}", text.get(from..cut)?));
                        from = cut + 1;
                    }
                    return Some(alternatives);
                }
            }
            _ => {}
        }
    }
    (depth == 0).then(|| vec![text.to_owned()])
}

fn tokens(segment: &str) -> Option<Vec<Token>> {
    let mut out = Vec::new();
    let mut rest = segment.chars().peekable();
    while let Some(c) = rest.next() {
        out.push(match c {
            '*' => Token::Many,
            '?' => Token::One,
            '\\' => Token::Literal(rest.next()?),
            '[' => {
                let negated = rest.next_if_eq(&'^').is_some();
                let mut ranges = Vec::new();
                loop {
                    let low = match rest.next()? {
                        ']' if !ranges.is_empty() => break,
                        '\\' => rest.next()?,
                        ']' | '-' => return None,
                        c => c,
                    };
                    let high = if rest.next_if_eq(&'-').is_some() {
                        match rest.next()? {
                            '\\' => rest.next()?,
                            ']' => return None,
                            c => c,
                        }
                    } else {
                        low
                    };
                    ranges.push((low, high));
                }
                Token::Class { negated, ranges }
            }
            c => Token::Literal(c),
        });
    }
    Some(out)
}

/// Matches with one point of return for `**`, so the time is bounded by the product of the lengths.
fn segments_match(pattern: &[Segment], path: &[Vec<char>]) -> bool {
    let mut reachable = vec![false; path.len() + 1];
    if let Some(first) = reachable.first_mut() {
        *first = true;
    }
    for segment in pattern {
        let mut next = vec![false; path.len() + 1];
        match segment {
            Segment::AnyDepth => {
                let mut seen = false;
                for (slot, before) in next.iter_mut().zip(&reachable) {
                    seen |= before;
                    *slot = seen;
                }
            }
            Segment::Tokens(tokens) => {
                for ((slot, before), name) in next.iter_mut().skip(1).zip(&reachable).zip(path) {
                    *slot = *before && tokens_match(tokens, name);
                }
            }
        }
        reachable = next;
    }
    reachable.last().copied().unwrap_or(false)
}

fn tokens_match(tokens: &[Token], name: &[char]) -> bool {
    let mut reachable = vec![false; name.len() + 1];
    if let Some(first) = reachable.first_mut() {
        *first = true;
    }
    for token in tokens {
        let mut next = vec![false; name.len() + 1];
        if let Token::Many = token {
            let mut seen = false;
            for (slot, before) in next.iter_mut().zip(&reachable) {
                seen |= before;
                *slot = seen;
            }
        } else {
            for ((slot, before), c) in next.iter_mut().skip(1).zip(&reachable).zip(name) {
                *slot = *before && one_matches(token, *c);
            }
        }
        reachable = next;
    }
    reachable.last().copied().unwrap_or(false)
}

fn one_matches(token: &Token, c: char) -> bool {
    match token {
        Token::Literal(wanted) => *wanted == c,
        Token::One => true,
        Token::Many => false,
        Token::Class { negated, ranges } => {
            ranges.iter().any(|(low, high)| (*low..=*high).contains(&c)) != *negated
        }
    }
}
