//! Taking FHIR: a Bundle, answered with an outcome. It goes the same way as HL7 v2: judged, kept with its events,
//! and only then answered.

use lcr_contracts::{Failure, Kind};
use lcr_fhir::outcome::outcome;
use lcr_hl7::{Code, Condition, Fault, Header};
use serde_json::{Value, json};
use tokio::time::Instant;

use super::{Service, Transport, Verdict, code, contained, row, take::Kept};
use crate::domain::{Mentions, Sender, bundle, content, named, open_to_all};

impl Service {
    /// A Bundle taken, and counted by what an HL7 v2 sender would have been answered.
    pub async fn bundle(
        &self,
        bytes: &[u8],
        named_source: Option<String>,
        sender: &Sender,
    ) -> Result<Value, Failure> {
        let started = Instant::now();
        let answered = self.judged_bundle(bytes, named_source, sender).await;
        let code = match &answered {
            Ok(_) => Code::Aa,
            Err(failure) if failure.kind == Kind::BadRequest => Code::Ae,
            Err(_) => Code::Ar,
        };
        self.numbers.answered(Transport::Fhir, code, started);
        answered
    }

    /// `named_source` is what the caller said of itself; the Bundle's own word counts where it said nothing.
    async fn judged_bundle(
        &self,
        bytes: &[u8],
        named_source: Option<String>,
        sender: &Sender,
    ) -> Result<Value, Failure> {
        let received = self.clock.now();
        let content = content(bytes);
        let read: Option<Value> = serde_json::from_slice(bytes).ok().filter(bundle::is_taken);
        let value = read.as_ref().unwrap_or(&Value::Null);
        let control_id = bundle::control_id(value).unwrap_or_else(|| content.clone());
        let systems = self.sources.now();
        let nobody = Mentions::default();
        let (system, verdict, mentions) = match (&read, source(&systems, value, named_source, sender)) {
            (None, _) => (open_to_all(&systems), Verdict::Refused(not_a_bundle()), nobody),
            (_, Err(fault)) => (None, Verdict::Refused(fault), nobody),
            (Some(value), Ok(system)) => {
                let coming = bundle::Coming {
                    system,
                    received,
                    content: &content,
                    control_id: &control_id,
                    local_ids: &self.local_ids,
                };
                let verdict = contained(|| bundle::map(&coming, value));
                let mentions = verdict.mentions(|| bundle::mentions(&coming, value));
                (Some(system), verdict, mentions)
            }
        };
        let header = Header {
            control_id: if read.is_some() { control_id } else { String::new() },
            version: "4.0.1".to_owned(),
            ..Header::default()
        };
        let row = row::row(received, Transport::Fhir, sender, &header, system, &content, bytes.len());
        let (mut row, verdict) = row::outcome(row, verdict);
        "Bundle".clone_into(&mut row.kind);
        if let Verdict::Mapped(_) = &verdict {
            row.outcome += &left_aside(value);
        }
        if read.is_none() {
            "unreadable".clone_into(&mut row.status);
        }
        let fault = if let Verdict::Refused(fault) = &verdict { Some(fault.clone()) } else { None };
        let (id, words) = (row.id, row.outcome.clone());
        let kept = self.keep(row, verdict, mentions, (bytes, sender)).await;
        let kept = kept
            .map_err(|()| Failure::new(Kind::Unavailable, "The Bundle could not be kept: send it again."))?;
        if let Some(fault) = fault {
            return Err(failure(&fault));
        }
        let words = match kept {
            Kept::New => words,
            Kept::Not => {
                return Err(Failure::new(Kind::Unavailable, "The Bundle could not be kept: send it again."));
            }
            Kept::Waits(words) => words,
            Kept::Duplicate => "this Bundle was accepted before".to_owned(),
        };
        let mut answer = outcome("information", "informational", &words);
        answer["id"] = json!(id);
        Ok(answer)
    }
}

/// What the words to the sender of a Bundle that was read end with.
pub(super) fn left_aside(bundle: &Value) -> String {
    bundle::left_aside(bundle).map_or_else(String::new, |words| format!("; {words}"))
}

fn source<'r>(
    systems: &'r [lcr_contracts::identity::System],
    value: &Value,
    said: Option<String>,
    sender: &Sender,
) -> Result<&'r lcr_contracts::identity::System, Fault> {
    // A source that is named and not known is refused; only a sender that names none may go to the sandbox.
    let name = said.or_else(|| bundle::source(value));
    if let Some(name) = &name
        && !systems.iter().any(|system| system.feed.is_some() && system.id.as_str() == name)
    {
        return Err(Fault::at(Condition::UnknownKey, "MessageHeader", 1, "this source is not known"));
    }
    named(systems, name.as_deref(), sender)
}

fn not_a_bundle() -> Fault {
    let words = "this is no FHIR R4 Bundle of type collection, message, batch or transaction";
    Fault::in_segment(Condition::UnsupportedType, "Bundle", 1, words)
}

fn failure(fault: &Fault) -> Failure {
    let kind = match (fault.condition, code(fault)) {
        (Condition::UnknownKey, _) => Kind::Forbidden,
        (Condition::Internal, Code::Ar) => Kind::Unavailable,
        _ => Kind::BadRequest,
    };
    Failure::new(kind, format!("{}: {}.", fault.place(), fault.words))
}
