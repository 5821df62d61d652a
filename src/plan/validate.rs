//! Validation without state and without values: everything is evaluated with unknowns in place of what is not
//! known, so that wrong types and impossible values are found.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::addr::Mode;
use crate::addr::ModuleInstance;
use crate::addr::ModulePath;
use crate::addr::Step;
use crate::config::Condition;
use crate::config::Config;
use crate::config::Repetition;
use crate::config::Resource;
use crate::config::VariableValues;
use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;
use crate::eval;
use crate::eval::Files;
use crate::graph::DependencyGraph;
use crate::graph::Item;
use crate::graph::Node;
use crate::schema::Registry;
use crate::schema::ResourceKind;
use crate::schema::ResourceSchema;
use crate::schema::scope;
use crate::syntax::ast::Expr;
use crate::syntax::ast::Name;
use crate::syntax::parse::references;
use crate::value::Type;
use crate::value::Value;
use crate::value::convert;

use super::expand::instances_of_count;
use super::expand::instances_of_each;
use super::expand::instances_of_enabled;
use super::new_object;
use super::planner::Held;
use super::planner::check_conditions;
use super::planner::evaluate_arguments;
use super::planner::evaluate_condition;
use super::propose::for_reading;
use super::propose::with_written;
use super::scope::CalledInstances;
use super::scope::Each;
use super::scope::Instances;
use super::scope::View;
use super::scope::World;
use super::scope::ephemeral_output;
use super::shape::object_type;

/// Evaluates every expression of a configuration with unknowns in place of resources and, unless `variables`
/// has them, of variables. Returns everything that cannot be right whatever the values are.
#[must_use]
pub fn validate(
    config: &Config,
    graph: &DependencyGraph,
    registry: &Registry,
    variables: Option<&VariableValues>,
    files: Option<&dyn Files>,
) -> Diagnostics {
    let values: BTreeMap<Name, Value> = config
        .root
        .variables
        .iter()
        .map(|(name, variable)| {
            let given = variables.and_then(|values| values.values.get(name)).map(|value| value.value.clone());
            (Arc::clone(name), given.unwrap_or_else(|| variable.unknown()))
        })
        .collect();
    let mut world = World::new(config, values).with_plan_time("1970-01-01T00:00:00Z");
    if let Some(files) = files {
        world = world.with_files(files);
    }
    // One instance without a key stands for all instances of a module.
    for path in config.modules.keys() {
        let (Some((parent, name)), Some(call)) = (path.parent(), config.call(path)) else { continue };
        let instances = match call.repetition {
            Repetition::One | Repetition::Enabled(_) => CalledInstances::One,
            Repetition::Count(_) => CalledInstances::Unknown(Each::UnknownIndex),
            Repetition::ForEach(_) => CalledInstances::Unknown(Each::UnknownPair),
        };
        world.open_call(&parent.unkeyed(), name, instances);
    }
    for (addr, _) in config.all_resources() {
        let kind = ResourceKind::of(addr.mode);
        let Some(schema) = registry.resource(kind, &addr.kind) else { continue };
        world.set_resource(&addr, Instances::Unknown(object_type(&schema)));
    }
    let mut validator =
        Validator { world: &world, registry, at: ModuleInstance::root(), diagnostics: Diagnostics::new() };
    for node in graph.order() {
        validator.at = node.module.unkeyed();
        validator.node(node);
    }
    for module in config.all_modules() {
        let at = module.path.unkeyed();
        for assert in module.checks.values().flat_map(|check| &check.asserts) {
            validator.condition(assert, &View::module(&world, &at));
        }
    }
    validator.diagnostics.sort();
    validator.diagnostics
}

struct Validator<'v> {
    world: &'v World<'v>,
    registry: &'v Registry,
    /// The module whose declarations are looked at.
    at: ModuleInstance,
    diagnostics: Diagnostics,
}

impl Validator<'_> {
    fn node(&mut self, node: &Node) {
        let Some(module) = self.world.config().module(&node.module) else { return };
        match &node.item {
            Item::Variable(name) => {
                if !node.module.is_root()
                    && let Err(found) = self.world.variable(&self.at, name)
                {
                    self.diagnostics.extend(found);
                }
                for condition in
                    module.variables.get(name).into_iter().flat_map(|variable| &variable.validations)
                {
                    self.validation(&node.module, name, condition);
                }
            }
            Item::Call(name) => {
                if let Some(call) = module.calls.get(name) {
                    self.repetition(&call.repetition);
                }
            }
            Item::Outputs(_) | Item::Within(_) => {}
            Item::Local(name) => {
                if let Err(found) = self.world.local(&self.at, name) {
                    self.diagnostics.extend(found);
                }
            }
            Item::Provider(addr) => {
                let Some(block) = module.providers.get(addr) else { return };
                let Some(schema) = self.registry.provider(&addr.name) else { return };
                for (name, attribute) in &block.arguments {
                    let Some(argument) = schema.argument(name) else { continue };
                    let each = match &block.each {
                        Some((key, value)) => Each::Pair(Arc::clone(key), value.clone()),
                        None if block.for_each.is_some() => Each::UnknownPair,
                        None => Each::None,
                    };
                    let what = format!("`{name}` of provider `{addr}`");
                    self.converts(&attribute.expr, &argument.ty, each, &what);
                }
            }
            Item::Resource(id) => {
                let kind = ResourceKind::of(id.mode);
                let (Some(resource), Some(schema)) =
                    (module.resources.get(id), self.registry.resource(kind, &id.kind))
                else {
                    return;
                };
                self.resource(resource, &schema);
            }
            Item::Output(name) => {
                let Some(output) = module.outputs.get(name) else { return };
                match eval::evaluate(&output.value, &View::module(self.world, &self.at)) {
                    Ok(value)
                        if node.module.is_root()
                            && value.marks_deep().is_sensitive()
                            && !output.sensitive =>
                    {
                        let found = Diagnostic::error(
                            Code::SensitiveValue,
                            format!("output `{name}` would show a sensitive value"),
                        )
                        .at(output.header, "not declared as sensitive")
                        .at(output.value.span, "sensitive")
                        .hint("add `sensitive = true` to the output, or take the sensitive part out");
                        // What a module gives back is settled when its variables are.
                        let mut of_module = false;
                        references(&output.value, &mut |found| of_module |= &*found.root.value == "module");
                        self.diagnostics.push(if of_module { found.late() } else { found });
                    }
                    Ok(value)
                        if value.marks_deep().is_ephemeral()
                            && !node.module.is_root()
                            && output.ephemeral.is_none() =>
                    {
                        self.diagnostics.push(ephemeral_output(output));
                    }
                    Ok(value) if value.marks_deep().is_ephemeral() && node.module.is_root() => {
                        self.diagnostics.push(
                            Diagnostic::error(
                                Code::InvalidValue,
                                format!("output `{name}` cannot hold an ephemeral value"),
                            )
                            .at(output.value.span, "ephemeral")
                            .hint("outputs are stored; leave the ephemeral part out"),
                        )
                    }
                    Ok(_) => {}
                    Err(found) => self.diagnostics.extend(found),
                }
                let shown = if node.module.is_root() { String::new() } else { format!("{}.", node.module) };
                let addr = format!("{shown}output.{name}");
                let view = View::module(self.world, &self.at);
                let outcome = check_conditions(&output.preconditions, "precondition", &addr, &view);
                self.diagnostics.extend(outcome.diagnostics);
            }
        }
    }

    fn resource(&mut self, resource: &Resource, schema: &ResourceSchema) {
        let each = self.repetition(&resource.repetition);
        let at = self.at.clone();
        match evaluate_arguments(resource, schema, &|| View::instance(self.world, &at, each.clone())) {
            Ok(arguments) => {
                let planned = match resource.id.mode {
                    Mode::Managed | Mode::Action => {
                        new_object(schema, &arguments.values, &Value::unknown(Type::Any))
                    }
                    Mode::Data | Mode::Ephemeral => for_reading(schema, &arguments.values),
                };
                let planned = with_written(&planned, schema, &arguments.values);
                for finding in scope::offline_checks(schema, &planned, &arguments.values, None, None) {
                    let place = match finding.path.0.first() {
                        Some(Step::Attr(name)) => resource.arguments.get(name),
                        _ => None,
                    };
                    let span = place.map_or(resource.header, |argument| argument.expr.span);
                    self.diagnostics.push(finding.diagnostic().or_at(span));
                }
            }
            Err(found) => self.diagnostics.extend(found),
        }
        for condition in &resource.lifecycle.preconditions {
            self.condition(condition, &View::instance(self.world, &at, each.clone()));
        }
        let own = Value::unknown(object_type(schema));
        for condition in &resource.lifecycle.postconditions {
            self.condition(condition, &View::instance(self.world, &at, each.clone()).with_self(own.clone()));
        }
    }

    /// Checks `count` or `for_each`.
    fn repetition(&mut self, repetition: &Repetition) -> Each {
        match repetition {
            Repetition::One => Each::None,
            Repetition::Enabled(expr) => {
                let view = View::module(self.world, &self.at);
                self.diagnostics.extend(instances_of_enabled(expr, &view));
                Each::None
            }
            Repetition::Count(expr) => {
                let view = View::module(self.world, &self.at);
                self.diagnostics.extend(instances_of_count(expr, &view));
                Each::UnknownIndex
            }
            Repetition::ForEach(expr) => {
                let view = View::module(self.world, &self.at);
                self.diagnostics.extend(instances_of_each(expr, &view));
                Each::UnknownPair
            }
        }
    }

    fn converts(&mut self, expr: &Expr, ty: &Type, each: Each, what: &str) {
        match eval::evaluate(expr, &View::instance(self.world, &self.at, each)) {
            Ok(value) => {
                if let Err(error) = convert(&value, ty) {
                    let summary = format!("unsuitable value for {what}: {error}");
                    self.diagnostics.push(eval::unsuitable(summary, expr, &value, ty));
                }
            }
            Err(found) => self.diagnostics.extend(found),
        }
    }

    /// A validation of a module's variable is judged if the value is known; those of the root are given later.
    fn validation(&mut self, module: &ModulePath, name: &Name, condition: &Condition) {
        let view = View::module(self.world, &self.at);
        let argument = self.world.config().call(module).and_then(|call| call.arguments.get(name));
        let (Ok(Held::No(message)), Some(argument)) = (evaluate_condition(condition, &view), argument) else {
            return self.condition(condition, &view);
        };
        let found = Diagnostic::error(
            Code::VariableValidation,
            format!("the value of variable `{}.{name}` is not accepted", self.at),
        )
        .detail(message)
        .at(argument.expr.span, "")
        .at(condition.condition.span, "does not hold");
        self.diagnostics.push(eval::explain(found, &condition.condition, &view));
    }

    fn condition(&mut self, condition: &Condition, view: &View<'_>) {
        // A condition that does not hold is found when values are known; here only its form counts.
        // What can never be evaluated as a message is wrong whether or not it is ever shown.
        if let Err(found) = eval::evaluate(&condition.message, view) {
            self.diagnostics.extend(found);
        }
        if let Err(found) = evaluate_condition(condition, view) {
            let late =
                |item: Diagnostic| if item.code == Code::ConditionUnusable { item.late() } else { item };
            self.diagnostics.extend(found.into_iter().map(late));
        }
    }
}
