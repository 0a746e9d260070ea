//! The subjects of the table: one of each kind, and one that the reader may not see.

use lcr_tests::Platform;

/// A person in the table: name, NHS number, id.
pub(super) struct Subject(pub(super) &'static str, pub(super) String, pub(super) String);

impl Subject {
    pub(super) fn fill(&self, path: &str) -> String {
        // No choice, claim, incident or message has this id.
        let unused_id = "0190a1b2-c3d4-7000-8000-000000000001";
        path.replace("{number}", &self.1)
            .replace("{id}", &self.2)
            .replace("{ods}", "Y90001")
            .replace("{choice}", unused_id)
            .replace("{claim}", unused_id)
            .replace("{incident}", unused_id)
            .replace("{message}", unused_id)
            .replace("{session}", unused_id)
            .replace("{request}", unused_id)
            .replace("{person}", unused_id)
            // No system or client has this name.
            .replace("{system}", "none")
            .replace("{client}", "none")
            .replace("{duty}", "siro")
            .replace("{dataset}", "medications")
            // No item of any source has this id.
            .replace("{entry}", "st-hildas~Observation~none")
    }
}

pub(super) async fn subjects(platform: &Platform) -> Vec<Subject> {
    let gp = platform.actor("gp").await;
    let cast = platform.city().cast().clone();
    let mut all = vec![];
    for (name, member) in
        [("fredrica", cast.fredrica_smith), ("restricted", cast.restricted), ("elsewhere", cast.elsewhere)]
    {
        let number = member.nhs_number.unwrap();
        let id = gp.find_person(&number).await;
        all.push(Subject(name, number, id));
    }
    // A valid number and an id that belong to no person.
    all.push(Subject("nobody", "9999999999".into(), "0190a1b2-c3d4-7000-8000-000000000000".into()));
    all
}
