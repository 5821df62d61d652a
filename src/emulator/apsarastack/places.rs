//! Where things live: regions, clusters, and how virtual private clouds reach a cluster.

use serde_json::json;

use super::envelope::Outcome;
use super::envelope::Refusal;
use super::model::Tunnel;
use super::params::Params;
use super::world::CLUSTERS;
use super::world::World;
use crate::emulator::systems::System;

/// When the clusters were made, in milliseconds since 1970.
const MADE_AT: i64 = 1_640_995_200_000;

/// A broker that is busier than this keeps a switch from happening unless it is forced, in messages per second.
const BUSY_TPS: u64 = 10;

#[expect(clippy::unnecessary_wraps, reason = "one form for all operations")]
pub(super) fn regions(_world: &mut World, _params: &Params) -> Outcome {
    let region = System::ApsaraStack.region();
    Ok(json!([{ "id": 1, "regionId": region, "regionName": region, "status": 0 }]).into())
}

#[expect(clippy::unnecessary_wraps, reason = "one form for all operations")]
pub(super) fn clusters(_world: &mut World, _params: &Params) -> Outcome {
    let region = System::ApsaraStack.region();
    let all: Vec<_> = CLUSTERS
        .iter()
        .map(|cluster| {
            json!({ "regionId": region, "cluster": cluster, "createTime": MADE_AT, "modifyTime": MADE_AT })
        })
        .collect();
    Ok(json!(all).into())
}

/// Gives the whole cluster of an instance a new address of its name servers.
pub(super) fn switch_tunnel(world: &mut World, params: &Params) -> Outcome {
    let kind = params.required("tunnelType")?;
    if !matches!(kind, "anyTunnel" | "singleTunnel") {
        return Err(Refusal::field("tunnelType", "is neither anyTunnel nor singleTunnel"));
    }
    let iid = world.instance_id(Some(params.required("instanceId")?))?;
    let force = params.flag("force")?.unwrap_or(false);
    let cluster = world.space(&iid)?.instance.cluster.clone();
    let now = world.now_ms();
    let traffic: usize = world
        .spaces()
        .values()
        .filter(|space| space.instance.cluster == cluster)
        .flat_map(|space| space.messages.values())
        .filter(|message| message.stored_at > now.saturating_sub(1000))
        .count();
    if !force && u64::try_from(traffic).unwrap_or(u64::MAX) > BUSY_TPS {
        return Err(Refusal::new("ONS_INVOKE_ERROR", "A broker of the cluster is processing messages."));
    }
    let before = world.tunnel(&cluster);
    let switches = before.switches + 1;
    let network = if kind == "singleTunnel" { "10.1.0" } else { "10.0.0" };
    let vip = format!("{network}.{}:9876", 10 + switches % 240);
    world.put_tunnel(&cluster, Tunnel { kind: kind.to_owned(), vip: vip.clone(), switches });
    Ok(json!(vip).into())
}
