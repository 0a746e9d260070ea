//! The details of each kind of entry beyond title, date and status. They are clinical content and must never be printed.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The details of each kind of entry beyond title, date and status.
#[derive(Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Detail {
    Demographics(Box<Demographics>),
    Allergy {
        /// Active, inactive, resolved.
        clinical: Option<String>,
        /// Confirmed, unconfirmed, refuted.
        verification: Option<String>,
        reactions: Vec<String>,
        severe: bool,
        /// The source states "No known allergies".
        none_known: bool,
        /// What it states that none is known of, if that is not every allergy: drug, food, environment, or a substance.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        none_known_of: Option<String>,
        /// The kinds of the allergy, if its source gives them: drug, food, environment.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        kinds: Vec<String>,
        /// The source stated that none is known, and has ended or refuted that: neither an allergy nor a denial.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        ended_denial: bool,
    },
    Medication {
        /// Ingredient and route, by which lists are aligned.
        aligned_by: String,
        /// Repeat, acute, hospital-only, in-patient, to take home, stopped.
        list: String,
        dose: Option<String>,
        route: Option<String>,
        form: Option<String>,
        reason: Option<String>,
    },
    Diagnosis {
        /// Active, past.
        clinical: Option<String>,
        /// Confirmed, suspected.
        certainty: Option<String>,
        ended: Option<String>,
        /// The date is when it was recorded; its onset was not given.
        #[serde(default)]
        only_recorded: bool,
    },
    Result {
        /// Code and unit, by which a chart joins values.
        series: String,
        value: String,
        /// The digits as sent, if it is a number for a chart. In JSON they are `digits`, and `number` is the JSON number,
        /// which the previous version uses.
        #[serde(flatten, with = "digits")]
        #[schema(value_type = digits::SentNumber)]
        number: Option<String>,
        unit: Option<String>,
        /// The reference range in words.
        range: Option<String>,
        /// High, low, abnormal, in words.
        flag: Option<String>,
        reported: Option<String>,
        components: Vec<(String, String)>,
        report: Option<String>,
    },
    Document {
        document_type: String,
        author: Option<String>,
        content_type: Option<String>,
    },
    Encounter {
        class: String,
        place: Option<String>,
        ended: Option<String>,
        in_progress: bool,
    },
    Other {
        /// (label, value) in reading order.
        fields: Vec<(String, String)>,
    },
}

/// A number as sent, beside the JSON number.
mod digits {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[derive(Serialize, Deserialize, utoipa::ToSchema)]
    pub struct SentNumber {
        #[serde(default)]
        number: Option<f64>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        digits: Option<String>,
    }

    #[expect(clippy::ref_option, reason = "serde calls it so")]
    pub fn serialize<S: Serializer>(digits: &Option<String>, to: S) -> Result<S::Ok, S::Error> {
        let number = digits.as_ref().and_then(|digits| digits.parse().ok()).filter(|one: &f64| one.is_finite());
        SentNumber { number, digits: digits.clone() }.serialize(to)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
        let sent = SentNumber::deserialize(from)?;
        Ok(sent.digits.or_else(|| sent.number.map(|number| number.to_string())))
    }
}

impl Default for Detail {
    fn default() -> Self {
        Self::Other { fields: vec![] }
    }
}

/// One source's demographics of the person.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Demographics {
    pub family: String,
    pub given: String,
    pub title: Option<String>,
    pub birth_date: Option<Date>,
    pub gender: String,
    pub nhs_number: Option<String>,
    pub died: Option<String>,
    pub address: Option<String>,
    pub phones: Vec<String>,
    pub practice: Option<String>,
    /// The source marks the person as restricted. Only the authority's mark counts.
    #[serde(default)]
    pub restricted: bool,
}
