//! Parameters of an instance. Values travel as strings, whatever their type is called.

use serde_json::Value;
use serde_json::json;

use super::catalog;
use super::errors::Outcome;
use super::errors::Refusal;
use super::errors::bad_parameter;
use super::fields::Fields;
use super::jobs;
use super::route::Target;
use super::world::World;
use crate::emulator::exchange::Reply;

pub(crate) fn get(world: &mut World, target: &Target<'_>) -> Outcome {
    let instance = &world.broker(target.iid)?.instance;
    let number_or_text = |text: &str| -> Value {
        match text.parse::<i64>() {
            Ok(number) if world.settings.numeric_configs => number.into(),
            _ => text.into(),
        }
    };
    let shown: Vec<Value> = catalog::PARAMETERS
        .iter()
        .map(|parameter| {
            let value = instance.configs.get(parameter.name).map_or(parameter.default, |v| v);
            json!({
                "name": parameter.name,
                "value": number_or_text(value),
                "config_type": parameter.kind,
                "default_value": number_or_text(parameter.default),
                "valid_values": format!("{}-{}", parameter.range.0, parameter.range.1),
                "value_type": "integer",
            })
        })
        .collect();
    Ok(Reply::ok(&json!({ "rocketmq_configs": shown })))
}

pub(crate) fn update(world: &mut World, target: &Target<'_>) -> Outcome {
    world.broker(target.iid)?;
    let fields = Fields::of(target.call)?;
    jobs::require_running(world, target.iid)?;
    let mut changes = Vec::new();
    for entry in fields.objects("rocketmq_configs")?.unwrap_or_default() {
        let name = entry.text_or_empty("name")?;
        let invalid = |code| Refusal::bad(code, format!("Invalid configuration parameter {name}."));
        let parameter = catalog::PARAMETERS
            .iter()
            .find(|parameter| parameter.name == name)
            .ok_or_else(|| invalid("DMS.00400063"))?;
        let value = match entry.get("value") {
            Some(Value::String(text)) => text.parse().ok(),
            Some(Value::Number(number)) => number.as_i64(),
            _ => None,
        };
        match value {
            Some(number) if (parameter.range.0..=parameter.range.1).contains(&number) => {
                changes.push((name, number.to_string()));
            }
            _ => return Err(invalid("DMS.00400066")),
        }
    }
    if changes.is_empty() {
        return Err(bad_parameter("rocketmq_configs is empty."));
    }
    if let Some(instance) = world.instance_mut(target.iid) {
        instance.configs.extend(changes);
    }
    Ok(Reply::empty(204))
}
