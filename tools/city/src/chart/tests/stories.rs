//! The stories of the cast in the records of their sources.

use serde_json::Value;

use super::super::Chart;
use super::{of, world};
use crate::plan::Source;
use crate::world::CastRole;

#[test]
fn mrs_osei_is_on_j27_waiting_for_a_package_of_care() {
    let stays = of(CastRole::Osei, Source::StHildas, "Encounter");
    let stay = stays.iter().find(|one| one["status"] == "in-progress").unwrap();
    assert_eq!(stay["location"][0]["location"]["display"], "J27, bay A, bed 4");
    assert_eq!(stay["serviceType"]["text"], "Elderly medicine");
    assert!(stay["participant"][0]["individual"]["display"].is_string());
    let culture = of(CastRole::Osei, Source::StHildas, "DiagnosticReport");
    let culture = culture.iter().find(|one| one["code"]["text"] == "Blood culture").unwrap();
    assert_eq!(culture["status"], "preliminary");
    let plans = Value::from(of(CastRole::Osei, Source::AdultSocialCare, "CarePlan")).to_string();
    assert!(plans.contains("Package of care, four calls a day"));
    let person = Chart::of(&world(1), Source::Authority, CastRole::Osei as u32).person;
    assert_eq!((person.given, person.title(), person.age), ("Grace", "Mrs", 84));
}

#[test]
fn mr_pikes_sources_disagree_about_his_penicillin_allergy() {
    let text = |source, kind: &str| Value::from(of(CastRole::Leonard, source, kind)).to_string();
    assert!(text(Source::GpEast, "AllergyIntolerance").contains("Anaphylaxis"));
    let hospital = text(Source::StHildas, "AllergyIntolerance");
    assert!(hospital.contains("No known allergy") && hospital.contains("refuted") && hospital.contains("Codeine"));
    assert!(!hospital.contains("Penicillin"));
    assert!(text(Source::GpEast, "MedicationRequest").contains("Warfarin"));
    assert!(text(Source::GpEast, "Flag").contains("Takes an anticoagulant"));
    let results = of(CastRole::Leonard, Source::StHildas, "Observation");
    let inr = results.iter().find(|one| one["code"]["text"] == "INR").unwrap();
    assert_eq!((inr["valueQuantity"]["value"].as_f64(), inr["status"].as_str()), (Some(2.9), Some("final")));
    assert!(inr["effectiveDateTime"].as_str().unwrap().starts_with("2026-11-21"), "yesterday");
    let visits = of(CastRole::Leonard, Source::StHildas, "Encounter");
    assert!(visits.iter().any(|one| one["status"] == "in-progress" && one["class"]["code"] == "EMER"));
}

#[test]
fn mrs_hallam_has_two_medicine_lists() {
    let list = |source| of(CastRole::Doreen, source, "MedicationRequest");
    let text = |source| Value::from(list(source)).to_string();
    assert!(text(Source::GpEast).contains("Bisoprolol 2.5 mg tablets"));
    assert!(text(Source::StHildas).contains("Bisoprolol 5 mg tablets"));
    let status = |source| {
        let all = list(source);
        let one = all.iter().find(|one| one.to_string().contains("Ramipril")).unwrap();
        (one["status"].as_str().unwrap().to_owned(), one["statusReason"]["text"].as_str().map(str::to_owned))
    };
    let results = of(CastRole::Doreen, Source::StHildas, "DiagnosticReport");
    let genetic =
        results.iter().find(|one| one["code"]["text"].as_str().is_some_and(|text| text.starts_with("Genetic")));
    assert_eq!(genetic.unwrap()["meta"]["security"][0]["code"], "R");
    assert_eq!(status(Source::GpEast), ("active".to_owned(), None));
    assert_eq!(status(Source::StHildas), ("stopped".to_owned(), Some("Acute kidney injury".to_owned())));
}

#[test]
fn the_restricted_person_is_in_hospital_and_the_adopted_child_has_two_records() {
    assert!(of(CastRole::Restricted, Source::StHildas, "Encounter").iter().any(|one| one["status"] == "in-progress"));
    let both = [CastRole::AdoptedBefore, CastRole::AdoptedAfter]
        .map(|part| Chart::of(&world(1), Source::StHildas, part as u32).patient());
    assert_eq!(both[0]["birthDate"], both[1]["birthDate"]);
    let number = |one: &Value| one["identifier"][0]["value"].as_str().unwrap().to_owned();
    assert_ne!(number(&both[0]), number(&both[1]));
}
