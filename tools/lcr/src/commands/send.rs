//! `lcr send`: sends files to a running platform as a partner's system would: HL7 v2 over MLLP, FHIR Bundles over HTTP.
//! It prints one line for each message and must never print the content of one.

use std::{fs, net::SocketAddr, path::PathBuf, time::Duration};

use clap::Args;
use lcr_all_in_one::Ports;
use lcr_hl7::{Client, ClientError, Message};
use lcr_web::{EgressRules, Outbound, outbound::Request};
use reqwest::{
    Method, Url,
    header::{HeaderMap, HeaderValue},
};
use serde_json::Value;

/// The time limit for one message and its answer.
const DEADLINE: Duration = Duration::from_secs(30);

#[derive(Debug, Args)]
pub struct SendArgs {
    /// HL7 v2 (one message, many, or a batch; any line ends) or FHIR Bundles in JSON.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The receiver of HL7 v2; the running demo platform's MLLP port by default.
    #[arg(long, value_name = "HOST:PORT")]
    to: Option<String>,
    /// The portal's port, to which Bundles are sent.
    #[arg(long, default_value = "8080", value_parser = super::parse_port)]
    port: u16,
}

/// The answer to one message.
struct Answer {
    control_id: String,
    code: String,
    text: String,
}

/// Prints one line for each message. Every message that got an answer counts as sent, whatever the answer.
pub async fn run(send: SendArgs) -> Result<(), String> {
    let mut mllp = Mllp { to: resolve_address(&send).await?, open: None };
    let mut http = GatewayClient::new(send.port)?;
    let mut failed = 0;
    for file in &send.files {
        let name = file.display();
        let bytes = match fs::read(file) {
            Ok(bytes) => bytes,
            Err(error) => {
                eprintln!("{name}: {error}");
                failed += 1;
                continue;
            }
        };
        let is_json = bytes.trim_ascii_start().starts_with(b"{");
        let mut messages = if is_json { vec![bytes.as_slice()] } else { lcr_hl7::split_messages(&bytes) };
        if bytes.trim_ascii().is_empty() {
            eprintln!("{name}: the file is empty");
            failed += 1;
        } else if messages.is_empty() {
            // The file does not look like HL7 v2; the platform decides about it.
            messages.push(&bytes);
        }
        for message in messages {
            match if is_json { http.send(message).await } else { mllp.send(message).await } {
                Ok(Answer { control_id, code, text }) => println!("{name}\t{control_id}\t{code}\t{text}"),
                Err(error) => {
                    eprintln!("{name}: {error}");
                    failed += 1;
                }
            }
        }
    }
    if failed == 0 { Ok(()) } else { Err(format!("{failed} could not be sent")) }
}

async fn resolve_address(send: &SendArgs) -> Result<SocketAddr, String> {
    let Some(to) = &send.to else {
        return Ok(SocketAddr::from(([127, 0, 0, 1], Ports { gateway: send.port }.mllp())));
    };
    let mut found = tokio::net::lookup_host(to).await.map_err(|_| format!("{to} is not a known HOST:PORT"))?;
    found.next().ok_or_else(|| format!("{to} has no address"))
}

/// `text` without control characters, or `-` if nothing remains, as one field of an output line.
fn single_line(text: &str) -> String {
    let flat: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    if flat.trim().is_empty() { "-".to_owned() } else { flat.trim().to_owned() }
}

/// One connection, opened on first use and again after an error.
struct Mllp {
    to: SocketAddr,
    open: Option<Client>,
}

impl Mllp {
    async fn send(&mut self, message: &[u8]) -> Result<Answer, String> {
        let mut client = match self.open.take() {
            Some(client) => client,
            None => Client::connect(self.to, DEADLINE).await.map_err(|error| self.unavailable(&error))?,
        };
        // The bytes that begin and end a frame cannot be inside one.
        let framable: Vec<u8> = message.iter().copied().filter(|byte| !matches!(byte, 0x0B | 0x1C)).collect();
        let answer = client.send(&framable, DEADLINE).await.map_err(|error| self.unavailable(&error))?;
        self.open = Some(client);
        let control_id = Message::read(&framable).ok().and_then(|sent| sent.field("MSH", 10).first_text());
        let answer = Message::read(&answer).map_err(|_| "the answer is not an HL7 v2 message".to_owned())?;
        let msa = |number| answer.field("MSA", number).first_text().unwrap_or_default();
        let detail = answer.field("ERR", 8).first_text().unwrap_or_default();
        let text = if msa(3).is_empty() { detail } else { msa(3) };
        Ok(Answer {
            control_id: single_line(&control_id.unwrap_or_default()),
            code: single_line(&msa(1)),
            text: single_line(&text),
        })
    }

    fn unavailable(&self, error: &ClientError) -> String {
        let hint = if matches!(error, ClientError::Connect(_)) { "; start a platform with `lcr up`" } else { "" };
        format!("{}: {error}{hint}", self.to)
    }
}

/// A client of the gateway, signed in as the demo's `feeds-client`.
struct GatewayClient {
    outbound: Outbound,
    port: u16,
    token: Option<String>,
}

impl GatewayClient {
    fn new(port: u16) -> Result<Self, String> {
        let rules = EgressRules { loopback: true, ..EgressRules::default() };
        let outbound = Outbound::new(rules).map_err(|error| error.to_string())?;
        Ok(Self { outbound, port, token: None })
    }

    async fn send(&mut self, bundle: &[u8]) -> Result<Answer, String> {
        let (mut status, mut body) = self.post(bundle).await?;
        if status == 401 {
            // A token is valid for five minutes; a long list of files takes longer.
            self.token = None;
            (status, body) = self.post(bundle).await?;
        }
        let sent: Value = serde_json::from_slice(bundle).unwrap_or_default();
        let id = sent.pointer("/identifier/value").or_else(|| sent.get("id")).and_then(Value::as_str);
        let text = body.get("detail").or_else(|| body.pointer("/issue/0/details/text")).and_then(Value::as_str);
        let code = match status {
            200 => "AA",
            400 => "AE",
            _ => "AR",
        };
        Ok(Answer {
            control_id: single_line(id.unwrap_or_default()),
            code: code.to_owned(),
            text: single_line(text.unwrap_or_default()),
        })
    }

    async fn post(&mut self, bundle: &[u8]) -> Result<(u16, Value), String> {
        let token = match &self.token {
            Some(token) => token.clone(),
            None => super::token::bearer("feeds-client", self.port).await?,
        };
        let url = format!("http://localhost:{}/api/feeds/v1/fhir", self.port);
        let url = Url::parse(&url).map_err(|error| error.to_string())?;
        let bearer = HeaderValue::from_str(&format!("Bearer {token}")).map_err(|error| error.to_string())?;
        let mut headers = HeaderMap::new();
        headers.insert("authorization", bearer);
        headers.insert("content-type", HeaderValue::from_static("application/fhir+json"));
        let body = Some(bundle.to_vec().into());
        let request = Request { method: Method::POST, headers, body, ..Outbound::get(url, DEADLINE) };
        let answer = self.outbound.send(request).await.map_err(|error| error.to_string())?;
        self.token = Some(token);
        Ok((answer.status, serde_json::from_slice(&answer.body).unwrap_or_default()))
    }
}
