//! The MLLP listener: order of answers, recovery from malformed frames, limits.

use lcr_hl7::mllp::encode_frame;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::scene::{DEADLINE, PID, Scene, adt, code, hospital};

pub fn message(number: u32) -> String {
    adt("A31", &format!("M{number}"), "20261120093000", &[PID])
}

/// Reads until that count frames have ended.
async fn answers(stream: &mut TcpStream, count: usize) -> String {
    let (mut got, mut buffer) = (vec![], vec![0; 4096]);
    while got.split(|byte| *byte == 0x1C).count() <= count {
        let read = tokio::time::timeout(DEADLINE, stream.read(&mut buffer)).await.unwrap().unwrap();
        assert!(read > 0, "closed before {count} answers arrived");
        got.extend_from_slice(&buffer[..read]);
    }
    String::from_utf8(got).unwrap()
}

#[tokio::test]
async fn messages_of_a_connection_are_answered_in_order() {
    let scene = Scene::set(&[hospital()]).await;
    let mut stream = TcpStream::connect(scene.mllp).await.unwrap();
    let all: Vec<u8> = (0..20).flat_map(|number| encode_frame(message(number).as_bytes())).collect();
    for part in all.chunks(97) {
        stream.write_all(part).await.unwrap();
    }
    let answer = answers(&mut stream, 20).await;
    let ids: Vec<&str> = answer.split("MSA|AA|").skip(1).map(|rest| rest.split('|').next().unwrap()).collect();
    assert_eq!(ids, (0..20).map(|number| format!("M{number}")).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_malformed_frame_does_not_affect_the_next() {
    let scene = Scene::set(&[hospital()]).await;
    let mut stream = TcpStream::connect(scene.mllp).await.unwrap();
    stream.write_all(b"junk\x0BMSH|half").await.unwrap();
    stream.write_all(&encode_frame(message(1).as_bytes())).await.unwrap();
    stream.write_all(b"\x0Bnot hl7\x1C\r").await.unwrap();
    // Some senders leave out the last byte.
    stream.write_all(encode_frame(message(2).as_bytes()).split_last().unwrap().1).await.unwrap();
    let answer = answers(&mut stream, 3).await;
    let codes: Vec<&str> = answer.split("MSA|").skip(1).map(|rest| &rest[..2]).collect();
    assert_eq!(codes, ["AA", "AR", "AA"]);
    assert_eq!(scene.list("/v1/messages?status=unreadable").await.len(), 3, "junk, half a frame, no HL7");
}

#[tokio::test]
async fn a_frame_that_is_too_long_is_answered_and_the_next_is_accepted() {
    let scene = Scene::set(&[hospital()]).await;
    let mut client = scene.client().await;
    let long = format!("{}\rNTE|1||{}", message(1), "x".repeat(lcr_hl7::mllp::MAX_MESSAGE_BYTES));
    let answer = client.send(long.as_bytes(), DEADLINE).await.unwrap();
    assert!(String::from_utf8_lossy(&answer).contains("MSA|AR||"));
    let answer = client.send(message(2).as_bytes(), DEADLINE).await.unwrap();
    assert_eq!(code(&String::from_utf8_lossy(&answer).replace('\r', "\n")), "AA");
}

#[tokio::test]
async fn a_stop_closes_the_connections() {
    let scene = Scene::set(&[hospital()]).await;
    let mut stream = TcpStream::connect(scene.mllp).await.unwrap();
    stream.write_all(&encode_frame(message(1).as_bytes())).await.unwrap();
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
    stream.write_all(&encode_frame(both.as_bytes())).await.unwrap();
    let answer = answers(&mut stream, 2).await;
    let frames: Vec<&str> = answer.split('\u{1C}').collect();
    assert!(frames[0].contains("MSA|AA|M1") && !frames[0].contains("|M2"));
    assert!(frames[1].contains("MSA|AA|M2"));
}

#[tokio::test]
async fn many_malformed_frames_in_a_row_close_the_connection() {
    let scene = Scene::set(&[hospital()]).await;
    let mut stream = TcpStream::connect(scene.mllp).await.unwrap();
    let malformed = "\u{B}x".repeat(15);
    // Fewer malformed frames followed by a complete one are accepted.
    stream.write_all(malformed.as_bytes()).await.unwrap();
    stream.write_all(&encode_frame(message(1).as_bytes())).await.unwrap();
    answers(&mut stream, 1).await;
    stream.write_all(malformed.repeat(4).as_bytes()).await.unwrap();
    let mut rest = vec![];
    // The connection is closed, or reset because bytes are unread.
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
    lcr_testkit::eventually(DEADLINE, "the slots are free again", async || {
        let mut stream = TcpStream::connect(scene.mllp).await.unwrap();
        let sent = stream.write_all(&encode_frame(message(1).as_bytes())).await;
        sent.is_ok() && stream.read(&mut [0; 1]).await.is_ok_and(|read| read == 1)
    })
    .await;
}
