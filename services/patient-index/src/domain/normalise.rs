//! Normalises names and postcodes for comparison. The result must never be shown.

use unicode_normalization::UnicodeNormalization;

/// A name without case, accents, spaces, hyphens and apostrophes: `O'Neill-Žák` → `ONEILLZAK`.
pub fn name(text: &str) -> String {
    text.nfd().filter(|c| c.is_alphabetic()).flat_map(char::to_uppercase).collect()
}

/// A postcode without its space: `LS1 4AP` → `LS14AP`. Empty when it cannot be a postcode.
pub fn postcode(text: &str) -> String {
    let joined: String = text.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).collect();
    if (5..=7).contains(&joined.len()) && looks_like_postcode(&joined) { joined } else { String::new() }
}

/// The outward part has letters, then a digit. The inward part is a digit and two letters.
fn looks_like_postcode(joined: &str) -> bool {
    let (outward, inward) = joined.split_at(joined.len() - 3);
    let mut inward = inward.chars();
    let inward_ok = inward.next().is_some_and(|c| c.is_ascii_digit()) && inward.all(|c| c.is_ascii_alphabetic());
    let outward_ok =
        outward.starts_with(|c: char| c.is_ascii_alphabetic()) && outward.chars().any(|c| c.is_ascii_digit());
    inward_ok && outward_ok
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_name_are_equal() {
        assert_eq!(name("O'Neill-Žák"), name("oneill zak"));
        assert_eq!(name("李小龍"), "李小龍");
        assert_eq!(name("  "), "");
    }

    #[test]
    fn a_postcode_is_distinguished_from_a_word() {
        assert_eq!(postcode("ls1 4ap"), "LS14AP");
        assert_eq!(postcode("LS12 3AB"), "LS123AB");
        for not in ["SMITH", "12345", "LS1", "Beckside 1", ""] {
            assert_eq!(postcode(not), "", "{not}");
        }
    }
}
