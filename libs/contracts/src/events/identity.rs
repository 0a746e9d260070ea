//! Events of identity: sessions. They must never hold a session's secret.

use jiff::Timestamp;
use lcr_model::SessionId;
use serde::{Deserialize, Serialize};

use super::{EventBody, Stream};

/// A session ended: sign-out, idle, back-channel or leaver.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SessionEnded {
    pub session: SessionId,
    pub at: Timestamp,
}

event!(SessionEnded, Identity, "identity.session-ended", |event| event.session.to_string(), |event| event
    .at
    .as_microsecond());
