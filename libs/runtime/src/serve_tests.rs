//! A server among misbehaving peers: each loses only its own connection.

use std::net::SocketAddr;

use axum::{body::Body, routing::get};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpSocket,
    time::{Instant, timeout},
};

use super::*;

const SOON: Duration = Duration::from_secs(5);

/// Starts a server that gives a peer one second. Returns its address.
async fn served(all: usize, per_peer: usize) -> (SocketAddr, Stop) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (address, stop) = (listener.local_addr().unwrap(), Stop::new());
    let large = || async { Body::from(vec![b'x'; 64 << 20]) };
    let slow = || async {
        tokio::time::sleep(Duration::from_secs(2)).await;
        "slow"
    };
    let router =
        Router::new().route("/", get(|| async { "here" })).route("/large", get(large)).route("/slow", get(slow));
    let second = Duration::from_secs(1);
    let patience = Timeouts { head: second, idle: 3 * second, takes: second };
    let connections = Arc::new(Connections::new(all, per_peer));
    tokio::spawn(serve_with(patience, listener, router, connections, stop.clone()));
    (address, stop)
}

/// Connects from 127.0.0.`from`.
async fn connect(to: SocketAddr, from: u8) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(SocketAddr::from(([127, 0, 0, from], 0))).unwrap();
    socket.connect(to).await.unwrap()
}

/// Reads until the server closes.
async fn rest(stream: &mut TcpStream) -> String {
    let mut answer = vec![];
    let _ = timeout(SOON, stream.read_to_end(&mut answer)).await.expect("the connection is closed");
    String::from_utf8_lossy(&answer).into_owned()
}

async fn ask(to: SocketAddr, from: u8, path: &str) -> String {
    let mut stream = connect(to, from).await;
    let request = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    rest(&mut stream).await
}

#[tokio::test]
async fn half_sent_heads_are_closed_and_another_peer_is_answered_meanwhile() {
    let (address, _stop) = served(16, 8).await;
    let mut half = vec![];
    for _ in 0..20 {
        let mut stream = connect(address, 1).await;
        let _ = stream.write_all(b"GET / HTTP/1.1\r\nhost: ").await;
        half.push(stream);
    }
    assert!(ask(address, 2, "/").await.ends_with("here"), "the other peer has a place");
    let started = Instant::now();
    for stream in &mut half {
        rest(stream).await;
    }
    assert!(started.elapsed() < SOON);
    assert!(ask(address, 1, "/").await.ends_with("here"), "its places came back");
}

#[tokio::test]
async fn an_idle_connection_is_closed() {
    let (address, _stop) = served(4, 4).await;
    let mut stream = connect(address, 1).await;
    stream.write_all(b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n").await.unwrap();
    tokio::time::sleep(Duration::from_secs(2)).await;
    stream.write_all(b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n").await.unwrap();
    assert_eq!(rest(&mut stream).await.matches("here").count(), 2, "after more than a head may take");
}

#[tokio::test]
async fn a_silent_connection_is_closed_as_early_as_a_slow_head() {
    let (address, _stop) = served(4, 4).await;
    let started = Instant::now();
    rest(&mut connect(address, 1).await).await;
    assert!(started.elapsed() < Duration::from_millis(2500));
}

#[tokio::test]
async fn a_peer_that_does_not_read_its_answer_loses_its_slot() {
    let (address, _stop) = served(4, 1).await;
    let mut stalled = connect(address, 1).await;
    stalled.write_all(b"GET /large HTTP/1.1\r\nhost: localhost\r\n\r\n").await.unwrap();
    assert_eq!(ask(address, 1, "/").await, "", "it holds the one place of its address");
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert!(ask(address, 1, "/").await.ends_with("here"));
    drop(stalled);
}

#[tokio::test]
async fn a_head_without_end_is_refused() {
    let (address, _stop) = served(4, 4).await;
    let mut stream = connect(address, 1).await;
    let long = format!("GET / HTTP/1.1\r\nhost: localhost\r\nx: {}", "y".repeat(MAX_HEAD_BYTES));
    stream.write_all(long.as_bytes()).await.unwrap();
    assert!(rest(&mut stream).await.starts_with("HTTP/1.1 431"));
}

#[tokio::test]
async fn running_requests_finish_after_the_stop() {
    let (address, stop) = served(4, 4).await;
    let answer = tokio::spawn(async move { ask(address, 1, "/slow").await });
    tokio::time::sleep(Duration::from_millis(200)).await;
    stop.cancel();
    assert!(answer.await.unwrap().ends_with("slow"));
}
