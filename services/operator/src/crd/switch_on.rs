//! The staged switch-on of a system's datasets, as written in Git. Its stages are those of the registry
//! (`lcr_contracts::registry::StageRule`). A stage that opens anything must name who signed it off.

use kube::KubeSchema;
use lcr_contracts::registry::Stage;
use lcr_model::Dataset;
use serde::{Deserialize, Serialize};

use super::schemas;

/// How far one dataset is switched on, for one receiving organisation or for all.
#[derive(KubeSchema, Serialize, Deserialize, Debug, Clone, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
#[x_kube(
    validation = Rule::new("self.stage == 'off' || has(self.signedOffBy)")
        .message("a stage that opens a dataset names who signed it off"),
    validation = Rule::new("self.stage != 'on' || has(self.userView)")
        .message("the stage on says what service users said of it")
)]
pub struct StageSpec {
    /// Which dataset.
    #[schemars(schema_with = "schemas::dataset")]
    pub dataset: Dataset,
    /// The ODS code of one unit of a shared system; absent: the whole system.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 12), regex(pattern = r"^[A-Z0-9]{3,12}$"))]
    pub unit: Option<String>,
    /// The ODS code of one receiving organisation; absent: every organisation without a stage of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 12), regex(pattern = r"^[A-Z0-9]{3,12}$"))]
    pub receiver: Option<String>,
    /// Who sees it: nobody, the safety testers, the pilot organisations too, or everybody whom the policies permit.
    #[schemars(schema_with = "schemas::stage")]
    pub stage: Stage,
    /// Who has signed the stage off, by name and role.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 3, max = 200))]
    pub signed_off_by: Option<String>,
    /// What service users said of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 3, max = 500))]
    pub user_view: Option<String>,
}
