//! Ingests FHIR: stores a Bundle with its events and answers with an `OperationOutcome`. A Bundle must never be answered
//! before the store has committed it.

use lcr_contracts::{
    Failure, FailureKind,
    registry::{Registry, System},
};
use lcr_fhir::outcome::outcome;
use lcr_hl7::{AckCode, Condition, Fault, Header};
use serde_json::{Value, json};
use tokio::time::Instant;

use super::{Service, Transport, Verdict, ack_code, map_catching_panics, message_row, store_message::StoreOutcome};
use crate::domain::{Mentions, Sender, bundle, catch_all_source, content_hash, source_by_id};

impl Service {
    /// Ingests a Bundle. The metrics count it under the code that an HL7 v2 sender would get.
    pub async fn ingest_bundle(
        &self,
        bytes: &[u8],
        named_source: Option<String>,
        sender: &Sender,
    ) -> Result<Value, Failure> {
        let started = Instant::now();
        let answer = self.process_bundle(bytes, named_source, sender).await;
        let code = match &answer {
            Ok(_) => AckCode::Aa,
            Err(failure) if failure.kind == FailureKind::BadRequest => AckCode::Ae,
            Err(_) => AckCode::Ar,
        };
        self.metrics.record_answer(Transport::Fhir, code, started);
        answer
    }

    /// `named_source` is the source in the request header. Without it the Bundle's own source counts.
    async fn process_bundle(
        &self,
        bytes: &[u8],
        named_source: Option<String>,
        sender: &Sender,
    ) -> Result<Value, Failure> {
        let received = self.clock.now();
        let content = content_hash(bytes);
        let parsed: Option<Value> = lcr_fhir::json::parse(bytes).filter(bundle::is_supported);
        let value = parsed.as_ref().unwrap_or(&Value::Null);
        let control_id = bundle::control_id(value).unwrap_or_else(|| content.clone());
        let registry = self.sources.current();
        let no_mentions = Mentions::default();
        let (system, verdict, mentions) = match (&parsed, find_source(&registry, value, named_source, sender)) {
            (None, _) => (catch_all_source(&registry.systems), Verdict::Refused(not_a_bundle()), no_mentions),
            (_, Err(fault)) => (None, Verdict::Refused(fault), no_mentions),
            (Some(value), Ok(system)) => {
                let arrival = bundle::BundleArrival {
                    system,
                    received,
                    content: &content,
                    control_id: &control_id,
                    local_id_key: &self.local_id_key,
                };
                let verdict = map_catching_panics(|| bundle::map(&arrival, value));
                let mentions = verdict.mentions(|| bundle::mentions(&arrival, value));
                (Some(system), verdict, mentions)
            }
        };
        let header = Header {
            control_id: if parsed.is_some() { control_id } else { String::new() },
            version: "4.0.1".to_owned(),
            ..Header::default()
        };
        let row = message_row::new_row(received, Transport::Fhir, sender, &header, system, &content, bytes.len());
        let (mut row, verdict) = message_row::with_verdict(row, verdict);
        "Bundle".clone_into(&mut row.kind);
        if let Verdict::Mapped(_) = &verdict {
            row.outcome += &unread_types_suffix(value);
        }
        if parsed.is_none() {
            "unreadable".clone_into(&mut row.status);
        }
        let fault = if let Verdict::Refused(fault) = &verdict { Some(fault.clone()) } else { None };
        let (id, text) = (row.id, row.outcome.clone());
        let stored = self.store_message(row, verdict, mentions, (bytes, sender)).await;
        let mut answer = bundle_answer(stored, text, fault.as_ref())?;
        answer["id"] = json!(id);
        Ok(answer)
    }
}

/// Chooses the answer by what the store did.
fn bundle_answer(stored: Result<StoreOutcome, ()>, text: String, fault: Option<&Fault>) -> Result<Value, Failure> {
    let not_stored = || Failure::new(FailureKind::Unavailable, "The Bundle could not be stored: send it again.");
    let stored = stored.map_err(|()| not_stored())?;
    if let Some(fault) = fault {
        return Err(failure(fault));
    }
    let text = match stored {
        StoreOutcome::New => text,
        StoreOutcome::Dropped => return Err(not_stored()),
        StoreOutcome::Waits(text) => text,
        StoreOutcome::Duplicate => "this Bundle was accepted before".to_owned(),
    };
    Ok(outcome("information", "informational", &text))
}

/// Names the resource types of a Bundle that feeds does not read, to end the outcome text.
pub(super) fn unread_types_suffix(bundle: &Value) -> String {
    bundle::unread_summary(bundle).map_or_else(String::new, |words| format!("; {words}"))
}

fn find_source<'r>(
    registry: &'r Registry,
    value: &Value,
    named_source: Option<String>,
    sender: &Sender,
) -> Result<&'r System, Fault> {
    // An unknown name is refused. Only a sender that names no source may use the sandbox.
    let name = named_source.or_else(|| bundle::source_name(value));
    if let Some(name) = &name
        && !registry.systems.iter().any(|system| system.feed.is_some() && system.id.as_str() == name)
    {
        return Err(Fault::at(Condition::UnknownKey, "MessageHeader", 1, "this source is not known"));
    }
    source_by_id(registry, name.as_deref(), sender)
}

fn not_a_bundle() -> Fault {
    let text = "this is no FHIR R4 Bundle of type collection, message, batch or transaction";
    Fault::in_segment(Condition::UnsupportedType, "Bundle", 1, text)
}

fn failure(fault: &Fault) -> Failure {
    let kind = match (fault.condition, ack_code(fault)) {
        (Condition::UnknownKey, _) => FailureKind::Forbidden,
        (Condition::Internal, AckCode::Ar) => FailureKind::Unavailable,
        _ => FailureKind::BadRequest,
    };
    Failure::new(kind, format!("{}: {}.", fault.location(), fault.text))
}
