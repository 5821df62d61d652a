//! An instance with everything in it, and what in it is kept on disk under which key.

use std::collections::BTreeMap;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::model::CaCertificate;
use super::model::Credential;
use super::model::DeviceCertificate;
use super::model::Event;
use super::model::Group;
use super::model::Identity;
use super::model::Instance;
use super::model::Message;
use super::model::Permission;
use super::model::Session;
use super::model::Token;

/// An instance and all that is in it. Keys are those of [`Stored::key`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The instance itself.
    pub instance: Instance,
    /// Groups by id.
    pub groups: BTreeMap<String, Group>,
    /// Identities of custom authentication.
    pub identities: BTreeMap<String, Identity>,
    /// Permissions of custom authentication.
    pub permissions: BTreeMap<String, Permission>,
    /// Client ids that may not connect.
    pub blacklist: BTreeMap<String, Blocked>,
    /// Keys of devices by client id.
    pub credentials: BTreeMap<String, Credential>,
    /// Certificates of authorities by serial number.
    pub authorities: BTreeMap<String, CaCertificate>,
    /// Certificates of devices.
    pub devices: BTreeMap<String, DeviceCertificate>,
    /// Connected devices by client id.
    pub sessions: BTreeMap<String, Session>,
    /// Tokens by themselves.
    pub tokens: BTreeMap<String, Token>,
    /// Messages by id.
    pub messages: BTreeMap<String, Message>,
    /// What traces show, by position.
    pub events: BTreeMap<String, Event>,
}

/// A client id that may not connect.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, serde::Deserialize)]
pub struct Blocked {
    /// Client id.
    pub client_id: String,
}

impl Member {
    pub(super) fn new(instance: Instance) -> Self {
        Self {
            instance,
            groups: BTreeMap::new(),
            identities: BTreeMap::new(),
            permissions: BTreeMap::new(),
            blacklist: BTreeMap::new(),
            credentials: BTreeMap::new(),
            authorities: BTreeMap::new(),
            devices: BTreeMap::new(),
            sessions: BTreeMap::new(),
            tokens: BTreeMap::new(),
            messages: BTreeMap::new(),
            events: BTreeMap::new(),
        }
    }
}

/// Something in an instance.
pub(super) trait Stored: Clone + Serialize + DeserializeOwned {
    /// What it is called on disk.
    const KIND: &'static str;

    /// Its key in the instance.
    fn key(&self) -> String;

    fn shelf(member: &Member) -> &BTreeMap<String, Self>;

    fn shelf_mut(member: &mut Member) -> &mut BTreeMap<String, Self>;
}

macro_rules! stored {
    ($(($type:ty, $kind:literal, $shelf:ident, |$it:ident| $key:expr),)*) => {
        $(
            impl Stored for $type {
                const KIND: &'static str = $kind;

                fn key(&self) -> String {
                    let $it = self;
                    $key
                }

                fn shelf(member: &Member) -> &BTreeMap<String, Self> {
                    &member.$shelf
                }

                fn shelf_mut(member: &mut Member) -> &mut BTreeMap<String, Self> {
                    &mut member.$shelf
                }
            }
        )*

        impl Member {
            /// Returns what the disk keeps of one thing; nothing if it is gone.
            pub(super) fn record(&self, kind: &str, key: &str) -> Option<Value> {
                match kind {
                    $($kind => serde_json::to_value(self.$shelf.get(key)?).ok(),)*
                    _ => None,
                }
            }

            /// Puts back what the disk has kept.
            pub(super) fn restore(&mut self, kind: &str, value: Value) -> serde_json::Result<()> {
                match kind {
                    $($kind => {
                        let stored: $type = serde_json::from_value(value)?;
                        self.$shelf.insert(stored.key(), stored);
                    })*
                    _ => {}
                }
                Ok(())
            }

            /// Returns kind and key of everything in the instance.
            pub(super) fn records(&self) -> Vec<(&'static str, String)> {
                let mut all = Vec::new();
                $(all.extend(self.$shelf.keys().map(|key| ($kind, key.clone())));)*
                all
            }
        }
    };
}

stored! {
    (Group, "group", groups, |it| it.id.clone()),
    (Identity, "identity", identities, |it| identity_key(&it.kind, &it.username, &it.client_id)),
    (Permission, "permission", permissions, |it| permission_key(&it.kind, &it.identity, &it.topic)),
    (Blocked, "blocked", blacklist, |it| it.client_id.clone()),
    (Credential, "credential", credentials, |it| it.client_id.clone()),
    (CaCertificate, "authority", authorities, |it| it.sn.clone()),
    (DeviceCertificate, "device", devices, |it| device_key(&it.ca_sn, &it.sn)),
    (Session, "session", sessions, |it| it.client_id.clone()),
    (Token, "token", tokens, |it| it.token.clone()),
    (Message, "message", messages, |it| it.id.clone()),
    (Event, "event", events, |it| format!("{:012}", it.position)),
}

/// Parts of a key are told apart by a character that no part can have.
pub(super) fn identity_key(kind: &str, username: &str, client_id: &str) -> String {
    format!("{kind}\u{1f}{username}\u{1f}{client_id}")
}

pub(super) fn permission_key(kind: &str, identity: &str, topic: &str) -> String {
    format!("{kind}\u{1f}{identity}\u{1f}{topic}")
}

pub(super) fn device_key(ca_sn: &str, sn: &str) -> String {
    format!("{ca_sn}\u{1f}{sn}")
}
