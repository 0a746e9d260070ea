//! Every internal path. A path that is missing here fails a test.

use lcr_model::ServiceName;

/// Every internal path that needs a user: the service, one of its callers, and the paths under `/internal/v1/`.
pub(super) const INTERNAL_PATHS: [(ServiceName, ServiceName, &[&str]); 11] = [
    (ServiceName::Consent, ServiceName::RecordAggregation, &["permits", "confirmations"]),
    (ServiceName::Consent, ServiceName::VirtualWard, &["countable"]),
    (
        ServiceName::Consent,
        ServiceName::Gateway,
        &[
            "explanations",
            "choices",
            "choices/object",
            "choices/withdraw",
            "choices/review",
            "choices/waiting",
            "choices/waiting/count",
            "claims",
            "claims/override",
            "claims/launch",
            "claims/list",
            "claims/count",
            "claims/review",
            "claims/end",
            "care-list",
        ],
    ),
    (ServiceName::Audit, ServiceName::Consent, &["entries", "entries/read", "own-log"]),
    (
        ServiceName::Audit,
        ServiceName::Gateway,
        &[
            "incidents",
            "incidents/read",
            "incidents/open",
            "incidents/share",
            "incidents/end-share",
            "incidents/close",
            "incidents/entries",
            "adoption",
        ],
    ),
    (
        ServiceName::PatientIndex,
        ServiceName::RecordAggregation,
        &["people/search", "people/stub", "people/resolve", "people/own", "people/identifiers"],
    ),
    (ServiceName::RecordAggregation, ServiceName::Gateway, &["record", "record/follow", "document", "item", "sources"]),
    (
        ServiceName::PatientIndex,
        ServiceName::Gateway,
        &["people/summaries", "people/of-record", "reviews", "reviews/decide"],
    ),
    (
        ServiceName::VirtualWard,
        ServiceName::Gateway,
        &["inpatients", "discharges", "news", "delays", "counts", "settings", "keep-settings", "watch"],
    ),
    (
        ServiceName::Identity,
        ServiceName::Gateway,
        &[
            "partners",
            "partners/change",
            "partners/file",
            "partners/agreement",
            "partners/people",
            "partners/sessions",
            "partners/sign-in-counts",
        ],
    ),
    (ServiceName::Feeds, ServiceName::Gateway, &["messages/waiting", "messages/text", "messages/replay"]),
];

/// Every internal path that a service calls without a user, because nobody is signed in yet or the data is not about a person.
pub(super) const SERVICE_ONLY_PATHS: [(ServiceName, &[&str]); 4] = [
    (ServiceName::Consent, &["rules"]),
    (
        ServiceName::Identity,
        &[
            "sessions",
            "sessions/end",
            "launches",
            "launches/open",
            "role-choices",
            "registry",
            "registry/read",
            "registry/others",
            "partners/sharing-register",
            "partners/applicant",
            "partners/access-requests",
        ],
    ),
    (ServiceName::Audit, &["choice-steps", "claim-steps", "log-state", "entries/reconcile"]),
    (ServiceName::PatientIndex, &["people/count"]),
];
