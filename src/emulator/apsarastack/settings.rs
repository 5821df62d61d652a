//! Switches between the readings of what the documents leave open.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::Serialize;

/// How `data` stands in an answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DataEncoding {
    /// As it is.
    #[default]
    Object,
    /// As a text that holds JSON.
    String,
}

/// How keys of answers are spelled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyCase {
    /// As the document spells them.
    #[default]
    Documented,
    /// All letters small.
    Lower,
    /// The first letter capital.
    Pascal,
}

/// What `instance/create` returns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CreatedData {
    /// `{"instanceId": …}`
    #[default]
    InstanceId,
    /// `{}`
    Empty,
    /// `null`
    Null,
}

/// Which key of a list says whether an instance has a namespace.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NamingKeys {
    /// `namespaceRulesType`, as the document has it.
    #[default]
    NamespaceRulesType,
    /// `independentNaming`, as single reads have it.
    IndependentNaming,
    /// Both.
    Both,
}

/// Where `instance/baseInfo` puts its object.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BaseInfoPlace {
    /// In `data`.
    #[default]
    Data,
    /// In `data.InstanceBaseInfo`.
    Wrapped,
    /// In `InstanceBaseInfo` beside `data`.
    Beside,
}

/// What `topic/get` returns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TopicShape {
    /// A list of one topic.
    #[default]
    List,
    /// The topic.
    Object,
}

/// The switches. The defaults are what is thought most likely.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// How `data` stands in an answer.
    pub data_encoding: DataEncoding,
    /// How keys of answers are spelled.
    pub key_case: KeyCase,
    /// What `instance/create` returns.
    pub created_data: CreatedData,
    /// Which key of a list says whether an instance has a namespace.
    pub naming_keys: NamingKeys,
    /// Where `instance/baseInfo` puts its object.
    pub base_info: BaseInfoPlace,
    /// What `topic/get` returns.
    pub topic_get: TopicShape,
    /// Shows fields that no document promises: remarks, clusters, kinds of messages, owners, relations.
    pub undocumented_fields: bool,
    /// Accepts signatures over keys sorted without regard to case too.
    pub lenient_sort: bool,
    /// HTTP status of refused credentials.
    pub refusal_status: u16,
    /// How far `__preventCache` may be from now, in milliseconds; 0 = any distance.
    pub prevent_cache_window_ms: i64,
    /// How long the name of a deleted topic stays taken, in seconds of virtual time.
    pub recycle_seconds: i64,
    /// Refuses `group/consumerUpdate` for groups that no client ever used.
    pub read_switch_needs_use: bool,
    /// Most instances of the region.
    pub instance_quota: usize,
    /// Headers that calls must carry: what the platform wants of the keys of personal accounts.
    pub needed_headers: BTreeMap<String, String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            data_encoding: DataEncoding::default(),
            key_case: KeyCase::default(),
            created_data: CreatedData::default(),
            naming_keys: NamingKeys::default(),
            base_info: BaseInfoPlace::default(),
            topic_get: TopicShape::default(),
            undocumented_fields: true,
            lenient_sort: false,
            refusal_status: 200,
            prevent_cache_window_ms: 15 * 60 * 1000,
            recycle_seconds: 30,
            read_switch_needs_use: false,
            instance_quota: 500,
            needed_headers: BTreeMap::new(),
        }
    }
}
