//! `lcr partner check`: checks a partner's FHIR source from this machine, as the platform will ask it. It must never print
//! anything about a patient, nor a secret.

use std::{collections::BTreeSet, fs, path::PathBuf, sync::Arc};

use clap::{Args, Subcommand};
use lcr_contracts::{
    partners::system::{Check, CheckOutcome},
    registry::Credentials,
};
use lcr_model::{Clock, Dataset, Phi, SystemClock};
use lcr_partner_check::CheckTarget;
use lcr_web::{AuthenticatedOutbound, EgressRules, Outbound};

/// Secrets are given in variables, because everybody on a machine sees the arguments of a program.
const PASSWORD: &str = "LCR_PARTNER_PASSWORD";
const SECRET: &str = "LCR_PARTNER_SECRET";

#[derive(Debug, Args)]
pub struct Partner {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Check a FHIR R4 source: reachability, TLS, sign-in, searches, UK Core, NHS numbers, paging and time.
    Check(Box<CheckArgs>),
}

#[derive(Debug, Args)]
struct CheckArgs {
    /// The base address of the source.
    #[arg(long, value_name = "URL")]
    fhir: String,
    /// A dataset that the source will give, such as medications; several by repetition. Demographics alone by default.
    #[arg(long = "dataset", value_name = "NAME")]
    datasets: Vec<Dataset>,
    /// A bearer token.
    #[arg(long, env = "LCR_PARTNER_TOKEN", hide_env_values = true, conflicts_with_all = ["basic", "client_id", "certificate"])]
    token: Option<Phi<String>>,
    /// The user of HTTP Basic; the password is in `LCR_PARTNER_PASSWORD`.
    #[arg(long, value_name = "USER", conflicts_with_all = ["client_id", "certificate"])]
    basic: Option<String>,
    /// The client id at the token endpoint; its secret is in `LCR_PARTNER_SECRET` unless there is a key.
    #[arg(long, value_name = "ID", requires = "token_url", conflicts_with = "certificate")]
    client_id: Option<String>,
    /// The token endpoint.
    #[arg(long, value_name = "URL", requires = "client_id")]
    token_url: Option<String>,
    #[arg(long, requires = "client_id")]
    scope: Option<String>,
    /// The private key of the client or of the certificate, in PEM.
    #[arg(long, value_name = "KEY.pem")]
    key_file: Option<PathBuf>,
    /// The id under which the key of the client is registered.
    #[arg(long, value_name = "ID", default_value = "lcr")]
    key_id: String,
    /// ES384, RS384, RS512, PS256 or `EdDSA`.
    #[arg(long, value_name = "NAME", default_value = "ES384")]
    algorithm: String,
    /// A client certificate in PEM, for mutual TLS.
    #[arg(long, value_name = "CERT.pem", requires = "key_file")]
    certificate: Option<PathBuf>,
}

/// Prints a line for each check. Returns whether none failed.
pub async fn run(partner: Partner) -> Result<bool, String> {
    let Command::Check(args) = partner.command;
    let client = client(&args, |name| std::env::var(name).ok())?;
    let mut datasets = BTreeSet::from_iter(args.datasets);
    if datasets.is_empty() {
        datasets.insert(Dataset::Demographics);
    }
    let target = CheckTarget { base_url: args.fhir, datasets };
    let report = lcr_partner_check::run(&target, &client, SystemClock.now()).await;
    report.checks.iter().for_each(|check| println!("{}", format_line(check)));
    Ok(report.passed())
}

/// A client that may call any address over https, and this machine in the clear: it runs where the partner runs it.
fn client(args: &CheckArgs, variable: impl Fn(&str) -> Option<String>) -> Result<AuthenticatedOutbound, String> {
    let everywhere = ["0.0.0.0/0", "::/0"].iter().filter_map(|range| range.parse().ok()).collect();
    let rules = EgressRules { loopback: true, allow: everywhere, ..EgressRules::default() };
    let outbound = Outbound::new(rules).map_err(|error| error.to_string())?;
    let clock = Arc::new(SystemClock);
    let client = match &args.token {
        Some(token) => AuthenticatedOutbound::with_bearer(outbound, token, clock),
        None => AuthenticatedOutbound::new(outbound, credentials(args, variable)?.into_iter().collect(), clock),
    };
    client.map_err(|error| error.to_string())
}

fn credentials(args: &CheckArgs, variable: impl Fn(&str) -> Option<String>) -> Result<Option<Credentials>, String> {
    let secret = |name: &str| variable(name).map(Phi::new).ok_or_else(|| format!("set {name}"));
    let read = |path: &PathBuf| fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()));
    let key = args.key_file.as_ref().map(read).transpose()?.map(Phi::new);
    let token_url = args.token_url.clone().unwrap_or_default();
    let credentials = match (&args.basic, &args.client_id, &args.certificate, key) {
        (Some(user), ..) => Credentials::Basic { user: user.clone(), password: secret(PASSWORD)? },
        (_, Some(client_id), _, Some(private_key)) => Credentials::PrivateKeyJwt {
            token_url,
            client_id: client_id.clone(),
            scope: args.scope.clone(),
            key_id: args.key_id.clone(),
            algorithm: args.algorithm.clone(),
            private_key,
        },
        (_, Some(client_id), _, None) => Credentials::OAuth2Secret {
            token_url,
            client_id: client_id.clone(),
            client_secret: secret(SECRET)?,
            scope: args.scope.clone(),
        },
        (_, _, Some(certificate), Some(private_key)) => {
            Credentials::MutualTls { certificate: read(certificate)?, private_key }
        }
        (None, None, _, _) => return Ok(None),
    };
    Ok(Some(credentials))
}

fn format_line(check: &Check) -> String {
    let outcome = match check.outcome {
        CheckOutcome::Passed => "passed",
        CheckOutcome::Warning => "warning",
        CheckOutcome::Failed => "FAILED",
        CheckOutcome::Skipped => "skipped",
    };
    format!("{outcome}\t{}\t{}", check.name, check.text)
}

#[cfg(test)]
#[path = "partner_tests.rs"]
mod tests;
