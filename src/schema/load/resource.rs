//! Files of resources, data sources, actions and ephemeral objects.

use std::sync::Arc;
use std::time::Duration;

use crate::schema::Digest;
use crate::schema::Generated;
use crate::schema::Invocation;
use crate::schema::LaneMode;
use crate::schema::Operation;
use crate::schema::Parent;
use crate::schema::Ready;
use crate::schema::ResourceKind;
use crate::schema::ResourceSchema;
use crate::schema::Serialize;
use crate::schema::Timeouts;
use crate::schema::Verify;
use crate::syntax::ast::Expr;
use crate::syntax::ast::Name;
use crate::value::Type;

use super::attribute::Level;
use super::attribute::attribute;
use super::operation;
use super::reader::Found;
use super::reader::Named;
use super::reader::Reader;
use super::reader::duration;
use super::reader::text;

/// Reads a type of any kind.
pub(super) fn resource(
    reader: &Reader<'_>,
    kind: ResourceKind,
    provider: &Name,
    digest: Digest,
    found: &mut Found,
) -> ResourceSchema {
    let level = match kind {
        ResourceKind::Managed => Level::Managed,
        ResourceKind::Data => Level::Data,
        ResourceKind::Action => Level::Action,
        ResourceKind::Ephemeral => Level::Ephemeral,
    };
    let attributes = reader.children("attribute", found);
    let guards = reader.children("guard", found);
    let lookups = reader.children("lookup", found);
    let waiters = reader.children("waiter", found);
    let checks = reader.children("check", found);
    let errors = reader.children("error", found);
    let capacities = reader.children("capacity", found);
    let visible_within = reader.duration("visible_within", found).unwrap_or(Duration::ZERO);
    let mut operation = |name| {
        let block = reader.child(name, found)?;
        Some(operation::operation(&block, found))
    };
    let (first, last) = match kind {
        ResourceKind::Ephemeral => ("open", "close"),
        ResourceKind::Managed | ResourceKind::Data | ResourceKind::Action => ("create", "delete"),
    };
    let (create, read, update, delete) =
        (operation(first), operation("read"), operation("update"), operation(last));
    let run = operation("run");
    let attributes: Vec<_> = attributes.iter().map(|reader| attribute(reader, level, found)).collect();
    ResourceSchema {
        provider: Arc::clone(provider),
        type_name: reader.label(),
        kind,
        service: reader.name("service", Named::Service, found),
        version: reader.count("version", found).unwrap_or(0),
        description: reader.text("description", found).unwrap_or_default(),
        identity: reader.names("identity", Named::Attribute, found),
        separator: Arc::from("/"),
        serialize: reader.child("serialize", found).and_then(|reader| serialize(&reader, found)),
        reads_state: reader.flag("reads_state", found),
        generates: reader.word("generates", found).map(|_| Generated::Password),
        parent: reader.child("parent", found).and_then(|reader| parent(&reader, found)),
        object_type: Type::object(
            attributes.iter().map(|attribute| (Arc::clone(&attribute.name), attribute.ty.clone())),
        ),
        attributes,
        list: reader.child("list", found).and_then(|reader| operation::list(&reader, found)),
        read,
        find: reader.child("find", found).and_then(|reader| operation::find(&reader, found)),
        gone_when: reader.expr("gone_when", found),
        system_when: reader.expr("system_when", found),
        always_exists: reader.flag("always_exists", found),
        visible_within,
        vacant_within: reader.duration("vacant_within", found).unwrap_or(Duration::ZERO),
        cool_down: cool_down(reader, found),
        ready: reader.child("ready", found).map(|reader| ready(&reader, found)),
        create,
        update,
        delete,
        invocation: run.map(|run| invocation(reader, run, found)),
        guards: guards.iter().filter_map(|reader| operation::guard(reader, kind, found)).collect(),
        lookups: lookups.iter().filter_map(|reader| operation::lookup(reader, found)).collect(),
        capacities: capacities.iter().filter_map(|reader| operation::capacity(reader, found)).collect(),
        waiters: waiters.iter().map(|reader| operation::waiter(reader, visible_within, found)).collect(),
        checks: checks
            .iter()
            .filter_map(|reader| operation::check(reader, Named::Attribute, found))
            .collect(),
        errors: errors.iter().filter_map(|reader| operation::error_rule(reader, found)).collect(),
        timeouts: reader.child("timeouts", found).map(|reader| timeouts(&reader, found)).unwrap_or_default(),
        loses: reader.text("loses", found),
        impact: reader.text("impact", found),
        notice: reader.text("notice", found),
        example: reader.text("example", found).unwrap_or_default(),
        digest,
        span: reader.block.span,
    }
}

fn invocation(reader: &Reader<'_>, run: Operation, found: &mut Found) -> Invocation {
    let verifies = reader.children("verify", found);
    Invocation {
        run,
        reads: reader.flag("reads", found),
        repeatable: reader.flag("repeatable", found),
        confirm: reader.text("confirm", found),
        rows: reader.name("rows", Named::Attribute, found),
        timeout: reader.duration("timeout", found).unwrap_or(Timeouts::default().create),
        verifies: verifies.iter().filter_map(|reader| verify(reader, found)).collect(),
    }
}

fn verify(reader: &Reader<'_>, found: &mut Found) -> Option<Verify> {
    let (that, message) = (reader.expr("that", found), reader.expr("message", found));
    let hint = reader.text("hint", found);
    Some(Verify { name: reader.label(), that: that?, message: message?, hint, span: reader.block.span })
}

fn serialize(reader: &Reader<'_>, found: &mut Found) -> Option<Serialize> {
    let mode = match reader.word("mode", found) {
        Some("shared") => LaneMode::Shared,
        _ => LaneMode::Exclusive,
    };
    Some(Serialize { key: reader.expr("key", found)?, mode, span: reader.block.span })
}

fn parent(reader: &Reader<'_>, found: &mut Found) -> Option<Parent> {
    let deleted_with = reader.flag("deleted_with", found);
    let by = reader.name("by", Named::Attribute, found)?;
    Some(Parent { type_name: reader.label(), by, deleted_with, span: reader.block.span })
}

fn ready(reader: &Reader<'_>, found: &mut Found) -> Ready {
    Ready {
        busy: reader.expr("busy", found),
        stuck: reader.expr("stuck", found),
        broken: reader.expr("broken", found),
        span: reader.block.span,
    }
}

fn timeouts(reader: &Reader<'_>, found: &mut Found) -> Timeouts {
    let usual = Timeouts::default();
    Timeouts {
        create: reader.duration("create", found).unwrap_or(usual.create),
        update: reader.duration("update", found).unwrap_or(usual.update),
        delete: reader.duration("delete", found).unwrap_or(usual.delete),
        read: usual.read,
    }
}

/// A text must be a duration; what an expression says is seen when it is needed.
fn cool_down(reader: &Reader<'_>, found: &mut Found) -> Option<Expr> {
    let expr = reader.expr("cool_down", found)?;
    if text(&expr).is_some_and(|text| duration(&text).is_none()) {
        found.error("`cool_down` is a duration such as \"10s\", or a number of seconds", expr.span);
        return None;
    }
    Some(expr)
}
