//! How much one expression may do and make, so that every text is judged in bounded time and memory.

use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::source::Span;
use crate::value::Data;
use crate::value::Value;

/// Most parts of expressions that are evaluated for one expression, those of loops counted each time.
const MOST_STEPS: u64 = 10_000_000;

/// The longest text that a template makes, in bytes.
pub(in crate::eval) const LONGEST_TEXT: usize = 64 << 20;

/// Most parts of a value, counted as often as they occur; 64 bytes of text count like one.
pub(in crate::eval) const MOST_PARTS: usize = 4_000_000;

/// Most values inside each other.
const MOST_LEVELS: usize = 1_000;

/// Most findings of one expression: a loop repeats them.
const MOST_FINDINGS: usize = 200;

/// What was done so far for one expression.
#[derive(Debug, Default)]
pub(super) struct Spent {
    steps: u64,
    told: bool,
}

impl Spent {
    /// Counts one step. Returns a finding the first time that there are too many.
    pub(super) fn step(&mut self, span: Span) -> Option<Diagnostic> {
        self.steps += 1;
        if self.steps <= MOST_STEPS || std::mem::replace(&mut self.told, true) {
            return None;
        }
        Some(
            Diagnostic::error(Code::TooLarge, "this expression takes too long to evaluate")
                .at(span, format!("more than {MOST_STEPS} steps"))
                .hint("loop over fewer elements, or split the work"),
        )
    }

    /// Whether going on is of no use.
    pub(super) fn is_over(&self, findings: usize) -> bool {
        self.steps > MOST_STEPS || findings > MOST_FINDINGS
    }
}

/// What is wrong with a text of a length, if it is too long.
pub(super) fn too_long(length: usize, span: Span) -> Option<Diagnostic> {
    (length > LONGEST_TEXT).then(|| {
        Diagnostic::error(Code::TooLarge, "this text is too long")
            .at(span, format!("more than {} MB", LONGEST_TEXT >> 20))
    })
}

/// What is wrong with the size of a value, if it is too large.
pub(super) fn too_large(value: &Value, span: Span) -> Option<Diagnostic> {
    let mut left = MOST_PARTS;
    match fits(value, &mut left, MOST_LEVELS) {
        Fits::Yes => None,
        Fits::TooManyParts => Some(
            Diagnostic::error(Code::TooLarge, "this value is too large")
                .at(span, format!("more than {MOST_PARTS} parts"))
                .hint("values that hold others several times grow with each level"),
        ),
        Fits::TooDeep => Some(
            Diagnostic::error(Code::TooDeep, "this value is nested too deeply")
                .at(span, format!("more than {MOST_LEVELS} values inside each other"))
                .hint("use a list instead of objects inside objects"),
        ),
    }
}

/// Whether a value is within the limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fits {
    Yes,
    TooManyParts,
    TooDeep,
}

/// Takes the parts of a value off what is left; stops as soon as nothing is.
fn fits(value: &Value, left: &mut usize, levels: usize) -> Fits {
    let own = match value.data() {
        Data::String(text) => 1 + text.len() / 64,
        _ => 1,
    };
    match left.checked_sub(own) {
        Some(rest) => *left = rest,
        None => return Fits::TooManyParts,
    }
    let Some(inside) = levels.checked_sub(1) else { return Fits::TooDeep };
    let mut all = |parts: &mut dyn Iterator<Item = &Value>| {
        parts.map(|part| fits(part, left, inside)).find(|found| *found != Fits::Yes).unwrap_or(Fits::Yes)
    };
    match value.data() {
        Data::List(_, parts) | Data::Set(_, parts) | Data::Tuple(parts) => all(&mut parts.iter()),
        Data::Map(_, fields) | Data::Object(fields) => all(&mut fields.values()),
        Data::Null(_) | Data::Bool(_) | Data::Number(_) | Data::String(_) | Data::Unknown(_) => Fits::Yes,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::SourceId;

    #[test]
    fn values_that_grow_by_sharing_are_refused_without_walking_through_them() {
        let span = Span::new(SourceId(0), 0, 0);
        let mut value = Value::tuple([Value::int(1)]);
        for _ in 0..100 {
            value = Value::tuple(std::iter::repeat_n(value, 10).collect::<Vec<_>>());
        }
        assert!(too_large(&value, span).is_some());
        assert!(too_large(&Value::tuple([Value::string("a")]), span).is_none());
        let mut deep = Value::int(1);
        for _ in 0..5000 {
            deep = Value::tuple([deep]);
        }
        assert_eq!(too_large(&deep, span).unwrap().code, Code::TooDeep);
    }
}
