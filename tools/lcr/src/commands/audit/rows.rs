//! Each row held against the leaf that commits to it, and what is outside the tree. For those who may read the log;
//! nothing of a row is printed but which one it is.

use lcr_audit::{
    Outside,
    domain::leaf::{OpenLeaf, RowState},
};
use serde_json::Value;

use super::Site;

/// Leaves asked for at once.
const PAGE: usize = 500;
/// Altered rows named at most.
const NAMED: usize = 20;
/// A row waits for its place about a second; one that waits longer than this is kept out of the tree.
pub const LONGEST_WAIT: i64 = 60;

pub async fn compare(site: &Site, token: &str, leaves: &[[u8; 32]]) -> Result<(), String> {
    let (mut wrong, mut checked, mut outside) = (vec![], 0_usize, None);
    while checked < leaves.len() || outside.is_none() {
        let url = format!("{}/v1/leaves?first={checked}&limit={PAGE}", site.api);
        let answer: Value = serde_json::from_slice(&site.get(&url, Some(token)).await?)
            .map_err(|_| "the log's rows do not read".to_owned())?;
        let page: Vec<OpenLeaf> = serde_json::from_value(answer["leaves"].clone())
            .map_err(|_| "the log's rows do not read".to_owned())?;
        if outside.is_none() {
            outside =
                Some(serde_json::from_value::<Option<Outside>>(answer["outside"].clone()).ok().flatten());
        }
        if page.is_empty() && checked < leaves.len() {
            return Err(format!("leaf {checked} has no row behind it"));
        }
        for row in page.into_iter().take(leaves.len() - checked) {
            wrong.extend(fault(&row, checked, leaves)?);
            checked += 1;
        }
    }
    println!("rows        {checked} held against their leaves");
    if let Some(outside) = outside.flatten() {
        println!(
            "waiting     {} rows, the first of them for {} seconds",
            outside.waiting, outside.waiting_seconds
        );
        wrong.extend(faults_outside(&outside));
    }
    if wrong.is_empty() {
        return Ok(());
    }
    let count = wrong.len();
    wrong.truncate(NAMED);
    Err(format!("{}\n{count} faults in {checked} rows", wrong.join("\n")))
}

/// What is wrong with a row. A row that is not the one at this place ends the comparison.
fn fault(row: &OpenLeaf, place: usize, leaves: &[[u8; 32]]) -> Result<Option<String>, String> {
    if usize::try_from(row.index).ok() != Some(place) {
        return Err(format!("leaf {place} has no row behind it"));
    }
    let Some(leaf) = leaves.get(place) else { return Ok(None) };
    Ok(match row.stands(leaf) {
        RowState::Whole => None,
        state => Some(format!("leaf {}: row {} {}", row.index, row.id, state.words())),
    })
}

fn faults_outside(outside: &Outside) -> Vec<String> {
    let mut faults = vec![];
    if outside.waiting_seconds > LONGEST_WAIT {
        faults.push(format!("a row has waited {} seconds for its place", outside.waiting_seconds));
    }
    if outside.unplaced > 0 {
        faults.push(format!("{} rows are in the log and not in its tree", outside.unplaced));
    }
    if outside.refused > 0 {
        let named: Vec<String> = outside.refused_ids.iter().map(ToString::to_string).collect();
        let named = named.join(", ");
        faults.push(format!("{} rows of the queue are not the log's own: {named}", outside.refused));
    }
    if outside.logins_altered > 0 {
        faults.push(format!("{} sign-ins are not what the log says", outside.logins_altered));
    }
    faults
}
