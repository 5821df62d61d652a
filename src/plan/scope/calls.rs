//! `module`: the outputs of called modules.

use std::sync::Arc;

use crate::addr::InstanceKey;
use crate::addr::ModuleInstance;
use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::diag::did_you_mean;
use crate::eval::Namespace;
use crate::eval::Referent;
use crate::source::Span;
use crate::syntax::ast::Name;
use crate::value::Data;
use crate::value::Type;
use crate::value::Value;

use super::Each;
use super::View;
use super::module::CalledInstances;
use super::names::key_text;
use super::names::not_a_value;

/// `module`.
pub(super) struct Calls<'v> {
    pub view: &'v View<'v>,
}

impl<'v> Namespace<'v> for Calls<'v> {
    fn attribute(self: Box<Self>, name: &str, span: Span) -> Result<Referent<'v>, Diagnostics> {
        let here = self.view.here;
        let Some((name, _)) = here.module.calls.get_key_value(name) else {
            return Err(Diagnostic::error(Code::UndeclaredReference, format!("there is no module `{name}`"))
                .at(span, "not called")
                .hint(
                    did_you_mean(name, here.module.calls.keys().map(|name| &**name))
                        .unwrap_or_else(|| format!("call it: `module \"{name}\" {{ source = … }}`")),
                )
                .into());
        };
        match here.calls.get(name) {
            Some(CalledInstances::Absent) => Ok(Referent::Value(Value::null())),
            Some(CalledInstances::One) => {
                let at = here.at.child(name, None);
                Ok(Referent::Namespace(Box::new(Outputs { view: self.view, at })))
            }
            Some(instances) => Ok(Referent::Namespace(Box::new(InstancesOf {
                view: self.view,
                name: Arc::clone(name),
                instances,
            }))),
            // It could not be read or expanded; that is reported already.
            None => Ok(Referent::Value(Value::unknown(Type::Any))),
        }
    }

    fn index(self: Box<Self>, key: &Value, span: Span) -> Result<Referent<'v>, Diagnostics> {
        let name = key_text(key, "module", span)?;
        self.attribute(&name, span)
    }

    fn whole(self: Box<Self>, span: Span) -> Result<Value, Diagnostics> {
        Err(not_a_value("module", "module.NAME.OUTPUT", span))
    }
}

/// All instances of a module with `count` or `for_each`.
struct InstancesOf<'v> {
    view: &'v View<'v>,
    name: Name,
    instances: &'v CalledInstances,
}

impl<'v> Namespace<'v> for InstancesOf<'v> {
    fn attribute(self: Box<Self>, name: &str, span: Span) -> Result<Referent<'v>, Diagnostics> {
        let (how, key) = match self.instances {
            CalledInstances::Count(_) => ("count", "[0]"),
            // All instances are an object, whose attributes are their keys.
            CalledInstances::Each(_) if self.has_key(name) => {
                let at = self.view.here.at.child(&self.name, Some(InstanceKey::Str(name.into())));
                return Ok(Referent::Namespace(Box::new(Outputs { view: self.view, at })));
            }
            CalledInstances::Each(_) => ("for_each", "[each.key]"),
            CalledInstances::Unknown(_) | CalledInstances::One | CalledInstances::Absent => {
                return Ok(Referent::Value(Value::unknown(Type::Any)));
            }
        };
        let of = &self.name;
        Err(Diagnostic::error(
            Code::InvalidReference,
            format!("`module.{of}` has `{how}`, so an instance must be named"),
        )
        .at(span, format!("output `{name}` of which instance?"))
        .hint(format!(
            "write `module.{of}{key}.{name}`, or `[for x in module.{of} : x.{name}]` for all of them"
        ))
        .into())
    }

    fn index(self: Box<Self>, key: &Value, span: Span) -> Result<Referent<'v>, Diagnostics> {
        let found = |key: Option<InstanceKey>| {
            let at = self.view.here.at.child(&self.name, key);
            Ok(Referent::Namespace(Box::new(Outputs { view: self.view, at }) as Box<dyn Namespace<'v>>))
        };
        if let CalledInstances::Unknown(_) = self.instances {
            return found(None);
        }
        if !key.is_known() {
            return Ok(Referent::Value(Value::unknown(Type::Any).mark(key.marks())));
        }
        match (key.data(), self.instances) {
            (Data::Number(number), CalledInstances::Count(count)) => {
                let index = number.to_i64().and_then(|index| u64::try_from(index).ok());
                if let Some(index) = index.filter(|index| index < count) {
                    return found(Some(InstanceKey::Int(index)));
                }
            }
            (Data::String(text), CalledInstances::Each(_)) if self.has_key(text) => {
                return found(Some(InstanceKey::Str(Arc::clone(text))));
            }
            _ => {}
        }
        Err(self.no_such_instance(key, span).into())
    }

    fn whole(self: Box<Self>, span: Span) -> Result<Value, Diagnostics> {
        let outputs = |key: Option<InstanceKey>| {
            Box::new(Outputs { view: self.view, at: self.view.here.at.child(&self.name, key) }).whole(span)
        };
        match self.instances {
            // Their number is not known, but what each of them has is.
            CalledInstances::Unknown(Each::UnknownIndex) => {
                Ok(Value::unknown(Type::list(outputs(None)?.ty())))
            }
            CalledInstances::Unknown(_) => Ok(Value::unknown(Type::Any)),
            CalledInstances::One => outputs(None),
            CalledInstances::Absent => Ok(Value::null()),
            CalledInstances::Count(count) => {
                let all: Result<Vec<Value>, Diagnostics> =
                    (0..*count).map(|index| outputs(Some(InstanceKey::Int(index)))).collect();
                Ok(Value::tuple(all?))
            }
            CalledInstances::Each(all) => {
                let mut fields = Vec::with_capacity(all.len());
                for each in all {
                    if let Each::Pair(key, _) = each {
                        fields.push((Arc::clone(key), outputs(Some(InstanceKey::Str(Arc::clone(key))))?));
                    }
                }
                Ok(Value::object(fields))
            }
        }
    }
}

impl InstancesOf<'_> {
    /// Whether `for_each` gives an instance with a key.
    fn has_key(&self, name: &str) -> bool {
        let CalledInstances::Each(all) = self.instances else { return false };
        all.iter().any(|each| matches!(each, Each::Pair(key, _) if **key == *name))
    }

    fn no_such_instance(&self, key: &Value, span: Span) -> Diagnostic {
        let shown = match key.data() {
            _ if key.marks().is_sensitive() => "(sensitive)".to_owned(),
            Data::String(text) => InstanceKey::Str(Arc::clone(text)).to_string(),
            Data::Number(number) => format!("[{number}]"),
            _ => "this key".to_owned(),
        };
        let hint = match self.instances {
            CalledInstances::Count(0) => Some("it has no instances: its `count` is 0".to_owned()),
            CalledInstances::Count(count) => {
                Some(format!("its `count` is {count}, so indices go from 0 to {}", count - 1))
            }
            CalledInstances::Each(all) => {
                let keys = all.iter().filter_map(|each| match each {
                    Each::Pair(key, _) => Some(&**key),
                    _ => None,
                });
                match key.as_str() {
                    Some(text) => did_you_mean(text, keys),
                    None => Some("its instances have string keys, from `for_each`".to_owned()),
                }
            }
            CalledInstances::One | CalledInstances::Absent | CalledInstances::Unknown(_) => None,
        };
        Diagnostic::error(Code::InvalidIndex, format!("`module.{}` has no instance {shown}", self.name))
            .at(span, "")
            .maybe_hint(hint)
    }
}

/// The outputs of one instance of a module.
struct Outputs<'v> {
    view: &'v View<'v>,
    at: ModuleInstance,
}

impl<'v> Namespace<'v> for Outputs<'v> {
    fn attribute(self: Box<Self>, name: &str, span: Span) -> Result<Referent<'v>, Diagnostics> {
        let child = self.view.world.here(&self.at);
        if !child.module.outputs.contains_key(name) {
            return Err(Diagnostic::error(
                Code::UnsupportedAttribute,
                format!("`{}` has no output `{name}`", self.at),
            )
            .at(span, "unknown output")
            .maybe_hint(did_you_mean(name, child.module.outputs.keys().map(|name| &**name)))
            .into());
        }
        let (value, touched) = self.view.world.output(&self.at, name)?;
        self.view.touch(&touched);
        Ok(Referent::Value(value))
    }

    fn index(self: Box<Self>, key: &Value, span: Span) -> Result<Referent<'v>, Diagnostics> {
        let name = key_text(key, &self.at.to_string(), span)?;
        // A key where there are no instances is told where references are checked.
        self.attribute(&name, span).map_err(Diagnostics::late)
    }

    fn whole(self: Box<Self>, _span: Span) -> Result<Value, Diagnostics> {
        let child = self.view.world.here(&self.at);
        let mut fields = Vec::with_capacity(child.module.outputs.len());
        for name in child.module.outputs.keys() {
            let (value, touched) = self.view.world.output(&self.at, name)?;
            self.view.touch(&touched);
            fields.push((Arc::clone(name), value));
        }
        Ok(Value::object(fields))
    }
}
