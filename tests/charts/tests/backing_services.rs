//! The backing services of `k8s/`: the scripts create the database on a real `PostgreSQL`, and the broker's storage is large
//! enough for the streams. No cluster must be needed.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::{env, fs, path::PathBuf, process::Command};

use lcr_charts_tests::{documents, k8s, objects::text, read, tools};
use lcr_testkit::servers::Postgres;
use serde_json::Value;

/// The services that have a role and a schema, by the name of both.
const ROLES: [&str; 7] =
    ["identity", "consent", "patient_index", "record_aggregation", "virtual_ward", "audit", "feeds"];
const MIB: i64 = 1 << 20;

/// Checks that each role can create tables in its own schema, and can neither create a schema nor use another one.
fn assert_each_role_has_only_its_schema(postgres: &Postgres, database: &str) {
    let refused = |statement: &str| {
        format!(
            "do $$ begin {statement}; raise exception 'it may'; exception when insufficient_privilege then null; end $$"
        )
    };
    for role in ROLES {
        let own = database.replace("postgres@", &format!("{role}@"));
        let mut statements = vec![
            "create table made (one int)".to_owned(),
            format!("insert into {role}.made values (1)"),
            refused("create schema more"),
            refused("create table public.more (one int)"),
        ];
        if role != ROLES[0] {
            statements.push(refused(&format!("perform 1 from {}.made", ROLES[0])));
        }
        postgres.sql_in(&own, &statements.join("; "));
    }
}

/// The search path with the folders of psql first.
fn path() -> std::ffi::OsString {
    let configured = env::var_os("LCR_POSTGRES_BIN").map(PathBuf::from);
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let folders = configured.into_iter().chain(versions.map(|version| version.path().join("bin")));
    let path = env::var_os("PATH").unwrap_or_default();
    env::join_paths(folders.chain(env::split_paths(&path))).unwrap()
}

#[test]
fn the_database_for_development_gives_each_service_its_schema() {
    let postgres = Postgres::start(&[("fsync", "off")]);
    let database = postgres.database();
    let manifests = documents::parse_file(&k8s("backing/postgres.yaml")).unwrap();
    let mut script = Command::new("sh");
    script.args(["-c", text(&manifests[0], "/data/services.sh")]).env("PATH", path());
    // The image passes only the name of the database; the server is found by the default variables.
    let (server, name) = database.rsplit_once('/').unwrap();
    let port = server.rsplit_once(':').unwrap().1;
    script.envs([("PGHOST", "127.0.0.1"), ("PGPORT", port), ("PGUSER", "postgres"), ("POSTGRES_DB", name)]);
    tools::run(&mut script).unwrap();
    assert_each_role_has_only_its_schema(&postgres, &database);
}

#[test]
fn the_database_of_a_live_platform_gives_each_service_its_schema() {
    let postgres = Postgres::start(&[("fsync", "off")]);
    // CloudNativePG creates a role that owns the database; then the superuser runs these statements.
    postgres.sql("create role lcr login");
    postgres.sql("create database lcr owner lcr");
    let database = format!("{}/lcr", postgres.url().rsplit_once('/').unwrap().0);
    let cluster = &documents::parse_file(&k8s("production/postgres-cluster.yaml")).unwrap()[0];
    let statements = cluster.pointer("/spec/bootstrap/initdb/postInitApplicationSQL").unwrap();
    for statement in statements.as_array().unwrap() {
        postgres.sql_in(&database, statement.as_str().unwrap());
    }
    assert_each_role_has_only_its_schema(&postgres, &database);
}

/// The storage that all streams reserve, read from `libs/bus/src/nats/stream_setup.rs`: a line of a `match` for each group of
/// streams, and two further streams.
fn reserved() -> i64 {
    let code = read(&lcr_testkit::root().join("libs/bus/src/nats/stream_setup.rs")).unwrap();
    let of_line = |line: &str| {
        let before = line.split(" * MIB").next().filter(|before| *before != line)?;
        let number: i64 = before.rsplit([' ', '(']).next()?.parse().ok()?;
        let streams = line.matches("Stream::").count().max(1);
        Some(number * i64::try_from(streams).ok()?)
    };
    code.lines().filter_map(of_line).sum::<i64>() * MIB
}

#[test]
fn the_broker_has_room_for_what_the_streams_reserve() {
    let reserved = reserved();
    assert!(reserved > 12_000 * MIB, "{reserved}: stream_setup.rs has another form now, which this test cannot read");
    let manifests = documents::parse_file(&k8s("backing/nats.yaml")).unwrap();
    let config = text(&manifests[0], "/data/nats.conf");
    let size = |key: &str| -> i64 {
        let value = config.lines().find_map(|line| line.trim().strip_prefix(key)).unwrap();
        let (number, unit) = value.trim().split_at(value.trim().len() - 2);
        number.parse::<i64>().unwrap() * if unit == "GB" { 1024 * MIB } else { MIB }
    };
    assert!(size("max_file_store:") >= reserved, "k8s/backing/nats.yaml: {reserved} bytes are reserved");
    let live = documents::parse_single(&k8s("production/nats-values.yaml")).unwrap();
    let volume = text(&live, "/config/jetstream/fileStore/pvc/size").strip_suffix("Gi").unwrap();
    assert!(volume.parse::<i64>().unwrap() * 1024 * MIB >= reserved, "k8s/production/nats-values.yaml");
    // A message of 16 MiB, sealed and in base64, with its envelope. The server does not start above 64 MB.
    let payload = size("max_payload:");
    assert!((24 * MIB..=64 * MIB).contains(&payload), "{payload}");
    let output = format!("<< {}MB >>", payload / MIB);
    assert_eq!(live.pointer("/config/merge/max_payload"), Some(&Value::from(output)));
}

#[test]
fn the_live_database_is_backed_up_and_its_log_kept() {
    let all = documents::parse_file(&k8s("production/postgres-cluster.yaml")).unwrap();
    let of = |kind: &str| all.iter().find(|one| text(one, "/kind") == kind).unwrap();
    let plugin = of("Cluster").pointer("/spec/plugins/0").unwrap();
    assert_eq!(plugin.pointer("/isWALArchiver"), Some(&Value::Bool(true)));
    let store = of("ObjectStore");
    assert_eq!(text(plugin, "/parameters/barmanObjectName"), text(store, "/metadata/name"));
    // As k8s/OPERATING.md promises.
    assert_eq!(text(store, "/spec/retentionPolicy"), "14d");
    let backup = of("ScheduledBackup");
    assert_eq!(text(backup, "/spec/cluster/name"), text(of("Cluster"), "/metadata/name"));
    assert_eq!(text(backup, "/spec/pluginConfiguration/name"), text(plugin, "/name"));
}
