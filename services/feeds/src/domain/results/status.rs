//! Converts HL7 result statuses to FHIR. A status outside the HL7 tables must stay unknown.

use lcr_hl7::Segment;

/// HL7 table 0123 as `DiagnosticReport.status`.
pub fn report_status(code: Option<&str>) -> &'static str {
    match code {
        Some("F") => "final",
        Some("C") => "corrected",
        Some("X") => "cancelled",
        Some("P" | "R") => "preliminary",
        Some("A") => "partial",
        Some("O" | "I" | "S") => "registered",
        _ => "unknown",
    }
}

/// HL7 table 0085 as `Observation.status`. Without a status, the order's counts.
pub fn observation_status(code: Option<&str>, order: Segment<'_>) -> &'static str {
    match code {
        Some("F" | "U") => "final",
        Some("C") => "corrected",
        Some("A" | "B") => "amended",
        Some("P" | "R" | "S" | "V") => "preliminary",
        Some("X") => "cancelled",
        Some("D" | "W") => "entered-in-error",
        Some("I" | "N" | "O") => "registered",
        Some(_) => "unknown",
        None => match order.field(25).code().as_deref() {
            Some("F") => "final",
            Some("C") => "corrected",
            Some("P" | "R" | "A") => "preliminary",
            Some("X") => "cancelled",
            _ => "unknown",
        },
    }
}
