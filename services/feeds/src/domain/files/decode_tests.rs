//! Tests of `decode.rs`.

use super::*;

#[test]
fn media_types_follow_the_hl7_tables() {
    let cases = [
        (Some("AP"), Some("PDF"), Some("application/pdf")),
        (Some("application"), Some("pdf"), Some("application/pdf")),
        (None, Some("application/pdf"), Some("application/pdf")),
        (Some("PDF"), None, Some("application/pdf")),
        (Some("IM"), Some("JPEG"), Some("image/jpeg")),
        (Some("AP"), Some("msword"), Some("application/msword")),
        (Some("AP"), Some("Octet-stream"), Some("application/octet-stream")),
        (Some("TEXT"), None, Some("text/plain")),
        (Some("text/plain"), None, Some("text/plain")),
        (Some("multipart"), Some("x-hl7-cda-level-one"), Some("multipart/x-hl7-cda-level-one")),
        (Some("AP"), None, None),
        (None, None, None),
        (Some("AP"), Some("a b"), None),
    ];
    for (kind, subtype, expected) in cases {
        assert_eq!(media_type(kind, subtype, "base64").as_deref(), expected, "{kind:?} {subtype:?}");
    }
    assert_eq!(media_type(Some("TX"), None, "a").as_deref(), Some("text/plain; charset=utf-8"));
}

#[test]
fn chunks_can_be_split_anywhere_or_encoded_separately() {
    let join =
        |encoding, chunks: &[&str]| bytes(encoding, &chunks.iter().map(|one| (*one).to_owned()).collect::<Vec<_>>());
    assert_eq!(join("base64", &["JVB", "ERi0", "xLjQ="]), Ok(b"%PDF-1.4".to_vec()));
    assert_eq!(join("base64", &["JVBE\r\nRi0xLjQ"]), Ok(b"%PDF-1.4".to_vec()));
    assert_eq!(join("base64", &["JVA=", "REY="]), Ok(b"%PDF".to_vec()));
    assert_eq!(join("hex", &["2550", "4446"]), Ok(b"%PDF".to_vec()));
    assert_eq!(join("hex", &["255"]), Err(UNREADABLE));
    assert_eq!(join("hex", &["+5+5"]), Err(UNREADABLE));
    assert_eq!(join("base64", &["J V!"]), Err(UNREADABLE));
    assert!(join("uuencode", &["x"]).is_err());
}
