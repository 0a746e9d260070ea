//! Tests of the plan of the city.

use std::collections::HashSet;

use lcr_city::{CityError, CityOptions};

use super::city;

#[tokio::test]
async fn the_city_has_107_practices_in_13_neighbourhood_teams() {
    let city = city(20).await;
    let all = &city.plan().organisations;
    let of = |kind: &str| all.iter().filter(|one| one.kind == kind).collect::<Vec<_>>();
    let (practices, teams) = (of("gp-practice"), of("neighbourhood-team"));
    assert_eq!((practices.len(), teams.len()), (107, 13));
    assert_eq!((practices[0].ods.as_str(), practices[0].name.as_str()), ("Y90001", "Beckside Surgery"));
    assert_eq!(practices[0].part_of.as_deref(), Some("Z9T01"));
    for team in &teams {
        assert!(team.agreement_signed);
        let practice_count = practices.iter().filter(|one| one.part_of.as_ref() == Some(&team.ods)).count();
        assert!((8..=9).contains(&practice_count), "{practice_count} practices in {}", team.name);
    }
    let served: Vec<&String> =
        city.plan().systems.iter().filter(|one| one.kind == "gp").flat_map(|one| &one.organisations_served).collect();
    assert_eq!((served.len(), served.iter().collect::<HashSet<_>>().len()), (107, 107), "each by one system");
    assert!(of("pharmacy").len() > 3 && of("care-home").len() > 3 && of("hospital-site").len() == 4);
    let profiles: Vec<&str> =
        city.plan().systems.iter().filter_map(|one| one.feed.as_ref()).map(|feed| feed.profile.as_str()).collect();
    assert!(profiles.contains(&"default") && profiles.contains(&"itk"));
    let codes: HashSet<&String> = all.iter().map(|one| &one.ods).collect();
    assert_eq!(codes.len(), all.len());
    city.shutdown().await;
}

#[tokio::test]
async fn the_plan_is_complete_and_too_few_people_are_refused() {
    let city = city(20).await;
    assert_eq!(city.plan().systems.len(), 17);
    assert!(city.plan().organisations.iter().any(|one| one.ods == "Y90001" && one.name == "Beckside Surgery"));
    let text = serde_json::to_string(city.plan()).unwrap();
    assert_eq!(&serde_json::from_str::<lcr_city::Plan>(&text).unwrap(), city.plan());
    city.shutdown().await;
    let refused = lcr_city::start(CityOptions { people: 3, seed: 1, first_port: 0 }).await;
    assert!(matches!(refused, Err(CityError::People { .. })));
}
