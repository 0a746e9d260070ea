//! A peer that opens connections and says nothing, or half of what it wants: pages, MLLP and readiness go on for others.

use std::net::SocketAddr;

use lcr_model::ServiceName;
use lcr_tests::{
    Options, Platform,
    mllp::{Line, accepted, admission},
};
use tokio::{
    io::AsyncWriteExt,
    net::{TcpSocket, TcpStream},
};

/// A connection from another address of this machine: each is a peer of its own.
pub async fn from_peer(peer: u8, port: u16) -> Option<TcpStream> {
    let socket = TcpSocket::new_v4().ok()?;
    socket.bind(SocketAddr::from(([127, 0, 0, peer], 0))).ok()?;
    socket.connect(SocketAddr::from(([127, 0, 0, 1], port))).await.ok()
}

/// Heads of which the second half never comes.
pub async fn half_heads(peer: u8, port: u16, many: usize) -> Vec<TcpStream> {
    let mut held = vec![];
    for _ in 0..many {
        let Some(mut stream) = from_peer(peer, port).await else { continue };
        let _ = stream.write_all(b"GET /home HTTP/1.1\r\nhost: localhost\r\nx-long: ").await;
        held.push(stream);
    }
    held
}

#[tokio::test(flavor = "multi_thread")]
async fn half_sent_heads_of_one_peer_hold_up_nobody_else() {
    let platform = Platform::start(Options { city: false, ..Options::default() }).await;
    let _held = half_heads(9, platform.ports.gateway, 1_500).await;
    let anonymous = platform.anonymous();
    assert_eq!(anonymous.get("/sign-in").await.status, 200, "pages");
    let gp = platform.actor("gp").await;
    assert_eq!(
        gp.search(&serde_json::json!({ "nhs_number": super::FREDRICA })).await.status,
        200,
        "searches"
    );
    let ready = match platform.split_form() {
        Some(split) => format!("http://localhost:{}/readyz", split.admin(ServiceName::Gateway, 0)),
        None => format!("http://localhost:{}/readyz", platform.ports.admin()),
    };
    assert_eq!(anonymous.get(&ready).await.status, 200, "readiness");
}

#[tokio::test(flavor = "multi_thread")]
async fn silent_senders_of_one_address_leave_mllp_to_the_others() {
    let platform = Platform::loaded().await;
    let mut held = vec![];
    for _ in 0..300 {
        held.extend(from_peer(9, platform.ports.mllp()).await);
    }
    let mut line = Line::open(platform.ports.mllp()).await.unwrap();
    let answer = line.send(&admission("ATT1", super::FREDRICA, "19450714", "ATT1")).await.unwrap();
    assert!(accepted(&answer), "{answer}");
    drop(held);
}
