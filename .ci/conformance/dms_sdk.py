#!/usr/bin/env python3
"""Judges the DMS emulator with the vendor's own Python SDK, unmodified.

Usage: dms_sdk.py PORT_FILE | http://HOST:PORT

PORT_FILE is what `queueform emulator --port-file FILE` writes: {"dms": PORT, ...}.
Each check is one call of the SDK with real AK/SK signing, or one comparison of what came back.
Ends with a line "N passed, M failed" and the exit status 1 when M is not 0.
"""

import json
import sys
import time
import traceback

from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcore.exceptions.exceptions import ClientRequestException
from huaweicloudsdkcore.http.http_config import HttpConfig
from huaweicloudsdkcore.region.region import Region
from huaweicloudsdkrocketmq.v2 import RocketMQClient
from huaweicloudsdkrocketmq.v2 import model as m

ACCESS_KEY = "QFDEMOACCESSKEY00001"
SECRET_KEY = "QFDEMOSECRETKEY0000NOTAREALSECRETKEY0001"
TEMPORARY = ("QFDEMOTEMPORARY00001", "QFDEMOTEMPORARY0000NOTAREALSECRETKEY0001", "qf-demo-security-token")
PROJECT = "0123456789abcdef0123456789abcdef"
MISSING = "99999999-9999-4999-a999-999999999999"

passed = []
failed = []


def endpoint():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    if sys.argv[1].startswith("http"):
        return sys.argv[1]
    with open(sys.argv[1], encoding="utf-8") as file:
        return "http://127.0.0.1:%d" % json.load(file)["dms"]


def client(url, access=ACCESS_KEY, secret=SECRET_KEY, token=None, project=PROJECT):
    """A client; without a project it asks IAM for the one of its region."""
    config = HttpConfig.get_default_config()
    config.retry_times = 0
    credentials = BasicCredentials(access, secret, project)
    if token:
        credentials = credentials.with_security_token(token)
    if project is None:
        credentials = credentials.with_iam_endpoint(url)
    builder = RocketMQClient.new_builder().with_http_config(config).with_credentials(credentials)
    if project is None:
        return builder.with_region(Region("ru-moscow-1", url)).build()
    return builder.with_endpoint(url).build()


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


def refused(status, code, call):
    try:
        call()
    except ClientRequestException as error:
        equal((error.status_code, error.error_code), (status, code))
        if not error.request_id:
            raise AssertionError("no request id")
        return error
    raise AssertionError("not refused")


def wait_until(look, wanted, tries=20):
    for _ in range(tries):
        seen = look()
        if seen == wanted:
            return
        time.sleep(0.01)
    raise AssertionError("still %r, wanted %r" % (seen, wanted))


def main():
    url = endpoint()
    c = client(url)
    # What one check finds out and another needs.
    known = {}

    def new_instance(name, **other):
        fields = dict(
            name=name,
            description="made by the vendor's client",
            engine="reliability",
            engine_version="4.8.0",
            storage_space=300,
            vpc_id="3db8490c-4d6d-4d8f-8d3f-047b0de4c5cf",
            subnet_id="0a0f1fcb-f019-458d-b9e5-301867394d50",
            security_group_id="23c5977f-ff33-4b95-a73e-08d8a0bc4e6c",
            available_zones=[known["zone"]],
            product_id="c6.4u8g.cluster",
            storage_spec_code="dms.physical.storage.high.v2",
            broker_num=1,
            enable_acl=True,
        )
        fields.update(other)
        return m.CreatePostPaidInstanceReq(**fields)

    def status(iid):
        return c.show_instance(m.ShowInstanceRequest(instance_id=iid)).status

    def instance(iid=None):
        return c.show_instance(m.ShowInstanceRequest(instance_id=iid or known["iid"]))

    def gone(iid):
        try:
            status(iid)
        except ClientRequestException as error:
            return (error.status_code, error.error_code, error.error_msg)
        return None

    # Who may call.

    @check("a wrong secret key is refused")
    def _():
        bad = client(url, secret="WRONG")
        refused(401, "APIGW.0301", lambda: bad.list_available_zones(m.ListAvailableZonesRequest()))

    @check("an unknown access key is refused")
    def _():
        bad = client(url, access="NOBODY")
        refused(401, "APIGW.0301", lambda: bad.list_instances(m.ListInstancesRequest(engine="reliability")))

    @check("temporary keys need their token")
    def _():
        access, secret, token = TEMPORARY
        good = client(url, access, secret, token)
        good.list_instances(m.ListInstancesRequest(engine="reliability"))
        bad = client(url, access, secret, "other")
        refused(401, "APIGW.0301", lambda: bad.list_instances(m.ListInstancesRequest(engine="reliability")))

    @check("the project of another account is refused")
    def _():
        bad = client(url, project="f" * 32)
        refused(401, "DMS.10240104", lambda: bad.list_instances(m.ListInstancesRequest(engine="reliability")))

    @check("the project's id comes from IAM")
    def _():
        found = client(url, project=None)
        equal(found.list_instances(m.ListInstancesRequest(engine="reliability")).instance_num is not None, True)

    # What the region offers.

    @check("availability zones")
    def _():
        answer = c.list_available_zones(m.ListAvailableZonesRequest())
        equal(answer.region_id, "ru-moscow-1")
        codes = [zone.code for zone in answer.available_zones]
        equal(codes[:3], ["ru-moscow-1a", "ru-moscow-1b", "ru-moscow-1c"])
        first = answer.available_zones[0]
        equal((first.port, first.resource_availability, first.sold_out), ("8002", "true", False))
        known["zone"] = first.id

    @check("products")
    def _():
        answer = c.list_engine_products(m.ListEngineProductsRequest(engine="rocketmq"))
        ids = [product.product_id for product in answer.products]
        equal(ids[0], "c6.4u8g.cluster.small")
        equal(answer.products[1].properties.max_topic_per_broker, "4000")
        one = c.list_engine_products(m.ListEngineProductsRequest(engine="reliability", product_id="c6.8u16g.cluster"))
        equal([product.product_id for product in one.products], ["c6.8u16g.cluster"])

    @check("quotas, cores and features")
    def _():
        quotas = c.show_quotas(m.ShowQuotasRequest())
        equal(quotas.quotas.resources[0].type, "rocketmqInstance")
        c.show_rocket_mq_product_cores(m.ShowRocketMqProductCoresRequest(instance_id=MISSING))
        c.list_config_features(m.ListConfigFeaturesRequest())

    # Instances.

    @check("create an instance by each of the three paths")
    def _():
        one = c.create_post_paid_instance(m.CreatePostPaidInstanceRequest(body=new_instance("sdk-plain")))
        body = m.CreateInstanceByEngineReq(**{key: getattr(new_instance("sdk-prefixed"), key) for key in (
            "name engine engine_version storage_space vpc_id subnet_id security_group_id available_zones "
            "product_id storage_spec_code broker_num").split()})
        two = c.create_instance_by_engine(m.CreateInstanceByEngineRequest(engine="reliability", body=body))
        three = c.create_post_paid_instance_for_rocket_mq(
            m.CreatePostPaidInstanceForRocketMqRequest(body=new_instance("sdk-infixed")))
        known["iid"], known["two"], known["three"] = one.instance_id, two.instance_id, three.instance_id
        equal(len({one.instance_id, two.instance_id, three.instance_id}), 3)

    @check("a new instance is CREATING, then RUNNING")
    def _():
        first = status(known["iid"])
        equal(first in ("CREATING", "RUNNING"), True)
        for which in ("iid", "two", "three"):
            wait_until(lambda which=which: status(known[which]), "RUNNING")

    @check("show an instance")
    def _():
        seen = instance()
        equal(seen.name, "sdk-plain")
        equal(seen.engine, "reliability")
        equal((seen.storage_space, seen.total_storage_space), (279, 300))
        equal((seen.charging_mode, seen.node_num, seen.broker_num), (1, 5, 1))
        equal(seen.specification, "c6.4u8g.cluster * 1 broker")
        equal(seen.created_at.isdigit(), True)
        equal((seen.enable_acl, seen.ssl_enable, seen.enable_publicip), (True, False, False))
        equal(len(json.loads(seen.cross_vpc_info)), 5)
        equal(seen.available_zones, [known["zone"]])

    @check("list instances")
    def _():
        every = c.list_instances(m.ListInstancesRequest(engine="reliability"))
        equal(every.instance_num >= 3, True)
        fuzzy = c.list_instances(m.ListInstancesRequest(engine="reliability", name="sdk-p"))
        equal(fuzzy.instance_num, 2)
        exact = c.list_instances(m.ListInstancesRequest(
            engine="reliability", name="sdk-plain", exact_match_name="true"))
        equal([one.instance_id for one in exact.instances], [known["iid"]])
        page = c.list_instances(m.ListInstancesRequest(engine="reliability", name="sdk-", limit=1, offset=1))
        equal((page.instance_num, len(page.instances)), (3, 1))
        behind = c.list_instances(m.ListInstancesRequest(engine="reliability", offset=50))
        equal(behind.instances, [])

    @check("refused instances")
    def _():
        def refuse(code, **fields):
            body = new_instance(fields.pop("name", "sdk-refused"), **fields)
            refused(400, code, lambda: c.create_post_paid_instance(m.CreatePostPaidInstanceRequest(body=body)))

        refuse("DMS.00400010", name="1st")
        refuse("DMS.00400011", description="x" * 1025)
        refuse("DMS.00400007", engine="kafka")
        refuse("DMS.00400008", engine_version="3.0")
        refuse("DMS.00400009", product_id="c9")
        refuse("DMS.00400022", product_id="rocketmq.b1.large.1")
        refuse("DMS.00400500", storage_space=299)
        refuse("DMS.00400125", storage_spec_code="tape")
        refuse("DMS.00400013", vpc_id="")
        refuse("DMS.00400068", vpc_id="00000000-0000-0000-0000-000000000000")
        refuse("DMS.00400016", subnet_id="")
        refuse("DMS.00400014", security_group_id="")
        refuse("DMS.00400046", security_group_id="other")
        refuse("DMS.00400042", available_zones=["ru-moscow-1a"])
        refuse("DMS.00400067", available_zones=[known["zone"], known["zone"]])
        refuse("DMS.00400049", ipv6_enable=True)
        refuse("DMS.00400128", enable_publicip=True)
        refuse("DMS.00400060", name="sdk-plain")

    @check("an unknown instance and a malformed id")
    def _():
        error = refused(404, "DMS.00404022", lambda: instance(MISSING))
        equal(error.error_msg, "This DMS instance does not exist.")
        refused(400, "DMS.00400030", lambda: instance("not-a-uuid"))

    @check("modify an instance")
    def _():
        def update(**fields):
            c.update_instance(m.UpdateInstanceRequest(
                instance_id=known["iid"], body=m.UpdateInstanceReq(**fields)))

        update(name="sdk-renamed", description="")
        seen = instance()
        equal((seen.name, seen.description, seen.enable_acl), ("sdk-renamed", "", True))
        refused(400, "DMS.00400010", lambda: update(name="sdk_underscore"))
        update(security_group_id="23c5977f-ff33-4b95-a73e-08d8a0bc4e6d")
        equal(instance().security_group_id[-1], "d")

    @check("bind and release public addresses")
    def _():
        eips = ["7e6b7beb-ef13-4805-878d-28589000000%d" % n for n in range(3)]

        def update(**fields):
            c.update_instance(m.UpdateInstanceRequest(
                instance_id=known["iid"], body=m.UpdateInstanceReq(**fields)))

        def newest():
            tasks = c.list_background_tasks(m.ListBackgroundTasksRequest(instance_id=known["iid"], start=1, limit=10))
            return (tasks.tasks[0].name, tasks.tasks[0].status)

        refused(400, "DMS.00400128", lambda: update(enable_publicip=True, publicip_id=eips[0]))
        update(enable_publicip=True, publicip_id=",".join(eips))
        equal(newest()[0], "bindInstancePublicIp")
        wait_until(newest, ("bindInstancePublicIp", "SUCCESS"))
        seen = instance()
        equal((seen.enable_publicip, seen.publicip_id), (True, ",".join(eips)))
        equal(len(seen.publicip_address.split(",")), 3)
        equal(bool(seen.public_broker_address) and bool(seen.public_namesrv_address), True)
        update(enable_publicip=False)
        wait_until(newest, ("unbindInstancePublicIp", "SUCCESS"))
        equal(instance().enable_publicip, False)

    @check("brokers and nodes")
    def _():
        brokers = c.list_brokers(m.ListBrokersRequest(instance_id=known["iid"])).brokers
        equal([(b.broker_name, b.ids) for b in brokers], [("broker-0", [0, 1, 2])])
        nodes = c.show_instance_nodes(m.ShowInstanceNodesRequest(engine="rocketmq", instance_id=known["iid"]))
        equal(len(nodes.nodes), 3)

    # Topics.

    def create_topic(**fields):
        return c.create_topic_or_batch_delete_topic(m.CreateTopicOrBatchDeleteTopicRequest(
            instance_id=known["iid"], body=m.CreateTopicOrBatchDeleteTopicReq(**fields)))

    def topic(name):
        return c.show_one_topic(m.ShowOneTopicRequest(instance_id=known["iid"], topic=name))

    @check("create, show and change a topic")
    def _():
        equal(create_topic(name="orders", brokers=["broker-0"], queue_num=3, permission="all").id, "orders")
        seen = topic("orders")
        equal((seen.total_read_queue_num, seen.total_write_queue_num, seen.permission), (3.0, 3.0, "all"))
        equal([(b.broker_name, b.read_queue_num, b.write_queue_num) for b in seen.brokers], [("broker-0", 3.0, 3.0)])
        c.update_topic(m.UpdateTopicRequest(
            instance_id=known["iid"], topic="orders", body=m.UpdateTopicReq(permission="sub")))
        seen = topic("orders")
        equal((seen.permission, seen.total_read_queue_num), ("sub", 3.0))
        c.update_topic(m.UpdateTopicRequest(
            instance_id=known["iid"], topic="orders",
            body=m.UpdateTopicReq(read_queue_num=4, write_queue_num=5, permission="all")))
        seen = topic("orders")
        equal((seen.total_read_queue_num, seen.total_write_queue_num, seen.permission), (4.0, 5.0, "all"))
        equal(create_topic(name="defaults").id, "defaults")
        equal(topic("defaults").total_read_queue_num, 8.0)

    @check("refused topics")
    def _():
        refused(400, "DMS.10240017", lambda: create_topic(name="orders"))
        refused(400, "DMS.10240007", lambda: create_topic(name="no spaces"))
        refused(400, "DMS.00400800", lambda: create_topic(name="TBW102"))
        refused(400, "DMS.00400800", lambda: create_topic(name="too-many", queue_num=51))
        refused(400, "DMS.00400800", lambda: create_topic(name="elsewhere", brokers=["broker-7"]))
        refused(404, "DMS.10240401", lambda: topic("missing"))

    @check("list topics by page")
    def _():
        for number in range(12):
            create_topic(name="page-%02d" % number, queue_num=1)

        def page(**fields):
            return c.list_rocket_instance_topics(
                m.ListRocketInstanceTopicsRequest(instance_id=known["iid"], **fields))

        first = page()
        equal((first.total, len(first.topics), first.next_offset, first.previous_offset), (14, 10, 10, -1))
        equal((first.max, first.remaining), (4000, 3986))
        rest = page(limit=10, offset=10)
        equal((len(rest.topics), rest.next_offset, rest.previous_offset), (4, -1, 0))
        equal(page(limit=50, offset=50).topics, [])
        refused(400, "DMS.10240042", lambda: page(limit=51))

    @check("delete topics, one and many")
    def _():
        c.delete_topic(m.DeleteTopicRequest(instance_id=known["iid"], topic="page-00"))
        refused(404, "DMS.10240401", lambda: topic("page-00"))
        answer = c.create_topic_or_batch_delete_topic(m.CreateTopicOrBatchDeleteTopicRequest(
            instance_id=known["iid"], action="delete",
            body=m.CreateTopicOrBatchDeleteTopicReq(topics=["page-%02d" % n for n in range(1, 12)])))

        def job():
            return c.show_background_task(
                m.ShowBackgroundTaskRequest(instance_id=known["iid"], task_id=answer.job_id)).tasks[0].status

        wait_until(job, "SUCCESS")
        left = c.list_rocket_instance_topics(m.ListRocketInstanceTopicsRequest(instance_id=known["iid"]))
        equal([one.name for one in left.topics], ["defaults", "orders"])

    # Consumer groups.

    def create_group(**fields):
        return c.create_consumer_group_or_batch_delete_consumer_group(
            m.CreateConsumerGroupOrBatchDeleteConsumerGroupRequest(
                instance_id=known["iid"], body=m.CreateConsumerGroupOrBatchDeleteConsumerGroupReq(**fields)))

    def group(name):
        return c.show_group(m.ShowGroupRequest(instance_id=known["iid"], group=name))

    @check("create, show and replace a consumer group")
    def _():
        answer = create_group(name="billing", broadcast=True, retry_max_time=3, enabled=True,
                              brokers=["broker-0"], group_desc="add description.")
        equal(answer.name, "billing")
        seen = group("billing")
        equal((seen.broadcast, seen.retry_max_time, seen.enabled, seen.brokers, seen.group_desc),
              (True, 3, True, ["broker-0"], "add description."))
        c.update_consumer_group(m.UpdateConsumerGroupRequest(
            instance_id=known["iid"], group="billing",
            body=m.UpdateConsumerGroup(broadcast=False, retry_max_time=5, enabled=False)))
        seen = group("billing")
        equal((seen.broadcast, seen.retry_max_time, seen.enabled, seen.group_desc), (False, 5, False, ""))

    @check("refused consumer groups")
    def _():
        refused(400, "DMS.10240018", lambda: create_group(name="billing", retry_max_time=1))
        refused(400, "DMS.10240016", lambda: create_group(name="x", retry_max_time=1))
        refused(400, "DMS.00400800", lambda: create_group(name="retries", retry_max_time=17))
        refused(404, "DMS.10240405", lambda: group("missing"))

    @check("list and batch-change consumer groups")
    def _():
        create_group(name="audit", retry_max_time=16)
        create_group(name="refund", retry_max_time=16)
        every = c.list_instance_consumer_groups(m.ListInstanceConsumerGroupsRequest(instance_id=known["iid"]))
        equal((every.total, [one.name for one in every.groups]), (3, ["audit", "billing", "refund"]))
        equal((every.max, every.remaining, every.next_offset), (4000, 3997, -1))
        equal(every.groups[0].created_at > 1_600_000_000_000, True)
        one = c.list_instance_consumer_groups(
            m.ListInstanceConsumerGroupsRequest(instance_id=known["iid"], group="aud"))
        equal([g.name for g in one.groups], ["audit"])
        job = c.batch_update_consumer_group(m.BatchUpdateConsumerGroupRequest(
            instance_id=known["iid"], body=m.BatchUpdateConsumerGroupReq(groups=[
                m.BatchUpdateConsumerGroup(name="audit", retry_max_time=7, enabled=True, broadcast=False)])))

        def job_status():
            return c.show_background_task(
                m.ShowBackgroundTaskRequest(instance_id=known["iid"], task_id=job.job_id)).tasks[0].status

        wait_until(job_status, "SUCCESS")
        equal(group("audit").retry_max_time, 7)

    @check("delete consumer groups, one and many")
    def _():
        c.delete_consumer_group(m.DeleteConsumerGroupRequest(instance_id=known["iid"], group="refund"))
        refused(404, "DMS.10240405", lambda: group("refund"))
        create_group(name="doomed", retry_max_time=16)
        c.create_consumer_group_or_batch_delete_consumer_group(
            m.CreateConsumerGroupOrBatchDeleteConsumerGroupRequest(
                instance_id=known["iid"], action="delete",
                body=m.CreateConsumerGroupOrBatchDeleteConsumerGroupReq(groups=["doomed"])))
        wait_until(lambda: [one.name for one in c.list_instance_consumer_groups(
            m.ListInstanceConsumerGroupsRequest(instance_id=known["iid"])).groups], ["audit", "billing"])

    # Names that need encoding.

    @check("names with percent and bar")
    def _():
        create_topic(name="odd%2F|name", queue_num=1)
        equal(topic("odd%2F|name").name, "odd%2F|name")
        c.delete_topic(m.DeleteTopicRequest(instance_id=known["iid"], topic="odd%2F|name"))

    # Messages and lag.

    def control(method, path, body=None):
        import urllib.request
        request = urllib.request.Request(
            url + "/_emulator" + path, method=method, data=json.dumps(body or {}).encode())
        with urllib.request.urlopen(request, timeout=10) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    @check("send, find and trace a message")
    def _():
        sent = c.send_message(m.SendMessageRequest(
            engine="reliability", instance_id=known["iid"],
            body=m.SendMessageReq(topic="orders", body="hello", property_list=[
                m.SendMessageProperties(name="KEYS", value="owner"),
                m.SendMessageProperties(name="TAGS", value="demo")])))
        equal((sent.topic, sent.broker_name, sent.queue_offset), ("orders", "broker-0", 0.0))
        known["msg"] = sent.msg_id
        now = int(time.time() * 1000)
        found = c.list_messages(m.ListMessagesRequest(
            engine="reliability", instance_id=known["iid"], topic="orders", limit="10", offset="0",
            start_time=str(now - 60_000), end_time=str(now + 60_000)))
        equal((found.total, found.messages[0].msg_id), (1.0, sent.msg_id))
        one = c.list_messages_for_rocket_mq(m.ListMessagesForRocketMqRequest(
            instance_id=known["iid"], topic="orders", msg_id=sent.msg_id))
        equal(one.messages[0].body, "hello")
        trace = c.list_message_trace(m.ListMessageTraceRequest(
            engine="reliability", instance_id=known["iid"], msg_id=sent.msg_id))
        equal(trace.trace[0].trace_type, "Pub")

    @check("topic status, groups of a topic, lag of a group")
    def _():
        control("POST", "/instances/%s/topics/orders/messages" % known["iid"], {"count": 20})
        state = c.show_topic_status(m.ShowTopicStatusRequest(instance_id=known["iid"], topic="orders"))
        equal((state.max_offset, state.min_offset), (21, 0))
        equal(sum(queue.max_offset for queue in state.brokers[0].queues), 21)
        control("PUT", "/instances/%s/groups/billing/lag" % known["iid"], {"topic": "orders", "lag": 8})
        groups = c.list_consumer_group_of_topic(
            m.ListConsumerGroupOfTopicRequest(instance_id=known["iid"], topic="orders"))
        equal((groups.groups, groups.total), (["billing"], 1))
        topics = c.show_consumer_list_or_details(
            m.ShowConsumerListOrDetailsRequest(instance_id=known["iid"], group="billing"))
        equal((topics.topics, topics.total), (["orders"], 1))
        lag = c.show_consumer_list_or_details(
            m.ShowConsumerListOrDetailsRequest(instance_id=known["iid"], group="billing", topic="orders"))
        equal(lag.lag, 8)
        equal(lag.max_offset - lag.consumer_offset, 8)
        equal(sum(queue.lag for queue in lag.brokers[0].queues), 8)
        refused(400, "DMS.40050010", lambda: c.show_consumer_list_or_details(
            m.ShowConsumerListOrDetailsRequest(instance_id=known["iid"], group="billing", offset=1)))

    @check("clients, verification and offset reset")
    def _():
        control("POST", "/instances/%s/groups/billing/clients" % known["iid"],
                {"client_id": "worker-1", "topics": ["orders"]})
        seen = c.show_consumer_connections(m.ShowConsumerConnectionsRequest(
            instance_id=known["iid"], group="billing", is_detail=True))
        equal((seen.online, seen.total, seen.next_offset), (True, 1, -1))
        equal((seen.clients[0].client_id, seen.clients[0].subscriptions[0].topic), ("worker-1", "orders"))
        results = c.validate_consumed_message(m.ValidateConsumedMessageRequest(
            engine="reliability", instance_id=known["iid"],
            body=m.ResendReq(group="billing", topic="orders", client_id="worker-1", msg_id_list=[known["msg"]])))
        equal(results.resend_results[0].error_code, "DMS.00000000")
        queues = c.reset_consume_offset(m.ResetConsumeOffsetRequest(
            engine="reliability", instance_id=known["iid"], group="billing",
            body=m.ResetConsumeOffsetReq(topic="orders", timestamp=0)))
        equal({queue.timestamp_offset for queue in queues.queues}, {0})

    @check("dead letters")
    def _():
        made = control("POST", "/instances/%s/groups/billing/dead-letters" % known["iid"], {"count": 3})
        state = c.show_topic_status(
            m.ShowTopicStatusRequest(instance_id=known["iid"], topic="%DLQ%billing"))
        equal(state.max_offset, 3)
        results = c.send_dlq_message(m.SendDlqMessageRequest(
            engine="reliability", instance_id=known["iid"],
            body=m.DeadletterResendReq(topic="%DLQ%billing", msg_id_list=[made["msg_ids"][0], "missing"])))
        equal([one.error_code == "DMS.00000000" for one in results.resend_results], [True, False])

    # Users.

    def user(name):
        return c.show_user(m.ShowUserRequest(instance_id=known["iid"], user_name=name))

    @check("create, show, change and list users")
    def _():
        made = c.create_user(m.CreateUserRequest(instance_id=known["iid"], body=m.User(
            access_key="testRocketmqAK", secret_key="testRocketmqSK123", white_remote_address="10.10.10.20",
            admin=False, default_topic_perm="SUB", default_group_perm="PUB",
            topic_perms=[m.UserTopicPerms(name="orders", perm="PUB|SUB")], group_perms=[])))
        equal(made.access_key, "testRocketmqAK")
        seen = user("testRocketmqAK")
        equal((seen.secret_key, seen.white_remote_address, seen.default_topic_perm),
              ("testRocketmqSK123", "10.10.10.20", "SUB"))
        equal([(perm.name, perm.perm) for perm in seen.topic_perms], [("orders", "PUB|SUB")])
        c.update_user(m.UpdateUserRequest(
            instance_id=known["iid"], user_name="testRocketmqAK", body=m.User(
                access_key="testRocketmqAK", secret_key="", white_remote_address="10.10.10.10",
                admin=False, default_topic_perm="PUB", default_group_perm="SUB", topic_perms=[])))
        seen = user("testRocketmqAK")
        equal((seen.secret_key, seen.white_remote_address, seen.default_topic_perm, seen.topic_perms),
              ("testRocketmqSK123", "10.10.10.10", "PUB", []))
        every = c.list_user(m.ListUserRequest(instance_id=known["iid"]))
        equal((every.total, [one.access_key for one in every.users]), (1, ["testRocketmqAK"]))
        equal(set(every.users[0].secret_key), {"*"})

    @check("access policies")
    def _():
        of_topic = c.list_topic_access_policy(
            m.ListTopicAccessPolicyRequest(instance_id=known["iid"], topic="orders"))
        equal([(one.access_key, one.perm) for one in of_topic.policies], [("testRocketmqAK", "PUB")])
        of_group = c.list_consume_group_access_policy(m.ListConsumeGroupAccessPolicyRequest(
            engine="reliability", instance_id=known["iid"], group="billing"))
        equal((of_group.name, of_group.policies[0].perm), ("billing", "SUB"))
        c.list_consume_group_access_policy_for_rocket_mq(m.ListConsumeGroupAccessPolicyForRocketMqRequest(
            instance_id=known["iid"], group="billing"))

    @check("refused and deleted users")
    def _():
        def make(access_key, secret_key):
            c.create_user(m.CreateUserRequest(
                instance_id=known["iid"], body=m.User(access_key=access_key, secret_key=secret_key)))

        refused(400, "DMS.00400015", lambda: make("short", "testRocketmqSK123"))
        refused(400, "DMS.00400012", lambda: make("longEnough", "onlyletters"))
        refused(400, "DMS.00500972", lambda: user("nobodyHere"))
        c.delete_user(m.DeleteUserRequest(instance_id=known["iid"], user_name="testRocketmqAK"))
        refused(400, "DMS.00500972", lambda: user("testRocketmqAK"))

    # Parameters, tags, migration.

    @check("parameters")
    def _():
        def show():
            (one,) = c.show_rocket_mq_configs(
                m.ShowRocketMqConfigsRequest(instance_id=known["iid"])).rocketmq_configs
            return one

        one = show()
        equal((one.name, one.value, one.default_value, one.valid_values),
              ("fileReservedTime", "48", "48", "0-720"))

        def change(name, value):
            c.update_rocket_mq_configs(m.UpdateRocketMqConfigsRequest(
                instance_id=known["iid"],
                body=m.ModifyConfigReq(rocketmq_configs=[m.RocketMQConfigReq(name=name, value=value)])))

        change("fileReservedTime", "72")
        equal(show().value, "72")
        refused(400, "DMS.00400066", lambda: change("fileReservedTime", "721"))
        refused(400, "DMS.00400063", lambda: change("other", "1"))

    @check("tags")
    def _():
        def act(action, *tags):
            c.batch_create_or_delete_rocketmq_tag(m.BatchCreateOrDeleteRocketmqTagRequest(
                instance_id=known["iid"], body=m.BatchCreateOrDeleteTagReq(
                    action=action, tags=[m.TagEntity(key=key, value=value) for key, value in tags])))

        def show():
            tags = c.show_rocketmq_tags(m.ShowRocketmqTagsRequest(instance_id=known["iid"])).tags
            return {tag.key: tag.value for tag in tags}

        act("create", ("key1", "value1"), ("key2", "value2"))
        equal(show(), {"key1": "value1", "key2": "value2"})
        refused(400, "DMS.10240045", lambda: act("create", ("key1", "other")))
        act("delete", ("key1", "value1"))
        equal(show(), {"key2": "value2"})
        refused(404, "DMS.10240426", lambda: act("delete", ("key1", "value1")))
        refused(400, "DMS.10240040", lambda: act("replace", ("key1", "value1")))
        every = c.show_rocketmq_project_tags(m.ShowRocketmqProjectTagsRequest()).tags
        equal([(tag.key, tag.values) for tag in every if tag.key == "key2"], [("key2", ["value2"])])

    @check("metadata migration")
    def _():
        task = c.create_rocket_mq_migration_task(m.CreateRocketMqMigrationTaskRequest(
            instance_id=known["iid"], overwrite="true", name="sdk-migration", type="rocketmq",
            body=m.CreateRocketMqMigrationTaskReq(
                topic_config_table={"moved": m.MigrationRocketMqTopicConfig(
                    topic_name="moved", order=False, perm=6, read_queue_nums=16, write_queue_nums=16,
                    topic_filter_type="SINGLE_TAG", topic_sys_flag=0)},
                subscription_group_table={"moved-group": m.MigrationRocketMqSubscriptionGroup(
                    group_name="moved-group", consume_enable=True, consume_broadcast_enable=True,
                    consume_from_min_enable=True, notify_consumer_ids_changed_enable=True,
                    retry_max_times=2, retry_queue_nums=1, which_broker_when_consume_slow=1)})))

        def state():
            (one,) = c.list_rocket_mq_migration_task(m.ListRocketMqMigrationTaskRequest(
                instance_id=known["iid"], type="vhost")).task
            return (one.id, one.status)

        wait_until(state, (task.task_id, "finished"))
        equal(topic("moved").total_read_queue_num, 16.0)
        equal(group("moved-group").retry_max_time, 2)
        gone = c.batch_delete_rocket_mq_migration_task(m.BatchDeleteRocketMqMigrationTaskRequest(
            instance_id=known["iid"], body=m.MetadataDeleteReq(task_ids=[task.task_id])))
        equal(gone.success_task_list, [task.task_id])

    # Changing the specification.

    def extend(**fields):
        return c.resize_instance(m.ResizeInstanceRequest(
            engine="rocketmq", instance_id=known["iid"], body=m.ResizeEngineInstanceReq(**fields))).job_id

    @check("products to extend to")
    def _():
        answer = c.show_engine_instance_extend_product_info(m.ShowEngineInstanceExtendProductInfoRequest(
            engine="rocketmq", instance_id=known["iid"], type="advanced"))
        equal((answer.engine, answer.versions, len(answer.products)), ("rocketmq", ["4.8.0"], 5))
        equal(answer.products[1].ios[0].type, "evs")
        c.show_engine_instance_extend_product_info_for_rocket_mq(
            m.ShowEngineInstanceExtendProductInfoForRocketMqRequest(instance_id=known["iid"], type="advanced"))

    @check("extend: vertical, horizontal, storage")
    def _():
        refused(400, "DMS.00400500", lambda: extend(oper_type="storage", new_storage_space=350))
        extend(oper_type="vertical", new_product_id="c6.8u16g.cluster")
        refused(400, "DMS.00400026", lambda: create_topic(name="too-early"))
        wait_until(lambda: status(known["iid"]), "RUNNING")
        equal(instance().product_id, "c6.8u16g.cluster")
        extend(oper_type="horizontal", new_broker_num=2)
        wait_until(lambda: status(known["iid"]), "RUNNING")
        equal((instance().broker_num, instance().total_storage_space), (2, 600))
        equal([b.broker_name for b in topic("orders").brokers], ["broker-0"])
        extend(oper_type="storage", new_storage_space=800)
        wait_until(lambda: status(known["iid"]), "RUNNING")
        equal((instance().total_storage_space, instance().extend_times), (800, 2))
        refused(400, "DMS.00400800", lambda: extend(oper_type="horizontal", new_broker_num=1))

    @check("switch TLS and restart nodes")
    def _():
        answer = c.modify_instance_ssl_config(m.ModifyInstanceSslConfigRequest(
            engine="rocketmq", instance_id=known["iid"], body=m.PlainSSLSwitchRep(tls_mode="SSL")))

        def job():
            return c.show_background_task(
                m.ShowBackgroundTaskRequest(instance_id=known["iid"], task_id=answer.job_id)).tasks[0].status

        wait_until(job, "SUCCESS")
        equal((instance().tls_mode, instance().ssl_enable), ("SSL", True))
        answer = c.restart_instance(m.RestartInstanceRequest(engine="rocketmq", instance_id=known["iid"]))
        equal(answer.result, "success")
        wait_until(lambda: status(known["iid"]), "RUNNING")

    @check("automatic expansion")
    def _():
        c.update_volume_expansion_config(m.UpdateVolumeExpansionConfigRequest(
            instance_id=known["iid"], body=m.AlterAutoVolumeExpandConfig(
                auto_volume_expand_enable=True, expand_threshold=80, expand_increment=10, max_volume_size=900)))
        seen = c.show_volume_expand_config(m.ShowVolumeExpandConfigRequest(instance_id=known["iid"]))
        equal((seen.auto_volume_expand_enable, seen.max_volume_size), (True, 900))

    @check("tasks: progress and deletion")
    def _():
        tasks = c.list_background_tasks(
            m.ListBackgroundTasksRequest(instance_id=known["iid"], start=1, limit=100))
        equal(tasks.task_count, str(len(tasks.tasks)))
        first = tasks.tasks[1]
        equal(first.name, "modifyInstanceSslConfig")
        progress = c.show_background_task_progress(
            m.ShowBackgroundTaskProgressRequest(instance_id=known["iid"], task_id=first.id))
        equal(progress.progress_percentage, 100)
        c.delete_background_task(m.DeleteBackgroundTaskRequest(instance_id=known["iid"], task_id=first.id))
        left = c.list_background_tasks(
            m.ListBackgroundTasksRequest(instance_id=known["iid"], start=1, limit=100))
        equal(len(left.tasks), len(tasks.tasks) - 1)

    @check("diagnosis of a consumer group")
    def _():
        c.create_consumer_group_or_batch_delete_consumer_group(
            m.CreateConsumerGroupOrBatchDeleteConsumerGroupRequest(
                instance_id=known["iid"], body=m.CreateConsumerGroupOrBatchDeleteConsumerGroupReq(name="diagnosed")))
        made = c.create_diagnosis_task_for_rocket_mq(m.CreateDiagnosisTaskForRocketMqRequest(
            instance_id=known["iid"], body=m.DiagnosisReq(group_name="diagnosed", node_id_list=["one"])))

        def report():
            return c.show_diagnosis_report_for_rocket_mq(
                m.ShowDiagnosisReportForRocketMqRequest(report_id=made.report_id))

        wait_until(lambda: report().status, "finished")
        equal((report().group_name, report().diagnosis_node_report_list[0].node_id), ("diagnosed", "one"))
        listed = c.list_diagnosis_reports(m.ListDiagnosisReportsRequest(engine="rocketmq", instance_id=known["iid"]))
        equal([one.report_id for one in listed.diagnosis_report_list], [made.report_id])
        stack = c.show_diagnosis_stack_for_rocket_mq(m.ShowDiagnosisStackForRocketMqRequest(
            stack_id=report().diagnosis_node_report_list[0].stack_id))
        equal(bool(stack.thread_name), True)
        gone_ids = c.batch_delete_diagnosis_records_for_rocket_mq(m.BatchDeleteDiagnosisRecordsForRocketMqRequest(
            instance_id=known["iid"], body=m.BatchDeleteDiagnosisReportReq(report_id_list=[made.report_id])))
        equal(gone_ids.report_id_list, [made.report_id])

    @check("names of metrics and scheduled tasks")
    def _():
        seen = c.show_ces_hierarchy(m.ShowCesHierarchyRequest(instance_id=known["iid"]))
        equal([one.name for one in seen.instance_ids], [known["iid"]])
        tasks = c.list_scheduled_tasks(m.ListScheduledTasksRequest(instance_id=known["iid"]))
        equal((tasks.job_count, tasks.jobs), (0, []))

    # The end.

    @check("the recycle bin")
    def _():
        policy = c.modify_recycle_policy(m.ModifyRecyclePolicyRequest(
            body=m.ModifyRecyclePolicyReq(retention_days=3, default_use_recycle=True)))
        equal((policy.retention_days, policy.default_use_recycle), (3, True))
        c.delete_instance(m.DeleteInstanceRequest(instance_id=known["iid"]))
        wait_until(lambda: gone(known["iid"]) is None, False)
        kept = c.show_recycle_instances(m.ShowRecycleInstancesRequest())
        equal([one.instance_id for one in kept.recycle_instances], [known["iid"]])
        restored = c.restore_recycle_instance(m.RestoreRecycleInstanceRequest(
            body=m.BatchResumeInstanceReq(instances=[known["iid"]])))
        equal([one.instance_id for one in restored.results], [known["iid"]])
        wait_until(lambda: status(known["iid"]), "RUNNING")
        c.modify_recycle_policy(m.ModifyRecyclePolicyRequest(
            body=m.ModifyRecyclePolicyReq(retention_days=7, default_use_recycle=False)))

    @check("delete an instance")
    def _():
        c.delete_instance(m.DeleteInstanceRequest(instance_id=known["iid"]))
        wait_until(lambda: gone(known["iid"]), (404, "DMS.00404022", "This DMS instance does not exist."))

    @check("delete instances in a batch")
    def _():
        answer = c.batch_delete_instances(m.BatchDeleteInstancesRequest(body=m.BatchDeleteInstanceReq(
            action="delete", instances=[known["two"], known["three"], MISSING])))
        equal([one.result for one in answer.results], ["success", "success", "failed"])
        for which in ("two", "three"):
            wait_until(lambda which=which: gone(known[which]) is None, False)

    print("%d passed, %d failed" % (len(passed), len(failed)))
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
