//! The root names of a module: `var`, `local`, `data`, `module`, `each`, `count`, `self`, `path`, `queueform` and
//! resource types.

use std::sync::Arc;

use crate::addr::InstanceKey;
use crate::addr::Mode;
use crate::config::Repetition;
use crate::config::ResourceId;
use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::diag::did_you_mean;
use crate::eval::Files;
use crate::eval::Namespace;
use crate::eval::Referent;
use crate::source::Span;
use crate::value::Data;
use crate::value::Marks;
use crate::value::Refinement;
use crate::value::Type;
use crate::value::Value;

use super::Each;
use super::Instances;
use super::View;
use super::calls::Calls;
use super::module::Derived;

/// Returns what a root name stands for.
pub(super) fn root<'v>(view: &'v View<'_>, name: &str, span: Span) -> Result<Referent<'v>, Diagnostics> {
    match name {
        "var" => Ok(Referent::Namespace(Box::new(Variables { view }))),
        "local" => Ok(Referent::Namespace(Box::new(Locals { view }))),
        "data" => Ok(Referent::Namespace(Box::new(Types { view, mode: Mode::Data }))),
        "resource" => Ok(Referent::Namespace(Box::new(Types { view, mode: Mode::Managed }))),
        "action" => Ok(Referent::Namespace(Box::new(Types { view, mode: Mode::Action }))),
        "ephemeral" => Ok(Referent::Namespace(Box::new(Types { view, mode: Mode::Ephemeral }))),
        "module" => Ok(Referent::Namespace(Box::new(Calls { view }))),
        "each" => each(view, span),
        "count" => count(view, span),
        "self" => match &view.own {
            Some(own) => Ok(Referent::Value(own.clone())),
            None => Err(Diagnostic::error(Code::InvalidReference, "`self` is not available here")
                .at(span, "")
                .hint("`self` stands for the object in postconditions only; elsewhere write the address")
                .into()),
        },
        "path" => {
            let cwd = view.world.files.map_or_else(|| Arc::from("."), Files::current_directory);
            Ok(Referent::Value(Value::object([
                ("module", Value::string(view.here.directory())),
                ("root", Value::string(Arc::from("."))),
                ("cwd", Value::string(cwd)),
            ])))
        }
        "queueform" => Ok(Referent::Value(Value::object([(
            "workspace",
            Value::string(Arc::clone(&view.world.workspace)),
        )]))),
        "terraform" => Err(Diagnostic::error(Code::TerraformHabit, "there is no `terraform` object")
            .at(span, "")
            .hint("write `queueform.workspace`")
            .into()),
        kind => {
            if has_kind(view, kind) {
                Ok(Referent::Namespace(Box::new(Resources { view, mode: Mode::Managed, kind: kind.into() })))
            } else {
                let roots = [
                    "var",
                    "local",
                    "data",
                    "ephemeral",
                    "module",
                    "each",
                    "count",
                    "self",
                    "path",
                    "queueform",
                ];
                let kinds = view
                    .here
                    .module
                    .resources
                    .keys()
                    .filter(|id| id.mode == Mode::Managed)
                    .map(|id| &*id.kind);
                Err(Diagnostic::error(Code::UndeclaredReference, format!("`{kind}` is not declared"))
                    .at(span, "not declared in this module")
                    .maybe_hint(did_you_mean(kind, kinds.chain(roots)))
                    .into())
            }
        }
    }
}

/// Whether there is a managed resource of a type. They are sorted by it: nothing is walked through for each reference.
fn has_kind(view: &View<'_>, kind: &str) -> bool {
    let first = ResourceId { mode: Mode::Managed, kind: kind.into(), name: "".into() };
    let next = view.here.module.resources.range(first..).next();
    next.is_some_and(|(id, _)| id.mode == Mode::Managed && &*id.kind == kind)
}

fn each<'v>(view: &View<'_>, span: Span) -> Result<Referent<'v>, Diagnostics> {
    match &view.each {
        Each::Pair(key, value) => Ok(Referent::Value(Value::object([
            ("key", Value::string(Arc::clone(key))),
            ("value", value.clone()),
        ]))),
        Each::UnknownPair => Ok(Referent::Value(Value::object([
            ("key", Value::refined(Type::String, Refinement::not_null())),
            ("value", Value::unknown(Type::Any)),
        ]))),
        Each::None | Each::Index(_) | Each::UnknownIndex => Err(Diagnostic::error(
            Code::InvalidReference,
            "`each` is available only in blocks with `for_each`",
        )
        .at(span, "")
        .hint("add `for_each` to the block, or use a plain value")
        .into()),
    }
}

fn count<'v>(view: &View<'_>, span: Span) -> Result<Referent<'v>, Diagnostics> {
    match &view.each {
        Each::Index(index) => {
            let index = Value::int(i64::try_from(*index).unwrap_or(i64::MAX));
            Ok(Referent::Value(Value::object([("index", index)])))
        }
        Each::UnknownIndex => Ok(Referent::Value(Value::object([(
            "index",
            Value::refined(Type::Number, Refinement::not_null()),
        )]))),
        Each::None | Each::Pair(..) | Each::UnknownPair => {
            Err(Diagnostic::error(Code::InvalidReference, "`count` is available only in blocks with `count`")
                .at(span, "")
                .hint("add `count` to the block, or use a plain value")
                .into())
        }
    }
}

pub(super) fn not_a_value(what: &str, example: &str, span: Span) -> Diagnostics {
    Diagnostic::error(Code::InvalidReference, format!("`{what}` alone is not a value"))
        .at(span, "")
        .hint(format!("name what you want of it, such as `{example}`"))
        .into()
}

/// Reads a key used in place of a name, as in `var["name"]`.
pub(super) fn key_text(key: &Value, what: &str, span: Span) -> Result<Arc<str>, Diagnostics> {
    key.as_str().cloned().ok_or_else(|| {
        Diagnostic::error(Code::InvalidReference, format!("`{what}` needs a fixed name"))
            .at(span, "")
            .hint(format!("write `{what}.NAME`"))
            .into()
    })
}

/// `var`.
struct Variables<'v> {
    view: &'v View<'v>,
}

impl<'v> Namespace<'v> for Variables<'v> {
    fn attribute(self: Box<Self>, name: &str, span: Span) -> Result<Referent<'v>, Diagnostics> {
        let here = self.view.here;
        if let Some(value) = here.given.get(name) {
            return Ok(Referent::Value(value.clone()));
        }
        if here.module.variables.contains_key(name) {
            // In the root module, without a value: that is reported once, where values are gathered.
            let (value, touched) = here.derived(self.view.world, Derived::Variable, name)?;
            self.view.touch(&touched);
            return Ok(Referent::Value(value));
        }
        Err(Diagnostic::error(Code::UndeclaredReference, format!("there is no variable `{name}`"))
            .at(span, "not declared")
            .hint(
                did_you_mean(name, here.module.variables.keys().map(|name| &**name))
                    .unwrap_or_else(|| format!("declare it: `variable \"{name}\" {{ … }}`")),
            )
            .into())
    }

    fn index(self: Box<Self>, key: &Value, span: Span) -> Result<Referent<'v>, Diagnostics> {
        let name = key_text(key, "var", span)?;
        self.attribute(&name, span)
    }

    fn whole(self: Box<Self>, span: Span) -> Result<Value, Diagnostics> {
        Err(not_a_value("var", "var.name", span))
    }
}

/// `local`.
struct Locals<'v> {
    view: &'v View<'v>,
}

impl<'v> Namespace<'v> for Locals<'v> {
    fn attribute(self: Box<Self>, name: &str, span: Span) -> Result<Referent<'v>, Diagnostics> {
        let here = self.view.here;
        if !here.module.locals.contains_key(name) {
            return Err(Diagnostic::error(
                Code::UndeclaredReference,
                format!("there is no local value `{name}`"),
            )
            .at(span, "not declared")
            .hint(
                did_you_mean(name, here.module.locals.keys().map(|name| &**name))
                    .unwrap_or_else(|| format!("declare it: `locals {{ {name} = … }}`")),
            )
            .into());
        }
        let (value, touched) = here.derived(self.view.world, Derived::Local, name)?;
        self.view.touch(&touched);
        Ok(Referent::Value(value))
    }

    fn index(self: Box<Self>, key: &Value, span: Span) -> Result<Referent<'v>, Diagnostics> {
        let name = key_text(key, "local", span)?;
        self.attribute(&name, span)
    }

    fn whole(self: Box<Self>, span: Span) -> Result<Value, Diagnostics> {
        Err(not_a_value("local", "local.name", span))
    }
}

/// `data` and `action`.
struct Types<'v> {
    view: &'v View<'v>,
    mode: Mode,
}

impl<'v> Namespace<'v> for Types<'v> {
    fn attribute(self: Box<Self>, name: &str, _span: Span) -> Result<Referent<'v>, Diagnostics> {
        Ok(Referent::Namespace(Box::new(Resources { view: self.view, mode: self.mode, kind: name.into() })))
    }

    fn index(self: Box<Self>, key: &Value, span: Span) -> Result<Referent<'v>, Diagnostics> {
        let name = key_text(key, self.mode.as_str(), span)?;
        self.attribute(&name, span)
    }

    fn whole(self: Box<Self>, span: Span) -> Result<Value, Diagnostics> {
        let word = self.mode.as_str();
        Err(not_a_value(word, &format!("{word}.TYPE.NAME"), span))
    }
}

/// All resources of one type.
struct Resources<'v> {
    view: &'v View<'v>,
    mode: Mode,
    kind: Arc<str>,
}

impl<'v> Namespace<'v> for Resources<'v> {
    fn attribute(self: Box<Self>, name: &str, span: Span) -> Result<Referent<'v>, Diagnostics> {
        let id = ResourceId { mode: self.mode, kind: Arc::clone(&self.kind), name: name.into() };
        let module = self.view.here.module;
        if !module.resources.contains_key(&id) {
            let what = self.mode.noun();
            let names =
                module.resources.keys().filter(|other| other.mode == id.mode && other.kind == id.kind);
            return Err(Diagnostic::error(Code::UndeclaredReference, format!("there is no {what} `{id}`"))
                .at(span, "not declared")
                .maybe_hint(did_you_mean(name, names.map(|other| &*other.name)))
                .into());
        }
        match self.view.here.resources.get(&id) {
            Some(Instances::Absent) => {
                self.view.touch_whole(&id);
                Ok(Referent::Value(Value::null()))
            }
            Some(Instances::One(value)) => {
                self.view.touch_instance(&id, None);
                Ok(Referent::Value(value.clone().mark(marks_of(&id))))
            }
            Some(instances) => {
                Ok(Referent::Namespace(Box::new(InstancesOf { view: self.view, id, instances })))
            }
            // Planning failed for it; that is reported already.
            None => {
                self.view.touch_whole(&id);
                Ok(Referent::Value(Value::unknown(Type::Any).mark(marks_of(&id))))
            }
        }
    }

    fn index(self: Box<Self>, key: &Value, span: Span) -> Result<Referent<'v>, Diagnostics> {
        let name = key_text(key, &self.kind, span)?;
        self.attribute(&name, span)
    }

    fn whole(self: Box<Self>, span: Span) -> Result<Value, Diagnostics> {
        let example = format!("{}.name", self.kind);
        Err(not_a_value(&self.kind, &example, span))
    }
}

/// Whatever comes from an ephemeral resource is ephemeral.
fn marks_of(id: &ResourceId) -> Marks {
    if id.mode == Mode::Ephemeral { Marks::EPHEMERAL } else { Marks::NONE }
}

/// All instances of one resource with `count` or `for_each`.
struct InstancesOf<'v> {
    view: &'v View<'v>,
    id: ResourceId,
    instances: &'v Instances,
}

impl<'v> Namespace<'v> for InstancesOf<'v> {
    fn attribute(self: Box<Self>, name: &str, span: Span) -> Result<Referent<'v>, Diagnostics> {
        if let Instances::Unknown(ty) = self.instances {
            self.view.touch_whole(&self.id);
            let unknown = match ty {
                Type::Object(attributes) => {
                    attributes.get(name).map_or(Type::Any, |attribute| attribute.ty.clone())
                }
                _ => Type::Any,
            };
            return Ok(Referent::Value(Value::unknown(unknown).mark(marks_of(&self.id))));
        }
        let (how, example) = match self.instances {
            Instances::Count(_) => ("count", format!("{}[0].{name}", self.id)),
            _ => ("for_each", format!("{}[each.key].{name}", self.id)),
        };
        Err(Diagnostic::error(
            Code::InvalidReference,
            format!("`{}` has `{how}`, so an instance must be named", self.id),
        )
        .at(span, format!("attribute `{name}` of which instance?"))
        .hint(format!("write `{example}`, or `[for x in {} : x.{name}]` for all of them", self.id))
        .into())
    }

    fn index(self: Box<Self>, key: &Value, span: Span) -> Result<Referent<'v>, Diagnostics> {
        let marks = key.marks() | marks_of(&self.id);
        if !key.is_known() {
            self.view.touch_whole(&self.id);
            return Ok(Referent::Value(Value::unknown(Type::Any).mark(marks)));
        }
        let key = match (key.data(), self.instances) {
            (Data::Number(number), Instances::Count(_)) => {
                number.to_i64().and_then(|index| u64::try_from(index).ok()).map(InstanceKey::Int)
            }
            (Data::String(text), Instances::Each(_)) => Some(InstanceKey::Str(Arc::clone(text))),
            (_, Instances::Unknown(ty)) => {
                self.view.touch_whole(&self.id);
                self.key_fits(key, span)?;
                return Ok(Referent::Value(Value::unknown(ty.clone()).mark(marks)));
            }
            _ => None,
        };
        if let Some(value) = self.instances.get(key.as_ref()).filter(|_| key.is_some()) {
            self.view.touch_instance(&self.id, key);
            return Ok(Referent::Value(value.clone().mark(marks)));
        }
        Err(self.no_such_instance(key.as_ref(), marks, span))
    }

    fn whole(self: Box<Self>, _span: Span) -> Result<Value, Diagnostics> {
        self.view.touch_whole(&self.id);
        Ok(self.instances.whole().mark(marks_of(&self.id)))
    }
}

impl InstancesOf<'_> {
    /// Whether a key can be one of the instances, which are not known yet.
    fn key_fits(&self, key: &Value, span: Span) -> Result<(), Diagnostics> {
        let repetition = self.view.here.module.resources.get(&self.id).map(|resource| &resource.repetition);
        let wanted = match (repetition, key.data()) {
            // A text may be a number, and is looked up when the instances are known.
            (Some(Repetition::Count(_)), Data::String(_)) => return Ok(()),
            (Some(Repetition::Count(_)), Data::Number(number)) if number.to_i64().is_some() => return Ok(()),
            (Some(Repetition::Count(_)), _) => "`count`, so its instances have whole numbers as keys",
            (
                Some(Repetition::ForEach(_)),
                Data::Null(_) | Data::Bool(_) | Data::Number(_) | Data::String(_),
            ) => {
                return Ok(());
            }
            (Some(Repetition::ForEach(_)), _) => "`for_each`, so its instances have texts as keys",
            _ => return Ok(()),
        };
        Err(Diagnostic::error(Code::InvalidIndex, format!("`{}` has no such instance", self.id))
            .at(span, format!("this key is {}", key.ty().friendly_name()))
            .hint(format!("it has {wanted}"))
            .into())
    }

    fn no_such_instance(&self, key: Option<&InstanceKey>, marks: Marks, span: Span) -> Diagnostics {
        let shown = match key {
            Some(_) if marks.is_sensitive() => "(sensitive)".to_owned(),
            Some(key) => key.to_string(),
            None => "this key".to_owned(),
        };
        let found = Diagnostic::error(Code::InvalidIndex, format!("`{}` has no instance {shown}", self.id))
            .at(span, "");
        let hint = match self.instances {
            Instances::Count(list) if list.is_empty() => {
                Some("it has no instances: its `count` is 0".to_owned())
            }
            Instances::Count(list) => {
                Some(format!("its `count` is {}, so indices go from 0 to {}", list.len(), list.len() - 1))
            }
            Instances::Each(map) => match key {
                Some(InstanceKey::Str(text)) => did_you_mean(text, map.keys().map(|key| &**key)),
                _ => Some("its instances have string keys, from `for_each`".to_owned()),
            },
            Instances::One(_) | Instances::Absent | Instances::Unknown(_) => None,
        };
        found.maybe_hint(hint).into()
    }
}
