#!/usr/bin/env python3
"""Judges the emulator of ApsaraMQ for MQTT with the vendor's own Python SDK, unmodified.

Usage: apsaramq_mqtt_sdk.py PORT_FILE | http://HOST:PORT

PORT_FILE is what `queueform emulator --port-file FILE` writes: {"apsaramq-mqtt": PORT, ...}.
Every operation of the SDK is called with both signatures that it knows: ACS3-HMAC-SHA256, and HMAC-SHA1 of the older
RPC form. Ends with a line "N passed, M failed" and the exit status 1 when M is not 0.
"""

import json
import sys
import traceback
import urllib.request

from alibabacloud_onsmqtt20200420 import models as m
from alibabacloud_onsmqtt20200420.client import Client
from alibabacloud_tea_openapi.models import Config
from darabonba.exceptions import DaraException
from Tea.exceptions import TeaException, UnretryableException

ACCESS_KEY = "QFDEMOACCESSKEY00001"
SECRET_KEY = "QFDEMOSECRETKEY0000NOTAREALSECRETKEY0001"
TEMPORARY = ("QFDEMOTEMPORARY00001", "QFDEMOTEMPORARY0000NOTAREALSECRETKEY0001", "qf-demo-security-token")

# What other authorities and devices have signed; the keys are gone.
AUTHORITY = """-----BEGIN CERTIFICATE-----
MIIBfTCCASOgAwIBAgIKAPJpALqHAAAAATAKBggqhkjOPQQDAjAYMRYwFAYDVQQD
DA1zZGsgYXV0aG9yaXR5MCAXDTI2MTEyMjAzNTUxNVoYDzIxMjYxMDI5MDM1NTE1
WjAYMRYwFAYDVQQDDA1zZGsgYXV0aG9yaXR5MFkwEwYHKoZIzj0CAQYIKoZIzj0D
AQcDQgAE5IlKRlqSXH74xywWFNLsfcXqrP7X0THYJvSqKEuzjquMhyRWOpBgXMF6
1793ozfOfkfTrx/4wPWJCBdx71RwbKNTMFEwHQYDVR0OBBYEFMVlPAy5JPEUPynp
2ksO5jJlyYj9MB8GA1UdIwQYMBaAFMVlPAy5JPEUPynp2ksO5jJlyYj9MA8GA1Ud
EwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDSAAwRQIgTPAQywVNOez6bARUjx+XT8mw
Ak3DfiZo+V+j0zMmhDcCIQDFz/eaxcMvnSNTeFpWltooGHJ9/FtXqRCze32LZIvB
RA==
-----END CERTIFICATE-----
"""
PROOF = """-----BEGIN CERTIFICATE-----
MIIBdjCCAR2gAwIBAgIUdXLKMjHyRcK9oSasyIr+QlBRxFQwCgYIKoZIzj0EAwIw
EDEOMAwGA1UEAwwFcHJvb2YwIBcNMjYxMTIyMDM1NTE1WhgPMjEyNjEwMjkwMzU1
MTVaMBAxDjAMBgNVBAMMBXByb29mMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE
VeM7avcr7K/KyuDIudUkoQ/YjifW44jmHkysrr0iTeV/t8Yr0kOZgAYi/b+38sSG
Qw76VckhyL6MDJwQF9r126NTMFEwHQYDVR0OBBYEFBquY5TQ/s2dMPCbiBMtQQaO
7qabMB8GA1UdIwQYMBaAFBquY5TQ/s2dMPCbiBMtQQaO7qabMA8GA1UdEwEB/wQF
MAMBAf8wCgYIKoZIzj0EAwIDRwAwRAIgJkIdpqGxcSmjvHOGKTxqCTq7GyCwbZuh
zp3E18p2/HECIHOQZAuz6vUOf7XbvZNpptaqHr/ukHbiu8TJPce564Bo
-----END CERTIFICATE-----
"""
AUTHORITY_SN = "00f26900ba8700000001"

passed = []
failed = []
called = set()


def endpoint():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    if sys.argv[1].startswith("http"):
        return sys.argv[1]
    with open(sys.argv[1], encoding="utf-8") as file:
        return "http://127.0.0.1:%d" % json.load(file)["apsaramq-mqtt"]


def control(url, method, path, body=None):
    data = json.dumps(body).encode() if body is not None else None
    request = urllib.request.Request(url + "/_emulator/" + path, data=data, method=method)
    with urllib.request.urlopen(request) as answer:
        text = answer.read()
    return json.loads(text) if text else None


def client(url, access=ACCESS_KEY, secret=SECRET_KEY, token=None, algorithm=None):
    """A client; `algorithm` "v2" is what the SDK calls the older RPC signature."""
    made = Client(
        Config(
            access_key_id=access,
            access_key_secret=secret,
            security_token=token,
            endpoint=url.removeprefix("http://"),
            protocol="HTTP",
            signature_algorithm=algorithm,
        )
    )
    return made


class Calls:
    """Calls operations by the names of their methods and notes them."""

    def __init__(self, made):
        self.made = made

    def __call__(self, method, **fields):
        name = "".join(part.capitalize() for part in method.split("_"))
        request = getattr(m, name + "Request")(**fields)
        called.add(method)
        return getattr(self.made, method)(request).body


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
            equal(error.data.get("statusCode") if error.data else error.status_code, status)
        return
    except UnretryableException as error:
        raise AssertionError("not an answer of the service: %s" % error) from error
    raise AssertionError("not refused")


def suite(url, label, algorithm):
    call = Calls(client(url, algorithm=algorithm))
    iid = "mqtt-cn-%s-one" % label
    other = "mqtt-cn-%s-two" % label
    for name, region in ((iid, "cn-hangzhou"), (other, "cn-shanghai")):
        control(url, "POST", "instances", {"id": name, "name": name, "region": region, "fleet": label})
    group = "GID_sdk"
    device = group + "@@@one"

    def name(text):
        return "%s: %s" % (label, text)

    @check(name("wrong secret keys are refused"))
    def _():
        bad = Calls(client(url, secret="WRONG", algorithm=algorithm))
        refused("SignatureDoesNotMatch", lambda: bad("list_instances"), 400)
        refused(
            "SignatureDoesNotMatch",
            lambda: bad("disaster_downgrade", instance_id=iid, downgrade_instance_id=other),
            400,
        )

    @check(name("unknown access keys are refused"))
    def _():
        bad = Calls(client(url, access="NOBODY", algorithm=algorithm))
        refused("InvalidAccessKeyId.NotFound", lambda: bad("list_instances"), 404)

    @check(name("temporary keys need their token"))
    def _():
        access, secret, token = TEMPORARY
        good = Calls(client(url, access, secret, token, algorithm))
        assert good("list_instances").instances
        bad = Calls(client(url, access, secret, "another", algorithm))
        refused("InvalidSecurityToken.MismatchWithAccessKey", lambda: bad("list_instances"), 400)

    @check(name("instances, with codes as texts"))
    def _():
        body = call("list_instances")
        equal((body.code, body.success), ("200", "true"))
        found = {one.instance_id: one for one in body.instances}
        equal(found[iid].instance_type, 1)
        equal(found[iid].instance_status, 5)
        equal(found[other].region_id, "cn-shanghai")

    @check(name("groups"))
    def _():
        equal(call("list_group_id", instance_id=iid).data, [])
        tags = json.dumps([{"key": "team", "value": "a b+*~"}])
        assert call("create_group_id", instance_id=iid, group_id=group, tags=tags).request_id
        refused("GroupIdAlreadyExsited", lambda: call("create_group_id", instance_id=iid, group_id=group), 400)
        refused("ParameterCheckFailed", lambda: call("create_group_id", instance_id=iid, group_id="sdk"), 400)
        (only,) = call("list_group_id", instance_id=iid).data
        equal((only.group_id, only.instance_id), (group, iid))
        equal([(tag.tag_key, tag.tag_value) for tag in only.tags], [("team", "a b+*~")])
        call("create_group_id", instance_id=iid, group_id="GID_other")
        call("delete_group_id", instance_id=iid, group_id="GID_other")
        refused("PermissionCheckFailed", lambda: call("delete_group_id", instance_id=iid, group_id="GID_other"), 400)
        refused("InstancePermissionCheckFailed", lambda: call("list_group_id", instance_id="mqtt-cn-none"), 400)

    @check(name("tags"))
    def _():
        tag = m.TagResourcesRequestTag(key="env", value="test")
        done = call("tag_resources", resource_type="INSTANCE", resource_id=[iid], tag=[tag])
        equal((done.code, done.data), ("200", True))
        rows = call("list_tag_resources", resource_type="INSTANCE", resource_id=[iid]).tag_resources
        equal([(row.resource_id, row.tag_key, row.tag_value) for row in rows], [(iid, "env", "test")])
        call("untag_resources", resource_type="INSTANCE", resource_id=[iid], tag_key=["env"])
        equal(call("list_tag_resources", resource_type="INSTANCE", resource_id=[iid]).tag_resources, [])

    @check(name("identities, in pages"))
    def _():
        for n in range(5):
            done = call(
                "add_custom_auth_identity",
                instance_id=iid,
                identity_type="USER",
                username="a b+*~%d" % n,
                secret="s e+c*r~et",
                sign_mode="ORIGIN",
            )
            equal((done.code, done.success), (200, True))
        fields = dict(instance_id=iid, identity_type="CLIENT", username="c", client_id=device)
        call("add_custom_auth_identity", secret="x", sign_mode="SIGNED", **fields)
        call("update_custom_auth_identity", secret="y", sign_mode="ORIGIN", **fields)
        seen, token = [], None
        while token != "":
            page = call("query_custom_auth_identity", instance_id=iid, size=2, next_token=token).data
            seen += page.results
            token = page.next_token
        equal(len(seen), 6)
        (one,) = call("query_custom_auth_identity", size=100, **fields).data.results
        equal((one.secret, one.sign_mode), ("y", "ORIGIN"))
        (one,) = call("query_custom_auth_identity", instance_id=iid, size=1, username="a b+*~3").data.results
        equal(one.secret, "s e+c*r~et")
        call("delete_custom_auth_identity", **fields)
        refused("ParameterCheckFailed", lambda: call("delete_custom_auth_identity", **fields), 400)
        refused(
            "InvalidParameter.Size", lambda: call("query_custom_auth_identity", instance_id=iid, size=101), 400
        )

    @check(name("permissions"))
    def _():
        fields = dict(instance_id=iid, identity_type="USER", identity="a b", topic="meter/+/#")
        call("add_custom_auth_permission", permit_action="PUB", effect="ALLOW", **fields)
        call("update_custom_auth_permission", permit_action="PUB_SUB", effect="DENY", **fields)
        (one,) = call("query_custom_auth_permission", size=100, **fields).data.results
        equal((one.topic, one.permit_action, one.effect), ("meter/+/#", "PUB_SUB", "DENY"))
        call("delete_custom_auth_permission", **fields)
        equal(call("query_custom_auth_permission", size=100, **fields).data.results, [])

    @check(name("the blacklist"))
    def _():
        fields = dict(instance_id=iid, client_id="GID_sdk@@@bad")
        call("add_custom_auth_connect_black", **fields)
        (one,) = call("query_custom_auth_connect_black", size=100, **fields).data.results
        equal((one.client_id, one.permit_action, one.effect), ("GID_sdk@@@bad", "CONNECT", "DENY"))
        call("delete_custom_auth_connect_black", **fields)
        equal(call("query_custom_auth_connect_black", size=100, instance_id=iid).data.results, [])

    @check(name("keys of devices"))
    def _():
        fields = dict(instance_id=iid, client_id=device)
        first = call("register_device_credential", **fields).device_credential
        again = call("get_device_credential", **fields).device_credential
        equal(again.device_access_key_secret, first.device_access_key_secret)
        renewed = call("refresh_device_credential", **fields).device_credential
        assert renewed.device_access_key_secret != first.device_access_key_secret
        listed = call("list_device_credential_client_id", instance_id=iid, group_id=group, page_size="10")
        equal(listed.device_credential_client_id_list.client_id_list, [device])
        call("un_register_device_credential", **fields)
        refused("PermissionCheckFailed", lambda: call("get_device_credential", **fields), 400)

    @check(name("tokens"))
    def _():
        now = control(url, "GET", "clock")["now_ms"]
        token = call(
            "apply_token", instance_id=iid, actions="R,W", resources="meter/#", expire_time=now + 120_000
        ).token
        equal(call("query_token", instance_id=iid, token=token).token_status, True)
        call("revoke_token", instance_id=iid, token=token)
        equal(call("query_token", instance_id=iid, token=token).token_status, False)
        refused(
            "InvalidParameter.ExpireTime",
            lambda: call("apply_token", instance_id=iid, actions="R", resources="a", expire_time=now + 1000),
            400,
        )

    @check(name("certificates of authorities"))
    def _():
        assert len(call("get_register_code", mqtt_instance_id=iid).register_code) > 30
        made = dict(mqtt_instance_id=iid, ca_name="sdk", ca_content=AUTHORITY, verification_content=PROOF)
        equal(call("register_ca_certificate", **made).sn, AUTHORITY_SN)
        refused("SnNotUnique", lambda: call("register_ca_certificate", **made), 401)
        fields = dict(mqtt_instance_id=iid, sn=AUTHORITY_SN)
        one = call("get_ca_certificate", **fields).data
        equal((one.ca_name, one.status, one.ca_content), ("sdk", "1", AUTHORITY))
        call("inactivate_ca_certificate", **fields)
        equal(call("get_ca_certificate", **fields).data.status, "0")
        call("active_ca_certificate", **fields)
        listed = call("list_ca_certificate", mqtt_instance_id=iid, page_no="1", page_size="10").data
        equal((listed.total, [one.sn for one in listed.ca_certificate_vos]), (1, [AUTHORITY_SN]))

    @check(name("certificates of devices"))
    def _():
        control(
            url, "POST", "instances/%s/device-certificates" % iid, {"ca_sn": AUTHORITY_SN, "device_sn": "0815"}
        )
        fields = dict(mqtt_instance_id=iid, ca_sn=AUTHORITY_SN, device_sn="0815")
        equal(call("get_device_certificate", **fields).data.status, "1")
        call("inactivate_device_certificate", **fields)
        equal(call("get_device_certificate", **fields).data.status, "0")
        call("active_device_certificate", **fields)
        page = dict(mqtt_instance_id=iid, page_no="1", page_size="10")
        equal([one.device_sn for one in call("list_device_certificate", **page).data.device_certificate_vos], ["0815"])
        page["ca_sn"] = AUTHORITY_SN
        listed = call("list_device_certificate_by_ca_sn", **page).data
        equal([one.device_sn for one in listed.device_certificate_vos], ["0815"])
        call("delete_device_certificate", **fields)
        refused("FindDeviceBySnError", lambda: call("get_device_certificate", **fields), 400)
        call("delete_ca_certificate", mqtt_instance_id=iid, sn=AUTHORITY_SN)
        refused("FindCaBySnError", lambda: call("get_ca_certificate", mqtt_instance_id=iid, sn=AUTHORITY_SN), 400)

    @check(name("certificates by domain name"))
    def _():
        done = call(
            "set_sni_config", mqtt_instance_id=iid, default_certificate="1-cn", sni_config="a.example.com#2-cn#pw"
        )
        equal(done.success, "true")

    @check(name("sessions and messages"))
    def _():
        control(url, "POST", "instances/%s/sessions" % iid, {"client_id": device, "topics": ["meter/#"]})
        equal(call("query_session_by_client_id", instance_id=iid, client_id=device).online_status, True)
        states = call("batch_query_session_by_client_ids", instance_id=iid, client_id_list=[device, "x"])
        equal([one.online_status for one in states.online_status_list], [True, False])
        message = call("send_message", instance_id=iid, mqtt_topic="meter/1", payload="hello").msg_id
        now = control(url, "GET", "clock")["now_ms"]
        span = dict(instance_id=iid, mqtt_region_id="cn-hangzhou", begin_time=now - 10_000, end_time=now + 10_000)
        pages = dict(current_page=1, page_size=10, reverse=True)
        (event,) = call("query_mqtt_trace_message_publish", msg_id=message, **span).message_trace_lists
        equal(event.action_code, "mqtt.trace.action.msg.pub.mq")
        (event,) = call("query_mqtt_trace_message_subscribe", msg_id=message, **span, **pages).message_trace_lists
        equal((event.action, event.client_id), ("sub", device))
        (event,) = call("query_mqtt_trace_device", client_id=device, **span, **pages).device_info_list
        equal((event.action, event.action_info), ("connect", "accepted"))
        (event,) = call("query_mqtt_trace_message_of_client", client_id=device, **span, **pages).message_of_client_list
        equal(event.msg_id, message)
        refused("ApiNotSupport", lambda: call("close_connection", instance_id=iid, client_id=device), 404)
        control(url, "PUT", "settings", {"close_anywhere": True})
        equal(call("close_connection", instance_id=iid, client_id=device).success, True)
        control(url, "PUT", "settings", {"close_anywhere": False})
        equal(call("query_session_by_client_id", instance_id=iid, client_id=device).online_status, False)

    @check(name("switches of addresses"))
    def _():
        domain = "dns?domain=%s.mqtt.aliyuncs.com" % iid
        before = control(url, "GET", domain)["addresses"]
        done = call("disaster_downgrade", instance_id=other, downgrade_instance_id=iid)
        equal((done.code, done.success, done.message), (200, True, "operation success."))
        there = control(url, "GET", "dns?domain=%s.mqtt.aliyuncs.com" % other)["addresses"]
        equal(control(url, "GET", domain)["addresses"], there)
        equal(control(url, "GET", "dns?domain=%s.mqtt-dr.aliyuncs.com" % label)["addresses"], there)
        equal(call("disaster_recovery", instance_id=other, recovery_instance_id=iid).success, True)
        equal(control(url, "GET", domain)["addresses"], before)

    @check(name("switches are refused where they cannot be"))
    def _():
        control(url, "POST", "instances", {"id": "mqtt-cn-small", "kind": 4})
        switch = dict(instance_id=iid, downgrade_instance_id="mqtt-cn-small")
        refused("ApiNotSupport", lambda: call("disaster_downgrade", **switch), 404)
        control(url, "PUT", "settings", {"soft_failures": True})
        soft = call("disaster_downgrade", instance_id=iid, downgrade_instance_id="mqtt-cn-none")
        equal((soft.code, soft.success), (400, False))
        control(url, "PUT", "settings", {"soft_failures": False})

    @check(name("faults come as the SDK expects them"))
    def _():
        control(url, "POST", "faults", {"fault": "throttle", "path": "/ListGroupId", "times": 1})
        refused("SystemOverFlow", lambda: call("list_group_id", instance_id=iid))
        control(url, "POST", "faults", {"fault": "status", "status": 500, "path": "/ListGroupId", "times": 1})
        refused("InternalError", lambda: call("list_group_id", instance_id=iid), 500)
        call("list_group_id", instance_id=iid)


def main():
    url = endpoint()
    suite(url, "acs3", None)
    suite(url, "v1", "v2")

    @check("every operation of the SDK was called")
    def _():
        known = {
            name.removesuffix("_with_options")
            for name in dir(Client)
            if name.endswith("_with_options") and not name.startswith("_")
        }
        equal(sorted(known - called), [])
        equal(len(known), 50)

    print("%d passed, %d failed" % (len(passed), len(failed)))
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
