//! A stored log of the version that wrote reasons as text. Its entries read as codes and are shown with the right words, and
//! the tree commits to the same bytes as before.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use lcr_audit::domain::{leaf::RowState, row_code::RowKey};
use lcr_contracts::{
    audit::{EntryFingerprint, EntryState, TreeHead},
    consent::Refusal,
    vocabulary::ReasonCode,
};
use sea_orm::{ConnectionTrait, Statement, Value};
use sha2::{Digest, Sha256};

use super::*;

const ACTOR: &str = r#"{"user":"u","kind":"person","name":"Dr Aisha Khan","org":"Z9H01","role":"gp","purpose":"direct-care","session":"00000000-0000-0000-0000-000000000001"}"#;
/// Microseconds since 1970.
const AT: i64 = 1_790_000_000_000_000;

/// A row as that version stored it.
struct OldRow {
    id: Uuid,
    person: Uuid,
    what: &'static str,
    outcome: &'static str,
    reason: &'static str,
}

impl OldRow {
    fn new(what: &'static str, outcome: &'static str, reason: &'static str) -> Self {
        Self { id: Uuid::now_v7(), person: Uuid::now_v7(), what, outcome, reason }
    }

    /// The form that is hashed into the tree.
    fn canonical(&self) -> String {
        let (id, actor, person) = (self.id, serde_json::to_string(ACTOR).unwrap(), self.person);
        let (what, outcome, reason) = (self.what, self.outcome, self.reason);
        format!(
            r#"["opened","{id}","{id}",{AT},"u",{actor},"record-aggregation","{what}","{outcome}","{reason}","[\"{person}\"]","[\"medications\"]","1"]"#
        )
    }

    /// The hash that consent stored.
    fn fingerprint(&self) -> EntryFingerprint {
        let (id, person, what, outcome, reason) = (self.id, self.person, self.what, self.outcome, self.reason);
        let content = format!(
            r#"[["{id}","{id}",{AT},{ACTOR},"record-aggregation","{what}"],["{outcome}","{reason}",["{person}"],["medications"],"1",null]]"#
        );
        EntryFingerprint { id, fingerprint: URL_SAFE_NO_PAD.encode(Sha256::digest(content)) }
    }

    async fn insert(&self, db: &impl ConnectionTrait, key: &RowKey) {
        let people = format!(r#"["{}"]"#, self.person);
        let entry = r#"INSERT INTO entry ("id", "view", "at", "user", "actor", "audience", "what", "outcome", "reason",
            "people", "datasets", "policy_version", "org", "code")
            VALUES (?, ?, ?, 'u', ?, 'record-aggregation', ?, ?, ?, ?, '["medications"]', '1', 'Z9H01', ?)"#;
        let values: Vec<Value> = vec![
            self.id.into(),
            self.id.into(),
            AT.into(),
            ACTOR.into(),
            self.what.into(),
            self.outcome.into(),
            self.reason.into(),
            people.into(),
            key.compute(&self.canonical()).into(),
        ];
        let subject = r#"INSERT INTO entry_person ("person", "entry") VALUES (?, ?)"#;
        let queued = r#"INSERT INTO pending ("kind", "id") VALUES ('opened', ?)"#;
        let statements =
            [(entry, values), (subject, vec![self.person.into(), self.id.into()]), (queued, vec![self.id.into()])];
        for (sql, values) in statements {
            let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
            db.execute_raw(statement).await.unwrap();
        }
    }
}

#[tokio::test]
async fn an_entry_with_a_reason_in_words_reads_as_its_code_and_still_verifies() {
    let (folder, key) = (Folder::new("audit-old-reasons").unwrap(), SigningKey::generate().unwrap());
    let log = open(&folder, &key).await;
    checkpoint(&log, &log.handle.verifier, 0).await;
    let practice = Relationship::RegisteredPractice { organisation: "Beckside Surgery".into() };
    let left = Relationship::LeftHospital { organisation: "St Hilda's".into() };
    let rows = [
        ("record", "allowed", "registered at Beckside Surgery", ReasonCode::Relationship(practice.clone())),
        ("record", "allowed", "left St Hilda's within the last 28 days", ReasonCode::Relationship(left)),
        ("record", "refused", "no-relationship", ReasonCode::Refused(Refusal::NoRelationship)),
        ("choices", "allowed", "reads choices: registered at Beckside Surgery", ReasonCode::ChoicesRead(practice)),
        ("search", "allowed", "may search", ReasonCode::Permitted(AccessKind::Search)),
        ("record", "allowed", "referred by a partner", ReasonCode::Other("referred by a partner".into())),
    ]
    .map(|(what, outcome, reason, code)| (OldRow::new(what, outcome, reason), code));
    let row_key = RowKey::derive_from(&key).unwrap();
    for (row, _) in &rows {
        row.insert(log.handle.store.read(), &row_key).await;
    }
    // A new entry wakes the sequencer.
    log.handle.api.open(&caller(), entry()).await.unwrap();
    let signed = checkpoint(&log, &log.handle.verifier, 7).await;
    assert_eq!(*signed.hash(), root(&leaves(&log.handle.router, signed.size()).await).0);

    let opened = log.handle.open_leaves(&caller(), 0, 100).await.unwrap();
    let entries = log.handle.api.entries(&caller(), EntryQuery::default()).await.unwrap();
    for (row, code) in &rows {
        let leaf = opened.iter().find(|leaf| leaf.id == row.id).unwrap();
        assert_eq!((leaf.state, leaf.canonical.as_ref()), (Some(RowState::Whole), Some(&row.canonical())));
        let entry = &entries.iter().find(|one| one.opened.id == row.id).unwrap().opened;
        assert_eq!((&entry.reason, entry.reason.to_string().as_str()), (code, row.reason));
    }
    let remembered = rows.iter().map(|(row, _)| row.fingerprint()).collect();
    let answer = log.handle.api.reconcile(TreeHead::default(), remembered).await.unwrap();
    assert_eq!(answer.states, [EntryState::Placed; 6], "consent's hashes of these entries still hold");
}
