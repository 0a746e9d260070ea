//! Tests of `spell.rs`.

use super::*;

#[test]
fn a_stay_is_at_an_open_unit_only_if_its_latest_site_is_known_and_open() {
    let at = |sites: &[Option<&str>]| {
        let place = |site: Option<&str>| PlacePeriod {
            place: Place { site: site.map(str::to_owned), ..Place::default() },
            from: Timestamp::UNIX_EPOCH,
            inferred: false,
        };
        Spell { in_places: sites.iter().copied().map(place).collect(), ..Spell::default() }
    };
    let closed = [OdsCode::new("Z9H11")];
    for (sites, expected) in [
        (&[Some("z9h11 ")][..], false),
        (&[Some("Z9H12"), Some("Z9H11")], false),
        (&[Some("Z9H11"), Some("Z9H12")], true),
        (&[None], false),
        (&[], false),
    ] {
        let stay = at(sites);
        assert_eq!(stay.is_at_open_unit(&closed, true), expected, "{sites:?}");
        assert!(!stay.is_at_open_unit(&closed, false), "{sites:?}: nobody knows whose site it is");
        assert!(stay.is_at_open_unit(&[], false), "{sites:?}: no unit is closed");
    }
}
