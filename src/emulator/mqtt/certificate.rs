//! What a certificate says about itself: serial number and validity, out of its DER.

use base64::Engine as _;

/// The parts of a certificate that the service shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Certificate {
    pub(super) sn: String,
    pub(super) valid_from: i64,
    pub(super) valid_to: i64,
    der: Vec<u8>,
}

impl Certificate {
    /// Reads the first certificate of a PEM text. Line feeds may be written as `\n`.
    pub(super) fn read(pem: &str) -> Option<Self> {
        let pem = pem.replace("\\n", "\n");
        let (_, rest) = pem.split_once("-----BEGIN CERTIFICATE-----")?;
        let (body, _) = rest.split_once("-----END CERTIFICATE-----")?;
        let text: String = body.chars().filter(|c| !c.is_whitespace()).collect();
        let der = base64::engine::general_purpose::STANDARD.decode(text).ok()?;
        let (_, certificate, _) = element(&der)?;
        let (_, mut fields, _) = element(certificate)?;
        let (mut tag, mut content, mut rest) = element(fields)?;
        if tag == 0xa0 {
            // The version, which is left out for the oldest form.
            fields = rest;
            (tag, content, rest) = element(fields)?;
        }
        if tag != 0x02 || content.is_empty() {
            return None;
        }
        let sn = content.iter().map(|byte| format!("{byte:02x}")).collect();
        let (_, _algorithm, rest) = element(rest)?;
        let (_, _issuer, rest) = element(rest)?;
        let (_, validity, _) = element(rest)?;
        let (tag, from, rest) = element(validity)?;
        let valid_from = time(tag, from)?;
        let (tag, to, _) = element(rest)?;
        let valid_to = time(tag, to)?;
        Some(Self { sn, valid_from, valid_to, der })
    }

    /// Whether a text stands in the certificate.
    pub(super) fn holds(&self, text: &str) -> bool {
        !text.is_empty() && self.der.windows(text.len()).any(|window| window == text.as_bytes())
    }
}

/// The first element of some DER: tag, content and what follows.
fn element(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&tag, rest) = der.split_first()?;
    let (&first, mut rest) = rest.split_first()?;
    let mut length = usize::from(first);
    if first & 0x80 != 0 {
        length = 0;
        for _ in 0..(first & 0x7f) {
            let (&byte, behind) = rest.split_first()?;
            length = length.checked_mul(256)?.checked_add(usize::from(byte))?;
            rest = behind;
        }
    }
    let (content, rest) = rest.split_at_checked(length)?;
    Some((tag, content, rest))
}

/// Milliseconds since the epoch of a `UTCTime` or `GeneralizedTime`.
fn time(tag: u8, content: &[u8]) -> Option<i64> {
    let text = std::str::from_utf8(content).ok()?;
    // Two digits of a year mean 1950 to 2049.
    let text = match tag {
        0x17 if text.get(..2)? >= "50" => format!("19{text}"),
        0x17 => format!("20{text}"),
        0x18 => text.to_owned(),
        _ => return None,
    };
    let at = jiff::civil::DateTime::strptime("%Y%m%d%H%M%SZ", text).ok()?;
    Some(at.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_millisecond())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_end_where_they_say() {
        assert_eq!(element(&[2, 1, 7, 9]), Some((2, &[7][..], &[9][..])));
        assert_eq!(element(&[0x30, 0x81, 2, 1, 2]), Some((0x30, &[1, 2][..], &[][..])));
        assert_eq!(element(&[2, 5, 7]), None);
        assert_eq!(element(&[]), None);
    }

    #[test]
    fn times_are_read_in_both_forms() {
        assert_eq!(time(0x17, b"250102030405Z"), Some(1_735_787_045_000));
        assert_eq!(time(0x18, b"20250102030405Z"), Some(1_735_787_045_000));
        assert!(time(0x17, b"991231235959Z").is_some_and(|at| at < 1_000_000_000_000));
        assert_eq!(time(0x02, b"250102030405Z"), None);
    }

    #[test]
    fn texts_that_are_no_certificates_are_none() {
        assert_eq!(Certificate::read("hello"), None);
        let pem = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        assert_eq!(Certificate::read(pem), None);
    }
}
