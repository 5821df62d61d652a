//! Providers that users write: the guide replayed, and what must not happen.

use std::path::Path;

use super::inbox::Inbox;
use super::inbox::TOKEN;
use crate::support::Output;
use crate::support::Place;

const GUIDE: &str = include_str!("../../../docs/guides/write-a-provider.md");
const PROVIDER: &str = include_str!("../../../examples/custom-provider/schemas/inbox/provider.hcl");
const QUEUE: &str = include_str!("../../../examples/custom-provider/schemas/inbox/queue.hcl");
const QUEUES: &str = include_str!("../../../examples/custom-provider/schemas/inbox/data/queues.hcl");
const MAIN: &str = include_str!("../../../examples/custom-provider/main.qf.hcl");

/// The example in a place of its own.
pub(super) fn example() -> Place {
    Place::with(&[
        ("main.qf.hcl", MAIN),
        ("schemas/inbox/provider.hcl", PROVIDER),
        ("schemas/inbox/queue.hcl", QUEUE),
        ("schemas/inbox/data/queues.hcl", QUEUES),
    ])
}

pub(super) fn run(place: &Place, inbox: &Inbox, arguments: &[&str]) -> Output {
    let command = place.command(arguments);
    command.env("INBOX_ENDPOINT", inbox.endpoint()).env("INBOX_TOKEN", TOKEN).output()
}

fn all(output: &Output) -> String {
    format!("{}{}", output.stdout, output.stderr)
}

/// Takes the guide apart: comments tell what happens, blocks are files or commands with what they print.
struct Replay {
    place: Place,
    inbox: Inbox,
    file: Option<String>,
    commands: usize,
}

impl Replay {
    fn directive(&mut self, text: &str) {
        let (verb, rest) = text.split_once(' ').unwrap();
        match verb {
            "write" => self.file = Some(rest.to_owned()),
            "edit" => {
                let (file, change) = rest.split_once(": ").unwrap();
                let (old, new) = change.split_once(" =>").unwrap();
                let before = self.place.read(file);
                assert!(before.contains(old), "{file} has no `{old}`");
                self.place.write(file, &before.replace(old, new.strip_prefix(' ').unwrap_or(new)));
            }
            "message" => self.inbox.send(rest),
            "queue" => self.inbox.make(rest),
            "service" => assert_eq!(rest, "starts"),
            _ => panic!("the guide has an unknown comment: {text}"),
        }
    }

    fn console(&mut self, block: &str) {
        for part in block.split("$ ").skip(1) {
            let (line, printed) = part.split_once('\n').unwrap();
            let (line, status) = line.split_once(" # exit status ").unwrap_or((line, "0"));
            let words: Vec<&str> = line.strip_prefix("queueform ").unwrap().split(' ').collect();
            let output = run(&self.place, &self.inbox, &words);
            let said = all(&output);
            assert_eq!(output.status, Some(status.parse().unwrap()), "{line}\n{said}");
            self.commands += 1;
            let mut rest = said.as_str();
            // What stands between two ellipses stands in the output, in this order.
            for text in printed.split('…').map(str::trim).filter(|text| !text.is_empty()) {
                for wanted in text.lines().map(str::trim).filter(|wanted| !wanted.is_empty()) {
                    let at = rest.find(wanted);
                    assert!(at.is_some(), "{line} printed\n{said}\nwithout `{wanted}` in its place");
                    rest = &rest[at.unwrap() + wanted.len()..];
                }
            }
        }
    }
}

#[test]
fn the_guide_builds_a_provider_that_works() {
    let mut replay = Replay { place: Place::new(), inbox: Inbox::start(), file: None, commands: 0 };
    let mut rest = GUIDE;
    loop {
        let (comment, block) = (rest.find("<!-- "), rest.find("\n```"));
        match (comment, block) {
            (Some(at), block) if block.is_none_or(|block| at < block) => {
                let text = &rest[at + 5..];
                let end = text.find(" -->").unwrap();
                replay.directive(&text[..end]);
                rest = &text[end + 4..];
            }
            (_, Some(at)) => {
                let text = &rest[at + 4..];
                let (kind, text) = text.split_once('\n').unwrap();
                let end = text.find("```").unwrap();
                match kind {
                    "hcl" => {
                        let file = replay.file.take().expect("a block of configuration has a name");
                        replay.place.write(&file, &text[..end]);
                    }
                    "console" => replay.console(&text[..end]),
                    other => panic!("the guide has a block of kind `{other}`"),
                }
                rest = &text[end + 3..];
            }
            (Some(_) | None, None) => break,
        }
    }
    assert_eq!(replay.commands, 10);
    assert_eq!(replay.inbox.names(), ["audit", "legacy", "orders", "refunds"]);
}

#[test]
fn the_guide_and_the_example_are_the_same() {
    for (name, text) in
        [("provider.hcl", PROVIDER), ("queue.hcl", QUEUE), ("queues.hcl", QUEUES), ("main.qf.hcl", MAIN)]
    {
        assert!(GUIDE.contains(&format!("```hcl\n{text}```")), "{name} differs from the guide");
    }
}

#[test]
fn emulated_runs_call_nothing_but_this_machine() {
    let (place, inbox) = (example(), Inbox::start());
    let output = run(&place, &inbox, &["apply", "--emulate", "--auto-approve"]);
    assert_eq!(output.status, Some(0), "{}", all(&output));
    assert_eq!(inbox.names().len(), 3);
    let real = run(&place, &inbox, &["state", "list"]);
    assert!(!all(&real).contains("inbox_queue"), "the state of emulated runs is another one: {}", all(&real));
    let output = place
        .command(&["plan", "--emulate"])
        .env("INBOX_ENDPOINT", "https://inbox.example.com")
        .env("INBOX_TOKEN", TOKEN)
        .output();
    assert_eq!(output.status, Some(1));
    assert!(all(&output).contains("provider `inbox` has no emulator"), "{}", all(&output));
}

#[test]
fn a_saved_plan_is_not_applied_with_other_schemas() {
    let (place, inbox) = (example(), Inbox::start());
    assert_eq!(run(&place, &inbox, &["plan", "--out=plan.bin"]).status, Some(0));
    place.write("schemas/inbox/queue.hcl", &QUEUE.replace("How long messages are kept.", "How long."));
    let output = run(&place, &inbox, &["apply", "plan.bin"]);
    assert_eq!(output.status, Some(1), "{}", all(&output));
    assert!(all(&output).contains("schemas of provider `inbox` were changed"), "{}", all(&output));
    assert!(inbox.names().is_empty());
    place.write("schemas/inbox/queue.hcl", QUEUE);
    let output = run(&place, &inbox, &["apply", "plan.bin"]);
    assert_eq!(output.status, Some(0), "{}", all(&output));
    assert_eq!(inbox.names().len(), 3);
}

#[test]
fn mistakes_are_told_where_they_stand() {
    for (file, old, new, said) in [
        (
            "main.qf.hcl",
            "./schemas/inbox",
            "./schemas/outbox",
            &["cannot read the schemas of provider `inbox`", "main.qf.hcl:3:13"][..],
        ),
        ("main.qf.hcl", "provider \"inbox\"", "provider \"dms\"", &["provider `dms` is built in"]),
        ("main.qf.hcl", "  schemas = \"./schemas/inbox\"\n", "", &["there is no provider `inbox`"]),
        ("main.qf.hcl", "\"./schemas/inbox\"", "var.where", &["main.qf.hcl:3:13"]),
        (
            "schemas/inbox/queue.hcl",
            "change      = replace",
            "change      = rename",
            &["`rename` is not a word", "schemas/inbox/queue.hcl:"],
        ),
        (
            "schemas/inbox/queue.hcl",
            "resource \"inbox_queue\"",
            "resource \"outbox_queue\"",
            &["the label must be `inbox_queue`"],
        ),
        ("schemas/inbox/queue.hcl", "self.name}", "self.nam}", &["schemas/inbox/queue.hcl:"]),
    ] {
        let place = example();
        place.write(file, &place.read(file).replacen(old, new, 1));
        let output = place.run(&["validate"]);
        assert_eq!(output.status, Some(1), "{new}: {}", all(&output));
        for part in said {
            assert!(all(&output).contains(part), "{new}: {}", all(&output));
        }
    }
    let place = example();
    std::fs::remove_file(place.path().join("schemas/inbox/provider.hcl")).unwrap();
    assert!(all(&place.run(&["validate"])).contains("there is no `provider.hcl` in `./schemas/inbox`"));
}

#[test]
fn a_wrong_token_and_an_object_that_is_gone() {
    let (place, inbox) = (example(), Inbox::start());
    assert_eq!(run(&place, &inbox, &["apply", "--auto-approve"]).status, Some(0));
    let command = place.command(&["plan"]).env("INBOX_ENDPOINT", inbox.endpoint());
    let output = command.env("INBOX_TOKEN", "wrong").output();
    assert_eq!(output.status, Some(1));
    assert!(all(&output).contains("compare the token with that of the service"), "{}", all(&output));
    // Without its provider block nothing is done to what it made.
    place.write("main.qf.hcl", "output \"nothing\" {\n  value = 1\n}\n");
    let output = run(&place, &inbox, &["plan"]);
    assert_eq!(output.status, Some(1), "{}", all(&output));
    assert_eq!(inbox.names().len(), 3);
}

#[test]
fn schemas_are_shown_where_the_configuration_is() {
    let place = example();
    let listed = place.run(&["schema", "show"]);
    assert!(listed.stdout.contains("inbox_queue") && listed.stdout.contains("dms_rocketmq_topic"));
    assert!(Path::new(place.path()).join("schemas").exists());
    let one = place.run(&["schema", "show", "--data", "inbox_queues"]);
    assert_eq!(one.status, Some(0), "{}", all(&one));
    let elsewhere = Place::new().run(&["schema", "show", "inbox_queue"]);
    assert_eq!(elsewhere.status, Some(1));
    let checked = place.run(&["schema", "check", "schemas"]);
    assert!(checked.stdout.contains("3 schema files: all rules hold"), "{}", all(&checked));
}

/// A key that the service shows once: its digest alone is kept, which is no value for others.
#[test]
fn a_secret_that_is_shown_once_is_missed_and_never_null() {
    let key = "resource \"inbox_key\" {\n  version = 1\n  description = \"A key.\"\n  identity = [id]\n  example = <<-EOT\n    resource \"inbox_key\" \"main\" {}\n  EOT\n  attribute \"id\" {\n    type = string\n    mode = computed\n    description = \"The id.\"\n  }\n  attribute \"secret\" {\n    type = string\n    mode = computed\n    sensitive = true\n    description = \"The secret.\"\n  }\n  create {\n    step \"make\" {\n      set = { id = uuid(), secret = uuid() }\n    }\n  }\n  delete {}\n}\n";
    for (taken, is_refused) in [("inbox_key.main.secret", true), ("inbox_key.main", false)] {
        let main = format!(
            "provider \"inbox\" {{\n  schemas = \"./schemas/inbox\"\n}}\nresource \"inbox_key\" \"main\" {{}}\nresource \"queueform_data\" \"copy\" {{\n  input = {taken}\n}}\n"
        );
        let place = Place::with(&[
            ("main.qf.hcl", &main),
            ("schemas/inbox/provider.hcl", PROVIDER),
            ("schemas/inbox/key.hcl", key),
        ]);
        let go = |arguments: &[&str]| {
            let command = place.command(arguments).env("INBOX_ENDPOINT", "http://127.0.0.1:1");
            command.env("INBOX_TOKEN", TOKEN).output()
        };
        drop(go(&["apply", "--auto-approve"]).success());
        let plan = go(&["plan"]).ended(i32::from(is_refused));
        assert_eq!(
            plan.stderr.contains("error[secret-unavailable]: the secret `secret`"),
            is_refused,
            "{plan}"
        );
        assert_eq!(plan.stdout.contains("No changes"), !is_refused, "{plan}");
    }
}
