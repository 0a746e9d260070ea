//! Tests of `tls.rs`.

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
