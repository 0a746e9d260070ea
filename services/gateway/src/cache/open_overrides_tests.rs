//! Tests of `open_overrides.rs`.

use jiff::ToSpan;
use lcr_model::{ActorKind, OdsCode, Purpose, Role, SessionId, UserId};

use super::*;

fn reader() -> Actor {
    Actor {
        user: UserId::new("u"),
        kind: ActorKind::Person,
        name: "Dr Ravi Menon".into(),
        org: OdsCode::new("Z9H01"),
        role: Role::Consultant,
        purpose: Purpose::DirectCare,
        session: SessionId::new(),
    }
}

#[tokio::test]
async fn the_end_of_one_override_leaves_the_readers_others_on_their_pages() {
    let (overrides, reader, now) = (OpenOverrides::new(crate::tests::cache()), reader(), Timestamp::UNIX_EPOCH);
    let (one, other) = (PersonId(Uuid::from_u128(1)), PersonId(Uuid::from_u128(2)));
    let open = |claim| OpenOverride { claim: Uuid::from_u128(claim), until: now + 30.minutes() };
    overrides.add(&reader, one, open(1)).await;
    overrides.add(&reader, other, open(2)).await;
    overrides.remove(&reader, one).await;
    assert_eq!(overrides.find(&reader, one, now).await, None);
    assert_eq!(overrides.find(&reader, other, now).await, Some(open(2)));
}
