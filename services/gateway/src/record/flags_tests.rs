//! Tests of `flags.rs`.

use super::flag_of;

#[test]
fn flags_are_letters_or_their_own_words_and_a_usual_result_has_none() {
    for (words, letter, is_critical) in [
        ("high", "H", false),
        ("Low", "L", false),
        ("very high", "HH", true),
        ("high, significant rise", "H", false),
        ("very abnormal", "AA", true),
        ("abnormal, very high", "HH", true),
        ("very high, abnormal", "HH", true),
        ("abnormal, low", "L", false),
        ("low, very abnormal", "AA", true),
        ("very abnormal, very low", "LL", true),
        ("abnormal, significant rise, high", "H", false),
        ("HH", "HH", true),
        ("Critical high", "HH", true),
        ("critically low", "LL", true),
        ("abnormal, Critical", "AA", true),
        ("Panic value", "AA", true),
        ("Critical high - not phoned", "HH", true),
        ("Panic value; no previous", "AA", true),
        ("not critical", "not critical", false),
        ("Non-critical high", "Non-critical high", false),
        ("resistant", "resistant", false),
        ("normal, worse", "normal, worse", false),
    ] {
        let flag = flag_of(words).unwrap();
        assert_eq!((flag.letter.as_str(), flag.is_critical), (letter, is_critical), "{words}");
        assert_eq!(flag.words.is_empty(), flag.letter == words, "{words}");
    }
    for words in ["", "normal", "Negative", "normal, expected"] {
        assert_eq!(flag_of(words), None, "{words}");
    }
}
