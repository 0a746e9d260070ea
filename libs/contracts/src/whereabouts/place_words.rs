//! A place in words, and the keys by which names of places are compared. It must never change a name that is shown.

use crate::spell::Place;

/// A place in words. A blank part is missing, and a ward's name is preferred to its code.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PlaceWords {
    /// "J27", or "Cardiology".
    pub ward: Option<String>,
    /// "bay C", or "Bay C" as sent.
    pub bay: Option<String>,
    /// "bed 4".
    pub bed: Option<String>,
    /// The site as sent: a code or a name.
    pub site: Option<String>,
}

impl PlaceWords {
    pub fn of(place: &Place) -> Self {
        let sent = |part: &Option<String>| {
            part.as_deref().map(str::trim).filter(|part| !part.is_empty()).map(ToOwned::to_owned)
        };
        // Hospitals write "Bay B" as well as "B".
        let labelled = |label: &str, part: &Option<String>| {
            let part = sent(part)?;
            Some(if part.to_lowercase().starts_with(label) { part } else { format!("{label} {part}") })
        };
        Self {
            ward: sent(&place.ward_name).or_else(|| sent(&place.ward)),
            bay: labelled("bay", &place.bay),
            bed: labelled("bed", &place.bed),
            site: sent(&place.site),
        }
    }

    /// "J27, bay C, bed 4", or `None` if none of them was sent.
    pub fn within_site(&self) -> Option<String> {
        let parts: Vec<&str> = [&self.ward, &self.bay, &self.bed].into_iter().flatten().map(String::as_str).collect();
        (!parts.is_empty()).then(|| parts.join(", "))
    }
}

/// The key of a consultant's or specialty's name: case and spaces do not matter.
pub fn name_key(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").to_uppercase()
}

/// The key of a ward's name. A leading "Ward" does not matter, but would in a surname.
pub fn place_key(text: &str) -> String {
    let key = name_key(text);
    match key.strip_prefix("WARD ") {
        Some(rest) if !rest.is_empty() => rest.to_owned(),
        _ => key,
    }
}
