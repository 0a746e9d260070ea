//! Each profile with a token as its provider makes it, and what is never read from one (S-13, X-18).

#![allow(clippy::unwrap_used, reason = "tests")]

use serde_json::json;

use super::*;

fn roles(pairs: &[(&str, Role)]) -> BTreeMap<String, Role> {
    pairs.iter().map(|(name, role)| ((*name).to_owned(), *role)).collect()
}

fn rules<'a>(
    profile: ClaimProfile,
    roles: &'a BTreeMap<String, Role>,
    organisation: Option<&'a str>,
) -> ClaimRules<'a> {
    let issuer = "https://login.microsoftonline.com/9a1c/v2.0";
    ClaimRules { issuer, profile, roles, organisation, role: None, is_kept_by_operators: false }
}

fn claims(value: Value) -> Claims {
    Claims::new(value).unwrap()
}

fn as_pairs(subject: &Subject) -> Vec<(&str, Role)> {
    subject.candidates.iter().map(|candidate| (candidate.org.as_str(), candidate.role)).collect()
}

#[test]
fn a_plain_token_names_the_organisation_and_the_role_by_our_own_names() {
    let none = BTreeMap::new();
    let token =
        claims(json!({"sub": "1", "name": "Dr A", "org_code": "Y90001", "role": "gp", "sid": "s", "acr": "AAL2"}));
    let subject = read(&rules(ClaimProfile::Plain, &none, None), &token).unwrap();
    assert_eq!(as_pairs(&subject), [("Y90001", Role::Gp)]);
    assert_eq!(
        (subject.sid.as_deref(), subject.acr.as_deref(), subject.name.as_str()),
        (Some("s"), Some("AAL2"), "Dr A")
    );
    let unknown = claims(json!({"sub": "1", "org_code": "Y90001", "role": "wizard"}));
    let subject = read(&rules(ClaimProfile::Plain, &none, None), &unknown).unwrap();
    assert!(subject.candidates.is_empty() && subject.org.as_deref() == Some("Y90001"), "the organisation is known");
    let map = roles(&[("wizard", Role::Pharmacist)]);
    let subject = read(&rules(ClaimProfile::Plain, &map, None), &unknown).unwrap();
    assert_eq!(as_pairs(&subject), [("Y90001", Role::Pharmacist)]);
    let subject = read(&rules(ClaimProfile::Plain, &map, None), &token).unwrap();
    assert!(subject.candidates.is_empty(), "with a map, only the map counts");
    assert!(read(&rules(ClaimProfile::Plain, &none, None), &claims(json!({"role": "gp"}))).is_err());
}

#[test]
fn cis2_offers_each_known_job_role_at_each_organisation() {
    let map = roles(&[("R0260", Role::Gp), ("R8008", Role::Receptionist)]);
    let mut token = json!({
        "sub": "656005750104", "name": "Test User",
        "nhsid_nrbac_roles": [
            {"person_roleid": "1", "org_code": "Y90001", "role_code": "S0010:G0020:R0260",
             "role_name": "\"Clinical\":\"Medical\":\"General Medical Practitioner\""},
            {"person_roleid": "2", "org_code": "Y90002", "role_code": "S0080:G0450:R8008", "role_name": "x"},
            {"person_roleid": "3", "org_code": "X09", "role_code": "S0080:G0450:R5080"},
            {"person_roleid": "4", "role_code": "S0010:G0020:R0260"},
            {"person_roleid": "5", "org_code": "Y90001", "role_code": 7},
            "not an object"
        ]
    });
    let subject = read(&rules(ClaimProfile::Cis2, &map, None), &claims(token.clone())).unwrap();
    assert_eq!(as_pairs(&subject), [("Y90001", Role::Gp), ("Y90002", Role::Receptionist)]);
    assert_eq!(subject.candidates[0].title, "General Medical Practitioner");
    assert_eq!(subject.candidates[0].role_id.as_deref(), Some("1"));
    token["selected_roleid"] = json!("2");
    let subject = read(&rules(ClaimProfile::Cis2, &map, None), &claims(token.clone())).unwrap();
    assert_eq!(as_pairs(&subject), [("Y90002", Role::Receptionist)], "the one that the user chose there");
    token["selected_roleid"] = json!("99");
    assert!(read(&rules(ClaimProfile::Cis2, &map, None), &claims(token)).unwrap().candidates.is_empty());
}

#[test]
fn cis2_takes_the_roles_from_the_user_info_of_the_same_subject() {
    let mut token = claims(json!({"sub": "1", "acr": "AAL3_ANY"}));
    assert_eq!(token.missing(ClaimProfile::Cis2), MissingClaims::All);
    let info = json!({"sub": "1", "acr": "AAL1", "nhsid_nrbac_roles": []});
    token.add_user_info(info).unwrap();
    assert_eq!(token.missing(ClaimProfile::Cis2), MissingClaims::Email);
    assert_eq!(token.text("acr"), Some("AAL3_ANY"), "the signed claim stays");
    assert!(token.add_user_info(json!({"sub": "2", "email": "x"})).is_err());
    assert!(token.add_user_info(json!({"email": "x"})).is_err() && token.text("email").is_none());
    assert!(token.add_user_info(json!([])).is_err());
}

#[test]
fn entra_users_are_of_the_issuers_tenant_and_known_by_their_object_id() {
    let map = roles(&[("lcr-gp", Role::Gp), ("5f1e", Role::WardNurse)]);
    let rules = rules(ClaimProfile::EntraId, &map, Some("Y90001"));
    let token = |tenant: &str| {
        claims(json!({"sub": "pairwise", "oid": "o-1", "tid": tenant, "upn": "a@b.nhs.uk",
            "preferred_username": "chosen@b.nhs.uk", "roles": ["lcr-gp", "lcr-unknown"], "groups": ["5f1e", "77aa"]}))
    };
    let subject = read(&rules, &token("9a1c")).unwrap();
    assert_eq!((subject.subject.as_str(), subject.user_name.as_deref()), ("o-1", Some("a@b.nhs.uk")));
    assert_eq!(as_pairs(&subject), [("Y90001", Role::Gp), ("Y90001", Role::WardNurse)]);
    assert!(read(&rules, &token("another")).is_err());
    assert!(read(&rules, &claims(json!({"sub": "1", "oid": "o-1"}))).is_err());
    assert_eq!(entra_tenant("https://login.microsoftonline.com/common/v2.0"), None);
    assert_eq!(entra_tenant("https://login.microsoftonline.com"), None);
}

#[test]
fn keycloak_groups_and_realm_roles_are_mapped_and_the_rest_is_skipped() {
    let map = roles(&[("gp", Role::Gp), ("clinical/nurses", Role::CommunityNurse)]);
    let rules = rules(ClaimProfile::Keycloak, &map, Some("Y90001"));
    let token = json!({"sub": "1", "realm_access": {"roles": ["offline_access", "gp"]},
        "groups": ["/clinical/nurses", "/gp"], "org_code": "Y99999", "role": "platform-admin"});
    let subject = read(&rules, &claims(token)).unwrap();
    assert_eq!(as_pairs(&subject), [("Y90001", Role::Gp), ("Y90001", Role::CommunityNurse)]);
    let subject = read(&rules, &claims(json!({"sub": "1", "realm_access": "gp", "groups": [7]}))).unwrap();
    assert!(subject.candidates.is_empty() && subject.org.as_deref() == Some("Y90001"));
}

#[test]
fn only_full_proof_makes_a_patient_of_nhs_login() {
    let none = BTreeMap::new();
    let rules = rules(ClaimProfile::NhsLogin, &none, None);
    let token = |level: &str| {
        let mut token = claims(json!({"sub": "1"}));
        let info = json!({"sub": "1", "identity_proofing_level": level, "nhs_number": "9434765919",
            "birthdate": "1950-02-01", "family_name": "Bell", "given_name": "Ann"});
        token.add_user_info(info).unwrap();
        token
    };
    let subject = read(&rules, &token("P9")).unwrap();
    assert_eq!(as_pairs(&subject), [("", Role::Patient)]);
    assert_eq!(subject.name, "Ann Bell");
    for level in ["P5", "P0", "p9", ""] {
        assert!(read(&rules, &token(level)).unwrap().candidates.is_empty(), "{level}");
        assert!(verified_patient(&token(level)).is_none(), "{level}");
    }
    let mut weak = claims(json!({"sub": "1", "identity_proofing_level": "P5"}));
    weak.add_user_info(json!({"sub": "1", "identity_proofing_level": "P9"})).unwrap();
    assert!(verified_patient(&weak).is_none(), "the signed level counts");
}

#[test]
fn an_address_that_nobody_verified_is_no_user_name() {
    let none = BTreeMap::new();
    let user_name = |verified: Value| {
        let token = claims(json!({"sub": "1", "email": "a@b.nhs.uk", "email_verified": verified}));
        read(&rules(ClaimProfile::Plain, &none, None), &token).unwrap().user_name
    };
    assert_eq!(user_name(json!(true)).as_deref(), Some("a@b.nhs.uk"));
    assert!(
        user_name(json!(false)).is_none() && user_name(json!("true")).is_none() && user_name(Value::Null).is_none()
    );
}

#[test]
fn an_address_that_only_the_user_info_has_is_read_with_its_own_check() {
    let none = BTreeMap::new();
    let user_name = |token: Value, info: Value| {
        let mut token = claims(token);
        token.add_email(&info).unwrap();
        read(&rules(ClaimProfile::Keycloak, &none, Some("Y90001")), &token).unwrap().user_name
    };
    let info = |verified: bool| json!({"sub": "1", "email": "a@b.nhs.uk", "email_verified": verified, "role": "gp"});
    assert_eq!(user_name(json!({"sub": "1"}), info(true)).as_deref(), Some("a@b.nhs.uk"));
    assert_eq!(user_name(json!({"sub": "1", "email_verified": true}), info(false)), None);
    let unsaid = json!({"sub": "1", "email": "a@b.nhs.uk"});
    assert_eq!(user_name(json!({"sub": "1", "email_verified": true}), unsaid), None, "of another address");
    let signed = json!({"sub": "1", "email": "c@b.nhs.uk", "email_verified": true});
    assert_eq!(user_name(signed, info(true)).as_deref(), Some("c@b.nhs.uk"), "the signed address stays");
    let mut token = claims(json!({"sub": "1"}));
    assert!(token.add_email(&json!({"sub": "2", "email": "x"})).is_err() && token.add_email(&json!([])).is_err());
    token.add_email(&info(true)).unwrap();
    assert!(token.text("role").is_none(), "nothing else is taken");
}

#[test]
fn the_check_of_one_address_never_counts_for_another() {
    let none = BTreeMap::new();
    let mut token = claims(json!({"sub": "1", "email": "a@b.nhs.uk"}));
    let info = json!({"sub": "1", "email": "c@b.nhs.uk", "email_verified": true, "nhsid_nrbac_roles": []});
    token.add_user_info(info).unwrap();
    let subject = read(&rules(ClaimProfile::Cis2, &none, None), &token).unwrap();
    assert_eq!((token.text("email"), subject.user_name), (Some("a@b.nhs.uk"), None));
}

#[test]
fn a_name_that_somebody_chose_never_counts_beside_their_verified_address() {
    let none = BTreeMap::new();
    let name = |verified: bool, is_kept_by_operators| {
        let rules = ClaimRules { is_kept_by_operators, ..rules(ClaimProfile::Plain, &none, Some("Y90001")) };
        let token = json!({"sub": "1", "email": "a@b.nhs.uk", "email_verified": verified, "preferred_username": "boss@b.nhs.uk"});
        read(&rules, &claims(token)).unwrap().user_name
    };
    assert_eq!(name(true, true).as_deref(), Some("a@b.nhs.uk"));
    assert_eq!(name(true, false).as_deref(), Some("a@b.nhs.uk"));
    assert_eq!(name(false, false), None, "an organisation's own provider");
}

#[test]
fn the_user_info_is_asked_for_what_the_token_lacks() {
    for (profile, expected) in [
        (ClaimProfile::Plain, MissingClaims::Email),
        (ClaimProfile::Keycloak, MissingClaims::Email),
        (ClaimProfile::EntraId, MissingClaims::Nothing),
        (ClaimProfile::NhsLogin, MissingClaims::All),
    ] {
        assert_eq!(claims(json!({"sub": "1"})).missing(profile), expected, "{profile:?}");
    }
    let whole = claims(json!({"sub": "1", "email": "a@b.nhs.uk"}));
    assert_eq!(whole.missing(ClaimProfile::Plain), MissingClaims::Nothing);
}

#[test]
fn a_user_name_that_the_user_chose_finds_nobody_in_the_directory() {
    let none = BTreeMap::new();
    let token = claims(json!({"sub": "1", "oid": "o-1", "tid": "9a1c", "preferred_username": "boss@b.nhs.uk"}));
    let user_name = |profile, is_kept_by_operators| {
        let rules = ClaimRules { is_kept_by_operators, ..rules(profile, &none, Some("Y90001")) };
        read(&rules, &token).unwrap().user_name
    };
    for profile in [ClaimProfile::EntraId, ClaimProfile::Keycloak, ClaimProfile::Cis2] {
        assert_eq!((user_name(profile, false), user_name(profile, true)), (None, None));
    }
    assert_eq!(user_name(ClaimProfile::Plain, false), None, "an organisation's own provider");
    assert_eq!(
        user_name(ClaimProfile::Plain, true).as_deref(),
        Some("boss@b.nhs.uk"),
        "the operators know the provider"
    );
}

proptest::proptest! {
    /// Whatever a provider writes into its roles, a candidate has a role of the map.
    #[test]
    fn a_role_outside_the_map_never_comes_out(names in proptest::collection::vec("[a-z:R0-9/]{0,8}", 0..8)) {
        let map = roles(&[("gp", Role::Gp), ("R0260", Role::Consultant)]);
        let nrbac: Vec<Value> = names.iter().map(|name| json!({"org_code": "Y90001", "role_code": name})).collect();
        let token = claims(json!({"sub": "1", "oid": "1", "tid": "9a1c", "org_code": "Y90001", "role": names,
            "roles": names, "groups": names, "realm_access": {"roles": names}, "nhsid_nrbac_roles": nrbac}));
        for profile in [ClaimProfile::Plain, ClaimProfile::Cis2, ClaimProfile::EntraId, ClaimProfile::Keycloak] {
            let subject = read(&rules(profile, &map, Some("Y90001")), &token).unwrap();
            let known = |candidate: &Candidate| [Role::Gp, Role::Consultant].contains(&candidate.role);
            proptest::prop_assert!(subject.candidates.iter().all(known));
        }
    }
}
