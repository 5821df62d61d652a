//! The rules of the house, as far as a machine can check them: layers, homes of dependencies, sizes, words,
//! nothing forgotten. The tables are in `house`.

mod house;

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::path::Path;
use std::path::PathBuf;

use house::ANY;
use house::HOMES;
use house::LAYERS;

/// The greatest number of lines of a source file, tests excluded.
const LONGEST: usize = 600;

/// Texts that may not stand in any file of the project.
fn forbidden() -> Vec<String> {
    [("/wor", "k/"), ("../sha", "red"), ("FIX", "ME"), ("X", "XX:"), ("TO", "DO"), ("index.crates", ".io")]
        .iter()
        .map(|(a, b)| format!("{a}{b}"))
        .collect()
}

/// Macros that may not stand in sources.
fn forbidden_macros() -> Vec<String> {
    ["todo", "unimplemented", "dbg"].iter().map(|name| format!("{name}!(")).collect()
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Returns all files below a directory, in order, with their paths below the project.
fn files(below: &str) -> Vec<PathBuf> {
    fn enter(directory: &Path, found: &mut Vec<PathBuf>) {
        let mut entries: Vec<PathBuf> =
            std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()).collect();
        entries.sort();
        for path in entries {
            if path.is_dir() {
                let name = path.file_name().unwrap().to_str().unwrap().to_owned();
                if !matches!(name.as_str(), "__pycache__" | ".queueform") {
                    enter(&path, found);
                }
            } else {
                found.push(path.strip_prefix(root()).unwrap().to_path_buf());
            }
        }
    }
    let mut found = Vec::new();
    let start = root().join(below);
    if start.is_dir() {
        enter(&start, &mut found);
    }
    found
}

fn read(path: &Path) -> String {
    String::from_utf8_lossy(&std::fs::read(root().join(path)).unwrap()).into_owned()
}

/// One Rust file of `src`.
struct Source {
    path: PathBuf,
    /// The top-level module, or `bin`.
    module: String,
    /// The text without comments.
    code: String,
    text: String,
    is_test: bool,
}

fn sources() -> Vec<Source> {
    files("src")
        .into_iter()
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .map(|path| {
            let text = read(&path);
            let module = path.components().nth(1).unwrap().as_os_str().to_str().unwrap().to_owned();
            let code =
                text.lines().map(|line| line.split("//").next().unwrap()).collect::<Vec<_>>().join("\n");
            let is_test = path.components().any(|part| {
                matches!(part.as_os_str().to_str(), Some("tests" | "tests.rs" | "snapshots" | "random.rs"))
            });
            Source { path, module, code, text, is_test }
        })
        .collect()
}

/// Returns the part of a file before its test module.
fn without_tests(code: &str) -> &str {
    code.split("#[cfg(test)]\nmod tests {").next().unwrap()
}

/// Fails with all that is wrong, one line each.
fn none(wrong: &[String], rule: &str) {
    assert!(wrong.is_empty(), "{rule}\n{}", wrong.join("\n"));
}

#[test]
fn modules_import_only_lower_layers() {
    let layers: BTreeMap<&str, &[&str]> = LAYERS.iter().copied().collect();
    let mut wrong = Vec::new();
    for source in sources().iter().filter(|source| !source.is_test && source.module != "lib.rs") {
        let Some(allowed) = layers.get(source.module.as_str()) else {
            wrong.push(format!("{}: the module is not in the table", source.path.display()));
            continue;
        };
        let code = without_tests(&source.code);
        for (index, line) in code.lines().enumerate() {
            for start in ["crate::", "queueform::"] {
                for (position, _) in line.match_indices(start) {
                    let before = line[..position].chars().next_back();
                    let named: String = line[position + start.len()..]
                        .chars()
                        .take_while(|c| c.is_ascii_lowercase() || *c == '_')
                        .collect();
                    let outside = before.is_none_or(|c| !c.is_alphanumeric() && c != '_' && c != '"');
                    let ours = layers.contains_key(named.as_str());
                    // Within the binary, `crate` is the binary.
                    let other = !(source.module == "bin" && start == "crate::") && named != source.module;
                    if outside && ours && other && !allowed.contains(&named.as_str()) {
                        wrong.push(format!("{}:{}: names `{named}`", source.path.display(), index + 1));
                    }
                }
            }
        }
    }
    none(&wrong, "a module may import only what its row in LAYERS lists");
}

#[test]
fn layers_have_no_circles() {
    let layers: BTreeMap<&str, &[&str]> = LAYERS.iter().copied().collect();
    let mut placed: BTreeSet<&str> = BTreeSet::new();
    while placed.len() < layers.len() {
        let ready: Vec<&str> = layers
            .iter()
            .filter(|(name, below)| !placed.contains(*name) && below.iter().all(|name| placed.contains(name)))
            .map(|(name, _)| *name)
            .collect();
        assert!(!ready.is_empty(), "the rows import each other: {:?}", layers.keys().collect::<Vec<_>>());
        placed.extend(ready);
    }
}

/// Returns the names in `[dependencies]` with their lines.
fn dependencies() -> BTreeMap<String, String> {
    let manifest = read(Path::new("Cargo.toml"));
    let section = manifest.split("\n[dependencies]\n").nth(1).unwrap().split("\n[").next().unwrap();
    section
        .lines()
        .filter_map(|line| Some((line.split_once(" = ")?.0.to_owned(), line.to_owned())))
        .filter(|(name, _)| !name.starts_with('#'))
        .collect()
}

#[test]
fn every_dependency_has_a_reason_and_a_home() {
    let found = dependencies();
    let mut wrong = Vec::new();
    for (name, line) in &found {
        if !line.contains("# ") {
            wrong.push(format!("{name}: no reason beside it in Cargo.toml"));
        }
        if !HOMES.iter().any(|(known, ..)| known == name) {
            wrong.push(format!("{name}: no row in HOMES"));
        }
    }
    for (name, homes, reason) in HOMES {
        if !found.contains_key(*name) {
            wrong.push(format!("{name}: has a home but is no dependency"));
        }
        if homes.len() > 1 && reason.is_empty() {
            wrong.push(format!("{name}: more than one home without a reason"));
        }
    }
    none(&wrong, "dependencies are listed with reasons");
}

#[test]
fn dependencies_are_named_only_at_home() {
    let sources = sources();
    let mut wrong = Vec::new();
    for (name, homes, _) in HOMES {
        if *homes == ANY {
            continue;
        }
        let ident = match *name {
            "hcl-rs" => "hcl".to_owned(),
            "md-5" => "md5".to_owned(),
            other => other.replace('-', "_"),
        };
        let path = format!("{ident}::");
        let mut used = false;
        for source in &sources {
            let named = source.code.match_indices(&path).any(|(at, _)| {
                let before = source.code[..at].chars().next_back();
                before.is_none_or(|c| !c.is_alphanumeric() && !matches!(c, '_' | ':' | '.' | '"'))
            });
            used |= named;
            if named && !source.is_test && !homes.contains(&source.module.as_str()) {
                wrong.push(format!("{}: names `{ident}`", source.path.display()));
            }
        }
        if !used {
            wrong.push(format!("{name}: nobody uses it"));
        }
    }
    none(&wrong, "a dependency may be named only by the modules in its row of HOMES");
}

#[test]
fn planning_waits_for_nothing() {
    let words =
        ["async ", ".await", "std::fs", "std::net", "std::env", "std::thread", "SystemTime", "Instant::"];
    let mut wrong = Vec::new();
    for source in sources().iter().filter(|source| source.module == "plan" && !source.is_test) {
        for word in words.iter().filter(|word| without_tests(&source.code).contains(**word)) {
            wrong.push(format!("{}: `{word}`", source.path.display()));
        }
    }
    none(&wrong, "planning is pure: no waiting, no clock, no files, no network");
}

#[test]
fn files_are_short() {
    let mut wrong = Vec::new();
    for source in sources().iter().filter(|source| !source.is_test) {
        let lines = without_tests(&source.text).lines().count();
        if lines > LONGEST {
            wrong.push(format!("{}: {lines} lines", source.path.display()));
        }
    }
    none(&wrong, "split a file by concept before it is longer than 600 lines");
}

#[test]
fn commands_are_thin() {
    let mut wrong = Vec::new();
    for (path, longest) in [("src/bin/queueform/commands", 150), ("src/bin/queueform/main.rs", 40)] {
        let below = if path.ends_with(".rs") { vec![PathBuf::from(path)] } else { files(path) };
        for path in below {
            let lines = read(&path).lines().count();
            if lines > longest {
                wrong.push(format!("{}: {lines} lines, at most {longest}", path.display()));
            }
        }
    }
    none(&wrong, "a command fills options, calls one operation and draws the result");
}

#[test]
fn modules_say_what_they_own() {
    let mut wrong = Vec::new();
    let tests = files("tests/suite").into_iter().filter(|path| path.extension().is_some_and(|e| e == "rs"));
    let ours = sources().into_iter().filter(|source| !source.is_test);
    let all = ours.map(|source| source.path).chain(tests);
    for path in all {
        let text = read(&path);
        if !text.starts_with("//! ") {
            wrong.push(path.display().to_string());
        }
    }
    none(&wrong, "every module begins with `//!`");
}

#[test]
fn imports_stand_one_by_one() {
    let mut wrong = Vec::new();
    for source in sources() {
        for (index, line) in source.code.lines().enumerate() {
            let line = line.trim_start().trim_start_matches("pub ");
            if ["use crate::{", "use queueform::{", "use super::{", "use super::super::{"]
                .iter()
                .any(|start| line.starts_with(start))
            {
                wrong.push(format!("{}:{}", source.path.display(), index + 1));
            }
        }
    }
    none(&wrong, "one `use` for each path, so that imports can be searched and merged");
}

#[test]
fn nothing_is_unfinished_or_out_of_place() {
    let here = Path::new("tests/suite/tidy/mod.rs");
    let mut paths: Vec<PathBuf> = ["src", "tests/suite", "docs", "schemas", "examples", "benches", ".ci"]
        .into_iter()
        .flat_map(files)
        .collect();
    for entry in std::fs::read_dir(root()).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if path.is_file() && !matches!(name.as_str(), "Cargo.lock" | ".git") {
            paths.push(PathBuf::from(name));
        }
    }
    let mut wrong = Vec::new();
    for path in paths.iter().filter(|path| *path != here) {
        let text = read(path);
        let words = forbidden();
        let macros =
            if path.extension().is_some_and(|e| e == "rs") { forbidden_macros() } else { Vec::new() };
        for word in words.iter().chain(&macros) {
            for (index, _) in text.lines().enumerate().filter(|(_, line)| line.contains(word.as_str())) {
                wrong.push(format!("{}:{}: `{word}`", path.display(), index + 1));
            }
        }
    }
    none(&wrong, "these words may not stand in the project");
}

#[test]
fn every_fixture_is_used() {
    let tests: String = files("tests/suite")
        .into_iter()
        .filter(|path| path.extension().is_some_and(|e| e == "rs"))
        .map(|path| read(&path))
        .chain(sources().into_iter().map(|source| source.text))
        .collect();
    let mut wrong = Vec::new();
    for entry in std::fs::read_dir(root().join("tests/fixtures")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if !tests.contains(&format!("fixtures/{name}")) {
            wrong.push(name);
        }
    }
    for entry in std::fs::read_dir(root().join("tests/conformance")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if !tests.contains(&format!("conformance/{name}")) && !tests.contains(&format!("(\"{name}")) {
            wrong.push(name);
        }
    }
    none(&wrong, "no test names these fixtures");
}

#[test]
fn every_test_file_is_part_of_the_suite() {
    let mut wrong = Vec::new();
    for path in files("tests/suite") {
        let stem = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let directory = path.parent().unwrap();
        if path.extension().is_none_or(|e| e != "rs") || stem == "main" {
            continue;
        }
        let (name, parent) = match stem.as_str() {
            "mod" => {
                (directory.file_name().unwrap().to_str().unwrap().to_owned(), directory.parent().unwrap())
            }
            _ => (stem, directory),
        };
        let index =
            ["main.rs", "mod.rs"].iter().map(|file| parent.join(file)).find(|p| root().join(p).exists());
        let declared = index.is_some_and(|index| {
            read(&index).lines().any(|line| line.trim().trim_start_matches("pub ") == format!("mod {name};"))
        });
        if !declared {
            wrong.push(path.display().to_string());
        }
    }
    none(&wrong, "these files are not compiled");
}

#[test]
fn every_snapshot_has_its_test() {
    let mut wrong = Vec::new();
    for path in ["src", "tests/suite"].into_iter().flat_map(files) {
        if path.extension().is_none_or(|e| e != "snap") {
            continue;
        }
        let stem = path.file_stem().unwrap().to_str().unwrap();
        let test = stem.rsplit("__").next().unwrap();
        // A second snapshot of a test has a number behind its name.
        let test = test.trim_end_matches(|c: char| c.is_ascii_digit()).trim_end_matches('-');
        let head = read(&path);
        let source =
            head.lines().find_map(|line| line.strip_prefix("source: ")).unwrap_or_default().to_owned();
        let known = root().join(&source).is_file() && {
            let text = read(Path::new(&source));
            text.contains(&format!("fn {test}")) || text.contains(&format!("\"{test}"))
        };
        if !known {
            wrong.push(path.display().to_string());
        }
    }
    none(&wrong, "no test makes these snapshots");
}

#[test]
fn every_schema_is_embedded() {
    let list = read(Path::new("src/schema/embedded.rs"));
    let mut wrong = Vec::new();
    for path in files("schemas") {
        let below = path.strip_prefix("schemas").unwrap().to_str().unwrap().to_owned();
        if !list.contains(&format!("\"{below}\"")) {
            wrong.push(path.display().to_string());
        }
    }
    none(&wrong, "these schemas are not part of the program");
}

#[test]
fn every_example_explains_itself() {
    let mut wrong = Vec::new();
    for entry in std::fs::read_dir(root().join("examples")).unwrap() {
        let path = entry.unwrap().path();
        if !path.join("README.md").is_file() {
            wrong.push(path.display().to_string());
        }
    }
    none(&wrong, "these examples have no README.md");
}

#[test]
fn the_changelog_keeps_its_form() {
    let text = read(Path::new("CHANGELOG.md"));
    let known = ["Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"];
    let unreleased = text.split("\n## ").find(|part| part.starts_with("[Unreleased]")).unwrap();
    for heading in known {
        assert!(unreleased.contains(&format!("\n### {heading}\n")), "Unreleased lacks `### {heading}`");
    }
    for line in text.lines().filter(|line| line.starts_with("### ")) {
        assert!(known.contains(&&line[4..]), "`{line}` is no heading of a changelog");
    }
}

#[test]
fn links_between_pages_lead_somewhere() {
    let mut pages = files("docs");
    pages.extend(files("examples"));
    for name in ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md"] {
        pages.push(PathBuf::from(name));
    }
    let mut wrong = Vec::new();
    for page in pages.iter().filter(|page| page.extension().is_some_and(|e| e == "md")) {
        for target in read(page).split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let path = target.split('#').next().unwrap();
            let outside = target.contains("://") || target.starts_with("mailto:");
            if !outside && !path.is_empty() && !root().join(page).parent().unwrap().join(path).exists() {
                wrong.push(format!("{}: {target}", page.display()));
            }
        }
    }
    none(&wrong, "these links lead nowhere");
}
