//! `version` and `completion`

use crate::support::Place;

#[test]
fn version_names_the_program() {
    let text = Place::new().run(&["version"]).success();
    assert!(text.starts_with(&format!("queueform {} on ", env!("CARGO_PKG_VERSION"))), "{text}");
    assert_eq!(
        Place::new().run(&["-version"]).success(),
        format!("queueform {}\n", env!("CARGO_PKG_VERSION"))
    );
}

#[test]
fn version_as_json() {
    let json = Place::new().run(&["version", "-json"]).ended(0).json();
    assert_eq!(json["queueform_version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(json["state_version"], 4);
}

#[test]
fn completion_knows_the_commands() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = Place::new().run(&["completion", shell]).success();
        // Shells that can ask do so; the others have a list.
        assert!(script.contains("queueform"), "{shell}");
        assert!(script.contains("__complete") || script.contains("emulator"), "{shell}");
    }
}
