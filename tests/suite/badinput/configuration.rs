//! Mistakes in the configuration: found before anything is called, each where it is.

use insta::assert_snapshot;

use super::room::Room;

/// What `validate` says of a configuration with one mistake.
async fn said(text: &str) -> String {
    let room = Room::new().await;
    room.place.write("main.qf.hcl", text);
    let output = room.place.run(&["validate"]).ended(1);
    assert!(output.stdout.is_empty(), "{output}");
    assert_ne!(room.apply().await, "");
    room.is_unharmed();
    output.stderr
}

const TOPIC: &str = "resource \"dms_rocketmq_topic\" \"orders\" {\n  instance_id = \"i\"\n";

#[tokio::test]
async fn an_unknown_attribute() {
    assert_snapshot!(said(&format!("{TOPIC}  name        = \"orders\"\n  read_queues = 8\n}}\n")).await);
}

#[tokio::test]
async fn an_unknown_type() {
    assert_snapshot!(said("resource \"dms_rocketmq_topics\" \"orders\" {\n  name = \"orders\"\n}\n").await);
}

#[tokio::test]
async fn a_wrong_type() {
    assert_snapshot!(
        said(&format!("{TOPIC}  name           = \"orders\"\n  read_queue_num = \"many\"\n}}\n")).await
    );
}

#[tokio::test]
async fn a_value_out_of_range() {
    assert_snapshot!(
        said(&format!("{TOPIC}  name           = \"orders\"\n  read_queue_num = 0\n}}\n")).await
    );
}

#[tokio::test]
async fn a_value_that_is_none_of_those_allowed() {
    assert_snapshot!(said(&format!("{TOPIC}  name       = \"orders\"\n  permission = \"al\"\n}}\n")).await);
}

#[tokio::test]
async fn a_name_that_does_not_fit() {
    assert_snapshot!(said(&format!("{TOPIC}  name = \"my orders\"\n}}\n")).await);
}

#[tokio::test]
async fn an_undeclared_reference() {
    assert_snapshot!(
        said(&format!("{TOPIC}  name = local.name\n}}\n\nlocals {{\n  names = \"orders\"\n}}\n")).await
    );
}

#[tokio::test]
async fn a_reference_to_a_resource_that_is_not_there() {
    assert_snapshot!(
        said(
            "resource \"queueform_data\" \"first\" {\n  input = 1\n}\n\noutput \"o\" {\n  value = queueform_data.frist.output\n}\n"
        )
        .await
    );
}

#[tokio::test]
async fn a_cycle() {
    assert_snapshot!(
        said(
            "resource \"queueform_data\" \"a\" {\n  input = local.x\n}\n\nlocals {\n  x = queueform_data.b.output\n}\n\n\
             resource \"queueform_data\" \"b\" {\n  input = queueform_data.a.output\n}\n"
        )
        .await
    );
}

#[tokio::test]
async fn a_duplicate_address() {
    assert_snapshot!(
        said(
            "resource \"queueform_data\" \"a\" {\n  input = 1\n}\n\nresource \"queueform_data\" \"a\" {\n  input = 2\n}\n"
        )
        .await
    );
}

#[tokio::test]
async fn a_missing_argument() {
    assert_snapshot!(said(&format!("{TOPIC}}}\n")).await);
}

#[tokio::test]
async fn a_secret_in_a_variable_file_is_never_quoted() {
    let declaration = "variable \"password\" {\n  type      = string\n  sensitive = true\n}\n\
                       variable \"keys\" {\n  type      = map(string)\n  sensitive = true\n}\n";
    let mistakes = [
        "password = \"hunter2\" oops\n",
        "password = hunter2\n",
        "password = \"hunter2\npasswort = \"x\"\n",
        "password = [\"hunter2\"]\n",
        "keys = {\n  a = \"hunter2\"\n  b = \"hunter2\" }}\n",
        "keys = {\n  a = hunter2\n}\n",
        "keys = \"hunter2\"\n",
    ];
    for mistake in mistakes {
        let room = Room::new().await;
        room.place.write("main.qf.hcl", declaration);
        room.place.write("queueform.qfvars.hcl", mistake);
        for (format, status) in [
            (["validate", "--no-color"], 0),
            (["validate", "--json"], 0),
            (["plan", "--no-color"], 1),
            (["plan", "--json"], 1),
        ] {
            let output = room.place.run(&format).ended(status);
            assert!(!output.stderr.contains("hunter2") && !output.stdout.contains("hunter2"), "{output}");
            assert!((output.stderr.clone() + &output.stdout).contains("qfvars"), "{mistake}: {output}");
        }
    }
}
