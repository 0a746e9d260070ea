//! Tests of `place.rs`.

use lcr_contracts::registry::Feed;
use lcr_hl7::Message;

use super::*;
use crate::domain::testing::source;

/// Site, ward, bay, bed and name. A dash stands for an absent one.
fn placed(pv1_3: &str, feed: impl FnOnce(&mut Feed)) -> String {
    let mut system = source(&[("PAS", "Z9H01")]);
    feed(system.feed.as_mut().unwrap());
    let text = format!("MSH|^~\\&|PAS|Z9H01|||20261120||ADT^A01|1|P|2.4\rPV1|1|I|{pv1_3}");
    let message = Message::read(text.as_bytes()).unwrap();
    let one = message.field("PV1", 3).first();
    let Some(place) = one.and_then(|one| read(one, &system)) else { return "nowhere".into() };
    let parts = [place.site, place.ward, place.bay, place.bed, place.ward_name];
    parts.map(|part| part.unwrap_or("-".into())).join("/")
}

fn by_default(pv1_3: &str) -> String {
    placed(pv1_3, |_| ())
}

#[test]
fn the_default_order_is_ward_room_bed_and_site() {
    assert_eq!(by_default("J27^BAY 2^B4^Z9H01"), "Z9H01/J27/BAY 2/B4/-");
    assert_eq!(by_default("J27&Ward J27^^B4&x"), "-/J27/-/B4/-");
    assert_eq!(by_default("^^B4"), "-/-/-/B4/-");
    assert_eq!(by_default("^^^Z9H01"), "Z9H01/-/-/-/-");
    assert_eq!(by_default("^^^^^N"), "nowhere");
}

#[test]
fn a_ward_without_a_code_is_named_by_its_description() {
    assert_eq!(by_default("^^^^^^^^Cardiology Ward L14"), "-/Cardiology Ward L14/-/-/-");
    assert_eq!(by_default("^BAY 1^7^^^^^^Ear & Throat"), "-/Ear & Throat/BAY 1/7/-");
    assert_eq!(by_default("L14^^^^^^^^Cardiology"), "-/L14/-/-/Cardiology");
    assert_eq!(by_default("L14^^^^^^^^L14"), "-/L14/-/-/-");
}

#[test]
fn a_profile_can_change_the_component_order_and_name_wards() {
    let order = PlaceComponents { ward: 3, bay: 0, bed: 5, site: 1, description: 0 };
    let placed_so = |text: &str| placed(text, |feed| feed.place = Some(order));
    assert_eq!(placed_so("Z9H01^x^J27^y^B4^^^^Words"), "Z9H01/J27/-/B4/-");
    let itk = |text: &str| placed(text, |feed| feed.profile = "itk".into());
    assert_eq!(itk("Z9H02^OBS1^BAY2-6^Z9H02^^^^^Observation"), "Z9H02/OBS1/-/BAY2-6/Observation");
    let named = |text: &str| placed(text, |feed| drop(feed.wards.insert("L14".into(), "Cardiology".into())));
    assert_eq!(named("L14^^^^^^^^Ward 14"), "-/L14/-/-/Cardiology");
    assert_eq!(named("L15^^^^^^^^Ward 15"), "-/L15/-/-/Ward 15");
}
