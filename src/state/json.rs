//! Values as the JSON of state documents: dynamic places as `{"value": …, "type": …}`, everything else plain.

use std::sync::Arc;

use serde_json::Value as Json;
use serde_json::value::RawValue;

use crate::addr::Step;
use crate::addr::ValuePath;
use crate::value::Data;
use crate::value::Number;
use crate::value::Type;
use crate::value::Value;

use super::attributes::AttributeError;
use super::forms;
use super::typed;

/// Values are not stored if they are nested deeper than this. Readers of JSON go down 128 levels, the type of a value
/// takes two for each of its own, and what is written must be read again.
const DEEPEST: usize = 50;

/// Decides about a value on its way to JSON: true means that null is written in its place.
pub(crate) type Withhold<'h> = dyn FnMut(&[Step], &Value) -> Result<bool, AttributeError> + 'h;

/// Encodes a wholly known value of a type.
pub(crate) fn encode(value: &Value, ty: &Type) -> Result<Arc<RawValue>, AttributeError> {
    encode_with(value, ty, &mut |_, _| Ok(false))
}

/// Encodes a value of a type; some parts may be withheld.
pub(crate) fn encode_with(
    value: &Value,
    ty: &Type,
    withhold: &mut Withhold<'_>,
) -> Result<Arc<RawValue>, AttributeError> {
    let mut writer = Writer { out: String::new(), path: Vec::new(), withhold };
    writer.value(value, ty)?;
    raw(writer.out)
}

/// Wraps a text that is known to be JSON.
pub(crate) fn raw(text: String) -> Result<Arc<RawValue>, AttributeError> {
    match RawValue::from_string(text) {
        Ok(raw) => Ok(Arc::from(raw)),
        Err(error) => Err(AttributeError::new(&[], format!("it is not JSON: {error}"))),
    }
}

/// Encodes a value without regard to types: equal values give equal texts.
pub(crate) fn canonical(value: &Value) -> Result<String, AttributeError> {
    let mut writer = Writer { out: String::new(), path: Vec::new(), withhold: &mut |_, _| Ok(false) };
    writer.value(value, &value.ty())?;
    Ok(writer.out)
}

struct Writer<'w, 'h> {
    out: String,
    path: Vec<Step>,
    withhold: &'w mut Withhold<'h>,
}

impl Writer<'_, '_> {
    fn wrong<T>(&self, expected: &Type, value: &Value) -> Result<T, AttributeError> {
        let message = format!("{} required, not {}", expected.friendly_name(), value.ty().friendly_name());
        Err(AttributeError::new(&self.path, message))
    }

    fn value(&mut self, value: &Value, ty: &Type) -> Result<(), AttributeError> {
        if (self.withhold)(&self.path, value)? {
            self.out.push_str("null");
            return Ok(());
        }
        if matches!(ty, Type::Any) && !value.is_null() && value.is_known() {
            let actual = value.ty();
            self.out.push_str("{\"value\":");
            self.known(value, &actual)?;
            self.out.push_str(",\"type\":");
            self.out.push_str(&forms::type_json(&actual).to_string());
            self.out.push('}');
            return Ok(());
        }
        self.known(value, ty)
    }

    fn known(&mut self, value: &Value, ty: &Type) -> Result<(), AttributeError> {
        if self.path.len() > DEEPEST {
            let message = format!("it is nested more than {DEEPEST} levels deep");
            let root = self.path.get(..1).unwrap_or_default();
            return Err(AttributeError::new(root, message));
        }
        match (value.data(), ty) {
            (Data::Null(_), _) => self.out.push_str("null"),
            (Data::Unknown(_), _) => {
                return Err(AttributeError::new(&self.path, "it is not known yet".to_owned()));
            }
            (Data::Bool(flag), Type::Bool) => self.out.push_str(if *flag { "true" } else { "false" }),
            (Data::Number(number), Type::Number) => self.number(number),
            (Data::String(text), Type::String) => self.text(text),
            (Data::List(_, parts), Type::List(element)) | (Data::Set(_, parts), Type::Set(element)) => {
                self.sequence(parts, |_| element)?;
            }
            (Data::Tuple(parts), Type::Tuple(types)) if parts.len() == types.len() => {
                self.sequence(parts, |at| types.get(at).unwrap_or(&Type::Any))?;
            }
            (Data::Map(_, parts), Type::Map(element)) => {
                let parts = parts
                    .iter()
                    .map(|(name, part)| (name, part, &**element, Step::Key as fn(Arc<str>) -> Step));
                self.fields(parts)?;
            }
            (Data::Object(parts), Type::Object(attributes)) => {
                if let Some(missing) = attributes.keys().find(|name| !parts.contains_key(name)) {
                    return Err(AttributeError::new(
                        &self.path,
                        format!("the attribute `{missing}` is missing"),
                    ));
                }
                let mut typed = Vec::with_capacity(parts.len());
                for (name, part) in &**parts {
                    let Some(attr) = attributes.get(name) else {
                        return Err(AttributeError::new(
                            &self.path,
                            format!("there is no attribute `{name}`"),
                        ));
                    };
                    typed.push((name, part, &attr.ty, Step::Attr as fn(Arc<str>) -> Step));
                }
                self.fields(typed.into_iter())?;
            }
            (
                Data::Bool(_)
                | Data::Number(_)
                | Data::String(_)
                | Data::List(..)
                | Data::Set(..)
                | Data::Tuple(_)
                | Data::Map(..)
                | Data::Object(_),
                _,
            ) => return self.wrong(ty, value),
        }
        Ok(())
    }

    fn sequence<'t>(
        &mut self,
        parts: &[Value],
        ty: impl Fn(usize) -> &'t Type,
    ) -> Result<(), AttributeError> {
        self.out.push('[');
        for (at, part) in parts.iter().enumerate() {
            if at > 0 {
                self.out.push(',');
            }
            self.path.push(Step::Index(at as u64));
            self.value(part, ty(at))?;
            self.path.pop();
        }
        self.out.push(']');
        Ok(())
    }

    fn fields<'p>(
        &mut self,
        parts: impl Iterator<Item = (&'p Arc<str>, &'p Value, &'p Type, fn(Arc<str>) -> Step)>,
    ) -> Result<(), AttributeError> {
        self.out.push('{');
        for (at, (name, part, ty, step)) in parts.enumerate() {
            if at > 0 {
                self.out.push(',');
            }
            self.text(name);
            self.out.push(':');
            self.path.push(step(Arc::clone(name)));
            self.value(part, ty)?;
            self.path.pop();
        }
        self.out.push('}');
        Ok(())
    }

    fn text(&mut self, text: &str) {
        if text.bytes().any(|byte| byte < 0x20 || matches!(byte, b'"' | b'\\')) {
            self.out.push_str(&Json::from(text).to_string());
        } else {
            self.out.push('"');
            self.out.push_str(text);
            self.out.push('"');
        }
    }

    fn number(&mut self, number: &Number) {
        self.out.push_str(&number.to_string());
    }
}

/// Decodes JSON as a value of a type. Attributes that the type does not have are skipped, those that the JSON
/// does not have are null.
pub(crate) fn decode(raw: &RawValue, ty: &Type) -> Result<Value, AttributeError> {
    // Values have no optional attributes, only constraints do: what is read equals what a service returns.
    let ty = ty.without_optional();
    if let Ok(value) = typed::decode(raw.get(), &ty) {
        return Ok(value);
    }
    // Once more, slowly, to say what is wrong where.
    decode_tree(raw, &ty)
}

/// Decodes by way of a tree of JSON, which knows where it is.
fn decode_tree(raw: &RawValue, ty: &Type) -> Result<Value, AttributeError> {
    let json: Json = serde_json::from_str(raw.get())
        .map_err(|error| AttributeError::new(&[], format!("it is not JSON: {error}")))?;
    Reader { path: Vec::new() }.value(&json, ty)
}

struct Reader {
    path: Vec<Step>,
}

impl Reader {
    fn value(&mut self, json: &Json, ty: &Type) -> Result<Value, AttributeError> {
        match (json, ty) {
            (Json::Null, _) => Ok(Value::null_of(ty.clone())),
            (Json::Object(fields), Type::Any) => match (fields.get("value"), fields.get("type")) {
                (Some(inner), Some(ty)) if fields.len() == 2 => {
                    let ty = forms::type_from_json(ty)
                        .map_err(|message| AttributeError::new(&self.path, message))?;
                    self.value(inner, &ty)
                }
                _ => self.wrong(json, ty),
            },
            (Json::Bool(flag), Type::Bool) => Ok(Value::bool(*flag)),
            (Json::String(text), Type::String) => Ok(Value::string(text.as_str())),
            (Json::Number(number), Type::Number) => match Number::parse(number.as_str()) {
                Ok(number) => Ok(Value::number(number)),
                Err(error) => Err(AttributeError::new(&self.path, error.to_string())),
            },
            (Json::Array(parts), Type::List(element)) => {
                Ok(Value::list((**element).clone(), self.sequence(parts, |_| element)?))
            }
            (Json::Array(parts), Type::Set(element)) => {
                Ok(Value::set((**element).clone(), self.sequence(parts, |_| element)?))
            }
            (Json::Array(parts), Type::Tuple(types)) if parts.len() == types.len() => {
                Ok(Value::tuple(self.sequence(parts, |at| types.get(at).unwrap_or(&Type::Any))?))
            }
            (Json::Object(fields), Type::Map(element)) => {
                let mut parts = Vec::with_capacity(fields.len());
                for (name, part) in fields {
                    let name: Arc<str> = name.as_str().into();
                    self.path.push(Step::Key(Arc::clone(&name)));
                    parts.push((name, self.value(part, element)?));
                    self.path.pop();
                }
                Ok(Value::map((**element).clone(), parts))
            }
            (Json::Object(fields), Type::Object(attributes)) => {
                let mut parts = Vec::with_capacity(attributes.len());
                for (name, attr) in &**attributes {
                    self.path.push(Step::Attr(Arc::clone(name)));
                    let part = fields.get(&**name).unwrap_or(&Json::Null);
                    parts.push((Arc::clone(name), self.value(part, &attr.ty)?));
                    self.path.pop();
                }
                Ok(Value::object(parts))
            }
            (Json::Bool(_) | Json::Number(_) | Json::String(_) | Json::Array(_) | Json::Object(_), _) => {
                self.wrong(json, ty)
            }
        }
    }

    fn wrong(&self, json: &Json, ty: &Type) -> Result<Value, AttributeError> {
        let found = match json {
            Json::Null => "null",
            Json::Bool(_) => "bool",
            Json::Number(_) => "number",
            Json::String(_) => "string",
            Json::Array(_) => "array",
            Json::Object(_) => "object",
        };
        let expected = match ty {
            Type::Any => "a value with its type".to_owned(),
            known => known.friendly_name(),
        };
        Err(AttributeError::new(&self.path, format!("{expected} required, not JSON {found}")))
    }

    fn sequence<'t>(
        &mut self,
        parts: &[Json],
        ty: impl Fn(usize) -> &'t Type,
    ) -> Result<Vec<Value>, AttributeError> {
        let mut values = Vec::with_capacity(parts.len());
        for (at, part) in parts.iter().enumerate() {
            self.path.push(Step::Index(at as u64));
            values.push(self.value(part, ty(at))?);
            self.path.pop();
        }
        Ok(values)
    }
}

/// Removes the white space between the tokens of a JSON text.
pub(crate) fn compact(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let (mut in_string, mut escaped) = (false, false);
    for c in text.chars() {
        if in_string {
            out.push(c);
            match c {
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                '"' => in_string = false,
                _ => {}
            }
        } else if !c.is_ascii_whitespace() {
            in_string = c == '"';
            out.push(c);
        }
    }
    out
}

/// Returns the place of a path in JSON, stepping through `{"value": …, "type": …}` of dynamic places.
pub(crate) fn place<'j>(json: &'j mut Json, path: &ValuePath) -> Option<&'j mut Json> {
    let mut at = json;
    for step in &path.0 {
        let through = match (&*at, step) {
            (Json::Object(fields), Step::Attr(name) | Step::Key(name)) => {
                !fields.contains_key(&**name) && is_dynamic(fields)
            }
            (Json::Object(fields), Step::Index(_)) => is_dynamic(fields),
            _ => false,
        };
        if through {
            at = at.get_mut("value")?;
        }
        at = match step {
            Step::Attr(name) | Step::Key(name) => at.get_mut(&**name)?,
            Step::Index(position) => at.get_mut(usize::try_from(*position).ok()?)?,
        };
    }
    Some(at)
}

fn is_dynamic(fields: &serde_json::Map<String, Json>) -> bool {
    fields.len() == 2 && fields.contains_key("value") && fields.contains_key("type")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Both ways of decoding find the same value, or none.
    #[test]
    fn the_fast_way_decodes_what_the_slow_way_does() {
        let any = || Type::object([("a", Type::Any)]);
        let cases = [
            (r"null", Type::String),
            (r#"{"a":1,"b":"x","c":null}"#, Type::object([("a", Type::Number), ("b", Type::String)])),
            (r#"{"b":"x"}"#, Type::object([("a", Type::list(Type::Number)), ("b", Type::String)])),
            (r#"{"a":"1"}"#, Type::object([("a", Type::Number)])),
            (r#"{"a":1}"#, Type::object([("a", Type::String)])),
            (r#"{"a":1e400,"b":-0.1}"#, Type::map(Type::Number)),
            (r#"{"a":"\u00e9\n\"","b":""}"#, Type::map(Type::String)),
            (r#"["b","a","b",null]"#, Type::set(Type::String)),
            (r#"[true,"x"]"#, Type::tuple([Type::Bool, Type::String])),
            (r"[true]", Type::tuple([Type::Bool, Type::String])),
            (r#"[true,"x",1]"#, Type::tuple([Type::Bool, Type::String])),
            (r"[[1],[],[null]]", Type::list(Type::list(Type::Number))),
            (r#"{"a":{"value":{"x":[1,"2"]},"type":["object",{"x":["tuple",["number","string"]]}]}}"#, any()),
            (r#"{"a":{"type":"number","value":1}}"#, any()),
            (r#"{"a":{"value":1}}"#, any()),
            (r#"{"a":{"value":1,"type":"number","more":1}}"#, any()),
            (r#"{"a":{"value":"x","type":"number"}}"#, any()),
            (r#"{"a":null}"#, any()),
            (r#"{"a":3}"#, any()),
            (r"[1]", any()),
            (r#"{"a":[]}"#, Type::object([("a", Type::Bool)])),
        ];
        for (text, ty) in cases {
            let raw = RawValue::from_string(text.to_owned()).unwrap();
            let fast = typed::decode(text, &ty).ok().map(|value| format!("{value:?} {}", value.ty()));
            let slow = decode_tree(&raw, &ty).ok().map(|value| format!("{value:?} {}", value.ty()));
            assert_eq!(fast, slow, "{text} as {ty}");
        }
    }
}
