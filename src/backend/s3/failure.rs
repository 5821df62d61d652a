//! Why an operation on the bucket failed, and what to do about it.

use std::sync::Arc;

use crate::state::store::StoreError;

use super::wire::Note;

/// A failed operation.
#[derive(Debug, Clone)]
pub(super) struct Failure {
    /// What the service said, or why it said nothing.
    pub(super) note: Note,
    /// What the client library said.
    pub(super) detail: String,
    /// Whether the operation may have happened nevertheless.
    pub(super) may_have_happened: bool,
}

impl Failure {
    /// Whether the service does not know conditions.
    pub(super) fn is_unsupported(&self) -> bool {
        self.note.status == Some(501) || self.code() == "NotImplemented"
    }

    fn code(&self) -> &str {
        self.note.code.as_deref().unwrap_or_default()
    }

    /// Returns why it failed, in the service's words where it said something.
    pub(super) fn reason(&self) -> String {
        let note = &self.note;
        if let Some(lost) = &note.lost {
            return lost.clone();
        }
        let Some(status) = note.status else { return self.detail.clone() };
        let request = note.request.as_ref().map_or_else(String::new, |id| format!(" (request {id})"));
        match (&note.code, &note.message) {
            (Some(code), Some(message)) => {
                let message = message.trim_end_matches('.');
                format!("the service answered {code}: {message}{request}")
            }
            (Some(code), None) => format!("the service answered {code}{request}"),
            (None, _) if (300..400).contains(&status) => {
                format!("the service answered with a redirect (status {status}){request}")
            }
            (None, _) if (200..300).contains(&status) => {
                format!("the answer is not one of an S3 service: {}", self.detail)
            }
            (None, _) => format!("the service answered with status {status}{request}"),
        }
    }

    /// Returns what to do now.
    pub(super) fn hint(&self, bucket: &str) -> Option<String> {
        let note = &self.note;
        let region = || match &note.region {
            Some(region) => {
                format!("the bucket `{bucket}` is in another region: set `region = \"{region}\"`")
            }
            None => format!("set `region` and `endpoint` to those of the bucket `{bucket}`"),
        };
        let text = match (self.code(), note.status) {
            ("NoSuchBucket", _) => {
                format!("create the bucket `{bucket}`, or correct `bucket` and `endpoint`: buckets are not made by this tool")
            }
            ("AccessDenied" | "AllAccessDisabled" | "AccountProblem", _) => format!(
                "the credentials need the permissions to get, put and delete objects of `{bucket}` and to list it (`s3:GetObject`, `s3:PutObject`, `s3:DeleteObject`, `s3:ListBucket`)"
            ),
            ("InvalidAccessKeyId", _) => {
                "check the access key (`access_key`, AWS_ACCESS_KEY_ID, or the profile): the service does not know it".to_owned()
            }
            ("SignatureDoesNotMatch", _) => {
                "check the secret key (`secret_key`, AWS_SECRET_ACCESS_KEY, or the profile) and `region`".to_owned()
            }
            ("ExpiredToken" | "ExpiredTokenException" | "InvalidToken" | "TokenRefreshRequired", _) => {
                "get new temporary credentials, then run the same command again".to_owned()
            }
            ("RequestTimeTooSkewed", _) => "set the clock of this machine".to_owned(),
            ("PermanentRedirect" | "TemporaryRedirect" | "AuthorizationHeaderMalformed" | "IllegalLocationConstraintException", _) => {
                region()
            }
            ("SecondLevelDomainForbidden" | "VirtualHostDomainRequired", _) => {
                "this service wants the bucket in the name of the host: remove `use_path_style`".to_owned()
            }
            ("NotImplemented", _) | (_, Some(501)) => {
                "this service does not know conditional writes, which the lock is made of: use another one, or `--lock=false` while nobody else works with this state".to_owned()
            }
            ("", Some(301 | 302 | 307 | 308)) => region(),
            ("", Some(401 | 403)) => "check the credentials, and the permissions on the bucket".to_owned(),
            ("", None) => {
                "check `endpoint`, the connection and the certificate (`ca_file`), then run the same command again".to_owned()
            }
            _ if self.is_passing() => "the service is busy or disturbed: run the same command again later".to_owned(),
            _ => return None,
        };
        Some(text)
    }

    /// Whether the same request may well succeed in a moment.
    pub(super) fn is_passing(&self) -> bool {
        match self.note.status {
            None => self.note.lost.is_some(),
            Some(408 | 429 | 500 | 502 | 503 | 504) => true,
            Some(409) => matches!(self.code(), "ConditionalRequestConflict" | "OperationAborted" | ""),
            Some(400) => matches!(self.code(), "RequestTimeout" | "SlowDown"),
            Some(_) => false,
        }
    }

    /// Whether the service did not learn of the request, or refused it before it did anything.
    pub(super) fn was_refused(&self) -> bool {
        match self.note.status {
            Some(status) => (300..500).contains(&status) && status != 408,
            None => false,
        }
    }

    pub(super) fn into_error(self, doing: &'static str, place: Arc<str>, bucket: &str) -> StoreError {
        StoreError::Engine {
            doing,
            place,
            reason: self.reason().into(),
            hint: self.hint(bucket).map(Into::into),
        }
    }
}
