//! Documents taken apart and put together again.

use proptest::prelude::*;

use super::document::Document;
use super::document::pack;
use super::document::unpack;

fn document(serial: u64, more: &str) -> Vec<u8> {
    format!(
        "{{\n  \"version\": 4,\n  \"terraform_version\": \"1.11.4\",\n  \"serial\": {serial},\n  \"lineage\": \"l\",\n  \"outputs\": {{}},\n  \"resources\": [\n    {{\"x\": {}}}\n  ],\n  \"check_results\": null,\n  \"queueform\": {{\"format\":1}}\n}}\n",
        serde_json::Value::from(more)
    )
    .into_bytes()
}

#[test]
fn nothing_is_a_state_that_other_tools_read() {
    let written = Document { serial: 3, ..Document::default() }.write().unwrap();
    let text = String::from_utf8(written.clone()).unwrap();
    assert!(text.contains("\"version\": 4") && text.contains("\"serial\": 3"), "{text}");
    assert_eq!(Document::read(&written).unwrap().snapshot, None);
}

#[test]
fn a_newer_form_is_refused() {
    let text = "{\"serial\": 1, \"queueform_session\": {\"format\": 2, \"write\": \"\"}}";
    assert!(Document::read(text.as_bytes()).unwrap_err().to_string().contains("newer"));
    for text in ["", "[]", "{\"a\":1", "null"] {
        assert!(Document::read(text.as_bytes()).is_err(), "{text}");
    }
}

proptest! {
    #[test]
    fn the_bytes_of_a_snapshot_come_back(serial in 0_u64..1000, text in ".{0,80}", journal in ".{0,80}", outer in 0_u64..5000) {
        let snapshot = document(serial, &text);
        let mut whole = Document { snapshot: Some(snapshot.clone()), serial: outer, ..Document::default() };
        whole.session.journal.clone_from(&journal);
        whole.session.write = "w".to_owned();
        let found = Document::read(&whole.write().unwrap()).unwrap();
        prop_assert_eq!(found.snapshot.as_deref(), Some(snapshot.as_slice()));
        prop_assert_eq!(found.session.journal.as_str(), journal.as_str());
        prop_assert_eq!((found.serial, found.own_serial()), (outer, Some(serial)));
    }

    #[test]
    fn what_is_packed_comes_back(bytes in proptest::collection::vec(any::<u8>(), 0..500)) {
        prop_assert_eq!(unpack(&pack(&bytes)), Some(bytes));
    }
}
