//! Reading JSON as sources send it.

use serde_json::Value;

/// The value of a body in UTF-8; a byte order mark before it is ignored (RFC 8259 section 8.1).
pub fn parse(body: &[u8]) -> Option<Value> {
    let plain = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    serde_json::from_slice(plain).ok()
}
