//! What the schemas of `dms` plan and send in the situations that the API makes difficult.

use queueform::eval::constant;
use queueform::schema::BodyShape;
use queueform::schema::Registry;
use queueform::schema::ResourceKind;
use queueform::schema::ResourceSchema;
use queueform::schema::Step;
use queueform::schema::scope;
use queueform::schema::scope::Frame;
use queueform::schema::scope::OperationKind;
use queueform::schema::scope::Root;
use queueform::schema::scope::Runs;
use queueform::source::SourceId;
use queueform::syntax::parse::parse_expression;
use queueform::value::Value;
use queueform::value::convert;
use queueform::value::to_json;

use std::sync::Arc;

fn value(text: &str) -> Value {
    let checked = parse_expression(SourceId(0), 0, text);
    assert!(checked.diagnostics.is_empty(), "{text}: {:?}", checked.diagnostics);
    constant(&checked.output.unwrap()).unwrap()
}

fn schema(name: &str) -> Arc<ResourceSchema> {
    Registry::embedded().resource(ResourceKind::Managed, name).unwrap()
}

fn provider() -> Value {
    value(
        r#"{ project_id = "p", region = "r", cloud = "huawei", default_tags = {}, ignore_tags = [], enterprise_project_id = null }"#,
    )
}

/// An object as the state has it: `fields`, and null for the rest.
fn object(schema: &ResourceSchema, fields: &Value) -> Value {
    let known = fields.fields().unwrap().iter().map(|(name, part)| {
        let attribute = schema.attribute(name).unwrap_or_else(|| panic!("no attribute {name}"));
        (Arc::clone(name), convert(part, &attribute.ty).unwrap())
    });
    scope::null_object(schema, &known.collect::<Vec<_>>())
}

/// The object as planned from a configuration.
fn planned(schema: &ResourceSchema, prior: &Value, config: &Value) -> Value {
    let completed = crate::support::proposed(schema, config, Some(prior), &provider());
    completed.value
}

/// The steps that will run, those that may in parentheses.
fn steps(kind: OperationKind, schema: &ResourceSchema, planned: &Value, prior: Option<&Value>) -> String {
    let settled = scope::settle(kind, schema, planned, prior, &provider()).unwrap();
    let names = settled.iter().map(|step| match step.runs {
        Runs::Yes => step.name.to_string(),
        Runs::Maybe => format!("({})", step.name),
    });
    names.collect::<Vec<_>>().join(", ")
}

fn step<'s>(steps: &'s [Step], name: &str) -> &'s Step {
    steps.iter().find(|step| &*step.name == name).unwrap()
}

/// The body that a step sends, without nulls (and without what has not changed).
fn body(kind: OperationKind, schema: &ResourceSchema, name: &str, planned: &Value, prior: &Value) -> String {
    let operation = scope::operation(schema, kind).unwrap();
    let body = step(&operation.steps, name).call.as_ref().unwrap().body.as_ref().unwrap();
    let BodyShape::Fields(fields) = &body.shape else { panic!("{name} has fields") };
    let lookup = value(r#"{ zones = { ids = { a = "id-a", id-a = "id-a" }, codes = { id-a = "a" } } }"#);
    let frame = Frame::of(schema)
        .running()
        .with(Root::This, planned.clone())
        .with(Root::Prior, prior.clone())
        .with(Root::Current, prior.clone())
        .with(Root::Lookup, lookup)
        .with(Root::Provider, provider());
    let mut sent = Vec::new();
    for field in fields {
        let part = frame.value(&field.value).unwrap();
        let kept =
            !body.only_changed || scope::field_is_sent(kind, &field.value, &frame).unwrap() == Some(true);
        if !part.is_null() && kept {
            sent.push(format!("{}={}", field.name, to_json(&part).unwrap()));
        }
    }
    sent.join(" ")
}

/// What an attribute reads out of an answer, as JSON; nothing if it is absent.
fn read(schema: &ResourceSchema, attribute: &str, item: &str, known: &str) -> Option<String> {
    let from = schema.attribute(attribute).unwrap().from.as_ref().unwrap();
    let lookup = value(r#"{ zones = { ids = {}, codes = { id-a = "a" } } }"#);
    let frame = Frame::of(schema)
        .with(Root::Item, value(item))
        .with(Root::This, object(schema, &value(known)))
        .with(Root::Lookup, lookup)
        .with(Root::Provider, provider());
    frame.found(from).unwrap().map(|found| to_json(&found).unwrap().to_string())
}

const NEW_TOPIC: &str = r#"instance_id = "i", name = "orders""#;

#[test]
fn a_topic_with_the_same_number_on_both_sides_is_one_call() {
    let schema = schema("dms_rocketmq_topic");
    let none = Value::null();
    for (config, expected, sent) in [
        ("", "create", r#"name="orders""#),
        ("read_queue_num = 8, write_queue_num = 8", "create", r#"name="orders" queue_num=8"#),
        ("queue_num = 3", "create", r#"name="orders" queue_num=3"#),
        ("queue_num = 3, read_queue_num = 3", "create", r#"name="orders" queue_num=3"#),
        ("read_queue_num = 4, write_queue_num = 5", "create, queues", r#"name="orders""#),
        ("queue_num = 3, read_queue_num = 4", "create, queues", r#"name="orders" queue_num=3"#),
        (
            r#"queues = [{ broker = "broker-0", queue_num = 3 }], permission = "sub""#,
            "create",
            r#"name="orders" queues=[{"broker":"broker-0","queue_num":3}] permission="sub""#,
        ),
    ] {
        let new = object(&schema, &value(&format!("{{ {NEW_TOPIC}, {config} }}")));
        assert_eq!(steps(OperationKind::Create, &schema, &new, None), expected, "{config}");
        assert_eq!(body(OperationKind::Create, &schema, "create", &new, &none), sent, "{config}");
    }
}

#[test]
fn a_topic_grows_at_once_and_shrinks_publishers_first() {
    let schema = schema("dms_rocketmq_topic");
    let topic = |config: &str| value(&format!("{{ {NEW_TOPIC}, {config} }}"));
    let prior = object(
        &schema,
        &topic(
            r#"id = "i/orders", brokers = ["broker-0"], permission = "all", read_queue_num = 8, write_queue_num = 8"#,
        ),
    );
    for (config, expected, sent) in [
        (
            r#"permission = "sub", read_queue_num = 9, write_queue_num = 10"#,
            "settings",
            r#"permission="sub" write_queue_num=10 read_queue_num=9"#,
        ),
        ("read_queue_num = 4, write_queue_num = 4", "settings, fewer readers", "write_queue_num=4"),
        ("read_queue_num = 4", "fewer readers", ""),
        ("write_queue_num = 4", "settings", "write_queue_num=4"),
    ] {
        let new = planned(&schema, &prior, &topic(config));
        assert_eq!(steps(OperationKind::Update, &schema, &new, Some(&prior)), expected, "{config}");
        assert_eq!(body(OperationKind::Update, &schema, "settings", &new, &prior), sent, "{config}");
    }
}

#[test]
fn queue_num_of_an_imported_topic_changes_both_sides() {
    let schema = schema("dms_rocketmq_topic");
    let state = r#"id = "i/orders", brokers = ["broker-0"], permission = "all", queue_num = 8"#;
    let prior = object(
        &schema,
        &value(&format!("{{ {NEW_TOPIC}, {state}, read_queue_num = 8, write_queue_num = 8 }}")),
    );
    // At apply, what the provider decides is null until a step has set it.
    let new = |count: u32| {
        let state = state.replace("queue_num = 8", &format!("queue_num = {count}"));
        object(&schema, &value(&format!("{{ {NEW_TOPIC}, {state} }}")))
    };
    let sent = |new: &Value, name| body(OperationKind::Update, &schema, name, new, &prior);
    let (more, fewer) = (new(16), new(4));
    assert_eq!(steps(OperationKind::Update, &schema, &more, Some(&prior)), "settings");
    assert_eq!(sent(&more, "settings"), "write_queue_num=16 read_queue_num=16");
    assert_eq!(steps(OperationKind::Update, &schema, &fewer, Some(&prior)), "settings, fewer readers");
    assert_eq!(sent(&fewer, "settings"), "write_queue_num=4");
    assert_eq!(sent(&fewer, "fewer readers"), "read_queue_num=4");
}

const INSTANCE: &str = r#"
    id = "i", name = "with_underscore", description = "", engine_version = "4.8.0", flavor_id = "c6.4u8g.cluster",
    storage_space = 500, broker_num = 1, storage_spec_code = "s", vpc_id = "v", subnet_id = "s",
    security_group_id = "g", availability_zones = ["a"], ssl_enable = false, tls_mode = "PLAINTEXT",
    ipv6_enable = false, enable_acl = true, enable_publicip = true, publicip_ids = ["e1"],
    enterprise_project_id = "0", tags = { a = "1", b = "2" },
    tags_all = { a = "1", b = "2" }, status = "RUNNING"
"#;

/// The instance with some fields changed.
fn instance(change: &str) -> Value {
    let mut fields = value(&format!("{{ {INSTANCE} }}")).fields().unwrap().clone();
    fields.extend(value(change).fields().unwrap().clone());
    Value::object(fields)
}

#[test]
fn an_instance_is_updated_in_the_order_that_the_service_can_follow() {
    let schema = schema("dms_rocketmq_instance");
    let prior = object(&schema, &instance("{}"));
    for (change, expected) in [
        (r#"{ description = "new" }"#, "settings"),
        ("{ enable_acl = false }", "access control off"),
        (r#"{ enable_acl = false, security_group_id = "h" }"#, "settings, access control off"),
        (r#"{ tags = { a = "1", c = "3" } }"#, "old tags, new tags"),
        (r#"{ tags = { a = "1" } }"#, "old tags"),
        (r#"{ tags = { a = "1", b = "2", c = "3" } }"#, "new tags"),
        (r#"{ publicip_ids = ["e2"] }"#, "unbind public addresses, bind public addresses"),
        ("{ enable_publicip = false, publicip_ids = [] }", "unbind public addresses"),
        (r#"{ flavor_id = "c6.8u16g.cluster" }"#, "flavor"),
        ("{ storage_space = 600 }", "storage"),
        ("{ broker_num = 2, storage_space = 1000 }", "brokers"),
        ("{ broker_num = 2, storage_space = 1200 }", "brokers, storage"),
        (r#"{ tls_mode = "PERMISSIVE" }"#, "tls"),
        (
            r#"{ name = "new-name", flavor_id = "c6.8u16g.cluster", broker_num = 2, storage_space = 1200,
                tls_mode = "SSL", enable_acl = false, publicip_ids = ["e1", "e2"], tags = {} }"#,
            "settings, old tags, unbind public addresses, flavor, brokers, storage, bind public addresses, tls, \
             access control off",
        ),
    ] {
        let new = planned(&schema, &prior, &instance(change));
        assert_eq!(steps(OperationKind::Update, &schema, &new, Some(&prior)), expected, "{change}");
    }
}

#[test]
fn an_update_of_an_instance_sends_only_what_changes() {
    let schema = schema("dms_rocketmq_instance");
    let prior = object(&schema, &instance("{}"));
    let sent = |change: &str, step: &str| {
        let new = planned(&schema, &prior, &instance(change));
        body(OperationKind::Update, &schema, step, &new, &prior)
    };
    // The unchanged name holds an underscore, which the call refuses.
    assert_eq!(sent(r#"{ description = "new" }"#, "settings"), r#"description="new""#);
    assert_eq!(
        sent(r#"{ tags = { a = "9", c = "3" } }"#, "old tags"),
        r#"action="delete" tags=[{"key":"a","value":"1"},{"key":"b","value":"2"}]"#
    );
    assert_eq!(
        sent(r#"{ tags = { a = "9", c = "3" } }"#, "new tags"),
        r#"action="create" tags=[{"key":"a","value":"9"},{"key":"c","value":"3"}]"#
    );
    let grown = "{ broker_num = 2, storage_space = 1200 }";
    assert_eq!(
        sent(grown, "brokers"),
        r#"oper_type="horizontal" new_broker_num=2 new_storage_space=1000 publicip_id="e1""#
    );
    assert_eq!(sent(grown, "storage"), r#"oper_type="storage" new_storage_space=1200"#);
    assert_eq!(
        sent(r#"{ flavor_id = "c6.8u16g.cluster" }"#, "flavor"),
        r#"oper_type="vertical" new_product_id="c6.8u16g.cluster""#
    );
}

#[test]
fn a_new_instance_names_zones_by_id_and_leaves_out_what_is_not_set() {
    let schema = schema("dms_rocketmq_instance");
    let new = object(
        &schema,
        &value(
            r#"{ name = "n", description = "", engine_version = "4.8.0", flavor_id = "c6.4u8g.cluster", storage_space = 300,
            storage_spec_code = "s", vpc_id = "v", subnet_id = "t", security_group_id = "g", availability_zones = ["a"],
            ipv6_enable = false, enable_publicip = false, publicip_ids = [], tags = {}, tags_all = {} }"#,
        ),
    );
    assert_eq!(steps(OperationKind::Create, &schema, &new, None), "create");
    assert_eq!(
        body(OperationKind::Create, &schema, "create", &new, &Value::null()),
        "name=\"n\" description=\"\" engine=\"reliability\" engine_version=\"4.8.0\" product_id=\"c6.4u8g.cluster\" \
         storage_space=300 broker_num=1 storage_spec_code=\"s\" vpc_id=\"v\" subnet_id=\"t\" security_group_id=\"g\" \
         available_zones=[\"id-a\"] ipv6_enable=false enable_publicip=false"
    );
}

#[test]
fn answers_are_read_with_their_quirks() {
    let instance = schema("dms_rocketmq_instance");
    let zones =
        |known: &str| read(&instance, "availability_zones", r#"{ available_zones = ["id-a"] }"#, known);
    assert_eq!(zones("{}").as_deref(), Some(r#"["a"]"#));
    assert_eq!(zones(r#"{ availability_zones = ["a"] }"#).as_deref(), Some(r#"["a"]"#));
    assert_eq!(zones(r#"{ availability_zones = ["id-a"] }"#).as_deref(), Some(r#"["id-a"]"#));
    let ids = |item: &str| read(&instance, "publicip_ids", item, "{}");
    assert_eq!(ids(r#"{ publicip_id = "" }"#).as_deref(), Some("[]"));
    assert_eq!(ids(r#"{ publicip_id = "b,a" }"#).as_deref(), Some(r#"["b","a"]"#));
    assert_eq!(ids("{}"), None);
    let accesses = |item: &str| read(&instance, "cross_vpc_accesses", item, "{}");
    assert_eq!(accesses("{ cross_vpc_info = null }").as_deref(), Some("[]"));
    assert_eq!(
        accesses(
            r#"{ cross_vpc_info = "{\"1.2.3.4\":{\"advertised_ip\":\"1.2.3.4\",\"broker_port\":\"-\",\"namesrv_port\":\"8100\",\"port_id\":\"p\"}}" }"#
        )
        .as_deref(),
        Some(
            r#"[{"advertised_ip":"1.2.3.4","broker_port":"-","listener_ip":"1.2.3.4","namesrv_port":"8100","port_id":"p"}]"#
        )
    );
    let topic = schema("dms_rocketmq_topic");
    let brokers = r#"{ brokers = [{ broker_name = "broker-0", read_queue_num = 1, write_queue_num = 2 }] }"#;
    assert_eq!(read(&topic, "brokers", brokers, "{}").as_deref(), Some(r#"["broker-0"]"#));
    assert_eq!(read(&topic, "brokers", "{}", "{}"), None);
    let group = schema("dms_rocketmq_consumer_group");
    assert_eq!(read(&group, "created_at", "{ createdAt = 1 }", "{}").as_deref(), Some("1"));
    assert_eq!(read(&group, "created_at", "{ created_at = 2 }", "{}").as_deref(), Some("2"));
    assert_eq!(read(&group, "created_at", "{}", r#"{ created_at = "3" }"#).as_deref(), Some("\"3\""));
    let user = schema("dms_rocketmq_user");
    let grants = r#"{ topic_perms = [{ name = "t", perm = "SUB|PUB" }] }"#;
    assert_eq!(read(&user, "topic_perms", grants, "{}").as_deref(), Some(r#"{"t":"SUB|PUB"}"#));
}

#[test]
fn spellings_of_the_same_grant_are_no_difference() {
    let user = schema("dms_rocketmq_user");
    let grants = user.attribute("topic_perms").unwrap();
    let equal = |a: &str, b: &str| {
        let grant = |text| convert(&value(text), &grants.ty).unwrap();
        scope::normalised_eq(grants, &grant(a), &grant(b)).unwrap()
    };
    assert!(equal(r#"{ t = "PUB|SUB" }"#, r#"{ t = "SUB|PUB" }"#));
    assert!(!equal(r#"{ t = "PUB|SUB" }"#, r#"{ t = "PUB" }"#));
}

#[test]
fn a_secret_is_sent_only_when_it_changes() {
    let schema = schema("dms_rocketmq_user");
    let user = |version: u32, admin: bool| {
        object(
            &schema,
            &value(&format!(
                r#"{{ id = "i/app-user", instance_id = "i", access_key = "app-user", secret_key = "Aa345678",
                    secret_key_version = {version}, admin = {admin}, topic_perms = {{}}, group_perms = {{}} }}"#
            )),
        )
    };
    let prior = user(1, false);
    let sent = |new: &Value| body(OperationKind::Update, &schema, "user", new, &prior);
    assert!(sent(&user(2, false)).contains(r#"secret_key="Aa345678""#), "{}", sent(&user(2, false)));
    assert!(sent(&user(1, true)).contains(r#"secret_key="""#), "{}", sent(&user(1, true)));
}

#[test]
fn parameters_that_wait_for_a_restart_say_so() {
    let schema = schema("dms_rocketmq_instance_config");
    let lookup = value(
        r#"{ parameters = { current = { a = "1", b = "2" }, defaults = { a = "0", b = "2" }, static = ["a"] } }"#,
    );
    let settings =
        |text: &str| object(&schema, &value(&format!(r#"{{ instance_id = "i", settings = {text} }}"#)));
    let restart = |operation: OperationKind, new: &str, prior: Option<&str>| {
        let steps = &scope::operation(&schema, operation).unwrap().steps;
        let set = &step(steps, "settings").set;
        let expr = &set.iter().find(|field| &*field.name == "restart_required").unwrap().value;
        let frame = Frame::of(&schema)
            .running()
            .with(Root::This, settings(new))
            .with(Root::Prior, prior.map_or_else(Value::null, settings))
            .with(Root::Lookup, lookup.clone());
        frame.value(expr).unwrap().as_bool().unwrap()
    };
    assert!(restart(OperationKind::Create, r#"{ a = "3" }"#, None));
    assert!(!restart(OperationKind::Create, r#"{ a = "1", b = "9" }"#, None));
    assert!(restart(OperationKind::Update, r#"{ b = "9" }"#, Some(r#"{ a = "3" }"#)));
    assert!(!restart(OperationKind::Update, r#"{ a = "3", b = "9" }"#, Some(r#"{ a = "3" }"#)));
    assert!(!restart(OperationKind::Update, r#"{ b = "9" }"#, Some(r#"{ a = "0" }"#)));
}

/// Evaluates count and message of a guard.
fn figure(schema: &ResourceSchema, guard: &str, observed: &str, unmanaged: &str) -> (u64, String) {
    let guard = schema.guards.iter().find(|found| &*found.name == guard).unwrap();
    let frame = Frame::of(schema)
        .with(Root::This, object(schema, &value(r#"{ name = "billing" }"#)))
        .with(Root::Planned, Value::null())
        .with(Root::Observed, value(observed))
        .with(Root::Unmanaged, value(unmanaged));
    let count = frame.value(&guard.count).unwrap();
    let message = frame.with(Root::Count, count.clone()).text(&guard.message).unwrap();
    (count.as_number().unwrap().to_u64().unwrap(), message)
}

#[test]
fn guards_count_what_would_be_lost() {
    let topic = schema("dms_rocketmq_topic");
    let unread = |observed| figure(&topic, "unread messages", observed, "{}");
    assert_eq!(unread("{ groups = [], lag = {} }").0, 0);
    let (count, message) = unread(r#"{ groups = ["a", "b", "c"], lag = { a = 18204, b = 0, c = 2 } }"#);
    assert_eq!((count, message.as_str()), (18206, "18206 unread: a 18204, c 2"));
    let group = schema("dms_rocketmq_consumer_group");
    assert_eq!(figure(&group, "dead letters", "{ dead = null }", "{}").0, 0);
    let (count, message) = figure(&group, "dead letters", "{ dead = 37 }", "{}");
    assert_eq!((count, message.as_str()), (37, "37 dead letters in %DLQ%billing would become unreachable"));
    let instance = schema("dms_rocketmq_instance");
    let left = r#"{ dms_rocketmq_topic = ["t1"], dms_rocketmq_consumer_group = [] }"#;
    let (count, message) = figure(&instance, "topics and groups outside the state", "{}", left);
    assert_eq!(count, 1);
    assert_eq!(message, "1 topic and 0 consumer groups that are not in the state would be lost: t1");
}
