//! Large bodies: whoever is unknown is refused before a byte of theirs is kept, and holds up no sender who is known.

use std::time::{Duration, Instant};

use lcr_tests::Platform;
use reqwest::Method;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// A body of 8 MB is announced, and a byte of it sent.
async fn slow(port: u16, token: &str) -> TcpStream {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    let head = format!(
        "POST /api/feeds/v1/hl7v2 HTTP/1.1\r\nhost: localhost:{port}\r\nauthorization: Bearer {token}\r\n\
         content-type: application/hl7-v2\r\ncontent-length: 8000000\r\n\r\nM"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream
}

#[tokio::test(flavor = "multi_thread")]
async fn large_bodies_under_a_junk_token_hold_up_no_sender() {
    let platform = Platform::loaded().await;
    let mut junk = vec![];
    for _ in 0..12 {
        junk.push(slow(platform.ports.gateway, "a.b.c").await);
    }
    let feeds = platform.actor("feeds-client").await;
    let note = "NTE|1||".to_owned() + &"x".repeat(2 << 20);
    let body = format!(
        "MSH|^~\\&|PAS|ANY|LCR|LCR|20261120080000||ADT^A31|BIG1|P|2.4\rPID|1||M1^^^ANY^MR||A^B\r{note}\r"
    );
    let started = Instant::now();
    let answer =
        feeds.send(Method::POST, "/api/feeds/v1/hl7v2", Some(("application/hl7-v2", body.into()))).await;
    assert_ne!(answer.status, 503, "{}", answer.text());
    assert!(answer.text().contains("MSA|"), "{} {}", answer.status, answer.text());
    assert!(started.elapsed() < Duration::from_secs(10));
    for stream in &mut junk {
        let mut said = [0; 12];
        let read = tokio::time::timeout(Duration::from_secs(10), stream.read_exact(&mut said)).await;
        read.expect("an answer before the body").unwrap();
        assert_eq!(&said, b"HTTP/1.1 401");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sender_has_two_large_bodies_at_once() {
    let platform = Platform::loaded().await;
    let feeds = platform.actor("feeds-client").await;
    let token = feeds.token.clone().unwrap();
    let mut held = vec![];
    for _ in 0..2 {
        held.push(slow(platform.ports.gateway, &token).await);
    }
    tokio::time::sleep(Duration::from_millis(500)).await;
    let mut third = slow(platform.ports.gateway, &token).await;
    let mut said = [0; 12];
    tokio::time::timeout(Duration::from_secs(5), third.read_exact(&mut said)).await.unwrap().unwrap();
    assert_eq!(&said, b"HTTP/1.1 429");
}
