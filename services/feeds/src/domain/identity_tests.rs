//! Who a PID is about, by every way in which senders say so, and which of several names and addresses counts.

use lcr_contracts::spell::Told;

use crate::domain::{
    PatientTold,
    testing::{mapped, people},
};

fn told(pid: &str) -> PatientTold {
    people(mapped("ADT^A28", &[pid])).remove(0)
}

fn set(text: &str) -> Told<String> {
    Told::Set(text.to_owned())
}

#[test]
fn the_nhs_number_is_read_however_its_authority_is_named() {
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
        let told = told(&format!("PID|1||{ids}||Ashdown"));
        assert_eq!(told.identity.local_id.0, "4711", "{ids}");
        assert_eq!(told.nhs_number, if known { set("9990000018") } else { Told::Unchanged }, "{ids}");
    }
}

#[test]
fn the_nhs_number_may_stand_in_the_older_fields() {
    for pid in ["PID|1|9990000018^^^NHS|4711^^^Z9H01", "PID|1||4711^^^Z9H01|9990000018^^^NHS"] {
        assert_eq!(told(pid).nhs_number, set("9990000018"), "{pid}");
    }
    assert_eq!(told("PID|1|||4711").identity.local_id.0, "4711");
}

#[test]
fn whether_the_number_was_verified_is_kept() {
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
        assert_eq!(told(&pid).verified, verified, "{number} {reliability}");
    }
    let before = told("PID|1||4711^^^Z9H01^MR~9990000018^NSTS01^^NHS||Ashdown").over(None);
    assert!(before.nhs_number_verified);
    let same = told("PID|1||4711^^^Z9H01^MR~9990000018^^^NHS||Ashdown").over(Some(before.clone()));
    assert!(same.nhs_number_verified, "nothing new was said of it");
    let other = told("PID|1||4711^^^Z9H01^MR~9990000026^^^NHS||Ashdown").over(Some(before));
    assert!(!other.nhs_number_verified, "that one number was verified says nothing of another");
}

#[test]
fn the_name_in_force_counts_and_a_former_one_never() {
    let cases = [
        ("Ashdown^Ottilie^^^Mrs^^L", "Ashdown", Some("Ottilie")),
        ("Bell^Ottilie^^^^^M~Ashdown^Ottilie^^^^^L", "Ashdown", Some("Ottilie")),
        ("Ash^Tilly^^^^^N~Ashdown^Ottilie^^^^^L", "Ashdown", Some("Ottilie")),
        (
            "Bell^Ottilie^^^^^L^^^20000101&20200101~Ashdown^Ottilie^^^^^L^^^20200102",
            "Ashdown",
            Some("Ottilie"),
        ),
        ("Bell^Ottilie^^^^^L^^^^^20000101^20200101~Ashdown^Ottilie^^^^^L", "Ashdown", Some("Ottilie")),
        ("Later^Ottilie^^^^^L^^^20300101~Ashdown^Ottilie^^^^^L", "Ashdown", Some("Ottilie")),
        ("Ashdown^Baby^^^^^B", "Ashdown", Some("Baby")),
        ("ASHDOWN, Ottilie", "ASHDOWN", Some("Ottilie")),
        ("^^^^^^^^Ottilie Ashdown", "Ottilie Ashdown", Some("")),
        ("Ashdown", "Ashdown", None),
    ];
    for (names, family, given) in cases {
        let told = told(&format!("PID|1||4711||{names}"));
        assert_eq!(told.family, set(family), "{names}");
        let given =
            given.map_or(Told::Unchanged, |given| if given.is_empty() { Told::Deleted } else { set(given) });
        assert_eq!(told.given, given, "{names}");
    }
    for former in ["Bell^Ottilie^^^^^M", "Bell^Ottilie^^^^^NOUSE", "Bell^Ottilie^^^^^L^^^20000101&20200101"] {
        assert_eq!(told(&format!("PID|1||4711||{former}")).family, Told::Unchanged, "{former}");
    }
    assert_eq!(told("PID|1||4711||\"\"").family, Told::Deleted);
}

#[test]
fn the_address_in_force_counts_and_a_bad_one_never() {
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
        let told = told(&format!("PID|1||4711||Ashdown||||||{addresses}"));
        assert_eq!(
            (told.address, told.postcode),
            (set("12 Millrace Lane, Leeds"), set("LS1 4ZZ")),
            "{addresses}"
        );
    }
    let bad = told("PID|1||4711||Ashdown||||||1 Old Road^^York^^YO1 1AA^^BA");
    assert_eq!((bad.address, bad.postcode), (Told::Unchanged, Told::Unchanged));
}
