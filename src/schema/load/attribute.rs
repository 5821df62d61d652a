//! Attributes.

use crate::schema::Attribute;
use crate::schema::Change;
use crate::schema::Constraints;
use crate::schema::Mode;
use crate::schema::Nested;
use crate::schema::Pattern;
use crate::schema::Range;
use crate::schema::Readback;
use crate::schema::Refers;
use crate::syntax::ast::Expr;
use crate::value::Type;
use crate::value::Value;
use crate::value::convert;

use super::reader::Found;
use super::reader::Named;
use super::reader::Reader;
use super::types;

/// Where an attribute stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Level {
    /// In a managed resource.
    Managed,
    /// In a data source.
    Data,
    /// In an action.
    Action,
    /// In an ephemeral object.
    Ephemeral,
    /// Inside another attribute.
    Nested,
}

/// Reads one attribute.
pub(super) fn attribute(reader: &Reader<'_>, level: Level, found: &mut Found) -> Attribute {
    let name = reader.label();
    let mode = mode(reader, found);
    let (ty, nested) = types_of(reader, found);
    let default = reader.constant("default", found).and_then(|value| {
        let converted = default(&value, &ty);
        if converted.is_none() {
            found.error(format!("the default is not a {}", ty.friendly_name()), reader.span_of("default"));
        }
        converted
    });
    if default.is_some() && mode != Mode::Optional {
        let hint = "only an attribute with `mode = optional` has a default".to_owned();
        found.report(
            format!("`{name}` is {} and has a default", mode.name()),
            reader.span_of("default"),
            Some(hint),
        );
    }
    let derived = reader.expr("derived", found);
    let change = change(reader, mode, derived.is_some(), level, found);
    let description = reader.text("description", found).unwrap_or_default();
    if level != Level::Nested && !reader.has("description") && !reader.block.body.partial {
        found.error(format!("`{name}` has no description"), reader.block.header);
    }
    Attribute {
        mode,
        change,
        sensitive: reader.flag("sensitive", found),
        write_only: reader.flag("write_only", found),
        version: reader.name(
            "version",
            if level == Level::Nested { Named::Leaf } else { Named::Attribute },
            found,
        ),
        readback: readback(reader, found),
        volatile: reader.flag("volatile", found),
        default,
        constraints: constraints(reader, &ty, found),
        from: reader.expr("from", found),
        normalize: reader.expr("normalize", found),
        replace_when: reader.expr("replace_when", found),
        follows: reader.names("follows", Named::Attribute, found),
        derived,
        through: reader.name("through", Named::Attribute, found),
        impact: reader.text("impact", found),
        grants: reader.flag("grants", found),
        refers: refers(reader, found),
        unit: reader.text("unit", found),
        matches: reader.expr("match", found),
        description,
        nested,
        ty,
        name,
        span: reader.block.span,
    }
}

fn mode(reader: &Reader<'_>, found: &mut Found) -> Mode {
    match reader.word("mode", found) {
        Some("required") => Mode::Required,
        Some("computed") => Mode::Computed,
        Some("optional_computed") => Mode::OptionalComputed,
        _ => Mode::Optional,
    }
}

fn refers(reader: &Reader<'_>, found: &mut Found) -> Option<Refers> {
    let text = reader.text("refers", found)?;
    let parts = text.split_once('.').filter(|(kind, name)| !kind.is_empty() && !name.is_empty());
    let Some((kind, name)) = parts else {
        let hint = "write the type and the attribute: `mq_topic.name`".to_owned();
        found.report(format!("`{text}` names no attribute of a type"), reader.span_of("refers"), Some(hint));
        return None;
    };
    let span = reader.span_of("refers");
    Some(Refers { type_name: kind.into(), attribute: name.into(), span })
}

fn types_of(reader: &Reader<'_>, found: &mut Found) -> (Type, Option<Nested>) {
    let inner = reader.children("attribute", found);
    let Some(written) = reader.block.body.attribute("type") else { return (Type::Any, None) };
    let expr = &written.expr;
    if let Some(kind) = types::nested_kind(expr) {
        if inner.is_empty() && !reader.block.body.partial {
            let hint = "add `attribute` blocks inside, or write the whole type".to_owned();
            found.report("the type has no attributes", expr.span, Some(hint));
        }
        let attributes: Vec<Attribute> =
            inner.iter().map(|inner| attribute(inner, Level::Nested, found)).collect();
        for leaf in &attributes {
            if let Some(version) = &leaf.version
                && !attributes.iter().any(|other| other.name == *version)
            {
                found.error(format!("there is no nested attribute `{version}` beside it"), leaf.span);
            }
        }
        let nested = Nested { kind, attributes };
        return (types::nested(&nested), Some(nested));
    }
    if let Some(first) = inner.first() {
        let hint = "write `object`, `list`, `set` or `map` alone as the type".to_owned();
        found.report("the type is complete without nested attributes", first.block.header, Some(hint));
    }
    let ty = type_or_report(expr, found);
    (ty, None)
}

/// Reads a type, `any` where it is malformed.
pub(super) fn type_or_report(expr: &Expr, found: &mut Found) -> Type {
    types::ty(expr).unwrap_or_else(|| {
        let hint =
            "types are `string`, `number`, `bool`, `any`, `list(…)`, `set(…)`, `map(…)`, `object({…})`";
        found.report("the type is not known", expr.span, Some(hint.to_owned()));
        Type::Any
    })
}

fn change(reader: &Reader<'_>, mode: Mode, derived: bool, level: Level, found: &mut Found) -> Change {
    let written = reader.word("change", found);
    let settable = (mode.is_settable() || derived) && level == Level::Managed;
    if level == Level::Nested && mode.is_settable() {
        return match written {
            Some("replace") => Change::Replace,
            Some(_) => Change::Update,
            None => Change::None,
        };
    }
    match written {
        Some(_) if !settable => {
            let (summary, hint) = match level {
                Level::Data => ("a data source is never changed and has no `change`", "remove it"),
                Level::Action => ("an action has nothing that changes, so no `change`", "remove it"),
                Level::Ephemeral => ("an ephemeral object is never changed and has no `change`", "remove it"),
                Level::Managed | Level::Nested => {
                    ("what cannot be set has no `change`", "remove it: the provider decides the value")
                }
            };
            found.report(summary, reader.span_of("change"), Some(hint.to_owned()));
            Change::None
        }
        Some("update") => Change::Update,
        Some(_) => Change::Replace,
        None if settable => {
            if !reader.has("change") && !reader.block.body.partial {
                let hint = "add `change = update` or `change = replace`".to_owned();
                let summary = format!("`{}` does not say what a change of it means", reader.label());
                found.report(summary, reader.block.header, Some(hint));
            }
            Change::Replace
        }
        None => Change::None,
    }
}

fn readback(reader: &Reader<'_>, found: &mut Found) -> Readback {
    let hidden = reader.expr("hidden", found);
    match (reader.word("readback", found), hidden) {
        (Some("never"), Some(_)) => {
            found.error("what is never read back cannot be hidden", reader.span_of("hidden"));
            Readback::Never
        }
        (Some("never"), None) => Readback::Never,
        (_, Some(hidden)) => Readback::Masked(hidden),
        (_, None) => Readback::Always,
    }
}

fn constraints(reader: &Reader<'_>, ty: &Type, found: &mut Found) -> Constraints {
    let between = reader.range("between", found);
    if between.is_some() && *ty != Type::Number {
        found.error("`between` is for numbers", reader.span_of("between"));
    }
    let length = reader
        .range("length", found)
        .and_then(|(least, greatest)| Some(Range { least: least.to_u64()?, greatest: greatest.to_u64()? }));
    let pattern = reader.text("pattern", found).map(|text| {
        let pattern = Pattern::new(text);
        found.patterns.push((pattern.clone(), reader.span_of("pattern")));
        pattern
    });
    Constraints {
        between: between.map(|(least, greatest)| Range { least, greatest }),
        length,
        one_of: reader.texts("one_of", found),
        pattern,
    }
}

/// Converts a written default to the attribute's type, strictly: `"1"` is no number here.
pub(super) fn default(value: &Value, ty: &Type) -> Option<Value> {
    if ty.is_primitive() && value.ty() != *ty {
        return None;
    }
    convert(value, ty).ok()
}
