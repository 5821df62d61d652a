//! Values filled in during apply must refine what was planned: the same where the plan knew, anything that fits
//! where it did not.

use std::sync::Arc;

use crate::addr::InstanceAddr;
use crate::addr::Step;
use crate::addr::ValuePath;
use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::eval;
use crate::schema::Attribute;
use crate::schema::ResourceSchema;
use crate::schema::scope;
use crate::value::Data;
use crate::value::Value;

/// A place where a value is not what was planned.
#[derive(Debug, Clone)]
pub struct Departure {
    /// The place.
    pub path: ValuePath,
    /// What was planned.
    pub planned: Value,
    /// What it is.
    pub actual: Value,
}

impl Departure {
    /// Returns the finding. Secrets are not shown.
    pub(super) fn diagnostic(&self, addr: &InstanceAddr, what: &str) -> Diagnostic {
        let secret = self.planned.marks_deep().is_sensitive() || self.actual.marks_deep().is_sensitive();
        let shown = |value: &Value| if secret { "(sensitive value)".to_owned() } else { eval::show(value) };
        Diagnostic::error(
            Code::InconsistentResult,
            format!("`{}` of `{addr}` is not what was planned", self.path),
        )
        .about(addr.clone())
        .detail(format!("Planned was {}, {what} {}.", shown(&self.planned), shown(&self.actual)))
    }
}

/// Collects where `actual` departs from `planned`.
pub fn departures(planned: &Value, actual: &Value, path: &ValuePath, found: &mut Vec<Departure>) {
    let departs = || Departure { path: path.clone(), planned: planned.clone(), actual: actual.clone() };
    match (planned.data(), actual.data()) {
        (Data::Unknown(unknown), _) => {
            if unknown.refinement.not_null && actual.is_null() {
                found.push(departs());
            }
        }
        (Data::Object(a), Data::Object(b)) | (Data::Map(_, a), Data::Map(_, b)) => {
            let map = matches!(planned.data(), Data::Map(..));
            for (name, part) in a.iter() {
                let step = if map { Step::Key(Arc::clone(name)) } else { Step::Attr(Arc::clone(name)) };
                match b.get(name) {
                    Some(other) => departures(part, other, &path.join(step), found),
                    None => found.push(departs()),
                }
            }
            if b.keys().any(|name| !a.contains_key(name)) {
                found.push(departs());
            }
        }
        (Data::List(_, a), Data::List(_, b)) | (Data::Tuple(a), Data::Tuple(b)) if a.len() == b.len() => {
            for (index, (part, other)) in a.iter().zip(b.iter()).enumerate() {
                departures(part, other, &path.join(Step::Index(index as u64)), found);
            }
        }
        // Which element of a set an unknown one has become cannot be told.
        (Data::Set(..), Data::Set(..)) if !planned.is_wholly_known() => {}
        _ => {
            let (a, _marks) = planned.clone().unmark_deep();
            let (b, _marks) = actual.clone().unmark_deep();
            if !a.same_as(&b) {
                found.push(departs());
            }
        }
    }
}

/// Collects where one attribute departs from what was planned. Spellings that mean the same do not.
pub(super) fn attribute_departures(attribute: &Attribute, planned: &Value, actual: &Value) -> Vec<Departure> {
    let path = ValuePath::attr(Arc::clone(&attribute.name));
    if planned.is_wholly_known() {
        if scope::normalised_eq(attribute, planned, actual) == Some(true) {
            return Vec::new();
        }
        let mut found = Vec::new();
        departures(planned, actual, &path, &mut found);
        // A spelling may differ in depth only.
        if found.is_empty() {
            return Vec::new();
        }
        return vec![Departure { path, planned: planned.clone(), actual: actual.clone() }];
    }
    let mut found = Vec::new();
    departures(planned, actual, &path, &mut found);
    found
}

/// Collects where an object that was read back departs from what was planned.
pub(super) fn result_departures(schema: &ResourceSchema, planned: &Value, actual: &Value) -> Vec<Departure> {
    let mut found = Vec::new();
    for attribute in &schema.attributes {
        if attribute.volatile || attribute.write_only || attribute.readback.is_never() {
            continue;
        }
        let (Some(planned), Some(actual)) = (planned.get(&attribute.name), actual.get(&attribute.name))
        else {
            continue;
        };
        // The service had not told what it decided: it is learnt, and nothing was promised.
        if planned.is_null() && attribute.mode.is_computed() {
            continue;
        }
        let planned = scope::learnt(attribute, planned, actual);
        found.extend(attribute_departures(attribute, &planned, actual));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Refinement;
    use crate::value::Type;

    fn between(planned: &Value, actual: &Value) -> Vec<String> {
        let mut found = Vec::new();
        departures(planned, actual, &ValuePath::attr("a"), &mut found);
        found.iter().map(|departure| departure.path.to_string()).collect()
    }

    #[test]
    fn unknown_parts_take_any_value() {
        let planned = Value::object([("id", Value::unknown(Type::String)), ("name", Value::string("x"))]);
        let actual = Value::object([("id", Value::string("1")), ("name", Value::string("x"))]);
        assert!(between(&planned, &actual).is_empty());
    }

    #[test]
    fn known_parts_must_stay() {
        let planned = Value::object([("id", Value::unknown(Type::String)), ("name", Value::string("x"))]);
        let actual = Value::object([("id", Value::string("1")), ("name", Value::string("y"))]);
        assert_eq!(between(&planned, &actual), ["a.name"]);
    }

    #[test]
    fn what_cannot_be_null_must_not_be() {
        let planned = Value::refined(Type::String, Refinement::not_null());
        assert_eq!(between(&planned, &Value::null_of(Type::String)), ["a"]);
        assert!(between(&planned, &Value::string("x")).is_empty());
    }

    #[test]
    fn lists_keep_their_length() {
        let planned = Value::list(Type::String, [Value::unknown(Type::String)]);
        let longer = Value::list(Type::String, [Value::string("x"), Value::string("y")]);
        assert_eq!(between(&planned, &longer), ["a"]);
    }
}
