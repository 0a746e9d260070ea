//! Messages that wait, faked: one that names somebody and one that nobody can tell whose it is.

use async_trait::async_trait;
use lcr_contracts::{
    Caller, Failure, Messages,
    messages::{MessageText, Replayed, WaitingCount, WaitingMessage, WaitingPage, WaitingQuery},
};
use lcr_model::{LocalId, Role, SourceId, SourceIdentity};
use uuid::Uuid;

use crate::{fakes::World, sample};

pub const NAMED: Uuid = Uuid::from_u128(0x51);
const REASON: &str = "Two NHS numbers for one record";

/// A data steward alone is told whom a message names.
fn message(caller: &Caller, id: Uuid, source: Option<&str>, received: &str) -> WaitingMessage {
    let told = caller.actor.role == Role::DataSteward;
    let identity =
        |source: &str| SourceIdentity { source: SourceId::new(source), local_id: LocalId("47110815".into()) };
    WaitingMessage {
        id,
        received: sample::at(received),
        source: source.map(SourceId::new),
        kind: "ADT^A40".into(),
        control_id: "MSG-1 <b>".into(),
        reason: if source.is_some() { REASON.into() } else { "No hospital sends as this".into() },
        failed_at: Some("MRG-1".into()),
        people: source.map(identity).filter(|_| told).into_iter().collect(),
        visits: if told { vec!["V-100".into()] } else { vec![] },
        withheld: !told,
    }
}

fn desk(caller: &Caller) -> Result<(), Failure> {
    let may = [Role::DataSteward, Role::PlatformAdmin, Role::OrgAdmin].contains(&caller.actor.role);
    may.then_some(()).ok_or_else(|| Failure::forbidden("Waiting messages are for data stewards."))
}

#[async_trait]
impl Messages for World {
    async fn waiting(&self, caller: &Caller, query: WaitingQuery) -> Result<WaitingPage, Failure> {
        self.check()?;
        desk(caller)?;
        self.waiting.lock().unwrap().push(query);
        let named = message(caller, NAMED, Some("st-hildas"), "2026-11-18T09:00:00Z");
        let nobodys = message(caller, Uuid::from_u128(0x52), None, "2026-11-21T13:30:00Z");
        let count = |message: &WaitingMessage, count| WaitingCount {
            source: message.source.clone(),
            reason: message.reason.clone(),
            count,
            oldest: message.received,
        };
        let counts = vec![count(&named, 4), count(&nobodys, 1)];
        Ok(WaitingPage { counts, after: Some(nobodys.id), messages: vec![named, nobodys] })
    }

    async fn text(&self, caller: &Caller, id: Uuid) -> Result<MessageText, Failure> {
        self.check()?;
        desk(caller)?;
        if id != NAMED {
            return Err(Failure::not_found());
        }
        let waits = self.replayed.lock().unwrap().is_empty();
        let lines = [
            "MSH|^~\\&|PAS|SH|LCR|LCR|20261118090000||ADT^A40",
            "PID|||47110815",
            "OBX: not shown",
            "ZZ1|<script>",
        ];
        let message = message(caller, NAMED, Some("st-hildas"), "2026-11-18T09:00:00Z");
        Ok(MessageText { message, waits, lines: lines.map(Into::into).to_vec() })
    }

    async fn replay(&self, caller: &Caller, id: Uuid) -> Result<Replayed, Failure> {
        self.check()?;
        desk(caller)?;
        self.replayed.lock().unwrap().push(id);
        Ok(Replayed { waits: false, outcome: "Read; it says that Fredrica was merged.".into() })
    }
}
