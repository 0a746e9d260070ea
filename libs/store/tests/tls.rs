//! A real `PostgreSQL` with TLS, asked who it is: believed by the authority that the bundle names, and by no other; never
//! when its certificate has ended or is somebody else's. The bundle is a process's own, so that each case is one.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "tests")]

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use lcr_store::{Location, migrate};
use lcr_testkit::{Folder, servers::Postgres};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use sea_orm_migration::{MigrationTrait, MigratorTrait};

const URL: &str = "LCR_TEST_TLS_URL";

/// No table: what is asked is whether there is a connection.
struct Nothing;

impl MigratorTrait for Nothing {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![]
    }
}

fn pem(path: &Path, what: &str, der: &[u8]) {
    fs::write(path, format!("-----BEGIN {what}-----\n{}\n-----END {what}-----\n", STANDARD.encode(der)))
        .unwrap();
}

/// An authority of its own, written to `ca.pem` of `folder`, and a server's certificate of `name` that lasts until `year`.
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
    let told = [("fsync", "off"), ("ssl", "on"), ("ssl_cert_file", &certificate), ("ssl_key_file", &private)];
    Postgres::start(&told)
}

/// It takes no key that others may read. As root it runs as the user of its package, who must be able to.
fn owned_by_postgres(key: &Path) {
    let ran = |program: &str, argument: &str, path: &Path| {
        Command::new(program).arg(argument).arg(path).status().is_ok_and(|status| status.success())
    };
    assert!(ran("chmod", "0600", key));
    let folder = key.parent().unwrap();
    assert!(ran("chmod", "0755", folder));
    let _ = ran("chown", "postgres:", key);
}

/// What a process says that opens a store there, with this bundle and no other setting of TLS.
fn said(postgres: &Postgres, sslmode: &str, bundle: Option<&PathBuf>) -> String {
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
    let opened = migrate::run::<Nothing>(&location, &location).await;
    println!("said: {}", opened.map_or_else(|error| lcr_store::cause_of(&error), |()| "opened".to_owned()));
}

const DISTRUSTED: &str = "the database's certificate is not trusted";

#[test]
fn a_private_authority_is_believed_when_the_bundle_names_it_and_not_before() {
    let (folder, other) = (Folder::new("tls").unwrap(), Folder::new("other").unwrap());
    let postgres = server(folder.path(), "localhost", 2045);
    let own = folder.path().join("ca.pem");
    assert_eq!(said(&postgres, "verify-full", Some(&own)), "opened");
    let without = said(&postgres, "verify-full", None);
    assert!(without.starts_with(DISTRUSTED), "{without}");
    let _foreign = server(other.path(), "localhost", 2045);
    let foreign = said(&postgres, "verify-full", Some(&other.path().join("ca.pem")));
    assert!(foreign.starts_with(DISTRUSTED), "{foreign}");
}

#[test]
fn a_certificate_that_has_ended_or_is_anothers_is_not_believed() {
    for (name, year) in [("localhost", 2021), ("elsewhere.example", 2045)] {
        let folder = Folder::new("tls").unwrap();
        let postgres = server(folder.path(), name, year);
        let said = said(&postgres, "verify-full", Some(&folder.path().join("ca.pem")));
        assert!(said.starts_with(DISTRUSTED), "{name}, {year}: {said}");
    }
}

#[test]
fn what_the_driver_does_when_nothing_is_said_checks_nothing() {
    let folder = Folder::new("tls").unwrap();
    let postgres = server(folder.path(), "elsewhere.example", 2021);
    // This is why an address that says nothing is taken to say `verify-full` (`Location::verified`).
    assert_eq!(said(&postgres, "prefer", None), "opened");
}
