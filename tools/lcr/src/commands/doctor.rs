//! `lcr doctor`: asks each part of a platform on this machine, or of one in a cluster, how it is, and says what to do.

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
    #[arg(long, default_value = "8080", value_parser = super::port)]
    port: u16,
    /// Ask the cluster that `kubectl` points at instead.
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
        (
            "identity",
            format!("http://127.0.0.1:{}/.well-known/jwks.json", ports.identity()),
            "restart the platform",
        ),
        ("consent", format!("http://127.0.0.1:{}/openapi.json", ports.consent()), "restart the platform"),
        (
            "patient-index",
            format!("http://127.0.0.1:{}/openapi.json", ports.patient_index()),
            "restart the platform",
        ),
        (
            "record-aggregation",
            format!("http://127.0.0.1:{}/fhir/R4/metadata", ports.record_aggregation()),
            "restart the platform",
        ),
        (
            "virtual-ward",
            format!("http://127.0.0.1:{}/openapi.json", ports.virtual_ward()),
            "restart the platform",
        ),
        (
            "feeds",
            format!("http://127.0.0.1:{}/openapi.json", ports.feeds()),
            "hospitals' messages wait with them: restart the platform",
        ),
        (
            "audit",
            format!("http://127.0.0.1:{}/openapi.json", ports.audit()),
            "nobody sees data while it is away: restart the platform",
        ),
        (
            "readiness",
            format!("http://127.0.0.1:{}/readyz", ports.admin()),
            "the answer names what is missing",
        ),
        (
            "demo sign-in",
            format!("http://127.0.0.1:{}/.well-known/openid-configuration", ports.demo_provider()),
            "only the demo has it; without it nobody can sign in here",
        ),
    ];
    let (mut ill, of) = (0, parts.len());
    for (name, url, advice) in parts {
        match ask(&outbound, &url).await {
            Ok(detail) => println!("ok    {name:<20} {url}{detail}"),
            Err(why) => {
                ill += 1;
                println!("FAIL  {name:<20} {url}\n      {why}: {advice}");
            }
        }
    }
    if ill == 0 { Ok(()) } else { Err(format!("{ill} of {of} parts are not well")) }
}

async fn ask(outbound: &Outbound, url: &str) -> Result<String, String> {
    let url = Url::parse(url).map_err(|error| error.to_string())?;
    let answer =
        outbound.send(Outbound::get(url, Duration::from_secs(3))).await.map_err(|error| error.to_string())?;
    if answer.status == 200 {
        return Ok(String::new());
    }
    let told = serde_json::from_slice::<Value>(&answer.body).ok();
    let told = told
        .and_then(|body| body.get("parts").or(body.get("missing")).map(Value::to_string))
        .unwrap_or_default();
    Err(format!("answered {} {told}", answer.status))
}
