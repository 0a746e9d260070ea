//! What a partner's provider may not do: vouch for another organisation, lie, or answer for another provider.

use super::{assert_refused, callback, parameter, platform, signed_in, start_provider, visitor::Visitor};

/// What `tests/identity_provider/lies.mjs` can do to an ID token.
const LIES: [&str; 10] = [
    "another-audience",
    "two-audiences",
    "another-nonce",
    "no-nonce",
    "another-issuer",
    "no-subject",
    "expired",
    "unsigned",
    "public-key-as-secret",
    "another-key",
];

/// An organisation's provider vouches for its own staff, in roles that we know.
#[tokio::test(flavor = "multi_thread")]
async fn a_provider_signs_in_nobody_whom_it_may_not_vouch_for() {
    let platform = platform().await;
    let (_provider, registration) = start_provider(&platform).await;
    for user in ["of-another-organisation", "platform-administrator", "patient"] {
        let mut visitor = Visitor::new(&platform);
        let answer = visitor.sign_in(&registration, user).await;
        assert_eq!(answer.status, 401, "{user}: {}", answer.text());
        assert!(!visitor.has_session(), "{user}");
    }
    // Neither a role that we do not know nor one of two roles is guessed.
    for (user, page) in [("porter", "/access-request"), ("two-roles", "/sign-in/role")] {
        let mut visitor = Visitor::new(&platform);
        let answer = visitor.sign_in(&registration, user).await;
        assert_eq!(answer.header("location"), format!("{}{page}", visitor.origin), "{user}: {}", answer.text());
        assert!(!visitor.has_session(), "{user}");
    }
}

/// Wrong audience, nonce, issuer, time and signature, `alg: none`, and the public key used as a shared secret.
#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_lies_signs_nobody_in() {
    let platform = platform().await;
    let (provider, registration) = start_provider(&platform).await;
    for lie in LIES {
        provider.lie(Some(lie)).await;
        let mut visitor = Visitor::new(&platform);
        let address = visitor.begin(&registration).await;
        let callback = visitor.authenticate(&address, "steward").await;
        assert_refused(&mut visitor, &callback, lie).await;
    }
    provider.lie(None).await;
    signed_in(&platform, &registration, "steward").await;
}

/// The mix-up attack (RFC 9207): the answer of another provider is not taken for the one that was asked.
#[tokio::test(flavor = "multi_thread")]
async fn no_provider_answers_for_another() {
    let platform = platform().await;
    let (honest, asked) = start_provider(&platform).await;
    let (other, others) = start_provider(&platform).await;
    // A code of the other provider, for the same user.
    let mut accomplice = Visitor::new(&platform);
    let address = accomplice.begin(&others).await;
    let code = parameter(&accomplice.authenticate(&address, "steward").await, "code");
    let mut visitor = Visitor::new(&platform);
    let address = visitor.begin(&asked).await;
    let state = parameter(&address, "state");
    let (honest, other) = (honest.issuer.as_str(), other.issuer.as_str());
    for (what, callback) in [
        ("at its own callback", callback(&others.redirect_uri, &code, &state, Some(other))),
        ("at its own callback, under the other name", callback(&others.redirect_uri, &code, &state, Some(honest))),
        ("at the callback of the one that was asked", callback(&asked.redirect_uri, &code, &state, Some(other))),
        ("without a name", callback(&asked.redirect_uri, &code, &state, None)),
        ("under a wrong name", callback(&asked.redirect_uri, &code, &state, Some(honest))),
    ] {
        assert_refused(&mut visitor, &callback, what).await;
    }
    // The sign-in itself was right all the time.
    let callback = visitor.authenticate(&address, "steward").await;
    visitor.get(&callback).await;
    assert!(visitor.has_session(), "the provider that was asked answers");
}
