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
mod tests {
    use super::*;

    fn url(of: &str) -> Result<String, TlsModeError> {
        match Location::parse(of, "consent").unwrap().verified()? {
            Location::Schema { url, .. } => Ok(url),
            Location::File(path) => Ok(path.display().to_string()),
        }
    }

    #[test]
    fn an_address_without_a_mode_verifies_the_server() {
        for (given, asks) in [
            ("postgres://c:x@db/lcr", "postgres://c:x@db/lcr?sslmode=verify-full"),
            ("postgres://c:x@db/lcr?a=b", "postgres://c:x@db/lcr?a=b&sslmode=verify-full"),
            ("postgres://c:x@db/lcr?sslmode=verify-full", "postgres://c:x@db/lcr?sslmode=verify-full"),
        ] {
            assert_eq!(url(given), Ok(asks.to_owned()));
        }
    }

    #[test]
    fn a_weaker_mode_is_refused_without_repeating_the_address() {
        for less in ["disable", "allow", "prefer", "require", "verify-ca"] {
            for name in ["sslmode", "ssl-mode"] {
                let refused = url(&format!("postgres://c:hunter2@db/lcr?{name}={less}")).unwrap_err();
                assert_eq!(refused, TlsModeError(less));
                let text = refused.to_string();
                assert!(text.contains(less) && !text.contains("hunter2") && !text.contains("db/lcr"), "{text}");
            }
        }
    }

    #[test]
    fn loopback_and_sockets_need_no_verification() {
        for here in [
            "postgres://c@localhost/lcr",
            "postgres://c@127.0.0.1:5433/lcr?sslmode=disable",
            "postgres://c@[::1]/lcr",
            "postgres://c@%2Fvar%2Frun%2Fpostgresql/lcr?sslmode=disable",
            "postgres:///lcr?host=/var/run/postgresql",
        ] {
            assert_eq!(url(here), Ok(here.to_owned()));
        }
        assert_eq!(url("sqlite:///a.db"), Ok("/a.db".to_owned()));
        // A later `host` in the address wins, and a host name that only starts with `localhost` is remote.
        for remote in
            ["postgres://c@localhost/lcr?host=db&sslmode=prefer", "postgres://c@localhost.example/lcr?sslmode=prefer"]
        {
            assert_eq!(url(remote), Err(TlsModeError("prefer")), "{remote}");
        }
    }
}
