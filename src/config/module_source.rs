//! Where the code of a module comes from: a directory beside the caller, or a git repository.
//!
//! Owns the reading of `source` arguments, with the short forms that Terraform knows. Reads no file and starts no
//! program.

use std::collections::BTreeMap;
use std::fmt;

use percent_encoding::percent_decode_str;

use crate::addr::ModulePath;
use crate::diag::Code;
use crate::diag::Diagnostic;

/// Where the code of a module comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ModuleSource {
    /// A directory, relative to the module that calls it, as written: `./x` or `../x`.
    Local(String),
    /// A git repository.
    Git(GitSource),
}

/// A git repository, and what of it is wanted.
#[derive(Clone, PartialEq, Eq)]
pub struct GitSource {
    url: String,
    /// The directory within the repository, without slashes at its ends; empty for the whole.
    pub directory: String,
    /// A branch, tag or commit; the default branch if there is none.
    pub reference: Option<String>,
    /// How many commits are fetched, if asked for.
    pub depth: Option<u32>,
}

/// Finds the directories of modules that come from elsewhere.
pub trait ModuleFinder: fmt::Debug + Send + Sync {
    /// Returns the directory of a module, relative to the configuration's, with `/`.
    ///
    /// # Errors
    /// A finding without a place if it is not there.
    fn find(&self, path: &ModulePath, source: &GitSource) -> Result<String, Diagnostic>;
}

/// Directories by module, as a saved plan has them.
impl ModuleFinder for BTreeMap<ModulePath, String> {
    fn find(&self, path: &ModulePath, source: &GitSource) -> Result<String, Diagnostic> {
        self.get(path).cloned().ok_or_else(|| {
            Diagnostic::error(Code::ModuleNotInstalled, format!("`{path}` is not installed"))
                .detail(format!("It comes from `{source}`."))
                .hint("run `queueform init`")
        })
    }
}

/// Where modules are installed, relative to the configuration.
pub const MODULES: &str = ".queueform/modules";

/// Returns the directory of the installed repository that a directory lies in.
pub(super) fn package_of(directory: &str) -> Option<&str> {
    let below = directory.strip_prefix(MODULES)?.strip_prefix('/')?;
    let name = below.split('/').next()?;
    directory.get(..MODULES.len() + 1 + name.len())
}

/// Schemes of URLs that git is given. Others would run programs, or are no repositories.
const SCHEMES: [&str; 5] = ["https", "http", "ssh", "git", "file"];

/// Hosts whose repositories may be named without a scheme.
const HOSTS: [&str; 2] = ["github.com", "bitbucket.org"];

impl ModuleSource {
    /// Reads a `source`.
    ///
    /// # Errors
    /// A finding without a place if it is none that can be used; what it says hides passwords.
    pub fn parse(text: &str) -> Result<Self, Diagnostic> {
        if text.trim() != text || text.is_empty() {
            return Err(wrong(text, "is empty or begins or ends with a space")
                .hint("write `./DIRECTORY`, or `git::https://HOST/REPOSITORY.git?ref=TAG`"));
        }
        if matches!(text, "." | "..") || text.starts_with("./") || text.starts_with("../") {
            return local(text);
        }
        if text.starts_with(".\\") || text.starts_with("..\\") {
            return Err(wrong(text, "has backslashes")
                .hint(format!("write `{}`, on every system", text.replace('\\', "/"))));
        }
        if let Some(rest) = text.strip_prefix("git::") {
            return git(text, rest).map(Self::Git);
        }
        if let Some((getter, rest)) = text.split_once("::") {
            return Err(wrong(text, format!("asks for `{getter}`, which is not supported"))
                .hint(format!("modules come from directories and git repositories: `git::{rest}`")));
        }
        if is_scp_like(text) {
            return git(text, text).map(Self::Git);
        }
        if let Some((host, path)) = text.split_once('/')
            && HOSTS.contains(&host)
        {
            return hosted(text, host, path).map(Self::Git);
        }
        Err(unusable(text))
    }
}

impl GitSource {
    /// Returns the URL as git is given it, with a password if one was written.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Returns the URL as people and files may see it.
    #[must_use]
    pub fn shown_url(&self) -> String {
        without_password(&self.url)
    }

    /// Replaces a password that the URL holds, wherever a text repeats it.
    #[must_use]
    pub fn conceal(&self, text: &str) -> String {
        let concealed = text.replace(&self.url, &self.shown_url());
        match password(&self.url) {
            Some(password) if !password.is_empty() => concealed.replace(password, "***"),
            _ => concealed,
        }
    }

    /// Names the repository at the wanted state, without the directory in it: what the lock file knows it by.
    #[must_use]
    pub fn package(&self) -> String {
        let mut text = format!("git::{}", self.shown_url());
        if let Some(reference) = &self.reference {
            let joint = if text.contains('?') { '&' } else { '?' };
            text.push_str(&format!("{joint}ref={reference}"));
        }
        text
    }

    /// Returns the name of the repository, for directories and messages.
    #[must_use]
    pub fn name(&self) -> String {
        let path = self.url.split('?').next().unwrap_or_default().trim_end_matches('/');
        let last = path.rsplit(['/', ':']).next().unwrap_or_default();
        let last = last.strip_suffix(".git").unwrap_or(last);
        let clean: String = last.chars().map(|c| if is_plain(c) { c } else { '-' }).collect();
        let clean = clean.trim_matches(['-', '.']);
        if clean.is_empty() { "module".to_owned() } else { clean.chars().take(40).collect() }
    }
}

/// The canonical form, without a password.
impl fmt::Display for GitSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = self.shown_url();
        let (base, query) =
            shown.split_once('?').map_or((&*shown, None), |(base, query)| (base, Some(query)));
        write!(f, "git::{base}")?;
        if !self.directory.is_empty() {
            write!(f, "//{}", self.directory)?;
        }
        let reference = self.reference.as_ref().map(|reference| format!("ref={reference}"));
        let depth = self.depth.map(|depth| format!("depth={depth}"));
        let all: Vec<String> = query.map(str::to_owned).into_iter().chain(reference).chain(depth).collect();
        if all.is_empty() { Ok(()) } else { write!(f, "?{}", all.join("&")) }
    }
}

impl fmt::Debug for GitSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

fn wrong(text: &str, why: impl fmt::Display) -> Diagnostic {
    let shown = without_password(text);
    Diagnostic::error(Code::ModuleSource, format!("the module source `{shown}` {why}"))
}

fn is_plain(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')
}

/// A directory beside the caller.
fn local(text: &str) -> Result<ModuleSource, Diagnostic> {
    if text.contains("//") || text.contains('?') {
        return Err(wrong(text, "is a directory, which has neither `//` nor `?`")
            .hint("write the path alone, with single slashes"));
    }
    let trimmed = text.trim_end_matches('/');
    Ok(ModuleSource::Local(trimmed.to_owned()))
}

/// `user@host:path`, as `git clone` takes it.
fn is_scp_like(text: &str) -> bool {
    let Some((user, rest)) = text.split_once('@') else { return false };
    let Some((host, path)) = rest.split_once(':') else { return false };
    !user.is_empty() && user.chars().all(is_plain) && host.chars().all(is_plain) && !path.starts_with("//")
}

/// What stands behind `git::`.
fn git(text: &str, rest: &str) -> Result<GitSource, Diagnostic> {
    if rest.starts_with(['/', '.', '~']) {
        return Err(wrong(text, "names a path, not a URL").hint(format!(
            "write `git::file://{rest}` for a repository on this machine, with an absolute path"
        )));
    }
    if is_scp_like(rest) {
        let (host, path) = rest.split_once(':').unwrap_or_default();
        return split(text, &format!("ssh://{host}/{}", path.trim_start_matches('/')));
    }
    let Some((scheme, after)) = rest.split_once("://") else {
        return match rest.split_once('/') {
            Some((host, path)) if HOSTS.contains(&host) => hosted(text, host, path),
            _ => Err(wrong(text, "has no scheme").hint(format!("write `git::https://{rest}`"))),
        };
    };
    if !SCHEMES.contains(&scheme) {
        return Err(wrong(text, format!("has the scheme `{scheme}`"))
            .hint("write `git::https://…` or `git::ssh://…`"));
    }
    // `ssh://git@host:group/repository` mixes the two forms; a port is a number.
    if scheme == "ssh"
        && let Some((_, port)) = after.split('/').next().unwrap_or_default().rsplit_once(':')
        && !port.chars().all(|c| c.is_ascii_digit())
    {
        return Err(wrong(text, "has a `:` where a port would stand").hint(format!(
            "write `git::{}`, with a slash instead",
            rest.replacen(&format!(":{port}"), &format!("/{port}"), 1)
        )));
    }
    split(text, rest)
}

/// `github.com/owner/repository`.
fn hosted(text: &str, host: &str, path: &str) -> Result<GitSource, Diagnostic> {
    let (path, query) = path.split_once('?').map_or((path, ""), |(path, query)| (path, query));
    let (repository, directory) =
        path.split_once("//").map_or((path, ""), |(path, directory)| (path, directory));
    let parts: Vec<&str> = repository.trim_end_matches('/').split('/').collect();
    match parts.as_slice() {
        [owner, name] if !owner.is_empty() && !name.is_empty() => {
            let name = name.strip_suffix(".git").unwrap_or(name);
            let mut url = format!("https://{host}/{owner}/{name}.git");
            if !directory.is_empty() {
                url.push_str(&format!("//{directory}"));
            }
            if !query.is_empty() {
                url.push_str(&format!("?{query}"));
            }
            split(text, &url)
        }
        [owner, name, below @ ..] if !owner.is_empty() && !name.is_empty() => {
            Err(wrong(text, "has a directory that is not set apart from the repository")
                .hint(format!("write `{host}/{owner}/{name}//{}`", below.join("/"))))
        }
        _ => Err(wrong(text, "names no repository").hint(format!("write `{host}/OWNER/REPOSITORY`"))),
    }
}

/// Takes a URL apart: the directory behind `//`, and the parameters.
fn split(text: &str, url: &str) -> Result<GitSource, Diagnostic> {
    let (url, query) = url.split_once('?').map_or((url, ""), |(url, query)| (url, query));
    let (scheme, path) = url.split_once("://").unwrap_or(("", url));
    let (path, directory) = path.split_once("//").map_or((path, ""), |(path, directory)| (path, directory));
    // A `file` URL has no host: its path begins with the third slash.
    let (path, directory) = match (path.is_empty(), scheme) {
        (true, "file") => return Err(wrong(text, "has too many slashes").hint("write `git::file:///PATH`")),
        _ => (path, directory.trim_matches('/')),
    };
    let host = path.split('/').next().unwrap_or_default();
    let is_host_fine =
        if scheme == "file" { host.is_empty() } else { !host.is_empty() && !host.starts_with('-') };
    if !is_host_fine || path.trim_matches('/').is_empty() || path.chars().any(char::is_whitespace) {
        return Err(
            wrong(text, "names no repository").hint("write `git::https://HOST/REPOSITORY.git?ref=TAG`")
        );
    }
    if directory.split('/').any(|part| part == "..") {
        return Err(wrong(text, "leaves the repository").hint("name a directory within it, without `..`"));
    }
    let directory: Vec<&str> = directory.split('/').filter(|part| !matches!(*part, "" | ".")).collect();
    let mut found = GitSource {
        url: format!("{scheme}://{path}"),
        directory: directory.join("/"),
        reference: None,
        depth: None,
    };
    let mut kept = Vec::new();
    for parameter in query.split('&').filter(|parameter| !parameter.is_empty()) {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        let value = percent_decode_str(value).decode_utf8_lossy().into_owned();
        match name {
            "ref" => found.reference = Some(reference(text, value)?),
            "depth" => found.depth = Some(depth(text, &value)?),
            "sshkey" => {
                return Err(wrong("git::…?sshkey=…", "holds a private key")
                    .hint("remove `sshkey`; give the key to `ssh`, by its agent or its configuration"));
            }
            _ => kept.push(parameter),
        }
    }
    if !kept.is_empty() {
        found.url.push_str(&format!("?{}", kept.join("&")));
    }
    Ok(found)
}

fn reference(text: &str, value: String) -> Result<String, Diagnostic> {
    let odd = |c: char| {
        c.is_whitespace() || c.is_control() || matches!(c, '~' | '^' | ':' | '?' | '*' | '[' | '\\')
    };
    if value.is_empty() || value.starts_with('-') || value.contains("..") || value.contains(odd) {
        return Err(wrong(text, format!("has the `ref` `{value}`, which names nothing"))
            .hint("write the name of a tag or branch, or the hash of a commit"));
    }
    Ok(value)
}

fn depth(text: &str, value: &str) -> Result<u32, Diagnostic> {
    value.parse().ok().filter(|depth| *depth > 0).ok_or_else(|| {
        wrong(text, "has a `depth` that is not a whole number of at least 1")
            .hint("write `depth=1`, or remove it")
    })
}

/// Returns the password of a URL.
fn password(url: &str) -> Option<&str> {
    let (_, after) = url.split_once("://")?;
    let authority = after.split(['/', '?']).next()?;
    let (user, _host) = authority.rsplit_once('@')?;
    user.split_once(':').map(|(_, password)| password)
}

/// Replaces the password of a URL.
fn without_password(text: &str) -> String {
    let Some((before, after)) = text.split_once("://") else { return text.to_owned() };
    let end = after.find(['/', '?']).unwrap_or(after.len());
    let (authority, rest) = after.split_at_checked(end).unwrap_or((after, ""));
    match authority.rsplit_once('@') {
        Some((user, host)) => {
            let user = user.split_once(':').map_or(user.to_owned(), |(user, _)| format!("{user}:***"));
            format!("{before}://{user}@{host}{rest}")
        }
        None => text.to_owned(),
    }
}

/// What is neither a local path nor a repository.
fn unusable(text: &str) -> Diagnostic {
    let is_absolute = text.starts_with(['/', '\\', '~'])
        || text.get(1..3).is_some_and(|rest| rest == ":\\" || rest == ":/");
    if is_absolute {
        return wrong(text, "is an absolute path, which is another one on every machine").hint(
            "write a path that starts with `./` or `../`, or `git::file:///PATH?ref=TAG` for a repository",
        );
    }
    if let Some((scheme, _)) = text.split_once("://") {
        let found = wrong(text, "is a plain URL; archives are not downloaded");
        return if SCHEMES.contains(&scheme) {
            found.hint(format!("write `git::{}` if it is a git repository", without_password(text)))
        } else {
            found.hint("write `git::https://HOST/REPOSITORY.git?ref=TAG`")
        };
    }
    let path = text.split(['?']).next().unwrap_or_default();
    let parts: Vec<&str> = path.split("//").next().unwrap_or_default().split('/').collect();
    match parts.as_slice() {
        [host, _, _, ..] if host.contains('.') => wrong(text, "has no scheme")
            .hint(format!("write `git::https://{}.git?ref=TAG` if it is a git repository", parts.join("/"))),
        [_, _, _] => wrong(text, "looks like an address of a module registry, and there is none")
            .hint("write where its code is: `git::https://HOST/REPOSITORY.git?ref=TAG`")
            .hint(format!("write `./{path}` if it is a directory beside this file")),
        _ => wrong(text, "is neither a directory nor a git repository")
            .hint(format!("write `./{path}` if it is a directory beside this file")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, url: &str, directory: &str, reference: Option<&str>) -> GitSource {
        match ModuleSource::parse(text).unwrap() {
            ModuleSource::Git(found) => {
                assert_eq!((found.url(), found.directory.as_str()), (url, directory), "{text}");
                assert_eq!(found.reference.as_deref(), reference, "{text}");
                found
            }
            ModuleSource::Local(path) => panic!("{text} is the path {path}"),
        }
    }

    #[track_caller]
    fn refused(text: &str, hint: &str) -> Diagnostic {
        let found = ModuleSource::parse(text).unwrap_err();
        assert!(found.hints.iter().any(|one| one.contains(hint)), "{text}: {found:?}");
        found
    }

    #[test]
    fn directories_beside_the_caller() {
        for text in ["./x", "../x/y", "../.."] {
            assert_eq!(ModuleSource::parse(text).unwrap(), ModuleSource::Local(text.to_owned()));
        }
        assert_eq!(ModuleSource::parse("./x/").unwrap(), ModuleSource::Local("./x".to_owned()));
        refused("./x//y", "single slashes");
        refused(".\\x", "`./x`");
        refused("x", "`./x`");
        refused("modules/x", "`./modules/x`");
        refused("/srv/x", "git::file:///PATH");
        refused("C:\\x", "starts with `./`");
        refused("", "git::https");
    }

    #[test]
    fn repositories() {
        check("git::https://example.com/a/b.git", "https://example.com/a/b.git", "", None);
        let found = check(
            "git::https://example.com/a/b.git//x/y?ref=v1&depth=1",
            "https://example.com/a/b.git",
            "x/y",
            Some("v1"),
        );
        assert_eq!(found.depth, Some(1));
        assert_eq!(found.to_string(), "git::https://example.com/a/b.git//x/y?ref=v1&depth=1");
        assert_eq!(found.package(), "git::https://example.com/a/b.git?ref=v1");
        assert_eq!(found.name(), "b");
        check("git::ssh://git@example.com:22/b.git", "ssh://git@example.com:22/b.git", "", None);
        check("git::git@example.com:a/b.git//x", "ssh://git@example.com/a/b.git", "x", None);
        check("git@example.com:a/b.git?ref=r%2F1", "ssh://git@example.com/a/b.git", "", Some("r/1"));
        check("github.com/a/b//c?ref=v1", "https://github.com/a/b.git", "c", Some("v1"));
        check("bitbucket.org/a/b.git", "https://bitbucket.org/a/b.git", "", None);
        check("git::file:///srv/b//x?ref=v1", "file:///srv/b", "x", Some("v1"));
        check("git::https://example.com/b?x=1&ref=v1", "https://example.com/b?x=1", "", Some("v1"));
    }

    #[test]
    fn what_cannot_be_used_says_what_to_write() {
        refused("hashicorp/consul/aws", "git::https://HOST/REPOSITORY.git");
        refused("registry.example.com/a/b/c", "`git::https://registry.example.com/a/b/c.git?ref=TAG`");
        refused("https://example.com/a.zip", "`git::https://example.com/a.zip`");
        refused("s3::https://example.com/a", "`git::https://example.com/a`");
        refused("github.com/a/b/c", "`github.com/a/b//c`");
        refused("git::ssh://git@example.com:a/b.git", "`git::ssh://git@example.com/a/b.git`");
        refused("git::/srv/b", "git::file:///srv/b");
        refused("git::ext::sh -c true", "git::https://");
        refused("git::https://example.com/b//../x", "without `..`");
        refused("git::https://example.com/b?ref=--upload-pack=x", "name of a tag");
        refused("git::https://example.com/b?depth=0", "depth=1");
        refused("git::https://-x/b", "git::https://HOST");
        let found = refused("git::https://example.com/b?sshkey=c2VjcmV0", "agent");
        assert!(!format!("{found:?}").contains("c2VjcmV0"));
    }

    #[test]
    fn passwords_are_shown_nowhere() {
        let found =
            check("git::https://me:pw@example.com/b.git", "https://me:pw@example.com/b.git", "", None);
        for shown in [found.to_string(), format!("{found:?}"), found.package(), found.shown_url()] {
            assert!(shown.contains("me:***@example.com") && !shown.contains("pw"), "{shown}");
        }
        assert_eq!(
            found.conceal("no https://me:pw@example.com/b.git, pw"),
            "no https://me:***@example.com/b.git, ***"
        );
        let refused = ModuleSource::parse("https://me:pw@example.com/b.zip").unwrap_err();
        assert!(!format!("{refused:?}").contains("pw"), "{refused:?}");
    }
}
