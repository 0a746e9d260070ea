//! A hospital as far as a test needs one: messages of its own making, sent over MLLP and answered.

use std::time::Duration;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::Platform;

const PATIENCE: Duration = Duration::from_secs(10);

/// A connection to the platform's MLLP listener.
#[derive(Debug)]
pub struct Line(TcpStream);

impl Line {
    pub async fn open(port: u16) -> Option<Self> {
        TcpStream::connect(("127.0.0.1", port)).await.ok().map(Self)
    }

    /// Sends one message (segments in lines) and returns the answer; `None` when the other end is gone.
    pub async fn send(&mut self, message: &str) -> Option<String> {
        self.frame(format!("{}\r", message.trim().replace('\n', "\r")).as_bytes()).await
    }

    /// Sends what must be accepted; again where the platform does not know yet who sends.
    ///
    /// # Panics
    /// When it is not.
    pub async fn say(&mut self, message: &[u8]) {
        for _ in 0..40 {
            let answer = self.frame(message).await.expect("an answer");
            if accepted(&answer) {
                return;
            }
            assert!(answer.contains("\rMSA|AR|"), "{answer}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("a message of the city is rejected");
    }

    async fn frame(&mut self, message: &[u8]) -> Option<String> {
        let mut frame = vec![0x0b];
        frame.extend(message);
        frame.extend([0x1c, 0x0d]);
        self.0.write_all(&frame).await.ok()?;
        let mut answer = vec![];
        while !answer.ends_with(&[0x1c, 0x0d]) {
            let mut part = [0; 4096];
            let read = tokio::time::timeout(PATIENCE, self.0.read(&mut part)).await.ok()?.ok()?;
            if read == 0 {
                return None;
            }
            answer.extend_from_slice(&part[..read]);
        }
        Some(String::from_utf8_lossy(&answer).into_owned())
    }
}

/// Whether an answer accepts.
pub fn accepted(answer: &str) -> bool {
    answer.contains("\rMSA|AA|")
}

/// An admission of whom these name, as any hospital would send it. `minute` orders messages of one visit.
pub fn admission(control: &str, number: &str, born: &str, visit: &str) -> String {
    format!(
        "MSH|^~\\&|PAS|ANY|LCR|LCR|20261120080000||ADT^A01^ADT_A01|{control}|P|2.4\n\
         EVN|A01|20261120080000|||||20261120080000\n\
         PID|1||{number}^^^NHS^NH~M{number}^^^ANY^MR||TESTER^TESS^^^MS||{born}|F\n\
         PV1|1|I|W1^B1^3^ANY01|21|||C7654321^WARD^WENDY^^^DR|||430|||||||||{visit}^^^ANY^VN|||||||||||||||||||||||||20261120080000\n\
         PV2|||||||||20261125"
    )
}

/// Admits the cast's Mrs Smith at the sandbox, and waits until the list of her practice shows it.
pub async fn admit(platform: &Platform, number: &str, visit: &str) {
    let mut line = Line::open(platform.ports.mllp()).await.expect("an MLLP listener");
    let answer = line.send(&admission(visit, number, "19450714", visit)).await.expect("an answer");
    assert!(accepted(&answer), "{answer}");
    let gp = platform.actor("gp").await;
    for _ in 0..200 {
        let list = gp.get("/api/virtual-ward/v1/inpatients?practice=Y90001").await.text();
        if list.contains(number) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("the admission does not reach the list");
}
