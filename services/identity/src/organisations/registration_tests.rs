//! Registration: by whom, of what, once.

use jiff::civil::{Date, date};
use lcr_contracts::{FailureKind, registrar::PartnerSet};
use lcr_model::{OdsCode, Role};
use lcr_store::Store;
use lcr_testkit::Folder;

use super::*;
use crate::{
    organisations::{
        testing::{
            ODS, administrator, author, details, file, platform, register as register_hospice, row, standing, store,
        },
        versions::testing::TWO,
    },
    store::{
        change_error::settle,
        registry::{self, ManagedBy},
    },
};

const DAY: Date = date(2026, 2, 1);

async fn try_register(store: &Store, author: Author, details: OrganisationDetails) -> Result<NewEntry, Failure> {
    store.write(async move |tx| settle(register(&tx, &TWO, &author, details).await)).await.unwrap()
}

async fn try_describe(store: &Store, author: Author, details: OrganisationDetails) -> Result<NewEntry, Failure> {
    store.write(async move |tx| settle(describe(&tx, &TWO, &author, details).await)).await.unwrap()
}

/// Stores the hospice's row as somebody else's.
async fn managed_by(store: &Store, by: ManagedBy) {
    let row = Organisation {
        ods: OdsCode::new(ODS),
        name: "Kirkstall Hospice".to_owned(),
        kind: details().kind,
        agreement_signed: true,
        part_of: None,
        serves: vec![],
        state: PartnerState::Live,
        receives: None,
    };
    let set = PartnerSet { organisations: vec![row], ..PartnerSet::default() };
    store.write(async move |tx| registry::store_all(&tx, by, set, 1).await.map(|_| ())).await.unwrap();
}

#[tokio::test]
async fn an_administrator_registers_their_own_organisation_as_a_draft() {
    let folder = Folder::new("register").unwrap();
    let store = store(&folder).await;
    register_hospice(&store, DAY).await;
    assert_eq!(standing(&store).await, (PartnerState::Draft, false));
    assert!(!row(&store).await.takes_part(), "a draft sees nothing and gives nothing");
    assert_eq!(file(&store).await.details, details());
}

#[tokio::test]
async fn nobody_else_registers_it() {
    let folder = Folder::new("register-others").unwrap();
    let store = store(&folder).await;
    let mut other = administrator(DAY);
    other.actor.org = OdsCode::new("Z9H01");
    for author in [other, author("gp", Role::Gp, DAY), platform(DAY)] {
        let refused = try_register(&store, author, details()).await.unwrap_err();
        assert_eq!(refused.kind, FailureKind::Forbidden);
    }
}

#[tokio::test]
async fn an_ods_code_that_fails_its_pattern_and_bad_details_leave_nothing_behind() {
    let folder = Folder::new("register-bad").unwrap();
    let store = store(&folder).await;
    let mut wrong = administrator(DAY);
    (wrong.actor.org, wrong.organisation) = (OdsCode::new("z9-k"), OdsCode::new("z9-k"));
    let refused = try_register(&store, wrong, details()).await.unwrap_err();
    assert!(refused.outward().contains("ODS code"), "{refused:?}");
    let unnamed = OrganisationDetails { name: " ".to_owned(), ..details() };
    assert_eq!(try_register(&store, administrator(DAY), unnamed).await.unwrap_err().kind, FailureKind::BadRequest);
    let hub = OrganisationDetails { serves: vec![OdsCode::new("Y90001")], ..details() };
    assert_eq!(try_register(&store, administrator(DAY), hub).await.unwrap_err().kind, FailureKind::Forbidden);
    assert!(registry::load(store.read()).await.unwrap().organisations.is_empty());
    assert!(organisation_file::all(store.read()).await.unwrap().is_empty());
}

#[tokio::test]
async fn it_is_registered_once() {
    let folder = Folder::new("register-twice").unwrap();
    let store = store(&folder).await;
    register_hospice(&store, DAY).await;
    let again = try_register(&store, administrator(DAY), details()).await.unwrap_err();
    assert_eq!(again.kind, FailureKind::Conflict);
}

#[tokio::test]
async fn nobody_takes_the_name_of_another_organisation() {
    let folder = Folder::new("register-name").unwrap();
    let store = store(&folder).await;
    register_hospice(&store, DAY).await;
    let other = || {
        let mut author = administrator(DAY);
        (author.actor.org, author.organisation) = (OdsCode::new("Z9K02"), OdsCode::new("Z9K02"));
        author
    };
    let same = OrganisationDetails { name: " kirkstall  HOSPICE ".to_owned(), ..details() };
    let refused = try_register(&store, other(), same.clone()).await.unwrap_err();
    assert_eq!(refused.kind, FailureKind::Conflict);
    assert!(refused.outward().contains("name"), "{refused:?}");
    let own = OrganisationDetails { name: "Kirkstall Hospice at Home".to_owned(), ..details() };
    try_register(&store, other(), own).await.unwrap();
    assert_eq!(try_describe(&store, other(), same).await.unwrap_err().kind, FailureKind::Conflict);
    try_describe(&store, administrator(DAY), details()).await.unwrap();
}

#[tokio::test]
async fn one_that_others_keep_is_not_registered() {
    for by in [ManagedBy::Operator, ManagedBy::Seed] {
        let folder = Folder::new("register-kept").unwrap();
        let store = store(&folder).await;
        managed_by(&store, by).await;
        let refused = try_register(&store, administrator(DAY), details()).await.unwrap_err();
        assert_eq!(refused.kind, FailureKind::Conflict, "{by:?}");
        assert_eq!(standing(&store).await, (PartnerState::Live, true));
    }
}

#[tokio::test]
async fn the_portal_takes_over_a_row_of_a_seed_with_its_agreement_and_never_one_of_the_operator() {
    for (by, is_taken) in [(ManagedBy::Seed, true), (ManagedBy::Operator, false)] {
        let folder = Folder::new("take-over").unwrap();
        let store = store(&folder).await;
        managed_by(&store, by).await;
        let renamed = OrganisationDetails { name: "Kirkstall Hospice and Home".to_owned(), ..details() };
        let described = try_describe(&store, administrator(DAY), renamed).await;
        assert_eq!(described.is_ok(), is_taken, "{by:?}");
        assert_eq!(row(&store).await.name.ends_with("Home"), is_taken);
        assert_eq!(standing(&store).await, (PartnerState::Live, true), "its agreement on paper counts on");
        if let Err(refused) = described {
            assert!(refused.outward().contains("PartnerSystem"), "{refused:?}");
        }
    }
}
