//! Switches between things that the documents leave open.

use serde::Deserialize;
use serde::Serialize;

/// Which reading of the two ids of a switch the service insists on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Convention {
    /// Any pair of instances of one fleet.
    #[default]
    Any,
    /// `InstanceId` takes over: another instance, in normal state.
    Takeover,
    /// `InstanceId` is the first instance of the fleet.
    Primary,
    /// Both ids are the same.
    SelfOnly,
}

/// What a switch to the state that there is already comes to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Repeated {
    /// It succeeds.
    #[default]
    Success,
    /// It is refused.
    Error,
}

/// How identities show their secrets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SecretEcho {
    /// As they are.
    #[default]
    Plain,
    /// As a digest.
    Hashed,
    /// Not at all.
    Absent,
}

/// The switches of the emulator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub struct Settings {
    /// How the two ids of a switch are read.
    pub convention: Convention,
    /// What repeating a switch comes to.
    pub repeated_switch: Repeated,
    /// Refuses to take out the last public address of a fleet.
    pub refuse_last_active: bool,
    /// Regions that do not answer are taken out at once.
    pub automatic_inspection: bool,
    /// Failures of custom authentication and switches come with status 200 and `Success: false`.
    pub soft_failures: bool,
    /// How identities show their secrets.
    pub secret_echo: SecretEcho,
    /// Permissions are refused if their parent topic does not exist.
    pub check_parent_topics: bool,
    /// The certificate that proves a private key must hold the register code.
    pub check_register_code: bool,
    /// `CloseConnection` works everywhere, not only on professional instances in Shanghai.
    pub close_anywhere: bool,
    /// Instances answer only at the endpoint of their region, where the call tells it.
    pub regional: bool,
    /// Instances that nobody has made exist as soon as they are called by a well-formed id.
    pub open_instances: bool,
    /// How long resolvers remember an address.
    pub dns_ttl_seconds: u64,
    /// Most identities, permissions and blocked clients of an instance, each.
    pub custom_auth_capacity: u64,
    /// Most groups of an instance.
    pub group_capacity: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            convention: Convention::default(),
            repeated_switch: Repeated::default(),
            refuse_last_active: false,
            automatic_inspection: false,
            soft_failures: false,
            secret_echo: SecretEcho::default(),
            check_parent_topics: false,
            check_register_code: false,
            close_anywhere: false,
            regional: true,
            open_instances: false,
            dns_ttl_seconds: 600,
            custom_auth_capacity: 10_000,
            group_capacity: 1_000,
        }
    }
}
