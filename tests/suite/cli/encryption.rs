//! Encrypted states and plans, from the block to the last byte on the disk.

use age::secrecy::ExposeSecret as _;

use crate::support::Output;
use crate::support::Place;

const PASSPHRASE: &str = "correct horse battery staple";
const STATE: &str = ".queueform/emulator/queueform.state.json";

/// A value that the state keeps, and an output that shows it.
const THINGS: &str = r#"
variable "password" {
  type      = string
  sensitive = true
  default   = null
}
resource "queueform_data" "account" {
  input = { user = "bookkeeper", password = var.password }
}
output "password" {
  value     = queueform_data.account.input.password
  sensitive = true
}
"#;

fn block(body: &str) -> String {
    format!(
        "variable \"phrase\" {{\n  type      = string\n  sensitive = true\n  default   = null\n}}\nqueueform {{\n  encryption {{\n{body}\n  }}\n}}\n{THINGS}"
    )
}

const BY_PASSPHRASE: &str = r#"
    key_provider "passphrase" "main" {
      passphrase = var.phrase
    }
    state {
      key      = key_provider.passphrase.main
      enforced = true
    }
"#;

fn run(place: &Place, phrase: &str, arguments: &[&str]) -> Output {
    place.command(arguments).env("QF_VAR_phrase", phrase).env("QF_VAR_password", "hunter2-hunter2").output()
}

fn all(output: &Output) -> String {
    format!("{}{}", output.stdout, output.stderr)
}

/// All that lies in the working directory besides the configuration and what emulators hold.
fn kept(place: &Place) -> String {
    let mut text = String::new();
    let mut open = vec![place.path().to_owned()];
    while let Some(directory) = open.pop() {
        for entry in std::fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_none_or(|extension| extension != "hcl") {
                text.push_str(&String::from_utf8_lossy(&std::fs::read(&path).unwrap()));
            }
        }
    }
    text
}

#[test]
fn encrypted_states_keep_secrets_and_give_them_back_on_request_alone() {
    let text = block(BY_PASSPHRASE).replace("account.input.", "account.output.");
    let place = Place::with(&[("main.qf.hcl", &text)]);
    run(&place, PASSPHRASE, &["apply", "--emulate", "--auto-approve"]).success();
    let files = kept(&place);
    for word in ["hunter2", "bookkeeper", "queueform_data", PASSPHRASE] {
        assert!(!files.contains(word), "{word}");
    }
    let head: serde_json::Value = serde_json::from_str(&place.read(STATE)).unwrap();
    assert_eq!(head["serial"], 1);
    assert!(head["lineage"].is_string());
    // Working again changes nothing, and no view tells the secret.
    run(&place, PASSPHRASE, &["plan", "--emulate", "--detailed-exitcode"]).success();
    for view in [
        &["show", "--emulate"][..],
        &["show", "--emulate", "--json"],
        &["output", "--emulate"],
        &["output", "--emulate", "--json"],
        &["output", "--emulate", "password"],
        &["state", "list", "--emulate"],
        &["state", "show", "--emulate", "queueform_data.account"],
        &["state", "pull", "--emulate"],
    ] {
        let output = run(&place, PASSPHRASE, view);
        assert_eq!(output.status, Some(0), "{view:?}: {output}");
        assert!(!all(&output).contains("hunter2"), "{view:?}: {output}");
    }
    let raw = run(&place, PASSPHRASE, &["output", "--emulate", "--raw", "password"]).success();
    assert_eq!(raw.trim_end(), "hunter2-hunter2");
    let pulled = run(&place, PASSPHRASE, &["state", "pull", "--emulate", "--show-secrets"]).success();
    assert!(pulled.contains("hunter2-hunter2"));
    // What was pulled without secrets and is pushed again has lost none.
    let bare = run(&place, PASSPHRASE, &["state", "pull", "--emulate"]).success();
    place.write("pulled.json", &bare);
    run(&place, PASSPHRASE, &["state", "push", "--force", "--emulate", "pulled.json"]).success();
    let raw = run(&place, PASSPHRASE, &["output", "--emulate", "--raw", "password"]).success();
    assert_eq!(raw.trim_end(), "hunter2-hunter2");
    // Another passphrase, none, and a changed byte.
    let wrong = run(&place, "another passphrase of mine", &["plan", "--emulate"]);
    assert_eq!(wrong.status, Some(1));
    assert!(all(&wrong).contains("error[key-missing]"), "{wrong}");
    assert!(all(&wrong).contains("`key_provider.passphrase.main`: the passphrase is another one"), "{wrong}");
    assert!(!all(&wrong).contains("of mine"), "{wrong}");
    let text = place.read(STATE);
    place.write(STATE, &text.replacen("\"serial\":", "\"serial\":1", 1));
    let moved = run(&place, PASSPHRASE, &["plan", "--emulate"]);
    assert!(all(&moved).contains("error[decryption-failed]"), "{moved}");
    place.write(STATE, &text);
    place.write("main.qf.hcl", THINGS);
    let bare = run(&place, PASSPHRASE, &["plan", "--emulate"]);
    assert!(all(&bare).contains("error[key-missing]"), "{bare}");
    assert!(all(&bare).contains("add `encryption { … }`"), "{bare}");
}

#[test]
fn keys_change_and_encryption_begins_and_ends() {
    let identity = age::x25519::Identity::generate();
    let (public, secret) = (identity.to_public().to_string(), identity.to_string());
    let age = format!(
        "    key_provider \"age\" \"team\" {{\n      recipients     = [\"{public}\"]\n      identities_env = \"TEAM_IDENTITY\"\n    }}\n"
    );
    let phrase = "    key_provider \"passphrase\" \"main\" {\n      passphrase = var.phrase\n    }\n";
    let place = Place::with(&[("main.qf.hcl", THINGS)]);
    let go = |arguments: &[&str]| {
        place
            .command(arguments)
            .env("QF_VAR_phrase", PASSPHRASE)
            .env("QF_VAR_password", "hunter2-hunter2")
            .env("TEAM_IDENTITY", secret.expose_secret())
            .output()
    };
    let rule = |key: &str, fallback: &str| {
        let fallback = if fallback.is_empty() {
            String::new()
        } else {
            format!("      fallback {{\n        key = {fallback}\n      }}\n")
        };
        block(&format!("{phrase}{age}    state {{\n      key = {key}\n{fallback}    }}"))
    };
    let (old, new) = ("key_provider.passphrase.main", "key_provider.age.team");
    go(&["apply", "--emulate", "--auto-approve"]).success();
    assert!(place.read(STATE).contains("bookkeeper"));
    // In.
    place.write("main.qf.hcl", &rule(old, ""));
    let refused = go(&["plan", "--emulate"]);
    assert!(all(&refused).contains("error[not-encrypted]"), "{refused}");
    place.write("main.qf.hcl", &rule(old, "unencrypted"));
    let said = go(&["state", "reencrypt", "--emulate"]).success();
    assert!(said.contains("encrypted with key_provider.passphrase.main"), "{said}");
    assert!(!place.read(STATE).contains("bookkeeper"));
    place.write("main.qf.hcl", &rule(old, ""));
    go(&["plan", "--emulate", "--detailed-exitcode"]).success();
    // Another key.
    place.write("main.qf.hcl", &rule(new, old));
    go(&["state", "reencrypt", "--emulate"]).success();
    assert!(place.read(STATE).contains(&public));
    place.write(
        "main.qf.hcl",
        &rule(new, "").replace("\"team\"", "\"renamed\"").replace("age.team", "age.renamed"),
    );
    go(&["plan", "--emulate", "--detailed-exitcode"]).success();
    let missing = place.command(&["plan", "--emulate"]).env("QF_VAR_phrase", PASSPHRASE).output();
    assert!(all(&missing).contains("the variable `TEAM_IDENTITY` is not set"), "{missing}");
    // Out.
    place.write("main.qf.hcl", &rule("unencrypted", new));
    go(&["state", "reencrypt", "--emulate"]).success();
    place.write("main.qf.hcl", THINGS);
    go(&["plan", "--emulate", "--detailed-exitcode"]).success();
    assert!(!place.read(STATE).contains("hunter2"));
}

#[test]
fn plans_are_encrypted_with_keys_from_files_and_programs() {
    let place = Place::new();
    let both = r#"
    key_provider "passphrase" "plans" {
      passphrase_file = "keys/plan.txt"
    }
    key_provider "passphrase" "states" {
      passphrase_command = ["/bin/sh", "-c", "echo 'a phrase of the program'; echo asked >&2"]
    }
    state {
      key = key_provider.passphrase.states
    }
    plan {
      key      = key_provider.passphrase.plans
      enforced = true
    }
"#;
    place.write("main.qf.hcl", &block(both));
    place.write("keys/plan.txt", &format!("{PASSPHRASE}\n"));
    run(&place, "", &["plan", "--emulate", "--out", "saved.plan"]).success();
    let saved = place.read("saved.plan");
    assert!(!saved.contains("bookkeeper") && !saved.contains("queueform_data"), "{saved}");
    let shown = run(&place, "", &["show", "saved.plan"]).success();
    assert!(shown.contains("queueform_data.account") && !shown.contains("hunter2"), "{shown}");
    place.write("keys/plan.txt", "another phrase than before");
    let wrong = run(&place, "", &["show", "saved.plan"]);
    assert!(all(&wrong).contains("error[key-missing]: the saved plan `saved.plan` is encrypted"), "{wrong}");
    place.write("keys/plan.txt", PASSPHRASE);
    run(&place, "", &["apply", "--emulate", "saved.plan"]).success();
    assert!(!kept(&place).contains("hunter2"));
    // A plan in clear is refused.
    let open = Place::with(&[("main.qf.hcl", THINGS)]);
    run(&open, "", &["plan", "--emulate", "--out", "clear.plan"]).success();
    place.write("clear.plan", &open.read("clear.plan"));
    let refused = run(&place, "", &["apply", "--emulate", "clear.plan"]);
    assert!(all(&refused).contains("error[not-encrypted]"), "{refused}");
    // A program that fails.
    place.write(
        "main.qf.hcl",
        &block(&both.replace("echo asked >&2", "echo 'no: a phrase of the program' >&2; exit 4")),
    );
    let failed = run(&place, "", &["plan", "--emulate"]);
    assert!(
        all(&failed)
            .contains("gave no key: `/bin/sh` failed: exit status: 4: no: a (sensitive) of the (sensitive)"),
        "{failed}"
    );
}

#[test]
fn blocks_that_cannot_work_are_findings() {
    let cases = [
        (
            "    key_provider \"passphrase\" \"k\" {\n      passphrase = \"written down, and long enough\"\n    }\n    state {\n      key = key_provider.passphrase.k\n    }",
            "error[invalid-encryption]: `passphrase` must not stand in the configuration",
        ),
        (
            "    key_provider \"passphrase\" \"k\" {\n      passphrase = sensitive(\"short\")\n    }\n    state {\n      key = key_provider.passphrase.k\n    }",
            "a passphrase needs at least 16 characters, this one has 5",
        ),
        (
            "    key_provider \"passphrase\" \"k\" {\n    }\n    state {\n      key = key_provider.passphrase.k\n    }",
            "`key_provider.passphrase.k` has no passphrase",
        ),
        (
            "    key_provider \"passphrase\" \"k\" {\n      passphrase_env  = \"A\"\n      passphrase_file = \"b\"\n    }\n    state {\n      key = key_provider.passphrase.k\n    }",
            "`passphrase` is given in more than one way",
        ),
        ("    key_provider \"pbkdf2\" \"k\" {\n    }", "there is no key provider `pbkdf2`"),
        ("    method \"aes_gcm\" \"m\" {\n    }", "error[terraform-habit]: there are no `method` blocks"),
        ("    state {\n      key = key_provider.age.nobody\n    }", "there is no key provider `age.nobody`"),
        ("    state {\n      key = var.phrase\n    }", "`key` must name a key provider"),
        ("    state {\n    }", "a `state` block needs a `key`"),
        (
            "    state {\n      key      = unencrypted\n      enforced = true\n    }",
            "`enforced` and `unencrypted` exclude each other",
        ),
        (
            "    key_provider \"age\" \"k\" {\n      recipients = [\"age1nonsense\"]\n    }\n    state {\n      key = key_provider.age.k\n    }",
            "`age1nonsense` is no recipient of age",
        ),
    ];
    for (body, said) in cases {
        let place = Place::with(&[("main.qf.hcl", &block(body))]);
        let output = run(&place, PASSPHRASE, &["plan", "--emulate"]);
        assert_eq!(output.status, Some(1), "{body}: {output}");
        assert!(all(&output).contains(said), "{body}: {output}");
        assert!(!all(&output).contains("long enough\""), "{body}: {output}");
    }
}

/// What stands in `remote_state` opens other states, and nothing else does then.
#[test]
fn other_states_have_keys_of_their_own() {
    let keys: Vec<String> =
        (0..2).map(|_| age::x25519::Identity::generate().to_string().expose_secret().to_owned()).collect();
    let provider = |name: &str| {
        format!("    key_provider \"age\" \"{name}\" {{\n      identities_env = \"KEY_{name}\"\n    }}\n")
    };
    let network = format!(
        "queueform {{\n  encryption {{\n{}    state {{\n      key = key_provider.age.network\n    }}\n  }}\n}}\noutput \"a\" {{\n  value     = sensitive(\"of the network\")\n  sensitive = true\n}}\n",
        provider("network")
    );
    let reader = |rule: &str| {
        format!(
            "queueform {{\n  encryption {{\n{}{}    state {{\n      key = key_provider.age.own\n    }}\n{rule}  }}\n}}\ndata \"queueform_remote_state\" \"n\" {{\n  backend = \"local\"\n  config  = {{ path = \"network\" }}\n}}\noutput \"a\" {{\n  value = nonsensitive(data.queueform_remote_state.n.outputs.a)\n}}\n",
            provider("own"),
            provider("network")
        )
    };
    let place = Place::with(&[("network/main.qf.hcl", &network), ("main.qf.hcl", &reader(""))]);
    let run = |arguments: &[&str]| {
        place.command(arguments).env("KEY_own", &keys[0]).env("KEY_network", &keys[1]).output()
    };
    run(&["-chdir=network", "apply", "-auto-approve"]).success();
    let own = run(&["plan"]);
    assert_eq!(own.status, Some(1), "{own}");
    assert!(own.stderr.contains("error[key-missing]"), "{own}");
    let rule = "    remote_state {\n      key = key_provider.age.network\n      enforced = true\n    }\n";
    place.write("main.qf.hcl", &reader(rule));
    assert!(run(&["plan"]).success().contains("of the network"));
    // In clear, it is refused as long as that is said.
    let clear = "output \"a\" {\n  value = \"in clear\"\n}\n";
    std::fs::remove_dir_all(place.path().join("network")).unwrap();
    place.write("network/main.qf.hcl", clear);
    run(&["-chdir=network", "apply", "-auto-approve"]).success();
    let refused = run(&["plan"]);
    assert!(refused.stderr.contains("error[not-encrypted]"), "{refused}");
    place.write("main.qf.hcl", &reader(""));
    assert!(run(&["plan"]).success().contains("in clear"));
}
