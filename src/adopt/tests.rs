//! What is written of objects: terms, references, tables, names and files.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::Arc;

use insta::assert_snapshot;

use crate::addr::InstanceAddr;
use crate::addr::InstanceKey;
use crate::addr::ProviderAddr;
use crate::addr::ResourceAddr;
use crate::config::Module;
use crate::schema::Registry;
use crate::schema::ResourceKind;
use crate::schema::ResourceSchema;
use crate::schema::scope::identity;
use crate::schema::scope::null_object;
use crate::source::SourceMap;
use crate::syntax::fmt::format_valid;
use crate::syntax::parse::parse_file;
use crate::value::Type;
use crate::value::Value;

use super::block::Block;
use super::block::Member;
use super::names::Names;
use super::names::plural;
use super::names::short;
use super::names::slug;
use super::term::Reference;
use super::term::Term;
use super::term::name_of;
use super::*;

const INSTANCE: &str = "11111111-2222-4333-8444-555555555555";

fn schema(name: &str) -> Arc<ResourceSchema> {
    Registry::embedded().resource(ResourceKind::Managed, name).unwrap()
}

fn provider() -> ProviderAddr {
    ProviderAddr::default_of(Arc::<str>::from("dms"))
}

/// An object with its id; what is not given is null.
fn object(schema: &ResourceSchema, fields: &[(&str, Value)]) -> Value {
    let given: Vec<(Arc<str>, Value)> =
        fields.iter().map(|(name, value)| (Arc::from(*name), value.clone())).collect();
    let object = null_object(schema, &given);
    if given.iter().any(|(name, _)| **name == *"id") {
        return object;
    }
    let id = identity(schema, &object).unwrap();
    null_object(schema, &given.into_iter().chain([("id".into(), Value::string(id))]).collect::<Vec<_>>())
}

fn topic(name: &str, queues: i64) -> Value {
    let fields = [
        ("instance_id", Value::string(INSTANCE)),
        ("name", Value::string(name)),
        ("read_queue_num", Value::int(queues)),
        ("write_queue_num", Value::int(queues)),
    ];
    object(&schema("dms_rocketmq_topic"), &fields)
}

fn instance() -> Value {
    let fields = [("id", Value::string(INSTANCE)), ("name", Value::string("shop-new"))];
    object(&schema("dms_rocketmq_instance"), &fields)
}

fn id_of(value: &Value) -> Arc<str> {
    Arc::clone(value.get("id").and_then(Value::as_str).unwrap())
}

fn kept(kind: &str, value: Value, depth: usize) -> Kept {
    Kept { schema: schema(kind), provider: provider(), id: id_of(&value), value, home: 0, depth }
}

fn shop(kept: Vec<Kept>) -> Estate {
    let home = Home {
        name: "Shop (new)".to_owned(),
        about: format!("dms_rocketmq_instance Shop (new) ({INSTANCE})"),
        id: INSTANCE.into(),
    };
    let parents = BTreeSet::from(["dms_rocketmq_instance".into()]);
    Estate { homes: vec![home], kept, parents, files: BTreeSet::new() }
}

fn written(estate: &Estate, group_by: GroupBy) -> Document {
    let document = document(&Module::default(), estate, &BTreeMap::new(), References::default(), group_by);
    for file in &document.files {
        // What is written can be read, and is laid out as `fmt` would.
        let mut sources = SourceMap::new();
        let parsed = parse_file(sources.add(&*file.name, &*file.text), &file.text);
        assert!(!parsed.diagnostics.has_errors(), "{}", file.text);
        assert_eq!(format_valid(&file.text), file.text);
    }
    document
}

fn text(document: &Document) -> String {
    document.files.iter().map(|file| format!("== {} ({})\n{}", file.name, file.objects, file.text)).collect()
}

#[test]
fn names_are_made_from_what_people_call_things() {
    for (name, expected) in [
        ("Shop (new)", "shop_new"),
        ("orders-created", "orders_created"),
        ("%RETRY%a", "retry_a"),
        ("4you", "_4you"),
        ("Заказы", "adopted"),
        ("", "adopted"),
        ("__a__", "a"),
    ] {
        assert_eq!(slug(name), expected, "{name}");
    }
    for (kind, expected) in [
        ("dms_rocketmq_consumer_group", "consumer_group"),
        ("apsarastack_mq_topic", "topic"),
        ("queueform_data", "data"),
        ("inbox", "inbox"),
    ] {
        assert_eq!(short(kind), expected, "{kind}");
    }
    for (one, several) in [
        ("topic", "topics"),
        ("policy", "policies"),
        ("key", "keys"),
        ("address", "addresses"),
        ("tags", "tags"),
    ] {
        assert_eq!(plural(one), several);
    }
    let mut names = Names::default();
    assert_eq!([names.local("a"), names.local("a"), names.local("a")], ["a", "a_2", "a_3"]);
    // Locals, variables and resources do not get into each other's way, nor do types.
    assert_eq!([names.variable("a"), names.resource("x", "a"), names.resource("y", "a")], ["a", "a", "a"]);
    assert_eq!(names.resource("x", "a"), "a_2");
}

#[test]
fn values_are_written_as_people_write_them() {
    let plain = |value: &Value| Term::of(value, &|_| None);
    assert_eq!(plain(&Value::string("a ${b} %{c} \"d\"\n")).inline(), r#""a $${b} %%{c} \"d\"\n""#);
    assert_eq!(plain(&Value::bool(true)).inline(), "true");
    assert_eq!(plain(&Value::int(-7)).inline(), "-7");
    let object = Value::object([("b", Value::int(1)), ("a", Value::null()), ("for", Value::int(2))]);
    // A null of an object says nothing, and words of the language are quoted.
    assert_eq!(plain(&object).inline(), r#"{ b = 1, "for" = 2 }"#);
    assert_eq!([name_of("a-b"), name_of("null"), name_of("a.b")], ["a-b", "\"null\"", "\"a.b\""]);
    assert_eq!(plain(&Value::map(Type::Number, Vec::<(Arc<str>, Value)>::new())).inline(), "{}");
    // What is long takes several lines.
    let names: Vec<Value> = (0..12).map(|n| Value::string(format!("topic-{n:04}"))).collect();
    let long = plain(&Value::tuple(names)).block();
    assert!(long.starts_with("[\n\"topic-0000\",\n") && long.ends_with("\n]"), "{long}");
    let certificate = format!("-----BEGIN-----\n{}\n-----END-----\n", "A".repeat(90));
    assert!(plain(&Value::string(certificate.clone())).block().starts_with("<<EOT\n-----BEGIN"));
    // A text that a heredoc would change stays on its line.
    for other in
        [format!("{certificate}EOT\n"), format!("${{a}}{certificate}"), certificate.replace('\n', "\r\n")]
    {
        let text = plain(&Value::string(other)).block();
        assert!(text.starts_with('"') && !text.contains('\n'), "{text}");
    }
    assert!(plain(&Value::string("")).is_empty() && !plain(&Value::int(0)).is_empty());
}

#[test]
fn what_has_an_address_is_referred_to() {
    let (instances, topics) = (schema("dms_rocketmq_instance"), schema("dms_rocketmq_topic"));
    let main = ResourceAddr::managed("dms_rocketmq_instance", "main").instance(None);
    let mut references = References::default();
    references.add(&instances, &main, INSTANCE);
    let found = |references: &References, name: &str, text: &str| {
        let of = topic("orders", 8);
        references.find(&topics, &name.into(), &text.into(), &of).map(|found| Term::Of(found).inline())
    };
    assert_eq!(found(&references, "instance_id", INSTANCE).as_deref(), Some("dms_rocketmq_instance.main.id"));
    assert_eq!(found(&references, "instance_id", "another"), None);
    assert_eq!(found(&references, "name", "orders"), None);
    // An instance of `for_each` by its key, and what belongs to `count` or to a module not at all.
    let keyed = |key| InstanceAddr { key: Some(key), ..main.clone() };
    let mut references = References::default();
    references.add(&instances, &keyed(InstanceKey::Int(0)), INSTANCE);
    assert_eq!(found(&references, "instance_id", INSTANCE), None);
    references.add(&instances, &keyed(InstanceKey::Str("a\"b".into())), INSTANCE);
    assert_eq!(
        found(&references, "instance_id", INSTANCE).as_deref(),
        Some(r#"dms_rocketmq_instance.main["a\"b"].id"#)
    );
    let mut references = References::default();
    let within: InstanceAddr = "module.a.dms_rocketmq_instance.main".parse().unwrap();
    references.add(&instances, &within, INSTANCE);
    assert_eq!(found(&references, "instance_id", INSTANCE), None);
    // The id of what has no block stands in a local value.
    references.add_local(&INSTANCE.into(), "shop_id");
    assert_eq!(found(&references, "instance_id", INSTANCE).as_deref(), Some("local.shop_id"));
    // An object does not refer to itself.
    let mut references = References::default();
    references.add(&instances, &main, INSTANCE);
    let own = references.find(&instances, &"id".into(), &INSTANCE.into(), &instance());
    assert_eq!(own, None);
}

#[test]
fn names_of_objects_at_the_same_place_are_referred_to() {
    let (topics, rights) = (schema("apsarastack_mq_topic"), schema("apsarastack_mq_topic_authorization"));
    let addr =
        ResourceAddr::managed("apsarastack_mq_topic", "shop").instance(Some(InstanceKey::Str("t".into())));
    let at = |place: &str| {
        let fields: Vec<(&str, Value)> = rights
            .identity
            .iter()
            .filter(|name| rights.attribute(name).is_some())
            .map(|name| {
                let text = if topics.identity.contains(name) { place } else { "t" };
                (&**name, Value::string(text))
            })
            .collect();
        object(&rights, &[fields, vec![("id", Value::string("x"))]].concat())
    };
    let mut references = References::default();
    let place: Vec<&str> =
        topics.identity.iter().map(|part| if **part == *"name" { "t" } else { "here" }).collect();
    references.add(&topics, &addr, &place.join(&topics.separator));
    let refers = |attribute: &&crate::schema::Attribute| attribute.refers.is_some();
    let name = &rights.attributes.iter().find(refers).unwrap().name;
    let found = references.find(&rights, name, &"t".into(), &at("here"));
    assert_eq!(
        found.map(|found| Term::Of(found).inline()).as_deref(),
        Some("apsarastack_mq_topic.shop[\"t\"].name")
    );
    assert_eq!(references.find(&rights, name, &"t".into(), &at("elsewhere")), None);
}

#[test]
fn tables_hold_what_differs() {
    let topics = schema("dms_rocketmq_topic");
    let write = |values: &[Value], references: &References| {
        let provider = provider();
        let member = |value| -> Member<'_> {
            let name = Value::get(value, "name").and_then(Value::as_str).cloned();
            Member { key: name, id: id_of(value), value }
        };
        let block = Block {
            schema: &topics,
            name: "shop".to_owned(),
            table: Some("shop_topics".to_owned()),
            provider: &provider,
            given: &Value::null(),
            members: values.iter().map(member).collect(),
            is_protected: false,
        };
        let written = block.write(references, &mut Names::default());
        assert_eq!(written.notes, Vec::<String>::new());
        format_valid(&format!("locals {{\n{}}}\n\n{}\n{}", written.table, written.resource, written.import))
    };
    let none = References::default();
    let mut known = References::default();
    let main = ResourceAddr::managed("dms_rocketmq_instance", "main").instance(None);
    known.add(&schema("dms_rocketmq_instance"), &main, INSTANCE);
    // Different numbers of queues are columns, the same instance is written once.
    assert_snapshot!("columns", write(&[topic("paid", 8), topic("refunded", 16)], &known));
    // What all have in common is no column.
    assert_snapshot!("common", write(&[topic("paid", 8), topic("if-paid", 8)], &none));
    // Of a single object, nothing is common but where it belongs.
    assert_snapshot!("single", write(&[topic("paid", 8)], &known));
}

#[test]
fn what_only_some_have_is_left_out_of_the_rows_of_others() {
    let groups = schema("dms_rocketmq_consumer_group");
    let group = |name: &str, description: Option<&str>| {
        let mut fields = vec![
            ("instance_id", Value::string(INSTANCE)),
            ("name", Value::string(name)),
            ("retry_max_times", Value::int(16)),
        ];
        fields.extend(description.map(|text| ("description", Value::string(text))));
        kept("dms_rocketmq_consumer_group", object(&groups, &fields), 1)
    };
    let estate = shop(vec![group("group-a", None), group("group-b", Some("of the shop"))]);
    assert_snapshot!(text(&written(&estate, GroupBy::Instance)));
}

#[test]
fn objects_are_grouped_by_what_they_lie_in() {
    let all = vec![
        kept("dms_rocketmq_instance", instance(), 0),
        kept("dms_rocketmq_topic", topic("orders-paid", 8), 1),
        kept("dms_rocketmq_topic", topic("orders-created", 8), 1),
        kept("dms_rocketmq_topic", topic("audit", 8), 1),
    ];
    let names = |group_by| -> Vec<String> {
        written(&shop(all.clone()), group_by).files.into_iter().map(|file| file.name).collect()
    };
    assert_eq!(names(GroupBy::None), ["adopted-imports.qf.hcl", "adopted.qf.hcl"]);
    assert_eq!(names(GroupBy::Instance), ["shop_new-imports.qf.hcl", "shop_new.qf.hcl"]);
    // A prefix that only one name has makes no file.
    let by_prefix = ["shop_new-imports.qf.hcl", "shop_new-orders.qf.hcl", "shop_new.qf.hcl"];
    assert_eq!(names(GroupBy::Prefix), by_prefix);
    let found = written(&shop(all.clone()), GroupBy::Prefix);
    let addresses: Vec<String> =
        found.addresses.iter().map(|addr| addr.as_ref().unwrap().to_string()).collect();
    assert_eq!(
        addresses,
        [
            "dms_rocketmq_instance.shop_new",
            "dms_rocketmq_topic.shop_new_orders[\"orders-paid\"]",
            "dms_rocketmq_topic.shop_new_orders[\"orders-created\"]",
            "dms_rocketmq_topic.shop_new[\"audit\"]",
        ]
    );
    assert_snapshot!(text(&found));
    // Files of others keep their names.
    let mut taken = shop(all);
    taken.files.insert("shop_new.qf.hcl".to_owned());
    let names: Vec<String> =
        written(&taken, GroupBy::Instance).files.into_iter().map(|file| file.name).collect();
    assert_eq!(names, ["shop_new_adopted-imports.qf.hcl", "shop_new_adopted.qf.hcl"]);
}

#[test]
fn what_has_no_block_is_named_once_and_homes_of_one_name_are_told_apart() {
    let mut estate = shop(vec![kept("dms_rocketmq_topic", topic("audit", 8), 1)]);
    let mut other = estate.homes[0].clone();
    other.id = "99999999-2222-4333-8444-555555555555".into();
    let there = [("instance_id", Value::string(&*other.id)), ("name", Value::string("audit"))];
    let value = object(&schema("dms_rocketmq_topic"), &there);
    estate.homes.push(other);
    estate.kept.push(Kept { home: 1, ..kept("dms_rocketmq_topic", value, 1) });
    assert_snapshot!(text(&written(&estate, GroupBy::None)));
}

#[test]
fn secrets_are_asked_for_and_what_nobody_tells_is_a_note() {
    let users = schema("dms_rocketmq_user");
    let user = object(
        &users,
        &[("instance_id", Value::string(INSTANCE)), ("access_key", Value::string("api-worker"))],
    );
    let found = written(&shop(vec![kept("dms_rocketmq_user", user, 1)]), GroupBy::Instance);
    let all = text(&found);
    assert!(all.contains("variable \"shop_new_user_secret_keys\""), "{all}");
    assert!(all.contains("try(var.shop_new_user_secret_keys[each.key], null)"), "{all}");
    assert_eq!(found.notes, Vec::<String>::new());
    // An instance of which hardly anything is known.
    let found = written(&shop(vec![kept("dms_rocketmq_instance", instance(), 0)]), GroupBy::Instance);
    assert!(!found.notes.is_empty());
    for note in &found.notes {
        assert!(note.ends_with("is not told by the service, and must be set"), "{note}");
    }
    assert!(text(&found).contains("# Needs attention: `"), "{}", text(&found));
}

#[test]
fn what_is_always_there_and_says_nothing_has_no_address() {
    let settings = |pairs: &[(&str, &str)]| {
        let pairs = pairs.iter().map(|(name, value)| (Arc::from(*name), Value::string(*value)));
        let fields =
            [("instance_id", Value::string(INSTANCE)), ("settings", Value::map(Type::String, pairs))];
        kept("dms_rocketmq_instance_config", object(&schema("dms_rocketmq_instance_config"), &fields), 1)
    };
    let nothing = written(&shop(vec![settings(&[])]), GroupBy::Instance);
    assert_eq!((nothing.addresses, nothing.files.len()), (vec![None], 0));
    let some = written(&shop(vec![settings(&[("fileReservedTime", "72")])]), GroupBy::Instance);
    assert!(some.addresses[0].is_some());
    assert!(text(&some).contains("settings    = { fileReservedTime = \"72\" }"), "{}", text(&some));
}

#[test]
fn a_reference_stands_for_its_value() {
    let reference =
        Reference { resource: "a.b".to_owned(), key: None, attribute: "id".into(), plain: "i-1".into() };
    let term = Term::Of(reference);
    assert_eq!((term.inline().as_str(), term.plain().inline().as_str()), ("a.b.id", "\"i-1\""));
    assert!(!term.is_empty());
}
