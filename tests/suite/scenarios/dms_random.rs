//! Random instances of DMS, in every flavor and with every switch: what is applied is settled, every edit is what the
//! schema says, everything can be imported, and nothing is left in the end.

use fastrand::Rng;
use queueform::emulator::dms::Instance;
use queueform::plan::PlanOptions;

use super::script::Script;
use super::wish::Values;
use super::wish::Verb;
use super::wish::Wish;
use super::wish::maybe;
use super::wish::pick;
use crate::engine::actions;
use crate::engine::listed;

const ADDR: &str = "dms_rocketmq_instance.main";

/// Flavors by version and kind, each list from small to large; most brokers, and least storage of each.
const FLAVORS: [(&str, &[&str], u64, u64); 4] = [
    ("4.8.0", &["c6.4u8g.cluster.small"], 2, 300),
    ("4.8.0", &["c6.4u8g.cluster", "c6.8u16g.cluster", "c6.12u24g.cluster", "c6.16u32g.cluster"], 4, 300),
    ("5.x", &["rocketmq.b1.large.1"], 1, 200),
    ("5.x", &["rocketmq.b2.large.4"], 1, 200),
];

/// Tags that every instance gets.
const DEFAULTS: [&str; 3] = ["{}", "{ env = \"test\" }", "{ env = \"prod\", team = \"queues\" }"];
const IGNORED: [&str; 2] = ["[]", "[\"cost-center\"]"];
const TAGS: [&str; 5] = [
    "{}",
    "{ env = \"own\" }",
    "{ app = \"orders\" }",
    "{ app = \"orders\", env = \"test\" }",
    "{ app = \"a b\", \"k.e:y\" = \"\" }",
];
const ZONES: [&str; 4] = [
    "[\"ru-moscow-1a\"]",
    "[\"ru-moscow-1b\"]",
    "[\"ru-moscow-1a\", \"ru-moscow-1b\", \"ru-moscow-1c\"]",
    "[\"ru-moscow-1a\", \"ru-moscow-1b\", \"ru-moscow-1c\", \"ru-moscow-1d\"]",
];
const DISKS: [&str; 2] = ["\"dms.physical.storage.high.v2\"", "\"dms.physical.storage.ultra.v2\""];
const NAMES: [&str; 3] = ["\"orders\"", "\"Orders-2\"", "\"o-r-d-e-r-s\""];
const TEXTS: [&str; 3] = ["\"\"", "\"a text\"", "\"zwei \u{1f600} Wörter\""];
const GROUPS: [&str; 2] = ["\"sg-demo\"", "\"sg-demo-2\""];
const SUBNETS: [&str; 2] = ["\"subnet-demo\"", "\"subnet-demo-2\""];
const NETS: [&str; 2] = ["\"vpc-demo\"", "\"vpc-demo-2\""];
const PROJECTS: [&str; 2] = ["\"0\"", "\"11111111-2222-4333-8444-555555555555\""];
const MODES: [&str; 3] = ["\"PLAINTEXT\"", "\"SSL\"", "\"PERMISSIVE\""];
const FLAGS: [&str; 2] = ["true", "false"];

/// A configuration with one instance.
#[derive(Clone, Debug)]
struct Estate {
    defaults: &'static str,
    ignored: &'static str,
    family: usize,
    instance: Wish,
}

impl Estate {
    fn random(rng: &mut Rng) -> Self {
        let family = rng.usize(..FLAVORS.len());
        let (version, flavors, most, least) = FLAVORS[family];
        let mut instance = Wish::new("dms_rocketmq_instance", "main");
        let mut put = |name, value: &str| instance.set(name, Some(value.to_owned()));
        put("name", pick(rng, &["\"orders\"", "\"with_underscores_1\""]));
        put("engine_version", &format!("{version:?}"));
        put("flavor_id", &format!("{:?}", flavors[rng.usize(..flavors.len())]));
        put("storage_spec_code", pick(rng, &DISKS));
        put("vpc_id", pick(rng, &NETS));
        put("subnet_id", pick(rng, &SUBNETS));
        put("security_group_id", pick(rng, &GROUPS));
        put("availability_zones", pick(rng, &ZONES));
        let brokers = rng.u64(1..=most);
        put("storage_space", &(brokers * (least + 100 * rng.u64(..4))).to_string());
        if brokers > 1 || rng.bool() && version == "4.8.0" {
            put("broker_num", &brokers.to_string());
        }
        instance.set("description", maybe(rng, &TEXTS));
        instance.set("enable_acl", maybe(rng, &FLAGS));
        instance.set("enterprise_project_id", maybe(rng, &PROJECTS));
        instance.set("tags", maybe(rng, &TAGS));
        instance.set("tls_mode", maybe(rng, &MODES));
        let mut estate =
            Self { defaults: pick(rng, &DEFAULTS), ignored: pick(rng, &IGNORED), family, instance };
        estate.instance.set("ssl_enable", maybe(rng, &FLAGS));
        estate.agree_on_tls(rng);
        if rng.bool() {
            estate.publish(rng, brokers);
        }
        estate
    }

    /// Two arguments that say the same must not contradict each other.
    fn agree_on_tls(&mut self, rng: &mut Rng) {
        let (ssl, mode) = (self.instance.get("ssl_enable"), self.instance.get("tls_mode"));
        if let (Some(ssl), Some(mode)) = (ssl, mode)
            && (ssl == "true") != (mode == "\"SSL\"")
        {
            self.instance.set(if rng.bool() { "ssl_enable" } else { "tls_mode" }, None);
        }
    }

    fn is_single(&self) -> bool {
        self.instance.get("flavor_id").is_some_and(|flavor| flavor.contains(".b1."))
    }

    /// Gives it as many public addresses as it needs.
    fn publish(&mut self, rng: &mut Rng, brokers: u64) {
        let first = rng.u64(..3);
        let count = if self.is_single() { 1 } else { 3 * brokers };
        let ids: Vec<String> = (first..first + count).map(|n| format!("\"eip-demo-{n}\"")).collect();
        self.instance.set("enable_publicip", Some("true".to_owned()));
        self.instance.set("publicip_ids", Some(format!("[{}]", ids.join(", "))));
    }

    /// Some edits that the service can make of what it has.
    fn edited(&self, rng: &mut Rng, found: &Instance) -> Self {
        let (_, flavors, most, _) = FLAVORS[self.family];
        let mut new = self.clone();
        for _ in 0..rng.usize(1..4) {
            match rng.usize(..18) {
                0 => new.instance.set("name", Some(pick(rng, &NAMES).to_owned())),
                1 => new.instance.set("description", maybe(rng, &TEXTS)),
                2 => new.instance.set("security_group_id", Some(pick(rng, &GROUPS).to_owned())),
                3 => new.instance.set("enable_acl", maybe(rng, &FLAGS)),
                4 => new.instance.set("enterprise_project_id", maybe(rng, &PROJECTS)),
                5 | 6 => new.instance.set("tags", maybe(rng, &TAGS)),
                7 => new.defaults = pick(rng, &DEFAULTS),
                8 | 9 => {
                    new.instance.set("tls_mode", maybe(rng, &MODES));
                    new.agree_on_tls(rng);
                }
                10 => {
                    new.instance.set("ssl_enable", maybe(rng, &FLAGS));
                    new.agree_on_tls(rng);
                }
                // A larger flavor of the same kind.
                11 => {
                    let now = flavors.iter().position(|flavor| *flavor == found.product_id).unwrap();
                    let next = flavors[rng.usize(now..flavors.len())];
                    new.instance.set("flavor_id", Some(format!("{next:?}")));
                }
                12 => {
                    let more = found.total_storage_space + 100 * found.broker_num * rng.u64(1..4);
                    new.instance.set("storage_space", Some(more.to_string()));
                    new.instance.set("broker_num", self.instance.get("broker_num").map(str::to_owned));
                }
                13 => {
                    let brokers = rng.u64(found.broker_num..=most);
                    let each = found.total_storage_space / found.broker_num + 100 * rng.u64(..2);
                    new.instance.set("broker_num", (most > 1).then(|| brokers.to_string()));
                    new.instance.set("storage_space", Some((brokers * each).to_string()));
                }
                14 => {
                    new.instance.set("enable_publicip", rng.bool().then(|| "false".to_owned()));
                    new.instance.set("publicip_ids", None);
                }
                15 => new.publish(rng, 1),
                16 => new.instance.set("availability_zones", Some(pick(rng, &ZONES).to_owned())),
                _ => {
                    new.instance.set("storage_spec_code", Some(pick(rng, &DISKS).to_owned()));
                    new.instance.set("vpc_id", Some(pick(rng, &NETS).to_owned()));
                }
            }
        }
        if new.instance.get("publicip_ids").is_some() {
            let brokers =
                new.instance.get("broker_num").map_or(found.broker_num, |text| text.parse().unwrap());
            new.publish(rng, brokers);
        }
        new
    }

    fn text(&self) -> String {
        format!(
            "provider \"dms\" {{\n  default_tags = {}\n  ignore_tags = {}\n}}\n{}",
            self.defaults,
            self.ignored,
            self.instance.text()
        )
    }

    /// The tags that it has in the end, as the emulator shows them.
    fn tags(&self) -> Values {
        let mut tags = Values::new();
        for (tags_of, keys) in [
            (self.defaults, ["env", "team"].as_slice()),
            (self.instance.get("tags").unwrap_or("{}"), &["env", "app", "k.e:y"]),
        ] {
            for key in keys {
                let written = [format!("{key} = \""), format!("\"{key}\" = \"")];
                if let Some(rest) = written.iter().find_map(|start| tags_of.split_once(start.as_str())) {
                    tags.insert(*key, rest.1.split('"').next().unwrap().to_owned());
                }
            }
        }
        tags
    }

    /// What the edit of an instance must come to.
    fn verb(&self, before: &Values, tags: &Values, found: &Instance) -> Verb {
        let known = |name: &str| {
            let quoted = |text: &str| Some(format!("{text:?}"));
            match name {
                "description" => quoted(&found.description),
                "enable_acl" => Some(found.enable_acl.to_string()),
                "enterprise_project_id" => quoted(&found.enterprise_project_id),
                "tls_mode" => quoted(&found.tls_mode),
                "ssl_enable" => Some((found.tls_mode == "SSL").to_string()),
                "broker_num" => Some(found.broker_num.to_string()),
                "enable_publicip" => Some("false".to_owned()),
                "publicip_ids" => Some("[]".to_owned()),
                _ => None,
            }
        };
        // What the service decides is what it has, and a default is a default.
        let held: Values = before
            .iter()
            .filter(|(name, _)| !["tags", "description"].contains(*name))
            .map(|(name, value)| match *name {
                "enable_acl" | "enterprise_project_id" | "tls_mode" | "ssl_enable" | "broker_num" => {
                    (*name, known(name).unwrap())
                }
                _ => (*name, value.clone()),
            })
            .collect();
        let mut wanted = self.instance.clone();
        wanted.set("tags", None);
        let text = wanted.arguments.remove("description").unwrap_or_else(|| "\"\"".to_owned());
        let mut verb = wanted.verb(&held, known);
        if text != format!("{:?}", found.description) || self.tags() != *tags {
            verb = verb.max(Verb::Update);
        }
        verb
    }
}

fn only(script: &Script) -> Instance {
    let mut all = script.lab.dms().instances();
    assert_eq!(all.len(), 1);
    all.remove(0)
}

async fn course(seed: u64) {
    let mut rng = Rng::with_seed(seed);
    let mut script = Script::new();
    let mut estate = Estate::random(&mut rng);
    script.apply_alone(&estate.text()).await;
    for _ in 0..3 {
        let found = only(&script);
        let tags = estate.tags();
        let shown: Values = tags.keys().map(|key| (*key, found.tags[*key].clone())).collect();
        assert_eq!((&shown, found.tags.len()), (&tags, tags.len()), "{seed}: {}", estate.text());
        let edited = estate.edited(&mut rng, &found);
        let wanted: Vec<String> =
            edited.verb(&estate.instance.arguments, &tags, &found).of(ADDR).into_iter().collect();
        script.lab.write(&edited.text());
        let planned = script.lab.plan().await;
        let told = format!("{seed}: {}\nbecomes {}", estate.text(), edited.text());
        assert!(planned.is_applicable(), "{told}\n{}", listed(&planned.plan.diagnostics));
        assert_eq!(actions(&planned), wanted, "{told}");
        script.apply_alone(&edited.text()).await;
        estate = edited;
    }
    let id = only(&script).id;
    script.import_alone(&estate.text(), &[(ADDR, id)]).await;
    script.lab.apply_with(PlanOptions::destroy()).await;
    assert_eq!((script.lab.dms().count(), script.lab.state().is_empty()), (0, true), "{seed}");
}

#[tokio::test]
async fn random_instances_settle_and_every_edit_is_what_the_schema_says() {
    for seed in 0..12 {
        course(seed).await;
    }
}
