//! How an instance looks in answers: numbers as strings and JSON in text where the service has it.

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use super::catalog;
use super::model::Instance;
use super::model::Status;
use super::network;

const FEATURES: &str = "rocketmq.acl,route,message_trace_enable,features.log.collection,\
                        features.pod.token.access,enable.new.authinfo";

pub(crate) fn view(instance: &Instance, region: &str) -> Value {
    let addresses = Addresses::of(instance);
    let flavor = catalog::flavor(&instance.product_id);
    let subnet = format!("192.168.{}.0/24", network::octet(&instance.subnet_id, 1));
    let tags: Vec<Value> =
        instance.tags.iter().map(|(key, value)| json!({ "key": key, "value": value })).collect();
    let mut view = json!({
        "name": instance.name,
        "engine": "reliability",
        "status": instance.status.text(),
        "description": instance.description,
        "type": flavor.map_or("cluster", |flavor| flavor.kind),
        "specification": format!("{} * {} broker", instance.product_id, instance.broker_num),
        "engine_version": instance.engine_version,
        "instance_id": instance.id,
        "resource_spec_code": "",
        "charging_mode": instance.charging_mode,
        "vpc_id": instance.vpc_id,
        "vpc_name": named("vpc", &instance.vpc_id),
        "created_at": instance.created_at.to_string(),
        "product_id": instance.product_id,
        "security_group_id": instance.security_group_id,
        "security_group_name": named("sg", &instance.security_group_id),
        "subnet_id": instance.subnet_id,
        "subnet_name": named("subnet", &instance.subnet_id),
        "subnet_cidr": subnet,
        "available_zones": instance.available_zones,
        "available_zone_names": catalog::zone_codes_of(region, &instance.available_zones),
        "user_id": "0b01fbb53600d4671fa8c00673c71260",
        "user_name": "demo",
    });
    if let Some(map) = view.as_object_mut() {
        map.insert("tags".to_owned(), tags.into());
        if let Value::Object(operation) = operation(instance) {
            map.extend(operation);
        }
        addresses.add_to(map, instance);
        add_public(map, instance, &addresses);
    }
    view
}

/// Storage, switches and the rest of what running the instance needs.
fn operation(instance: &Instance) -> Value {
    json!({
        "maintain_begin": "02:00:00",
        "maintain_end": "06:00:00",
        "enable_log_collection": false,
        // What can be used of what was asked for.
        "storage_space": instance.total_storage_space * 93 / 100,
        "total_storage_space": instance.total_storage_space,
        "used_storage_space": 28,
        "enable_publicip": !instance.publicip_ids.is_empty(),
        "ssl_enable": instance.tls_mode == "SSL",
        "tls_mode": instance.tls_mode,
        "storage_resource_id": uuid_like(&instance.id, 2),
        "storage_spec_code": instance.storage_spec_code,
        "service_type": "advanced",
        "storage_type": "hec",
        "extend_times": instance.extend_times,
        "ipv6_enable": instance.ipv6_enable,
        "support_features": FEATURES,
        "disk_encrypted": false,
        "ces_version": "linux,v1,v2",
        "node_num": node_num(instance),
        "new_spec_billing_enable": true,
        "enable_acl": instance.enable_acl,
        "broker_num": instance.broker_num,
        "enterprise_project_id": instance.enterprise_project_id,
    })
}

fn named(prefix: &str, id: &str) -> String {
    if id.starts_with(prefix) { id.to_owned() } else { format!("{prefix}-{}", network::octet(id, 3)) }
}

fn uuid_like(id: &str, salt: u32) -> String {
    let parts: Vec<String> =
        (0..4).map(|n| format!("{:08x}", crc32fast::hash(format!("{n}/{salt}/{id}").as_bytes()))).collect();
    let hex = parts.concat();
    let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
    format!("{}-{}-4{}-a{}-{}", part(0, 8), part(8, 12), part(13, 16), part(17, 20), part(20, 32))
}

fn is_single(instance: &Instance) -> bool {
    catalog::flavor(&instance.product_id).is_some_and(catalog::Flavor::is_single)
}

/// Two name servers and three nodes per broker; a single node is a single node.
fn node_num(instance: &Instance) -> u64 {
    if is_single(instance) { 1 } else { 2 + 3 * instance.broker_num }
}

/// Private addresses: ports 8300… are name servers, 10100… are brokers.
#[derive(Debug)]
struct Addresses {
    name_servers: Vec<(String, u64)>,
    brokers: Vec<(String, u64)>,
}

impl Addresses {
    fn of(instance: &Instance) -> Self {
        if instance.status == Status::Creating || instance.status == Status::CreateFailed {
            return Self { name_servers: Vec::new(), brokers: Vec::new() };
        }
        let net = network::octet(&instance.subnet_id, 1);
        let first = network::octet(&instance.id, 4) / 2;
        let host = |n: u64| format!("192.168.{net}.{}", u64::from(first) + n);
        let (name_servers, brokers) = if is_single(instance) { (1, 1) } else { (2, 3 * instance.broker_num) };
        Self {
            name_servers: (0..name_servers).map(|n| (host(n), 8300 + n)).collect(),
            brokers: (0..brokers).map(|n| (host(name_servers + n), 10_100 + n)).collect(),
        }
    }

    fn joined(list: &[(String, u64)]) -> String {
        let all: Vec<String> = list.iter().map(|(ip, port)| format!("{ip}:{port}")).collect();
        all.join(",")
    }

    fn add_to(&self, map: &mut Map<String, Value>, instance: &Instance) {
        let mut put = |key: &str, value: String| map.insert(key.to_owned(), value.into());
        put("namesrv_address", Self::joined(&self.name_servers));
        put("broker_address", Self::joined(&self.brokers));
        let grpc = if instance.engine_version == "5.x" {
            self.brokers.first().map_or_else(String::new, |(ip, _)| format!("{ip}:8080"))
        } else {
            String::new()
        };
        put("grpc_address", grpc);
        let mut info = Map::new();
        for (list, is_broker) in [(&self.name_servers, false), (&self.brokers, true)] {
            for (ip, port) in list {
                let port = port.to_string();
                let (broker, namesrv) = if is_broker { (port.as_str(), "-") } else { ("-", port.as_str()) };
                info.insert(
                    ip.clone(),
                    json!({
                        "advertised_ip": ip,
                        "broker_port": broker,
                        "namesrv_port": namesrv,
                        "port_id": uuid_like(ip, 5),
                    }),
                );
            }
        }
        // JSON inside a text, as on the real service.
        put("cross_vpc_info", Value::Object(info).to_string());
    }
}

fn add_public(map: &mut Map<String, Value>, instance: &Instance, addresses: &Addresses) {
    let public: Vec<String> = instance.publicip_ids.iter().map(|id| network::public_address(id)).collect();
    let with_ports = |ports: Vec<u64>| {
        let all: Vec<String> = public.iter().zip(ports).map(|(ip, port)| format!("{ip}:{port}")).collect();
        all.join(",")
    };
    let name_servers = with_ports(addresses.name_servers.iter().map(|(_, port)| *port).collect());
    let brokers = with_ports(addresses.brokers.iter().map(|(_, port)| *port).collect());
    let grpc = match (instance.engine_version.as_str(), public.first()) {
        ("5.x", Some(ip)) => format!("{ip}:8080"),
        _ => String::new(),
    };
    for (key, value) in [
        ("publicip_id", instance.publicip_ids.join(",")),
        ("publicip_address", public.join(",")),
        ("public_namesrv_address", name_servers),
        ("public_broker_address", brokers),
        ("public_grpc_address", grpc),
    ] {
        map.insert(key.to_owned(), value.into());
    }
}
