//! Verifying a real `PostgreSQL` server over TLS: trusted only by the CA in the bundle, refused with an expired
//! certificate or another server's. The bundle belongs to the process, so each case runs in its own.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "tests")]

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use lcr_store::{Location, NoTables, migrate};
use lcr_testkit::{Folder, servers::Postgres};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};

const URL: &str = "LCR_TEST_TLS_URL";

fn pem(path: &Path, what: &str, der: &[u8]) {
    fs::write(path, format!("-----BEGIN {what}-----\n{}\n-----END {what}-----\n", STANDARD.encode(der))).unwrap();
}

/// Writes a new CA to `ca.pem` in `folder`, and a certificate for `name` that is valid until `year`.
fn server(folder: &Path, name: &str, year: i32) -> Postgres {
    let mut params = CertificateParams::new(vec![]).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().unwrap();
    pem(&folder.join("ca.pem"), "CERTIFICATE", params.self_signed(&key).unwrap().der());
    let issuer = Issuer::new(params, key);
    let mut own = CertificateParams::new(vec![name.to_owned()]).unwrap();
    own.not_before = rcgen::date_time_ymd(2020, 1, 1);
    own.not_after = rcgen::date_time_ymd(year, 1, 1);
    let key = KeyPair::generate().unwrap();
    let (certificate, private) = (folder.join("server.pem"), folder.join("server.key"));
    pem(&certificate, "CERTIFICATE", own.signed_by(&key, &issuer).unwrap().der());
    pem(&private, "PRIVATE KEY", &key.serialize_der());
    owned_by_postgres(&private);
    let (certificate, private) = (certificate.display().to_string(), private.display().to_string());
    let settings = [("fsync", "off"), ("ssl", "on"), ("ssl_cert_file", &certificate), ("ssl_key_file", &private)];
    Postgres::start(&settings)
}

/// The server refuses a key that others may read. As root it runs as its package's user, who must read it.
fn owned_by_postgres(key: &Path) {
    let ran = |program: &str, argument: &str, path: &Path| {
        Command::new(program).arg(argument).arg(path).status().is_ok_and(|status| status.success())
    };
    assert!(ran("chmod", "0600", key));
    let folder = key.parent().unwrap();
    assert!(ran("chmod", "0755", folder));
    let _ = ran("chown", "postgres:", key);
}

/// Opens a store with this bundle in another process. Returns what it prints.
fn open_store(postgres: &Postgres, sslmode: &str, bundle: Option<&PathBuf>) -> String {
    let url = postgres.url().replace("127.0.0.1", "localhost");
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", "child", "--ignored", "--nocapture"]).env_remove("SSL_CERT_FILE");
    child.env(URL, format!("{url}?sslmode={sslmode}"));
    if let Some(bundle) = bundle {
        child.env("SSL_CERT_FILE", bundle);
    }
    let output = child.output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().find_map(|line| line.split_once("said: ")).unwrap_or_else(|| panic!("{text}")).1.to_owned()
}

#[tokio::test]
#[ignore = "run by the others, each time with another bundle"]
async fn child() {
    let url = std::env::var(URL).unwrap();
    let location = Location::parse(&url, "tests").unwrap();
    let opened = migrate::run::<NoTables>(&location, &location).await;
    println!("said: {}", opened.map_or_else(|error| lcr_store::cause_of(&error), |()| "opened".to_owned()));
}

const DISTRUSTED: &str = "the database's certificate is not trusted";

#[test]
fn a_private_ca_is_trusted_only_if_the_bundle_names_it() {
    let (folder, other) = (Folder::new("tls").unwrap(), Folder::new("other").unwrap());
    let postgres = server(folder.path(), "localhost", 2045);
    let own = folder.path().join("ca.pem");
    assert_eq!(open_store(&postgres, "verify-full", Some(&own)), "opened");
    let without = open_store(&postgres, "verify-full", None);
    assert!(without.starts_with(DISTRUSTED), "{without}");
    let _foreign = server(other.path(), "localhost", 2045);
    let foreign = open_store(&postgres, "verify-full", Some(&other.path().join("ca.pem")));
    assert!(foreign.starts_with(DISTRUSTED), "{foreign}");
}

#[test]
fn an_expired_or_foreign_certificate_is_refused() {
    for (name, year) in [("localhost", 2021), ("elsewhere.example", 2045)] {
        let folder = Folder::new("tls").unwrap();
        let postgres = server(folder.path(), name, year);
        let result = open_store(&postgres, "verify-full", Some(&folder.path().join("ca.pem")));
        assert!(result.starts_with(DISTRUSTED), "{name}, {year}: {result}");
    }
}

#[test]
fn the_drivers_default_verifies_nothing() {
    let folder = Folder::new("tls").unwrap();
    let postgres = server(folder.path(), "elsewhere.example", 2021);
    // This is why an address without a mode gets `verify-full` (`Location::verified`).
    assert_eq!(open_store(&postgres, "prefer", None), "opened");
}
