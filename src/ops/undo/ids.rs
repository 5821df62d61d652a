//! How the new id of an object gets to the blocks that refer to it: by its name in its own module, by outputs out of a
//! module, and by variables into one.
//!
//! Every id has outputs and variables of its own, so that they need each other only as far as the objects do.

use std::collections::BTreeMap;

use crate::addr::InstanceAddr;
use crate::addr::ModuleInstance;
use crate::addr::ModulePath;

/// The outputs and variables by which ids are handed on.
#[derive(Debug, Default)]
pub(super) struct Handed {
    /// The number of each id, for the names.
    numbers: BTreeMap<String, usize>,
    /// Outputs of modules, with their expressions.
    outputs: BTreeMap<ModulePath, BTreeMap<String, String>>,
    /// Variables of modules, with what they are given where the module is called.
    variables: BTreeMap<ModulePath, BTreeMap<String, String>>,
}

impl Handed {
    /// Returns the expression by which the blocks of children refer to the id that an object has now, in place of the one
    /// it had. The children are of one block, and may lie in several instances of its module.
    pub(super) fn reference(
        &mut self,
        old: &str,
        parent: &InstanceAddr,
        children: &[&InstanceAddr],
    ) -> String {
        let from = &parent.resource.module.0;
        let shared = children.iter().map(|child| {
            let to = &child.resource.module.0;
            from.iter().zip(to).take_while(|(one, other)| one == other).count()
        });
        // The innermost module instance that all of them lie in.
        let shared = shared.min().unwrap_or_default();
        let next = self.numbers.len() + 1;
        let number = *self.numbers.entry(old.to_owned()).or_insert(next);
        let name = format!("undo_id_{number}_{shared}");
        let mut near = parent.clone();
        near.resource.module = ModuleInstance::root();
        let mut expression = format!("{near}.id");
        for depth in (shared..from.len()).rev() {
            let Some((module, key)) = from.get(depth) else { break };
            // In other instances of the module the object may be missing.
            let value = format!("try({expression}, null)");
            self.outputs.entry(path(from, depth)).or_default().insert(name.clone(), value);
            let key = key.as_ref().map(ToString::to_string).unwrap_or_default();
            expression = format!("module.{module}{key}.{name}");
        }
        if let Some(child) = children.first() {
            let to = &child.resource.module.0;
            for depth in shared..to.len() {
                self.variables.entry(path(to, depth)).or_default().insert(name.clone(), expression);
                expression = format!("var.{name}");
            }
        }
        expression
    }

    /// Returns the declarations of a module.
    pub(super) fn declarations(&self, of: &ModulePath) -> String {
        let variables = self.variables.get(of).into_iter().flatten();
        let outputs = self.outputs.get(of).into_iter().flatten();
        let variables = variables.map(|(name, _)| format!("variable \"{name}\" {{}}\n\n"));
        let outputs = outputs.map(|(name, value)| format!("output \"{name}\" {{\n  value = {value}\n}}\n\n"));
        variables.chain(outputs).collect()
    }

    /// Returns the arguments of the call of a module.
    pub(super) fn arguments(&self, of: &ModulePath) -> String {
        let variables = self.variables.get(of).into_iter().flatten();
        variables.map(|(name, given)| format!("  {name} = {given}\n")).collect()
    }
}

/// The names of modules down to a depth.
fn path<K>(modules: &[(std::sync::Arc<str>, K)], depth: usize) -> ModulePath {
    ModulePath(modules.iter().take(depth + 1).map(|(name, _)| std::sync::Arc::clone(name)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(parent: &str, children: &[&str], expression: &str, modules: &[(&str, &str, &str)]) {
        let mut handed = Handed::default();
        let children: Vec<InstanceAddr> = children.iter().map(|child| child.parse().unwrap()).collect();
        let children: Vec<&InstanceAddr> = children.iter().collect();
        assert_eq!(handed.reference("old", &parent.parse().unwrap(), &children), expression);
        for (module, declarations, arguments) in modules {
            let path = ModulePath(module.split('/').map(Into::into).collect());
            let flat = |text: String| text.split_whitespace().collect::<Vec<_>>().join(" ");
            assert_eq!(flat(handed.declarations(&path)), *declarations, "{module}");
            assert_eq!(flat(handed.arguments(&path)), *arguments, "{module}");
        }
    }

    #[test]
    fn in_one_module_the_name_is_enough() {
        check("i.main", &["t.topic[\"a\"]", "t.topic[\"b\"]"], "i.main.id", &[]);
        check("module.m[\"x\"].i.main", &["module.m[\"x\"].t.topic"], "i.main.id", &[("m", "", "")]);
    }

    #[test]
    fn ids_go_down_by_variables() {
        check(
            "i.main",
            &["module.m[0].module.n.t.topic"],
            "var.undo_id_1_0",
            &[
                ("m", "variable \"undo_id_1_0\" {}", "undo_id_1_0 = i.main.id"),
                ("m/n", "variable \"undo_id_1_0\" {}", "undo_id_1_0 = var.undo_id_1_0"),
            ],
        );
    }

    #[test]
    fn ids_come_up_by_outputs() {
        check(
            "module.m[\"x\"].module.n.i.main[1]",
            &["t.topic"],
            "module.m[\"x\"].undo_id_1_0",
            &[
                ("m", "output \"undo_id_1_0\" { value = try(module.n.undo_id_1_0, null) }", ""),
                ("m/n", "output \"undo_id_1_0\" { value = try(i.main[1].id, null) }", ""),
            ],
        );
    }

    #[test]
    fn ids_go_from_one_module_to_another() {
        check(
            "module.a.i.main",
            &["module.b.t.topic"],
            "var.undo_id_1_0",
            &[
                ("a", "output \"undo_id_1_0\" { value = try(i.main.id, null) }", ""),
                ("b", "variable \"undo_id_1_0\" {}", "undo_id_1_0 = module.a.undo_id_1_0"),
            ],
        );
    }

    #[test]
    fn children_in_several_instances_share_one_way() {
        check(
            "module.m[\"x\"].i.main",
            &["module.m[\"x\"].t.topic", "module.m[\"y\"].t.topic"],
            "var.undo_id_1_0",
            &[(
                "m",
                "variable \"undo_id_1_0\" {} output \"undo_id_1_0\" { value = try(i.main.id, null) }",
                "undo_id_1_0 = module.m[\"x\"].undo_id_1_0",
            )],
        );
    }
}
