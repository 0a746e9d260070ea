//! Whether a database is asked who it is. Without `verify-full` a connection may be encrypted and still end at whoever stands
//! in between, with everybody's data and the role's password; the driver's own word when nothing is said, `prefer`, checks
//! nothing at all. No address is repeated here: it may hold a password.

use sea_orm::sqlx::postgres::{PgConnectOptions, PgSslMode};

use super::Location;

/// What a connection asks for when it asks for less than it must.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "asks for `sslmode={0}`, which does not check who the database is: `verify-full`, or nothing said, is what a platform \
     with people in it asks for (a private authority's bundle is named by SSL_CERT_FILE)"
)]
pub struct NotVerified(pub &'static str);

impl Location {
    /// The same, asking who the database is: `verify-full` where its address says nothing, and an error where it says less.
    /// A file, a socket and this machine itself have nobody in between.
    pub fn verified(self) -> Result<Self, NotVerified> {
        let Self::Schema { url, schema } = self else { return Ok(self) };
        let Ok(options) = url.parse::<PgConnectOptions>() else { return Ok(Self::Schema { url, schema }) };
        if is_here(&options) {
            return Ok(Self::Schema { url, schema });
        }
        if !says(&url) {
            let joined = if url.contains('?') { "&" } else { "?" };
            return Ok(Self::Schema { url: format!("{url}{joined}sslmode=verify-full"), schema });
        }
        match options.get_ssl_mode() {
            PgSslMode::VerifyFull => Ok(Self::Schema { url, schema }),
            less => Err(NotVerified(word(less))),
        }
    }
}

/// Whether the address itself names a mode. `PGSSLMODE` is not asked: what an address says wins over it.
fn says(url: &str) -> bool {
    let query = url.split_once('?').map(|(_, query)| query).unwrap_or_default();
    query.split('&').any(|pair| ["sslmode", "ssl-mode"].contains(&pair.split('=').next().unwrap_or_default()))
}

fn is_here(options: &PgConnectOptions) -> bool {
    let host = options.get_host().trim_matches(['[', ']']);
    options.get_socket().is_some()
        || host.starts_with('/')
        || host == "localhost"
        || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn word(mode: PgSslMode) -> &'static str {
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

    fn url(of: &str) -> Result<String, NotVerified> {
        match Location::parse(of, "consent").unwrap().verified()? {
            Location::Schema { url, .. } => Ok(url),
            Location::File(path) => Ok(path.display().to_string()),
        }
    }

    #[test]
    fn whoever_says_nothing_asks_who_the_database_is() {
        for (told, asks) in [
            ("postgres://c:x@db/lcr", "postgres://c:x@db/lcr?sslmode=verify-full"),
            ("postgres://c:x@db/lcr?a=b", "postgres://c:x@db/lcr?a=b&sslmode=verify-full"),
            ("postgres://c:x@db/lcr?sslmode=verify-full", "postgres://c:x@db/lcr?sslmode=verify-full"),
        ] {
            assert_eq!(url(told), Ok(asks.to_owned()));
        }
    }

    #[test]
    fn whoever_asks_for_less_is_told_what_and_not_where() {
        for less in ["disable", "allow", "prefer", "require", "verify-ca"] {
            for name in ["sslmode", "ssl-mode"] {
                let refused = url(&format!("postgres://c:hunter2@db/lcr?{name}={less}")).unwrap_err();
                assert_eq!(refused, NotVerified(less));
                let said = refused.to_string();
                assert!(
                    said.contains(less) && !said.contains("hunter2") && !said.contains("db/lcr"),
                    "{said}"
                );
            }
        }
    }

    #[test]
    fn nobody_is_between_us_and_this_machine() {
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
        // What an address says of its host later wins, and a host that only begins so is another.
        for away in [
            "postgres://c@localhost/lcr?host=db&sslmode=prefer",
            "postgres://c@localhost.example/lcr?sslmode=prefer",
        ] {
            assert_eq!(url(away), Err(NotVerified("prefer")), "{away}");
        }
    }
}
