//! Reads a patient's location from PV1-3 or PV1-6. Hospitals put ward, bay and bed in different components, so the
//! source's profile says where. Must never invent a ward.

use lcr_contracts::{
    registry::{PlaceComponents, System},
    spell::Place,
};
use lcr_hl7::Repetition;

const DEFAULT: PlaceComponents = PlaceComponents { ward: 1, bay: 2, bed: 3, site: 4, description: 9 };
const ITK: PlaceComponents = PlaceComponents { ward: 2, bay: 0, bed: 3, site: 4, description: 9 };

/// The location components of this source.
fn components(system: &System) -> PlaceComponents {
    let feed = system.feed.as_ref();
    let by_profile = || if feed.is_some_and(|feed| feed.profile == "itk") { ITK } else { DEFAULT };
    feed.and_then(|feed| feed.place).unwrap_or_else(by_profile)
}

/// Reads the place in one repetition. A ward without a code is named by its description.
pub fn read(one: Repetition<'_>, system: &System) -> Option<Place> {
    let at = components(system);
    let part = |number: u8| if number == 0 { None } else { one.component(usize::from(number)) };
    let description = (at.description != 0).then(|| one.component_text(usize::from(at.description))).flatten();
    let place =
        Place { site: part(at.site), ward: part(at.ward), bay: part(at.bay), bed: part(at.bed), ward_name: None };
    let place = with_name(place, description, system);
    (place != Place::default()).then_some(place)
}

/// Adds the ward's name: from the source's table, else from the message's description.
pub fn with_name(mut place: Place, description: Option<String>, system: &System) -> Place {
    if place.ward.is_none() {
        place.ward.clone_from(&description);
    }
    let Some(ward) = &place.ward else { return place };
    let by_table = system.feed.as_ref().and_then(|feed| feed.wards.get(ward).cloned());
    place.ward_name = by_table.or(description).filter(|name| name != ward);
    place
}

#[cfg(test)]
#[path = "place_tests.rs"]
mod tests;
