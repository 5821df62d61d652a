//! The diagnostic and its collections.

use crate::addr::InstanceAddr;
use crate::source::Span;

use super::Code;

/// How serious a diagnostic is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The operation cannot succeed.
    Error,
    /// Worth attention; the operation goes on.
    Warning,
}

/// A span with a short text about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// The text pointed at.
    pub span: Span,
    /// What is to be seen there; may be empty for the primary label.
    pub text: String,
}

/// How a service answered, as its support asks for it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reply {
    /// The status of the answer.
    pub status: Option<u16>,
    /// The vendor's own code.
    pub code: Option<String>,
    /// The id of the request.
    pub request_id: Option<String>,
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// How serious it is.
    pub severity: Severity,
    /// What kind of finding it is; one entry in the reference each.
    pub code: Code,
    /// One line: lower case, no full stop, names in backticks.
    pub summary: String,
    /// More sentences where one line is not enough; may be empty.
    pub detail: String,
    /// Places in the source; the first is the primary one.
    pub labels: Vec<Label>,
    /// What to do now, one imperative sentence each.
    pub hints: Vec<String>,
    /// Values that explain an expression: the reference as written and what it is (never a secret).
    pub values: Vec<(String, String)>,
    /// The object the finding is about.
    pub addr: Option<InstanceAddr>,
    /// What a service answered, if the finding is about that.
    pub reply: Option<Box<Reply>>,
    /// It keeps a plan from being made, but says nothing against the configuration as such: `validate` only warns.
    pub is_late: bool,
}

impl Diagnostic {
    /// Returns an error with a code and a summary.
    pub fn error(code: Code, summary: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            code,
            summary: summary.into(),
            detail: String::new(),
            labels: Vec::new(),
            hints: Vec::new(),
            values: Vec::new(),
            addr: None,
            reply: None,
            is_late: false,
        }
    }

    /// Returns a warning with a code and a summary.
    pub fn warning(code: Code, summary: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, summary) }
    }

    /// Keeps plans from being made, but says nothing against the configuration as such: `validate` only warns.
    #[must_use]
    pub fn late(mut self) -> Self {
        self.is_late = true;
        self
    }

    /// Adds a place; the first one added is the primary place.
    #[must_use]
    pub fn at(mut self, span: Span, text: impl Into<String>) -> Self {
        self.labels.push(Label { span, text: text.into() });
        self
    }

    /// Adds a place if there is none yet.
    #[must_use]
    pub fn or_at(self, span: Span) -> Self {
        if self.labels.is_empty() { self.at(span, "") } else { self }
    }

    /// Sets the longer explanation.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = detail.into();
        self
    }

    /// Adds a hint.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// Adds a hint if there is one.
    #[must_use]
    pub fn maybe_hint(mut self, hint: Option<String>) -> Self {
        self.hints.extend(hint);
        self
    }

    /// Adds the value of a reference that explains the finding.
    #[must_use]
    pub fn value(mut self, reference: impl Into<String>, shown: impl Into<String>) -> Self {
        self.values.push((reference.into(), shown.into()));
        self
    }

    /// Notes what a service answered.
    #[must_use]
    pub fn reply(mut self, reply: Reply) -> Self {
        self.reply = Some(Box::new(reply));
        self
    }

    /// Names the object the finding is about.
    #[must_use]
    pub fn about(mut self, addr: InstanceAddr) -> Self {
        self.addr = Some(addr);
        self
    }

    /// Returns true for an error.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }

    /// Returns true if this says what another finding says already, of a part of the same place.
    fn repeats(&self, other: &Self) -> bool {
        let place = |of: &Self| of.labels.first().map(|label| label.span);
        let (Some(mine), Some(place)) = (place(self), place(other)) else { return false };
        let inside = mine.source == place.source && place.start <= mine.start && mine.end <= place.end;
        let key = |of: &Self| (of.code, of.severity, of.summary.clone(), of.detail.clone(), of.addr.clone());
        // A reference that is wrong by its form is also wrong when it is evaluated.
        let of_reference = |code: Code| matches!(code, Code::InvalidReference | Code::UndeclaredReference);
        let same_reference = of_reference(other.code)
            && (of_reference(self.code) || self.code == Code::UnsupportedAttribute)
            && self.severity == other.severity
            && mine.source == place.source
            && mine.start.max(place.start) < mine.end.min(place.end);
        same_reference || inside && key(self) == key(other) && self.values == other.values
    }
}

/// A collection of findings.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Diagnostics {
    items: Vec<Diagnostic>,
}

impl Diagnostics {
    /// Returns an empty collection.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a finding.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.items.push(diagnostic);
    }

    /// Adds all findings of another collection.
    pub fn extend(&mut self, other: impl IntoIterator<Item = Diagnostic>) {
        self.items.extend(other);
    }

    /// Returns true if at least one finding is an error.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.items.iter().any(Diagnostic::is_error)
    }

    /// Marks all findings as such that keep plans from being made, but say nothing against the configuration.
    #[must_use]
    pub fn late(mut self) -> Self {
        self.items.iter_mut().for_each(|item| item.is_late = true);
        self
    }

    /// Turns all errors into warnings.
    #[must_use]
    pub fn into_warnings(mut self) -> Self {
        self.warn_from(0);
        self
    }

    /// Turns errors from a position on into warnings.
    pub fn warn_from(&mut self, position: usize) {
        self.items.iter_mut().skip(position).for_each(|item| item.severity = Severity::Warning);
    }

    /// Turns errors that only keep plans from being made into warnings.
    #[must_use]
    pub fn without_plan(mut self) -> Self {
        for item in self.items.iter_mut().filter(|item| item.is_late && item.is_error()) {
            item.severity = Severity::Warning;
            item.hints.push("`validate` only warns: a plan fails".to_owned());
        }
        self
    }

    /// Returns true if there is no finding at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// Returns the number of findings.
    #[must_use]
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Returns the findings in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Diagnostic> {
        self.items.iter()
    }

    /// Sorts by place (source, offset; findings without a place last, in the order they came), errors first
    /// at the same place, and removes exact repetitions.
    pub fn sort(&mut self) {
        self.items.sort_by_key(|item| {
            let place = item.labels.first().map(|label| (label.span.source, label.span.start));
            (place.is_none(), place, item.severity)
        });
        let mut kept: Vec<Diagnostic> = Vec::with_capacity(self.items.len());
        for item in self.items.drain(..) {
            if !kept.iter().rev().take(8).any(|seen| *seen == item || item.repeats(seen)) {
                kept.push(item);
            }
        }
        self.items = kept;
    }
}

impl IntoIterator for Diagnostics {
    type Item = Diagnostic;
    type IntoIter = std::vec::IntoIter<Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.items.into_iter()
    }
}

impl<'d> IntoIterator for &'d Diagnostics {
    type Item = &'d Diagnostic;
    type IntoIter = std::slice::Iter<'d, Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.items.iter()
    }
}

impl From<Diagnostic> for Diagnostics {
    fn from(diagnostic: Diagnostic) -> Self {
        Self { items: vec![diagnostic] }
    }
}

impl FromIterator<Diagnostic> for Diagnostics {
    fn from_iter<I: IntoIterator<Item = Diagnostic>>(items: I) -> Self {
        Self { items: items.into_iter().collect() }
    }
}

/// The result of a step that goes on past errors: what could be made, and everything that was found.
#[derive(Debug, Clone)]
#[must_use = "the diagnostics must reach the user"]
pub struct Checked<T> {
    /// What could be made; possibly partial if there are errors.
    pub output: Option<T>,
    /// Everything that was found.
    pub diagnostics: Diagnostics,
}

impl<T> Checked<T> {
    /// A result without findings.
    pub fn ok(output: T) -> Self {
        Self { output: Some(output), diagnostics: Diagnostics::new() }
    }

    /// A result with findings.
    pub fn with(output: T, diagnostics: Diagnostics) -> Self {
        Self { output: Some(output), diagnostics }
    }

    /// No result, only findings.
    pub fn failed(diagnostics: impl Into<Diagnostics>) -> Self {
        Self { output: None, diagnostics: diagnostics.into() }
    }

    /// Moves the findings into a collection and returns the output.
    pub fn collect_into(self, diagnostics: &mut Diagnostics) -> Option<T> {
        diagnostics.extend(self.diagnostics);
        self.output
    }
}
