//! Large bodies: an unknown sender is refused before its body is read, and delays no known sender.

use std::time::{Duration, Instant};

use lcr_tests::Platform;
use reqwest::Method;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// Announces a body of 8 MB and sends one byte of it.
async fn start_slow_body(port: u16, token: &str) -> TcpStream {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    let head = format!(
        "POST /api/feeds/v1/hl7v2 HTTP/1.1\r\nhost: localhost:{port}\r\nauthorization: Bearer {token}\r\n\
         content-type: application/hl7-v2\r\ncontent-length: 8000000\r\n\r\nM"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream
}

#[tokio::test(flavor = "multi_thread")]
async fn large_bodies_with_an_invalid_token_delay_no_sender() {
    let platform = Platform::start_loaded().await;
    let mut junk = vec![];
    for _ in 0..12 {
        junk.push(start_slow_body(platform.ports.gateway, "a.b.c").await);
    }
    let feeds = platform.actor("feeds-client").await;
    let note = "NTE|1||".to_owned() + &"x".repeat(2 << 20);
    let body =
        format!("MSH|^~\\&|PAS|ANY|LCR|LCR|20261120080000||ADT^A31|BIG1|P|2.4\rPID|1||M1^^^ANY^MR||A^B\r{note}\r");
    let started = Instant::now();
    let answer = feeds.send(Method::POST, "/api/feeds/v1/hl7v2", Some(("application/hl7-v2", body.into()))).await;
    assert_ne!(answer.status, 503, "{}", answer.text());
    assert!(answer.text().contains("MSA|"), "{} {}", answer.status, answer.text());
    assert!(started.elapsed() < Duration::from_secs(10));
    for stream in &mut junk {
        let mut status = [0; 12];
        let read = tokio::time::timeout(Duration::from_secs(10), stream.read_exact(&mut status)).await;
        read.expect("an answer before the body").unwrap();
        assert_eq!(&status, b"HTTP/1.1 401");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sender_may_send_two_large_bodies_at_once() {
    let platform = Platform::start_loaded().await;
    let feeds = platform.actor("feeds-client").await;
    let token = feeds.token.clone().unwrap();
    let mut open = vec![];
    for _ in 0..2 {
        open.push(start_slow_body(platform.ports.gateway, &token).await);
    }
    tokio::time::sleep(Duration::from_millis(500)).await;
    let mut third = start_slow_body(platform.ports.gateway, &token).await;
    let mut status = [0; 12];
    tokio::time::timeout(Duration::from_secs(5), third.read_exact(&mut status)).await.unwrap().unwrap();
    assert_eq!(&status, b"HTTP/1.1 429");
}
