//! The fake of identity: a session for every role, and a small registry.

use std::collections::BTreeMap;

use async_trait::async_trait;
use lcr_contracts::{
    Failure, Identity,
    identity::{Launch, LaunchTicket, SignedIn},
    registry::{DatasetSwitch, Organisation, PartnerState, Registry, System, SystemSetup},
};
use lcr_model::{Actor, ActorKind, Dataset, OdsCode, Phi, Purpose, Role, SessionId, SourceId, UserId};
use uuid::Uuid;

use super::World;
use crate::sample;

pub fn actor(name: &str) -> Option<Actor> {
    let role: Role = name.parse().ok()?;
    let patient = role == Role::Patient;
    let org = match role {
        Role::Consultant | Role::WardNurse | Role::PrivacyOfficer | Role::CaldicottGuardian => "RR8XX",
        Role::CommunityNurse => "T01XX",
        Role::PlatformAdmin => "X26XX",
        _ => "B86000",
    };
    Some(Actor {
        user: UserId::new(name),
        kind: if patient { ActorKind::Patient } else { ActorKind::Person },
        name: if patient { "Fredrica Smith".into() } else { "Dr Aisha Khan".into() },
        org: OdsCode::new(org),
        role,
        purpose: if patient { Purpose::OwnRecord } else { Purpose::DirectCare },
        session: SessionId(Uuid::from_u128(7)),
    })
}

#[async_trait]
impl Identity for World {
    async fn session(&self, secret: &Phi<String>, active: bool) -> Result<Option<SignedIn>, Failure> {
        self.activity.lock().unwrap().push(active);
        if self.ended.lock().unwrap().contains(secret.as_ref()) {
            return Ok(None);
        }
        let (name, frame_ancestors) = crate::fake_launch::frame_of(secret.as_ref());
        Ok(actor(name).map(|actor| SignedIn {
            actor,
            organisation: "Beckside Surgery".into(),
            token: Phi::new("token".into()),
            until: jiff::Timestamp::MAX,
            form_token: Phi::new("form-token".into()),
            signed_in_at: Some(self.signed_in_at.unwrap_or_else(sample::now)),
            frame_ancestors,
        }))
    }
    async fn end_session(&self, _secret: &Phi<String>) -> Result<(), Failure> {
        *self.session_ended.lock().unwrap() = true;
        Ok(())
    }
    async fn role_choices(
        &self,
        sealed: &Phi<String>,
    ) -> Result<Option<lcr_contracts::identity::RoleChoices>, Failure> {
        Ok(crate::fake_launch::choices_of(sealed.as_ref()))
    }
    async fn launch(&self, token: &Phi<String>) -> Result<LaunchTicket, Failure> {
        crate::fake_launch::accept(token.as_ref())
    }
    async fn open_launch(&self, ticket: &Phi<String>) -> Result<Option<Launch>, Failure> {
        crate::fake_launch::open(self, ticket.as_ref()).await
    }
    async fn registry(&self) -> Result<Registry, Failure> {
        let organisation = |ods, name: &str, kind: &str, part_of: Option<&str>| Organisation {
            ods: OdsCode::new(ods),
            name: name.into(),
            kind: kind.into(),
            agreement_signed: true,
            part_of: part_of.map(OdsCode::new),
            serves: vec![],
            state: PartnerState::Live,
            receives: None,
        };
        let organisations = vec![
            Organisation {
                state: self.partner_state.unwrap_or(PartnerState::Live),
                ..organisation("B86000", "Beckside Surgery", "gp-practice", Some("T01XX"))
            },
            organisation("B86001", "Kirkgate Medical Practice", "gp-practice", Some("T01XX")),
            organisation("RR8XX", "St Hilda's Hospitals", "acute", None),
            organisation("SH1", "St Hilda's General", "hospital-site", Some("RR8XX")),
            organisation("T01XX", "Beck Valley Team", "neighbourhood-team", None),
            organisation("X01XX", "Canalside Sexual Health", "sexual-health", None),
        ];
        let system = |id: &str, org: &str, discreet| System {
            id: SourceId::new(id),
            name: id.into(),
            organisation: OdsCode::new(org),
            base_url: String::new(),
            kind: "gp".into(),
            authority: false,
            discreet,
            datasets: BTreeMap::from(
                [Dataset::Medications, Dataset::Results].map(|dataset| (dataset, DatasetSwitch::On)),
            ),
            rhythm: "real-time".into(),
            default_practice: None,
            suspended: false,
            setup: SystemSetup::default(),
            feed: None,
        };
        let systems = vec![
            system("beckside", "B86000", false),
            system("st-hildas", "RR8XX", false),
            system("canal", "X01XX", true),
        ];
        Ok(Registry { organisations, systems })
    }
}
