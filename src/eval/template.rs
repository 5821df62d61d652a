//! Strings with interpolations and directives.

use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::source::Span;
use crate::syntax::ast::TemplateFor;
use crate::syntax::ast::TemplateIf;
use crate::syntax::ast::TemplatePart;
use crate::value::Marks;
use crate::value::Number;
use crate::value::Refinement;
use crate::value::Type;
use crate::value::Value;
use crate::value::convert;
use crate::value::grouped;

use super::evaluate::Evaluator;
use super::evaluate::failed;
use super::evaluate::is_catchable;
use super::iterate::Turn;
use super::limits::LONGEST_TEXT;
use super::limits::too_long;
use super::text::known_prefix;
use super::text::normalise;

/// What has been put together so far.
struct Buffer {
    text: String,
    /// False as soon as a part was unknown: the text is only a prefix then.
    known: bool,
    marks: Marks,
}

impl Buffer {
    fn new() -> Self {
        Self { text: String::new(), known: true, marks: Marks::NONE }
    }

    fn push(&mut self, text: &str) {
        // One part too many is enough to tell.
        if self.known && self.text.len() <= LONGEST_TEXT {
            self.text.push_str(text);
        }
    }

    fn into_value(self) -> Value {
        let value = if self.known {
            Value::string(normalise(self.text))
        } else {
            let prefix = known_prefix(&self.text);
            Value::refined(Type::String, Refinement { not_null: true, prefix, ..Refinement::default() })
        };
        value.mark(self.marks)
    }
}

impl Evaluator<'_> {
    pub(super) fn template(&mut self, parts: &[TemplatePart], span: Span) -> Value {
        let before = self.diags.len();
        let mut buffer = Buffer::new();
        for part in parts {
            match part {
                TemplatePart::Text(text) => buffer.push(text),
                TemplatePart::Interpolation(expr) => {
                    let value = self.eval(expr);
                    match text_of(&value, self.scope.groups_digits()) {
                        Ok(part) => add(&mut buffer, &part),
                        Err(reason) => {
                            let diagnostic =
                                Diagnostic::error(Code::InvalidTemplateValue, reason).at(expr.span, "");
                            let diagnostic = self.explained(diagnostic, expr);
                            self.diags.push(diagnostic);
                        }
                    }
                }
                TemplatePart::If(node) => {
                    let value = self.template_if(node);
                    add(&mut buffer, &value);
                }
                TemplatePart::For(node) => {
                    let value = self.template_for(node, span);
                    add(&mut buffer, &value);
                }
            }
        }
        if let Some(found) = too_long(buffer.text.len(), span) {
            self.diags.push(found);
        }
        if self.diags.len() > before {
            // The text put together so far is not to be trusted.
            return Value::refined(Type::String, Refinement::not_null()).mark(buffer.marks);
        }
        buffer.into_value()
    }

    fn template_if(&mut self, node: &TemplateIf) -> Value {
        let kept = std::mem::take(&mut self.diags);
        let yes = self.template(&node.yes, node.span);
        let yes_found = std::mem::take(&mut self.diags);
        let no = self.template(&node.no, node.span);
        let no_found = std::mem::replace(&mut self.diags, kept);
        self.diags.extend(yes_found.iter().chain(&no_found).filter(|found| !is_catchable(found)).cloned());
        let before = self.diags.len();
        let condition = self.eval(&node.condition);
        let unknown = Value::refined(Type::String, Refinement::not_null());
        if self.diags.len() > before {
            return unknown;
        }
        let reason = if condition.is_null() {
            Some((Code::NullValue, "the condition is null".to_owned()))
        } else {
            convert(&condition, &Type::Bool)
                .err()
                .map(|error| (Code::UnsuitableValue, format!("unsuitable value for a condition: {error}")))
        };
        if let Some((code, reason)) = reason {
            let diagnostic = Diagnostic::error(code, reason).at(node.condition.span, "");
            let diagnostic = self.explained(diagnostic, &node.condition);
            self.diags.push(diagnostic);
            return unknown;
        }
        let marks = condition.marks() | yes.marks() | no.marks();
        let choice = convert(&condition, &Type::Bool).ok().and_then(|condition| condition.as_bool());
        let (value, found) = match choice {
            Some(true) => (yes, yes_found),
            Some(false) => (no, no_found),
            None => return unknown.mark(marks),
        };
        self.diags.extend(found.into_iter().filter(is_catchable));
        value.mark(marks)
    }

    fn template_for(&mut self, node: &TemplateFor, span: Span) -> Value {
        let mut buffer = Buffer::new();
        let collection = self.eval(&node.collection);
        let Some(turns) = self.turns(&collection, &node.collection, &mut buffer.marks) else {
            buffer.known = false;
            return buffer.into_value();
        };
        for Turn { key, value } in turns {
            if self.is_over() {
                return failed();
            }
            let depth = self.bind(node.key.as_ref(), &node.value, key, value);
            let part = self.template(&node.body, span);
            self.locals.truncate(depth);
            add(&mut buffer, &part);
            if let Some(found) = too_long(buffer.text.len(), span) {
                return self.fail(found);
            }
        }
        buffer.into_value()
    }
}

fn add(buffer: &mut Buffer, part: &Value) {
    buffer.marks |= part.marks();
    if let Some(text) = part.as_str() {
        buffer.push(text);
        return;
    }
    if buffer.known
        && let Some(prefix) = part.refinement().and_then(|refinement| refinement.prefix.as_ref())
    {
        buffer.text.push_str(prefix);
    }
    buffer.known = false;
}

/// The text of a value in a template; unknown if the value is.
fn text_of(value: &Value, groups_digits: bool) -> Result<Value, String> {
    if value.is_null() {
        return Err("null cannot be part of a string".to_owned());
    }
    if !value.is_known() {
        return Ok(Value::unknown(Type::String).mark(value.marks()));
    }
    if let Some(figure) = value.as_number().and_then(Number::to_u64).filter(|_| groups_digits) {
        return Ok(Value::string(grouped(figure)).mark(value.marks()));
    }
    convert(value, &Type::String).map_err(|error| format!("this value cannot be part of a string: {error}"))
}
