//! The network that exists before the emulator: every UUID but the nil one, and the demo names.

use super::errors::Refusal;

const NIL: &str = "00000000-0000-0000-0000-000000000000";

/// Whether the text has the shape of a UUID.
pub(crate) fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

fn exists(id: &str, prefix: &str) -> bool {
    (is_uuid(id) && id != NIL) || id == format!("{prefix}-demo") || id.starts_with(&format!("{prefix}-demo-"))
}

pub(crate) fn check_vpc(id: &str) -> Result<(), Refusal> {
    if id.is_empty() {
        return Err(Refusal::bad("DMS.00400013", "vpc_id in the request is empty."));
    }
    if exists(id, "vpc") { Ok(()) } else { Err(Refusal::bad("DMS.00400068", "The VPC does not exist.")) }
}

pub(crate) fn check_subnet(id: &str) -> Result<(), Refusal> {
    if id.is_empty() {
        return Err(Refusal::bad("DMS.00400016", "subnet_id in the request is empty."));
    }
    if exists(id, "subnet") {
        Ok(())
    } else {
        Err(Refusal::bad("DMS.00400018", "This subnet must exist in the VPC."))
    }
}

pub(crate) fn check_security_group(id: &str) -> Result<(), Refusal> {
    if id.is_empty() {
        return Err(Refusal::bad("DMS.00400014", "security_group_id in the request is empty."));
    }
    if exists(id, "sg") {
        Ok(())
    } else {
        Err(Refusal::bad("DMS.00400046", "This security group does not exist."))
    }
}

/// Whether a public address of this id exists.
pub(crate) fn public_ip_exists(id: &str) -> bool {
    exists(id, "eip")
}

/// A stable number from an id, for addresses that look real.
pub(crate) fn octet(id: &str, salt: u32) -> u32 {
    crc32fast::hash(format!("{salt}/{id}").as_bytes()) % 200 + 10
}

/// The address of a public IP.
pub(crate) fn public_address(id: &str) -> String {
    format!("203.0.113.{}", octet(id, 7))
}
