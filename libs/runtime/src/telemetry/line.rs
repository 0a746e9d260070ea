//! A log line as JSON, with the same fields on each line (`timestamp`, `level`, `service`, `target`, `message`, and
//! `trace_id` within a trace). An event's own values must stay under `fields`.

use std::fmt;

use serde_json::{Map, Value, json};
use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{
    fmt::{
        FmtContext, FormatEvent, FormatFields,
        format::Writer,
        time::{FormatTime, SystemTime},
    },
    registry::LookupSpan,
};

/// The JSON format of log lines.
#[derive(Debug, Clone, Copy)]
pub struct Json {
    /// The service of events that name none.
    pub service: &'static str,
}

impl<S, N> FormatEvent<S, N> for Json
where
    S: Subscriber + for<'span> LookupSpan<'span>,
    N: for<'writer> FormatFields<'writer> + 'static,
{
    fn format_event(&self, _: &FmtContext<'_, S, N>, mut to: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        let mut timestamp = String::new();
        SystemTime.format_time(&mut Writer::new(&mut timestamp))?;
        let mut fields = Fields::default();
        event.record(&mut fields);
        let meta = event.metadata();
        let mut line = json!({
            "timestamp": timestamp,
            "level": meta.level().as_str(),
            "target": meta.target(),
            "service": fields.0.remove("service").unwrap_or_else(|| self.service.into()),
            "message": fields.0.remove("message").unwrap_or_default(),
        });
        if let Some(id) = lcr_observe::trace::id() {
            line["trace_id"] = id.into();
        }
        if !fields.0.is_empty() {
            line["fields"] = Value::Object(fields.0);
        }
        writeln!(to, "{line}")
    }
}

#[derive(Default)]
struct Fields(Map<String, Value>);

impl Fields {
    fn keep(&mut self, field: &Field, value: impl Into<Value>) {
        self.0.insert(field.name().to_owned(), value.into());
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.keep(field, format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.keep(field, value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.keep(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.keep(field, value);
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.keep(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.keep(field, value);
    }
}

#[cfg(test)]
mod tests {
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
}
