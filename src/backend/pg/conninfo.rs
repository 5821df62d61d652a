//! Where the server is and how to log in: connection strings, variables and password files as libpq reads them.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::path::Path;
use std::path::PathBuf;
use std::time::Duration;

use percent_encoding::percent_decode_str;

/// The parameters of a connection by their names in libpq.
pub(super) type Parameters = BTreeMap<&'static str, String>;

/// A connection string cannot be used. Never quotes a value: it may be a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum ConninfoError {
    /// The string is of neither form.
    #[error("is no connection string: {0}")]
    Syntax(&'static str),
    /// A parameter that nobody knows.
    #[error("has an unknown parameter `{0}`")]
    Unknown(String),
    /// A parameter of libpq that this client cannot honour.
    #[error("has the parameter `{0}`, which is not supported")]
    Unsupported(String),
    /// A value that the parameter does not take.
    #[error("has a wrong `{name}`: {why}")]
    Value {
        /// The parameter.
        name: &'static str,
        /// What it takes.
        why: String,
    },
}

/// Parameters that are understood.
const KNOWN: &[&str] = &[
    "application_name",
    "channel_binding",
    "connect_timeout",
    "dbname",
    "host",
    "hostaddr",
    "load_balance_hosts",
    "options",
    "passfile",
    "password",
    "port",
    "sslcert",
    "sslkey",
    "sslmode",
    "sslnegotiation",
    "sslrootcert",
    "target_session_attrs",
    "user",
];

/// Parameters that change nothing here: what they ask for holds anyway, or concerns ways that are never taken.
const IGNORED: &[&str] = &[
    "client_encoding",
    "fallback_application_name",
    "gssencmode",
    "keepalives",
    "keepalives_count",
    "keepalives_idle",
    "keepalives_interval",
    "sslcompression",
    "sslsni",
    "tcp_user_timeout",
];

/// Parameters that would have to be honoured and cannot be.
const UNSUPPORTED: &[&str] = &[
    "gsslib",
    "krbsrvname",
    "replication",
    "require_auth",
    "service",
    "servicefile",
    "sslcrl",
    "sslpassword",
];

/// Reads a connection string: `postgres://…` or `host=… dbname=…`.
pub(super) fn parse(text: &str) -> Result<Parameters, ConninfoError> {
    let pairs = match ["postgres://", "postgresql://"].iter().find_map(|scheme| text.strip_prefix(scheme)) {
        Some(rest) => of_url(rest)?,
        None if text.contains("://") => {
            return Err(ConninfoError::Syntax("the scheme of the URL must be `postgres://`"));
        }
        None => of_words(text)?,
    };
    let mut parameters = Parameters::new();
    for (name, value) in pairs {
        match KNOWN.iter().find(|known| **known == name) {
            Some(known) => drop(parameters.insert(known, value)),
            None if IGNORED.contains(&&*name) => {}
            None if UNSUPPORTED.contains(&&*name) => return Err(ConninfoError::Unsupported(name)),
            None => return Err(ConninfoError::Unknown(name)),
        }
    }
    Ok(parameters)
}

/// `[user[:password]@][host[:port]][,…][/database][?name=value&…]`.
fn of_url(rest: &str) -> Result<Vec<(String, String)>, ConninfoError> {
    let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (authority, database) = rest.split_once('/').unwrap_or((rest, ""));
    let (user, hosts) = authority.rsplit_once('@').unwrap_or(("", authority));
    let mut pairs = Vec::new();
    let mut add = |name: &str, text: &str| -> Result<(), ConninfoError> {
        if !text.is_empty() {
            pairs.push((name.to_owned(), decoded(text)?));
        }
        Ok(())
    };
    let (user, password) = user.split_once(':').unwrap_or((user, ""));
    add("user", user)?;
    add("password", password)?;
    add("dbname", database)?;
    let mut names = Vec::new();
    let mut ports = Vec::new();
    for host in hosts.split(',') {
        let (name, port) = match host.strip_prefix('[') {
            Some(rest) => {
                let (name, port) = rest
                    .split_once(']')
                    .ok_or(ConninfoError::Syntax("the bracket of an address is not closed"))?;
                (name, port.strip_prefix(':').unwrap_or(port))
            }
            None => host.split_once(':').unwrap_or((host, "")),
        };
        names.push(decoded(name)?);
        ports.push(decoded(port)?);
    }
    if names.iter().any(|name| !name.is_empty()) {
        pairs.push(("host".to_owned(), names.join(",")));
    }
    if ports.iter().any(|port| !port.is_empty()) {
        pairs.push(("port".to_owned(), ports.join(",")));
    }
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) =
            pair.split_once('=').ok_or(ConninfoError::Syntax("a parameter of the URL has no value"))?;
        // JDBC's word for it, which libpq understands too.
        match (decoded(name)?, decoded(value)?) {
            (name, value) if name == "ssl" && value == "true" => {
                pairs.push(("sslmode".to_owned(), "require".to_owned()));
            }
            pair => pairs.push(pair),
        }
    }
    Ok(pairs)
}

fn decoded(text: &str) -> Result<String, ConninfoError> {
    let text = percent_decode_str(text).decode_utf8();
    text.map(std::borrow::Cow::into_owned)
        .map_err(|_not_utf8| ConninfoError::Syntax("a part of the URL is not UTF-8"))
}

/// `name = value name='value with spaces'`.
fn of_words(text: &str) -> Result<Vec<(String, String)>, ConninfoError> {
    let mut pairs = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let (name, after) =
            rest.split_once('=').ok_or(ConninfoError::Syntax("a name has no `=` and no value behind it"))?;
        let name = name.trim_end();
        if name.is_empty() || name.contains(char::is_whitespace) {
            return Err(ConninfoError::Syntax("a name has no `=` and no value behind it"));
        }
        let (value, after) = word(after.trim_start())?;
        pairs.push((name.to_owned(), value));
        rest = after.trim_start();
    }
    Ok(pairs)
}

/// Takes a value from the start of a text; `\` takes the next character as it is.
fn word(text: &str) -> Result<(String, &str), ConninfoError> {
    let quoted = text.strip_prefix('\'');
    let mut value = String::new();
    let mut characters = quoted.unwrap_or(text).chars();
    loop {
        match characters.next() {
            Some('\\') => value.extend(characters.next()),
            Some('\'') if quoted.is_some() => return Ok((value, characters.as_str())),
            Some(c) if quoted.is_none() && c.is_whitespace() => return Ok((value, characters.as_str())),
            Some(c) => value.push(c),
            None if quoted.is_some() => {
                return Err(ConninfoError::Syntax("a quotation mark is not closed"));
            }
            None => return Ok((value, "")),
        }
    }
}

/// How the connection is protected, as `sslmode` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum SslMode {
    /// No TLS.
    Disable,
    /// TLS if the server has it; whoever answers is believed.
    Prefer,
    /// TLS; whoever answers is believed, unless root certificates are given.
    Require,
    /// TLS with a certificate of a known authority.
    VerifyCa,
    /// TLS with a certificate of a known authority for this host.
    VerifyFull,
}

/// One server of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Server {
    /// Its name, its address, or the directory of its socket.
    pub(super) host: String,
    /// The address to use instead of asking for the one of the name.
    pub(super) address: Option<IpAddr>,
    /// Its port.
    pub(super) port: u16,
}

impl Server {
    pub(super) fn is_socket(&self) -> bool {
        self.host.starts_with('/')
    }

    /// Returns whether nobody but this machine sees what is sent.
    pub(super) fn is_local(&self) -> bool {
        let address = self.address.or_else(|| self.host.parse().ok());
        self.is_socket() || self.host == "localhost" || address.is_some_and(|address| address.is_loopback())
    }

    /// Returns it as it is shown.
    pub(super) fn shown(&self) -> String {
        if self.host.contains(':') {
            format!("[{}]:{}", self.host, self.port)
        } else {
            format!("{}:{}", self.host, self.port)
        }
    }
}

/// Returns the servers of parameters.
pub(super) fn servers(parameters: &Parameters) -> Result<Vec<Server>, ConninfoError> {
    let list = |name: &str| -> Vec<String> {
        let text = parameters.get(name).map(String::as_str).unwrap_or_default();
        text.split(',').map(|part| part.trim().to_owned()).collect()
    };
    let (mut hosts, mut addresses, ports) = (list("host"), list("hostaddr"), list("port"));
    let count = hosts.len().max(addresses.len());
    if hosts.iter().all(String::is_empty) {
        hosts = vec![String::new(); count];
    }
    if addresses.iter().all(String::is_empty) {
        addresses = vec![String::new(); count];
    }
    let wrong = |name, why: &str| ConninfoError::Value { name, why: why.to_owned() };
    if hosts.len() != addresses.len() {
        return Err(wrong("hostaddr", "there must be one for each host"));
    }
    if ports.len() > 1 && ports.len() != count {
        return Err(wrong("port", "there must be one for all hosts, or one for each"));
    }
    let mut servers = Vec::new();
    for (index, (host, address)) in hosts.into_iter().zip(addresses).enumerate() {
        let address: Option<IpAddr> = match &*address {
            "" => None,
            text => Some(text.parse().map_err(|_no_address| wrong("hostaddr", "it must be an IP address"))?),
        };
        let host = match (&*host, address) {
            ("", Some(address)) => address.to_string(),
            ("", None) => "localhost".to_owned(),
            _ => host,
        };
        let port = match ports.get(index).or(ports.first()).map(String::as_str) {
            None | Some("") => 5432,
            Some(text) => text
                .parse()
                .ok()
                .filter(|port| *port != 0)
                .ok_or_else(|| wrong("port", "it must be a number from 1 to 65535"))?,
        };
        servers.push(Server { host, address, port });
    }
    Ok(servers)
}

/// Returns how connections to these servers are protected. Without a word about it, what leaves the machine is
/// encrypted and the server has to prove who it is.
pub(super) fn ssl_mode(parameters: &Parameters, servers: &[Server]) -> Result<SslMode, ConninfoError> {
    Ok(match parameters.get("sslmode").map(String::as_str) {
        None | Some("") if servers.iter().all(Server::is_local) => SslMode::Prefer,
        Some("disable") => SslMode::Disable,
        Some("allow" | "prefer") => SslMode::Prefer,
        Some("require") if parameters.contains_key("sslrootcert") => SslMode::VerifyCa,
        Some("require") => SslMode::Require,
        Some("verify-ca") => SslMode::VerifyCa,
        None | Some("" | "verify-full") => SslMode::VerifyFull,
        Some(_) => {
            let why =
                "it must be one of disable, allow, prefer, require, verify-ca and verify-full".to_owned();
            return Err(ConninfoError::Value { name: "sslmode", why });
        }
    })
}

/// Returns a number of seconds.
pub(super) fn seconds(
    parameters: &Parameters,
    name: &'static str,
) -> Result<Option<Duration>, ConninfoError> {
    let Some(text) = parameters.get(name).filter(|text| !text.is_empty()) else { return Ok(None) };
    match text.parse::<i64>() {
        Ok(seconds) => Ok(u64::try_from(seconds).ok().filter(|time| *time > 0).map(Duration::from_secs)),
        Err(_) => Err(ConninfoError::Value { name, why: "it must be a whole number of seconds".to_owned() }),
    }
}

/// Returns the file of a parameter; relative ones begin at a directory.
pub(super) fn file(parameters: &Parameters, name: &str, directory: &Path) -> Option<PathBuf> {
    let text = parameters.get(name).filter(|text| !text.is_empty())?;
    Some(directory.join(text))
}

/// Returns the password of a password file for a server: lines `host:port:database:user:password`, `*` for any.
pub(super) fn password_of(text: &str, server: &Server, database: &str, user: &str) -> Option<String> {
    let host = if server.is_socket() { "localhost" } else { &server.host };
    let port = server.port.to_string();
    let wanted = [host, &port, database, user];
    text.lines().filter(|line| !line.starts_with('#')).find_map(|line| {
        let fields = fields(line);
        let (password, about) = fields.split_last()?;
        let fits = about.len() == wanted.len()
            && about.iter().zip(wanted).all(|(field, wanted)| field == "*" || field == wanted);
        fits.then(|| password.clone())
    })
}

/// Splits a line of a password file at its first four colons; `\` takes the next character as it is.
fn fields(line: &str) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut characters = line.chars();
    while let Some(c) = characters.next() {
        match c {
            ':' if fields.len() < 5 => fields.push(String::new()),
            c => {
                let c = if c == '\\' { characters.next() } else { Some(c) };
                if let Some(field) = fields.last_mut() {
                    field.extend(c);
                }
            }
        }
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Vec<(&'static str, String)> {
        parse(text).unwrap().into_iter().collect()
    }

    fn pairs(pairs: &[(&'static str, &str)]) -> Vec<(&'static str, String)> {
        pairs.iter().map(|(name, value)| (*name, (*value).to_owned())).collect()
    }

    #[test]
    fn urls_are_read_as_libpq_does() {
        assert_eq!(
            of("postgres://us%40er:p%3Ass@db.example:6432/states?sslmode=require&application_name=ci%20run"),
            pairs(&[
                ("application_name", "ci run"),
                ("dbname", "states"),
                ("host", "db.example"),
                ("password", "p:ss"),
                ("port", "6432"),
                ("sslmode", "require"),
                ("user", "us@er"),
            ])
        );
        assert_eq!(
            of("postgresql://a:1,[::1]:2,c/x"),
            pairs(&[("dbname", "x"), ("host", "a,::1,c"), ("port", "1,2,")])
        );
        assert_eq!(
            of("postgres://%2Frun%2Fpostgresql/x"),
            pairs(&[("dbname", "x"), ("host", "/run/postgresql")])
        );
        assert_eq!(
            of("postgres:///x?host=h&port=7"),
            pairs(&[("dbname", "x"), ("host", "h"), ("port", "7")])
        );
        assert_eq!(of("postgres://"), []);
        // A password may hold an `@`, as long as the last one comes before the host.
        assert_eq!(
            of("postgres://u:p@ss@h/d"),
            pairs(&[("dbname", "d"), ("host", "h"), ("password", "p@ss"), ("user", "u")])
        );
    }

    #[test]
    fn words_with_quotation_marks_and_backslashes() {
        assert_eq!(
            of(r"host=/run/x user = me password='a \' b\\c' dbname=it\ s"),
            pairs(&[("dbname", "it s"), ("host", "/run/x"), ("password", r"a ' b\c"), ("user", "me"),])
        );
        assert_eq!(of("  "), []);
        assert_eq!(of("user="), pairs(&[("user", "")]));
    }

    #[test]
    fn wrong_strings_are_refused_without_their_values() {
        for (text, expected) in [
            ("mysql://u:hunter2@h/d", "is no connection string: the scheme of the URL must be `postgres://`"),
            ("host", "is no connection string: a name has no `=` and no value behind it"),
            ("password='hunter2", "is no connection string: a quotation mark is not closed"),
            ("pasword=hunter2", "has an unknown parameter `pasword`"),
            ("service=prod", "has the parameter `service`, which is not supported"),
            ("postgres://[::1/d", "is no connection string: the bracket of an address is not closed"),
            ("postgres://h/d?sslmode", "is no connection string: a parameter of the URL has no value"),
            ("postgres://%ff:hunter2@h", "is no connection string: a part of the URL is not UTF-8"),
        ] {
            let error = parse(text).unwrap_err().to_string();
            assert_eq!(error, expected);
            assert!(!error.contains("hunter2"));
        }
    }

    fn servers_of(text: &str) -> Result<Vec<String>, String> {
        let servers = servers(&parse(text).unwrap()).map_err(|error| error.to_string())?;
        Ok(servers.iter().map(Server::shown).collect())
    }

    #[test]
    fn lists_of_servers() {
        assert_eq!(servers_of("").unwrap(), ["localhost:5432"]);
        assert_eq!(servers_of("host=a,b port=1,2").unwrap(), ["a:1", "b:2"]);
        assert_eq!(servers_of("host=a,b port=7").unwrap(), ["a:7", "b:7"]);
        assert_eq!(servers_of("hostaddr=::1 port=7").unwrap(), ["[::1]:7"]);
        assert_eq!(
            servers_of("host=a,b port=1,2,3").unwrap_err(),
            "has a wrong `port`: there must be one for all hosts, or one for each"
        );
        assert_eq!(
            servers_of("host=a port=0").unwrap_err(),
            "has a wrong `port`: it must be a number from 1 to 65535"
        );
        assert_eq!(
            servers_of("host=a hostaddr=b").unwrap_err(),
            "has a wrong `hostaddr`: it must be an IP address"
        );
        assert_eq!(
            servers_of("host=a,b hostaddr=::1").unwrap_err(),
            "has a wrong `hostaddr`: there must be one for each host"
        );
    }

    fn mode_of(text: &str) -> SslMode {
        let parameters = parse(text).unwrap();
        ssl_mode(&parameters, &servers(&parameters).unwrap()).unwrap()
    }

    #[test]
    fn what_leaves_the_machine_is_protected_unless_said_otherwise() {
        assert_eq!(mode_of("host=db.example"), SslMode::VerifyFull);
        assert_eq!(mode_of("host=localhost,db.example"), SslMode::VerifyFull);
        assert_eq!(mode_of("host=localhost,127.0.0.1,::1,/run"), SslMode::Prefer);
        assert_eq!(mode_of("host=db.example hostaddr=127.0.0.1"), SslMode::Prefer);
        assert_eq!(mode_of("host=db.example sslmode=disable"), SslMode::Disable);
        assert_eq!(mode_of("host=db.example sslmode=allow"), SslMode::Prefer);
        assert_eq!(mode_of("host=db.example sslmode=require"), SslMode::Require);
        assert_eq!(mode_of("host=db.example sslmode=require sslrootcert=ca.pem"), SslMode::VerifyCa);
        let parameters = parse("sslmode=maybe").unwrap();
        assert!(ssl_mode(&parameters, &[]).is_err());
    }

    #[test]
    fn password_files() {
        let server = Server { host: "db.example".to_owned(), address: None, port: 5432 };
        let text =
            "# comment\nother:*:*:*:no\ndb.example:5433:*:*:no\n*:*:states:me:one\\:two:three\n*:*:*:*:any\n";
        assert_eq!(password_of(text, &server, "states", "me").unwrap(), "one:two:three");
        assert_eq!(password_of(text, &server, "states", "you").unwrap(), "any");
        assert_eq!(password_of("", &server, "states", "me"), None);
        let socket = Server { host: "/run".to_owned(), address: None, port: 5432 };
        assert_eq!(password_of("localhost:*:*:*:local", &socket, "d", "u").unwrap(), "local");
    }
}
