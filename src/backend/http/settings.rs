//! Arguments of the backend: addresses, methods, credentials, certificates, patience.

use std::time::Duration;

use url::Url;

use crate::api::Endpoint;
use crate::api::Redaction;
use crate::api::SafeUrl;
use crate::diag::Code;
use crate::diag::Diagnostic;
use crate::diag::Diagnostics;

use super::super::Argument;
use super::super::ArgumentKind;
use super::super::Settings;
use super::WORKSPACE;

/// How long a lock outlives a killed process.
const LEASE: Duration = Duration::from_mins(2);

/// A shorter lease would end between two writes.
const SHORTEST_LEASE: Duration = Duration::from_secs(2);

/// The arguments, named as Terraform names them.
pub(in super::super) const ARGUMENTS: &[Argument] = &[
    Argument {
        name: "address",
        kind: ArgumentKind::Text,
        required: true,
        environment: &["QF_HTTP_ADDRESS", "TF_HTTP_ADDRESS"],
        sensitive: false,
        description: "The address of the state. `{workspace}` in it stands for the workspace's name.",
    },
    Argument::text(
        "update_method",
        &["TF_HTTP_UPDATE_METHOD"],
        "The method that writes the state; `POST` if it is not given.",
    ),
    Argument::text(
        "lock_address",
        &["QF_HTTP_LOCK_ADDRESS", "TF_HTTP_LOCK_ADDRESS"],
        "The address that locks the state. Without it nobody keeps two runs apart but the comparison before each write.",
    ),
    Argument::text(
        "lock_method",
        &["TF_HTTP_LOCK_METHOD"],
        "The method that locks; `LOCK` if it is not given.",
    ),
    Argument::text(
        "unlock_address",
        &["QF_HTTP_UNLOCK_ADDRESS", "TF_HTTP_UNLOCK_ADDRESS"],
        "The address that unlocks the state; that of the lock if it is not given.",
    ),
    Argument::text(
        "unlock_method",
        &["TF_HTTP_UNLOCK_METHOD"],
        "The method that unlocks; `UNLOCK` if it is not given.",
    ),
    Argument::text(
        "username",
        &["QF_HTTP_USERNAME", "TF_HTTP_USERNAME"],
        "The user of basic authentication.",
    ),
    Argument::secret(
        "password",
        &["QF_HTTP_PASSWORD", "TF_HTTP_PASSWORD"],
        "The password of basic authentication.",
    ),
    Argument {
        name: "headers",
        kind: ArgumentKind::Map,
        required: false,
        environment: &[],
        sensitive: true,
        description: "Further headers of every request, such as one with a token.",
    },
    Argument::text("ca_file", &[], "A file of certificates in PEM that are trusted beside the system's."),
    Argument::text(
        "client_ca_certificate_pem",
        &["TF_HTTP_CLIENT_CA_CERTIFICATE_PEM"],
        "Certificates in PEM that are trusted beside the system's.",
    ),
    Argument::text(
        "client_certificate_pem",
        &["TF_HTTP_CLIENT_CERTIFICATE_PEM"],
        "The certificate in PEM that this side shows.",
    ),
    Argument::secret(
        "client_private_key_pem",
        &["TF_HTTP_CLIENT_PRIVATE_KEY_PEM"],
        "The key of that certificate in PEM.",
    ),
    Argument {
        name: "insecure_http",
        kind: ArgumentKind::Flag,
        required: false,
        environment: &[],
        sensitive: false,
        description: "Allow addresses with `http://` on other machines. Everything on the way can be read and changed then.",
    },
    Argument {
        name: "retry_max",
        kind: ArgumentKind::Number,
        required: false,
        environment: &["TF_HTTP_RETRY_MAX"],
        sensitive: false,
        description: "How often a request is tried again when the service fails or cannot be reached; 4 if it is not given.",
    },
    Argument {
        name: "lease",
        kind: ArgumentKind::Duration,
        required: false,
        environment: &[],
        sensitive: false,
        description: "How long the lock outlives a run that was killed; `2m` if it is not given. A third of it passes between two signs of life, each of which writes the document.",
    },
];

/// Where one state is, or one of each workspace.
#[derive(Debug, Clone)]
pub(super) struct Addresses {
    pub(super) state: String,
    pub(super) update_method: String,
    pub(super) lock: Option<(String, String)>,
    pub(super) unlock: Option<(String, String)>,
}

impl Addresses {
    pub(super) fn of(settings: &Settings) -> Result<Self, Diagnostics> {
        let mut found = Diagnostics::new();
        let mut address = |name: &str| {
            let text = settings.text(name)?;
            match check(text, settings.flag("insecure_http")) {
                Ok(()) => Some(text.to_owned()),
                Err((summary, hint)) => {
                    found.push(settings.wrong(name, format!("`{name}` {summary}")).hint(hint));
                    None
                }
            }
        };
        let state = address("address");
        let lock = address("lock_address");
        let unlock = address("unlock_address");
        if let Some(text) = &state {
            let one = text.contains(WORKSPACE);
            for other in [&lock, &unlock].into_iter().flatten() {
                if other.contains(WORKSPACE) != one {
                    found.push(
                        Diagnostic::error(
                            Code::InvalidValue,
                            "`{workspace}` must stand in all addresses of the backend or in none",
                        )
                        .hint("states would share one lock, or locks one state"),
                    );
                    break;
                }
            }
        }
        let mut method = |name: &str, usual: &str| {
            let text = settings.text(name).unwrap_or(usual);
            if text.chars().all(|c| c.is_ascii_alphabetic()) {
                text.to_ascii_uppercase()
            } else {
                found.push(settings.wrong(name, format!("`{name}` is not a method of HTTP")));
                usual.to_owned()
            }
        };
        let update_method = method("update_method", "POST");
        let (lock_method, unlock_method) = (method("lock_method", "LOCK"), method("unlock_method", "UNLOCK"));
        if found.has_errors() {
            return Err(found);
        }
        let unlock = unlock.or_else(|| lock.clone()).filter(|_| lock.is_some());
        Ok(Self {
            state: state.unwrap_or_default(),
            update_method,
            lock: lock.map(|address| (lock_method, address)),
            unlock: unlock.map(|address| (unlock_method, address)),
        })
    }

    pub(super) fn has_workspaces(&self) -> bool {
        self.state.contains(WORKSPACE)
    }

    pub(super) fn of_workspace(&self, workspace: &str) -> Self {
        let filled = |text: &str| text.replace(WORKSPACE, workspace);
        let both = |(method, address): &(String, String)| (method.clone(), filled(address));
        Self {
            state: filled(&self.state),
            update_method: self.update_method.clone(),
            lock: self.lock.as_ref().map(both),
            unlock: self.unlock.as_ref().map(both),
        }
    }

    /// The address without what may be secret in it.
    pub(super) fn shown(&self) -> String {
        match Url::parse(&self.state) {
            Ok(url) => {
                SafeUrl::new(&url, &Redaction::default()).to_string().replace("%7Bworkspace%7D", WORKSPACE)
            }
            Err(_) => "an address that is none".to_owned(),
        }
    }

    /// Whether every address is one of this machine.
    pub(super) fn is_loopback(&self) -> bool {
        let all = [Some(&self.state), self.lock.as_ref().map(|(_, address)| address)];
        all.into_iter().flatten().all(|address| Url::parse(address).is_ok_and(|url| is_loopback(&url)))
    }
}

fn is_loopback(url: &Url) -> bool {
    Endpoint::parse(&url.origin().ascii_serialization()).is_ok_and(|endpoint| endpoint.is_loopback())
}

/// Says what is wrong with an address, and what to do.
fn check(text: &str, insecure: bool) -> Result<(), (&'static str, &'static str)> {
    let form = "write one such as `https://git.example.com/api/v4/projects/7/terraform/state/queues`";
    let Ok(url) = Url::parse(text) else { return Err(("is not an address", form)) };
    if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
        return Err(("is not an address of the web", form));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err((
            "must not hold credentials: addresses are shown and written down",
            "use `username`, and the variable `QF_HTTP_PASSWORD`",
        ));
    }
    if url.scheme() == "http" && !is_loopback(&url) && !insecure {
        return Err((
            "would send the state in clear",
            "use `https://`, or set `insecure_http = true` if the network between is trusted",
        ));
    }
    Ok(())
}

/// Returns how long a lock outlives its process.
pub(super) fn lease(settings: &Settings) -> Result<Duration, Diagnostics> {
    match settings.duration("lease") {
        Some(lease) if lease < SHORTEST_LEASE => {
            Err(settings.wrong("lease", "`lease` must be two seconds or longer").into())
        }
        found => Ok(found.unwrap_or(LEASE)),
    }
}
