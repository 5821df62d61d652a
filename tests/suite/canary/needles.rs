//! Secrets that are looked for, in every spelling they may have, in everything a program writes.

#![expect(clippy::indexing_slicing, reason = "lengths are within their buffers")]

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::support::Output;
use crate::support::Place;

/// Secrets that must occur nowhere.
#[derive(Debug, Default)]
pub(super) struct Needles {
    spellings: Vec<(String, String)>,
    /// How many texts were searched.
    pub(super) searched: usize,
}

impl Needles {
    pub(super) fn of(secrets: &[&str]) -> Self {
        let mut needles = Self::default();
        for secret in secrets {
            needles.add(secret);
        }
        needles
    }

    pub(super) fn add(&mut self, secret: &str) {
        let mut spell = |text: String| self.spellings.push((secret.to_owned(), text));
        spell(secret.to_owned());
        spell(serde_json::to_string(secret).unwrap().trim_matches('"').to_owned());
        spell(percent(secret));
        spell(secret.bytes().map(|byte| format!("{byte:02x}")).collect());
        // Base64 at each of the three places it may begin at; the ends depend on what is around it.
        for shift in 0..3 {
            let text = STANDARD.encode([&b"\0\0"[..shift], secret.as_bytes()].concat());
            let from = if shift == 0 { 0 } else { 4 };
            let whole = text.trim_end_matches('=');
            let inner = &whole[from..whole.len() - 2];
            spell(inner.to_owned());
            spell(inner.replace('+', "-").replace('/', "_"));
        }
    }

    #[track_caller]
    pub(super) fn search(&mut self, what: &str, text: &str) {
        self.searched += 1;
        for (secret, spelling) in &self.spellings {
            if let Some(at) = text.find(spelling.as_str()) {
                let from = text.floor_char_boundary(at.saturating_sub(300));
                let to = text.ceil_char_boundary((at + 300).min(text.len()));
                panic!("`{secret}` occurs in {what}, as `{spelling}`:\n…{}…", &text[from..to]);
            }
        }
    }

    #[track_caller]
    pub(super) fn search_output(&mut self, what: &str, output: &Output) {
        self.search(&format!("the output of {what}"), &output.stdout);
        self.search(&format!("the messages of {what}"), &output.stderr);
    }

    /// Searches all files but those that a user wrote, and what emulators hold: they stand for the service.
    #[track_caller]
    pub(super) fn search_files(&mut self, what: &str, place: &Place, inputs: &[&str]) {
        let root = place.path().parent().unwrap().to_owned();
        let mut open = vec![root.clone()];
        while let Some(directory) = open.pop() {
            for entry in std::fs::read_dir(directory).unwrap() {
                let path = entry.unwrap().path();
                let name = path.strip_prefix(&root).unwrap().display().to_string();
                if path.is_dir() {
                    if !is_of_emulators(&path) {
                        open.push(path);
                    }
                    continue;
                }
                if inputs.iter().any(|input| name.ends_with(input)) {
                    continue;
                }
                self.search(&format!("the name of a file after {what}"), &name);
                let bytes = std::fs::read(&path).unwrap();
                self.search(&format!("`{name}` after {what}"), &String::from_utf8_lossy(&bytes));
            }
        }
    }
}

fn is_of_emulators(path: &Path) -> bool {
    path.ends_with("emulator/data") || path.ends_with("rehearsal/data")
}

fn percent(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~');
    text.bytes()
        .map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}
