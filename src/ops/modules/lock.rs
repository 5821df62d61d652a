//! The lock file: at which commit, and with which content, each repository was installed. It belongs into version
//! control, so that everybody works with the same modules.

use std::collections::BTreeMap;
use std::path::Path;
use std::path::PathBuf;

use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::eval;
use crate::source::SourceMap;
use crate::syntax::ast::Body;
use crate::syntax::parse;

use super::files;
use super::git;

/// The name of the file.
pub(super) const FILE: &str = ".queueform.lock.hcl";

/// The head of the file.
const HEAD: &str = "\
# Written by `queueform init`: the commits that the modules of this configuration are installed at.
# Keep it in version control. `queueform init --upgrade` takes newer commits.
";

/// What a lock file says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Lock {
    /// By [`crate::config::GitSource::package`].
    pub modules: BTreeMap<String, Locked>,
}

/// One repository at one reference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Locked {
    /// The commit.
    pub commit: String,
    /// The digest of its files.
    pub hash: String,
}

impl Lock {
    /// Reads the lock file of a directory; without one, nothing is locked.
    pub(super) fn read(directory: &Path) -> Result<Self, Diagnostic> {
        let path = directory.join(FILE);
        let Some(bytes) = files::read(&path)? else { return Ok(Self::default()) };
        let text = String::from_utf8_lossy(&bytes);
        Self::parse(&text).ok_or_else(|| {
            Diagnostic::error(Code::ModuleLock, format!("`{FILE}` cannot be read"))
                .detail("It is not as `queueform init` writes it: perhaps two versions of it were merged.")
                .hint(format!("take one of the versions, or remove `{FILE}`, and run `queueform init`"))
        })
    }

    fn parse(text: &str) -> Option<Self> {
        let source = SourceMap::new().add(FILE, text);
        let parsed = parse::parse_file(source, text);
        if parsed.diagnostics.has_errors() {
            return None;
        }
        let body = parsed.output?;
        let mut modules = BTreeMap::new();
        for block in &body.blocks {
            let [package] = block.labels.as_slice() else { return None };
            let locked =
                Locked { commit: text_of(&block.body, "commit")?, hash: text_of(&block.body, "hash")? };
            if &*block.kind.value != "module" || !git::is_commit(&locked.commit) {
                return None;
            }
            if modules.insert(package.value.to_string(), locked).is_some() {
                return None;
            }
        }
        body.attributes.is_empty().then_some(Self { modules })
    }

    /// Returns the text of the file.
    pub(super) fn text(&self) -> String {
        let mut text = HEAD.to_owned();
        for (package, locked) in &self.modules {
            let Locked { commit, hash } = locked;
            text.push_str(&format!(
                "\nmodule {} {{\n  commit = \"{commit}\"\n  hash   = \"{hash}\"\n}}\n",
                quoted(package)
            ));
        }
        text
    }

    /// Writes the file if it is not as it should be; a lock of nothing is no file. Returns whether it changed.
    pub(super) fn write(&self, directory: &Path) -> Result<bool, Diagnostic> {
        let path = directory.join(FILE);
        if self.modules.is_empty() {
            return files::remove(&path);
        }
        files::write(&path, self.text().as_bytes())
    }
}

/// Where the file is.
pub(super) fn path(directory: &Path) -> PathBuf {
    directory.join(FILE)
}

fn text_of(body: &Body, name: &str) -> Option<String> {
    let value = eval::constant(&body.attribute(name)?.expr).ok()?;
    value.as_str().map(ToString::to_string)
}

/// Writes a label.
fn quoted(text: &str) -> String {
    let escaped = text.replace('\\', "\\\\").replace('"', "\\\"").replace("${", "$${").replace("%{", "%%{");
    format!("\"{escaped}\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let locked = Locked {
            commit: "0123456789abcdef0123456789abcdef01234567".to_owned(),
            hash: "sha256:00".to_owned(),
        };
        let names =
            ["git::https://example.com/a.git?ref=v1", "git::file:///srv/b", "git::https://h/a?x=\"${y}"];
        let lock = Lock { modules: names.map(|name| (name.to_owned(), locked.clone())).into() };
        assert_eq!(Lock::parse(&lock.text()), Some(lock));
    }

    #[test]
    fn merged_and_damaged_files_are_refused() {
        let one =
            "module \"a\" {\n  commit = \"0123456789abcdef0123456789abcdef01234567\"\n  hash = \"h\"\n}\n";
        assert!(Lock::parse(one).is_some());
        for text in [
            format!("{one}{one}"),
            format!("<<<<<<< ours\n{one}"),
            one.replace("0123456789abcdef", "-"),
            one.replace("module", "provider"),
            format!("x = 1\n{one}"),
        ] {
            assert_eq!(Lock::parse(&text), None, "{text}");
        }
    }
}
