//! Refuses database connections that do not verify the server. Without `verify-full`, an encrypted connection may end at
//! an attacker, and the driver's default `prefer` checks nothing. No error may repeat the address, because it may hold a
//! password.

use sea_orm::sqlx::postgres::{PgConnectOptions, PgSslMode};

use super::Location;

/// The setting that verifies too little.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "asks for `sslmode={0}`, which does not check who the database is: `verify-full`, or no mode at all, is what a platform \
     with people in it asks for (a private authority's bundle is named by SSL_CERT_FILE)"
)]
pub struct TlsModeError(pub &'static str);

impl Location {
    /// Adds `verify-full` if the address names no mode, and fails if it names a weaker one. Files, sockets and loopback
    /// need no verification.
    pub fn verified(self) -> Result<Self, TlsModeError> {
        let Self::Schema { url, schema } = self else { return Ok(self) };
        let Ok(options) = url.parse::<PgConnectOptions>() else { return Ok(Self::Schema { url, schema }) };
        if is_local(&options) {
            return Ok(Self::Schema { url, schema });
        }
        if !names_mode(&url) {
            let joined = if url.contains('?') { "&" } else { "?" };
            return Ok(Self::Schema { url: format!("{url}{joined}sslmode=verify-full"), schema });
        }
        match options.get_ssl_mode() {
            PgSslMode::VerifyFull => Ok(Self::Schema { url, schema }),
            less => Err(TlsModeError(mode_name(less))),
        }
    }
}

/// Whether the address names a mode. `PGSSLMODE` does not count: the address overrides it.
fn names_mode(url: &str) -> bool {
    let query = url.split_once('?').map(|(_, query)| query).unwrap_or_default();
    query.split('&').any(|pair| ["sslmode", "ssl-mode"].contains(&pair.split('=').next().unwrap_or_default()))
}

fn is_local(options: &PgConnectOptions) -> bool {
    let host = options.get_host().trim_matches(['[', ']']);
    options.get_socket().is_some()
        || host.starts_with('/')
        || host == "localhost"
        || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn mode_name(mode: PgSslMode) -> &'static str {
    match mode {
        PgSslMode::Disable => "disable",
        PgSslMode::Allow => "allow",
        PgSslMode::Prefer => "prefer",
        PgSslMode::Require => "require",
        PgSslMode::VerifyCa => "verify-ca",
        PgSslMode::VerifyFull => "verify-full",
    }
}

#[cfg(test)]
#[path = "tls_tests.rs"]
mod tests;
