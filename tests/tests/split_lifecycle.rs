//! The lifecycle of services in processes of their own: they start in any order, name the missing parts until they are
//! ready, refuse wrong settings by name, and stop in time without a failed request.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

#[path = "split_lifecycle/settings.rs"]
mod settings;

use std::{
    process::{Command, Output},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use lcr_model::{ServiceName, SigningKey, seal::DataKeys};
use lcr_runtime::process::command::STOP_TIMEOUT;
use lcr_testkit::eventually_ok;
use lcr_tests::{
    Options, Platform,
    split::{SERVICES, program_path},
};
use settings::CONSENT;

async fn platform_without_city() -> Platform {
    let platform = Platform::start(Options { city: false, ..Options::default() }).await;
    platform.split().wait_until_consumed().await;
    platform
}

/// Runs a command of a service's program with these settings only.
fn run(service: ServiceName, arguments: &str, settings: &[(&str, &str)]) -> Output {
    let mut command = Command::new(program_path(service.as_str()));
    command.env_clear().envs(settings.iter().copied()).args(arguments.split_whitespace()).output().unwrap()
}

fn output_text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// Audit prints its verifier key. A signing key that is not among the public keys is refused before it is used.
#[test]
fn audit_prints_its_verifier_key_and_a_service_refuses_an_unpublished_signing_key() {
    let named = [CONSENT.as_slice(), &[("LCR_LOG", "info")]].concat();
    let audit: Vec<_> = named.into_iter().filter(|(name, _)| *name != "LCR_AUDIT_URL").collect();
    let key = run(ServiceName::Audit, "log-key", &audit);
    assert!(key.status.success(), "{}", output_text(&key));
    assert!(String::from_utf8_lossy(&key.stdout).starts_with("leedscarerecord.example/audit+"));
    let (own, other) = (SigningKey::generate().unwrap(), SigningKey::generate().unwrap());
    let written = |key: &SigningKey| format!("{}:{}", key.kid(), URL_SAFE_NO_PAD.encode(key.seed()));
    let data = DataKeys::generate_text().unwrap();
    for (key, taken) in [(&own, true), (&other, false)] {
        let (secret, public) = (written(key), own.public());
        let known = format!("{{ consent = [\"{}:{}\"] }}", public.kid, public.x);
        let mut settings: Vec<_> = CONSENT.iter().copied().filter(|(name, _)| *name != "LCR_TRIAL_KEY").collect();
        settings.extend([
            ("LCR_SIGNING_KEY", secret.as_str()),
            ("LCR_PUBLIC_KEYS", known.as_str()),
            ("LCR_DATA_KEY", data.as_str()),
        ]);
        let checked = run(ServiceName::Consent, "check-config", &settings);
        assert_eq!(checked.status.success(), taken, "{}", output_text(&checked));
        assert!(taken || output_text(&checked).contains("`signing_key` is none of `public_keys.consent`"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn services_start_in_any_order_and_name_the_missing_part() {
    let platform = platform_without_city().await;
    let split = platform.split();
    for service in SERVICES {
        split.kill(service, 0);
    }
    split.postgres.kill();
    split.nats.kill();
    split.redis.kill();
    for service in SERVICES.into_iter().rev() {
        split.start_replica(service, 0);
    }
    eventually_ok(Duration::from_secs(10), "the lost connection is reported", async || {
        let (status, words) = split.readiness(ServiceName::Consent, 0).await;
        assert_ne!(status, 200);
        if words.contains("store: no connection") { Ok(()) } else { Err(words) }
    })
    .await;
    let alive = reqwest::Url::parse(&format!("http://127.0.0.1:{}/livez", split.admin_port(ServiceName::Consent, 0)));
    let check = run(ServiceName::Audit, &format!("check {}", alive.unwrap()), &[]);
    assert!(check.status.success(), "alive without its servers: {}", output_text(&check));
    split.postgres.restart();
    split.nats.restart();
    split.redis.restart();
    let started = Instant::now();
    split.wait_until_ready().await;
    assert!(started.elapsed() < Duration::from_secs(10), "ready after {:?}", started.elapsed());
    assert_eq!(platform.actor("gp").await.get("/api/identity/v1/sessions").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_service_finishes_running_requests_and_stops_in_time() {
    let platform = platform_without_city().await;
    let split = platform.split();
    let gp = platform.actor("gp").await;
    // An open stream must not delay the gateway's stop.
    let _open = gp.stream("/api/virtual-ward/v1/stream?practice=Y90001").await;
    let stop = Arc::new(AtomicBool::new(false));
    let asks = tokio::spawn({
        let (gp, stop) = (gp.clone(), stop.clone());
        async move {
            let mut answered = vec![];
            while !stop.load(Ordering::Relaxed) {
                match gp.try_get("/api/identity/v1/sessions").await {
                    Some(answer) => answered.push(answer.status),
                    None => break,
                }
            }
            answered
        }
    });
    tokio::time::sleep(Duration::from_millis(300)).await;
    for service in SERVICES.into_iter().rev() {
        let (took, ended) = split.terminate(service, 0);
        // Twice its own limit, for a busy machine.
        assert!(took < 2 * STOP_TIMEOUT, "{service} took {took:?}");
        assert_eq!(ended.code(), Some(0), "{service}");
        if service == ServiceName::Gateway {
            stop.store(true, Ordering::Relaxed);
        }
    }
    let answered = asks.await.unwrap();
    assert!(answered.len() > 10, "{} were answered", answered.len());
    assert!(answered.iter().all(|status| *status == 200), "none failed while it was stopping: {answered:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_without_migrations_is_named_and_two_migrations_at_once_succeed() {
    let platform = platform_without_city().await;
    let split = platform.split();
    split.kill(ServiceName::Consent, 0);
    split.postgres.sql_in(&split.database_url(), "DROP SCHEMA consent CASCADE");
    split.start_replica(ServiceName::Consent, 0);
    tokio::time::sleep(Duration::from_secs(1)).await;
    let (status, words) = split.readiness(ServiceName::Consent, 0).await;
    assert_eq!(status, 503);
    assert!(words.contains("run `consent migrate` first"), "{words}");
    let twice = [(); 2].map(|()| split.spawn_migrate(ServiceName::Consent));
    for mut one in twice {
        assert!(one.wait().unwrap().success());
    }
    split.wait_until_replica_ready(ServiceName::Consent, 0).await;
}
