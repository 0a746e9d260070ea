//! Connections on which a peer sends nothing or half a request: pages, MLLP and readiness still work for others.

use std::net::SocketAddr;

use lcr_model::ServiceName;
use lcr_tests::{
    Options, Platform,
    mllp::{MllpConnection, admission, is_accepted},
};
use tokio::{
    io::AsyncWriteExt,
    net::{TcpSocket, TcpStream},
};

/// Connects from another address of this machine, so that each address is a separate peer.
pub async fn connect_from_peer(peer: u8, port: u16) -> Option<TcpStream> {
    let socket = TcpSocket::new_v4().ok()?;
    socket.bind(SocketAddr::from(([127, 0, 0, peer], 0))).ok()?;
    socket.connect(SocketAddr::from(([127, 0, 0, 1], port))).await.ok()
}

/// Opens connections that send half a request head and no more.
pub async fn open_half_heads(peer: u8, port: u16, many: usize) -> Vec<TcpStream> {
    let mut open = vec![];
    for _ in 0..many {
        let Some(mut stream) = connect_from_peer(peer, port).await else { continue };
        let _ = stream.write_all(b"GET /home HTTP/1.1\r\nhost: localhost\r\nx-long: ").await;
        open.push(stream);
    }
    open
}

#[tokio::test(flavor = "multi_thread")]
async fn half_sent_heads_of_one_peer_delay_no_other_peer() {
    let platform = Platform::start(Options { city: false, ..Options::default() }).await;
    let _open = open_half_heads(9, platform.ports.gateway, 1_500).await;
    let anonymous = platform.anonymous();
    assert_eq!(anonymous.get("/sign-in").await.status, 200, "pages");
    let gp = platform.actor("gp").await;
    assert_eq!(gp.search(&serde_json::json!({ "nhs_number": super::FREDRICA })).await.status, 200, "searches");
    let ready = match platform.split_if_any() {
        Some(split) => format!("http://localhost:{}/readyz", split.admin_port(ServiceName::Gateway, 0)),
        None => format!("http://localhost:{}/readyz", platform.ports.admin()),
    };
    assert_eq!(anonymous.get(&ready).await.status, 200, "readiness");
}

#[tokio::test(flavor = "multi_thread")]
async fn silent_senders_of_one_address_do_not_block_mllp_for_others() {
    let platform = Platform::start_loaded().await;
    let mut open = vec![];
    for _ in 0..300 {
        open.extend(connect_from_peer(9, platform.ports.mllp()).await);
    }
    let mut hospital = MllpConnection::open(platform.ports.mllp()).await.unwrap();
    let answer = hospital.send(&admission("ATT1", super::FREDRICA, "19450714", "ATT1")).await.unwrap();
    assert!(is_accepted(&answer), "{answer}");
    drop(open);
}
