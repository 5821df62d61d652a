//! The page on compatibility is made from the list of differences.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use serde_json::Value as Json;

use super::differences::Difference;
use super::differences::all;

/// What stands before the lists, up to this line, is written by hand.
const MARK: &str = "<!-- generated from tests/conformance/differences.jsonl; do not edit below -->\n";

/// The corpora in the order of the page.
const CORPORA: [(&str, &str); 5] = [
    ("expressions", "Expressions"),
    ("syntax", "Syntax"),
    ("fmt", "Formatting"),
    ("validate", "Validation"),
    ("plans", "Plans and applies"),
];

fn lists(rows: &[Difference]) -> String {
    let mut text = String::new();
    for (corpus, title) in CORPORA {
        let rows: Vec<&Difference> = rows.iter().filter(|row| row.corpus == corpus).collect();
        writeln!(text, "\n## {title}\n").unwrap();
        if rows.is_empty() {
            writeln!(text, "No case goes another way on purpose.").unwrap();
            continue;
        }
        let mut reasons: BTreeMap<&str, Vec<&Difference>> = BTreeMap::new();
        for row in rows {
            reasons.entry(&row.why).or_default().push(row);
        }
        let mut reasons: Vec<(&str, Vec<&Difference>)> = reasons.into_iter().collect();
        reasons.sort_by_key(|(why, rows)| (std::cmp::Reverse(rows.len()), *why));
        for (index, (why, rows)) in reasons.into_iter().enumerate() {
            if index > 0 {
                text.push('\n');
            }
            writeln!(text, "{}.\n", why.trim_end_matches('.')).unwrap();
            for row in rows {
                writeln!(text, "- `{}`: {}", row.id, shown(&row.expect)).unwrap();
            }
        }
    }
    text
}

/// An expected result in the words of the page.
fn shown(expect: &Json) -> String {
    match expect {
        Json::Array(parts) if !parts.is_empty() && parts.iter().all(Json::is_string) => {
            parts.iter().map(shown).collect::<Vec<_>>().join("; ")
        }
        Json::String(text) => text.clone(),
        other => format!("`{other}`"),
    }
}

#[test]
fn the_page_lists_every_difference() {
    let rows = all();
    for row in &rows {
        assert!(
            CORPORA.iter().any(|(corpus, _)| *corpus == row.corpus),
            "{}: corpus `{}`",
            row.id,
            row.corpus
        );
        assert!(row.why.len() > 20, "{}: a reason that a reader understands", row.id);
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/reference/compatibility.md");
    let page = std::fs::read_to_string(&path).unwrap();
    let (head, _) = page.split_once(MARK).expect("the mark of what is generated");
    let made = format!("{head}{MARK}{}", lists(&rows));
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &made).unwrap();
    } else {
        assert!(page == made, "docs/reference/compatibility.md is stale: run the test with UPDATE=1");
    }
}
