//! Why a source's answer is missing, or is there in part only. Codes alone: the words are made where they are shown.

use serde::{Deserialize, Serialize};

/// How much of an answer came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Partial {
    /// Different items that came, those that could not be read among them.
    pub came: u32,
    /// Items the source says it holds; `None` where it does not say.
    pub total: Option<u32>,
}

/// Why an answer, or the rest of it, is missing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MissingReason {
    /// No connection, or it broke off.
    DidNotAnswer,
    /// Not within the time there was.
    TooSlow,
    /// It answered, and the answer is not JSON or not what was asked for.
    AnswerNotReadable,
    /// It asks for fewer calls.
    Busy,
    /// It answered with this HTTP status.
    Refused(u16),
    /// Its answer itself reports an error.
    ReportsError,
    /// It answered about another patient.
    OtherPatient,
    /// The next page is at an address that is not the source's.
    LinkElsewhere,
    /// The next page is one that came before.
    PageRepeated,
    /// It says there is more than it sent, and gives no next page.
    TotalNotReached,
    TooLarge,
    /// It is not called for a moment after failures.
    Paused,
    /// Its list of people has not been read to the end, so that nobody can say whether it knows the person.
    ListNotRead,
    /// Its address is one that must not be called.
    AddressRefused,
    /// A reason of a later version.
    #[default]
    Unknown,
}
