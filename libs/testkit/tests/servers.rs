//! The servers start, take a kill, come back where they were and leave nothing behind.

use std::{net::TcpStream, time::Instant};

use lcr_testkit::servers::{Nats, Postgres, Redis};

fn address(url: &str) -> &str {
    url.rsplit_once("//").map_or(url, |(_, rest)| rest.split('/').next().unwrap_or(rest))
}

#[test]
fn nats_comes_back() {
    let nats = Nats::start();
    nats.kill();
    assert!(TcpStream::connect(address(&nats.url())).is_err());
    nats.restart();
    assert!(TcpStream::connect(address(&nats.url())).is_ok());
}

#[test]
fn redis_comes_back() {
    let redis = Redis::start();
    redis.kill();
    assert!(TcpStream::connect(address(&redis.url())).is_err());
    redis.restart();
    assert!(TcpStream::connect(address(&redis.url())).is_ok());
}

#[test]
fn postgres_keeps_what_it_committed_through_a_kill() {
    let started = Instant::now();
    let postgres = Postgres::start(&[]);
    println!("postgres in {:?}", started.elapsed());
    postgres.sql("CREATE TABLE kept (id int)");
    for _ in 0..3 {
        postgres.kill();
        postgres.restart();
        postgres.sql("INSERT INTO kept VALUES (1)");
    }
    assert_ne!(postgres.database(), postgres.database());
}
