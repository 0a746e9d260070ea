//! What the platform adds to a sign-in: both of its redirects, less the time of the provider's own token endpoint. Beside it, the
//! check of the token that a user then sends with each request.

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

use lcr_auth::verify_user;
use lcr_model::{Clock, KeySet, ServiceName, SystemClock};
use lcr_tests::{Answer, ProviderUser};

use super::{Hospital, ROUNDS, user};
use crate::{load::median, report::Report};

const STARTER: ProviderUser = user("bench-starter", "Ada Whitley", "ward-nurse");
const SIGN_IN_LIMIT_MS: f64 = 50.0;
const TOKENS_PER_ROUND: u32 = 1_000;
const TOKEN_LIMIT_US: f64 = 50.0;

pub async fn measure(hospital: &Hospital<'_>, form: &str, report: &mut Report) {
    // The first sign-in fetches the provider's metadata and keys.
    sign_in(hospital).await;
    let mut times = vec![];
    for _ in 0..ROUNDS {
        times.push(sign_in(hospital).await);
    }
    let name = format!("sign-in: our own part, {form}");
    report.add(&name, median(times) * 1000.0, "ms", "both redirects without the provider; median of 40; limit: 50 ms");
    report.limit(&name, SIGN_IN_LIMIT_MS);
    let name = format!("token: verified, {form}");
    report.add(&name, median(verify_tokens(hospital).await) * 1e6, "µs", "a user's, Ed25519; limit: 50 µs");
    report.limit(&name, TOKEN_LIMIT_US);
}

/// Signs in by a browser's redirects. Returns the time of the platform's two answers without that of the provider.
async fn sign_in(hospital: &Hospital<'_>) -> Duration {
    let browser = hospital.platform.anonymous();
    let begun = browser.get(&format!("/auth/sign-in?provider={}&return=/home", hospital.provider_name)).await;
    assert_eq!(begun.status, 303, "{}", begun.text());
    let back = hospital.provider.authorise(begun.header("location"), STARTER);
    let browser = browser.with_header("cookie", &cookies(&begun));
    let before = hospital.provider.token_time();
    let ended = browser.get(&back).await;
    let of_provider = hospital.provider.token_time().saturating_sub(before);
    assert!(cookies(&ended).contains("__Host-lcr="), "nobody is signed in: {}", ended.text());
    (begun.took + ended.took).saturating_sub(of_provider)
}

/// The cookies that an answer sets, as a browser sends them back.
fn cookies(answer: &Answer) -> String {
    let lines = answer.headers.get_all("set-cookie").iter().filter_map(|value| value.to_str().ok());
    let pairs = lines.filter(|line| !line.contains("Max-Age=0")).filter_map(|line| line.split(';').next());
    pairs.collect::<Vec<_>>().join("; ")
}

/// The mean time of a check in each round, with a token and the keys of the platform.
async fn verify_tokens(hospital: &Hospital<'_>) -> Vec<Duration> {
    let token = hospital.provider.sign_in(hospital.platform.anonymous(), STARTER).await.token.unwrap();
    let keys = KeySet::of([hospital.platform.keys().of_service(ServiceName::Identity).public().clone()]);
    let now = SystemClock.now();
    let round = |_| {
        let started = Instant::now();
        for _ in 0..TOKENS_PER_ROUND {
            drop(black_box(verify_user(black_box(&token), &keys, now).unwrap()));
        }
        started.elapsed() / TOKENS_PER_ROUND
    };
    (0..ROUNDS).map(round).collect()
}
