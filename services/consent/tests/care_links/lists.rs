//! The list of people in care: everybody on it is open to the reader, and a long list is read page by page.

use lcr_contracts::{
    care_list::{CareList, CareListQuery},
    choices::{Direction, NewChoice},
    events::{CareLink, PersonChanged, Stream},
};
use lcr_model::{CareLinkKind, OdsCode, PersonId, Role};

use super::{
    city::{COMMUNITY, City, caseload, hours, link},
    scene::{HOSPITAL, PRACTICE, caller, identity},
};

async fn list(city: &City, role: Role, org: &str, kind: Option<CareLinkKind>, offset: u64, limit: u64) -> CareList {
    let query = CareListQuery { kind, offset, limit };
    city.scene.consent.api.care_list(&caller(role, org), query).await.unwrap()
}

fn people(list: &CareList) -> Vec<PersonId> {
    list.people.iter().map(|one| one.person).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn appointments_come_first_by_time_then_the_newest_caseloads() {
    for city in City::both().await {
        let mut of = std::collections::HashMap::new();
        for (name, kind, from) in [
            ("next week", CareLinkKind::Appointment, 7 * 24),
            ("old caseload", CareLinkKind::Caseload, -900),
            ("last week", CareLinkKind::Appointment, -7 * 24),
            ("tomorrow", CareLinkKind::Appointment, 25),
            ("new caseload", CareLinkKind::Caseload, -2),
        ] {
            let person = city.person(name).await;
            of.insert(person, name);
            city.send(name, name, 1, &link(kind, hours(from), None)).await;
        }
        // Also on the caseload: the appointment places the person.
        city.send("second", "tomorrow", 1, &caseload()).await;
        let all = list(&city, Role::CommunityNurse, COMMUNITY, None, 0, 10).await;
        let names: Vec<&str> = people(&all).iter().map(|person| of[person]).collect();
        assert_eq!(names, ["tomorrow", "next week", "last week", "new caseload", "old caseload"]);
        assert_eq!((all.total, all.people[0].kind.clone()), (5, CareLinkKind::Appointment));
        let only = list(&city, Role::CommunityNurse, COMMUNITY, Some(CareLinkKind::Caseload), 0, 10).await;
        let names: Vec<&str> = people(&only).iter().map(|person| of[person]).collect();
        assert_eq!(names, ["new caseload", "tomorrow", "old caseload"]);
        for (role, org) in [(Role::Consultant, HOSPITAL), (Role::Receptionist, COMMUNITY), (Role::Gp, "Z9X99")] {
            assert_eq!(list(&city, role, org, None, 0, 10).await, CareList::default(), "{role} of {org}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_objected_is_neither_listed_nor_counted() {
    for city in City::both().await {
        let mut known = vec![];
        for local in ["whole", "into", "into another", "out of"] {
            known.push(city.person(local).await);
            city.send(local, local, 1, &CareLink { team: Some("District nurses".into()), ..caseload() }).await;
        }
        assert_eq!(list(&city, Role::CommunityNurse, COMMUNITY, None, 0, 10).await.total, 4);
        let objections = [
            (Direction::Whole, None),
            (Direction::Into, Some(COMMUNITY)),
            (Direction::Into, Some(HOSPITAL)),
            (Direction::OutOf, Some(COMMUNITY)),
        ];
        for (person, (direction, organisation)) in known.iter().zip(objections) {
            let choice = NewChoice { direction, organisation: organisation.map(OdsCode::new), reason: None };
            city.scene.consent.api.object(&caller(Role::Receptionist, PRACTICE), *person, choice).await.unwrap();
        }
        let left = list(&city, Role::CommunityNurse, COMMUNITY, None, 0, 10).await;
        let mut listed = people(&left);
        listed.sort_unstable();
        assert_eq!((listed, left.total), (vec![known[2], known[3]], 2));
        assert_eq!(left.people[0].team.as_deref(), Some("District nurses"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caseload_of_two_thousand_is_read_page_by_page() {
    for city in City::both().await {
        let locals: Vec<String> = (0..2000).map(|number| format!("p{number}")).collect();
        let person = |local: &String| PersonChanged {
            person: PersonId::new(),
            version: 1,
            identities: vec![identity("community", local)],
            practice: None,
            marks: vec![],
        };
        city.scene.publish_all(locals.iter().map(person).collect(), Stream::People).await;
        let events = locals.iter().map(|local| city.event(local, local, 1, &caseload())).collect();
        city.scene.publish_all(events, Stream::Feeds).await;
        let mut seen = std::collections::BTreeSet::new();
        for page in [0, 1, 19] {
            let page = list(&city, Role::CommunityNurse, COMMUNITY, None, page * 100, 5000).await;
            assert_eq!((page.people.len(), page.total), (100, 2000));
            seen.extend(people(&page));
        }
        assert_eq!(seen.len(), 300);
        let after = list(&city, Role::CommunityNurse, COMMUNITY, None, 2000, 100).await;
        assert_eq!((after.people.len(), after.total), (0, 2000));
    }
}
