//! Certificates of authorities, and the default certificates by domain name.

use serde_json::Value;
use serde_json::json;

use super::certificate::Certificate;
use super::errors::Outcome;
use super::errors::Refusal;
use super::errors::bad_fields;
use super::errors::no_authority;
use super::errors::no_certificate_instance;
use super::errors::no_operation;
use super::member::Member;
use super::model::CaCertificate;
use super::model::Sni;
use super::page::Numbered;
use super::params::Params;
use super::world::World;

/// The instance of a call about certificates. Only platinum and professional ones have them.
pub(super) fn instance<'a>(world: &World, params: &'a Params) -> Result<&'a str, Refusal> {
    let iid = params.get("MqttInstanceId").ok_or_else(bad_fields)?;
    let refused = |_| no_certificate_instance();
    match world.member(iid).map_err(refused)?.instance.kind {
        1 | 4 => Ok(iid),
        _ => Err(no_operation()),
    }
}

/// A serial number: 128 bytes at most.
pub(super) fn serial<'a>(params: &'a Params, name: &str) -> Result<&'a str, Refusal> {
    params.get(name).filter(|sn| sn.len() <= 128).ok_or_else(bad_fields)
}

/// `GetRegisterCode`.
pub(super) fn register_code(world: &mut World, params: &Params) -> Outcome {
    let iid = instance(world, params)?;
    Ok(json!({ "RegisterCode": world.register_code(iid) }))
}

/// `RegisterCaCertificate`: it is active at once.
pub(super) fn register(world: &mut World, params: &Params) -> Outcome {
    let iid = instance(world, params)?;
    let need = |name: &str| params.get(name).ok_or_else(bad_fields);
    let (name, content, verification) = (need("CaName")?, need("CaContent")?, need("VerificationContent")?);
    let broken = || {
        Refusal::new(
            401,
            "CertificateContentError",
            "Certificate content error, please check ca/verification certificate content. BasicConstraints \
             extension should be set to true in CA certificate.",
        )
    };
    let authority = Certificate::read(content).ok_or_else(broken)?;
    let proof = Certificate::read(verification).ok_or_else(broken)?;
    let code = world.register_code(iid);
    if world.settings.check_register_code && !proof.holds(&code) {
        return Err(Refusal::bad("RegisterCodeError", "Register code error in verification certificate."));
    }
    let is_known = |member: &Member| member.authorities.contains_key(&authority.sn);
    if world.members().get(iid).is_some_and(is_known) {
        return Err(Refusal::new(401, "SnNotUnique", "Sn is not unique in global."));
    }
    let certificate = CaCertificate {
        sn: authority.sn.clone(),
        name: name.to_owned(),
        content: content.to_owned(),
        verification: verification.to_owned(),
        register_code: code,
        valid_from: authority.valid_from,
        valid_to: authority.valid_to,
        is_active: true,
    };
    world.created = Some(format!("authority/{iid}/{}", authority.sn));
    world.put(iid, certificate);
    Ok(json!({ "Sn": authority.sn }))
}

fn find(world: &World, iid: &str, sn: &str) -> Result<CaCertificate, Refusal> {
    world.get::<CaCertificate>(iid, sn).ok_or_else(no_authority)
}

fn switch(world: &mut World, params: &Params, is_active: bool) -> Outcome {
    let iid = instance(world, params)?;
    let sn = serial(params, "Sn")?;
    let certificate = find(world, iid, sn)?;
    world.put(iid, CaCertificate { is_active, ..certificate });
    Ok(json!({ "Sn": sn }))
}

/// `ActiveCaCertificate`.
pub(super) fn activate(world: &mut World, params: &Params) -> Outcome {
    switch(world, params, true)
}

/// `InactivateCaCertificate`.
pub(super) fn inactivate(world: &mut World, params: &Params) -> Outcome {
    switch(world, params, false)
}

/// `DeleteCaCertificate`.
pub(super) fn delete(world: &mut World, params: &Params) -> Outcome {
    let iid = instance(world, params)?;
    let sn = serial(params, "Sn")?;
    if world.remove::<CaCertificate>(iid, sn) { Ok(json!({ "Sn": sn })) } else { Err(no_authority()) }
}

/// `GetCaCertificate`.
pub(super) fn get(world: &mut World, params: &Params) -> Outcome {
    let iid = instance(world, params)?;
    let certificate = find(world, iid, serial(params, "Sn")?)?;
    Ok(json!({ "Data": view(&certificate) }))
}

/// `ListCaCertificate`. `Total` counts certificates.
pub(super) fn list(world: &mut World, params: &Params) -> Outcome {
    let iid = instance(world, params)?;
    let page = Numbered::read(params, "PageNo", "PageSize").map_err(|_| bad_fields())?;
    let views: Vec<Value> = world
        .members()
        .get(iid)
        .map(|member| member.authorities.values().map(view).collect())
        .unwrap_or_default();
    Ok(json!({
        "Data": {
            "Total": views.len(),
            "PageNo": page.number,
            "PageSize": page.size,
            "CaCertificateVOS": page.cut(views),
        },
    }))
}

/// `SetSniConfig`. Nothing reads it back.
pub(super) fn set_sni(world: &mut World, params: &Params) -> Outcome {
    let iid = instance(world, params)?;
    let default_certificate = params.get("DefaultCertificate").ok_or_else(bad_fields)?.to_owned();
    let entries = params.get("SniConfig").unwrap_or_default().to_owned();
    let is_sound = entries.split(';').filter(|entry| !entry.is_empty()).all(|entry| {
        let parts: Vec<&str> = entry.split('#').collect();
        (2..=3).contains(&parts.len()) && parts.iter().take(2).all(|part| !part.is_empty())
    });
    if !is_sound {
        return Err(bad_fields());
    }
    if let Some(instance) = world.instance_mut(iid) {
        instance.sni = Some(Sni { default_certificate, entries });
    }
    Ok(json!({ "Success": "true" }))
}

fn view(certificate: &CaCertificate) -> Value {
    json!({
        "Sn": certificate.sn,
        "CaName": certificate.name,
        "CaContent": certificate.content,
        "VerificationContent": certificate.verification,
        "RegistrationCode": certificate.register_code,
        "Status": if certificate.is_active { "1" } else { "0" },
        "ValidBegin": certificate.valid_from.to_string(),
        "ValidEnd": certificate.valid_to.to_string(),
    })
}
