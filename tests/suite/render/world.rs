//! The world of a case: what providers answer, and what applying would have left in the state.

#![expect(clippy::indexing_slicing, reason = "JSON answers null to what is not there")]

use std::sync::Arc;

use queueform::addr::InstanceAddr;
use queueform::addr::ProviderAddr;
use queueform::diag::Diagnostics;
use queueform::plan::Answer;
use queueform::plan::Last;
use queueform::plan::Plan;
use queueform::plan::Query;
use queueform::plan::Target;
use queueform::plan::object_type;
use queueform::schema::Registry;
use queueform::schema::ResourceKind;
use queueform::state::Attributes;
use queueform::state::DeposedKey;
use queueform::state::Instance;
use queueform::state::Object;
use queueform::state::ObjectRef;
use queueform::state::Output;
use queueform::state::State;
use queueform::state::Status;
use queueform::value::Data;
use queueform::value::Marks;
use queueform::value::Type;
use queueform::value::Value;
use queueform::value::from_implied_json;
use queueform::value::from_json;
use serde_json::Value as Json;

/// The instant of every plan.
pub(super) const TIME: &str = "2026-01-02T03:04:05Z";

/// Returns what a provider would answer.
pub(super) fn answer(query: &Query, registry: &Registry, facts: &Json) -> Answer {
    match query {
        Query::Configure { provider, .. } => Answer::Configured(target(provider, facts)),
        Query::Refresh { key, kind, prior, .. } => {
            let found = facts["found"].get(key.addr.to_string()).filter(|_| key.deposed.is_none());
            match found {
                Some(Json::Null) => Answer::Gone,
                Some(changed) => {
                    let schema = registry.resource(ResourceKind::Managed, kind).unwrap();
                    let fields = prior.fields().unwrap().iter().map(|(name, value)| {
                        let ty = &schema.attribute(name).unwrap().ty;
                        let value = changed.get(&**name).map_or_else(
                            || value.clone(),
                            |json| from_json(json, ty).unwrap_or_else(|_| from_implied_json(json).unwrap()),
                        );
                        (Arc::clone(name), value)
                    });
                    Answer::Found { value: Value::object(fields), broken: false }
                }
                None => Answer::Found { value: prior.clone(), broken: false },
            }
        }
        Query::Import { addr, kind, known, .. } => {
            let Some(there) = facts["there"].get(addr.to_string()) else { return Answer::Gone };
            let schema = registry.resource(ResourceKind::Managed, kind).unwrap();
            let fields = known.fields().unwrap().iter().map(|(name, value)| {
                let attribute = schema.attribute(name).unwrap();
                let value = match there.get(&**name) {
                    Some(json) => from_json(json, &attribute.ty).unwrap(),
                    None => value.clone(),
                };
                (Arc::clone(name), value)
            });
            Answer::Found { value: Value::object(fields), broken: false }
        }
        Query::Ephemeral { arguments, .. } => Answer::Data(arguments.clone()),
        Query::Data { addr, arguments, .. } => {
            let said = &facts["data"][addr.to_string()];
            let schema = registry.resource(ResourceKind::Data, &addr.resource.kind).unwrap();
            let fields = arguments.fields().unwrap().iter().map(|(name, value)| {
                let ty = &schema.attribute(name).unwrap().ty;
                let value =
                    said.get(&**name).map_or_else(|| value.clone(), |json| from_json(json, ty).unwrap());
                (Arc::clone(name), filled(&value, name, "data"))
            });
            Answer::Data(Value::object(fields))
        }
        Query::Guard { key, guard, .. } => {
            let seen = &facts["guards"][key.addr.to_string()][&**guard];
            match seen {
                Json::Null => Answer::Observed { count: 0, message: String::new(), last: Last::default() },
                Json::String(reason) => Answer::Unobserved { reason: reason.clone() },
                seen => Answer::Observed {
                    count: seen["count"].as_u64().unwrap(),
                    message: seen["message"].as_str().unwrap().to_owned(),
                    last: Last::default(),
                },
            }
        }
        Query::Check { .. } => Answer::Checked(Diagnostics::new()),
        Query::Room { .. } => Answer::Room { limit: None, used: None },
    }
}

fn target(provider: &ProviderAddr, facts: &Json) -> Target {
    if &*provider.name == "queueform" {
        return Target::default();
    }
    let region = provider.alias.as_ref().map_or("ru-moscow-1", |alias| alias);
    let pin = [("cloud", "sbercloud"), ("region", region), ("project_id", "0123abcd")];
    Target {
        pin: pin.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec(),
        arguments: vec![
            ("project_id".to_owned(), "0123abcd".into()),
            ("region".to_owned(), region.into()),
            ("default_tags".to_owned(), serde_json::json!({})),
            ("ignore_tags".to_owned(), serde_json::json!([])),
        ],
        credentials: "SBC_ACCESS_KEY".to_owned(),
        emulated: facts["emulated"] == true,
    }
}

/// Fills what a provider would have decided.
fn filled(value: &Value, name: &str, id: &str) -> Value {
    let marks = value.marks();
    let plain = match value.data() {
        Data::Unknown(_) if name == "brokers" => Value::set(Type::String, [Value::string("broker-0")]),
        Data::Unknown(unknown) => of_type(&unknown.ty, name, id),
        _ => value.clone().map_parts(&mut |part| filled(&part, name, id)),
    };
    plain.mark(marks)
}

fn of_type(ty: &Type, name: &str, id: &str) -> Value {
    match ty {
        Type::Number => Value::int(1),
        Type::Bool => Value::bool(false),
        Type::List(element) => Value::list((**element).clone(), []),
        Type::Set(element) => Value::set((**element).clone(), []),
        Type::Map(element) => Value::map::<Arc<str>>((**element).clone(), []),
        Type::Object(attributes) => Value::object(
            attributes.iter().map(|(name, attribute)| (Arc::clone(name), of_type(&attribute.ty, name, id))),
        ),
        Type::Tuple(elements) => Value::tuple(elements.iter().map(|element| of_type(element, name, id))),
        Type::String | Type::Any => {
            Value::string(if name == "id" { id.to_owned() } else { format!("{name} of {id}") })
        }
    }
}

/// An id that tells which object it is of.
fn id_of(addr: &InstanceAddr) -> String {
    let key = addr.key.as_ref().map(ToString::to_string).unwrap_or_default();
    format!("{}{}", addr.resource.name, key.replace(['[', ']', '"'], "-")).trim_end_matches('-').to_owned()
}

/// Returns the state that applying a plan would have left.
pub(super) fn applied(plan: &Plan, registry: &Registry, facts: &Json) -> State {
    let mut state = State { serial: 4, ..State::empty() };
    let has = |list: &str, addr: &InstanceAddr| {
        facts[list].as_array().is_some_and(|all| all.iter().any(|known| *known == addr.to_string()))
    };
    for change in &plan.changes {
        let (Some(after), Some(schema)) =
            (&change.after, registry.resource(ResourceKind::Managed, &change.addr.resource.kind))
        else {
            continue;
        };
        let id = id_of(&change.addr);
        let output = after
            .get("output")
            .is_some_and(|output| !output.is_known())
            .then(|| after.get("input").cloned())
            .flatten();
        let fields = after.fields().unwrap().iter().map(|(name, value)| {
            let one_of = schema.attribute(name).and_then(|attribute| attribute.constraints.one_of.first());
            let value = match (&output, one_of) {
                (Some(input), _) if &**name == "output" => filled(input, name, &id),
                (_, Some(first)) if !value.is_known() => Value::string(Arc::clone(first)),
                _ => filled(value, name, &id),
            };
            (Arc::clone(name), value)
        });
        let attributes = Attributes::encode(&Value::object(fields), &object_type(&schema), None).unwrap();
        let mut object = Object::new(attributes);
        if has("tainted", &change.addr) {
            object.status = Status::Tainted;
        }
        object.prevent_destroy = has("protected", &change.addr);
        let instance = Instance::new(change.provider.clone(), schema.version.into(), "");
        if let Some(key) = facts["deposed"][change.addr.to_string()].as_str() {
            let target = ObjectRef::deposed(change.addr.clone(), DeposedKey::parse(key).unwrap());
            state.put(&target, &instance, object.clone());
        }
        state.put(&ObjectRef::current(change.addr.clone()), &instance, object);
    }
    for (name, output) in &plan.outputs {
        let Some(after) = &output.after else { continue };
        let value =
            filled(after, name, name).mark(if output.sensitive { Marks::SENSITIVE } else { Marks::NONE });
        state.outputs.insert(Arc::clone(name), Output::from_value(&value, output.sensitive, None).unwrap());
    }
    state
}
