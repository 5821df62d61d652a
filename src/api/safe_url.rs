//! Where requests go: endpoints, and URLs that may be printed.

use std::fmt;
use std::net::IpAddr;

use url::Host;
use url::Url;

use super::encode;
use super::secret::Redaction;

/// The base URL of a service: scheme, host, port and perhaps a path prefix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    url: Url,
}

/// Why a text is not an endpoint.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EndpointError {
    /// Not a URL at all.
    #[error("not a URL: {0}")]
    Syntax(url::ParseError),
    /// Something other than `https` or `http`.
    #[error("scheme `{0}` is not supported, use `https`")]
    Scheme(String),
    /// No host name.
    #[error("the host name is missing")]
    Host,
    /// A user name or password in the URL: it would end up in logs of proxies.
    #[error("credentials do not belong into an endpoint URL")]
    Credentials,
    /// A query or fragment.
    #[error("an endpoint has no query and no fragment")]
    Query,
}

impl Endpoint {
    /// Parses an endpoint. Without a scheme, `https` is meant.
    pub fn parse(text: &str) -> Result<Self, EndpointError> {
        let text = text.trim();
        let with_scheme;
        let text = if text.contains("://") {
            text
        } else {
            with_scheme = format!("https://{text}");
            &with_scheme
        };
        let url = Url::parse(text).map_err(EndpointError::Syntax)?;
        if !matches!(url.scheme(), "https" | "http") {
            return Err(EndpointError::Scheme(url.scheme().to_owned()));
        }
        if url.host_str().is_none_or(str::is_empty) {
            return Err(EndpointError::Host);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(EndpointError::Credentials);
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(EndpointError::Query);
        }
        Ok(Self { url })
    }

    /// Returns scheme, host and port: what limits, clock skew and connections are kept by.
    pub fn origin(&self) -> String {
        self.url.origin().ascii_serialization()
    }

    /// Returns the `Host` header: the port is named only if it is not the scheme's own.
    pub fn host(&self) -> String {
        let host = self.url.host_str().unwrap_or_default();
        match self.url.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        }
    }

    /// Tells whether the endpoint is this machine.
    pub fn is_loopback(&self) -> bool {
        match self.url.host() {
            Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
            Some(Host::Ipv4(ip)) => IpAddr::V4(ip).is_loopback(),
            Some(Host::Ipv6(ip)) => IpAddr::V6(ip).is_loopback(),
            None => false,
        }
    }

    /// Tells whether the connection is encrypted.
    pub fn is_encrypted(&self) -> bool {
        self.url.scheme() == "https"
    }

    /// Appends percent-encoded segments. `None` if a segment would change the path's meaning.
    pub(super) fn join(&self, segments: &[String]) -> Option<Url> {
        let mut path = self.url.path().trim_end_matches('/').to_owned();
        for segment in segments {
            // Servers and URL libraries resolve dot segments even when they are encoded.
            if matches!(segment.as_str(), "" | "." | "..") {
                return None;
            }
            path.push('/');
            path.push_str(&encode::component(segment));
        }
        if path.is_empty() {
            path.push('/');
        }
        let mut url = self.url.clone();
        url.set_path(&path);
        Some(url)
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.url.as_str().trim_end_matches('/'))
    }
}

/// A URL fit for messages and logs: no user info, no values of sensitive query keys.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SafeUrl(String);

impl SafeUrl {
    /// Redacts a URL.
    pub fn new(url: &Url, redaction: &Redaction) -> Self {
        let mut text = format!("{}{}", url.origin().ascii_serialization(), url.path());
        let mut separator = '?';
        for (key, value) in url.query_pairs() {
            text.push(separator);
            separator = '&';
            text.push_str(&encode::component(&key));
            text.push('=');
            if redaction.is_sensitive(&key) {
                text.push_str(super::secret::SENSITIVE);
            } else {
                text.push_str(&encode::component(&value));
            }
        }
        Self(text)
    }

    /// Returns the printable text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SafeUrl {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl fmt::Debug for SafeUrl {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}
