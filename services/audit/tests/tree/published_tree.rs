//! Reads the published tree over HTTP, and computes its root from the leaves.

use std::{collections::HashMap, time::Duration};

use axum::{
    Router,
    body::{Body, to_bytes},
    http::Request,
};
use lcr_testkit::eventually_ok;
use signed_note::{Note, StandardVerifier, VerifierList};
use tlog_tiles::{
    Checkpoint, Hash, HashReader, record_hash, stored_hash_index, stored_hashes_for_record_hash, tree_hash,
};
use tower::ServiceExt;

use super::TestLog;

pub async fn get(router: &Router, path: &str) -> Option<Vec<u8>> {
    let request = Request::get(path).header("host", "localhost").body(Body::empty()).unwrap();
    let answer = router.clone().oneshot(request).await.unwrap();
    let found = answer.status().is_success();
    let bytes = to_bytes(answer.into_body(), usize::MAX).await.unwrap().to_vec();
    found.then_some(bytes)
}

/// Waits until the checkpoint covers `size` leaves, and verifies its signature.
pub async fn checkpoint(log: &TestLog, key: &str, size: u64) -> Checkpoint {
    eventually_ok(Duration::from_secs(10), "the tree has all leaves", async || {
        let bytes = get(&log.handle.router, "/checkpoint").await.ok_or("no checkpoint")?;
        let note = Note::from_bytes(&bytes).unwrap();
        let known = VerifierList::new(vec![Box::new(StandardVerifier::new(key).unwrap())]);
        let (valid, _) = note.verify(&known).unwrap();
        assert_eq!(valid.len(), 1);
        let checkpoint = Checkpoint::from_bytes(note.text()).unwrap();
        if checkpoint.size() >= size { Ok(checkpoint) } else { Err("too small") }
    })
    .await
}

/// All leaves of a tree of `size`, from the bundles.
pub async fn leaves(router: &Router, size: u64) -> Vec<[u8; 32]> {
    let mut all = vec![];
    while (all.len() as u64) < size {
        let (at, left) = (all.len() / 256, size - all.len() as u64);
        let partial = if left < 256 { format!(".p/{left}") } else { String::new() };
        let bytes = get(router, &format!("/tile/entries/{at:03}{partial}")).await.unwrap();
        for leaf in bytes.chunks(34) {
            assert_eq!(leaf[..2], [0, 32]);
            all.push(leaf[2..].try_into().unwrap());
        }
    }
    all
}

pub struct Memory(pub HashMap<u64, Hash>);

impl HashReader for Memory {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<Hash>, tlog_tiles::Error> {
        Ok(indexes.iter().map(|at| self.0[at]).collect())
    }
}

pub fn root(leaves: &[[u8; 32]]) -> (Hash, Memory) {
    let mut memory = Memory(HashMap::new());
    for (place, leaf) in (0..).zip(leaves) {
        let added = stored_hashes_for_record_hash(place, record_hash(leaf), &memory).unwrap();
        memory.0.extend((stored_hash_index(0, place)..).zip(added));
    }
    (tree_hash(leaves.len() as u64, &memory).unwrap(), memory)
}
