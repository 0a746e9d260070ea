//! `lcr token`: signs in to the running demo platform as a persona or client and prints the bearer token alone. It must
//! never make a token itself: it exchanges the demo provider's assertion at the platform's token endpoint.

use std::time::Duration;

use clap::Args;
use lcr_all_in_one::Ports;
use lcr_web::{EgressRules, Outbound, outbound::Request};
use reqwest::{Method, Url, header::HeaderValue};
use serde_json::{Value, json};

#[derive(Debug, Args)]
pub struct Token {
    /// A persona or client of the demo city, such as gp or fhir-client.
    #[arg(long = "as", value_name = "PERSONA OR CLIENT")]
    who: String,
    /// The portal's port.
    #[arg(long, default_value = "8080", value_parser = super::parse_port)]
    port: u16,
}

pub async fn run(token: Token) -> Result<(), String> {
    println!("{}", bearer(&token.who, token.port).await?);
    Ok(())
}

/// Gets a bearer token of the demo platform on `port` for a persona or client.
pub async fn bearer(who: &str, port: u16) -> Result<String, String> {
    let known: Vec<&str> = lcr_demo_idp::personas().iter().map(|persona| persona.name).collect();
    let Some(persona) = lcr_demo_idp::find(who) else {
        return Err(format!("there is no persona or client {}; choose one of {}", who, known.join(", ")));
    };
    let rules = EgressRules { loopback: true, ..EgressRules::default() };
    let outbound = Outbound::new(rules).map_err(|error| error.to_string())?;
    let ports = Ports { gateway: port };
    let endpoint = format!("http://localhost:{}/oauth2/token", ports.gateway);
    let demo = format!("http://127.0.0.1:{}", ports.demo_provider());
    let form = if persona.kind == "client" {
        let ask = json!({ "as": who, "audience": endpoint });
        let proof = post_json(&outbound, &format!("{demo}/demo/client-assertion"), &ask).await?;
        let assertion = text(&proof, "client_assertion")?;
        format!(
            "grant_type=client_credentials&client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer&client_assertion={assertion}"
        )
    } else {
        let proof = post_json(&outbound, &format!("{demo}/demo/assert"), &json!({ "as": who })).await?;
        let id_token = text(&proof, "id_token")?;
        format!("grant_type=urn:ietf:params:oauth:grant-type:token-exchange&subject_token={id_token}")
    };
    let answer = post(&outbound, &endpoint, "application/x-www-form-urlencoded", form).await?;
    text(&answer, "access_token")
}

fn text(answer: &Value, field: &str) -> Result<String, String> {
    let found = answer.get(field).and_then(Value::as_str).map(str::to_owned);
    found.ok_or_else(|| answer.get("detail").and_then(Value::as_str).unwrap_or("the platform gave no token").to_owned())
}

async fn post_json(outbound: &Outbound, url: &str, body: &Value) -> Result<Value, String> {
    post(outbound, url, "application/json", body.to_string()).await
}

async fn post(outbound: &Outbound, url: &str, content_type: &'static str, body: String) -> Result<Value, String> {
    let url = Url::parse(url).map_err(|error| error.to_string())?;
    let mut request =
        Request { method: Method::POST, body: Some(body.into()), ..Outbound::get(url, Duration::from_secs(10)) };
    request.headers.insert("content-type", HeaderValue::from_static(content_type));
    let answer = outbound.send(request).await;
    let answer = answer.map_err(|_| "no demo platform answers on this port; start one with `lcr up`".to_owned())?;
    serde_json::from_slice(&answer.body).map_err(|_| "the answer was not JSON".to_owned())
}
