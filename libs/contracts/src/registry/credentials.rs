//! How we prove to a source who we are. In the registry they are sealed; only who asks the source opens them. They must never
//! be logged or returned by an API.

use jiff::Timestamp;
use lcr_model::{Phi, SourceId, seal::DataKeys};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The credentials of one source, in the clear. `Debug` shows the kind alone.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Credentials {
    /// HTTP Basic (RFC 7617).
    Basic { user: String, password: Phi<String> },
    /// `OAuth2` client credentials with a secret (RFC 6749 section 4.4), sent by HTTP Basic.
    #[serde(rename = "oauth2-secret")]
    OAuth2Secret {
        token_url: String,
        client_id: String,
        client_secret: Phi<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        scope: Option<String>,
    },
    /// `OAuth2` client credentials with a signed assertion (RFC 7523; SMART backend services).
    PrivateKeyJwt {
        token_url: String,
        client_id: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        scope: Option<String>,
        /// The id of the key in the key set that the partner knows.
        key_id: String,
        /// `ES384`, `RS384`, `RS512`, `PS256` or `EdDSA`.
        algorithm: String,
        /// The private key, PKCS #8 as PEM.
        private_key: Phi<String>,
    },
    /// A client certificate with its key, both as PEM.
    MutualTls { certificate: String, private_key: Phi<String> },
}

/// The kind of credentials, which everybody may know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CredentialKind {
    Basic,
    #[serde(rename = "oauth2-secret")]
    OAuth2Secret,
    PrivateKeyJwt,
    MutualTls,
}

/// Sealed credentials. The ones before stay valid until the source accepts the new ones, so that a rotation leaves no gap.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealedCredentials {
    pub kind: CredentialKind,
    pub changed_at: Timestamp,
    pub sealed: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Credentials({:?})", self.kind())
    }
}

impl std::fmt::Debug for SealedCredentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SealedCredentials({:?}, {})", self.kind, self.changed_at)
    }
}

impl Credentials {
    pub fn kind(&self) -> CredentialKind {
        match self {
            Self::Basic { .. } => CredentialKind::Basic,
            Self::OAuth2Secret { .. } => CredentialKind::OAuth2Secret,
            Self::PrivateKeyJwt { .. } => CredentialKind::PrivateKeyJwt,
            Self::MutualTls { .. } => CredentialKind::MutualTls,
        }
    }

    /// Where they get a token, if they do.
    pub fn token_url(&self) -> Option<&str> {
        match self {
            Self::OAuth2Secret { token_url, .. } | Self::PrivateKeyJwt { token_url, .. } => Some(token_url),
            Self::Basic { .. } | Self::MutualTls { .. } => None,
        }
    }

    /// Seals the credentials for one source. `before` are the ones that they replace.
    pub fn seal(
        &self,
        source: &SourceId,
        before: Option<&SealedCredentials>,
        keys: &DataKeys,
        now: Timestamp,
    ) -> Option<SealedCredentials> {
        let plain = serde_json::to_vec(self).ok()?;
        let sealed = keys.seal(&place(source), &plain).ok()?;
        Some(SealedCredentials {
            kind: self.kind(),
            changed_at: now,
            sealed,
            before: before.map(|old| old.sealed.clone()),
        })
    }
}

impl SealedCredentials {
    /// The credentials in the order in which to try them: the new ones, then those before.
    pub fn open(&self, source: &SourceId, keys: &DataKeys) -> Vec<Credentials> {
        let open = |sealed: &String| serde_json::from_slice(&keys.open(&place(source), sealed).ok()?).ok();
        std::iter::once(&self.sealed).chain(&self.before).filter_map(open).collect()
    }
}

/// The place of the sealed text. Sealed for one source, it opens for no other.
fn place(source: &SourceId) -> String {
    format!("identity/credentials/{source}")
}

#[cfg(test)]
#[path = "credentials_tests.rs"]
mod tests;
