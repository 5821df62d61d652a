//! Certificates of devices. A device registers its own when it first connects.

use serde_json::Value;
use serde_json::json;

use super::certificates::instance;
use super::certificates::serial;
use super::errors::Outcome;
use super::errors::Refusal;
use super::errors::bad_fields;
use super::errors::no_authority;
use super::errors::no_device;
use super::member::device_key;
use super::model::DeviceCertificate;
use super::page::Numbered;
use super::params::Params;
use super::world::World;

fn find(world: &World, iid: &str, params: &Params) -> Result<DeviceCertificate, Refusal> {
    let key = device_key(serial(params, "CaSn")?, serial(params, "DeviceSn")?);
    world.get::<DeviceCertificate>(iid, &key).ok_or_else(no_device)
}

fn switch(world: &mut World, params: &Params, is_active: bool) -> Outcome {
    let iid = instance(world, params)?;
    let certificate = find(world, iid, params)?;
    let answer = json!({ "DeviceSn": certificate.sn });
    world.put(iid, DeviceCertificate { is_active, ..certificate });
    Ok(answer)
}

/// `ActiveDeviceCertificate`.
pub(super) fn activate(world: &mut World, params: &Params) -> Outcome {
    switch(world, params, true)
}

/// `InactivateDeviceCertificate`.
pub(super) fn inactivate(world: &mut World, params: &Params) -> Outcome {
    switch(world, params, false)
}

/// `DeleteDeviceCertificate`.
pub(super) fn delete(world: &mut World, params: &Params) -> Outcome {
    let iid = instance(world, params)?;
    let certificate = find(world, iid, params)?;
    world.remove::<DeviceCertificate>(iid, &device_key(&certificate.ca_sn, &certificate.sn));
    Ok(json!({ "DeviceSn": certificate.sn }))
}

/// `GetDeviceCertificate`.
pub(super) fn get(world: &mut World, params: &Params) -> Outcome {
    let iid = instance(world, params)?;
    let certificate = find(world, iid, params)?;
    Ok(json!({ "Data": view(&certificate) }))
}

/// `ListDeviceCertificate`.
pub(super) fn list(world: &mut World, params: &Params) -> Outcome {
    let iid = instance(world, params)?;
    page(world, iid, params, None)
}

/// `ListDeviceCertificateByCaSn`.
pub(super) fn list_of(world: &mut World, params: &Params) -> Outcome {
    let iid = instance(world, params)?;
    let ca_sn = serial(params, "CaSn")?;
    if !world.members().get(iid).is_some_and(|member| member.authorities.contains_key(ca_sn)) {
        return Err(no_authority());
    }
    page(world, iid, params, Some(ca_sn))
}

fn page(world: &World, iid: &str, params: &Params, of: Option<&str>) -> Outcome {
    let page = Numbered::read(params, "PageNo", "PageSize").map_err(|_| bad_fields())?;
    let devices = world.members().get(iid).map(|member| member.devices.values()).into_iter().flatten();
    let views: Vec<Value> =
        devices.filter(|device| of.is_none_or(|ca_sn| ca_sn == device.ca_sn)).map(view).collect();
    Ok(json!({
        "Data": {
            "Total": views.len(),
            "PageNo": page.number,
            "PageSize": page.size,
            "DeviceCertificateVOS": page.cut(views),
        },
    }))
}

fn view(certificate: &DeviceCertificate) -> Value {
    json!({
        "CaSn": certificate.ca_sn,
        "DeviceSn": certificate.sn,
        "DeviceName": certificate.name,
        "DeviceContent": certificate.content,
        "Status": if certificate.is_active { "1" } else { "0" },
        "ValidBegin": certificate.valid_from.to_string(),
        "ValidEnd": certificate.valid_to.to_string(),
    })
}
