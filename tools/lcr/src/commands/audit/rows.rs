//! Compares each row of the log with the leaf that commits to it, and checks the rows outside the tree. It must never
//! print more of a row than its number and id.

use lcr_audit::{
    OutsideTree,
    domain::leaf::{OpenLeaf, RowState},
};
use serde_json::Value;

use super::LogClient;

/// Leaves in one request.
const LEAVES_PER_REQUEST: usize = 500;
/// Faults that are listed before the list is cut.
const MAX_NAMED: usize = 20;
/// A row waits for its place about a second. A longer wait than this means that it is kept out of the tree.
pub const MAX_WAIT_SECONDS: i64 = 60;

pub async fn compare_rows(log: &LogClient, token: &str, leaves: &[[u8; 32]]) -> Result<(), String> {
    let (mut wrong, mut checked, mut outside) = (vec![], 0_usize, None);
    while checked < leaves.len() || outside.is_none() {
        let url = format!("{}/v1/leaves?first={checked}&limit={LEAVES_PER_REQUEST}", log.api);
        let answer: Value = serde_json::from_slice(&log.get(&url, Some(token)).await?)
            .map_err(|_| "the log's rows do not read".to_owned())?;
        let page: Vec<OpenLeaf> =
            serde_json::from_value(answer["leaves"].clone()).map_err(|_| "the log's rows do not read".to_owned())?;
        if outside.is_none() {
            outside = Some(serde_json::from_value::<Option<OutsideTree>>(answer["outside"].clone()).ok().flatten());
        }
        if page.is_empty() && checked < leaves.len() {
            return Err(format!("leaf {checked} has no row behind it"));
        }
        for row in page.into_iter().take(leaves.len() - checked) {
            wrong.extend(find_fault(&row, checked, leaves)?);
            checked += 1;
        }
    }
    println!("rows        {checked} compared with their leaves");
    if let Some(outside) = outside.flatten() {
        println!("waiting     {} rows, the first of them for {} seconds", outside.waiting, outside.waiting_seconds);
        wrong.extend(faults_outside(&outside));
    }
    if wrong.is_empty() {
        return Ok(());
    }
    let count = wrong.len();
    wrong.truncate(MAX_NAMED);
    Err(format!("{}\n{count} faults in {checked} rows", wrong.join("\n")))
}

/// Returns the fault of a row, if it has one. A row for another place ends the comparison.
fn find_fault(row: &OpenLeaf, place: usize, leaves: &[[u8; 32]]) -> Result<Option<String>, String> {
    if usize::try_from(row.index).ok() != Some(place) {
        return Err(format!("leaf {place} has no row behind it"));
    }
    let Some(leaf) = leaves.get(place) else { return Ok(None) };
    Ok(match row.row_state(leaf) {
        RowState::Whole => None,
        state => Some(format!("leaf {}: row {} {}", row.index, row.id, state.description())),
    })
}

fn faults_outside(outside: &OutsideTree) -> Vec<String> {
    let mut faults = vec![];
    if outside.waiting_seconds > MAX_WAIT_SECONDS {
        faults.push(format!("a row has waited {} seconds for its place", outside.waiting_seconds));
    }
    if outside.unsequenced > 0 {
        faults.push(format!("{} rows are in the log and not in its tree", outside.unsequenced));
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
