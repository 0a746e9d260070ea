//! How consent decides: gathers facts, applies the rules, has audit commit the entry, signs. In this order, always.

use std::{collections::BTreeMap, time::Duration};

use lcr_contracts::{
    Caller, Failure,
    audit::{OpenEntry, Outcome, What},
    consent::{Ask, Refusal},
};
use lcr_model::{
    PermitClaims, PersonId, ServiceName,
    permit::{MAX_AGE_SECONDS, PERMIT_TYP, PersonGrant},
};
use uuid::Uuid;

use super::{Service, witness::kept};
use crate::domain::{
    decide,
    policies::{Act, PersonFacts},
};

/// How long audit has to commit an entry.
const AUDIT_DEADLINE: Duration = Duration::from_millis(1500);

/// Who may be seen and how much of them, and who may not.
type Decided = (Vec<PersonGrant>, Vec<(PersonId, Refusal)>);

impl Service {
    /// Facts and rules, no record of it yet.
    pub(super) async fn weigh(&self, caller: &Caller, ask: &Ask) -> Result<Decided, Failure> {
        let ids: Vec<PersonId> = ask.people.iter().map(|asked| asked.person).collect();
        // The fence first: a change after this raises it and the grant is refused at its confirmation.
        let standing = self.standing(caller, &ids).await?;
        let known = self.known(&caller.actor, &ask.people, standing.registry).await?;
        let mut decided: Decided = (vec![], vec![]);
        for asked in &ask.people {
            let facts = known.of(asked, standing.of(asked.person), standing.ended);
            match decide(&self.policies, &caller.actor, ask.what, &ask.datasets, &facts) {
                Ok(grant) => decided.0.push(grant),
                Err(refusal) => decided.1.push((asked.person, refusal)),
            }
        }
        Ok(decided)
    }

    /// Why a question that names nobody is refused, if it is: whether somebody exists is not told by an empty
    /// answer to those who may not search.
    async fn refuses_all(&self, caller: &Caller, ask: &Ask) -> Result<Option<Refusal>, Failure> {
        if !ask.people.is_empty() {
            return Ok(None);
        }
        let standing = self.standing(caller, &[]).await?;
        if standing.ended {
            return Ok(Some(Refusal::SessionEnded));
        }
        // Nothing is asked to be seen: it is told so that the log has it.
        if ask.what == What::UnusualSearch {
            return Ok(Some(Refusal::TooOften));
        }
        let registry = self.registry(standing.registry).await?;
        let org = registry.organisations.iter().find(|org| org.ods == caller.actor.org);
        let with = |relationship| PersonFacts {
            relationship,
            objected: false,
            agreement_signed: org.is_some_and(|org| org.agreement_signed),
            restricted: false,
        };
        let permits = |act, relationship| self.policies.permits(caller.actor.role, act, with(relationship));
        let may = if ask.what == What::WardList {
            ["registered-practice", "in-patient-here", "team-area"]
                .iter()
                .any(|link| permits(Act::List, link))
        } else {
            permits(Act::Search, "none")
        };
        Ok((!may).then_some(Refusal::Role))
    }

    /// Has audit commit the entry; without it nothing may be signed.
    async fn record(
        &self,
        caller: &Caller,
        ask: &Ask,
        (granted, refused): &Decided,
        none: Option<Refusal>,
    ) -> Result<(), Failure> {
        // Whether a role sees lists at all shows nothing of anybody: only its refusal is recorded.
        let asks_of_role = ask.what == What::WardList && ask.people.is_empty() && ask.datasets.is_empty();
        if asks_of_role && none.is_none() || self.views.already_recorded(caller, ask, granted) {
            return Ok(());
        }
        for (outcome, reason, people) in reasons(ask, granted, refused, none) {
            let entry = OpenEntry {
                id: Uuid::now_v7(),
                view: ask.view,
                at: self.clock.now(),
                actor: caller.actor.clone(),
                audience: ask.audience,
                what: ask.what,
                outcome,
                reason,
                people,
                datasets: ask.datasets.clone(),
                policy_version: self.policies.version().to_owned(),
                choice: None,
                concerned: std::collections::BTreeMap::new(),
            };
            self.enter(caller, entry).await?;
        }
        self.views.recorded(caller, ask, granted);
        Ok(())
    }

    /// Returns once the entry is on audit's disk, with a hash of it kept here.
    pub(crate) async fn enter(&self, caller: &Caller, entry: OpenEntry) -> Result<(), Failure> {
        let entry = OpenEntry { concerned: self.concerned_by(&entry.people).await?, ..entry };
        let (kept, at) = (kept(&entry), self.clock.now());
        let as_consent = caller.through(ServiceName::Consent);
        let append = self.audit.append(&as_consent, entry, self.witness.head());
        match tokio::time::timeout(AUDIT_DEADLINE, append).await {
            Ok(Ok(head)) => {
                self.witness.appended(kept, at, head);
                Ok(())
            }
            Ok(Err(failure)) => Err(Failure::cannot_record(failure.inward())),
            Err(_) => Err(Failure::cannot_record("audit did not answer in time")),
        }
    }

    /// Facts, rules, and the entry: nothing is decided that is not on the log.
    pub(super) async fn decided(
        &self,
        caller: &Caller,
        ask: &Ask,
    ) -> Result<(Decided, Option<Refusal>), Failure> {
        let none = self.refuses_all(caller, ask).await?;
        let decided = self.weigh(caller, ask).await?;
        self.record(caller, ask, &decided, none).await?;
        Ok((decided, none))
    }

    pub(super) fn sign(
        &self,
        caller: &Caller,
        ask: &Ask,
        people: Vec<PersonGrant>,
    ) -> Result<String, Failure> {
        let iat = self.clock.now().as_second();
        let claims = PermitClaims {
            iss: ServiceName::Consent,
            aud: ask.audience,
            sub: caller.actor.user.clone(),
            org: caller.actor.org.clone(),
            role: caller.actor.role,
            session: caller.actor.session,
            purpose: caller.actor.purpose,
            view_id: ask.view,
            policy_version: self.policies.version().to_owned(),
            iat,
            exp: iat + MAX_AGE_SECONDS,
            people,
        };
        self.signer.sign(PERMIT_TYP, &claims).map_err(Failure::internal)
    }
}

/// What goes on the log of one answer: an entry for each reason, naming those it is the reason for, so that nobody
/// reads another's link as their own. Those refused are named too; an answer about nobody is one entry.
fn reasons(
    ask: &Ask,
    granted: &[PersonGrant],
    refused: &[(PersonId, Refusal)],
    none: Option<Refusal>,
) -> Vec<(Outcome, String, Vec<PersonId>)> {
    let plain = || format!("may {}", ask.what.as_str());
    let mut groups: BTreeMap<(bool, String), Vec<PersonId>> = BTreeMap::new();
    for grant in granted {
        let words = if grant.relationship.is_empty() { plain() } else { grant.relationship.clone() };
        groups.entry((true, words)).or_default().push(grant.person);
    }
    for (person, refusal) in refused {
        groups.entry((false, refusal.as_str().to_owned())).or_default().push(*person);
    }
    if groups.is_empty() {
        let words = none.map_or_else(plain, |refusal| refusal.as_str().to_owned());
        groups.insert((none.is_none(), words), vec![]);
    }
    let outcome = |allowed| if allowed { Outcome::Allowed } else { Outcome::Refused };
    groups.into_iter().map(|((allowed, words), people)| (outcome(allowed), words, people)).collect()
}
