//! A fake of partners: one practice that is half-way to live data, a register, and an applicant.

#[path = "fake_partners/partner_file.rs"]
mod partner_file;

use async_trait::async_trait;
use lcr_contracts::{
    Caller, Failure, Partners,
    partners::{
        ChangeResult, PartnerChange, PartnerFile, PartnerReceipt, PartnerRequest, PartnerSummary,
        agreement::{AgreementDocument, AgreementText},
        people::{
            AccessRequest, Applicant, DirectoryPerson, NewAccessRequest, OpenSession, PeopleChange, PeopleList,
            SignInCounts,
        },
        sharing_register::{RegisterEntry, SharedDataset, SharingRegister},
        sign_in::SignInChange,
        system::SystemChange,
    },
    registry::PartnerState,
};
use lcr_model::*;
use partner_file::{file, request};
use uuid::Uuid;

use crate::{fakes::World, sample};

pub const ODS: &str = "B86000";
pub const TEXT_HASH: &str = "5f2b";
pub const SECRET: &str = "lcr-scim-once";
const NAME: &str = "Beckside Surgery";

impl World {
    fn require_partner(&self, caller: &Caller, ods: &OdsCode) -> Result<(), Failure> {
        self.check()?;
        let actor = &caller.actor;
        let is_own = actor.org == *ods && matches!(actor.role, Role::OrgAdmin | Role::PracticeManager);
        let is_there = ods.as_str() == ODS && !self.unregistered;
        let may_read = is_there && (is_own || actor.role == Role::PlatformAdmin);
        may_read.then_some(()).ok_or_else(Failure::not_found)
    }
}

#[async_trait]
impl Partners for World {
    async fn change(&self, _: &Caller, request: PartnerRequest) -> Result<PartnerReceipt, Failure> {
        self.check()?;
        let result = match &request.change {
            PartnerChange::People(PeopleChange::MakeScimToken) => ChangeResult::Secret(Phi::new(SECRET.into())),
            PartnerChange::System(SystemChange::MakeKey { .. }) => {
                ChangeResult::PublicKeys(serde_json::json!({ "keys": [{ "kid": "made" }] }))
            }
            PartnerChange::System(SystemChange::Check { .. }) | PartnerChange::SignIn(SignInChange::Check { .. }) => {
                self.check_report.clone().map_or(ChangeResult::Done, ChangeResult::Report)
            }
            _ => ChangeResult::Done,
        };
        self.partner_changes.lock().unwrap().push(request);
        match self.partner_failure {
            Some((kind, text)) => Err(Failure::new(kind, text)),
            None => Ok(PartnerReceipt { id: Uuid::from_u128(0x90), at: sample::now(), result }),
        }
    }

    async fn partners(&self, caller: &Caller) -> Result<Vec<PartnerSummary>, Failure> {
        self.check()?;
        let summary = |ods: &str, name: &str| PartnerSummary {
            ods: OdsCode::new(ods),
            name: name.into(),
            state: PartnerState::Connecting,
            agreement_signed: false,
            managed_by: "portal".into(),
            done: 3,
            needed: 9,
        };
        Ok(match caller.actor.role {
            Role::PlatformAdmin => vec![summary(ODS, NAME), summary("RR8XX", "St Hilda's Hospitals")],
            Role::OrgAdmin if !self.unregistered => vec![summary(ODS, NAME)],
            _ => vec![],
        })
    }

    async fn partner(&self, caller: &Caller, ods: &OdsCode) -> Result<PartnerFile, Failure> {
        self.require_partner(caller, ods)?;
        let mut file = file();
        file.systems[0].live = self.system_live;
        file.organisation.state = self.partner_state.unwrap_or(file.organisation.state);
        file.left_by_platform = self.left_by_platform;
        file.notices[0].declined = self.notice_declined;
        Ok(file)
    }

    async fn agreement_text(&self, caller: &Caller, ods: &OdsCode) -> Result<AgreementText, Failure> {
        self.require_partner(caller, ods)?;
        let paragraphs = ["# Purpose", "Direct care alone.", "- See what others know", "- Say who looked"];
        let document = AgreementDocument {
            name: "agreement".into(),
            title: "Information sharing agreement".into(),
            paragraphs: paragraphs.map(Into::into).to_vec(),
        };
        Ok(AgreementText { version: "2026-1".into(), documents: vec![document], text_hash: TEXT_HASH.into() })
    }

    async fn people(&self, caller: &Caller, ods: &OdsCode) -> Result<PeopleList, Failure> {
        self.require_partner(caller, ods)?;
        let person = DirectoryPerson {
            id: "p1".into(),
            user_name: "sam.reed@beckside.test".into(),
            name: "Sam Reed".into(),
            roles: vec![Role::Receptionist],
            active: true,
            source: "portal".into(),
            user: Some(UserId::new("sam")),
            last_signed_in_at: None,
        };
        let ended =
            DirectoryPerson { id: "p2".into(), name: "Lee Ward".into(), active: false, user: None, ..person.clone() };
        Ok(PeopleList {
            people: vec![person, ended],
            requests: vec![request()],
            directory_required: false,
            more: false,
        })
    }

    async fn sessions(&self, caller: &Caller, _: Option<&OdsCode>) -> Result<Vec<OpenSession>, Failure> {
        self.check()?;
        Ok(vec![OpenSession {
            session: caller.actor.session,
            user: caller.actor.user.clone(),
            name: caller.actor.name.clone(),
            org: caller.actor.org.clone(),
            role: caller.actor.role,
            started_at: sample::now(),
            last_active_at: sample::now(),
            own: true,
        }])
    }

    async fn sign_in_counts(&self, caller: &Caller, ods: &OdsCode) -> Result<SignInCounts, Failure> {
        self.require_partner(caller, ods)?;
        Ok(SignInCounts { eligible: 12, activated: 7, signed_in_this_month: 5, ..SignInCounts::default() })
    }

    async fn sharing_register(&self) -> Result<SharingRegister, Failure> {
        self.check()?;
        *self.registers_made.lock().unwrap() += 1;
        let medications = SharedDataset {
            dataset: Dataset::Medications,
            systems: vec!["Beckside system".into()],
            stage: "on".into(),
        };
        let entry = RegisterEntry {
            ods: OdsCode::new(ODS),
            name: NAME.into(),
            kind: "gp-practice".into(),
            purpose: "direct care".into(),
            lawful_basis: "6(1)(e), 9(2)(h)".into(),
            since: Some("2026-03-02".parse().unwrap()),
            takes_part: true,
            gives: vec![medications],
            receives: Some(vec![Dataset::Results]),
        };
        Ok(SharingRegister { agreement_version: "2026-1".into(), partners: vec![entry] })
    }

    async fn applicant(&self, sealed: &Phi<String>) -> Result<Option<Applicant>, Failure> {
        self.check()?;
        let asked = !self.access_requests.lock().unwrap().is_empty();
        Ok((sealed.as_ref() == "applicant").then(|| Applicant {
            name: "Kit Shaw".into(),
            organisation: OdsCode::new(ODS),
            organisation_name: NAME.into(),
            requests: if asked { vec![request()] } else { vec![] },
        }))
    }

    async fn request_access(&self, _: &Phi<String>, new: NewAccessRequest) -> Result<AccessRequest, Failure> {
        self.access_requests.lock().unwrap().push(new);
        Ok(request())
    }
}
