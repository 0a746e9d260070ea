//! The decisions of a consent that grants the patient summary and records what it was asked.

use lcr_model::permit::WithheldReason;

use super::*;

/// Grants the patient summary of everybody. A caller of the practice `Y90002` has a relationship. The source `quiet` is
/// discreet.
#[derive(Default)]
pub struct SummaryForAll {
    /// The kinds of view for which consent was asked.
    pub asked: Mutex<Vec<AccessKind>>,
}

impl ConsentRules for SummaryForAll {
    fn decide(&self, caller: &Caller, ask: &DecisionRequest) -> Result<Answer, Failure> {
        self.asked.lock().unwrap().push(ask.what);
        let people = ask.people.iter().map(|one| PersonGrant {
            person: one.person,
            index_version: one.index_version,
            epoch: 1,
            relationship: relationship_of(caller),
            grants: BTreeSet::from([(SourceId::new("patient-index"), Dataset::Demographics)]),
            withheld: vec![(SourceId::new("quiet"), Dataset::Demographics, WithheldReason::Discreet)],
            clearances: BTreeSet::new(),
            hide: BTreeSet::new(),
            sharing: None,
            labels: BTreeSet::new(),
            dataset_labels: BTreeSet::new(),
            closed_units: BTreeSet::new(),
        });
        Ok((people.collect(), vec![]))
    }
}

fn relationship_of(caller: &Caller) -> Option<Relationship> {
    let registered = || Relationship::RegisteredPractice { organisation: "Beckside Surgery".into() };
    (caller.actor.org == OdsCode::new("Y90002")).then(registered)
}
