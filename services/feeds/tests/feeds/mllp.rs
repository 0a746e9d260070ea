//! The listener: order, recovery, bounds.

use lcr_hl7::mllp::framed;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::scene::{DEADLINE, PID, Scene, adt, code, hospital};

pub fn message(number: u32) -> String {
    adt("A31", &format!("M{number}"), "20261120093000", &[PID])
}

/// Reads until that many frames have ended.
async fn answers(stream: &mut TcpStream, many: usize) -> String {
    let (mut got, mut buffer) = (vec![], vec![0; 4096]);
    while got.split(|byte| *byte == 0x1C).count() <= many {
        let read = tokio::time::timeout(DEADLINE, stream.read(&mut buffer)).await.unwrap().unwrap();
        assert!(read > 0, "closed before {many} answers came");
        got.extend_from_slice(&buffer[..read]);
    }
    String::from_utf8(got).unwrap()
}

#[tokio::test]
async fn messages_of_a_connection_are_answered_in_order() {
    let scene = Scene::set(&[hospital()]).await;
    let mut stream = TcpStream::connect(scene.mllp).await.unwrap();
    let all: Vec<u8> = (0..20).flat_map(|number| framed(message(number).as_bytes())).collect();
    for some in all.chunks(97) {
        stream.write_all(some).await.unwrap();
    }
    let said = answers(&mut stream, 20).await;
    let ids: Vec<&str> = said.split("MSA|AA|").skip(1).map(|rest| rest.split('|').next().unwrap()).collect();
    assert_eq!(ids, (0..20).map(|number| format!("M{number}")).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_spoilt_frame_costs_only_itself() {
    let scene = Scene::set(&[hospital()]).await;
    let mut stream = TcpStream::connect(scene.mllp).await.unwrap();
    stream.write_all(b"junk\x0BMSH|half").await.unwrap();
    stream.write_all(&framed(message(1).as_bytes())).await.unwrap();
    stream.write_all(b"\x0Bnot hl7\x1C\r").await.unwrap();
    // Without the last byte, as some send it.
    stream.write_all(framed(message(2).as_bytes()).split_last().unwrap().1).await.unwrap();
    let said = answers(&mut stream, 3).await;
    let codes: Vec<&str> = said.split("MSA|").skip(1).map(|rest| &rest[..2]).collect();
    assert_eq!(codes, ["AA", "AR", "AA"]);
    assert_eq!(scene.list("/v1/messages?status=unreadable").await.len(), 3, "junk, half a frame, no HL7");
}

#[tokio::test]
async fn a_frame_that_is_too_long_is_answered_and_the_next_is_taken() {
    let scene = Scene::set(&[hospital()]).await;
    let mut client = scene.client().await;
    let long = format!("{}\rNTE|1||{}", message(1), "x".repeat(lcr_hl7::mllp::MAX));
    let answer = client.send(long.as_bytes(), DEADLINE).await.unwrap();
    assert!(String::from_utf8_lossy(&answer).contains("MSA|AR||"));
    let answer = client.send(message(2).as_bytes(), DEADLINE).await.unwrap();
    assert_eq!(code(&String::from_utf8_lossy(&answer).replace('\r', "\n")), "AA");
}

#[tokio::test]
async fn the_stop_ends_it_and_what_was_begun_is_kept() {
    let scene = Scene::set(&[hospital()]).await;
    let mut stream = TcpStream::connect(scene.mllp).await.unwrap();
    stream.write_all(&framed(message(1).as_bytes())).await.unwrap();
    answers(&mut stream, 1).await;
    scene.stop.cancel();
    let mut rest = vec![];
    assert_eq!(stream.read_to_end(&mut rest).await.unwrap(), 0);
}

#[tokio::test]
async fn each_message_of_a_frame_is_answered_in_a_frame_of_its_own() {
    let scene = Scene::set(&[hospital()]).await;
    let mut stream = TcpStream::connect(scene.mllp).await.unwrap();
    let both = format!("{}\r{}", message(1), message(2));
    stream.write_all(&framed(both.as_bytes())).await.unwrap();
    let said = answers(&mut stream, 2).await;
    let frames: Vec<&str> = said.split('\u{1C}').collect();
    assert!(frames[0].contains("MSA|AA|M1") && !frames[0].contains("|M2"));
    assert!(frames[1].contains("MSA|AA|M2"));
}

#[tokio::test]
async fn nothing_but_spoilt_frames_ends_the_connection() {
    let scene = Scene::set(&[hospital()]).await;
    let mut stream = TcpStream::connect(scene.mllp).await.unwrap();
    let spoilt = "\u{B}x".repeat(15);
    // Fewer, and one that is whole, are forgiven.
    stream.write_all(spoilt.as_bytes()).await.unwrap();
    stream.write_all(&framed(message(1).as_bytes())).await.unwrap();
    answers(&mut stream, 1).await;
    stream.write_all(spoilt.repeat(4).as_bytes()).await.unwrap();
    let mut rest = vec![];
    // Ended, or reset with bytes unread.
    let _ = tokio::time::timeout(DEADLINE, stream.read_to_end(&mut rest)).await.unwrap();
    assert_eq!(scene.list("/v1/messages?status=unreadable&limit=200").await.len(), 15 + 20);
}

#[tokio::test]
async fn a_peer_with_too_many_connections_is_refused_until_one_ends() {
    let scene = Scene::set(&[hospital()]).await;
    let mut open = vec![];
    for _ in 0..128 {
        open.push(TcpStream::connect(scene.mllp).await.unwrap());
    }
    let mut one_more = TcpStream::connect(scene.mllp).await.unwrap();
    let closed = tokio::time::timeout(DEADLINE, one_more.read(&mut [0; 1])).await.unwrap();
    assert!(closed.is_ok_and(|read| read == 0));
    open.clear();
    for _ in 0..400 {
        let mut stream = TcpStream::connect(scene.mllp).await.unwrap();
        let sent = stream.write_all(&framed(message(1).as_bytes())).await;
        if sent.is_ok() && stream.read(&mut [0; 1]).await.is_ok_and(|read| read == 1) {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("places are not given back");
}
