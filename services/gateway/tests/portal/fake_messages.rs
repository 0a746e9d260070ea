//! Fake waiting messages: one that names a person and one from an unknown sender.

use async_trait::async_trait;
use lcr_contracts::{
    Caller, Failure, Messages,
    messages::{MessageText, ReplayResult, WaitingCount, WaitingMessage, WaitingPage, WaitingQuery},
};
use lcr_model::{LocalId, Role, SourceId, SourceIdentity};
use uuid::Uuid;

use crate::{fakes::World, sample};

pub const NAMED: Uuid = Uuid::from_u128(0x51);
const REASON: &str = "Two NHS numbers for one record";

/// Only a data steward sees whom a message names.
fn message(caller: &Caller, id: Uuid, source: Option<&str>, received: &str) -> WaitingMessage {
    let sees_people = caller.actor.role == Role::DataSteward;
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
        people: source.map(identity).filter(|_| sees_people).into_iter().collect(),
        visits: if sees_people { vec!["V-100".into()] } else { vec![] },
        withheld: !sees_people,
    }
}

fn check_role(caller: &Caller) -> Result<(), Failure> {
    let is_allowed = [Role::DataSteward, Role::PlatformAdmin, Role::OrgAdmin].contains(&caller.actor.role);
    is_allowed.then_some(()).ok_or_else(|| Failure::forbidden("Waiting messages are for data stewards."))
}

#[async_trait]
impl Messages for World {
    async fn waiting(&self, caller: &Caller, query: WaitingQuery) -> Result<WaitingPage, Failure> {
        self.check()?;
        check_role(caller)?;
        self.waiting_queries.lock().unwrap().push(query);
        let named = message(caller, NAMED, Some("st-hildas"), "2026-11-18T09:00:00Z");
        let unknown_sender = message(caller, Uuid::from_u128(0x52), None, "2026-11-21T13:30:00Z");
        let count = |message: &WaitingMessage, count| WaitingCount {
            source: message.source.clone(),
            reason: message.reason.clone(),
            count,
            oldest: message.received,
        };
        let counts = vec![count(&named, 4), count(&unknown_sender, 1)];
        Ok(WaitingPage { counts, after: Some(unknown_sender.id), messages: vec![named, unknown_sender] })
    }

    async fn text(&self, caller: &Caller, id: Uuid) -> Result<MessageText, Failure> {
        self.check()?;
        check_role(caller)?;
        if id != NAMED {
            return Err(Failure::not_found());
        }
        let waits = self.replayed.lock().unwrap().is_empty();
        let lines =
            ["MSH|^~\\&|PAS|SH|LCR|LCR|20261118090000||ADT^A40", "PID|||47110815", "OBX: not shown", "ZZ1|<script>"];
        let message = message(caller, NAMED, Some("st-hildas"), "2026-11-18T09:00:00Z");
        Ok(MessageText { message, waits, lines: lines.map(Into::into).to_vec() })
    }

    async fn replay(&self, caller: &Caller, id: Uuid) -> Result<ReplayResult, Failure> {
        self.check()?;
        check_role(caller)?;
        self.replayed.lock().unwrap().push(id);
        Ok(ReplayResult { waits: false, outcome: "Read; it says that Fredrica was merged.".into() })
    }
}
