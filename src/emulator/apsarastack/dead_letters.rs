//! Dead letters: looking at them and sending them to their group again. Names begin with a capital here.

use serde_json::Value;
use serde_json::json;

use super::envelope::Outcome;
use super::groups;
use super::messages;
use super::model::Message;
use super::model::dead_letters_of;
use super::params::Params;
use super::world::World;

fn view(message: &Message) -> Value {
    let capital = |name: &str| {
        let mut letters = name.chars();
        let first = letters.next().map(|first| first.to_ascii_uppercase());
        first.into_iter().chain(letters).collect::<String>()
    };
    Value::Object(messages::fields(message).into_iter().map(|(name, value)| (capital(name), value)).collect())
}

/// The instance, the topic of the dead letters, and the one that is meant.
fn meant(world: &World, params: &Params) -> Result<(String, Message), super::envelope::Refusal> {
    let (iid, group) = groups::meant(world, params)?;
    let id = params.required("msgId")?;
    let topic = dead_letters_of(&group);
    let found = world.space(&iid)?.messages_of(&topic).find(|message| message.id == id).cloned();
    Ok((iid, found.ok_or_else(messages::none)?))
}

pub(super) fn by_id(world: &mut World, params: &Params) -> Outcome {
    let (_, message) = meant(world, params)?;
    Ok(view(&message).into())
}

pub(super) fn by_group(world: &mut World, params: &Params) -> Outcome {
    let (iid, group) = groups::meant(world, params)?;
    let found = messages::paged(world, params, &iid, &dead_letters_of(&group))?;
    Ok(json!({
        "TaskId": found.task,
        "MaxPageCount": found.pages,
        "CurrentPage": found.page,
        "Data": found.messages.iter().map(view).collect::<Vec<_>>(),
    })
    .into())
}

/// Gives a dead letter to its group once more. It stays where it is.
pub(super) fn resend(world: &mut World, params: &Params) -> Outcome {
    let (iid, mut message) = meant(world, params)?;
    message.resent += 1;
    world.put_message(&iid, message);
    Ok(Value::Null.into())
}
