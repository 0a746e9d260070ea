//! Each row held against the leaf that commits to it. For those who may read the log; nothing of a row is printed but
//! which one it is.

use lcr_audit::domain::leaf::OpenLeaf;
use serde_json::Value;

use super::Site;

/// Leaves asked for at once.
const PAGE: usize = 500;
/// Altered rows named at most.
const NAMED: usize = 20;

pub async fn compare(site: &Site, port: u16, token: &str, leaves: &[[u8; 32]]) -> Result<(), String> {
    let base = match site.base.strip_suffix("/audit") {
        Some(gateway) => format!("{gateway}/api/audit"),
        None => format!("http://localhost:{port}/api/audit"),
    };
    let (mut altered, mut checked, mut unplaced) = (vec![], 0_usize, 0);
    while checked < leaves.len() {
        let url = format!("{base}/v1/leaves?first={checked}&limit={PAGE}");
        let answer: Value = serde_json::from_slice(&site.get(&url, Some(token)).await?)
            .map_err(|_| "the log's rows do not read".to_owned())?;
        let page: Vec<OpenLeaf> = serde_json::from_value(answer["leaves"].clone())
            .map_err(|_| "the log's rows do not read".to_owned())?;
        unplaced += answer["unplaced"].as_u64().unwrap_or_default();
        if page.is_empty() {
            return Err(format!("leaf {checked} has no row behind it"));
        }
        for row in page.into_iter().take(leaves.len() - checked) {
            let leaf = usize::try_from(row.index).ok().and_then(|at| leaves.get(at));
            let opens = leaf.is_some_and(|leaf| row.opens(leaf));
            if !opens || !row.is_found_as_said() {
                let what = match (&row.canonical, opens) {
                    (None, _) => "is gone",
                    (_, false) => "was altered",
                    _ => "is not found by what it says",
                };
                altered.push(format!("leaf {}: entry {} {what}", row.index, row.id));
            }
            checked += 1;
        }
    }
    println!("rows        {checked} held against their leaves");
    if unplaced > 0 {
        return Err(format!("{unplaced} rows are in the log and not in its tree"));
    }
    if altered.is_empty() {
        return Ok(());
    }
    let count = altered.len();
    altered.truncate(NAMED);
    Err(format!("{}\n{count} of {checked} rows are not what was recorded", altered.join("\n")))
}
