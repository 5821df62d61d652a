//! Files of credentials as AWS tools keep them: sections of profiles with keys and values.

use std::path::Path;

use crate::api::Secret;

/// The keys of a profile.
#[derive(Debug, Clone)]
pub(super) struct Profile {
    pub(super) access_key: Secret,
    pub(super) secret_key: Secret,
    pub(super) token: Option<Secret>,
}

/// A file of credentials is not larger.
const LARGEST: u64 = 1024 * 1024;

/// Reads a profile of a file.
///
/// # Errors
/// What is wrong with the file, or with the profile; never with a secret.
pub(super) fn read(file: &Path, profile: &str) -> Result<Profile, String> {
    let shown = file.display();
    let size = std::fs::metadata(file).map_err(|error| format!("`{shown}` cannot be read: {error}"))?.len();
    if size > LARGEST {
        return Err(format!("`{shown}` is too large for a file of credentials"));
    }
    let text = std::fs::read_to_string(file).map_err(|error| format!("`{shown}` cannot be read: {error}"))?;
    parse(&text, profile).map_err(|reason| format!("the profile `{profile}` of `{shown}` {reason}"))
}

fn parse(text: &str, profile: &str) -> Result<Profile, &'static str> {
    let mut is_there = false;
    let mut is_within = false;
    let (mut access_key, mut secret_key, mut token) = (None, None, None);
    for line in text.lines().map(str::trim) {
        if line.is_empty() || line.starts_with(['#', ';']) {
            continue;
        }
        if let Some(section) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            let section = section.trim();
            // Files of settings call their sections `profile NAME`.
            let name = section.strip_prefix("profile ").map_or(section, str::trim);
            is_within = name == profile;
            is_there |= is_within;
            continue;
        }
        let Some((key, value)) = line.split_once('=').filter(|_| is_within) else { continue };
        let value = Some(value.trim()).filter(|value| !value.is_empty()).map(Secret::from);
        match key.trim().to_ascii_lowercase().as_str() {
            "aws_access_key_id" => access_key = value,
            "aws_secret_access_key" => secret_key = value,
            "aws_session_token" | "aws_security_token" => token = value,
            _ => {}
        }
    }
    match (access_key, secret_key) {
        _ if !is_there => Err("is not there"),
        (Some(access_key), Some(secret_key)) => Ok(Profile { access_key, secret_key, token }),
        _ => Err("lacks `aws_access_key_id` or `aws_secret_access_key`"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "
# written by hand
[default]
aws_access_key_id = AKIADEFAULT
aws_secret_access_key=one

[ci]
AWS_ACCESS_KEY_ID=AKIACI
aws_secret_access_key = two=with=equals
aws_session_token = three
[profile half]
aws_access_key_id = AKIAHALF
";

    #[test]
    fn profiles_are_found() {
        let found = parse(FILE, "default").unwrap();
        assert_eq!((found.access_key.reveal(), found.secret_key.reveal()), ("AKIADEFAULT", "one"));
        assert!(found.token.is_none());
        let found = parse(FILE, "ci").unwrap();
        assert_eq!(found.secret_key.reveal(), "two=with=equals");
        assert_eq!(found.token.unwrap().reveal(), "three");
    }

    #[test]
    fn what_is_missing_is_said() {
        assert_eq!(parse(FILE, "other").unwrap_err(), "is not there");
        assert!(parse(FILE, "half").unwrap_err().starts_with("lacks"));
        assert!(read(Path::new("/nonexistent/credentials"), "ci").unwrap_err().contains("cannot be read"));
    }
}
