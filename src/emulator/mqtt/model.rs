//! The objects of the emulated service as plain data. No rules here, only shapes.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use serde::Deserialize;
use serde::Serialize;

/// An instance without what is in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Instance {
    /// Such as `mqtt-cn-demohangzhou`.
    pub id: String,
    /// Position among all instances ever made.
    pub position: u64,
    /// Name.
    pub name: String,
    /// The region it is in.
    pub region: String,
    /// 1 = platinum, 4 = professional; see `ListInstances`.
    pub kind: u64,
    /// 5 = in service; see `ListInstances`.
    pub status: u64,
    /// Version of the broker.
    pub kernel_version: String,
    /// When it was made, milliseconds of virtual time.
    pub created_at: i64,
    /// When it expires.
    pub expires_at: i64,
    /// The order that it was bought with.
    pub order_id: String,
    /// Whether it belongs to another account.
    pub is_foreign: bool,
    /// Tags.
    pub tags: BTreeMap<String, String>,
    /// Parent topics; they are made in the console.
    pub topics: BTreeSet<String>,
    /// The fleet of instances that stand in for each other.
    pub fleet: String,
    /// Whether disaster recovery was switched on by a ticket.
    pub recovers: bool,
    /// Whether its public address is taken out.
    pub is_downgraded: bool,
    /// The addresses that its domain name has now.
    pub addresses: Vec<String>,
    /// The addresses before the last switch; resolvers may still know them.
    pub addresses_before: Vec<String>,
    /// When the addresses changed last.
    pub switched_at: Option<i64>,
    /// What `SetSniConfig` was told.
    pub sni: Option<Sni>,
}

impl Instance {
    /// Returns the domain name that devices use.
    pub fn domain(&self) -> String {
        format!("{}.mqtt.aliyuncs.com", self.id)
    }

    /// Returns the public address, whatever points at it.
    pub fn vip(&self) -> String {
        format!("203.0.113.{}", self.position % 250 + 1)
    }
}

/// Certificates by domain name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sni {
    /// The certificate for names that no entry has.
    pub default_certificate: String,
    /// `domain#certificate#password;…`, empty if there are none.
    pub entries: String,
}

/// A group of clients.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// Such as `GID_sensors`.
    pub id: String,
    /// When it was made.
    pub created_at: i64,
    /// When it was changed.
    pub updated_at: i64,
    /// Tags.
    pub tags: BTreeMap<String, String>,
}

/// Somebody who may connect with custom authentication.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// `USER` or `CLIENT`.
    pub kind: String,
    /// User name.
    pub username: String,
    /// Client id; empty for `USER`.
    pub client_id: String,
    /// Secret.
    pub secret: String,
    /// `ORIGIN` or `SIGNED`.
    pub sign_mode: String,
}

/// What an identity may do with topics.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Permission {
    /// `USER` or `CLIENT`.
    pub kind: String,
    /// User name or client id.
    pub identity: String,
    /// Topic filter.
    pub topic: String,
    /// `PUB`, `SUB` or `PUB_SUB`.
    pub action: String,
    /// `ALLOW` or `DENY`.
    pub effect: String,
}

/// The key of one device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credential {
    /// Client id.
    pub client_id: String,
    /// Key.
    pub access_key_id: String,
    /// Secret of the key.
    pub access_key_secret: String,
    /// When it was made.
    pub created_at: i64,
    /// When it was renewed.
    pub updated_at: i64,
}

/// A certificate of an authority that device certificates are checked with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaCertificate {
    /// Serial number.
    pub sn: String,
    /// Name.
    pub name: String,
    /// PEM.
    pub content: String,
    /// PEM of the certificate that proves the possession of the private key.
    pub verification: String,
    /// The register code that it was registered with.
    pub register_code: String,
    /// Begin of validity.
    pub valid_from: i64,
    /// End of validity.
    pub valid_to: i64,
    /// Whether it is in use.
    pub is_active: bool,
}

/// A certificate that a device has shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceCertificate {
    /// Serial number of the authority's certificate.
    pub ca_sn: String,
    /// Serial number.
    pub sn: String,
    /// Name.
    pub name: String,
    /// PEM.
    pub content: String,
    /// Begin of validity.
    pub valid_from: i64,
    /// End of validity.
    pub valid_to: i64,
    /// Whether it is accepted.
    pub is_active: bool,
}

/// A connected device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// Client id.
    pub client_id: String,
    /// The connection.
    pub channel: String,
    /// When it connected.
    pub since: i64,
    /// Topic filters that it has subscribed to.
    pub topics: BTreeSet<String>,
}

/// A temporary permission.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Token {
    /// The token.
    pub token: String,
    /// `R`, `W` or `R,W`.
    pub actions: String,
    /// Topics.
    pub resources: String,
    /// End, milliseconds of virtual time.
    pub expires_at: i64,
    /// Whether it was revoked.
    pub is_revoked: bool,
}

/// A message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// Id.
    pub id: String,
    /// Topic.
    pub topic: String,
    /// Payload as it was sent.
    pub payload: String,
    /// When it was stored.
    pub at: i64,
}

/// Something that a trace shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// Position among all events.
    pub position: u64,
    /// When.
    pub at: i64,
    /// The device; empty for a message of the server.
    pub client_id: String,
    /// `connect`, `close`, `disconnect`, `pub_mqtt`, `pub_mq`, `sub` or `push_offline`.
    pub action: String,
    /// More about it.
    pub info: String,
    /// The connection.
    pub channel: String,
    /// The message, for what happens to messages.
    pub message_id: Option<String>,
}
