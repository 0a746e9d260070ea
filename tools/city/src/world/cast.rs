//! The cast: invented people whom tests know by name. They have the first indices, so that a city of any size contains
//! them. Their details must not change without the tests that name them.

mod roles;

pub(crate) use roles::CastRole;

use super::World;

/// The number of cast members.
pub(crate) const CAST_SIZE: u32 = 13;
const FREDRICAS_NUMBER: u64 = 9_434_765_919;

/// A cast member, as tests need them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CastMember {
    pub index: u32,
    /// None for the person without an NHS number.
    pub nhs_number: Option<String>,
    pub family: String,
    pub given: String,
    /// YYYY-MM-DD.
    pub birth_date: String,
}

impl CastMember {
    pub(crate) fn of(world: &World, index: u32) -> Self {
        let person = world.person(index);
        Self {
            index,
            nhs_number: person.number.map(|number| number.to_string()),
            family: person.family.to_owned(),
            given: person.given.to_owned(),
            birth_date: person.birth.to_string(),
        }
    }
}

/// The cast.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cast {
    /// Born 14-Jul-1945, registered at Beckside, known to five services whose records partly disagree.
    pub fredrica_smith: CastMember,
    /// Restricted by the authority, registered at Beckside, an in-patient at St Hilda's. The feeds still contain the
    /// address.
    pub restricted: CastMember,
    /// Registered at Kirk Lane, so the Beckside GP has no relationship to them.
    pub elsewhere: CastMember,
    /// Known to one hospital only, without an NHS number.
    pub no_number: CastMember,
    /// Twins with the same birth date, address and family name, and similar given names.
    pub twins: [CastMember; 2],
    /// Died 40 days ago, formally notified.
    pub deceased: CastMember,
    /// Mrs Grace Osei, 84, on ward J27, bed 4, of St Hilda's: expected to leave two days ago, waiting for a package of
    /// care, a blood culture pending.
    pub osei: CastMember,
    /// Seven, with a child protection plan, on the caseload of children's social care.
    pub child: CastMember,
    /// Collapsed at three in the morning and is in St Hilda's emergency department. Takes warfarin. His practice records a
    /// penicillin anaphylaxis, the hospital no known allergy. His INR was taken there yesterday.
    pub leonard_pike: CastMember,
    /// Left St Hilda's five days ago with a higher dose of bisoprolol than her practice prescribes and without ramipril.
    pub doreen_hallam: CastMember,
    /// One child before and after an adoption: two NHS numbers and two records that must never be linked.
    pub adopted: [CastMember; 2],
}

impl Cast {
    pub(crate) fn of(world: &World) -> Self {
        let member = |part: CastRole| CastMember::of(world, part as u32);
        Self {
            fredrica_smith: member(CastRole::Fredrica),
            restricted: member(CastRole::Restricted),
            elsewhere: member(CastRole::Elsewhere),
            no_number: member(CastRole::NoNumber),
            twins: [member(CastRole::TwinA), member(CastRole::TwinB)],
            deceased: member(CastRole::Deceased),
            osei: member(CastRole::Osei),
            child: member(CastRole::Child),
            leonard_pike: member(CastRole::Leonard),
            doreen_hallam: member(CastRole::Doreen),
            adopted: [member(CastRole::AdoptedBefore), member(CastRole::AdoptedAfter)],
        }
    }
}
