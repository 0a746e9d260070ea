//! Checkpoints: the signed size and root of the tree, as a note after C2SP `tlog-checkpoint`. The origin is the name of
//! the log's key.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use lcr_contracts::audit::TreeHead;
use sea_orm::DbErr;
use signed_note::{Note, Signer, StandardSigner, StandardVerifier, VerifierList};
use tlog_tiles::{Checkpoint, Hash};

use super::merkle_tree::tree_error;
use crate::domain::checkpoint_times::CheckpointTimes;

/// The content of a checkpoint with a valid signature.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SignedHead {
    pub size: u64,
    pub root: Hash,
    /// `None` for a checkpoint of the previous version.
    pub times: Option<CheckpointTimes>,
}

impl SignedHead {
    pub fn to_tree_head(self) -> TreeHead {
        TreeHead { size: self.size, root: URL_SAFE_NO_PAD.encode(self.root.0) }
    }
}

/// Signs a checkpoint and returns the note.
pub fn sign(signer: &StandardSigner, size: u64, root: Hash, times: CheckpointTimes) -> Result<String, DbErr> {
    let checkpoint = Checkpoint::new(signer.name(), size, root, &times.write()).map_err(tree_error)?;
    let mut note = Note::new(&checkpoint.to_bytes(), &[]).map_err(tree_error)?;
    note.add_sigs(&[signer]).map_err(tree_error)?;
    String::from_utf8(note.to_bytes()).map_err(tree_error)
}

/// The checkpoint in a note, if its signature by `verifier` is valid.
pub fn verify(verifier: &str, note: &str) -> Option<SignedHead> {
    let note = Note::from_bytes(note.as_bytes()).ok()?;
    let known = VerifierList::new(vec![Box::new(StandardVerifier::new(verifier).ok()?)]);
    note.verify(&known).ok()?;
    let checkpoint = Checkpoint::from_bytes(note.text()).ok()?;
    let times = CheckpointTimes::read(checkpoint.extension());
    Some(SignedHead { size: checkpoint.size(), root: *checkpoint.hash(), times })
}
