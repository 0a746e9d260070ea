//! Parses JSON as sources send it.

use serde_json::Value;

/// Parses a UTF-8 body. A byte order mark is ignored (RFC 8259, 8.1). NUL is removed from texts: it means nothing in any of them,
/// and a server's database stores none.
pub fn parse(body: &[u8]) -> Option<Value> {
    let plain = std::str::from_utf8(body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body)).ok()?;
    let mut value = serde_json::from_str(plain).ok()?;
    if plain.contains("\\u0000") {
        remove_nul(&mut value);
    }
    Some(value)
}

fn remove_nul(value: &mut Value) {
    match value {
        Value::String(text) => text.retain(|one| one != '\0'),
        Value::Array(all) => all.iter_mut().for_each(remove_nul),
        Value::Object(fields) => fields.values_mut().for_each(remove_nul),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_nul_is_removed_from_every_text() {
        let body = br#"{ "id": "a\u0000b", "name": [{ "text": "\u0000" }], "active": true }"#;
        assert_eq!(parse(body), Some(json!({ "id": "ab", "name": [{ "text": "" }], "active": true })));
        assert_eq!(
            parse(br#"{ "id": "a\\u0000b" }"#),
            Some(json!({ "id": "a\\u0000b" })),
            "no NUL, but six characters"
        );
    }
}
