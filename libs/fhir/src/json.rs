//! Parses JSON as sources send it.

use serde_json::Value;

/// Parses a UTF-8 body. A byte order mark is ignored (RFC 8259, 8.1).
pub fn parse(body: &[u8]) -> Option<Value> {
    let plain = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    serde_json::from_slice(plain).ok()
}
