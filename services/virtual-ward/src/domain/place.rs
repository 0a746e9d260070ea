//! Comparing places in hospitals' own words. Hospitals send them more and less exactly (a ward alone, a ward
//! and a bed): what is left out never counts as a difference.

use lcr_contracts::spell::Place;

fn same_word(one: Option<&str>, other: Option<&str>) -> bool {
    match (said(one), said(other)) {
        (Some(one), Some(other)) => one.eq_ignore_ascii_case(other),
        (None, None) => true,
        _ => false,
    }
}

fn agreeing_word(one: Option<&str>, other: Option<&str>) -> bool {
    said(one).is_none() || said(other).is_none() || same_word(one, other)
}

fn said(text: Option<&str>) -> Option<&str> {
    text.map(str::trim).filter(|text| !text.is_empty())
}

fn words(place: &Place) -> [Option<&str>; 4] {
    [place.site.as_deref(), place.ward.as_deref(), place.bay.as_deref(), place.bed.as_deref()]
}

fn every(one: &Place, other: &Place, rule: fn(Option<&str>, Option<&str>) -> bool) -> bool {
    words(one).into_iter().zip(words(other)).all(|(one, other)| rule(one, other))
}

/// Whether nothing of a place was said.
pub fn is_empty(place: &Place) -> bool {
    words(place).into_iter().all(|word| said(word).is_none())
}

/// The same place, said as exactly.
pub fn same(one: &Place, other: &Place) -> bool {
    every(one, other, same_word)
}

/// No part that both name differs.
pub fn agree(one: &Place, other: &Place) -> bool {
    every(one, other, agreeing_word)
}

/// `held` with what `told` adds to it; only for places that agree.
pub fn filled(held: &Place, told: &Place) -> Place {
    let fill = |held: &Option<String>, told: &Option<String>| {
        said(held.as_deref()).or_else(|| said(told.as_deref())).map(str::to_owned)
    };
    Place {
        site: fill(&held.site, &told.site),
        ward: fill(&held.ward, &told.ward),
        bay: fill(&held.bay, &told.bay),
        bed: fill(&held.bed, &told.bed),
        ward_name: fill(&told.ward_name, &held.ward_name),
    }
}

/// How a ward or consultant is looked up: case and spaces at the ends do not matter.
pub fn key(text: &str) -> String {
    text.trim().to_uppercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ward: &str, bed: Option<&str>) -> Place {
        Place { ward: Some(ward.into()), bed: bed.map(Into::into), ..Place::default() }
    }

    #[test]
    fn a_ward_alone_agrees_with_a_bed_on_it_but_is_not_the_same() {
        assert!(agree(&at("J27", None), &at("j27 ", Some("4"))));
        assert!(!same(&at("J27", None), &at("J27", Some("4"))));
        assert!(!agree(&at("J27", None), &at("J28", None)));
        assert_eq!(filled(&at("J27", None), &at("J27", Some("4"))), at("J27", Some("4")));
    }

    #[test]
    fn blanks_say_nothing() {
        assert!(is_empty(&Place { ward: Some("  ".into()), ..Place::default() }));
        assert!(!is_empty(&at("J27", None)));
    }
}
