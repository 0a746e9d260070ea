//! Tests of `form_input.rs`.

use std::collections::BTreeSet;

use super::*;

fn values(pairs: &[(&str, &str)]) -> Values {
    Values(pairs.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect())
}

#[test]
fn a_checkbox_that_is_not_ticked_is_missing() {
    let sent = values(&[("gives-medications", "on"), ("receives-results", "on")]);
    assert_eq!(sent.datasets::<BTreeSet<Dataset>>("gives"), BTreeSet::from([Dataset::Medications]));
    assert!(sent.has("receives-results") && !sent.has("receives-medications"));
    let sent = values(&[("tester-user-1", "on"), ("tester-user-2", "on"), ("testers", "user-3")]);
    assert_eq!(sent.ticked_names("tester"), ["user-1", "user-2"]);
}

#[test]
fn sites_and_codes_are_read_line_by_line_and_a_wrong_line_is_named_by_its_number() {
    let sent = values(&[("sites", "RR801 Main site\r\n\r\nRR802  Second site"), ("serves", "b86000, B86001")]);
    let sites = sent.sites("sites").unwrap();
    assert_eq!(sites[1], Site { ods: OdsCode::new("RR802"), name: "Second site".into() });
    let codes: Vec<OdsCode> = sent.ods_codes("serves", "Practices").unwrap();
    assert_eq!(codes, [OdsCode::new("B86000"), OdsCode::new("B86001")]);
    let wrong = values(&[("sites", "RR801 Main\nRR802")]).sites("sites").unwrap_err();
    assert_eq!(wrong, "Line 2 of the sites is not an ODS code and a name.");
    assert!(values(&[("part_of", "x!")]).optional_ods("part_of", "Team").unwrap_err().contains("3 to 12"));
}

#[test]
fn a_problem_never_repeats_what_was_typed() {
    let wrong = values(&[("roles", "Admins org-admin")]).pairs("roles", '=', "the roles").unwrap_err();
    assert_eq!(wrong, "Line 1 of the roles is not two texts with = between them.");
    assert_eq!(values(&[("act", "end"), ("row", "7")]).form_id(), "end-7");
}
