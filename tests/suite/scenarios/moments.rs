//! Times that offsets are set to, in every way they can be written; and contents of messages, which no file keeps.

use std::path::Path;

use queueform::emulator::System;
use queueform::ops::apply::ApplyOutcome;
use serde_json::json;

use super::rocketmq::Course;
use super::rocketmq::MAIN;
use super::stage::Stage;
use super::stage::invoking;
use crate::engine;
use crate::engine::told;

/// Times as they are written, and in milliseconds since 1970.
const TIMES: [(&str, &str); 9] = [
    ("2026-08-01T10:00:00Z", "1785578400000"),
    ("2026-08-01T12:00:00+02:00", "1785578400000"),
    ("2024-12-31T23:30:00-01:30", "1735693200000"),
    ("2024-02-29T00:00:00.5Z", "1709164800000"),
    ("2024-03-01T00:00:00Z", "1709251200000"),
    ("2000-02-29T23:59:59Z", "951868799000"),
    ("1970-01-01T00:00:00Z", "0"),
    ("1785578400000", "1785578400000"),
    ("-1", "-1"),
];

#[tokio::test]
async fn times_are_written_in_rfc_3339_or_in_milliseconds() {
    for (written, milliseconds) in TIMES {
        let stage = Stage::new();
        assert!(stage.lab.dms().drain(&stage.iid, "billing", "orders"));
        let reset = format!("group = \"billing\"\ntopic = \"orders\"\ntimestamp = \"{written}\"");
        stage.declare(&[("reset_consumer_offset", "x", &reset)]);
        let done = stage.run_once("reset_consumer_offset.x").await;
        assert_eq!(done["milliseconds"], milliseconds, "{written}");
        let time = match milliseconds {
            "1785578400000" if written.ends_with("02:00") => "2026-08-01T12:00:00+02:00",
            "1785578400000" => "2026-08-01T10:00:00Z",
            _ => continue,
        };
        assert_eq!(done["time"], time, "{written}");
    }
}

#[tokio::test]
async fn times_that_do_not_exist_are_told_by_the_plan() {
    let stage = Stage::new();
    for (written, said) in [
        ("2026-13-01T10:00:00Z", "`2026-13-01T10:00:00Z` is no time in RFC 3339"),
        ("2026-02-30T10:00:00Z", "`2026-02-30T10:00:00Z` is no time in RFC 3339"),
        ("2026-08-01T10:00", "is no time in RFC 3339"),
        ("2026-08-01", "`timestamp`"),
        ("soon", "`timestamp`"),
    ] {
        let reset = format!("group = \"billing\"\ntopic = \"orders\"\ntimestamp = \"{written}\"");
        stage.declare(&[("reset_consumer_offset", "x", &reset)]);
        let found = stage.denied("reset_consumer_offset.x").await;
        assert!(found.contains(said), "{written}: {found}");
    }
    // A plan says where the group goes on, as a time.
    for (written, said) in [
        ("1785578400000", "`billing` goes on in `orders` at 2026-08-01T10:00:00Z"),
        ("-1", "`billing` goes on in `orders` at the end"),
    ] {
        let reset = format!("group = \"billing\"\ntopic = \"orders\"\ntimestamp = \"{written}\"");
        stage.declare(&[("reset_consumer_offset", "x", &reset)]);
        let found = stage.denied("reset_consumer_offset.x").await;
        assert!(found.contains(said) && found.contains("12 unread messages"), "{written}: {found}");
    }
}

#[tokio::test]
async fn rocketmq_gets_times_as_it_writes_them() {
    let mut course = Course::new();
    assert!(course.rocketmq().set_lag(MAIN, "billing", "orders", 3));
    let config = |time: &str| {
        format!(
            "action \"apsaramq_rocketmq_reset_consume_offset\" \"x\" {{\n  config {{\n    instance_id = \"{MAIN}\"\n    \
             group_id = \"billing\"\n    topic_name = \"orders\"\n    reset_type = \"SPECIFIED_TIME\"\n    \
             reset_time = \"{time}\"\n  }}\n  lifecycle {{\n    allow_data_loss = 100\n  }}\n}}\n"
        )
    };
    let reset = "action.apsaramq_rocketmq_reset_consume_offset.x";
    for (written, sent) in [
        ("2026-08-01T12:00:00+02:00", "2026-08-01 10:00:00"),
        ("2026-07-31T23:30:00-01:30", "2026-08-01 01:00:00"),
        ("1785578400000", "2026-08-01 10:00:00"),
        ("2026-08-01 10:00:00", "2026-08-01 10:00:00"),
    ] {
        course.write(&config(written));
        let done = engine::again(&course.lab, System::ApsaramqRocketmq, reset).await;
        assert_eq!(done["sent_time"], sent, "{written}");
    }
    for written in ["2026-08-32T10:00:00Z", "2026-08-01 25:00:00"] {
        course.write(&config(written));
        let text = engine::refusal(&course.lab, reset).await;
        assert!(text.contains(&format!("`{written}` is no time")), "{text}");
    }
}

/// Everything below a directory but the configuration.
fn contents(directory: &Path) -> String {
    let mut all = String::new();
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.push_str(&contents(&path));
        } else if path.extension().is_some_and(|kind| kind != "hcl") {
            all.push_str(&String::from_utf8_lossy(&std::fs::read(&path).unwrap()));
        }
    }
    all
}

#[tokio::test]
async fn contents_of_messages_are_in_no_file() {
    let stage = Stage::new();
    let send =
        |body: &str| format!("topic = \"orders\"\nbody = \"{body}\"\nproperties = {{ KEYS = \"key-1\" }}");
    stage.declare(&[("send_message", "x", &send("card 4711"))]);
    stage.run_once("send_message.x").await;
    let all = contents(stage.lab.path());
    assert!(all.contains("key-1") && !all.contains("card 4711"), "{all}");
    // That it is another one is told all the same.
    stage.declare(&[("send_message", "x", &send("card 4712"))]);
    match stage.lab.apply_with(invoking("send_message.x")).await {
        ApplyOutcome::Applied(_, applied) if applied.complete => {}
        other => panic!("{}", told(&other)),
    }
    let sent: Vec<String> = stage
        .lab
        .dms()
        .messages(&stage.iid, "orders")
        .into_iter()
        .filter(|message| message.body.starts_with("card"))
        .map(|message| message.body)
        .collect();
    assert_eq!(
        (sent, contents(stage.lab.path()).contains("card")),
        (vec!["card 4711".to_owned(), "card 4712".to_owned()], false)
    );

    let mut course = Course::new();
    course.write(&format!(
        "action \"apsaramq_rocketmq_verify_send\" \"x\" {{\n  config {{\n    instance_id = \"{MAIN}\"\n    topic_name = \"orders\"\n    message = \"card 4713\"\n    message_key = \"key-2\"\n  }}\n}}\n"
    ));
    let addr = "action.apsaramq_rocketmq_verify_send.x";
    let done = engine::once(&course.lab, System::ApsaramqRocketmq, addr).await;
    assert_eq!(done["message"], json!("card 4713"));
    let all = contents(course.lab.path());
    assert!(all.contains("key-2") && !all.contains("card 4713"), "{all}");
}
