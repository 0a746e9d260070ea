//! Tests of `requirements.rs`.

use super::*;

fn faults_of(page: &str) -> Vec<String> {
    let functions = function_names("async fn it_holds() {}\nfn it_holds_too<T>() {}").collect();
    faults(page, &[("S", 2)], &functions)
}

#[test]
fn a_page_whose_tests_exist_has_no_faults() {
    let page = "| id | demand | verdict | shown by |\n|---|---|---|---|\n\
                | S-01 | a | yes | `crate::suite::it_holds`, `crate::it_holds_too` |\n\
                | S-02 | b | partial: not at night | none |\n";
    assert_eq!(faults_of(page), Vec::<String>::new());
}

#[test]
fn missing_tests_and_missing_requirements_are_reported() {
    let page = "| S-01 | a | yes | `crate::it_held` |\n| S-01 | a | perhaps | none |\n| S-02 | b | yes | none |\n";
    let faults = faults_of(page).join("\n");
    for fault in
        ["S-01: no test crate::it_held", "S-01 has no verdict", "S-02 is `yes`", "S-01 must have exactly one row"]
    {
        assert!(faults.contains(fault), "{faults}");
    }
}
