//! Which steps an operation will take, as far as that can be told before it starts.

use std::sync::Arc;

use crate::diag::Diagnostics;
use crate::schema::Attribute;
use crate::schema::Body;
use crate::schema::BodyShape;
use crate::schema::Call;
use crate::schema::Operation;
use crate::schema::ResourceSchema;
use crate::schema::Segment;
use crate::schema::Step;
use crate::syntax::ast::Expr;
use crate::syntax::ast::Name;
use crate::syntax::parse::references;
use crate::value::Fields;
use crate::value::Type;
use crate::value::Value;
use crate::value::convert;

use super::Frame;
use super::Root;
use super::compare::changed;
use super::names_in;

/// The operations that change something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OperationKind {
    /// Makes the object.
    Create,
    /// Changes it in place.
    Update,
    /// Removes it.
    Delete,
    /// Carries an action out.
    Invoke,
}

impl OperationKind {
    /// Returns the verb.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Delete => "delete",
            Self::Invoke => "run",
        }
    }
}

/// Returns the steps of an operation in the schema, if it has that operation.
#[must_use]
pub fn operation(schema: &ResourceSchema, kind: OperationKind) -> Option<&Operation> {
    match kind {
        OperationKind::Create => schema.create.as_ref(),
        OperationKind::Update => schema.update.as_ref(),
        OperationKind::Delete => schema.delete.as_ref(),
        OperationKind::Invoke => schema.invocation.as_ref().map(|invocation| &invocation.run),
    }
}

/// Whether a step will run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Runs {
    /// It will.
    Yes,
    /// That depends on values known only at apply.
    Maybe,
}

/// A step that an operation will take, or may take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettledStep {
    /// Its position in the operation.
    pub index: usize,
    /// Its name.
    pub name: Name,
    /// Whether it will run.
    pub runs: Runs,
    /// The call as far as it is known: `PUT /v2/{project_id}/instances/i-1/topics/orders`. None for a step that
    /// only sets values.
    pub call: Option<String>,
    /// With `for_each`: how often the call is made, if that is known.
    pub turns: Option<usize>,
    /// The step has `for_each`.
    pub repeated: bool,
    /// What is waited for behind the call, in words.
    pub waits: Vec<Arc<str>>,
    /// The permissions that the call needs.
    pub permission: Vec<Arc<str>>,
}

/// Returns the steps that an operation will or may take, in order. `planned` is the object as it will be sent
/// (as [`as_sent`](super::as_sent) gives it; for a deletion, the object as last known), `prior` the object
/// before.
///
/// # Errors
/// If an expression of the schema fails.
pub fn settle(
    kind: OperationKind,
    schema: &ResourceSchema,
    planned: &Value,
    prior: Option<&Value>,
    provider: &Value,
) -> Result<Vec<SettledStep>, Diagnostics> {
    let Some(operation) = operation(schema, kind) else { return Ok(Vec::new()) };
    let mut settled = Vec::new();
    let mut current = prior.cloned().unwrap_or_else(Value::null);
    for (index, step) in operation.steps.iter().enumerate() {
        let frame = Frame::of(schema)
            .with(Root::This, planned.clone())
            .with(Root::Prior, prior.cloned().unwrap_or_else(Value::null))
            .with(Root::Current, current.clone())
            .with(Root::Observed, Value::unknown(Type::Any))
            .with(Root::Provider, provider.clone());
        if let Some((mut runs, turns)) = runs(kind, schema, step, planned, prior, &frame)? {
            // What a waiter will see of the object decides, and that is not known yet.
            let looks = step.when.as_ref().is_some_and(|when| !names_in(when, Root::Current).is_empty());
            if looks && settled.iter().any(|earlier: &SettledStep| !earlier.waits.is_empty()) {
                runs = Runs::Maybe;
            }
            let waits = step.wait.iter().filter_map(|name| schema.waiter(name));
            settled.push(SettledStep {
                index,
                name: Arc::clone(&step.name),
                runs,
                call: step.call.as_ref().map(|call| display_call(call, &frame)),
                turns,
                repeated: step.for_each.is_some(),
                waits: waits.map(|waiter| Arc::clone(&waiter.description)).collect(),
                permission: step.permission.clone(),
            });
        }
        current = advance(kind, operation, index, &current, planned);
    }
    Ok(settled)
}

/// Returns whether a step has anything to do when its turn comes and everything is known: one of its `on`
/// attributes changes, and `when` holds.
///
/// # Errors
/// If an expression of the schema fails.
pub fn is_called_for(
    kind: OperationKind,
    schema: &ResourceSchema,
    step: &Step,
    planned: &Value,
    prior: Option<&Value>,
    frame: &Frame<'_>,
) -> Result<bool, Diagnostics> {
    let mut attributes = step.on.iter().filter_map(|name| schema.attribute(name)).peekable();
    if attributes.peek().is_some()
        && kind != OperationKind::Delete
        && attributes.all(|attribute| changed(schema, attribute, planned, prior) == Some(false))
    {
        return Ok(false);
    }
    match &step.when {
        Some(when) => Ok(frame.holds(when)? == Some(true)),
        None => Ok(true),
    }
}

fn runs(
    kind: OperationKind,
    schema: &ResourceSchema,
    step: &Step,
    planned: &Value,
    prior: Option<&Value>,
    frame: &Frame<'_>,
) -> Result<Option<(Runs, Option<usize>)>, Diagnostics> {
    let mut runs = Runs::Yes;
    let attributes: Vec<&Attribute> = step.on.iter().filter_map(|name| schema.attribute(name)).collect();
    if !attributes.is_empty() && kind != OperationKind::Delete {
        let differ: Vec<Option<bool>> =
            attributes.iter().map(|attribute| changed(schema, attribute, planned, prior)).collect();
        if differ.iter().all(|differs| *differs == Some(false)) {
            return Ok(None);
        }
        if !differ.contains(&Some(true)) {
            runs = Runs::Maybe;
        }
    }
    if let Some(when) = &step.when {
        match frame.holds(when)? {
            Some(true) => {}
            Some(false) => return Ok(None),
            None => runs = Runs::Maybe,
        }
    }
    let mut frame = frame.clone();
    let mut turns = None;
    if let Some(for_each) = &step.for_each {
        let over = frame.value(for_each)?;
        turns = over.elements().map(<[Value]>::len).or_else(|| over.fields().map(Fields::len));
        if over.is_null() {
            turns = Some(0);
        }
        if turns == Some(0) {
            return Ok(None);
        }
        frame.set(Root::Each, Value::unknown(Type::Any));
    }
    if let Some(body) = step.call.as_ref().and_then(|call| call.body.as_ref()) {
        match only_changed_is_empty(kind, body, &frame)? {
            Some(true) => return Ok(None),
            Some(false) => {}
            None => runs = Runs::Maybe,
        }
    }
    Ok(Some((runs, turns)))
}

/// Returns true if nothing is left of an `only_changed` body, so that the call is not made; nothing if that is
/// not known.
///
/// # Errors
/// If an expression of the body fails.
pub fn only_changed_is_empty(
    kind: OperationKind,
    body: &Body,
    frame: &Frame<'_>,
) -> Result<Option<bool>, Diagnostics> {
    let BodyShape::Fields(fields) = &body.shape else { return Ok(Some(false)) };
    if !body.only_changed {
        return Ok(Some(false));
    }
    let mut known = true;
    for field in fields {
        match field_is_sent(kind, &field.value, frame)? {
            Some(true) => return Ok(Some(false)),
            Some(false) => {}
            None => known = false,
        }
    }
    Ok(known.then_some(true))
}

/// Returns whether a field of an `only_changed` body is sent: it is not null, and differs from what it would be
/// with the object as it is after the previous step.
pub fn field_is_sent(
    kind: OperationKind,
    expr: &Expr,
    frame: &Frame<'_>,
) -> Result<Option<bool>, Diagnostics> {
    let now = frame.value(expr)?;
    if now.is_null() {
        return Ok(Some(false));
    }
    let current = frame.get(Root::Current).filter(|current| !current.is_null());
    let (OperationKind::Update | OperationKind::Delete, Some(current)) = (kind, current) else {
        return Ok(if now.is_known() { Some(true) } else { None });
    };
    let before = frame.clone().with(Root::This, current.clone()).value(expr)?;
    let (now, _) = now.unmark_deep();
    let (before, _) = before.unmark_deep();
    if now.same_as(&before) && now.is_wholly_known() {
        return Ok(Some(false));
    }
    Ok(now.equals(&before).as_bool().map(|same| !same))
}

/// Returns the object after a step of an operation: attributes that no later step works on are as planned.
#[must_use]
pub fn advance(
    kind: OperationKind,
    operation: &Operation,
    index: usize,
    current: &Value,
    planned: &Value,
) -> Value {
    let Some(step) = operation.steps.get(index) else { return current.clone() };
    match kind {
        OperationKind::Create | OperationKind::Invoke => planned.clone(),
        OperationKind::Delete => current.clone(),
        OperationKind::Update => {
            let later = operation.steps.get(index + 1..).unwrap_or_default();
            let Some(fields) = current.fields() else { return current.clone() };
            let mut fields = fields.clone();
            for name in step.on.iter().filter(|name| !later.iter().any(|step| step.on.contains(name))) {
                if let Some(value) = planned.get(name) {
                    fields.insert(Arc::clone(name), value.clone());
                }
            }
            Value::of_fields(fields).mark(current.marks())
        }
    }
}

/// Writes a call as far as it is known. What follows from the provider configuration stays a name: it is the
/// same everywhere.
#[must_use]
pub fn display_call(call: &Call, frame: &Frame<'_>) -> String {
    let mut text = call.method.name().to_owned();
    text.push(' ');
    let is_bare =
        call.path.iter().all(|segment| matches!(segment, Segment::Literal(text) if text.is_empty()));
    if let Some(operation) = call.operation.as_ref().filter(|_| is_bare) {
        // Where all operations share one path, only their names tell them apart.
        text.push_str(operation);
        return text;
    }
    let placeholders = call.to_string();
    let mut shown = placeholders.split_once(" /").map_or("", |(_, path)| path).split('/');
    for segment in &call.path {
        let placeholder = shown.next().unwrap_or("{value}");
        let known = match segment {
            Segment::Literal(literal) => Some(literal.to_string()),
            Segment::Value(expr) if is_of_provider(expr) => None,
            Segment::Value(expr) => known_text(expr, frame),
        };
        text.push('/');
        text.push_str(known.as_deref().unwrap_or(placeholder));
    }
    text
}

fn is_of_provider(expr: &Expr) -> bool {
    let mut only = true;
    let mut any = false;
    references(expr, &mut |reference| {
        any = true;
        only &= &*reference.root.value == Root::Provider.name();
    });
    any && only
}

fn known_text(expr: &Expr, frame: &Frame<'_>) -> Option<String> {
    let value = frame.value(expr).ok()?;
    if value.marks_deep().is_sensitive() {
        return None;
    }
    let text = convert(&value, &Type::String).ok()?;
    text.as_str().filter(|text| !text.is_empty()).map(ToString::to_string)
}
