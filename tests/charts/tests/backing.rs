//! What the platform stands on, asked whether it carries: the database as its scripts make it, on a real `PostgreSQL`,
//! and the broker's store against what the streams reserve.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::{env, fs, path::PathBuf, process::Command};

use lcr_charts_tests::{documents, k8s, objects::text, read, tools};
use lcr_testkit::servers::Postgres;
use serde_json::Value;

/// The services that have a role and a schema, by the name of both.
const ROLES: [&str; 7] =
    ["identity", "consent", "patient_index", "record_aggregation", "virtual_ward", "audit", "feeds"];
const MIB: i64 = 1 << 20;

/// Each role makes tables where it is put, and nothing anywhere else: no schema either, so that `migrate` must find its
/// own.
fn each_role_has_a_schema_and_nothing_else(postgres: &Postgres, database: &str) {
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

/// The folders where psql may be, before those of the path.
fn path() -> std::ffi::OsString {
    let told = env::var_os("LCR_POSTGRES_BIN").map(PathBuf::from);
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let folders = told.into_iter().chain(versions.map(|version| version.path().join("bin")));
    let path = env::var_os("PATH").unwrap_or_default();
    env::join_paths(folders.chain(env::split_paths(&path))).unwrap()
}

#[test]
fn the_database_for_development_gives_each_service_its_schema() {
    let postgres = Postgres::start(&[("fsync", "off")]);
    let database = postgres.database();
    let manifests = documents::file(&k8s("backing/postgres.yaml")).unwrap();
    let mut script = Command::new("sh");
    script.args(["-c", text(&manifests[0], "/data/services.sh")]).env("PATH", path());
    // As in the image, it is told the database by name, and reaches the server without being told how.
    let (server, name) = database.rsplit_once('/').unwrap();
    let port = server.rsplit_once(':').unwrap().1;
    script.envs([("PGHOST", "127.0.0.1"), ("PGPORT", port), ("PGUSER", "postgres"), ("POSTGRES_DB", name)]);
    tools::ask(&mut script).unwrap();
    each_role_has_a_schema_and_nothing_else(&postgres, &database);
}

#[test]
fn the_database_of_a_live_platform_gives_each_service_its_schema() {
    let postgres = Postgres::start(&[("fsync", "off")]);
    // As CloudNativePG makes it: a role that owns the database, then these statements by the superuser.
    postgres.sql("create role lcr login");
    postgres.sql("create database lcr owner lcr");
    let database = format!("{}/lcr", postgres.url().rsplit_once('/').unwrap().0);
    let cluster = &documents::file(&k8s("production/postgres-cluster.yaml")).unwrap()[0];
    let statements = cluster.pointer("/spec/bootstrap/initdb/postInitApplicationSQL").unwrap();
    for statement in statements.as_array().unwrap() {
        postgres.sql_in(&database, statement.as_str().unwrap());
    }
    each_role_has_a_schema_and_nothing_else(&postgres, &database);
}

/// What all streams reserve together, as `libs/bus/src/nats/streams.rs` has it: a line of a `match` for each group of
/// streams, and two that are made beside them.
fn reserved() -> i64 {
    let code = read(&lcr_testkit::root().join("libs/bus/src/nats/streams.rs")).unwrap();
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
    assert!(
        reserved > 12_000 * MIB,
        "{reserved}: streams.rs is written in another way now, and this test looks past it"
    );
    let manifests = documents::file(&k8s("backing/nats.yaml")).unwrap();
    let told = text(&manifests[0], "/data/nats.conf");
    let size = |key: &str| -> i64 {
        let value = told.lines().find_map(|line| line.trim().strip_prefix(key)).unwrap();
        let (number, unit) = value.trim().split_at(value.trim().len() - 2);
        number.parse::<i64>().unwrap() * if unit == "GB" { 1024 * MIB } else { MIB }
    };
    assert!(size("max_file_store:") >= reserved, "k8s/backing/nats.yaml: {reserved} bytes are reserved");
    let live = documents::one(&k8s("production/nats-values.yaml")).unwrap();
    let volume = text(&live, "/config/jetstream/fileStore/pvc/size").strip_suffix("Gi").unwrap();
    assert!(volume.parse::<i64>().unwrap() * 1024 * MIB >= reserved, "k8s/production/nats-values.yaml");
    // A message of 16 MiB, sealed and in base64, with room for what is said of it; above 64 MB the server does not start.
    let payload = size("max_payload:");
    assert!((24 * MIB..=64 * MIB).contains(&payload), "{payload}");
    let said = format!("<< {}MB >>", payload / MIB);
    assert_eq!(live.pointer("/config/merge/max_payload"), Some(&Value::from(said)));
}

#[test]
fn the_live_database_is_backed_up_and_its_log_kept() {
    let all = documents::file(&k8s("production/postgres-cluster.yaml")).unwrap();
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
