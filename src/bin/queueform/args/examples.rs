//! Examples for the help of every command, in one table.

use clap::Command;

/// Examples by command. Each line is read by the tests as it stands here.
const EXAMPLES: &[(&str, &[&str])] = &[
    (
        "init",
        &[
            "queueform init",
            "queueform init --upgrade",
            "queueform init --migrate-state --backend-config bucket=queues",
        ],
    ),
    (
        "validate",
        &["queueform validate", "queueform validate --json", "queueform validate --var region=ru-moscow-1"],
    ),
    (
        "plan",
        &[
            "queueform plan",
            "queueform plan --out change.qfplan --detailed-exitcode",
            "queueform plan --target 'dms_rocketmq_topic.orders[\"created\"]' --calls",
            "queueform plan --emulate=state",
        ],
    ),
    (
        "apply",
        &[
            "queueform apply",
            "queueform apply change.qfplan",
            "queueform apply --auto-approve --json",
            "queueform apply --refresh-only",
        ],
    ),
    (
        "destroy",
        &[
            "queueform destroy",
            "queueform destroy --target module.queues --allow-data-loss module.queues=200",
            "queueform destroy --emulate --auto-approve",
        ],
    ),
    ("show", &["queueform show", "queueform show change.qfplan", "queueform show --json change.qfplan"]),
    ("output", &["queueform output", "queueform output --raw endpoint", "queueform output --json"]),
    ("refresh", &["queueform refresh", "queueform refresh --target module.queues"]),
    (
        "import",
        &[
            "queueform import dms_rocketmq_instance.main 8d3c7938-dc47-4937-a30f-c80de381c5e3",
            "queueform import 'dms_rocketmq_topic.orders[\"created\"]' 8d3c7938-dc47-4937-a30f-c80de381c5e3/orders-created",
        ],
    ),
    (
        "adopt",
        &[
            "queueform adopt dms_rocketmq_instance 8d3c7938-dc47-4937-a30f-c80de381c5e3",
            "queueform adopt 'apsaramq_mqtt_*' --in instance_id=mqtt-cn-0pp1abc",
            "queueform adopt --all --group-by prefix --dry-run",
        ],
    ),
    ("taint", &["queueform taint dms_rocketmq_instance.main"]),
    ("untaint", &["queueform untaint dms_rocketmq_instance.main"]),
    (
        "state list",
        &[
            "queueform state list",
            "queueform state list module.queues",
            "queueform state list --id 8d3c7938-dc47-4937-a30f-c80de381c5e3",
        ],
    ),
    ("state show", &["queueform state show 'dms_rocketmq_topic.orders[\"created\"]'"]),
    (
        "state mv",
        &[
            "queueform state mv dms_rocketmq_topic.a dms_rocketmq_topic.b",
            "queueform state mv --dry-run dms_rocketmq_topic.a 'module.queues.dms_rocketmq_topic.all[\"a\"]'",
        ],
    ),
    ("state replace-provider", &["queueform state replace-provider dms dms.west module.queues --dry-run"]),
    (
        "state log",
        &[
            "queueform state log",
            "queueform state log --limit 3 --address 'dms_rocketmq_topic.*'",
            "queueform state log --json",
        ],
    ),
    ("state rm", &["queueform state rm module.legacy", "queueform state rm --dry-run dms_rocketmq_topic.a"]),
    ("state pull", &["queueform state pull > queues.json"]),
    ("state push", &["queueform state push queues.json"]),
    ("state reencrypt", &["queueform state reencrypt"]),
    (
        "state resolve",
        &[
            "queueform state resolve dms_rocketmq_topic.a --absent",
            "queueform state resolve dms_rocketmq_instance.main --adopt 8d3c7938-dc47-4937-a30f-c80de381c5e3",
        ],
    ),
    ("state unprotect", &["queueform state unprotect dms_rocketmq_instance.main"]),
    ("workspace list", &["queueform workspace list", "queueform workspace list --json"]),
    ("workspace show", &["queueform workspace show"]),
    ("workspace new", &["queueform workspace new staging"]),
    (
        "workspace select",
        &["queueform workspace select staging", "queueform workspace select --or-create staging"],
    ),
    ("workspace delete", &["queueform workspace delete staging"]),
    ("lock show", &["queueform lock show"]),
    ("force-unlock", &["queueform force-unlock 01J9Z3K7Q5", "queueform force-unlock --force 01J9Z3K7Q5"]),
    (
        "undo",
        &[
            "queueform undo --dry-run",
            "queueform undo 01J9Z3K7 --reason 'too early'",
            "queueform undo --out undo.qfplan",
        ],
    ),
    (
        "graph",
        &[
            "queueform graph > graph.dot",
            "queueform graph --format=mermaid",
            "queueform graph --type=steps --plan=change.qfplan --format=json",
        ],
    ),
    ("providers", &["queueform providers", "queueform providers --emulate --json"]),
    ("providers schema", &["queueform providers schema --json", "queueform providers schema --json dms"]),
    ("modules", &["queueform modules", "queueform modules --json"]),
    ("metadata functions", &["queueform metadata functions --json"]),
    ("console", &["queueform console", "echo 'length(var.topics)' | queueform console --json"]),
    ("test", &["queueform test", "queueform test --filter tests/limits.qftest.hcl", "queueform test --json"]),
    ("fmt", &["queueform fmt", "queueform fmt --check --diff --recursive", "queueform fmt - < main.qf.hcl"]),
    (
        "schema show",
        &[
            "queueform schema show",
            "queueform schema show dms_rocketmq_topic",
            "queueform schema show --json dms_rocketmq_topic",
        ],
    ),
    ("schema check", &["queueform schema check schemas/mine"]),
    (
        "emulator",
        &[
            "queueform emulator",
            "queueform emulator --systems dms --listen 127.0.0.1:8080",
            "queueform emulator --port-file ports.json --data-dir emulated",
        ],
    ),
    (
        "completion",
        &[
            "queueform completion bash > ~/.local/share/bash-completion/completions/queueform",
            "queueform completion zsh > ~/.zfunc/_queueform",
            "queueform completion fish > ~/.config/fish/completions/queueform.fish",
        ],
    ),
    ("version", &["queueform version", "queueform version --json"]),
    ("graph", &["queueform graph", "queueform graph --type plan --plan change.qfplan --format mermaid"]),
    ("providers", &["queueform providers", "queueform providers --json"]),
    ("providers schema", &["queueform providers schema --json dms"]),
    ("modules", &["queueform modules", "queueform modules --json"]),
    ("metadata functions", &["queueform metadata functions --json"]),
];

/// Adds the examples to the help of every command that has none of its own.
pub(crate) fn with_examples(root: Command) -> Command {
    add(root, "")
}

fn add(command: Command, above: &str) -> Command {
    command.mut_subcommands(|inner| {
        let name = format!("{above}{}", inner.get_name());
        let inner = if inner.has_subcommands() { add(inner, &format!("{name} ")) } else { inner };
        let own = inner.get_after_long_help().map(ToString::to_string).unwrap_or_default();
        let known = EXAMPLES.iter().find(|(command, _)| *command == name);
        match known {
            Some((_, lines)) if !own.contains(HEADING) => {
                let mut text = format!("{HEADING}\n");
                for line in *lines {
                    text.push_str(&format!("  {line}\n"));
                }
                if !own.is_empty() {
                    text.push('\n');
                    text.push_str(&own);
                }
                inner.after_long_help(text.trim_end().to_owned())
            }
            _ => inner,
        }
    })
}

/// What stands above examples.
const HEADING: &str = "Examples:";

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;
    use crate::args::Cli;
    use crate::habits;
    use crate::host::Host;

    /// Visits every command that does something.
    fn leaves(command: &Command, above: &str, visit: &mut dyn FnMut(&str, &Command)) {
        for inner in command.get_subcommands().filter(|inner| !inner.is_hide_set()) {
            let name = format!("{above}{}", inner.get_name());
            if !inner.is_subcommand_required_set() {
                visit(&name, inner);
            }
            leaves(inner, &format!("{name} "), visit);
        }
    }

    #[test]
    fn every_command_has_examples_and_each_can_be_read() {
        let mut root = with_examples(Cli::command());
        root.build();
        let mut known: Vec<String> = Vec::new();
        leaves(&root.clone(), "", &mut |name, command| {
            known.push(name.to_owned());
            let help = command.get_after_long_help().map(ToString::to_string).unwrap_or_default();
            let (_, text) = help.split_once(HEADING).unwrap_or_else(|| panic!("`{name}` has no examples"));
            let lines: Vec<&str> = text.lines().skip(1).take_while(|line| line.starts_with("  ")).collect();
            assert!(!lines.is_empty(), "`{name}` has no examples");
            for line in lines {
                // What stands before a pipe, and where the output goes, is not ours.
                let ours = line.rsplit(" | ").next().unwrap().trim();
                let ours = ours.split([">", "<"].map(|one| one.chars().next().unwrap())).next().unwrap();
                let words = shlex::split(ours).unwrap_or_else(|| panic!("{line}"));
                let host = Host {
                    arguments: words.iter().skip(1).map(Into::into).collect(),
                    environment: std::collections::BTreeMap::new(),
                    stdout_is_terminal: false,
                    stderr_is_terminal: false,
                    stdin_is_terminal: false,
                    columns: None,
                    rows: None,
                };
                assert_eq!(words.first().map(String::as_str), Some("queueform"), "{line}");
                let arguments = habits::normalise(&host, &root).unwrap();
                let read = root.clone().try_get_matches_from(&arguments);
                let read = read.unwrap_or_else(|error| panic!("{line}\n{error}"));
                let mut names = Vec::new();
                let mut at = &read;
                while let Some((inner, matches)) = at.subcommand() {
                    names.push(inner.to_owned());
                    at = matches;
                }
                assert_eq!(names.join(" "), name, "{line}");
            }
        });
        for (name, _) in EXAMPLES {
            assert!(known.iter().any(|known| known == name), "there is no command `{name}`");
        }
    }
}
