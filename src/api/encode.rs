//! Percent-encoding in the one form all signers agree on: RFC 3986, everything but `A-Za-z0-9-_.~`.

use percent_encoding::AsciiSet;
use percent_encoding::NON_ALPHANUMERIC;
use percent_encoding::percent_decode_str;
use percent_encoding::utf8_percent_encode;

const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// Encodes one path segment, query key or query value.
pub(super) fn component(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

/// Decodes a percent-encoded text; what is not UTF-8 is replaced, as servers do.
pub(super) fn decode(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// Encodes `k=v` pairs in the order given.
pub(super) fn pairs(pairs: &[(String, String)]) -> String {
    let mut text = String::new();
    for (key, value) in pairs {
        if !text.is_empty() {
            text.push('&');
        }
        text.push_str(&component(key));
        text.push('=');
        text.push_str(&component(value));
    }
    text
}
