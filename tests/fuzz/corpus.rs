//! Where inputs come from: files that are kept for the target, and files of the project that are like them.

use std::path::Path;
use std::path::PathBuf;

use super::targets::Target;

/// Files larger than this are no seeds.
const LARGEST: u64 = 256 * 1024;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The inputs that are kept for a target: seeds, and everything that ever went wrong.
pub(super) fn kept(target: &Target) -> Vec<(PathBuf, Vec<u8>)> {
    read(&root().join("tests/fuzz/corpus").join(target.name), &[])
}

/// Everything to begin with.
pub(super) fn seeds(target: &Target) -> Vec<Vec<u8>> {
    let mut found = kept(target);
    for (directory, suffixes) in target.seeds {
        found.extend(read(&root().join(directory), suffixes));
    }
    found.into_iter().map(|(_, input)| input).collect()
}

/// Reads the files below a directory, in order.
fn read(directory: &Path, suffixes: &[&str]) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    let Ok(entries) = std::fs::read_dir(directory) else { return found };
    let mut paths: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.sort();
    for path in paths {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() {
            found.extend(read(&path, suffixes));
        } else if (suffixes.is_empty() || suffixes.iter().any(|suffix| name.ends_with(suffix)))
            && path.metadata().is_ok_and(|meta| meta.len() <= LARGEST)
            && let Ok(bytes) = std::fs::read(&path)
        {
            found.extend(taken_apart(&name, &bytes).map(|input| (path.clone(), input)));
        }
    }
    found
}

/// The inputs in a file: one, unless it is a list of lines or of recorded cases.
fn taken_apart(name: &str, bytes: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    let text = String::from_utf8_lossy(bytes);
    let parts: Vec<Vec<u8>> = if name.ends_with(".lines") {
        text.lines().map(|line| line.as_bytes().to_vec()).collect()
    } else if name.ends_with(".jsonl") {
        let cases = text.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
        cases.filter_map(|case| Some(case.get("input")?.as_str()?.as_bytes().to_vec())).collect()
    } else {
        vec![bytes.to_vec()]
    };
    parts.into_iter()
}
