//! Tests of patient identification, and of the choice among several names and addresses.

use lcr_contracts::spell::FieldUpdate;

use crate::domain::{
    PatientUpdate,
    testing::{mapped, people},
};

fn update(pid: &str) -> PatientUpdate {
    people(mapped("ADT^A28", &[pid])).remove(0)
}

fn set(text: &str) -> FieldUpdate<String> {
    FieldUpdate::Set(text.to_owned())
}

#[test]
fn the_nhs_number_is_recognised_by_every_authority_name() {
    let cases = [
        ("4711^^^Z9H01^MR~9990000018^^^NHS^NH", true),
        ("4711^^^Z9H01^MR~9990000018^^^NHS", true),
        ("4711^^^Z9H01^MR~9990000018^^^^NH", true),
        ("4711^^^Z9H01^MR~999 000 0018^^^NHS^NH", true),
        ("4711^^^Z9H01^MR~999-000-0018^^^NHS^NH", true),
        ("4711^^^Z9H01^MR~9990000018^^^&2.16.840.1.113883.2.1.4.1&ISO", true),
        ("4711^^^Z9H01^MR~9990000018^^^PDS&2.16.840.1.113883.2.1.4.1&ISO", true),
        ("4711^^^Z9H01^MR~9990000018^^^2.16.840.1.113883.2.1.4.1", true),
        ("4711^^^Z9H01^MR~9990000018^^^https://fhir.nhs.uk/Id/nhs-number", true),
        ("4711^^^Z9H01^MR~9990000018^^^NHS Number", true),
        ("4711^^^Z9H01^MR~9990000018^^^&2.16.840.1.113883.2.1.3.2.4.18.23&ISO", true),
        ("4711^^^Z9H01^MR~9990000018^^^Z9H01^PI", false),
        ("4711^^^Z9H01^MR~9990000019^^^NHS^NH", false),
        ("4711^^^Z9H01^MR~9990000018^^^NHS^NH~9990000026^^^NHS^NH", false),
        ("4711^^^Z9H01^MR~9990000018^^^NHS^NH^^20260101~9990000026^^^NHS^NH^^^20260101", true),
        ("4711^^^Z9H01^MR~9990000018^^^NHS^NH~9990000018^^^^NH", true),
    ];
    for (ids, known) in cases {
        let update = update(&format!("PID|1||{ids}||Ashdown"));
        assert_eq!(update.identity.local_id.0, "4711", "{ids}");
        assert_eq!(update.nhs_number, if known { set("9990000018") } else { FieldUpdate::Unchanged }, "{ids}");
    }
}

#[test]
fn the_nhs_number_is_also_read_from_the_older_fields() {
    for pid in ["PID|1|9990000018^^^NHS|4711^^^Z9H01", "PID|1||4711^^^Z9H01|9990000018^^^NHS"] {
        assert_eq!(update(pid).nhs_number, set("9990000018"), "{pid}");
    }
    assert_eq!(update("PID|1|||4711").identity.local_id.0, "4711");
}

#[test]
fn the_verification_of_the_number_is_stored() {
    let cases = [
        ("9990000018^^^NHS^NH", "", None),
        ("9990000018^^^NHS^NH", "NSTS01", Some(true)),
        ("9990000018^^^NHS^NH", "01", Some(true)),
        ("9990000018^^^NHS^NH", "NSTS03", Some(false)),
        ("9990000018^^^NHS^NH", "UA", None),
        ("9990000018^NSTS01^^NHS^NH", "", Some(true)),
        ("9990000018^NSTS02^^NHS^NH", "NSTS01", Some(false)),
        ("9990000018^^^&2.16.840.1.113883.2.1.3.2.4.18.23&ISO", "", Some(false)),
    ];
    for (number, reliability, verified) in cases {
        let pid = format!("PID|1||4711^^^Z9H01^MR~{number}||Ashdown{}{reliability}", "|".repeat(27));
        assert_eq!(update(&pid).verified, verified, "{number} {reliability}");
    }
    let before = update("PID|1||4711^^^Z9H01^MR~9990000018^NSTS01^^NHS||Ashdown").apply_to(None);
    assert!(before.nhs_number_verified);
    let same = update("PID|1||4711^^^Z9H01^MR~9990000018^^^NHS||Ashdown").apply_to(Some(before.clone()));
    assert!(same.nhs_number_verified, "the message does not change the verification");
    let other = update("PID|1||4711^^^Z9H01^MR~9990000026^^^NHS||Ashdown").apply_to(Some(before));
    assert!(!other.nhs_number_verified, "that one number was verified says nothing of another");
}

#[test]
fn the_current_name_counts_and_a_former_one_never() {
    let cases = [
        ("Ashdown^Ottilie^^^Mrs^^L", "Ashdown", Some("Ottilie")),
        ("Bell^Ottilie^^^^^M~Ashdown^Ottilie^^^^^L", "Ashdown", Some("Ottilie")),
        ("Ash^Tilly^^^^^N~Ashdown^Ottilie^^^^^L", "Ashdown", Some("Ottilie")),
        ("Bell^Ottilie^^^^^L^^^20000101&20200101~Ashdown^Ottilie^^^^^L^^^20200102", "Ashdown", Some("Ottilie")),
        ("Bell^Ottilie^^^^^L^^^^^20000101^20200101~Ashdown^Ottilie^^^^^L", "Ashdown", Some("Ottilie")),
        ("Later^Ottilie^^^^^L^^^20300101~Ashdown^Ottilie^^^^^L", "Ashdown", Some("Ottilie")),
        ("Ashdown^Baby^^^^^B", "Ashdown", Some("Baby")),
        ("ASHDOWN, Ottilie", "ASHDOWN", Some("Ottilie")),
        ("^^^^^^^^Ottilie Ashdown", "Ottilie Ashdown", Some("")),
        ("Ashdown", "Ashdown", None),
    ];
    for (names, family, given) in cases {
        let update = update(&format!("PID|1||4711||{names}"));
        assert_eq!(update.family, set(family), "{names}");
        let given = given
            .map_or(FieldUpdate::Unchanged, |given| if given.is_empty() { FieldUpdate::Deleted } else { set(given) });
        assert_eq!(update.given, given, "{names}");
    }
    for former in ["Bell^Ottilie^^^^^M", "Bell^Ottilie^^^^^NOUSE", "Bell^Ottilie^^^^^L^^^20000101&20200101"] {
        assert_eq!(update(&format!("PID|1||4711||{former}")).family, FieldUpdate::Unchanged, "{former}");
    }
    assert_eq!(update("PID|1||4711||\"\"").family, FieldUpdate::Deleted);
}

#[test]
fn the_current_address_counts_and_a_bad_one_never() {
    let home = "12 Millrace Lane^^Leeds^^LS1 4ZZ";
    let cases = [
        format!("{home}^^H"),
        format!("1 Old Road^^York^^YO1 1AA^^BA~{home}^^H"),
        format!("1 Old Road^^York^^YO1 1AA^^C~{home}^^H"),
        format!("1 Old Road^^York^^YO1 1AA^^H^^^^^20000101&20200101~{home}^^H"),
        format!("1 Old Road^^York^^YO1 1AA^^H^^^^^^20000101^20200101~{home}"),
        format!("1 Works^^York^^YO1 1AA^^B~{home}^^C"),
        "&Millrace Lane&12^^Leeds^^LS1 4ZZ".to_owned(),
    ];
    for addresses in cases {
        let update = update(&format!("PID|1||4711||Ashdown||||||{addresses}"));
        assert_eq!((update.address, update.postcode), (set("12 Millrace Lane, Leeds"), set("LS1 4ZZ")), "{addresses}");
    }
    let bad = update("PID|1||4711||Ashdown||||||1 Old Road^^York^^YO1 1AA^^BA");
    assert_eq!((bad.address, bad.postcode), (FieldUpdate::Unchanged, FieldUpdate::Unchanged));
}
