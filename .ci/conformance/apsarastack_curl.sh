#!/usr/bin/env bash
# Judges the emulator of Apsara Stack by the recipe of the vendor's document: `openssl dgst -hmac` over the values of the
# sorted parameters, the three escapes, and `curl`. There is no client of the vendor for this API.
#
# usage: apsarastack_curl.sh PORT_FILE
set -euo pipefail
export LC_ALL=C

port=$(python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["apsarastack"])' "$1")
base="http://127.0.0.1:$port"
access_key=QFDEMOACCESSKEY00001
secret_key=QFDEMOSECRETKEY0000NOTAREALSECRETKEY0001
platform=onsConsole
seen=""
calls=0

fail() {
    printf 'apsarastack: %s\n' "$*" >&2
    exit 1
}

# signature TEXT SECRET: as the document does it.
signature() {
    printf '%s' "$1" | openssl dgst -hmac "$2" -sha1 -binary | base64
}

# The sample of the document with a secret that is known, before anything else.
[ "$(signature Value1Value2Value3 SK_test_secret)" = "O8xCBd87kwlD/JBuHzH8hR4fhKw=" ] || fail "this openssl signs differently"

# ask METHOD PATH KEY=VALUE...: prints the answer. The values must be safe in a URL but for spaces and what the signature has.
ask() {
    local method=$1 path=$2 text sorted query signed
    shift 2
    sorted=$(printf '%s\n' "$@" "_accesskey=$access_key" "__preventCache=$(date +%s)000" ${platform:+"_platform=$platform"} | sort)
    text=$(printf '%s\n' "$sorted" | sed 's/^[^=]*=//' | tr -d '\n')
    signed=$(signature "$text" "$secret_key" | sed 's/+/%2B/g; s/=/%3D/g; s#/#%2F#g')
    query=$(printf '%s\n' "$sorted" | sed 's/ /%20/g' | paste -sd '&')
    case $method in
        FORM) curl -sS --fail-with-body --data "$query&_signature=$signed" "$base$path" ;;
        *) curl -sS --fail-with-body -X "$method" "$base$path?$query&_signature=$signed" ;;
    esac
}

# field NAME.NAME...: a part of the answer on standard input.
field() {
    python3 -c '
import json, sys
value = json.load(sys.stdin)
for name in sys.argv[1].split("."):
    value = value[int(name)] if isinstance(value, list) else value[name]
print(json.dumps(value) if isinstance(value, (dict, list, bool)) or value is None else value)
' "$1"
}

# call OPERATION KEY=VALUE...: must succeed; leaves the answer in $answer.
call() {
    local operation=$1
    shift
    calls=$((calls + 1))
    case $seen in *" $operation "*) ;; *) seen="$seen $operation " ;; esac
    answer=$(ask "${method:-GET}" "/json/$operation" "_regionId=mq-private" "$@") || fail "$operation: $answer"
    [ "$(field success <<<"$answer")" = true ] || fail "$operation $*: $answer"
    [ "$(field status <<<"$answer")" = SUCCESS ] || fail "$operation $*: $answer"
}

# refused CODE OPERATION KEY=VALUE...: must fail with this code and HTTP status 200.
refused() {
    local code=$1 operation=$2
    shift 2
    calls=$((calls + 1))
    answer=$(ask GET "/json/$operation" "_regionId=mq-private" "$@") || fail "$operation: $answer"
    [ "$(field success <<<"$answer")" = false ] || fail "$operation $* should be refused: $answer"
    [ "$(field status <<<"$answer")" = "$code" ] || fail "$operation $* should be refused with $code: $answer"
}

# have FIELD VALUE: what the last answer must say.
have() {
    local found
    found=$(field "$1" <<<"$answer")
    [ "$found" = "$2" ] || fail "$1 is $found, not $2: $answer"
}

control() {
    curl -sS --fail-with-body -X "$1" -H 'content-type: application/json' --data "$3" "$base/_emulator$2"
}

# Regions need no region.
answer=$(ask GET /json/region/list)
have data.0.regionId mq-private
seen="$seen region/list "
call cluster/list
cluster=$(field data.0.cluster <<<"$answer")

shop=("cluster=$cluster" independentNaming=true maxSendTps=500 maxReceiveTps=500 topicCapacity=20)
call instance/create instanceName=curl-shop "${shop[@]}"
inst="instanceId=$(field data.instanceId <<<"$answer")"
refused BIZ_FIELD_CHECK_INVALID instance/create instanceName=curl-shop "${shop[@]}"
call instance/baseInfo "$inst"
have data.instanceName curl-shop
have data.topicCapacity 20
call instance/update "$inst" "remark=made by curl"
call instance/list

# The method does not matter, nor do slashes, nor where the parameters stand, nor whether `_platform` is sent.
topic=topic=TOPIC_curl
call topic/create "$inst" "$topic" orderType=0 "remark=hello world"
refused BIZ_TOPIC_EXISTED topic/create "$inst" "$topic" orderType=0
method=POST call topic/update "$inst" "$topic" perm=4
method=FORM call topic/update "$inst" "$topic" perm=6
answer=$(ask GET //json/topic/get/ _regionId=mq-private "$inst" "$topic")
have data.0.remark "hello world"
platform="" call topic/get "$inst" "$topic"
have data.0.orderType 0
call topic/listInPage "$inst" currentPage=1 pageSize=5
have total 1
call topic/listNames "$inst"
have data '["TOPIC_curl"]'

group=groupId=GID_curl
call group/create "$inst" "$group" remark=readers
call group/list "$inst" groupId=curl
have data.0.groupId GID_curl
call group/consumerUpdate "$inst" "$group" readEnable=true
refused BIZ_CONSUMER_NOT_ONLINE consumer/getConnection "$inst" "$group"

control POST "/instances/curl-shop/groups/GID_curl/clients" '{"client_id":"c1","topics":["TOPIC_curl"]}' >/dev/null
sent=$(control POST "/instances/curl-shop/topics/TOPIC_curl/messages" '{"count":7,"body":"hello","properties":{"KEYS":"k1"}}')
msg=$(field msg_ids.0 <<<"$sent")
call topic/subDetail "$inst" "$topic"
have data.SubscriptionDataList.0.groupId GID_curl
call group/subDetail "$inst" "$group"
have data.online true
call consumer/accumulate "$inst" "$group" detail=true
have data.totalDiff 7
call consumer/status "$inst" "$group" detail=true needJstack=true
have data.ConsumerConnectionInfoList.0.clientId c1
call consumer/getConnection "$inst" "$group"
call consumer/timespan "$inst" "$group" "$topic"
call consumer/resetoffset "$inst" "$group" "$topic" type=0
call consumer/accumulate "$inst" "$group"
have data.totalDiff 0
call message/trace "$inst" "$topic" "msgId=$msg"
have data.0.trackType CONSUMED
call message/getById "$inst" "$topic" "msgId=$msg"
have data.body hello
call message/getByKey "$inst" "$topic" key=k1
span=("beginTime=$(($(date +%s) - 300))000" "endTime=$(($(date +%s) + 300))000")
call message/getByPagedTopic "$inst" "$topic" "${span[@]}" currentPage=1 pageSize=5
have data.maxPageCount 2
call message/getByPagedTopic "$inst" "$topic" "${span[@]}" currentPage=2 pageSize=5 "taskId=$(field data.taskId <<<"$answer")"
call trend/topicInputTps "$inst" "$topic" "${span[@]}" period=10 type=0
have data.records.0.y 7.0
call trend/groupOutputTps "$inst" "$topic" "$group" "${span[@]}" period=10 type=0

# Names with a capital are sorted before all others.
dead=$(control POST "/instances/curl-shop/groups/GID_curl/dead-letters" '{"count":2}')
letter="MsgId=$(field msg_ids.0 <<<"$dead")"
place=("InstanceId=${inst#*=}" GroupId=GID_curl)
call message/getByIdInDLQ "${place[@]}" "$letter"
call message/getByPagedDLQ "${place[@]}" "BeginTime=${span[0]#*=}" "EndTime=${span[1]#*=}" CurrentPage=1
call message/resendByIdInDLQ "${place[@]}" "$letter"

account=empowerUser=9007199254740993
call empower/create "$inst" "$topic" "$account" relation=2
refused EMPOWER_EXIST_ERROR empower/create "$inst" "$topic" "$account" relation=2
call empower/list "$inst" "$topic" "$account"
have data.0.empowerUser 9007199254740993
call empower/createBySub "$inst" "$topic" empowerUser=42 relation=6
call empower/delete "$inst" "$topic" "$account"
call vpcTunnel/tunnelSwitch "$inst" tunnelType=anyTunnel force=true

# Whoever does not have the secret is refused, and so is a plus that is not escaped.
right=$secret_key
secret_key=SK_wrong refused AUTH_SIGNATURE_CHECK_ERROR instance/list
access_key=NOBODY refused AUTH_LOGIN_CHECK_ERROR instance/list
[ "$secret_key" = "$right" ] || fail "the secret was not restored"
now="$(date +%s)"
for n in $(seq 1000); do
    signed=$(signature "$now$(printf %03d $((n % 1000)))$access_key" "$secret_key")
    case $signed in *+*) break ;; esac
done
stamp="__preventCache=$now$(printf %03d $((n % 1000)))"
answer=$(curl -sS "$base/json/region/list?_accesskey=$access_key&$stamp&_signature=$signed")
have status AUTH_SIGNATURE_CHECK_ERROR
signed=$(sed 's/+/%2B/g; s/=/%3D/g; s#/#%2F#g' <<<"$signed")
answer=$(curl -sS "$base/json/region/list?_accesskey=$access_key&$stamp&_signature=$signed")
have success true

refused INSTANCE_NOT_EMPTY instance/delete "$inst"
call group/delete "$inst" "$group"
call topic/delete "$inst" "$topic"
refused BIZ_TOPIC_NOT_FOUND topic/get "$inst" "$topic"
call instance/delete "$inst"
refused INSTANCE_NOT_FOUND instance/baseInfo "$inst"

# All operations of the document were called.
missing=$(tail -n +2 "$(dirname "$0")/../../tests/fixtures/operations/apsarastack.csv" | cut -d, -f1 | while read -r operation; do
    case $seen in *" $operation "*) ;; *) printf '%s ' "$operation" ;; esac
done)
[ -z "$missing" ] || fail "not called: $missing"
printf 'apsarastack: %s calls, all operations, signed by openssl and sent by curl\n' "$calls"
