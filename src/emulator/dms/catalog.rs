//! What the emulated region offers: flavors, zones, disk types, parameters.

use serde_json::Value;
use serde_json::json;

/// A flavor of the product list.
#[derive(Debug)]
pub(crate) struct Flavor {
    pub(crate) product_id: &'static str,
    pub(crate) kind: &'static str,
    pub(crate) version: &'static str,
    pub(crate) max_brokers: u64,
    /// Per broker on 4.8.0, per instance on 5.x.
    pub(crate) max_topics: u64,
    pub(crate) max_groups: u64,
    /// Per broker on 4.8.0, per instance on 5.x.
    pub(crate) storage: (u64, u64),
    ecs_flavor_id: &'static str,
    alias: &'static str,
    ultra_first: bool,
}

impl Flavor {
    pub(crate) fn is_v5(&self) -> bool {
        self.version != "4.8.0"
    }

    pub(crate) fn is_single(&self) -> bool {
        self.kind.starts_with("single")
    }
}

pub(crate) const FLAVORS: &[Flavor] = &[
    flavor4("c6.4u8g.cluster.small", "cluster.small", 2, 2000, 30_000, "c6.xlarge.2", false),
    flavor4("c6.4u8g.cluster", "cluster", 10, 4000, 60_000, "s6.xlarge.2", true),
    flavor4("c6.8u16g.cluster", "cluster", 10, 8000, 90_000, "c6s.2xlarge.2", false),
    flavor4("c6.12u24g.cluster", "cluster", 10, 12_000, 90_000, "c6s.3xlarge.2", true),
    flavor4("c6.16u32g.cluster", "cluster", 10, 16_000, 90_000, "c6.4xlarge.2", false),
    flavor5("rocketmq.b1.large.1", "single.basic"),
    flavor5("rocketmq.b2.large.4", "cluster.basic"),
];

const fn flavor4(
    product_id: &'static str,
    kind: &'static str,
    max_brokers: u64,
    per_broker: u64,
    max_storage: u64,
    ecs_flavor_id: &'static str,
    ultra_first: bool,
) -> Flavor {
    Flavor {
        product_id,
        kind,
        version: "4.8.0",
        max_brokers,
        max_topics: per_broker,
        max_groups: per_broker,
        storage: (300, max_storage),
        ecs_flavor_id,
        alias: "rocketmq",
        ultra_first,
    }
}

const fn flavor5(product_id: &'static str, kind: &'static str) -> Flavor {
    Flavor {
        product_id,
        kind,
        version: "5.x",
        max_brokers: 1,
        max_topics: 4000,
        max_groups: 4000,
        storage: (200, 60_000),
        ecs_flavor_id: "",
        alias: "rocketmq.basic",
        ultra_first: false,
    }
}

pub(crate) fn flavor(product_id: &str) -> Option<&'static Flavor> {
    FLAVORS.iter().find(|flavor| flavor.product_id == product_id)
}

pub(crate) const STORAGE_SPECS: &[&str] = &[
    "dms.physical.storage.high.v2",
    "dms.physical.storage.ultra.v2",
    "dms.physical.storage.general",
    "dms.physical.storage.extreme",
];

/// An availability zone; `code` is the suffix of the region's name.
#[derive(Debug)]
pub(crate) struct Zone {
    pub(crate) id: &'static str,
    suffix: &'static str,
    name: &'static str,
    port: &'static str,
    default: bool,
}

const ZONES: &[Zone] = &[
    Zone { id: "8c90c2a4e2594c0782faa6b205afeca7", suffix: "a", name: "AZ 1", port: "8002", default: false },
    Zone { id: "d539378ec1314c85b76fefa3f7071458", suffix: "b", name: "AZ 2", port: "8003", default: false },
    Zone { id: "9f1c5806706d4c1fb0eb72f0a9b18c77", suffix: "c", name: "AZ 3", port: "443", default: true },
    Zone { id: "effdcbc7d4d64a02aa1fa26b42f56533", suffix: "d", name: "AZ 4", port: "8004", default: false },
];

pub(crate) fn zone_exists(id: &str) -> bool {
    ZONES.iter().any(|zone| zone.id == id)
}

/// Returns the id of the zone with this code in the region.
pub(crate) fn zone_id(region: &str, code: &str) -> Option<&'static str> {
    let suffix = code.strip_prefix(region)?;
    ZONES.iter().find(|zone| zone.suffix == suffix).map(|zone| zone.id)
}

fn zone_codes(region: &str) -> Vec<String> {
    ZONES.iter().map(|zone| format!("{region}{}", zone.suffix)).collect()
}

pub(crate) fn zone_codes_of(region: &str, ids: &[String]) -> Vec<String> {
    ids.iter()
        .filter_map(|id| ZONES.iter().find(|zone| zone.id == id))
        .map(|zone| format!("{region}{}", zone.suffix))
        .collect()
}

pub(crate) fn zones(region: &str) -> Value {
    let zones: Vec<Value> = ZONES
        .iter()
        .map(|zone| {
            json!({
                "soldOut": false,
                "id": zone.id,
                "code": format!("{region}{}", zone.suffix),
                "name": zone.name,
                "port": zone.port,
                "resource_availability": "true",
                "default_az": zone.default,
                // Larger than any signed 64-bit number, as on the real service.
                "remain_time": 9_223_372_036_854_776_000_u64,
                "ipv6_enable": false,
            })
        })
        .collect();
    json!({ "region_id": region, "available_zones": zones })
}

pub(crate) fn products(region: &str, engine: &str, chosen: &[&Flavor]) -> Value {
    let mut versions: Vec<&str> = Vec::new();
    for flavor in chosen {
        if !versions.contains(&flavor.version) {
            versions.push(flavor.version);
        }
    }
    let products: Vec<Value> = chosen.iter().map(|flavor| product(region, flavor)).collect();
    json!({ "engine": engine, "versions": versions, "products": products })
}

fn product(region: &str, flavor: &Flavor) -> Value {
    let zones = zone_codes(region);
    let io = |spec: &str| json!({ "io_spec": spec, "type": "evs", "available_zones": zones, "unavailable_zones": [] });
    let (high, ultra) = (io("dms.physical.storage.high.v2"), io("dms.physical.storage.ultra.v2"));
    let ios = if flavor.ultra_first { [ultra, high] } else { [high, ultra] };
    let mut properties = json!({
        "max_broker": flavor.max_brokers.to_string(),
        "min_broker": "1",
        "product_alias": format!("{}.{}", flavor.alias, flavor.product_id),
        "engine_versions": flavor.version,
        "max_storage_per_node": flavor.storage.1.to_string(),
        "min_storage_per_node": flavor.storage.0.to_string(),
    });
    if let Some(map) = properties.as_object_mut() {
        let (topics, groups) = if flavor.is_v5() {
            ("max_topic", "max_consumer")
        } else {
            ("max_topic_per_broker", "max_consumer_per_broker")
        };
        map.insert(topics.to_owned(), flavor.max_topics.to_string().into());
        map.insert(groups.to_owned(), flavor.max_groups.to_string().into());
    }
    json!({
        "type": flavor.kind,
        "product_id": flavor.product_id,
        "ecs_flavor_id": flavor.ecs_flavor_id,
        "billing_code": "dms.platinum.c6",
        "arch_types": ["X86"],
        "charging_mode": ["monthly", "hourly"],
        "ios": ios,
        "support_features": [],
        "properties": properties,
        "available_zones": zones,
        "unavailable_zones": [],
        "qingtian_incompatible": false,
    })
}

/// A parameter of an instance.
#[derive(Debug)]
pub(crate) struct Parameter {
    pub(crate) name: &'static str,
    pub(crate) default: &'static str,
    pub(crate) range: (i64, i64),
    pub(crate) kind: &'static str,
}

/// `fileReservedTime` is the only documented parameter.
pub(crate) const PARAMETERS: &[Parameter] =
    &[Parameter { name: "fileReservedTime", default: "48", range: (0, 720), kind: "dynamic" }];
