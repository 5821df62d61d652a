//! Rules over values that can be judged offline: constraints of attributes, and checks without lookups.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::addr::Step;
use crate::addr::ValuePath;
use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::diag::Severity;
use crate::diag::did_you_mean;
use crate::schema::Attribute;
use crate::schema::Check;
use crate::schema::Constraints;
use crate::schema::Mode;
use crate::schema::ResourceSchema;
use crate::syntax::ast::Name;
use crate::value::Data;
use crate::value::Type;
use crate::value::Value;

use super::Frame;
use super::Root;

/// A value that breaks a rule. Whoever knows the configuration points at the argument.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The attribute or part of it; empty for the object as a whole.
    pub path: ValuePath,
    /// How serious it is.
    pub severity: Severity,
    /// What kind of finding it is.
    pub code: Code,
    /// What is wrong.
    pub summary: String,
    /// What to do now.
    pub hint: Option<String>,
}

impl Finding {
    /// Returns the diagnostic, without a place.
    #[must_use]
    pub fn diagnostic(&self) -> Diagnostic {
        let found = Diagnostic::error(self.code, self.summary.clone()).maybe_hint(self.hint.clone());
        Diagnostic { severity: self.severity, ..found }
    }
}

/// Judges an object by all rules that need no lookup; what depends on unknown values is left for later.
/// `arguments` are those that the configuration gives, of the types of their attributes; `provider` are the arguments
/// of the provider configuration if they are known.
#[must_use]
pub fn offline_checks(
    schema: &ResourceSchema,
    this: &Value,
    arguments: &BTreeMap<Name, Value>,
    prior: Option<&Value>,
    provider: Option<&Value>,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    for attribute in &schema.attributes {
        if let Some(value) = this.get(&attribute.name) {
            let path = ValuePath::attr(Arc::clone(&attribute.name));
            check_constraints(attribute, value, &path, &mut findings);
        }
    }
    // A missing argument is a finding already; rules about it have nothing to judge.
    let lacks = |attribute: &Attribute| {
        let value = this.get(&attribute.name);
        attribute.mode == Mode::Required && !attribute.write_only && value.is_none_or(Value::is_null)
    };
    if schema.attributes.iter().any(lacks) {
        return findings;
    }
    let frame = Frame::of(schema)
        .with(Root::This, this.clone())
        .with(Root::Config, config(schema, arguments))
        .with(Root::Prior, prior.cloned().unwrap_or_else(Value::null))
        .with(Root::Provider, provider.cloned().unwrap_or_else(|| Value::unknown(Type::Any)));
    for rule in schema.checks.iter().filter(|rule| rule.lookups.is_empty()) {
        findings.extend(check(rule, &frame));
    }
    findings
}

/// The arguments as the configuration gives them: in the planned object, what it leaves to the provider cannot be
/// told from what it does not know yet.
fn config(schema: &ResourceSchema, arguments: &BTreeMap<Name, Value>) -> Value {
    Value::object(schema.attributes.iter().filter(|attribute| attribute.mode.is_settable()).map(
        |attribute| {
            let null = || Value::null_of(attribute.ty.without_optional());
            let value = arguments.get(&attribute.name).cloned().unwrap_or_else(null);
            (Arc::clone(&attribute.name), value)
        },
    ))
}

/// Judges by one check, once or for each element; nothing if it holds, does not apply or depends on unknown
/// values. A rule that cannot be evaluated is a finding of its own.
#[must_use]
pub fn check(rule: &Check, frame: &Frame<'_>) -> Vec<Finding> {
    let path = rule.path.as_ref().map_or_else(ValuePath::default, |name| ValuePath::attr(Arc::clone(name)));
    let Some(expr) = &rule.for_each else { return judged(rule, frame, path).into_iter().collect() };
    let elements = match frame.value(expr) {
        Ok(elements) => elements,
        Err(failures) => return vec![unjudged(rule, path, &failures)],
    };
    let mut turns: Vec<(Step, Value, Value)> = Vec::new();
    if let Some(parts) = elements.elements() {
        let places = (0_i64..).zip(parts);
        turns.extend(
            places.map(|(index, part)| (Step::Index(index.unsigned_abs()), Value::int(index), part.clone())),
        );
    } else if let Some(fields) = elements.fields() {
        turns.extend(fields.iter().map(|(name, part)| {
            (Step::Key(Arc::clone(name)), Value::string(Arc::clone(name)), part.clone())
        }));
    }
    let mut found = Vec::new();
    for (step, key, value) in turns {
        let each: [(Arc<str>, Value); 2] = [(Arc::from("key"), key), (Arc::from("value"), value)];
        let frame = frame.clone().with(Root::Each, Value::object(each));
        let place = path.join(step);
        let place = match &rule.part {
            Some(part) => place.join(Step::Attr(Arc::clone(part))),
            None => place,
        };
        found.extend(judged(rule, &frame, place));
    }
    found
}

fn unjudged(rule: &Check, path: ValuePath, failures: &Diagnostics) -> Finding {
    let reason = failures.iter().map(|found| found.summary.as_str()).collect::<Vec<_>>().join("; ");
    Finding {
        path,
        severity: Severity::Error,
        code: Code::InvalidSchema,
        summary: format!("the rule `{}` cannot be judged: {reason}", rule.name),
        hint: None,
    }
}

fn judged(rule: &Check, frame: &Frame<'_>, path: ValuePath) -> Option<Finding> {
    let judged = (|| {
        if let Some(when) = &rule.when
            && frame.holds(when)? != Some(true)
        {
            return Ok(None);
        }
        if frame.holds(&rule.that)? != Some(false) {
            return Ok(None);
        }
        frame.text(&rule.message).map(Some)
    })();
    match judged {
        Ok(None) => None,
        Ok(Some(summary)) => Some(Finding {
            path,
            severity: rule.severity,
            code: Code::InvalidValue,
            summary,
            hint: rule.hint.as_ref().map(ToString::to_string),
        }),
        Err(failures) => Some(unjudged(rule, path, &failures)),
    }
}

/// Judges a value by the constraints of its attribute, and its parts by those of nested attributes.
pub fn check_constraints(
    attribute: &Attribute,
    value: &Value,
    path: &ValuePath,
    findings: &mut Vec<Finding>,
) {
    if value.is_null() || !value.is_known() {
        return;
    }
    check_value(&attribute.constraints, attribute.sensitive || attribute.write_only, value, path, findings);
    let Some(nested) = &attribute.nested else { return };
    let mut objects: Vec<(ValuePath, &Value)> = Vec::new();
    match value.data() {
        Data::List(_, parts) | Data::Set(_, parts) | Data::Tuple(parts) => {
            let places = parts.iter().enumerate();
            objects.extend(places.map(|(index, part)| (path.join(Step::Index(index as u64)), part)));
        }
        Data::Map(_, parts) => {
            objects.extend(parts.iter().map(|(key, part)| (path.join(Step::Key(Arc::clone(key))), part)));
        }
        _ => objects.push((path.clone(), value)),
    }
    for (place, object) in objects {
        for leaf in &nested.attributes {
            if let Some(part) = object.get(&leaf.name) {
                check_constraints(leaf, part, &place.join(Step::Attr(Arc::clone(&leaf.name))), findings);
            }
        }
    }
}

/// Judges a value by constraints; the findings do not quote it if it is secret.
pub fn check_value(
    constraints: &Constraints,
    secret: bool,
    value: &Value,
    path: &ValuePath,
    findings: &mut Vec<Finding>,
) {
    let secret = secret || value.marks_deep().is_sensitive();
    let mut report = |path: &ValuePath, rule: String, shown: Option<String>| {
        let given = near_word(constraints, shown.as_deref()).filter(|_| !secret);
        let found = match shown {
            Some(shown) if !secret => format!(", not {shown}"),
            _ => String::new(),
        };
        findings.push(Finding {
            path: path.clone(),
            severity: Severity::Error,
            code: Code::InvalidValue,
            summary: format!("`{path}` must {rule}{found}"),
            hint: given,
        });
    };
    if let (Some(range), Some(number)) = (&constraints.between, value.as_number())
        && (*number < range.least || *number > range.greatest)
    {
        let rule = format!("be between {} and {}", range.least, range.greatest);
        report(path, rule, Some(number.to_string()));
    }
    check_length(constraints, value, path, &mut report);
    match value.data() {
        Data::List(_, parts) | Data::Set(_, parts) | Data::Tuple(parts) => {
            for (index, part) in parts.iter().enumerate() {
                let place = path.join(Step::Index(index as u64));
                check_text(constraints, part, &place, &mut report);
            }
        }
        Data::Map(_, parts) => {
            for (key, part) in parts.iter() {
                let place = path.join(Step::Key(Arc::clone(key)));
                if let Some(pattern) = &constraints.pattern
                    && !pattern.is_match(key)
                {
                    report(&place, format!("have a key that matches `{}`", pattern.text), None);
                }
                check_one_of(constraints, part, &place, &mut report);
            }
        }
        _ => check_text(constraints, value, path, &mut report),
    }
}

/// The allowed word that was meant by a quoted one.
fn near_word(constraints: &Constraints, shown: Option<&str>) -> Option<String> {
    let given = shown?.strip_prefix('"')?.strip_suffix('"')?;
    did_you_mean(given, constraints.one_of.iter().map(|word| &**word))
}

type Report<'r> = dyn FnMut(&ValuePath, String, Option<String>) + 'r;

fn check_length(constraints: &Constraints, value: &Value, path: &ValuePath, report: &mut Report<'_>) {
    let Some(range) = &constraints.length else { return };
    let (length, what) = match value.data() {
        Data::String(text) => (text.chars().count(), "characters"),
        Data::List(_, parts) | Data::Set(_, parts) | Data::Tuple(parts) => (parts.len(), "elements"),
        Data::Map(_, parts) | Data::Object(parts) => (parts.len(), "elements"),
        _ => return,
    };
    let length = length as u64;
    if length < range.least || length > range.greatest {
        let rule = if range.least == 0 {
            format!("have at most {} {what}", range.greatest)
        } else {
            format!("have {} to {} {what}", range.least, range.greatest)
        };
        report(path, rule, Some(length.to_string()));
    }
}

fn check_text(constraints: &Constraints, value: &Value, path: &ValuePath, report: &mut Report<'_>) {
    check_one_of(constraints, value, path, report);
    if let (Some(pattern), Some(text)) = (&constraints.pattern, value.as_str())
        && !pattern.is_match(text)
    {
        report(path, format!("match `{}`", pattern.text), Some(format!("{text:?}")));
    }
}

fn check_one_of(constraints: &Constraints, value: &Value, path: &ValuePath, report: &mut Report<'_>) {
    let Some(text) = value.as_str() else { return };
    if constraints.one_of.is_empty() || constraints.one_of.contains(text) {
        return;
    }
    let words: Vec<String> = constraints.one_of.iter().map(|word| format!("{word:?}")).collect();
    report(path, format!("be one of {}", words.join(", ")), Some(format!("{text:?}")));
}
