//! Who is calling: HMAC-SHA1 over the values of all parameters, in the order of their keys.
//!
//! Neither path nor method nor the keys themselves are signed; that is how the service does it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::Hmac;
use hmac::KeyInit as _;
use hmac::Mac as _;
use sha1::Sha1;

use super::envelope::Refusal;
use super::params::Params;
use super::world::World;
use crate::emulator::clock;

/// How keys are brought into order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    /// By bytes: capitals before the underscore, the underscore before small letters.
    Bytes,
    /// Without regard to case.
    Letters,
}

/// Checks the caller of one request.
pub(crate) fn check(world: &World, params: &Params) -> Result<(), Refusal> {
    let refused = |code: &str, message: &str| Refusal {
        status: world.settings.refusal_status,
        ..Refusal::new(code, message)
    };
    if world.shape.expired {
        return Err(refused("AUTH_LOGIN_CHECK_ERROR", "The login has expired."));
    }
    let key = params.get("_accesskey").unwrap_or_default();
    if key != world.credentials.access_key {
        return Err(refused("AUTH_LOGIN_CHECK_ERROR", "The AccessKey does not exist."));
    }
    let sent = params.get("_signature").and_then(|text| STANDARD.decode(text).ok());
    let orders: &[Order] =
        if world.settings.lenient_sort { &[Order::Bytes, Order::Letters] } else { &[Order::Bytes] };
    let secret = world.credentials.secret_key.as_bytes();
    let is_right = sent
        .is_some_and(|sent| orders.iter().any(|order| verify(secret, &signed_text(params, *order), &sent)));
    if !is_right {
        return Err(refused("AUTH_SIGNATURE_CHECK_ERROR", "The signature does not match."));
    }
    let window = world.settings.prevent_cache_window_ms;
    let made_at: Option<i64> = params.get("__preventCache").and_then(|text| text.parse().ok());
    let now = clock::wall_ms().saturating_add(world.shape.skew_ms);
    let is_fresh = made_at.is_some_and(|at| window <= 0 || at.abs_diff(now) <= window.unsigned_abs());
    if !is_fresh {
        return Err(refused("AUTH_CSRF_CHECK_ERROR", "__preventCache is missing or too old."));
    }
    Ok(())
}

fn signed_text(params: &Params, order: Order) -> String {
    let mut pairs: Vec<&(String, String)> =
        params.pairs().iter().filter(|(key, _)| key != "_signature").collect();
    match order {
        Order::Bytes => pairs.sort_by(|a, b| a.0.as_bytes().cmp(b.0.as_bytes())),
        Order::Letters => pairs.sort_by_key(|(key, _)| key.to_ascii_lowercase()),
    }
    pairs.iter().map(|(_, value)| value.as_str()).collect()
}

/// Compares without telling by its duration where the difference is.
fn verify(secret: &[u8], text: &str, sent: &[u8]) -> bool {
    match Hmac::<Sha1>::new_from_slice(secret) {
        Ok(mut mac) => {
            mac.update(text.as_bytes());
            mac.verify_slice(sent).is_ok()
        }
        Err(_impossible) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::emulator::exchange::Call;

    const SECRET: &[u8] = b"SK_test_secret";
    const AT: &str = "__preventCache=1498029701000";

    fn params(query: &str) -> Params {
        Params::of(&Call::new("GET", "/json/topic/create", query, Vec::new(), Vec::new()))
    }

    fn is(query: &str, text: &str, signature: &str) {
        let params = params(query);
        assert_eq!(signed_text(&params, Order::Bytes), text);
        assert!(verify(SECRET, text, &STANDARD.decode(signature).expect("base64")), "{signature}");
    }

    #[test]
    fn values_are_signed_in_the_order_of_their_keys() {
        is("Key_2=Value2&Key_1=Value1&Key_3=Value3", "Value1Value2Value3", "O8xCBd87kwlD/JBuHzH8hR4fhKw=");
        is(
            &format!(
                "_accesskey=ACCESSKEY_XXX&{AT}&_platform=onsConsole&_regionId=mq-private&topic=TOPIC_XXX&_signature=0XBjL0%2FKhFmAN%2FONnXoZRxAy%2BO8%3D"
            ),
            "1498029701000ACCESSKEY_XXXonsConsolemq-privateTOPIC_XXX",
            "0XBjL0/KhFmAN/ONnXoZRxAy+O8=",
        );
        is(&format!("_accesskey=AK_test&{AT}"), "1498029701000AK_test", "Me2XnSVz7R+ffy8tZ6mAj9y4nnk=");
        is(
            &format!("instanceId=MQ_INST_1_BXabc&_accesskey=AK_test&{AT}&_regionId=mq-private"),
            "1498029701000AK_testmq-privateMQ_INST_1_BXabc",
            "75D1npmzekCsU+MGY4RWDk4hmP4=",
        );
    }

    #[test]
    fn values_are_signed_as_they_are_decoded() {
        let rest = "instanceId=MQ_INST_1_BXabc&orderType=0&topic=TOPIC_A&remark=hello%20world%2F%E6%B5%8B%E8%AF%95%2B1";
        is(
            &format!("_accesskey=AK_test&{AT}&_regionId=mq-private&{rest}"),
            "1498029701000AK_testmq-privateMQ_INST_1_BXabc0hello world/测试+1TOPIC_A",
            "8IsdA24WL0cT3GhIgRyWRYJ4Ha0=",
        );
        is(
            &format!("_accesskey=AK_test&_platform=onsConsole&{AT}&_regionId=mq-private&{rest}"),
            "1498029701000AK_testonsConsolemq-privateMQ_INST_1_BXabc0hello world/测试+1TOPIC_A",
            "QLo3egi01yd1WfeUNdnZyUPzBWc=",
        );
    }

    #[test]
    fn capitals_come_before_the_underscore() {
        let query = format!(
            "_accesskey=AK_test&{AT}&_regionId=mq-private&InstanceId=MQ_INST_1_BXabc&GroupId=GID_a&MsgId=0A1B"
        );
        is(&query, "GID_aMQ_INST_1_BXabc0A1B1498029701000AK_testmq-private", "5NDvn7Ntgtn8/VRH/Tqiw8rJjSY=");
        let other = "1498029701000AK_testmq-privateGID_aMQ_INST_1_BXabc0A1B";
        assert_eq!(signed_text(&params(&query), Order::Letters), other);
        let signature = STANDARD.decode("MC+yAstu9Gbvi/b7qVR62PrfHrE=").expect("base64");
        assert!(verify(SECRET, other, &signature));
        assert!(!verify(SECRET, &signed_text(&params(&query), Order::Bytes), &signature));
    }

    #[test]
    fn keys_are_not_signed() {
        let text = |query| signed_text(&params(query), Order::Bytes);
        assert_eq!(text("topic=B&remark=CA"), text("topic=AB&remark=C"));
    }

    #[test]
    fn a_bare_plus_is_a_space() {
        let params = params("_signature=0XBjL0/KhFmAN/ONnXoZRxAy+O8=");
        assert!(STANDARD.decode(params.get("_signature").expect("signature")).is_err());
    }
}
