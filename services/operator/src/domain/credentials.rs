//! Reads the credentials for a partner's system from the data of a Secret. A fault must name the key, and never a value.

use std::collections::BTreeMap;

use k8s_openapi::ByteString;
use lcr_contracts::registry::{CredentialKind, Credentials};
use lcr_model::Phi;

use super::egress;

/// The reason why a Secret gave no credentials.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CredentialsFault {
    /// The operator has no namespace of partners' credentials.
    NoNamespace,
    /// The API server forbids the operator to read the Secret.
    Forbidden,
    NoSecret,
    /// The key `type` is absent or none of ours.
    UnknownType,
    /// A key is absent or empty.
    MissingKey(&'static str),
    /// A value cannot be used.
    InvalidValue(&'static str),
    /// `OAuth2` credentials without `spec.tokenUrl`.
    NoTokenUrl,
}

impl CredentialsFault {
    /// The reason in the status.
    pub fn reason(&self) -> &'static str {
        match self {
            Self::NoNamespace => "NoNamespace",
            Self::Forbidden => "Forbidden",
            Self::NoSecret => "NoSecret",
            Self::UnknownType => "UnknownType",
            Self::MissingKey(_) => "MissingKey",
            Self::InvalidValue(_) => "InvalidValue",
            Self::NoTokenUrl => "NoTokenUrl",
        }
    }

    /// What is wrong with the Secret `name`, and what to do.
    pub fn message(&self, name: &str) -> String {
        match self {
            Self::NoNamespace => {
                "the chart's value partnerCredentials.namespace is empty, so no Secret is read".to_owned()
            }
            Self::Forbidden => format!("the operator may not read the Secret `{name}`: install the chart's Role"),
            Self::NoSecret => format!("there is no Secret `{name}` in the namespace of partners' credentials"),
            Self::UnknownType => format!(
                "the key `type` of the Secret `{name}` is none of basic, oauth2-secret, private-key-jwt, mutual-tls"
            ),
            Self::MissingKey(key) => format!("the Secret `{name}` has no key `{key}`"),
            Self::InvalidValue(key) => format!("the key `{key}` of the Secret `{name}` cannot be used"),
            Self::NoTokenUrl => "OAuth 2 credentials need spec.tokenUrl, the system's token endpoint".to_owned(),
        }
    }
}

/// The kind as the key `type` of a Secret names it.
pub fn kind_name(kind: CredentialKind) -> &'static str {
    match kind {
        CredentialKind::Basic => "basic",
        CredentialKind::OAuth2Secret => "oauth2-secret",
        CredentialKind::PrivateKeyJwt => "private-key-jwt",
        CredentialKind::MutualTls => "mutual-tls",
    }
}

/// Reads the credentials in a Secret's data.
pub fn parse(data: &BTreeMap<String, ByteString>, token_url: Option<&str>) -> Result<Credentials, CredentialsFault> {
    let token_url = || {
        let url = token_url.filter(|url| egress::https_host(url).is_some());
        url.map(str::to_owned).ok_or(CredentialsFault::NoTokenUrl)
    };
    let scope = || text(data, "scope").ok();
    match text(data, "type").map_err(|_| CredentialsFault::UnknownType)?.as_str() {
        "basic" => {
            Ok(Credentials::Basic { user: text(data, "username")?, password: Phi::new(text(data, "password")?) })
        }
        "oauth2-secret" => Ok(Credentials::OAuth2Secret {
            token_url: token_url()?,
            client_id: text(data, "client_id")?,
            client_secret: Phi::new(text(data, "client_secret")?),
            scope: scope(),
        }),
        "private-key-jwt" => Ok(Credentials::PrivateKeyJwt {
            token_url: token_url()?,
            client_id: text(data, "client_id")?,
            scope: scope(),
            key_id: text(data, "key_id")?,
            algorithm: algorithm(data)?,
            private_key: Phi::new(pem(data, "private_key", "PRIVATE KEY-----")?),
        }),
        "mutual-tls" => Ok(Credentials::MutualTls {
            certificate: pem(data, "tls.crt", "-----BEGIN CERTIFICATE-----")?,
            private_key: Phi::new(pem(data, "tls.key", "PRIVATE KEY-----")?),
        }),
        _ => Err(CredentialsFault::UnknownType),
    }
}

/// The value of a key, without the line end that a file often has.
fn text(data: &BTreeMap<String, ByteString>, key: &'static str) -> Result<String, CredentialsFault> {
    let value = data.get(key).ok_or(CredentialsFault::MissingKey(key))?;
    let text = std::str::from_utf8(&value.0).map_err(|_| CredentialsFault::InvalidValue(key))?;
    let text = text.trim_end_matches(['\r', '\n']);
    if text.is_empty() { Err(CredentialsFault::MissingKey(key)) } else { Ok(text.to_owned()) }
}

fn pem(data: &BTreeMap<String, ByteString>, key: &'static str, mark: &str) -> Result<String, CredentialsFault> {
    let text = text(data, key)?;
    if text.contains(mark) { Ok(text) } else { Err(CredentialsFault::InvalidValue(key)) }
}

fn algorithm(data: &BTreeMap<String, ByteString>) -> Result<String, CredentialsFault> {
    let name = text(data, "algorithm")?;
    let is_known = ["ES384", "RS384", "RS512", "PS256", "EdDSA"].contains(&name.as_str());
    if is_known { Ok(name) } else { Err(CredentialsFault::InvalidValue("algorithm")) }
}

#[cfg(test)]
#[path = "credentials_tests.rs"]
mod tests;
