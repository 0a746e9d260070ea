//! Tests of `egress.rs`.

use super::*;

fn check(rules: &EgressRules, url: &str) -> bool {
    rules.check(&Url::parse(url).unwrap()).is_ok()
}

#[test]
fn a_partner_s_url_must_not_reach_internal_addresses() {
    let rules = EgressRules::default();
    for inside in [
        "https://127.0.0.1/",
        "https://10.0.0.1/",
        "https://169.254.169.254/latest",
        "https://[::1]/",
        "https://[::ffff:10.0.0.1]/",
        "https://[fd00::1]/",
        "https://100.64.0.1/",
        "https://0.0.0.0/",
        "https://[64:ff9b::a00:1]/",
        "https://[64:ff9b:1::a00:1]/",
        "https://[::a00:1]/",
        "https://[2002:a00:1::1]/",
        "https://[2001::1]/",
        "https://[2001:0:53aa:64c:0:fbff:f5ff:fffe]/",
        "https://[fec0::1]/",
        "https://[2001:db8::1]/",
        "https://[3fff::1]/",
        "https://[ff02::1]/",
        "https://[::]/",
        "https://[::ffff:0:a00:1]/",
        "https://198.18.0.1/",
        "https://198.19.255.255/",
        "https://192.0.0.8/",
        "https://192.0.2.1/",
        "https://203.0.113.1/",
        "https://255.255.255.255/",
        "http://example.org/",
        "https://user:pw@example.org/",
        "file:///etc/passwd",
    ] {
        assert!(!check(&rules, inside), "{inside}");
    }
    for outside in
        ["https://fhir.example.org/R4", "https://8.8.8.8/", "https://[2606:4700::1111]/", "https://198.20.0.1/"]
    {
        assert!(check(&rules, outside), "{outside}");
    }
    assert_eq!(RESERVED.len(), NEVER_PUBLIC.len(), "every range reads");
}

#[test]
fn an_allowed_private_range_does_not_allow_embedded_addresses() {
    let rules = EgressRules { allow: vec!["10.0.0.0/8".parse().unwrap()], ..Default::default() };
    assert!(check(&rules, "https://[::ffff:10.0.0.1]/"), "the same address, written as IPv6");
    for carries in ["https://[64:ff9b::a00:1]/", "https://[::a00:1]/", "https://[2002:a00:1::1]/"] {
        assert!(!check(&rules, carries), "{carries}");
    }
}

#[test]
fn a_private_range_is_reached_only_when_allowed() {
    let rules = EgressRules { allow: vec!["10.20.0.0/16".parse().unwrap()], ..Default::default() };
    assert!(check(&rules, "https://10.20.1.1/"));
    assert!(!check(&rules, "https://10.21.1.1/"));
    assert!(!check(&rules, "http://10.20.1.1/"), "never in the clear");
}
