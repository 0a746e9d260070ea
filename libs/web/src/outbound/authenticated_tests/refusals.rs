//! Tests of refused and missing credentials. They must never go anywhere but to the source.

use super::*;

#[tokio::test]
async fn a_refused_client_is_told_apart_and_asked_for_rarely() {
    let partner = Partner::start().await;
    let (clock, base) = (TestClock::new(), &partner.base);
    partner.answer_tokens_with(400);
    let refused = client(vec![secret(&partner, "s")], &clock, base);
    for _ in 0..3 {
        assert_eq!(status(&refused, base).await, Err(AuthenticatedError::TokenRefused));
    }
    assert_eq!((partner.tokens(), partner.asked()), (1, 0), "the source is never asked without credentials");
    clock.advance(6);
    partner.answer_tokens_with(503);
    let broken = AuthenticatedError::Outbound(OutboundError::Broken);
    assert_eq!(status(&refused, base).await, Err(broken));
    // While the new client is not registered, the older credentials serve.
    partner.answer_tokens_with(401);
    partner.accept_basic("lcr:old");
    let both = client(vec![secret(&partner, "s"), basic("old")], &clock, base);
    assert_eq!(status(&both, base).await, Ok(200));
}

#[tokio::test]
async fn credentials_go_to_the_source_alone() {
    let (partner, other) = (Partner::start().await, Partner::start().await);
    let client = client(vec![basic("s")], &TestClock::new(), &partner.base);
    let refused = Err(AuthenticatedError::Outbound(OutboundError::Refused));
    assert_eq!(status(&client, &other.base).await, refused);
    let outbound = Outbound::new(rules()).unwrap();
    let unlimited = AuthenticatedOutbound::new(outbound, vec![basic("s")], TestClock::new()).unwrap();
    assert_eq!(status(&unlimited, &partner.base).await, refused, "no source is named");
    assert_eq!((partner.asked(), other.asked()), (0, 0));
}

#[tokio::test]
async fn a_token_endpoint_inside_our_network_is_not_called() {
    let partner = Partner::start().await;
    let inside = Credentials::OAuth2Secret {
        token_url: "https://169.254.169.254/token".into(),
        client_id: "lcr".into(),
        client_secret: Phi::new("s".into()),
        scope: None,
    };
    let client = client(vec![inside], &TestClock::new(), &partner.base);
    let refused = Err(AuthenticatedError::Outbound(OutboundError::Refused));
    assert_eq!(status(&client, &partner.base).await, refused);
    assert_eq!(partner.asked(), 0);
}

#[tokio::test]
async fn credentials_that_do_not_open_are_never_left_out() {
    let keys = || DataKeys::parse(&DataKeys::generate_text().unwrap()).unwrap();
    let (ours, others, source) = (keys(), keys(), SourceId::new("gp"));
    let sealed = basic("s").seal(&source, None, &ours, jiff::Timestamp::UNIX_EPOCH).unwrap();
    let system = System {
        id: source,
        name: "GP".into(),
        organisation: OdsCode::new("Z9Q01"),
        base_url: "https://gp.example/fhir".into(),
        kind: "gp".into(),
        authority: false,
        discreet: false,
        datasets: std::collections::BTreeMap::new(),
        rhythm: "real-time".into(),
        default_practice: None,
        suspended: false,
        setup: SystemSetup { credentials: Some(sealed), ..SystemSetup::default() },
        feed: None,
    };
    let open = |keys: &DataKeys| {
        let outbound = Outbound::new(rules()).unwrap();
        AuthenticatedOutbound::for_system(outbound, &system, keys, TestClock::new())
    };
    assert!(open(&ours).unwrap().has_credentials());
    assert_eq!(open(&others).unwrap_err(), AuthenticatedError::UnusableCredentials);
    let outbound = || Outbound::new(rules()).unwrap();
    let certificate = Credentials::MutualTls { certificate: "x".into(), private_key: Phi::new("y".into()) };
    let user = Credentials::Basic { user: "a:b".into(), password: Phi::new("s".into()) };
    for unusable in [certificate, user] {
        let made = AuthenticatedOutbound::new(outbound(), vec![unusable], TestClock::new());
        assert_eq!(made.unwrap_err(), AuthenticatedError::UnusableCredentials);
    }
}
