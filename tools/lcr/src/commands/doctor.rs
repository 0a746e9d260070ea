//! `lcr doctor`: checks each part of a platform on this machine, or of a release in a cluster, and says what to do about
//! failures. It must never change anything.

mod cluster;

use std::time::Duration;

use clap::Args;
use lcr_all_in_one::Ports;
use lcr_web::{EgressRules, Outbound};
use reqwest::Url;
use serde_json::Value;

#[derive(Debug, Args)]
pub struct Doctor {
    /// The portal's port.
    #[arg(long, default_value = "8080", value_parser = super::parse_port)]
    port: u16,
    /// Check the cluster that `kubectl` points at instead.
    #[arg(long)]
    cluster: bool,
    #[arg(long, default_value = "lcr", requires = "cluster")]
    namespace: String,
    /// The Helm release.
    #[arg(long, default_value = "lcr", requires = "cluster")]
    release: String,
}

pub async fn run(doctor: Doctor) -> Result<(), String> {
    if doctor.cluster {
        return cluster::run(&doctor.namespace, &doctor.release).await;
    }
    let ports = Ports { gateway: doctor.port };
    let rules = EgressRules { loopback: true, ..EgressRules::default() };
    let outbound = Outbound::new(rules).map_err(|error| error.to_string())?;
    let parts = [
        ("portal", format!("http://localhost:{}/", ports.gateway), "start the platform with `lcr up`"),
        ("identity", format!("http://127.0.0.1:{}/.well-known/jwks.json", ports.identity()), "restart the platform"),
        ("consent", format!("http://127.0.0.1:{}/openapi.json", ports.consent()), "restart the platform"),
        ("patient-index", format!("http://127.0.0.1:{}/openapi.json", ports.patient_index()), "restart the platform"),
        (
            "record-aggregation",
            format!("http://127.0.0.1:{}/fhir/R4/metadata", ports.record_aggregation()),
            "restart the platform",
        ),
        ("virtual-ward", format!("http://127.0.0.1:{}/openapi.json", ports.virtual_ward()), "restart the platform"),
        (
            "feeds",
            format!("http://127.0.0.1:{}/openapi.json", ports.feeds()),
            "hospitals cannot deliver messages: restart the platform",
        ),
        (
            "audit",
            format!("http://127.0.0.1:{}/openapi.json", ports.audit()),
            "no data is shown while audit is down: restart the platform",
        ),
        ("readiness", format!("http://127.0.0.1:{}/readyz", ports.admin()), "the answer names the missing part"),
        (
            "demo sign-in",
            format!("http://127.0.0.1:{}/.well-known/openid-configuration", ports.demo_provider()),
            "only the demo has it, and nobody can sign in without it",
        ),
    ];
    let (mut failures, total) = (0, parts.len());
    for (name, url, advice) in parts {
        match check(&outbound, &url).await {
            Ok(detail) => println!("ok    {name:<20} {url}{detail}"),
            Err(why) => {
                failures += 1;
                println!("FAIL  {name:<20} {url}\n      {why}: {advice}");
            }
        }
    }
    if failures == 0 { Ok(()) } else { Err(format!("{failures} of {total} parts are not healthy")) }
}

/// The error is the status with the missing parts, or the reason why there is no answer.
async fn check(outbound: &Outbound, url: &str) -> Result<String, String> {
    let url = Url::parse(url).map_err(|error| error.to_string())?;
    let answer = outbound.send(Outbound::get(url, Duration::from_secs(3))).await.map_err(|error| error.to_string())?;
    if answer.status == 200 {
        return Ok(String::new());
    }
    let body = serde_json::from_slice::<Value>(&answer.body).ok();
    let detail =
        body.and_then(|body| body.get("parts").or(body.get("missing")).map(Value::to_string)).unwrap_or_default();
    Err(format!("answered {} {detail}", answer.status))
}
