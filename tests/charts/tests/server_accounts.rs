//! The accounts of the production broker, cache and database in `k8s/production`, tested on real servers: nobody connects
//! without a password, and each service has only the rights that it needs.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use lcr_charts_tests::{
    chart, documents, k8s,
    objects::{list, text},
    read, tools,
};
use lcr_testkit::Folder;
use serde_json::Value;

/// A running server. Dropping it ends it.
struct Server {
    process: Child,
    port: u16,
    folder: Folder,
}

impl Server {
    /// Starts a server. `configure` gets its folder and port.
    fn start(mut command: Command, configure: impl FnOnce(&mut Command, &Folder, u16)) -> Self {
        let folder = Folder::new("server").unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        configure(&mut command, &folder, port);
        command.stdout(Stdio::null()).stderr(Stdio::null()).stdin(Stdio::null());
        let server = Self { process: command.current_dir(folder.path()).spawn().unwrap(), port, folder };
        let begun = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(begun.elapsed() < Duration::from_secs(20), "{} does not start", server.folder.path().display());
            std::thread::sleep(Duration::from_millis(50));
        }
        server
    }

    /// Sends lines and returns the first line of each answer, without the greeting.
    fn send_lines(&self, greets: bool, lines: &[String]) -> Vec<String> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        let mut answers = BufReader::new(stream.try_clone().unwrap());
        let mut next = || {
            let mut line = String::new();
            let _ = answers.read_line(&mut line);
            line.trim_end().to_owned()
        };
        if greets {
            next();
        }
        let say = |line: &String| {
            // A closed connection gives an empty answer.
            let _ = stream.write_all(format!("{line}\r\n").as_bytes());
            next()
        };
        lines.iter().map(say).collect()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn users() -> Vec<Value> {
    let values = documents::parse_single(&k8s("production/nats-values.yaml")).unwrap();
    list(&values, "/config/merge/authorization/users").to_vec()
}

/// Starts the broker with the users of the values. As in its chart, text in `<< >>` loses its quotes.
fn nats() -> Server {
    let users = Value::from(users()).to_string().replace("\"<< ", "").replace(" >>\"", "");
    let values = documents::parse_single(&k8s("production/nats-values.yaml")).unwrap();
    let env = values.pointer("/container/env").unwrap().as_object().unwrap().clone();
    Server::start(tools::nats_server().unwrap(), |command, folder, port| {
        let store = folder.path().join("store").display().to_string();
        let given = format!(
            "listen: \"127.0.0.1:{port}\"\njetstream {{store_dir: {store:?}, max_file_store: 64GB}}\nauthorization {{users: {users}}}\n"
        );
        fs::write(folder.path().join("nats.conf"), given).unwrap();
        command.args(["--config", "nats.conf"]);
        for (name, from) in env {
            command.env(name, format!("secret-{}", text(&from, "/valueFrom/secretKeyRef/key")));
        }
    })
}

/// The broker's answers to a user who publish an empty message on each subject.
fn publish(nats: &Server, user: &str, subjects: &[&str]) -> Vec<String> {
    let hello = format!(r#"CONNECT {{"verbose":true,"user":"{user}","pass":"secret-{user}"}}"#);
    let says = subjects.iter().map(|subject| format!("PUB {subject} 0\r\n"));
    let mut answers = nats.send_lines(true, &std::iter::once(hello).chain(says).collect::<Vec<_>>());
    assert_eq!(answers.remove(0), "+OK", "{user}");
    answers
}

#[test]
fn the_broker_knows_each_service_that_uses_it_and_nobody_else() {
    let values = documents::parse_single(&chart("values.yaml")).unwrap();
    let services = values.pointer("/services").unwrap().as_object().unwrap();
    let mut using: Vec<&str> = services
        .iter()
        .filter(|(_, spec)| list(spec, "/uses").iter().any(|one| one == "nats"))
        .map(|(name, _)| name.as_str())
        .collect();
    let users = users();
    let mut known: Vec<&str> = users.iter().map(|user| text(user, "/user")).collect();
    using.sort_unstable();
    known.sort_unstable();
    assert_eq!(known, using);
    let nats = nats();
    for hello in [
        "CONNECT {}",
        r#"CONNECT {"user":"consent","pass":"secret-audit"}"#,
        r#"CONNECT {"user":"gateway","pass":"x"}"#,
    ] {
        let output = nats.send_lines(true, &[hello.to_owned()]);
        assert!(output[0].contains("Authorization Violation"), "{hello}: {output:?}");
    }
}

#[test]
fn at_the_broker_each_service_publishes_only_its_own_subjects_and_deletes_nothing() {
    let nats = nats();
    let own = [
        ("identity", "identity"),
        ("consent", "consent"),
        ("patient-index", "people"),
        ("virtual-ward", "ward"),
        ("audit", "audit"),
        ("feeds", "feeds"),
    ];
    for (user, context) in own {
        let again = format!("lcr.again.{}.somebody", context.to_uppercase());
        let subject = format!("lcr.{context}.event.00");
        let committed = format!("lcr.committed.{user}");
        let may = publish(&nats, user, &[&subject, &again, &committed, "lcr.replay.FEEDS", "$JS.API.INFO"]);
        assert!(may.iter().all(|output| output == "+OK"), "{user}: {may:?}");
        let dead = format!("lcr.dead.PEOPLE.{}", if user == "consent" { "audit" } else { "consent" });
        let mut others = vec!["$JS.API.STREAM.DELETE.AUDIT", "$JS.API.STREAM.PURGE.AUDIT", dead.as_str()];
        let foreign: Vec<String> = own
            .iter()
            .filter(|(_, other)| *other != context)
            .map(|(_, other)| format!("lcr.{other}.event.00"))
            .collect();
        others.extend(foreign.iter().map(String::as_str));
        for subject in others {
            let output = publish(&nats, user, &[subject]);
            assert!(output[0].contains("Permissions Violation"), "{user} says {subject}: {output:?}");
        }
    }
}

/// What a service publishes in streams of others, and what it watches or projects (`listen` in its `lib.rs`).
#[test]
fn at_the_broker_each_service_may_do_what_its_code_does() {
    let nats = nats();
    let rights: [(&str, &[&str], &[&str]); 5] = [
        ("identity", &["lcr.feeds.demographics.00", "lcr.again.FEEDS.patient-index"], &[]),
        (
            "consent",
            &["lcr.again.FEEDS.consent"],
            &["lcr.people.>", "lcr.partners.>", "lcr.ward.>", "lcr.feeds.>", "lcr.identity.>"],
        ),
        ("patient-index", &["lcr.audit.acted.00", "lcr.again.AUDIT.audit", "lcr.again.FEEDS.patient-index"], &[]),
        (
            "record-aggregation",
            &[
                "lcr.feeds.demographics.00",
                "lcr.feeds.care-link.00",
                "lcr.audit.completed.00",
                "lcr.again.FEEDS.patient-index",
                "lcr.again.FEEDS.consent",
            ],
            &["lcr.consent.>", "lcr.people.>", "lcr.identity.>", "lcr.feeds.>", "lcr.ward.>"],
        ),
        (
            "virtual-ward",
            &["lcr.audit.completed.00", "lcr.again.AUDIT.audit", "lcr.again.PEOPLE.virtual-ward"],
            &["lcr.consent.>", "lcr.identity.>", "lcr.partners.>", "lcr.people.>", "lcr.ward.>"],
        ),
    ];
    for (user, publishes, watches) in rights {
        let output = publish(&nats, user, publishes);
        assert!(output.iter().all(|one| one == "+OK"), "{user}: {output:?}");
        let output = subscribe(&nats, user, watches);
        assert!(output.iter().all(|one| one == "+OK"), "{user}: {output:?}");
    }
    let output = subscribe(&nats, "feeds", &["lcr.consent.>"]);
    assert!(output[0].contains("Permissions Violation"), "{output:?}");
}

/// The broker's answers to a user who subscribes to each subject.
fn subscribe(nats: &Server, user: &str, subjects: &[&str]) -> Vec<String> {
    let hello = format!(r#"CONNECT {{"verbose":true,"user":"{user}","pass":"secret-{user}"}}"#);
    let says = subjects.iter().enumerate().map(|(number, subject)| format!("SUB {subject} {number}"));
    let mut answers = nats.send_lines(true, &std::iter::once(hello).chain(says).collect::<Vec<_>>());
    assert_eq!(answers.remove(0), "+OK", "{user}");
    answers
}

/// Starts the cache with the users in the comments of its manifest.
fn redis() -> Server {
    let page = read(&k8s("production/redis.yaml")).unwrap();
    let users: Vec<String> = page
        .lines()
        .filter_map(|line| line.strip_prefix("#   "))
        .map(|line| line.replace("#<SHA-256 of its password>", ">secret"))
        .collect();
    assert_eq!(users.len(), 3, "{users:?}");
    Server::start(tools::redis_server().unwrap(), |command, folder, port| {
        fs::write(folder.path().join("users.acl"), users.join("\n") + "\n").unwrap();
        let pod = documents::parse_file(&k8s("production/redis.yaml")).unwrap();
        let args = pod.iter().find(|one| text(one, "/kind") == "Deployment").unwrap();
        let args = list(args, "/spec/template/spec/containers/0/args").iter().skip(1);
        let args = args.map(|one| one.as_str().unwrap().replace("/etc/redis/users.acl", "users.acl"));
        command.args(args).args(["--port", &port.to_string(), "--bind", "127.0.0.1"]);
    })
}

#[test]
fn the_cache_accepts_its_two_users_and_nobody_else() {
    let redis = redis();
    let output = redis.send_lines(false, &["PING".into(), "AUTH default secret".into(), "AUTH gateway wrong".into()]);
    assert!(
        output[0].starts_with("-NOAUTH") && output[1].starts_with("-WRONGPASS") && output[2].starts_with("-WRONGPASS"),
        "{output:?}"
    );
    for user in ["gateway", "record-aggregation"] {
        let hello = format!("AUTH {user} secret");
        let lines = [
            hello.as_str(),
            "PING",
            "SET v:a 1 PX 1000",
            "EVAL \"redis.call('TIME') return redis.call('INCR', KEYS[1])\" 1 g:a",
        ];
        let output = redis.send_lines(false, &lines.map(str::to_owned));
        assert_eq!(output, ["+OK", "+PONG", "+OK", if user == "gateway" { ":1" } else { ":2" }], "{user}");
        for not in ["SET other 1", "KEYS *", "SCAN 0", "FLUSHALL", "CONFIG GET *", "ACL LIST", "REPLICAOF 127.0.0.1 1"]
        {
            let output = redis.send_lines(false, &[hello.clone(), not.to_owned()]);
            assert!(output[1].starts_with("-NOPERM"), "{user}: {not}: {output:?}");
        }
    }
}

#[test]
fn the_cache_is_a_single_replica_without_persistence() {
    let all = documents::parse_file(&k8s("production/redis.yaml")).unwrap();
    let cache = all.iter().find(|one| text(one, "/kind") == "Deployment").unwrap();
    assert_eq!(cache.pointer("/spec/replicas"), Some(&Value::from(1)));
    let pod = cache.pointer("/spec/template/spec").unwrap();
    let args: Vec<&str> = list(pod, "/containers/0/args").iter().map(|one| one.as_str().unwrap()).collect();
    let given = |name: &str| args.iter().position(|one| *one == name).map(|at| args[at + 1]);
    assert_eq!(
        (given("--save"), given("--appendonly"), given("--maxmemory-policy")),
        (Some(""), Some("no"), Some("allkeys-lru"))
    );
    assert!(!list(pod, "/volumes").iter().any(|one| one.get("persistentVolumeClaim").is_some()));
}

#[test]
fn the_live_database_accepts_only_its_roles_and_only_over_tls() {
    let all = documents::parse_file(&k8s("production/postgres-cluster.yaml")).unwrap();
    let rules: Vec<Vec<&str>> =
        list(&all[0], "/spec/postgresql/pg_hba").iter().map(|one| one.as_str().unwrap().split(' ').collect()).collect();
    assert_eq!(rules[0], ["hostnossl", "all", "all", "all", "reject"]);
    let roles: Vec<&str> = list(&all[0], "/spec/managed/roles").iter().map(|one| text(one, "/name")).collect();
    assert_eq!(rules[1][..3], ["hostssl", "lcr", roles.join(",").as_str()]);
    assert_eq!(rules[1][4], "scram-sha-256");
    assert!(rules[2][2].starts_with("lcr,") && rules[2][4] == "reject", "to no other database");
}
