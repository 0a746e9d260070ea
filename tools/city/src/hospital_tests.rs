//! Tests of `hospital.rs`.

use std::collections::HashSet;

use super::*;

#[test]
fn every_ward_has_a_specialty_and_a_unique_code() {
    for source in [Source::StHildas, Source::WharfeValley, Source::Community, Source::MentalHealth] {
        let all = wards(source);
        let codes: HashSet<&str> = all.iter().map(|one| one.code).collect();
        assert_eq!(codes.len(), all.len());
        assert!(all.iter().all(|one| one.specialty().code == one.specialty && one.beds > 10));
    }
    assert_eq!((wards(Source::StHildas).len(), wards(Source::WharfeValley).len()), (40, 40));
    let codes: HashSet<&str> = SPECIALTIES.iter().flat_map(|one| &one.consultants).map(|one| one.code).collect();
    assert_eq!(codes.len(), 3 * SPECIALTIES.len());
}
