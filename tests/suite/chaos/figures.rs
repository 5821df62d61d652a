//! The page `docs/reliability.md`: its figures come from the tests, and the tests it names exist.

use std::path::Path;
use std::path::PathBuf;
use std::sync::Mutex;

const BEGIN: &str = "<!-- figures: written by the tests themselves, with UPDATE=1 -->\n";
const END: &str = "<!-- end of figures -->\n";

/// One test writes at a time.
static TURN: Mutex<()> = Mutex::new(());

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn page() -> PathBuf {
    root().join("docs/reliability.md")
}

/// Says what a test tried; with `UPDATE=1` the page says it, too.
pub(crate) fn record(what: &str, figures: &str) {
    println!("{what}: {figures}");
    if std::env::var_os("UPDATE").is_none() {
        return;
    }
    let _turn = TURN.lock().unwrap();
    let text = std::fs::read_to_string(page()).unwrap();
    let (before, rest) = text.split_once(BEGIN).unwrap();
    let (rows, after) = rest.split_once(END).unwrap();
    let row = format!("| {what} | {figures} |");
    let mut rows: Vec<String> = rows.lines().map(str::to_owned).collect();
    let key = format!("| {what} |");
    match rows.iter().position(|row| row.starts_with(&key)) {
        Some(at) => rows[at] = row,
        None => rows.push(row),
    }
    let rows: String = rows.iter().map(|row| format!("{row}\n")).collect();
    std::fs::write(page(), format!("{before}{BEGIN}{rows}{END}{after}")).unwrap();
}

/// A part of the page that is made from tables: with `UPDATE=1` it is written, otherwise compared.
pub(super) fn table(name: &str, wanted: &str) {
    let (begin, end) = (format!("<!-- {name}"), format!("<!-- end of {name} -->\n"));
    let text = std::fs::read_to_string(page()).unwrap();
    let (before, rest) = text.split_once(&begin).unwrap();
    let (head, rest) = rest.split_once('\n').unwrap();
    let (found, after) = rest.split_once(&end).unwrap();
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(page(), format!("{before}{begin}{head}\n{wanted}{end}{after}")).unwrap();
    } else {
        assert!(found == wanted, "docs/reliability.md is stale: run this test with UPDATE=1");
    }
}

/// Every promise names tests that are there: `area::file::test_name`, or `src` and the path of a module.
#[test]
fn every_test_that_the_page_names_is_there() {
    let text = std::fs::read_to_string(page()).unwrap();
    let mut named = 0;
    for name in text.split('`').skip(1).step_by(2).filter(|name| name.contains("::")) {
        let parts: Vec<&str> = name.split("::").collect();
        let (test, module) = parts.split_last().unwrap();
        let below =
            if module.first() == Some(&"src") { root().to_owned() } else { root().join("tests/suite") };
        let place = module.iter().fold(below, |place, part| place.join(part));
        let files = [place.with_extension("rs"), place.join("mod.rs"), place.join("tests.rs")];
        let found = files.iter().any(|file| {
            std::fs::read_to_string(file).is_ok_and(|text| text.contains(&format!("fn {test}(")))
        });
        assert!(found, "there is no test `{name}`");
        named += 1;
    }
    assert!(named > 30, "{named} tests are too few");
}
