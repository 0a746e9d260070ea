//! Who may call whom (design section 3): the one statement of it in code. `web::gate` refuses every other caller, the
//! chart's policies equal it, and `tests/golden/arrows.txt` is what a reviewer reads.

use lcr_model::ServiceName::{
    self, Audit, Consent, Feeds, Gateway, Identity, Operator, PatientIndex, RecordAggregation, VirtualWard,
};

/// Every (caller, callee).
pub const ARROWS: [(ServiceName, ServiceName); 13] = [
    (Consent, Audit),
    (Gateway, Audit),
    (Gateway, Consent),
    (Gateway, Feeds),
    (Gateway, Identity),
    (Gateway, PatientIndex),
    (Gateway, RecordAggregation),
    (Gateway, VirtualWard),
    (Operator, Identity),
    (PatientIndex, Consent),
    (RecordAggregation, Consent),
    (RecordAggregation, PatientIndex),
    (VirtualWard, Consent),
];

/// Whether `caller` may call `callee`.
pub fn may_call(caller: ServiceName, callee: ServiceName) -> bool {
    ARROWS.contains(&(caller, callee))
}

/// Whom `caller` calls.
pub fn callees(caller: ServiceName) -> impl Iterator<Item = ServiceName> {
    ARROWS.iter().filter(move |(from, _)| *from == caller).map(|(_, to)| *to)
}
