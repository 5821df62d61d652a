//! Configurations of any size.

use std::fmt::Write as _;

use crate::options::Shape;

/// The instance that the emulator is given.
pub(crate) const INSTANCE: &str = "11111111-2222-4333-8444-555555555555";

/// Objects of the built-in type: every tenth is a root, the nine after it refer to it.
pub(crate) fn data(shape: Shape, objects: usize) -> String {
    let (roots, leaves) = (objects.div_ceil(10), objects - objects.div_ceil(10));
    match shape {
        Shape::A => format!(
            r#"locals {{
  roots = {{ for n in setproduct(range({hundreds}), range({rest})) : "root-${{n[0]}}-${{n[1]}}" => {{ team = "team-${{n[0]}}", size = n[1] }} }}
  names = keys(local.roots)
  leaves = {{ for n in setproduct(range(9), local.names) : "${{n[1]}}-leaf-${{n[0]}}" => {{ root = n[1], size = n[0] }} }}
}}

resource "queueform_data" "root" {{
  for_each = local.roots
  input    = {{ name = each.key, team = each.value.team, size = each.value.size }}
}}

resource "queueform_data" "leaf" {{
  for_each = local.leaves
  input    = {{ name = each.key, root = queueform_data.root[each.value.root].id, size = each.value.size }}
}}
"#,
            hundreds = roots.div_ceil(100).max(1),
            rest = roots.min(100),
        ),
        Shape::B => {
            let mut out = String::new();
            for root in 0..roots {
                writeln!(
                    out,
                    "resource \"queueform_data\" \"root_{root}\" {{\n  input = {{ name = \"root-{root}\", team = \"team-{}\", size = {root} }}\n}}\n",
                    root % 100
                )
                .unwrap();
            }
            for leaf in 0..leaves {
                let root = leaf / 9;
                writeln!(
                    out,
                    "resource \"queueform_data\" \"leaf_{leaf}\" {{\n  input = {{ name = \"leaf-{leaf}\", root = queueform_data.root_{root}.id, size = {leaf} }}\n}}\n"
                )
                .unwrap();
            }
            out
        }
    }
}

/// Each object refers to the one before it.
pub(crate) fn chain(objects: usize) -> String {
    let mut out = "resource \"queueform_data\" \"link_0\" {\n  input = \"start\"\n}\n\n".to_owned();
    for link in 1..objects {
        writeln!(
            out,
            "resource \"queueform_data\" \"link_{link}\" {{\n  input = queueform_data.link_{}.output\n}}\n",
            link - 1
        )
        .unwrap();
    }
    out
}

/// All objects refer to one, and one output to all of them.
pub(crate) fn fan(objects: usize) -> String {
    let mut out = "resource \"queueform_data\" \"hub\" {\n  input = \"hub\"\n}\n\n".to_owned();
    for spoke in 1..objects {
        writeln!(
            out,
            "resource \"queueform_data\" \"spoke_{spoke}\" {{\n  input = \"{spoke} of ${{queueform_data.hub.id}}\"\n}}\n"
        )
        .unwrap();
    }
    let all: Vec<String> =
        (1..objects).map(|spoke| format!("    queueform_data.spoke_{spoke}.id,\n")).collect();
    writeln!(out, "output \"spokes\" {{\n  value = [\n{}  ]\n}}", all.concat()).unwrap();
    out
}

/// Where the emulator listens, for configurations of DMS.
pub(crate) fn provider(endpoint: &str) -> String {
    format!(
        r#"provider "dms" {{
  cloud      = "sbercloud"
  region     = "ru-moscow-1"
  endpoint   = "{endpoint}"
  auth_url   = "{endpoint}"
  project_id = "{project}"
}}

variable "secret" {{
  type      = string
  sensitive = true
  ephemeral = true
  default   = "Very-Secret-1"
}}
"#,
        project = queueform::emulator::DEMO_PROJECT_ID,
    )
}

/// A fifth topics, two fifths consumer groups and two fifths users in one instance; each user has two grants.
pub(crate) fn dms(shape: Shape, objects: usize) -> String {
    let topics = objects.div_ceil(5);
    let groups = (objects - topics).div_ceil(2);
    of_dms(shape, topics, groups, objects - topics - groups)
}

/// Topics, consumer groups and users in one instance.
pub(crate) fn of_dms(shape: Shape, topics: usize, groups: usize, users: usize) -> String {
    match shape {
        Shape::A => format!(
            r#"locals {{
  hundreds = range(1000)
  topics   = toset(slice([for n in setproduct(slice(local.hundreds, 0, {th}), slice(local.hundreds, 0, 100)) : format("topic-%03d-%02d", n...)], 0, {topics}))
  groups   = toset(slice([for n in setproduct(slice(local.hundreds, 0, {gh}), slice(local.hundreds, 0, 100)) : format("group-%03d-%02d", n...)], 0, {groups}))
  users = {{ for n in slice(setproduct(slice(local.hundreds, 0, {uh}), slice(local.hundreds, 0, 100)), 0, {users}) : format("service-%03d-%02d", n...) => {{
    topic = format("topic-%03d-%02d", n[0] % {tn}, n[1] % {tr})
    group = format("group-%03d-%02d", n[0] % {gn}, n[1] % {gr})
  }} }}
}}

resource "dms_rocketmq_topic" "topic" {{
  for_each        = local.topics
  instance_id     = "{INSTANCE}"
  name            = each.key
  read_queue_num  = 8
  write_queue_num = 8
}}

resource "dms_rocketmq_consumer_group" "group" {{
  for_each        = local.groups
  instance_id     = "{INSTANCE}"
  name            = each.key
  retry_max_times = 16
}}

resource "dms_rocketmq_user" "user" {{
  for_each           = local.users
  instance_id        = "{INSTANCE}"
  access_key         = each.key
  secret_key         = var.secret
  secret_key_version = 1
  topic_perms        = {{ (dms_rocketmq_topic.topic[each.value.topic].name) = "PUB|SUB" }}
  group_perms        = {{ (dms_rocketmq_consumer_group.group[each.value.group].name) = "SUB" }}
}}
"#,
            th = topics.div_ceil(100),
            gh = groups.div_ceil(100),
            uh = users.div_ceil(100),
            tn = (topics / 100).max(1),
            tr = topics.min(100),
            gn = (groups / 100).max(1),
            gr = groups.min(100),
        ),
        Shape::B => {
            let mut out = String::new();
            for n in 0..topics {
                writeln!(
                    out,
                    "resource \"dms_rocketmq_topic\" \"topic_{n}\" {{\n  instance_id     = \"{INSTANCE}\"\n  name            = \"topic-{n}\"\n  read_queue_num  = 8\n  write_queue_num = 8\n}}\n"
                )
                .unwrap();
            }
            for n in 0..groups {
                writeln!(
                    out,
                    "resource \"dms_rocketmq_consumer_group\" \"group_{n}\" {{\n  instance_id     = \"{INSTANCE}\"\n  name            = \"group-{n}\"\n  retry_max_times = 16\n}}\n"
                )
                .unwrap();
            }
            for n in 0..users {
                let (topic, group) = (n % topics, n % groups);
                writeln!(
                    out,
                    "resource \"dms_rocketmq_user\" \"user_{n}\" {{\n  instance_id        = \"{INSTANCE}\"\n  access_key         = \"service-{n}\"\n  secret_key         = var.secret\n  secret_key_version = 1\n  topic_perms        = {{ (dms_rocketmq_topic.topic_{topic}.name) = \"PUB|SUB\" }}\n  group_perms        = {{ (dms_rocketmq_consumer_group.group_{group}.name) = \"SUB\" }}\n}}\n"
                )
                .unwrap();
            }
            out
        }
    }
}
