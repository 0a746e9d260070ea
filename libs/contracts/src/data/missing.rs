//! Why a source's answer is missing or incomplete. Only codes: the words must be made where they are shown.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How much of an answer arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Partial {
    /// Distinct items that arrived, including unreadable ones.
    pub came: u32,
    /// The total that the source states; `None` if it states none.
    pub total: Option<u32>,
}

/// Why an answer, or the rest of it, is missing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum MissingReason {
    /// No connection, or it broke.
    DidNotAnswer,
    /// No answer in time.
    TooSlow,
    /// The answer is not JSON, or not the requested type.
    AnswerNotReadable,
    /// The source asks for fewer calls.
    Busy,
    /// The source answered with this HTTP status.
    Refused(u16),
    /// The answer itself reports an error.
    ReportsError,
    /// The answer is about another patient.
    OtherPatient,
    /// The next page's address is not the source's.
    LinkElsewhere,
    /// The next page repeats an earlier one.
    PageRepeated,
    /// The source states more items than it sent, without a next page.
    TotalNotReached,
    TooLarge,
    /// The source is not called for a moment after failures.
    Paused,
    /// Its patient list has not been read to the end, so it is unknown whether it knows the person.
    ListNotRead,
    /// Its address must not be called.
    AddressRefused,
    /// A reason of a later version.
    #[default]
    Unknown,
}
