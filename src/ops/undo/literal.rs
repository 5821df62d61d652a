//! Values as HCL that gives them back.

use crate::render::value::quoted;
use crate::value::Data;
use crate::value::Value;

/// Returns a wholly known value as an expression; nothing for values that must not be written down, or are not known.
pub(super) fn literal(value: &Value) -> Option<String> {
    let mut text = String::new();
    write(&mut text, value)?;
    Some(text)
}

fn write(out: &mut String, value: &Value) -> Option<()> {
    if value.marks().is_sensitive() || value.marks().is_ephemeral() {
        return None;
    }
    match value.data() {
        Data::Null(_) => out.push_str("null"),
        Data::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Data::Number(number) => out.push_str(&number.to_string()),
        Data::String(text) => out.push_str(&quoted(text)),
        Data::Unknown(_) => return None,
        Data::List(_, parts) | Data::Set(_, parts) | Data::Tuple(parts) => {
            out.push('[');
            for part in parts.iter() {
                write(out, part)?;
                out.push_str(", ");
            }
            out.push(']');
        }
        Data::Map(_, parts) | Data::Object(parts) => {
            out.push_str("{ ");
            for (name, part) in parts.iter() {
                out.push_str(&format!("{} = ", quoted(name)));
                write(out, part)?;
                out.push_str(", ");
            }
            out.push('}');
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::literal;
    use crate::value::Marks;
    use crate::value::Value;

    #[test]
    fn values_are_written_as_they_are_read() {
        let value = Value::object([
            ("for", Value::tuple([Value::int(1), Value::string("a ${b}\n\"c\"")])),
            ("n", Value::null()),
        ]);
        assert_eq!(literal(&value).unwrap(), "{ \"for\" = [1, \"a $${b}\\n\\\"c\\\"\", ], \"n\" = null, }");
        let secret = Value::object([("a", Value::string("s").mark(Marks::SENSITIVE))]);
        assert_eq!(literal(&secret), None);
    }
}
