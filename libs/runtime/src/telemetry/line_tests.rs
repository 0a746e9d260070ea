//! Tests of `line.rs`.

use std::{
    io,
    sync::{Arc, Mutex},
};

use tracing_subscriber::{fmt::layer, prelude::*};

use super::*;

/// Stores the written lines.
#[derive(Clone, Default)]
struct LogBuffer(Arc<Mutex<Vec<u8>>>);

impl io::Write for LogBuffer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_line_is_one_object_with_the_agreed_names_whatever_is_in_it() {
    let buffer = LogBuffer::default();
    let to = buffer.clone();
    let lines = layer().with_writer(move || to.clone()).event_format(Json { service: "consent" });
    tracing::subscriber::with_default(tracing_subscriber::registry().with(lines), || {
        tracing::info!(count = 3, late = true, "two\nlines and a \"quote\"");
        tracing::warn!(service = "gateway", why = %"no", "said by another");
    });
    let text = String::from_utf8(buffer.0.lock().unwrap().clone()).unwrap();
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 2, "{text}");
    assert_eq!(lines[0]["message"], "two\nlines and a \"quote\"");
    assert_eq!(lines[0]["fields"], json!({ "count": 3, "late": true }));
    assert_eq!((&lines[0]["service"], &lines[1]["service"]), (&json!("consent"), &json!("gateway")));
    assert_eq!((&lines[1]["level"], &lines[1]["fields"]["why"]), (&json!("WARN"), &json!("no")));
    assert_eq!(lines[0]["target"], "lcr_runtime::telemetry::line::tests");
    assert!(lines[0]["timestamp"].as_str().unwrap().ends_with('Z'));
    assert!(lines[0].get("trace_id").is_none(), "no trace is kept");
}
