//! Runs the `git` program: what a repository's references stand for, and the files of a commit.
//!
//! Nothing of the repository is executed: no hooks, no templates. Nothing is asked: a missing password is an
//! error. A run that is interrupted kills the program.

use std::io::Read;
use std::path::Path;
use std::path::PathBuf;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;
use std::sync::mpsc;
use std::sync::mpsc::RecvTimeoutError;
use std::time::Duration;

use crate::api::Stop;
use crate::config::GitSource;
use crate::provider::Environment;

/// How soon an interruption is noticed.
const SLICE: Duration = Duration::from_millis(50);

/// Variables that point git to another repository, as they are set within hooks.
const REMOVED: [&str; 8] = [
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_NAMESPACE",
    "GIT_PREFIX",
];

/// Why git did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub(super) enum GitError {
    /// There is no such program.
    #[error("the program `git` cannot be run: {0}")]
    Missing(std::io::Error),
    /// The directory for it cannot be made.
    #[error("cannot make a directory: {0}")]
    Directory(std::io::Error),
    /// It failed.
    #[error("{message}")]
    Failed {
        /// What it was doing.
        doing: String,
        /// What it said.
        message: String,
    },
    /// The reference is neither a branch nor a tag nor a commit.
    #[error("the repository has no branch, tag or commit `{0}`")]
    NoReference(String),
    /// The run was interrupted.
    #[error("interrupted")]
    Stopped,
}

/// The git program.
pub(super) struct Git<'g> {
    /// Variables of the process.
    pub environment: &'g dyn Environment,
    /// Ends the run.
    pub stop: &'g Stop,
}

/// A commit, and how a server is asked for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Resolved {
    /// The hash.
    pub commit: String,
    /// The full name of the branch or tag, if it is the end of one.
    pub name: Option<String>,
}

impl Git<'_> {
    /// Returns the commit that a source means now.
    pub(super) fn resolve(&self, source: &GitSource, scratch: &Path) -> Result<Resolved, GitError> {
        let Some(wanted) = &source.reference else {
            let list = self.remote(source, &["HEAD"])?;
            return list
                .into_iter()
                .find(|(_, name)| name == "HEAD")
                .map(|(commit, _)| Resolved { commit, name: Some("HEAD".to_owned()) })
                .ok_or_else(|| GitError::NoReference("HEAD".to_owned()));
        };
        if is_commit(wanted) {
            return Ok(Resolved { commit: wanted.to_ascii_lowercase(), name: None });
        }
        let tag = format!("refs/tags/{wanted}");
        let peeled = format!("refs/tags/{wanted}^{{}}");
        let branch = format!("refs/heads/{wanted}");
        let list = self.remote(source, &[wanted.as_str(), peeled.as_str()])?;
        let find =
            |name: &str| list.iter().find(|(_, found)| found == name).map(|(commit, _)| commit.clone());
        // A tag wins over a branch of the same name, as in git; an annotated tag stands for its commit.
        if let Some(commit) = find(&peeled).or_else(|| find(&tag)) {
            return Ok(Resolved { commit, name: Some(tag) });
        }
        if let Some(commit) = find(&branch) {
            return Ok(Resolved { commit, name: Some(branch) });
        }
        if let Some(commit) = find(wanted) {
            return Ok(Resolved { commit, name: Some(wanted.clone()) });
        }
        if wanted.len() >= 7 && wanted.chars().all(|c| c.is_ascii_hexdigit()) {
            return self.abbreviated(source, wanted, scratch);
        }
        Err(GitError::NoReference(wanted.clone()))
    }

    /// Finds the commit whose hash begins as written: everything must be fetched for that.
    fn abbreviated(&self, source: &GitSource, wanted: &str, scratch: &Path) -> Result<Resolved, GitError> {
        let directory = scratch.join("resolve");
        self.make(&directory)?;
        self.fetch_all(source, &directory)?;
        let asked = format!("{wanted}^{{commit}}");
        let found =
            self.run(Some(&directory), &["rev-parse", "--verify", "--quiet", "--end-of-options", &asked], "");
        match found {
            Ok(text) => Ok(Resolved { commit: text.trim().to_owned(), name: None }),
            Err(GitError::Failed { .. }) => Err(GitError::NoReference(wanted.to_owned())),
            Err(other) => Err(other),
        }
    }

    /// Puts the files of a commit into a new directory, without git's own files.
    pub(super) fn check_out(
        &self,
        source: &GitSource,
        resolved: &Resolved,
        directory: &Path,
    ) -> Result<(), GitError> {
        self.make(directory)?;
        let depth = format!("--depth={}", source.depth.unwrap_or(1));
        let wanted = resolved.name.as_deref().unwrap_or(&resolved.commit);
        let little =
            ["fetch", "--quiet", "--no-tags", "--no-recurse-submodules", &depth, "--", source.url(), wanted];
        let fetched = self.run(Some(directory), &little, "fetching");
        let commit = format!("{}^{{commit}}", resolved.commit);
        let has = |git: &Self| {
            git.run(Some(directory), &["cat-file", "-e", &commit], "looking for the commit")
                .map(|_nothing| ())
        };
        match fetched {
            Ok(_) => {}
            Err(GitError::Failed { .. }) => self.fetch_all(source, directory)?,
            Err(other) => return Err(other),
        }
        // The branch may have moved on since it was resolved.
        match has(self) {
            Ok(()) => {}
            Err(GitError::Failed { .. }) => {
                self.fetch_all(source, directory)?;
                has(self).map_err(|error| match error {
                    GitError::Failed { .. } => GitError::NoReference(resolved.commit.clone()),
                    other => other,
                })?;
            }
            Err(other) => return Err(other),
        }
        self.run(
            Some(directory),
            &["checkout", "--quiet", "--force", "--detach", &resolved.commit],
            "checking out",
        )?;
        if directory.join(".gitmodules").is_file() {
            // Paths of submodules may be relative to where the repository came from.
            self.run(Some(directory), &["remote", "add", "origin", source.url()], "preparing submodules")?;
            let update = ["submodule", "--quiet", "update", "--init", "--recursive", "--checkout"];
            self.run(Some(directory), &update, "fetching submodules")?;
        }
        Ok(())
    }

    /// Makes an empty repository without the templates, and so the hooks, of the machine.
    fn make(&self, directory: &Path) -> Result<(), GitError> {
        std::fs::create_dir_all(directory).map_err(GitError::Directory)?;
        self.run(Some(directory), &["init", "--quiet", "--template="], "preparing a directory")
            .map(|_nothing| ())
    }

    /// Fetches every branch and tag.
    fn fetch_all(&self, source: &GitSource, directory: &Path) -> Result<(), GitError> {
        let all = [
            "fetch",
            "--quiet",
            "--force",
            "--no-recurse-submodules",
            "--",
            source.url(),
            "+refs/heads/*:refs/remotes/origin/*",
            "+refs/tags/*:refs/tags/*",
        ];
        // What was fetched with a depth would stay cut off.
        let shallow = directory.join(".git").join("shallow").is_file();
        let mut arguments: Vec<&str> = all.to_vec();
        if shallow {
            arguments.insert(1, "--unshallow");
        }
        self.run(Some(directory), &arguments, "fetching").map(|_nothing| ())
    }

    /// Lists references of a repository with what they stand for.
    fn remote(&self, source: &GitSource, patterns: &[&str]) -> Result<Vec<(String, String)>, GitError> {
        let mut arguments = vec!["ls-remote", "--quiet", "--", source.url()];
        arguments.extend(patterns);
        let text = self.run(None, &arguments, "asking for references")?;
        Ok(text
            .lines()
            .filter_map(|line| line.split_once('\t'))
            .map(|(commit, name)| (commit.to_owned(), name.to_owned()))
            .collect())
    }

    /// Runs git and returns what it printed.
    fn run(&self, directory: Option<&Path>, arguments: &[&str], doing: &str) -> Result<String, GitError> {
        let mut command = Command::new("git");
        // Settings of the machine that would change the files, or run something.
        for setting in [
            "core.hooksPath=/dev/null",
            "core.fsmonitor=false",
            "core.autocrlf=false",
            "core.eol=lf",
            "advice.detachedHead=false",
            "gc.auto=0",
            "init.defaultBranch=main",
        ] {
            command.args(["-c", setting]);
        }
        command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        for name in REMOVED {
            command.env_remove(name);
        }
        // Whatever the machine allows: no transport that runs a program that a repository names.
        command.env("GIT_ALLOW_PROTOCOL", "https:http:ssh:git:file");
        command.env("GIT_TERMINAL_PROMPT", "0").env("LC_ALL", "C").env("GCM_INTERACTIVE", "never");
        let chosen =
            ["GIT_SSH_COMMAND", "GIT_SSH"].iter().any(|name| self.environment.variable(name).is_some());
        if !chosen {
            // Without a choice of the user, `ssh` must not ask either.
            command.env("GIT_SSH_COMMAND", "ssh -o BatchMode=yes");
        }
        // A question in a window would be one too.
        if self.environment.variable("GIT_ASKPASS").is_none() {
            command.env("GIT_ASKPASS", "").env("SSH_ASKPASS", "");
        }
        match directory {
            Some(directory) => command.current_dir(directory),
            // Outside of any repository: its settings would count otherwise.
            None => command.current_dir(outside()),
        };
        if self.stop.is_stopped() {
            return Err(GitError::Stopped);
        }
        let mut child = command.spawn().map_err(GitError::Missing)?;
        let ended = self.collect(&mut child)?;
        let status = child.wait().map_err(GitError::Missing)?;
        if self.stop.is_stopped() {
            return Err(GitError::Stopped);
        }
        let (output, said) = ended;
        if status.success() {
            return Ok(output);
        }
        Err(GitError::Failed { doing: doing.to_owned(), message: brief(&said, status.code()) })
    }

    /// Reads both streams to their ends; kills the program if the run is interrupted.
    fn collect(&self, child: &mut Child) -> Result<(String, String), GitError> {
        let (sender, receiver) = mpsc::channel();
        let streams: [Option<Box<dyn Read + Send>>; 2] = [
            child.stdout.take().map(|stream| Box::new(stream) as Box<dyn Read + Send>),
            child.stderr.take().map(|stream| Box::new(stream) as Box<dyn Read + Send>),
        ];
        for (index, stream) in streams.into_iter().enumerate() {
            let sender = sender.clone();
            std::thread::spawn(move || {
                let mut bytes = Vec::new();
                if let Some(mut stream) = stream {
                    // What was read until an error is what there is.
                    stream.read_to_end(&mut bytes).ok();
                }
                sender.send((index, String::from_utf8_lossy(&bytes).into_owned())).ok();
            });
        }
        let mut texts = [String::new(), String::new()];
        let mut open = texts.len();
        while open > 0 {
            match receiver.recv_timeout(SLICE) {
                Ok((index, text)) => {
                    if let Some(place) = texts.get_mut(index) {
                        *place = text;
                    }
                    open -= 1;
                }
                Err(RecvTimeoutError::Disconnected) => open = 0,
                Err(RecvTimeoutError::Timeout) => {
                    if self.stop.is_stopped() {
                        child.kill().ok();
                        child.wait().ok();
                        return Err(GitError::Stopped);
                    }
                }
            }
        }
        let [output, said] = texts;
        Ok((output, said))
    }
}

/// A directory that is in no repository.
fn outside() -> PathBuf {
    if cfg!(windows) { std::env::temp_dir() } else { PathBuf::from("/") }
}

/// Returns true for the whole hash of a commit.
pub(super) fn is_commit(text: &str) -> bool {
    matches!(text.len(), 40 | 64) && text.chars().all(|c| c.is_ascii_hexdigit())
}

/// Shortens what git said to what matters.
fn brief(said: &str, status: Option<i32>) -> String {
    let lines: Vec<&str> = said
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with("hint:") && !line.starts_with("warning:"))
        .collect();
    if lines.is_empty() {
        return status
            .map_or_else(|| "git was killed".to_owned(), |status| format!("git ended with status {status}"));
    }
    let start = lines.len().saturating_sub(6);
    lines.get(start..).unwrap_or_default().join("\n")
}
