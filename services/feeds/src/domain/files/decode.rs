//! Decodes embedded data (HL7 table 0299) and finds its media type (tables 0191, 0291). Data must never be given a
//! media type that contradicts its signature.

use base64::{
    Engine as _,
    alphabet::STANDARD as ALPHABET,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig, general_purpose::STANDARD},
};

/// Lenient, because senders omit the padding or cut a file anywhere.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &ALPHABET,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

const UNREADABLE: &str = "The file could not be decoded and cannot be shown";

/// The first bytes of files, by media type.
const SIGNATURES: [(&str, &[&[u8]]); 5] = [
    ("application/pdf", &[b"%PDF"]),
    ("image/jpeg", &[b"\xFF\xD8\xFF"]),
    ("image/png", &[b"\x89PNG"]),
    ("image/tiff", &[b"II*\0", b"MM\0*"]),
    ("application/rtf", &[b"{\\rtf"]),
];

pub fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// Decodes a file. The sender may have encoded the file before splitting it, or each chunk separately.
pub fn bytes(encoding: &str, chunks: &[String]) -> Result<Vec<u8>, &'static str> {
    match encoding {
        "base64" => {
            let chunks: Vec<String> = chunks.iter().map(|chunk| without_spaces(chunk)).collect();
            let joined = LENIENT.decode(chunks.concat());
            let each = || chunks.iter().map(|chunk| LENIENT.decode(chunk)).collect::<Result<Vec<_>, _>>();
            joined.or_else(|_| each().map(|parts| parts.concat())).map_err(|_| UNREADABLE)
        }
        "hex" => {
            let digits: String = chunks.iter().map(|chunk| without_spaces(chunk)).collect();
            base16ct::mixed::decode_vec(digits).map_err(|_| UNREADABLE)
        }
        "a" | "ascii" => Ok(chunks.concat().into_bytes()),
        _ => Err("The file was sent in an unknown encoding and cannot be shown"),
    }
}

fn without_spaces(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

/// Whether a chunk is the start of a file.
pub fn starts_file(encoding: Option<&str>, chunk: &str) -> bool {
    let head: String = chunk.chars().filter(|c| !c.is_whitespace()).take(16).collect();
    let Ok(head) = bytes(encoding.unwrap_or_default(), &[head]) else { return false };
    SIGNATURES.iter().flat_map(|(_, all)| *all).any(|beginning| head.starts_with(beginning))
}

/// Whether the bytes can be of the media type. A PDF may have other bytes before its signature.
pub fn matches_type(media_type: &str, bytes: &[u8]) -> bool {
    let head = bytes.get(..1024).unwrap_or(bytes);
    let begins = |beginning: &[u8]| match media_type {
        "application/pdf" => head.windows(beginning.len()).any(|window| window == beginning),
        _ => head.starts_with(beginning),
    };
    let known = SIGNATURES.iter().find(|(name, _)| *name == media_type);
    !bytes.is_empty() && known.is_none_or(|(_, all)| all.iter().any(|one| begins(one)))
}

/// The media type of an HL7 type and subtype. `None` if they name none.
pub fn media_type(kind: Option<&str>, subtype: Option<&str>, encoding: &str) -> Option<String> {
    let word = |text: Option<&str>| text.unwrap_or_default().trim().to_ascii_lowercase();
    let (kind, subtype) = (word(kind), word(subtype));
    let full_type = [&subtype, &kind].into_iter().find_map(|text| text.split_once('/'));
    let (kind, subtype) = full_type.unwrap_or((&kind, &subtype));
    let is_utf8 = matches!(encoding, "a" | "ascii");
    let text = |subtype: &str| format!("text/{subtype}{}", if is_utf8 { "; charset=utf-8" } else { "" });
    Some(match (kind, subtype) {
        ("multipart", _) => format!("multipart/{}", token(subtype).filter(|text| !text.is_empty())?),
        (_, "pdf") | ("pdf", "") => "application/pdf".to_owned(),
        (_, "jpeg" | "jpg") => "image/jpeg".to_owned(),
        (_, "png") => "image/png".to_owned(),
        (_, "tiff" | "tif") => "image/tiff".to_owned(),
        (_, "gif") => "image/gif".to_owned(),
        (_, "rtf") => "application/rtf".to_owned(),
        (_, "html" | "htm") => text("html"),
        (_, "xml" | "x-hl7-cda-level-one") => text("xml"),
        ("text" | "tx" | "ft", "" | "plain" | "text" | "txt") | ("", "plain" | "text" | "txt") => text("plain"),
        (_, "") => return None,
        (kind, subtype) => format!("{}/{}", main_type(kind), token(subtype)?),
    })
}

fn main_type(kind: &str) -> &'static str {
    match kind {
        "im" | "image" | "ns" | "sd" | "si" => "image",
        "au" | "audio" => "audio",
        "tx" | "ft" | "text" => "text",
        "video" => "video",
        _ => "application",
    }
}

fn token(text: &str) -> Option<&str> {
    let good = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '+' | '-' | '_');
    (text.len() <= 100 && text.chars().all(good)).then_some(text)
}

#[cfg(test)]
#[path = "decode_tests.rs"]
mod tests;
