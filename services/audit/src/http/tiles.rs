//! The public tree: the checkpoint and its tiles (C2SP `tlog-tiles`). It must never serve personal data, or hashes beyond
//! the newest checkpoint.

use axum::{
    Router,
    extract::{Path, State},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
    routing::get,
};
use lcr_contracts::Failure;
use lcr_store::Store;
use lcr_web::Problem;

use crate::{
    domain::tile::{self, TileRequest},
    service::sequencer,
    store::tree,
};

pub fn routes(store: Store) -> Router {
    Router::new().route("/checkpoint", get(checkpoint)).route("/tile/{*path}", get(tiles)).with_state(store)
}

async fn checkpoint(State(store): State<Store>) -> Result<Response, Problem> {
    let state = sequencer::log_state(&store).await?;
    if state.checkpoint.is_empty() {
        return Err(Failure::not_found().into());
    }
    Ok(([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], state.checkpoint).into_response())
}

async fn tiles(State(store): State<Store>, Path(path): Path<String>) -> Result<Response, Problem> {
    let request = tile::parse_path(&path).ok_or_else(Failure::not_found)?;
    let (bytes, is_full) = match request {
        TileRequest::Hashes(tile) => (hashes(&store, &tile).await?, tile.width() == 256),
        TileRequest::Entries { first, width } => (entries(&store, first, width).await?, width == 256),
    };
    let cache_control = if is_full { "public, max-age=31536000, immutable" } else { "no-store" };
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream")),
        (header::CACHE_CONTROL, HeaderValue::from_static(cache_control)),
    ];
    Ok((headers, bytes).into_response())
}

async fn hashes(store: &Store, tile: &tlog_tiles::Tile) -> Result<Vec<u8>, Failure> {
    let indexes = tile::stored_hash_indexes(tile);
    let stored = tree::read_hashes(store.read(), &indexes).await?;
    let mut bytes = Vec::with_capacity(indexes.len() * 32);
    for index in indexes {
        bytes.extend(stored.get(&index).ok_or_else(Failure::not_found)?.0);
    }
    Ok(bytes)
}

async fn entries(store: &Store, first: u64, width: u32) -> Result<Vec<u8>, Failure> {
    let leaves = tree::read_leaves(store.read(), first, u64::from(width)).await?;
    if leaves.len() != width as usize {
        return Err(Failure::not_found());
    }
    Ok(tile::encode_bundle(&leaves.into_iter().map(|leaf| leaf.commitment).collect::<Vec<_>>()))
}
