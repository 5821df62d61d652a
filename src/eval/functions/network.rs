//! Functions on address ranges in CIDR notation.

use std::net::Ipv4Addr;
use std::net::Ipv6Addr;

use super::Call;
use super::Function;
use super::FunctionError;
use super::Param;
use super::Returns;
use super::Ty;
use super::args::WHOLE_NUMBER;
use super::args::number;
use super::args::text;
use super::args::whole;
use crate::value::Number;
use crate::value::Type;
use crate::value::Value;

const STRING: Returns = Returns::Is(Ty::String);

/// The functions of this family.
pub(super) const ALL: &[Function] = &[
    Function::new(
        "cidrhost",
        &[Param::new("prefix", Ty::String), Param::new("hostnum", Ty::Number)],
        STRING,
        host,
    )
    .doc(
        "Returns the address of a host by its number in an address range.",
        r#"cidrhost("10.12.112.0/20", 16)"#,
    ),
    Function::new("cidrnetmask", &[Param::new("prefix", Ty::String)], STRING, netmask)
        .doc("Returns the network mask of an IPv4 range.", r#"cidrnetmask("172.16.0.0/12")"#),
    Function::new(
        "cidrsubnet",
        &[
            Param::new("prefix", Ty::String),
            Param::new("newbits", Ty::Number),
            Param::new("netnum", Ty::Number),
        ],
        STRING,
        subnet,
    )
    .doc("Returns a part of an address range by its number.", r#"cidrsubnet("172.16.0.0/12", 4, 2)"#),
    Function::new(
        "cidrsubnets",
        &[Param::new("prefix", Ty::String)],
        Returns::Is(Ty::List(&Ty::String)),
        subnets,
    )
    .variadic(Param::new("newbits", Ty::Number))
    .doc(
        "Cuts parts of the given sizes from an address range, one after the other.",
        r#"cidrsubnets("10.1.0.0/16", 4, 4, 8)"#,
    ),
];

/// An address range. The address of an IPv4 range stands in the low 32 bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Range {
    address: u128,
    prefix: u32,
    /// 32 or 128.
    bits: u32,
}

fn mask(prefix: u32, bits: u32) -> u128 {
    let all = if bits == 128 { u128::MAX } else { (1 << bits) - 1 };
    let host = bits.saturating_sub(prefix);
    if host >= 128 { 0 } else { all >> host << host }
}

/// Reads an IPv4 address whose parts may have leading zeros.
fn parse_v4(text: &str) -> Option<u128> {
    let mut address = 0;
    let mut count = 0;
    for part in text.split('.') {
        if part.is_empty() || !part.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let trimmed = part.trim_start_matches('0');
        let octet: u8 = if trimmed.is_empty() { 0 } else { trimmed.parse().ok()? };
        address = address << 8 | u128::from(octet);
        count += 1;
    }
    (count == 4).then_some(address)
}

fn parse_v6(text: &str) -> Option<u128> {
    if let Ok(address) = text.parse::<Ipv6Addr>() {
        return Some(address.to_bits());
    }
    // The embedded IPv4 form may have leading zeros too.
    let (head, tail) = text.rsplit_once(':')?;
    let v4 = u32::try_from(parse_v4(tail)?).ok()?;
    format!("{head}:{:x}:{:x}", v4 >> 16, v4 & 0xffff).parse::<Ipv6Addr>().ok().map(Ipv6Addr::to_bits)
}

const MAPPED: u128 = 0xffff << 32;

impl Range {
    fn parse(text: &str) -> Result<Self, String> {
        Self::read(text).ok_or_else(|| format!("invalid CIDR expression: invalid CIDR address: {text}"))
    }

    fn read(text: &str) -> Option<Self> {
        let (address, prefix) = text.split_once('/')?;
        let (address, bits) = match parse_v4(address) {
            Some(address) => (address, 32),
            None => (parse_v6(address)?, 128),
        };
        if prefix.is_empty() || !prefix.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let trimmed = prefix.trim_start_matches('0');
        let prefix: u32 = if trimmed.is_empty() { 0 } else { trimmed.parse().ok()? };
        (prefix <= bits).then_some(Self { address: address & mask(prefix, bits), prefix, bits })
    }

    fn base(self) -> u128 {
        self.address & mask(self.prefix, self.bits)
    }

    fn show(self, address: u128) -> String {
        if self.bits == 32 {
            let address = u32::try_from(address & 0xffff_ffff).unwrap_or(0);
            Ipv4Addr::from_bits(address).to_string()
        } else if address >> 32 == MAPPED >> 32 {
            // Addresses of IPv4 hosts within IPv6 are written as the IPv4 address.
            Ipv4Addr::from_bits(u32::try_from(address & 0xffff_ffff).unwrap_or(0)).to_string()
        } else {
            show_v6(address)
        }
    }

    /// The range in CIDR notation. A mapped IPv4 range is counted in the bits of IPv4.
    fn text(self) -> String {
        let address = self.show(self.address);
        let prefix = if self.bits == 128 && !address.contains(':') {
            self.prefix.saturating_sub(96)
        } else {
            self.prefix
        };
        format!("{address}/{prefix}")
    }
}

/// The canonical text, without the dotted forms the standard library uses for some addresses.
fn show_v6(address: u128) -> String {
    let groups = Ipv6Addr::from_bits(address).segments();
    let (mut best, mut length) = (0, 0);
    let mut start = 0;
    while start < groups.len() {
        let zeros = groups.iter().skip(start).take_while(|group| **group == 0).count();
        if zeros > length && zeros >= 2 {
            (best, length) = (start, zeros);
        }
        start += zeros.max(1);
    }
    let join = |part: &[u16]| part.iter().map(|group| format!("{group:x}")).collect::<Vec<_>>().join(":");
    if length == 0 {
        return join(&groups);
    }
    let head = groups.get(..best).unwrap_or_default();
    let tail = groups.get(best + length..).unwrap_or_default();
    format!("{}::{}", join(head), join(tail))
}

fn exact(call: &Call<'_>, index: usize) -> Result<Number, FunctionError> {
    let number = number(call, index)?;
    if number.is_integer() {
        Ok(number.clone())
    } else {
        Err(FunctionError::new("value must be a whole number"))
    }
}

/// The magnitude of a whole number as 128 bits, if it fits.
fn magnitude(number: &Number) -> Option<u128> {
    number.magnitude_in_radix(16).and_then(|digits| u128::from_str_radix(&digits, 16).ok())
}

fn host(call: &Call<'_>) -> Result<Value, FunctionError> {
    let range = Range::parse(text(call, 0)?).map_err(FunctionError::new)?;
    let number = exact(call, 1)?;
    let host_bits = range.bits - range.prefix;
    let size = 1u128.checked_shl(host_bits).filter(|_| host_bits < 128);
    let below = number.is_negative() && !number.is_zero();
    let refuse = |shown: String| {
        FunctionError::new(format!("prefix of {} does not accommodate a host numbered {shown}", range.prefix))
    };
    let wanted = magnitude(&number).ok_or_else(|| refuse(number.to_string()))?;
    let offset = match (below, size) {
        (false, Some(size)) if wanted >= size => return Err(refuse(number.to_string())),
        (false, _) => wanted,
        // Negative numbers count from the end.
        (true, Some(size)) if wanted > size => return Err(refuse(format!("-{}", wanted - size))),
        (true, Some(size)) => size - wanted,
        (true, None) => 0u128.wrapping_sub(wanted),
    };
    // A number within a mapped IPv4 range is counted from the third byte on, as the original has it.
    let mapped = range.bits == 128 && range.base() >> 32 == MAPPED >> 32;
    let offset = if mapped { offset.checked_shl(96).unwrap_or(0) } else { offset };
    Ok(Value::string(range.show(range.base() | offset)))
}

fn netmask(call: &Call<'_>) -> Result<Value, FunctionError> {
    let prefix = text(call, 0)?;
    let range = Range::parse(prefix).map_err(FunctionError::new)?;
    if range.bits == 128 && range.address >> 32 != MAPPED >> 32 {
        return Err(FunctionError::new(format!("IPv6 addresses cannot have a netmask: {prefix}")));
    }
    let mask = mask(range.prefix, range.bits);
    Ok(Value::string(if range.bits == 32 { range.show(mask) } else { show_v6(mask) }))
}

fn subnet(call: &Call<'_>) -> Result<Value, FunctionError> {
    let new_bits = whole(call, 1)?;
    let number = exact(call, 2)?;
    let range = Range::parse(text(call, 0)?).map_err(FunctionError::new)?;
    let prefix = i64::from(range.prefix).saturating_add(new_bits);
    let length = u32::try_from(prefix).ok().filter(|length| *length <= range.bits).ok_or_else(|| {
        FunctionError::new(format!(
            "insufficient address space to extend prefix of {} by {new_bits}",
            range.prefix
        ))
    })?;
    let refuse = || {
        FunctionError::new(format!(
            "prefix extension of {new_bits} does not accommodate a subnet numbered {number}"
        ))
    };
    let below = number.is_negative() && !number.is_zero();
    let wanted = magnitude(&number).ok_or_else(refuse)?;
    // An extension below zero widens the range, and nothing is said of what has room in it.
    let room = u32::try_from(new_bits).ok().filter(|bits| *bits < 64).map(|bits| 1u128 << bits);
    if room.is_some_and(|room| wanted >= room) {
        return Err(refuse());
    }
    let shifted = wanted.checked_shl(range.bits - length).unwrap_or(0);
    // A number below zero is united with the address as a number of two's complement, and its size is kept.
    let address =
        if below { (range.base() | shifted.wrapping_neg()).wrapping_neg() } else { range.base() | shifted };
    Ok(Value::string(Range { address, prefix: length, ..range }.text()))
}

fn subnets(call: &Call<'_>) -> Result<Value, FunctionError> {
    let range = Range::parse(text(call, 0)?).map_err(|message| FunctionError::argument(0, message))?;
    let family = if range.bits == 32 { "IPv4" } else { "IPv6" };
    let end = range.base() | !mask(range.prefix, range.bits) & mask(range.bits, range.bits);
    let mut parts = Vec::new();
    // The search starts at the part before the range. A range at address zero has none, so it cannot be cut.
    let mut free = Some(range.base()).filter(|base| *base > 0);
    let mut last = range;
    for index in 1..call.args.len() {
        let wrong = |message: String| FunctionError::argument(index, message);
        let new_bits = number(call, index)?.to_i64().ok_or_else(|| wrong(WHOLE_NUMBER.to_owned()))?;
        if new_bits < 1 {
            return Err(wrong("must extend prefix by at least one bit".to_owned()));
        }
        if new_bits > 32 {
            return Err(wrong("may not extend prefix by more than 32 bits".to_owned()));
        }
        let length = range.prefix + u32::try_from(new_bits).unwrap_or(32);
        if length > range.bits {
            return Err(wrong(format!(
                "would extend prefix to {length} bits, which is too long for an {family} address"
            )));
        }
        let step = 1u128 << (range.bits - length);
        // Parts start at multiples of their size.
        let start = free.and_then(|free| free.checked_next_multiple_of(step));
        let Some(start) = start.filter(|start| *start <= end) else {
            if parts.is_empty() {
                last = Range { address: mask(length, range.bits), prefix: length, bits: range.bits };
            }
            return Err(wrong(format!(
                "not enough remaining address space for a subnet with a prefix of {length} bits after {}",
                last.text()
            )));
        };
        last = Range { address: start, prefix: length, bits: range.bits };
        parts.push(last);
        free = start.checked_add(step);
    }
    Ok(Value::list(Type::String, parts.into_iter().map(|part| Value::string(part.text()))))
}
