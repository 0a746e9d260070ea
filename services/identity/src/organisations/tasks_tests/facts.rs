//! The facts of an organisation on its way, for tests.

use super::*;

fn signatory(duty: Duty, is_appointed: bool, has_signed: bool) -> Signatory {
    Signatory {
        duty,
        user: is_appointed.then(|| UserId::new("u")),
        name: String::new(),
        signed_at: has_signed.then_some(Timestamp::UNIX_EPOCH),
        text_hash: None,
    }
}

pub(super) fn agreement(schedule: Option<DataFlowSchedule>, is_appointed: bool, has_signed: bool) -> AgreementStatus {
    AgreementStatus {
        version: "2026-1".to_owned(),
        signed_version: has_signed.then(|| "2026-1".to_owned()),
        schedule,
        signatories: Duty::ALL.map(|duty| signatory(duty, is_appointed, has_signed)).to_vec(),
        grace_until: None,
        in_force: has_signed,
    }
}

pub(super) fn check(outcome: CheckOutcome) -> Check {
    Check { name: "reachable".to_owned(), outcome, text: String::new() }
}

pub(super) fn system(report: Option<CheckOutcome>) -> SystemStatus {
    SystemStatus {
        draft: SystemDraft {
            id: SourceId::new("hospice"),
            name: "Hospice".to_owned(),
            kind: SystemKind::Community,
            base_url: "https://fhir.example.nhs.uk".to_owned(),
            datasets: BTreeSet::new(),
            rhythm: "real-time".to_owned(),
            feed: None,
            contact: String::new(),
        },
        datasets: BTreeMap::new(),
        live: false,
        suspended: false,
        managed_by: "portal".to_owned(),
        credentials: None,
        credentials_changed_at: None,
        stages: Stages::default(),
        report: report.map(|outcome| CheckReport { at: Timestamp::UNIX_EPOCH, checks: vec![check(outcome)] }),
    }
}

pub(super) fn provider(checks: Vec<Check>) -> ProviderStatus {
    ProviderStatus {
        draft: ProviderDraft {
            issuer: "https://login.example.nhs.uk".to_owned(),
            client_id: "lcr".to_owned(),
            profile: ClaimProfile::Plain,
            roles: BTreeMap::new(),
            email_domains: vec![],
            acr: vec![],
            algorithm: "EdDSA".to_owned(),
        },
        redirect_uri: String::new(),
        back_channel_logout_uri: String::new(),
        jwks: serde_json::Value::Null,
        managed_by: "portal".to_owned(),
        checks,
    }
}

pub(super) fn states(facts: &TaskFacts<'_>) -> Vec<TaskState> {
    tasks(facts).into_iter().map(|task| task.state).collect()
}
