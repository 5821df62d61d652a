//! What an emulator is started with: systems, place, clock, credentials. Knows no system's API.

use std::net::Ipv4Addr;
use std::net::SocketAddr;
use std::path::PathBuf;

use super::clock::ClockMode;
use super::faults::FaultRule;
use super::systems::System;

/// The permanent access key that every emulator accepts by default.
pub const DEMO_ACCESS_KEY: &str = "QFDEMOACCESSKEY00001";
/// The secret key of [`DEMO_ACCESS_KEY`].
pub const DEMO_SECRET_KEY: &str = "QFDEMOSECRETKEY0000NOTAREALSECRETKEY0001";
/// A temporary access key; it needs [`DEMO_SECURITY_TOKEN`] beside it.
pub const DEMO_TEMPORARY_ACCESS_KEY: &str = "QFDEMOTEMPORARY00001";
/// The secret key of [`DEMO_TEMPORARY_ACCESS_KEY`].
pub const DEMO_TEMPORARY_SECRET_KEY: &str = "QFDEMOTEMPORARY0000NOTAREALSECRETKEY0001";
/// The security token of [`DEMO_TEMPORARY_ACCESS_KEY`].
pub const DEMO_SECURITY_TOKEN: &str = "qf-demo-security-token";
/// The id of the one project.
pub const DEMO_PROJECT_ID: &str = "0123456789abcdef0123456789abcdef";
/// The name of the one project; as on the real service it is the region's name.
pub const DEMO_PROJECT_NAME: &str = "ru-moscow-1";
/// The region that the emulator of DMS plays.
pub const DEMO_REGION: &str = "ru-moscow-1";
/// The IAM user.
pub const DEMO_USER: &str = "demo";
/// The password of [`DEMO_USER`].
pub const DEMO_PASSWORD: &str = "Demo-Passw0rd";
/// The IAM domain (account) of [`DEMO_USER`].
pub const DEMO_DOMAIN: &str = "demo-domain";
/// The id of [`DEMO_DOMAIN`].
pub const DEMO_DOMAIN_ID: &str = "fedcba9876543210fedcba9876543210";

/// Who may call. Everything else is refused the way the vendor refuses it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credentials {
    /// Permanent access key.
    pub access_key: String,
    /// Secret key of `access_key`.
    pub secret_key: String,
    /// The id of the project that the keys and the user belong to.
    pub project_id: String,
    /// The name of that project.
    pub project_name: String,
    /// The region's name, of DMS; other systems have [`System::region`].
    pub region: String,
    /// IAM user for token authentication.
    pub user: String,
    /// Password of `user`.
    pub password: String,
    /// IAM domain of `user`.
    pub domain: String,
    /// Id of `domain`.
    pub domain_id: String,
}

impl Default for Credentials {
    fn default() -> Self {
        Self {
            access_key: DEMO_ACCESS_KEY.to_owned(),
            secret_key: DEMO_SECRET_KEY.to_owned(),
            project_id: DEMO_PROJECT_ID.to_owned(),
            project_name: DEMO_PROJECT_NAME.to_owned(),
            region: DEMO_REGION.to_owned(),
            user: DEMO_USER.to_owned(),
            password: DEMO_PASSWORD.to_owned(),
            domain: DEMO_DOMAIN.to_owned(),
            domain_id: DEMO_DOMAIN_ID.to_owned(),
        }
    }
}

/// How to start an emulator. The default serves every system in memory on free loopback ports.
#[derive(Clone, Debug)]
pub struct Options {
    /// The systems to serve, one port each.
    pub systems: Vec<System>,
    /// Where commits are kept; `None` keeps everything in memory.
    pub data_dir: Option<PathBuf>,
    /// Address of the first system; the others take the following ports, or free ones with port 0.
    pub listen: SocketAddr,
    /// How virtual time passes.
    pub clock: ClockMode,
    /// Who may call.
    pub credentials: Credentials,
    /// Seeds ids and anything else that looks random; same seed and calls, same answers.
    pub seed: u64,
    /// Instances that only the vendor's console can make exist as soon as somebody calls them.
    pub open_instances: bool,
    /// Faults that are active from the start.
    pub faults: Vec<FaultRule>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            systems: System::ALL.to_vec(),
            data_dir: None,
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            clock: ClockMode::default(),
            credentials: Credentials::default(),
            seed: 1,
            open_instances: false,
            faults: Vec::new(),
        }
    }
}
