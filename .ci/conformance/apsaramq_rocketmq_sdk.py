#!/usr/bin/env python3
"""Judges the emulator of ApsaraMQ for RocketMQ with the vendor's own Python SDK, unmodified.

Usage: apsaramq_rocketmq_sdk.py PORT_FILE | http://HOST:PORT

PORT_FILE is what `queueform emulator --port-file FILE` writes: {"apsaramq-rocketmq": PORT, ...}.
Every operation of the emulator is called with both signatures that the SDK knows: ACS3-HMAC-SHA256, and the HMAC-SHA1
that it calls "v2". Ends with a line "N passed, M failed" and the exit status 1 when M is not 0.
"""

import csv
import json
import pathlib
import sys
import traceback
import urllib.request

from alibabacloud_rocketmq20220801 import models as m
from alibabacloud_rocketmq20220801.client import Client
from alibabacloud_tea_openapi.models import Config
from darabonba.exceptions import DaraException
from Tea.exceptions import TeaException, UnretryableException

ACCESS_KEY = "QFDEMOACCESSKEY00001"
SECRET_KEY = "QFDEMOSECRETKEY0000NOTAREALSECRETKEY0001"
TEMPORARY = ("QFDEMOTEMPORARY00001", "QFDEMOTEMPORARY0000NOTAREALSECRETKEY0001", "qf-demo-security-token")
OPERATIONS = pathlib.Path(__file__).parents[2] / "tests/fixtures/operations/apsaramq-rocketmq.csv"

passed = []
failed = []
called = set()


def endpoint():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    if sys.argv[1].startswith("http"):
        return sys.argv[1]
    with open(sys.argv[1], encoding="utf-8") as file:
        return "http://127.0.0.1:%d" % json.load(file)["apsaramq-rocketmq"]


def control(url, method, path, body=None):
    data = json.dumps(body).encode() if body is not None else None
    request = urllib.request.Request(url + "/_emulator/" + path, data=data, method=method)
    with urllib.request.urlopen(request) as answer:
        text = answer.read()
    return json.loads(text) if text else None


def client(url, access=ACCESS_KEY, secret=SECRET_KEY, token=None, algorithm=None):
    """A client; `algorithm` "v2" is what the SDK calls the older signature."""
    return Client(
        Config(
            access_key_id=access,
            access_key_secret=secret,
            security_token=token,
            endpoint=url.removeprefix("http://"),
            protocol="HTTP",
            region_id="cn-hangzhou",
            signature_algorithm=algorithm,
        )
    )


class Calls:
    """Calls operations by the names of their methods and notes them."""

    def __init__(self, made):
        self.made = made

    def __call__(self, method, *path, **fields):
        name = "".join(part.capitalize() for part in method.split("_"))
        called.add(name)
        request = getattr(m, name + "Request", None)
        arguments = list(path)
        if request is not None:
            arguments.append(request(**fields))
        return getattr(self.made, method)(*[str(one) if isinstance(one, int) else one for one in arguments]).body


def check(name):
    """Runs the decorated function as one check."""

    def run(body):
        try:
            body()
            passed.append(name)
        except Exception:  # noqa: BLE001: a check may fail in any way
            failed.append(name)
            print("FAILED", name)
            traceback.print_exc()
        return body

    return run


def equal(got, wanted):
    if got != wanted:
        raise AssertionError("got %r, wanted %r" % (got, wanted))


def refused(code, call, status=None):
    try:
        call()
    except (TeaException, DaraException) as error:
        equal(error.code, code)
        if status is not None:
            equal(error.status_code, status)
        return
    except UnretryableException as error:
        raise AssertionError("not an answer of the service: %s" % error) from error
    raise AssertionError("not refused")


def until(read, wanted):
    for _ in range(20):
        if read() == wanted:
            return
    raise AssertionError("never %r, but %r" % (wanted, read()))


def exists(read):
    try:
        read()
    except (TeaException, DaraException) as error:
        if error.code.endswith((".NotFound", ".NotExisted")):
            return False
        raise
    return True


def network():
    return m.CreateInstanceRequestNetworkInfo(
        vpc_info=m.CreateInstanceRequestNetworkInfoVpcInfo(
            vpc_id="vpc-demo",
            v_switches=[m.CreateInstanceRequestNetworkInfoVpcInfoVSwitches(v_switch_id="vsw-demo")],
        ),
        internet_info=m.CreateInstanceRequestNetworkInfoInternetInfo(
            internet_spec="enable", flow_out_type="payByBandwidth", flow_out_bandwidth=10
        ),
    )


def member(role, **fields):
    return m.CreateDisasterRecoveryPlanRequestInstances(instance_role=role, **fields)


def suite(url, label, algorithm):
    call = Calls(client(url, algorithm=algorithm))
    made = {}

    def name(text):
        return "%s: %s" % (label, text)

    @check(name("wrong secrets are refused"))
    def _():
        bad = Calls(client(url, secret="WRONG", algorithm=algorithm))
        refused("SignatureDoesNotMatch", lambda: bad("list_disaster_recovery_plans"), 400)
        refused("SignatureDoesNotMatch", lambda: bad("delete_instance", "rmq-cn-none"), 400)

    @check(name("unknown access keys are refused"))
    def _():
        bad = Calls(client(url, access="NOBODY", algorithm=algorithm))
        refused("InvalidAccessKeyId.NotFound", lambda: bad("list_instances"), 404)

    @check(name("temporary keys need their token"))
    def _():
        access, secret, token = TEMPORARY
        good = Calls(client(url, access, secret, token, algorithm))
        assert good("list_regions").data
        bad = Calls(client(url, access, secret, "another", algorithm))
        refused("InvalidSecurityToken.MismatchWithAccessKey", lambda: bad("list_regions"), 400)

    @check(name("regions and zones"))
    def _():
        assert "cn-hangzhou" in [one.region_id for one in call("list_regions").data]
        assert call("list_available_zones").data[0].zone_id

    @check(name("instances"))
    def _():
        fields = dict(
            service_code="rmq",
            series_code="standard",
            sub_series_code="cluster_ha",
            payment_type="PayAsYouGo",
            instance_name="sdk %s 中" % label,
            network_info=network(),
            product_info=m.CreateInstanceRequestProductInfo(msg_process_spec="rmq.s2.2xlarge", trace_on=True),
            tags=[m.CreateInstanceRequestTags(key="team", value="a b+*~")],
        )
        first = call("create_instance", client_token="token-%s" % label, **fields)
        equal((first.code, first.success, first.http_status_code), ("200", True, 200))
        iid = made["one"] = first.data
        equal(call("create_instance", client_token="token-%s" % label, **fields).data, iid)
        equal(call("get_instance", iid).data.status, "CREATING")
        until(lambda: call("get_instance", iid).data.status, "RUNNING")
        found = call("get_instance", iid).data
        equal((found.series_code, found.product_info.msg_process_spec), ("standard", "rmq.s2.2xlarge"))
        equal([one.endpoint_type for one in found.network_info.endpoints], ["TCP_VPC", "TCP_INTERNET"])
        equal([(tag.key, tag.value) for tag in found.tags], [("team", "a b+*~")])
        call("update_instance", iid, remark="changed", acl_info=m.UpdateInstanceRequestAclInfo(acl_types=["default", "apache_acl"]))
        refused("AsyncTask.InOrder", lambda: call("update_instance", iid, remark="again"), 400)
        until(lambda: call("get_instance", iid).data.status, "RUNNING")
        equal(call("get_instance", iid).data.acl_info.acl_types, ["default", "apache_acl"])
        page = call("list_instances", filter="sdk %s 中" % label, page_size=10, page_number=1).data
        equal(([one.instance_id for one in page.list], page.total_count), ([iid], 1))
        refused("MissingParameter", lambda: call("create_instance", service_code="rmq"), 400)
        refused("Instance.NotFound", lambda: call("get_instance", "rmq-cn-none"), 404)

    @check(name("a second instance, put there by the emulator"))
    def _():
        seed = {"name": "other-%s" % label, "region": "cn-beijing", "topics": [["orders", "NORMAL"]], "groups": ["billing"]}
        made["two"] = control(url, "POST", "instances", seed)["instance_id"]

    @check(name("tags and resource groups"))
    def _():
        iid = made["one"]
        fields = dict(region_id="cn-hangzhou", resource_type="instance")
        call("tag_resources", resource_id=json.dumps([iid]), tag=json.dumps([{"key": "env", "value": "x"}]), **fields)
        rows = call("list_tag_resources", resource_id=json.dumps([iid]), **fields).data.tag_resources
        equal(sorted((row.tag_key, row.tag_value) for row in rows), [("env", "x"), ("team", "a b+*~")])
        call("untag_resources", resource_id=json.dumps([iid]), tag_key=json.dumps(["env"]), **fields)
        rows = call("list_tag_resources", resource_id=json.dumps([iid]), **fields).data.tag_resources
        equal([row.tag_key for row in rows], ["team"])
        call("change_resource_group", resource_id=iid, resource_group_id="rg-other", **fields)
        equal(call("get_instance", iid).data.resource_group_id, "rg-other")

    @check(name("topics, in pages"))
    def _():
        iid = made["one"]
        for n in range(12):
            call("create_topic", iid, "t%02d" % n, message_type="NORMAL", remark="中文 %d" % n)
        call("create_topic", iid, "orders", message_type="NORMAL", max_send_tps=100)
        call("create_topic", iid, "fifo", message_type="FIFO")
        refused("Topic.Existed", lambda: call("create_topic", iid, "orders", message_type="NORMAL"), 400)
        refused("InvalidParameter", lambda: call("create_topic", iid, "%DLQ%x", message_type="NORMAL"), 400)
        seen = []
        for number in range(1, 4):
            page = call("list_topics", iid, page_number=number, page_size=5).data
            seen += [one.topic_name for one in page.list]
        equal((len(seen), page.total_count), (14, 14))
        fifo = call("list_topics", iid, message_types=["FIFO"], page_size=100).data.list
        equal([one.topic_name for one in fifo], ["fifo"])
        call("update_topic", iid, "orders", max_send_tps=200, remark="a b")
        found = call("get_topic", iid, "orders").data
        equal((found.max_send_tps, found.remark, found.message_type), (200, "a b", "NORMAL"))
        call("delete_topic", iid, "t00")
        until(lambda: exists(lambda: call("get_topic", iid, "t00")), False)
        refused("Topic.NotFound", lambda: call("delete_topic", iid, "t00"), 404)

    def policy(kind, **fields):
        return getattr(m, kind + "ConsumerGroupRequestConsumeRetryPolicy")(**fields)

    @check(name("consumer groups"))
    def _():
        iid = made["one"]
        retry = policy("Create", retry_policy="DefaultRetryPolicy", max_retry_times=16)
        for group in ("billing", "audit"):
            call("create_consumer_group", iid, group, delivery_order_type="Concurrently", consume_retry_policy=retry)
        refused("MissingParameter", lambda: call("create_consumer_group", iid, "x", delivery_order_type="Orderly"), 400)
        changed = policy("Update", retry_policy="DefaultRetryPolicy", max_retry_times=3, dead_letter_target_topic="t01")
        call("update_consumer_group", iid, "billing", consume_retry_policy=changed, max_receive_tps=50, remark="r")
        found = call("get_consumer_group", iid, "billing").data
        equal((found.delivery_order_type, found.max_receive_tps), ("Concurrently", 50))
        equal((found.consume_retry_policy.max_retry_times, found.consume_retry_policy.dead_letter_target_topic), (3, "t01"))
        refused("MissingParameter", lambda: call("update_consumer_group", iid, "billing", remark="x"), 400)
        equal(call("list_consumer_groups", iid, filter="bill", page_number=1, page_size=10).data.total_count, 1)
        call("delete_consumer_group", iid, "audit")
        refused("ConsumerGroup.NotFound", lambda: call("get_consumer_group", iid, "audit"), 404)

    @check(name("messages and traces"))
    def _():
        iid = made["one"]
        sent = call("verify_send_message", iid, "orders", message="hello", message_key="k 1", message_tag="a")
        control(url, "POST", "instances/%s/groups/billing/clients" % iid, {"client_id": "c@1", "topics": ["orders"]})
        message = call("get_message_detail", iid, "orders", sent.data).data
        equal((message.body, message.message_keys, message.message_tag), ("hello", ["k 1"], "a"))
        span = dict(start_time="2020-01-01 00:00:00", end_time="2099-01-01 00:00:00")
        equal(call("list_messages", iid, "orders", page_number=1, page_size=10, **span).data.total_count, 1)
        equal(call("list_messages", iid, "orders", message_key="k 1", page_number=1, page_size=10, **span).data.total_count, 1)
        equal(call("list_traces", iid, "orders", page_number=1, page_size=10, **span).data.list[0].message_id, sent.data)
        trace = call("get_trace", iid, "orders", sent.data, **span).data
        equal([one.consumer_group_id for one in trace.consumer_infos], ["billing"])
        call("verify_consume_message", iid, "orders", sent.data, consumer_group_id="billing", client_id="c@1")
        refused("ConsumerConnection.NotFound", lambda: call("verify_consume_message", iid, "orders", sent.data, consumer_group_id="billing", client_id="x"), 404)

    @check(name("subscriptions, lag and read positions"))
    def _():
        iid = made["one"]
        (one,) = call("list_topic_subscriptions", iid, "orders").data
        equal((one.consumer_group_id, one.subscription_status), ("billing", "ONLINE"))
        (one,) = call("list_consumer_group_subscriptions", iid, "billing").data
        equal((one.topic_name, one.topic_created), ("orders", True))
        equal(call("get_consumer_group_subscription", iid, "billing", "orders").data[0].subscription_dto.filter_expression, "*")
        connections = call("list_consumer_connections", iid, "billing").data.connections
        equal([one.client_id for one in connections], ["c@1"])
        assert call("get_consumer_stack", iid, "billing", client_id="c@1").data.stacks[0].tracks
        control(url, "PUT", "instances/%s/groups/billing/lag" % iid, {"topic": "orders", "lag": 5, "inflight": 2})
        lag = call("get_consumer_group_lag", iid, "billing").data
        equal((lag.total_lag.ready_count, lag.total_lag.inflight_count), (3, 2))
        equal(lag.topic_lag_map["orders"].ready_count, 3)
        assert call("get_consume_timespan", iid, "billing", "orders").data.max_timestamp > 0
        call("reset_consume_offset", iid, "billing", "orders", reset_type="LATEST_OFFSET")
        equal(call("get_consumer_group_lag", iid, "billing", topic_name="orders").data.total_lag.ready_count, 0)
        call("reset_consume_offset", iid, "billing", "orders", reset_type="SPECIFIED_TIME", reset_time="2020-01-01 00:00:00")
        assert call("get_consumer_group_lag", iid, "billing").data.total_lag.ready_count >= 5
        delete = lambda: call("delete_consumer_group_subscription", iid, "billing", topic_name="orders", filter_type="TAG", filter_expression="*")
        refused("ConsumerGroupSubscription.Online", delete, 400)
        control(url, "DELETE", "instances/%s/groups/billing/clients" % iid)
        delete()
        equal(call("list_consumer_group_subscriptions", iid, "billing").data, [])
        control(url, "POST", "instances/%s/groups/billing/clients" % iid, {"client_id": "c@1", "topics": ["orders"]})

    @check(name("accounts"))
    def _():
        iid = made["one"]
        call("create_instance_account", iid, username="user+1 x", password="p w+*~", remark="r")
        equal(call("get_instance_account", iid, username="user+1 x").data.password, "p w+*~")
        call("update_instance_account", iid, "user+1 x", password="new+pw", account_status="DISABLE")
        found = call("get_instance_account", iid, username="user+1 x").data
        equal((found.password, found.account_status, found.remark), ("new+pw", "DISABLE", "r"))
        assert call("get_instance_account", iid).data.username != "user+1 x"
        equal(call("list_instance_account", iid, username="user+", page_number=1, page_size=10).data.total_count, 1)
        refused("InstanceAccount.NotExisted", lambda: call("get_instance_account", iid, username="none"))

    @check(name("access rules"))
    def _():
        iid = made["one"]
        key = dict(resource_type="Topic", resource_name="orders")
        call("create_instance_acl", iid, "user+1 x", actions=["Pub", "Sub"], decision="Allow", ip_whitelists=["10.0.0.0/8"], **key)
        refused("InstanceAcl.Existed", lambda: call("create_instance_acl", iid, "user+1 x", actions=["Pub"], decision="Allow", **key), 400)
        found = call("get_instance_acl", iid, "user+1 x", **key).data
        equal((found.actions, found.decision, found.ip_whitelists), (["Pub", "Sub"], "Allow", ["10.0.0.0/8"]))
        call("update_instance_acl", iid, "user+1 x", actions=["Sub"], decision="Deny", **key)
        equal(call("list_instance_acl", iid, page_number=1, page_size=10).data.list[0].decision, "Deny")
        call("delete_instance_acl", iid, "user+1 x", **key)
        refused("InstanceAcl.NotExisted", lambda: call("get_instance_acl", iid, "user+1 x", **key))
        call("delete_instance_account", iid, "user+1 x")

    @check(name("addresses that may connect"))
    def _():
        iid = made["one"]
        call("create_instance_ip_whitelist", iid, ip_whitelists=["10.0.0.1", "10.1.0.0/16"])
        equal(call("get_instance_ip_whitelist", iid).data.ip_whitelists, ["10.0.0.1", "10.1.0.0/16"])
        equal(call("list_instance_ip_whitelist", iid, page_number=1, page_size=10).data.total_count, 2)
        call("delete_instance_ip_whitelist", iid, ip_whitelists=["10.0.0.1", "10.1.0.0/16"])
        equal(call("get_instance_ip_whitelist", iid).data.ip_whitelists, [])
        refused("InstanceIpOrCidr.NotExisted", lambda: call("delete_instance_ip_whitelist", iid, ip_whitelists=["10.0.0.1"]))

    def plan_fields(plan_type="ACTIVE_PASSIVE"):
        return dict(
            plan_name="plan %s 中" % label,
            plan_desc="d",
            plan_type=plan_type,
            sync_checkpoint_enabled=True,
            instances=[
                member("ACTIVE", instance_type="ALIYUN_ROCKETMQ", region_id="cn-hangzhou", instance_id=made["one"], auth_type="NO_AUTH"),
                member("PASSIVE", instance_type="ALIYUN_ROCKETMQ", region_id="cn-beijing", instance_id=made["two"], auth_type="NO_AUTH"),
            ],
        )

    @check(name("plans"))
    def _():
        plan = made["plan"] = call("create_disaster_recovery_plan", **plan_fields()).data
        assert isinstance(plan, int) and plan > 1_300_000_000, plan
        found = call("get_disaster_recovery_plan", plan).data
        equal((found.plan_id, found.plan_status, len(found.instances)), (plan, "CREATED", 2))
        equal([one.plan_id for one in call("list_disaster_recovery_plans", filter="%s 中" % label).data.list], [plan])
        equal(call("list_disaster_recovery_plans", instance_id=made["two"]).data.total_count, 1)
        call("update_disaster_recovery_plan", plan, plan_desc="e", auto_sync_checkpoint=True)
        found = call("get_disaster_recovery_plan", plan).data
        equal((found.plan_desc, found.auto_sync_checkpoint, found.plan_name), ("e", True, "plan %s 中" % label))
        refused("InvalidParameter", lambda: call("update_disaster_recovery_plan", plan, plan_type="ACTIVE_ACTIVE"), 400)
        external = member(
            "PASSIVE",
            instance_type="EXTERNAL_ROCKETMQ",
            region_id="cn-hangzhou",
            auth_type="ACL_AUTH",
            username="u",
            password="p",
            endpoint_url="ns.example.com:9876",
            network_type="TCP_VPC",
            consumer_group_id="replicator",
        )
        fields = dict(plan_fields(), plan_name="external %s" % label)
        fields["instances"] = [fields["instances"][0], external]
        refused("MissingParameter", lambda: call("create_disaster_recovery_plan", **fields), 400)
        external.vpc_id, external.v_switch_id, external.security_group_id = "vpc-1", "vsw-1", "sg-1"
        other = call("create_disaster_recovery_plan", **fields).data
        assert call("get_disaster_recovery_plan", other).data.instances[1].instance_id
        call("delete_disaster_recovery_plan", other)
        equal(call("get_disaster_recovery_plan", other).data.plan_status, "DELETED")
        refused("DisasterRecoveryPlan.NotFound", lambda: call("get_disaster_recovery_plan", 42), 404)

    def topics(kind, source="orders"):
        row = getattr(m, kind + "DisasterRecoveryItemRequestTopics")
        return [
            row(instance_id=made["one"], instance_type="ALIYUN_ROCKETMQ", region_id="cn-hangzhou", topic_name=source),
            row(instance_id=made["two"], instance_type="ALIYUN_ROCKETMQ", region_id="cn-beijing", topic_name="orders"),
        ]

    @check(name("items, started and stopped"))
    def _():
        plan = made["plan"]
        item = made["item"] = call("add_disaster_recovery_item", plan, topics=topics("Add")).data
        status = lambda: call("get_disaster_recovery_item", plan, item).data.item_status
        equal(status(), "CREATING")
        until(status, "RUNNING")
        equal(call("get_disaster_recovery_plan", plan).data.plan_status, "RUNNING")
        equal(call("list_disaster_recovery_items", plan, topic_name="orders").data.total_count, 1)
        refused("DisasterRecoveryItemStatus.Error", lambda: call("start_disaster_recovery_item", plan, item), 400)
        refused("DisasterRecoveryItemStatus.Error", lambda: call("delete_disaster_recovery_item", plan, item), 400)
        refused("DisasterRecoveryPlanStatus.Error", lambda: call("delete_disaster_recovery_plan", plan), 400)
        call("stop_disaster_recovery_item", plan, item)
        until(status, "MANUAL_STOPPED")
        call("update_disaster_recovery_item", plan, item, topics=topics("Update", "t02"))
        until(status, "MANUAL_STOPPED")
        call("update_disaster_recovery_item", plan, item, topics=topics("Update"))
        until(status, "MANUAL_STOPPED")
        call("start_disaster_recovery_item", plan, item)
        until(status, "RUNNING")
        before = control(url, "GET", "status")["messages"]
        call("verify_send_message", made["one"], "orders", message="replicated")
        equal(control(url, "GET", "status")["messages"], before + 2)
        refused("Topic.NotFound", lambda: call("add_disaster_recovery_item", plan, topics=topics("Add", "none")), 404)

    @check(name("checkpoints"))
    def _():
        plan, item = made["plan"], made["item"]
        refused("MissingParameter", lambda: call("list_disaster_recovery_checkpoints", plan, item), 400)
        (one,) = call("list_disaster_recovery_checkpoints", plan, item, instance_id=made["one"]).data.list
        equal((one.source_progress.consumer_group_id, one.last_sync_time), ("billing", 0))
        call("sync_disaster_recovery_checkpoint", plan, item, one.checkpoint_id)
        (one,) = call("list_disaster_recovery_checkpoints", plan, item, instance_id=made["one"]).data.list
        assert one.last_sync_time > 0

    @check(name("faults come as the SDK expects them"))
    def _():
        control(url, "POST", "faults", {"fault": "throttle", "path": "/regions", "times": 1})
        refused("Throttling.User", lambda: call("list_regions"))
        control(url, "POST", "faults", {"fault": "status", "status": 500, "path": "/regions", "times": 1})
        refused("InternalError", lambda: call("list_regions"), 500)
        control(url, "PUT", "settings", {"failures_with_200": True})
        soft = call("get_topic", made["one"], "none")
        equal((soft.success, soft.code), (False, "Topic.NotFound"))
        control(url, "PUT", "settings", {"failures_with_200": False, "numeric_codes": True})
        equal(call("list_regions").success, True)
        control(url, "PUT", "settings", {"numeric_codes": False})

    @check(name("everything goes"))
    def _():
        plan, item = made["plan"], made["item"]
        call("stop_disaster_recovery_item", plan, item)
        until(lambda: call("get_disaster_recovery_item", plan, item).data.item_status, "MANUAL_STOPPED")
        call("delete_disaster_recovery_item", plan, item)
        refused("DisasterRecoveryItem.NotFound", lambda: call("get_disaster_recovery_item", plan, item), 404)
        call("delete_disaster_recovery_plan", plan)
        call("delete_instance", made["one"])
        until(lambda: call("get_instance", made["one"]).data.status, "RELEASED")
        control(url, "PUT", "settings", {"tombstones": False})
        call("delete_instance", made["two"])
        until(lambda: exists(lambda: call("get_instance", made["two"])), False)
        control(url, "PUT", "settings", {"tombstones": True})


def main():
    url = endpoint()
    suite(url, "acs3", None)
    suite(url, "v1", "v2")

    @check("every operation of the emulator was called")
    def _():
        with open(OPERATIONS, encoding="utf-8") as file:
            known = {row["operation"] for row in csv.DictReader(file)}
        equal(sorted(known - called), [])

    print("%d passed, %d failed" % (len(passed), len(failed)))
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
