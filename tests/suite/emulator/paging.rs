//! Paging: limits, offsets, what the last page says.

use queueform::emulator::dms::InstanceSeed;
use serde_json::Value;

use super::client::Service;

fn seeded() -> (Service, String) {
    let service = Service::start();
    let mut seed = InstanceSeed::new("paging");
    for n in 0..23 {
        seed = seed.topic(&format!("topic-{n:02}"), 1).group(&format!("group-{n:02}"));
        seed = seed.user(&format!("user-name-{n:02}"), "Secret-0001");
    }
    let iid = service.running.store().dms().seed_instance(&seed);
    (service, iid)
}

fn names(list: &Value, key: &str) -> Vec<String> {
    list.as_array().unwrap().iter().map(|item| item[key].as_str().unwrap().to_owned()).collect()
}

#[test]
fn lists_by_limit_and_offset() {
    let (service, iid) = seeded();
    for (list, key) in [("topics", "name"), ("groups", "name"), ("users", "access_key")] {
        let page = |query: &str| {
            let answer = service.get(&format!("/v2/{{pid}}/instances/{iid}/{list}{query}"));
            assert_eq!(answer.status, 200, "{answer:?}");
            let body = answer.json();
            // Generic pagers take the one array they find.
            let arrays = body.as_object().unwrap().values().filter(|value| value.is_array()).count();
            assert_eq!((arrays, body["total"].as_u64()), (1, Some(23)));
            body
        };
        assert_eq!(page("")[list].as_array().unwrap().len(), 10);
        let mut collected = Vec::new();
        for offset in [0, 7, 14, 21] {
            collected.extend(names(&page(&format!("?limit=7&offset={offset}"))[list], key));
        }
        assert_eq!(collected.len(), 23);
        assert!(collected.is_sorted());
        assert_eq!(page("?limit=50&offset=23")[list], Value::Array(Vec::new()));
        assert_eq!(page("?limit=50&offset=1000")[list], Value::Array(Vec::new()));
    }
    for list in ["topics", "groups"] {
        let next = |query: &str| {
            let body = service.get(&format!("/v2/{{pid}}/instances/{iid}/{list}{query}")).json();
            (body["next_offset"].as_i64().unwrap(), body["previous_offset"].as_i64().unwrap())
        };
        assert_eq!(next("?limit=10&offset=0"), (10, -1));
        assert_eq!(next("?limit=10&offset=10"), (20, 0));
        assert_eq!(next("?limit=10&offset=20"), (-1, 10));
    }
}

#[test]
fn limits_are_checked() {
    let (service, iid) = seeded();
    for (query, code) in [
        ("limit=0", "DMS.10240042"),
        ("limit=51", "DMS.10240042"),
        ("limit=ten", "DMS.00400062"),
        ("offset=-1", "DMS.10240043"),
    ] {
        let answer = service.get(&format!("/v2/{{pid}}/instances/{iid}/topics?{query}"));
        assert_eq!(answer.refusal(), (400, code.to_owned()), "{query}");
    }
}

#[test]
fn instances_are_filtered_and_paged() {
    let service = Service::start();
    let store = service.running.store().dms();
    for n in 0..12 {
        store.seed_instance(&InstanceSeed::new(&format!("shop-{n}")));
    }
    let list = |query: &str| service.get(&format!("/v2/{{pid}}/instances?{query}")).json();
    assert_eq!(list("engine=reliability")["instances"].as_array().unwrap().len(), 10);
    assert_eq!(list("limit=50")["instance_num"], 12);
    assert_eq!(list("name=shop-1")["instance_num"], 3);
    assert_eq!(list("exact_match_name=true&name=shop-1")["instance_num"], 1);
    assert_eq!(list("status=CREATING")["instance_num"], 0);
    assert_eq!(list("limit=5&offset=10")["instances"].as_array().unwrap().len(), 2);
    // The youngest comes first, and the list leaves tags out.
    let first = &list("limit=1")["instances"][0];
    assert_eq!((first["name"].as_str(), first.get("tags")), (Some("shop-11"), None));
}

#[test]
fn the_topics_of_a_group_refuse_a_page_behind_the_end() {
    let service = Service::start();
    let seed = InstanceSeed::new("lagging").topic("orders", 2).group("billing").lag("billing", "orders", 3);
    let iid = service.running.store().dms().seed_instance(&seed);
    let page = |offset: u32| {
        service.get(&format!("/v2/{{pid}}/instances/{iid}/groups/billing/topics?limit=10&offset={offset}"))
    };
    assert_eq!(page(0).json()["total"], 1);
    assert_eq!(page(1).refusal(), (400, "DMS.40050010".to_owned()));
}
