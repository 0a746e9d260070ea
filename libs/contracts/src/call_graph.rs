//! Which service may call which: the only statement of it in code. `web::auth` refuses other callers, the chart's network
//! policies match it, and `tests/golden/arrows.txt` lists it for review.

use lcr_model::ServiceName::{
    self, Audit, Consent, Feeds, Gateway, Identity, Operator, PatientIndex, RecordAggregation, VirtualWard,
};

/// All pairs of caller and callee.
pub const ALLOWED_CALLS: [(ServiceName, ServiceName); 13] = [
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
    ALLOWED_CALLS.contains(&(caller, callee))
}

/// The services that `caller` calls.
pub fn callees(caller: ServiceName) -> impl Iterator<Item = ServiceName> {
    ALLOWED_CALLS.iter().filter(move |(from, _)| *from == caller).map(|(_, to)| *to)
}
