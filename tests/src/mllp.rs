//! A hospital for tests: sends HL7 v2 messages over MLLP and reads the answers. It must never change a message.

use std::time::Duration;

use lcr_testkit::eventually;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::Platform;

const ANSWER_TIMEOUT: Duration = Duration::from_secs(10);

/// A connection to the platform's MLLP listener.
#[derive(Debug)]
pub struct MllpConnection(TcpStream);

impl MllpConnection {
    pub async fn open(port: u16) -> Option<Self> {
        TcpStream::connect(("127.0.0.1", port)).await.ok().map(Self)
    }

    /// Sends one message, a line for each segment, and returns the answer; `None` if the connection is closed.
    pub async fn send(&mut self, message: &str) -> Option<String> {
        self.exchange(format!("{}\r", message.trim().replace('\n', "\r")).as_bytes()).await
    }

    /// Sends a message until it is accepted, because the platform may not know its sender yet.
    ///
    /// # Panics
    /// If it is not accepted.
    pub async fn send_accepted(&mut self, message: &[u8]) {
        for _ in 0..40 {
            let answer = self.exchange(message).await.expect("an answer");
            if is_accepted(&answer) {
                return;
            }
            assert!(answer.contains("\rMSA|AR|"), "{answer}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("a message of the city is rejected");
    }

    async fn exchange(&mut self, message: &[u8]) -> Option<String> {
        let mut frame = vec![0x0b];
        frame.extend(message);
        frame.extend([0x1c, 0x0d]);
        self.0.write_all(&frame).await.ok()?;
        let mut answer = vec![];
        while !answer.ends_with(&[0x1c, 0x0d]) {
            let mut part = [0; 4096];
            let read = tokio::time::timeout(ANSWER_TIMEOUT, self.0.read(&mut part)).await.ok()?.ok()?;
            if read == 0 {
                return None;
            }
            answer.extend_from_slice(&part[..read]);
        }
        Some(String::from_utf8_lossy(&answer).into_owned())
    }
}

/// Whether an answer accepts its message.
pub fn is_accepted(answer: &str) -> bool {
    answer.contains("\rMSA|AA|")
}

/// An admission message (ADT^A01) for the person with this NHS number and birth date.
pub fn admission(control: &str, number: &str, born: &str, visit: &str) -> String {
    format!(
        "MSH|^~\\&|PAS|ANY|LCR|LCR|20261120080000||ADT^A01^ADT_A01|{control}|P|2.4\n\
         EVN|A01|20261120080000|||||20261120080000\n\
         PID|1||{number}^^^NHS^NH~M{number}^^^ANY^MR||TESTER^TESS^^^MS||{born}|F\n\
         PV1|1|I|W1^B1^3^ANY01|21|||C7654321^WARD^WENDY^^^DR|||430|||||||||{visit}^^^ANY^VN|||||||||||||||||||||||||20261120080000\n\
         PV2|||||||||20261125"
    )
}

/// Admits Mrs Smith of the cast to the sandbox hospital, and waits until her practice's list shows it.
pub async fn admit(platform: &Platform, number: &str, visit: &str) {
    let mut hospital = MllpConnection::open(platform.ports.mllp()).await.expect("an MLLP listener");
    let answer = hospital.send(&admission(visit, number, "19450714", visit)).await.expect("an answer");
    assert!(is_accepted(&answer), "{answer}");
    let gp = platform.actor("gp").await;
    eventually(Duration::from_secs(10), "the admission reaches the list", async || {
        gp.get("/api/virtual-ward/v1/inpatients?practice=Y90001").await.text().contains(number)
    })
    .await;
}
