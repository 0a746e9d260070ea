//! `new-keys`: fresh keys for a deployment, as Kubernetes Secrets and as the chart's `publicKeys`. Printed once, kept
//! nowhere: what is printed is the deployment's to keep (and to back up: without the data key nothing sealed opens).

use std::fmt::Write as _;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use lcr_model::{ServiceName, SigningKey, keys::KeyError, seal::DataKeys};

/// Print new keys for a deployment.
#[derive(Debug, clap::Args)]
pub struct NewKeys {
    /// The namespace of the Secrets.
    #[arg(long, default_value = "lcr")]
    namespace: String,
    /// The release: what the names of the Secrets begin with.
    #[arg(long, value_name = "RELEASE", default_value = "lcr")]
    prefix: String,
    /// The address of every service's database, with `{role}` in place of the role.
    #[arg(long, value_name = "URL")]
    database: Option<String>,
}

impl NewKeys {
    pub fn run(&self) -> Result<String, KeyError> {
        text(&self.namespace, &self.prefix, self.database.as_deref().unwrap_or_default())
    }
}

/// The text for `kubectl apply -f -`, the chart's values as a comment at its head.
/// `database`, when given, is every service's address with `{role}` where its role stands.
pub fn text(namespace: &str, release: &str, database: &str) -> Result<String, KeyError> {
    // What one service seals for another, all of those open; what the gateway keeps in its cache is for itself alone.
    let (shared, gateways) = (data_key()?, data_key()?);
    let mut values = String::from("# values of the chart:\n# publicKeys:\n");
    let mut secrets = String::new();
    for service in ServiceName::ALL {
        let key = SigningKey::generate()?;
        let public = key.public();
        let _ = writeln!(values, "#   {service}: [\"{}:{}\"]", public.kid, public.x);
        let _ = write!(
            secrets,
            "---\napiVersion: v1\nkind: Secret\nmetadata: {{name: {release}-{service}, namespace: {namespace}}}\nstringData:\n  \
             LCR_SIGNING_KEY: \"{}\"\n",
            written(&key)
        );
        match service {
            ServiceName::Operator | ServiceName::Audit => {}
            ServiceName::Gateway => drop(writeln!(secrets, "  LCR_DATA_KEY: \"{gateways}\"")),
            _ => drop(writeln!(secrets, "  LCR_DATA_KEY: \"{shared}\"")),
        }
        if !database.is_empty() && !matches!(service, ServiceName::Operator | ServiceName::Gateway) {
            let role = service.as_str().replace('-', "_");
            let _ = writeln!(secrets, "  LCR_DATABASE_URL: \"{}\"", database.replace("{role}", &role));
        }
        if matches!(service, ServiceName::Audit) {
            let _ = writeln!(secrets, "  LCR_LOG_KEY: \"{}\"", written(&SigningKey::generate()?));
        }
    }
    Ok(values + &secrets)
}

/// It names itself, so that two never share a name.
fn data_key() -> Result<String, KeyError> {
    let data = DataKeys::generate_text().map_err(|_| KeyError::BadKey)?;
    Ok(data.replacen("k1", &SigningKey::generate()?.kid().replace(['.', ':'], ""), 1))
}

fn written(key: &SigningKey) -> String {
    format!("{}:{}", key.kid(), URL_SAFE_NO_PAD.encode(key.seed()))
}
