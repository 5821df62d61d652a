//! Random configurations of MQTT: what was applied is settled, every edit is what the schema says, everything can be
//! imported, and nothing is left in the end.

use std::collections::BTreeMap;

use proptest::collection::vec;
use proptest::prelude::any;
use proptest::test_runner::Config;
use proptest::test_runner::TestCaseError;
use proptest::test_runner::TestRunner;
use queueform::plan::PlanOptions;
use queueform::schema::Change;
use queueform::schema::Registry;
use queueform::schema::ResourceKind;

use super::mqtt::Course;
use super::mqtt::HANGZHOU;
use super::mqtt::SHANGHAI;
use crate::engine::actions;

/// A block: its type, its name, its arguments.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Block {
    kind: &'static str,
    name: String,
    arguments: BTreeMap<&'static str, String>,
}

impl Block {
    fn addr(&self) -> String {
        format!("apsaramq_mqtt_{}.{}", self.kind, self.name)
    }

    fn text(&self) -> String {
        let arguments = self.arguments.iter().map(|(name, value)| format!("  {name} = {value}\n"));
        format!(
            "resource \"apsaramq_mqtt_{}\" \"{}\" {{\n{}}}\n",
            self.kind,
            self.name,
            arguments.collect::<String>()
        )
    }

    fn word(&self, name: &str) -> String {
        self.arguments.get(name).map_or("-".to_owned(), |value| value.trim_matches('"').to_owned())
    }

    /// The id under which it is imported.
    fn id(&self) -> String {
        let parts: &[&str] = match self.kind {
            "group" => &["group_id"],
            "custom_auth_identity" => &["identity_type", "username", "client_id"],
            "custom_auth_permission" => &["identity_type", "identity", "topic"],
            "connect_blacklist_entry" | "device_credential" => &["client_id"],
            "device_certificate_status" => &["ca_sn", "device_sn"],
            _ => &[],
        };
        [self.word("instance_id")]
            .into_iter()
            .chain(parts.iter().map(|part| self.word(part)))
            .collect::<Vec<_>>()
            .join("/")
    }

    /// What an edit to another block comes to, by the schema's own words.
    fn edit(&self, to: &Self, registry: &Registry) -> Option<String> {
        let schema =
            registry.resource(ResourceKind::Managed, &format!("apsaramq_mqtt_{}", self.kind)).unwrap();
        let names = self.arguments.keys().chain(to.arguments.keys());
        let changed: Vec<_> =
            names.filter(|name| self.arguments.get(*name) != to.arguments.get(*name)).collect();
        let replaces = |name: &&&'static str| schema.attribute(name).unwrap().change == Change::Replace;
        match (changed.is_empty(), changed.iter().any(replaces)) {
            (true, _) => None,
            (false, true) => Some(format!("replace {}", self.addr())),
            (false, false) => Some(format!("update {}", self.addr())),
        }
    }
}

/// The blocks that a few random numbers stand for; the same places always have the same blocks.
fn blocks(numbers: &[u8]) -> Vec<Block> {
    let mut numbers = numbers.iter().copied();
    let mut pick = |words: &[&str]| {
        let at = usize::from(numbers.next().unwrap_or(0)) % words.len();
        words[at].to_owned()
    };
    let mut all = Vec::new();
    for (place, (iid, region)) in [(HANGZHOU, None), (SHANGHAI, Some("cn-shanghai"))].into_iter().enumerate()
    {
        let mut add = |kind: &'static str, name: &str, arguments: &[(&'static str, String)]| {
            let mut arguments: BTreeMap<_, _> = arguments.iter().cloned().collect();
            arguments.insert("instance_id", format!("\"{iid}\""));
            if let Some(region) = region {
                arguments.insert("region", format!("\"{region}\""));
            }
            arguments.retain(|_, value| value != "null");
            all.push(Block { kind, name: format!("{name}{place}"), arguments });
        };
        // Its devices need it, so that it stays; another one changes.
        add("group", "stays", &[("group_id", "\"GID_stays\"".to_owned())]);
        add(
            "group",
            "g",
            &[
                ("group_id", pick(&["\"GID_one\"", "\"GID-two\"", "\"GID_three_3\""])),
                ("tags", pick(&["{}", "{ a = \"1\" }", "{ a = \"x y\", b = \"*~\" }"])),
            ],
        );
        add(
            "custom_auth_identity",
            "u",
            &[
                ("identity_type", "\"USER\"".to_owned()),
                ("username", pick(&["\"meters\"", "\"a b+*~\"", "\"ü\""])),
                ("secret", "\"s e+c*r~et\"".to_owned()),
                ("secret_version", pick(&["1", "2", "3"])),
                ("sign_mode", pick(&["\"ORIGIN\"", "\"SIGNED\""])),
            ],
        );
        add(
            "custom_auth_identity",
            "c",
            &[
                ("identity_type", "\"CLIENT\"".to_owned()),
                ("username", "\"device\"".to_owned()),
                ("client_id", pick(&["\"GID_stays@@@1\"", "\"GID_stays@@@a/b\""])),
                ("secret", "\"s3cret\"".to_owned()),
                ("secret_version", pick(&["1", "2"])),
                ("sign_mode", pick(&["\"ORIGIN\"", "\"SIGNED\""])),
            ],
        );
        add(
            "custom_auth_permission",
            "p",
            &[
                ("identity_type", pick(&["\"USER\"", "\"CLIENT\""])),
                ("identity", pick(&["\"meters\"", "\"GID_stays@@@1\""])),
                ("topic", pick(&["\"meters/#\"", "\"meters/+/a b\"", "\"x\""])),
                ("permit_action", pick(&["\"PUB\"", "\"SUB\"", "\"PUB_SUB\""])),
                ("effect", pick(&["\"ALLOW\"", "\"DENY\""])),
            ],
        );
        add(
            "connect_blacklist_entry",
            "b",
            &[("client_id", pick(&["\"GID_stays@@@9\"", "\"GID_stays@@@ü\""]))],
        );
        add(
            "device_credential",
            "k",
            &[
                ("client_id", pick(&["\"GID_stays@@@1\"", "\"GID_stays@@@2\""])),
                ("rotate_trigger", pick(&["\"1\"", "\"2\""])),
            ],
        );
        add(
            "device_certificate_status",
            "d",
            &[
                ("ca_sn", "\"0815\"".to_owned()),
                ("device_sn", pick(&["\"1\"", "\"2\""])),
                ("active", pick(&["true", "false"])),
            ],
        );
        add(
            "instance_tags",
            "t",
            &[("tags", pick(&["{}", "{ a = \"1\" }", "{ a = \"2\", b = \"3\" }", "{ c = \"\" }"]))],
        );
    }
    all
}

async fn check(before: &[u8], after: &[u8]) -> Result<(), String> {
    let registry = Registry::embedded();
    let mut course = Course::new();
    for iid in [HANGZHOU, SHANGHAI] {
        for sn in ["1", "2"] {
            course.mqtt().put_device(iid, "0815", sn);
        }
    }
    let (before, after) = (blocks(before), blocks(after));
    course.write(&before.iter().map(Block::text).collect::<String>());
    // Keys of devices need their groups, which nothing says here.
    for _ in 0..2 {
        drop(course.lab.apply().await);
    }
    course.apply_with(PlanOptions::normal()).await;
    course.lab.settled().await;
    course.write(&after.iter().map(Block::text).collect::<String>());
    let planned = course.lab.plan().await;
    let mut wanted: Vec<String> =
        before.iter().zip(&after).filter_map(|(old, new)| old.edit(new, &registry)).collect();
    let mut found = actions(&planned);
    wanted.sort();
    found.sort();
    if found != wanted {
        return Err(format!("found {found:#?}, wanted {wanted:#?}"));
    }
    course.apply_with(PlanOptions::normal()).await;
    course.lab.settled().await;
    // In a blank state nothing says where an instance is but the provider: those of its own region are imported.
    let here: Vec<&Block> = after.iter().filter(|block| block.word("instance_id") == HANGZHOU).collect();
    let objects: Vec<(String, String)> = here.iter().map(|block| (block.addr(), block.id())).collect();
    let objects: Vec<(&str, &str)> = objects.iter().map(|(addr, id)| (addr.as_str(), id.as_str())).collect();
    course.import(&here.iter().map(|block| block.text()).collect::<String>(), &objects).await;
    course.apply_with(PlanOptions::destroy()).await;
    let left = course.mqtt().member(HANGZHOU).unwrap();
    let count = left.groups.len() + left.identities.len() + left.permissions.len() + left.credentials.len();
    if count + left.blacklist.len() + left.instance.tags.len() != 0 {
        return Err(format!("left: {left:#?}"));
    }
    Ok(())
}

#[test]
fn random_configurations_settle_and_every_edit_is_what_the_schema_says() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let config = Config { cases: 8, failure_persistence: None, max_shrink_iters: 20, ..Config::default() };
    let numbers = || vec(any::<u8>(), 44);
    TestRunner::new(config)
        .run(&(numbers(), numbers()), |(before, after)| {
            runtime.block_on(check(&before, &after)).map_err(TestCaseError::fail)
        })
        .unwrap_or_else(|error| panic!("{error}"));
}
