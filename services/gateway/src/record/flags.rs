//! The mark on a result outside its range: a letter and the source's words. A flag that we do not know must be shown in its
//! own words; only flags that say that all is well have no mark.

use lcr_contracts::record::{Detail, Entry};

/// A mark on a result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flag {
    /// `H`, `LL`, or the words if no letter is usual.
    pub letter: String,
    /// The source's words, for screen readers. Empty if the mark has them already.
    pub words: String,
    pub is_critical: bool,
}

const USUAL: [&str; 6] = ["normal", "negative", "not detected", "not reactive", "susceptible", "expected"];
const LETTERS: [(&str, &str); 10] = [
    ("high", "H"),
    ("significantly high", "H"),
    ("above the high threshold", "H"),
    ("low", "L"),
    ("significantly low", "L"),
    ("below the low threshold", "L"),
    ("very high", "HH"),
    ("very low", "LL"),
    ("abnormal", "A"),
    ("very abnormal", "AA"),
];

/// The mark of a result, if its source flags it as unusual.
pub fn flag(entry: &Entry) -> Option<Flag> {
    let Detail::Result { flag: Some(words), .. } = &entry.detail else { return None };
    flag_of(words)
}

fn flag_of(words: &str) -> Option<Flag> {
    let is_usual = |one: &str| USUAL.iter().any(|usual| one.trim().eq_ignore_ascii_case(usual));
    if words.trim().is_empty() || is_usual(words) || words.split(", ").all(is_usual) {
        return None;
    }
    // The source may give its flags in any order, and a lesser one must not hide a critical one.
    let letter = words.split(", ").filter_map(|one| letter(one.trim())).min_by_key(|letter| severity_rank(letter));
    Some(match letter {
        Some(letter) => Flag {
            letter: letter.to_owned(),
            words: if words == letter { String::new() } else { words.to_owned() },
            is_critical: letter.len() > 1,
        },
        None => Flag { letter: words.to_owned(), words: String::new(), is_critical: false },
    })
}

/// The letter of one flag, by its words, its letter, or the word "critical" or "panic" in a source's own words.
fn letter(flag: &str) -> Option<&'static str> {
    let is = |text: &str| flag.eq_ignore_ascii_case(text);
    if let Some(&(_, letter)) = LETTERS.iter().find(|(words, letter)| is(words) || is(letter)) {
        return Some(letter);
    }
    let lower = flag.to_lowercase();
    let words = lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let has = |among: &[&str]| words.clone().any(|word| among.contains(&word));
    // Only a negation directly before the word is about it: "critical high - not phoned" is critical.
    let before = std::iter::once("").chain(words.clone());
    let says_critical = before.zip(words.clone()).any(|(before, word)| {
        ["critical", "critically", "panic"].contains(&word) && !["not", "no", "non"].contains(&before)
    });
    if !says_critical {
        return None;
    }
    Some(match (has(&["high"]), has(&["low"])) {
        (true, false) => "HH",
        (false, true) => "LL",
        _ => "AA",
    })
}

/// The most severe first. Of two critical flags, the one that says in which direction.
fn severity_rank(letter: &str) -> u8 {
    match letter {
        "HH" | "LL" => 0,
        "AA" => 1,
        "H" | "L" => 2,
        _ => 3,
    }
}

#[cfg(test)]
#[path = "flags_tests.rs"]
mod tests;
