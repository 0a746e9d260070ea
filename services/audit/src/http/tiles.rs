//! The tree for anybody: checkpoint and tiles, no personal data (C2SP `tlog-tiles`). Whole tiles never change;
//! partial ones are served only up to what the newest checkpoint covers.

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
    domain::tile::{self, Wanted},
    service::sequencer,
    store::tree,
};

pub fn routes(store: Store) -> Router {
    Router::new().route("/checkpoint", get(checkpoint)).route("/tile/{*path}", get(tiles)).with_state(store)
}

async fn checkpoint(State(store): State<Store>) -> Result<Response, Problem> {
    let state = sequencer::state(&store).await?;
    if state.checkpoint.is_empty() {
        return Err(Failure::not_found().into());
    }
    Ok(([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], state.checkpoint).into_response())
}

async fn tiles(State(store): State<Store>, Path(path): Path<String>) -> Result<Response, Problem> {
    let wanted = tile::wanted(&path).ok_or_else(Failure::not_found)?;
    let (bytes, whole) = match wanted {
        Wanted::Hashes(tile) => (hashes(&store, &tile).await?, tile.width() == 256),
        Wanted::Entries { first, width } => (entries(&store, first, width).await?, width == 256),
    };
    let kept = if whole { "public, max-age=31536000, immutable" } else { "no-store" };
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream")),
        (header::CACHE_CONTROL, HeaderValue::from_static(kept)),
    ];
    Ok((headers, bytes).into_response())
}

async fn hashes(store: &Store, wanted: &tlog_tiles::Tile) -> Result<Vec<u8>, Failure> {
    let places = tile::hashes_of(wanted);
    let found = tree::hashes(store.read(), &places).await.map_err(|e| lcr_store::unavailable(&e))?;
    let mut bytes = Vec::with_capacity(places.len() * 32);
    for place in places {
        bytes.extend(found.get(&place).ok_or_else(Failure::not_found)?.0);
    }
    Ok(bytes)
}

async fn entries(store: &Store, first: u64, width: u32) -> Result<Vec<u8>, Failure> {
    let leaves = tree::leaves(store.read(), first, u64::from(width)).await;
    let leaves = leaves.map_err(|e| lcr_store::unavailable(&e))?;
    if leaves.len() != width as usize {
        return Err(Failure::not_found());
    }
    Ok(tile::bundle(&leaves.into_iter().map(|leaf| leaf.commitment).collect::<Vec<_>>()))
}
