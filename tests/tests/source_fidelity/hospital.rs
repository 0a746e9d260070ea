//! A hospital that sends HL7 v2 messages about the patient of the scene. It must never check anything.

use std::time::Duration;

use lcr_tests::mllp::MllpConnection;
use serde_json::Value;

use crate::scene::Scene;

pub const PID: &str = "PID|1||H77^^^QUIRK^MR~9991000003^^^NHS^NH||HALLIWELL^Nora||19610203|F";

pub struct Hospital {
    pub scene: Scene,
    connection: MllpConnection,
    sent: u32,
}

impl Hospital {
    pub async fn open() -> Self {
        let scene = Scene::of(vec![]).await;
        let connection = MllpConnection::open(scene.platform.ports.mllp()).await.unwrap();
        Self { scene, connection, sent: 0 }
    }

    /// Sends the segments after MSH and PID, and waits until the record meets the condition `done`.
    pub async fn send(&mut self, kind: &str, segments: &[&str], done: impl Fn(&Value) -> bool) -> Value {
        self.send_about(PID, kind, segments, done).await
    }

    /// Like `send`, about the person that `pid` names.
    pub async fn send_about(
        &mut self,
        pid: &str,
        kind: &str,
        segments: &[&str],
        done: impl Fn(&Value) -> bool,
    ) -> Value {
        self.sent += 1;
        let msh =
            format!("MSH|^~\\&|QUIRKLAB|QUIRK|LCR|LCR|2026011409{:02}00||{kind}|life-{}|P|2.5", self.sent, self.sent);
        let message = [&[msh.as_str(), pid], segments].concat().join("\r") + "\r";
        self.connection.send_accepted(message.as_bytes()).await;
        lcr_testkit::eventually_ok(Duration::from_secs(10), "the message reaches the record", async || {
            let record = self.scene.record().await;
            if done(&record) { Ok(record) } else { Err("not yet") }
        })
        .await
    }
}
