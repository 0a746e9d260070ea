//! The compact form of a signed token. One-time tokens must be recognised by their signed part, because a signature can
//! be written in several ways (spare bits of its last letter, the two forms of ECDSA).

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

use crate::TokenError;

/// The header and claims of a token whose three parts are canonical base64url; any other spelling is refused.
pub fn signed_part(token: &str) -> Result<&str, TokenError> {
    let (signed, signature) = token.rsplit_once('.').ok_or(TokenError::Signature)?;
    let (header, claims) = signed.split_once('.').ok_or(TokenError::Signature)?;
    let canonical = |part: &str| URL_SAFE_NO_PAD.decode(part).is_ok_and(|bytes| !bytes.is_empty());
    if [header, claims, signature].into_iter().all(canonical) { Ok(signed) } else { Err(TokenError::Signature) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_last_letter_is_not_another_token() {
        // 64 bytes of signature leave four spare bits in the last letter.
        let signature = URL_SAFE_NO_PAD.encode([7_u8; 64]);
        let token = format!("{}.{}.{signature}", URL_SAFE_NO_PAD.encode("{}"), URL_SAFE_NO_PAD.encode("{1}"));
        let signed = signed_part(&token).unwrap();
        assert!(token.starts_with(signed) && !signed.ends_with(&signature));
        let (head, _) = token.split_at(token.len() - 1);
        let others = ('A'..='Z').chain('a'..='z').chain('0'..='9').chain(['-', '_']);
        let taken: Vec<String> =
            others.map(|last| format!("{head}{last}")).filter(|one| signed_part(one).is_ok()).collect();
        // Sixteen letters decode to the same bytes; one of them is canonical.
        assert_eq!(taken.len(), 4, "{taken:?}");
        assert!(taken.iter().all(|one| signed_part(one) == Ok(signed)), "and each is the same use");
    }

    #[test]
    fn what_is_not_three_canonical_parts_is_refused() {
        for token in [
            "",
            "a",
            "e30.e30",
            "e30.e30.",
            "e30.e30.e30=",
            "e30.e30.e3+",
            "e30.e31.AA.AA",
            "e31.e30.AA",
            "e30 .e30.AA",
        ] {
            assert!(signed_part(token).is_err(), "{token}");
        }
        assert_eq!(signed_part("e30.e30.AA"), Ok("e30.e30"));
    }
}
