//! Tests of `audit.rs`.

use lcr_model::{Actor, ActorKind, Purpose, Role, ServiceName, SessionId, ViewId};

use super::*;
use crate::vocabulary::ReasonCode;

#[test]
fn an_entry_reads_as_it_was_written_however_its_view_ended() {
    let actor = Actor {
        user: UserId::new("u"),
        kind: ActorKind::Person,
        name: "Helen Proctor".into(),
        org: OdsCode::new("Z9H01"),
        role: Role::PrivacyOfficer,
        purpose: Purpose::Audit,
        session: SessionId::new(),
    };
    let opened = OpenEntry {
        id: Uuid::now_v7(),
        view: ViewId::new(),
        at: Timestamp::UNIX_EPOCH,
        actor,
        audience: ServiceName::Audit,
        what: AccessKind::AuditLog,
        outcome: Outcome::Allowed,
        reason: ReasonCode::LogRead,
        people: vec![],
        datasets: vec![],
        policy_version: "1".into(),
        choice: None,
        concerned: std::collections::BTreeMap::new(),
    };
    let shown = Completion::Shown { at: Timestamp::UNIX_EPOCH, shown: vec![] };
    for completion in [shown, Completion::PresumedShown, Completion::NothingShown] {
        let entry = Entry { opened: opened.clone(), completion, receipt: Some("LCR-AAAA-AAAA".into()) };
        let text = serde_json::to_string(&entry).unwrap();
        assert_eq!(serde_json::from_str::<Entry>(&text).unwrap(), entry, "{text}");
    }
}
