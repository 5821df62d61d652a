//! Where the service is.

use serde_json::Value;
use serde_json::json;

use super::errors::Outcome;
use super::route::Target;
use super::world::REGION;
use super::world::World;

const REGIONS: [(&str, &str); 6] = [
    ("cn-hangzhou", "China (Hangzhou)"),
    ("cn-shanghai", "China (Shanghai)"),
    ("cn-beijing", "China (Beijing)"),
    ("cn-shenzhen", "China (Shenzhen)"),
    ("ap-southeast-1", "Singapore"),
    ("eu-central-1", "Germany (Frankfurt)"),
];

/// `GET /regions`
#[expect(clippy::unnecessary_wraps, reason = "every operation has this form")]
pub(crate) fn list(_world: &mut World, _target: &Target<'_>) -> Outcome {
    let regions: Vec<Value> = REGIONS
        .iter()
        .map(|(id, name)| {
            json!({
                "regionId": id,
                "regionName": name,
                "supportRocketmqV4": true,
                "supportRocketmqV5": true,
                "tags": [],
            })
        })
        .collect();
    Ok(json!(regions))
}

/// `GET /zones`
#[expect(clippy::unnecessary_wraps, reason = "every operation has this form")]
pub(crate) fn zones(_world: &mut World, _target: &Target<'_>) -> Outcome {
    let zones: Vec<Value> = ["h", "i", "j"]
        .iter()
        .map(|letter| {
            json!({
                "zoneId": format!("{REGION}-{letter}"),
                "zoneName": format!("Hangzhou Zone {}", letter.to_ascii_uppercase()),
            })
        })
        .collect();
    Ok(json!(zones))
}
