//! Provider configurations: their arguments, where they point, and whether that is where the state belongs.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::addr::InstanceAddr;
use crate::addr::Mode;
use crate::addr::ModuleInstance;
use crate::addr::ModulePath;
use crate::addr::ProviderAddr;
use crate::addr::ResourceAddr;
use crate::config::Resource;
use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::did_you_mean;
use crate::eval;
use crate::graph::Item;
use crate::graph::Node;
use crate::state::Identity;
use crate::value::Type;
use crate::value::Value;
use crate::value::convert;

use super::super::Answer;
use super::super::Query;
use super::super::Target;
use super::super::scope::Each;
use super::super::scope::View;
use super::Planner;

impl Planner<'_> {
    /// Reports variables without a value.
    pub(super) fn missing_variables(&mut self) {
        for name in &self.input.variables.missing {
            let Some(variable) = self.input.config.root.variables.get(name) else { continue };
            let mut found =
                Diagnostic::error(Code::MissingVariable, format!("variable `{name}` has no value"))
                    .at(variable.header, format!("of type {}", variable.ty));
            if let Some(description) = &variable.description {
                found = found.detail(description.clone());
            }
            self.diagnostics.push(found.hint(format!(
                "set it in `queueform.qfvars.hcl`, with `--var '{name}=…'`, or with the environment variable QF_VAR_{name}"
            )));
        }
    }

    /// Sets up every provider configuration in use, and compares where it points with the state.
    pub(super) fn configure_providers(&mut self) {
        let mut used: BTreeSet<ProviderAddr> = BTreeSet::new();
        for (addr, resource) in self.input.config.all_resources() {
            if self.within.as_ref().is_none_or(|within| within.contains(&Node::resource(&addr))) {
                let provider = &resource.provider.value;
                if resource.provider_key.is_some() {
                    let all = self.input.config.root.providers.keys();
                    used.extend(all.filter(|one| provider.has_keyed(one)).cloned());
                } else {
                    used.insert(provider.clone());
                }
            }
        }
        for (addr, instance) in &self.input.state.resources {
            if self.is_within(addr) {
                used.insert(instance.provider.clone());
            }
        }
        used.extend(self.options.configure.iter().cloned());
        self.open_early(&used);
        if !self.needs.is_empty() {
            return;
        }
        for provider in used {
            self.configure(&provider);
        }
    }

    /// Opens the ephemeral resources that provider configurations need, with their own providers first.
    fn open_early(&mut self, used: &BTreeSet<ProviderAddr>) {
        let providers: BTreeSet<Node> = used
            .iter()
            .map(|provider| Node { module: ModulePath::root(), item: Item::Provider(provider.clone()) })
            .collect();
        let graph = self.input.graph;
        let behind = graph.closure(&providers);
        let wanted: Vec<ResourceAddr> = graph
            .order()
            .filter(|node| behind.contains(node))
            .filter_map(Node::resource_addr)
            .filter(|addr| addr.mode == Mode::Ephemeral)
            .collect();
        for addr in wanted {
            let Some(resource) = self.input.config.resource(&addr) else { continue };
            let provider = resource.provider.value.clone();
            self.configure(&provider);
            if !self.needs.is_empty() || self.diagnostics.has_errors() {
                return;
            }
            self.plan_data(&addr);
            if !self.needs.is_empty() {
                return;
            }
            self.opened.insert(addr);
        }
    }

    /// Returns the configuration that manages one instance of a resource; nothing if it cannot be told, which is
    /// reported.
    pub(super) fn provider_of(
        &mut self,
        resource: &Resource,
        addr: &InstanceAddr,
        each: &Each,
    ) -> Option<ProviderAddr> {
        let of = &resource.provider.value;
        let Some(expr) = &resource.provider_key else { return Some(of.clone()) };
        let evaluated = {
            let view = View::instance(&self.world, &addr.resource.module, each.clone());
            eval::evaluate(expr, &view)
        };
        let value = match evaluated {
            Ok(value) => value.unmark_deep().0,
            Err(found) => {
                self.diagnostics.extend(found.into_iter().map(|item| item.about(addr.clone())));
                return None;
            }
        };
        let key = convert(&value, &Type::String).ok().and_then(|value| value.as_str().cloned());
        let found = key.as_ref().map(|key| of.keyed(key));
        let providers = &self.input.config.root.providers;
        if let Some(found) = found.filter(|found| providers.contains_key(found)) {
            return Some(found);
        }
        let keys: Vec<&str> = providers
            .values()
            .filter(|config| of.has_keyed(&config.addr))
            .filter_map(|config| config.each.as_ref().map(|(key, _)| &**key))
            .collect();
        let text = match &key {
            Some(key) => format!("provider `{of}` has no configuration `{key}`"),
            None => format!("which configuration of provider `{of}` is meant is not known"),
        };
        let hint = match (&key, keys.is_empty()) {
            (_, true) => "its `for_each` is empty".to_owned(),
            (Some(key), _) => did_you_mean(key, keys.iter().copied())
                .unwrap_or_else(|| format!("there is {}", keys.join(", "))),
            (None, _) => "use a key that is known before anything is planned, such as `each.key`".to_owned(),
        };
        self.diagnostics.push(
            Diagnostic::error(Code::UnknownProviderConfiguration, text)
                .at(expr.span, "")
                .about(addr.clone())
                .hint(hint),
        );
        None
    }

    fn configure(&mut self, provider: &ProviderAddr) {
        if self.targets.contains_key(provider) {
            return;
        }
        let Some(schema) = self.registry().provider(&provider.name) else { return };
        let block = self.input.config.root.providers.get(provider);
        if block.is_none() && provider.alias.is_some() {
            self.diagnostics.push(
                Diagnostic::error(
                    Code::UnknownProviderConfiguration,
                    format!("objects in the state are managed by provider `{provider}`, which is no longer configured"),
                )
                .hint(format!(
                    "put back `provider \"{}\" {{ alias = \"{}\" … }}` until its objects are deleted",
                    provider.name,
                    provider.alias.as_deref().unwrap_or_default()
                )),
            );
            return;
        }
        if self.input.config.mocks.providers.contains_key(provider) {
            // A test mocks it: nobody is called, so it points nowhere, and has no arguments but their defaults.
            let arguments = schema.arguments.iter().map(|one| {
                let value = one.default.clone().unwrap_or_else(|| Value::null_of(one.ty.clone()));
                (Arc::clone(&one.name), value)
            });
            self.provider_values.insert(provider.clone(), Value::object(arguments));
            return;
        }
        let mut fields = Vec::new();
        for argument in &schema.arguments {
            let given = block.and_then(|block| block.arguments.get(&argument.name));
            let Some(given) = given else {
                fields.push((Arc::clone(&argument.name), Value::null_of(argument.ty.clone())));
                continue;
            };
            let each = block.and_then(|block| block.each.clone());
            let each = each.map_or(Each::None, |(key, value)| Each::Pair(key, value));
            let view = View::instance(&self.world, &ModuleInstance::root(), each);
            let value = match eval::evaluate(&given.expr, &view) {
                Ok(value) => value,
                Err(found) => {
                    self.diagnostics.extend(found);
                    continue;
                }
            };
            if !value.is_wholly_known() {
                self.diagnostics.push(
                    Diagnostic::error(
                        Code::InvalidProviderConfiguration,
                        format!("`{}` of provider `{provider}` is known only after apply", argument.name),
                    )
                    .at(given.expr.span, "not known while planning")
                    .hint("provider arguments must be known: use variables, or apply in two steps with `--target`"),
                );
                continue;
            }
            match convert(&value, &argument.ty) {
                Ok(value) => fields.push((Arc::clone(&argument.name), value)),
                Err(error) => {
                    let name = &argument.name;
                    let summary = format!("unsuitable value for `{name}` of provider `{provider}`: {error}");
                    self.diagnostics.push(eval::unsuitable(summary, &given.expr, &value, &argument.ty));
                }
            }
        }
        if self.diagnostics.has_errors() {
            return;
        }
        let arguments = Value::object(fields);
        match self.answer(Query::Configure { provider: provider.clone(), arguments }) {
            Some(Answer::Configured(target)) => {
                self.compare_pin(provider, target);
                self.provider_values.insert(provider.clone(), target.value());
                self.targets.insert(provider.clone(), target.clone());
            }
            Some(Answer::Failed(found)) => {
                let header = block.map(|block| block.header);
                self.diagnostics.extend(found.iter().cloned().map(|item| match header {
                    Some(header) => item.or_at(header),
                    None => item,
                }));
            }
            _ => {}
        }
    }

    /// The state remembers where its objects live; anywhere else they would all seem to be gone. Without objects there is
    /// nothing to lose sight of, and the next run remembers the new place.
    fn compare_pin(&mut self, provider: &ProviderAddr, target: &Target) {
        let state = self.input.state;
        let Some(pinned) = state.pins.get(provider) else { return };
        if !state.resources.values().any(|instance| instance.provider == *provider) {
            return;
        }
        let now = target.identity();
        let parts = pin_parts(pinned).into_iter().zip(pin_parts(&now));
        let differing: Vec<String> = parts
            .filter(|((_, pinned), (_, now))| !pinned.is_empty() && pinned != now)
            .map(|((name, pinned), (_, now))| {
                format!("{name}: the state says `{pinned}`, the configuration points to `{now}`")
            })
            .collect();
        if differing.is_empty() {
            return;
        }
        let mut found = Diagnostic::error(
            Code::WrongTarget,
            format!("the state belongs to another place than provider `{provider}` points to"),
        )
        .detail(differing.join("; "));
        if let Some(block) = self.input.config.root.providers.get(provider) {
            found = found.at(block.header, "");
        }
        self.diagnostics.push(found.hint(
            "use the credentials and region the state was written with, or another workspace or directory for another place",
        ));
    }
}

/// The parts of a recorded identity by name.
fn pin_parts(identity: &Identity) -> [(&'static str, &str); 4] {
    [
        ("cloud", &*identity.cloud),
        ("endpoint", &*identity.endpoint),
        ("account", identity.account.as_deref().unwrap_or_default()),
        ("project", identity.project.as_deref().unwrap_or_default()),
    ]
}
