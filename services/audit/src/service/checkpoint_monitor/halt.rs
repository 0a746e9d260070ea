//! Why the log accepts no entries.

use lcr_contracts::Failure;
use sea_orm::DbErr;

use super::State;

/// The longest time without a new checkpoint. It must exceed the time in which another replica takes over.
pub const MAX_CHECKPOINT_AGE_SECONDS: i64 = 30;

/// Why no entry is accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Halt {
    /// The checkpoint is missing, is not signed, or states another size than the tree has.
    NotSigned,
    /// The tree does not extend what was signed before.
    NotExtended,
    /// No checkpoint was signed for [`MAX_CHECKPOINT_AGE_SECONDS`].
    Stalled,
}

impl Halt {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotSigned => "the checkpoint does not hold",
            Self::NotExtended => "the tree does not extend what was signed",
            Self::Stalled => "the tree stands still",
        }
    }
}

pub(super) enum CheckError {
    Halt(Halt),
    Database(DbErr),
}

impl From<DbErr> for CheckError {
    fn from(error: DbErr) -> Self {
        Self::Database(error)
    }
}

/// Halts the log until a restart, because the tree does not extend what was signed.
pub(super) fn halt_as_broken(state: &mut State) -> Result<(), Failure> {
    (state.is_broken, state.halt) = (true, Some(Halt::NotExtended));
    log_halt(state.halt);
    Err(Halt::NotExtended.into())
}

pub(super) fn log_halt(halt: Option<Halt>) {
    if let Some(halt) = halt {
        tracing::error!(alarm = "log-halted", cause = halt.as_str(), "no entry is accepted");
    } else {
        tracing::warn!(event = "log-goes-on", "entries are accepted again");
    }
}
