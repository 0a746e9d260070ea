//! The headers of a download, which a browser must never run, frame or guess the type of.

use lcr_contracts::{Failure, FailureKind};

pub(super) fn document_not_found() -> Failure {
    Failure::new(FailureKind::NotFound, "This document is not in the record any more.")
}

pub(super) fn is_text(kind: &str) -> bool {
    kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("text/plain"))
}

/// The content type and disposition of a download, from a closed list so that no source can choose them. HTML is sent as
/// text so that nothing in it runs.
pub(super) fn download_headers(kind: &str) -> (&'static str, &'static str) {
    match kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase().as_str() {
        "application/pdf" => ("application/pdf", "attachment; filename=\"document.pdf\""),
        "text/plain" => ("text/plain; charset=utf-8", "attachment; filename=\"document.txt\""),
        "text/html" | "application/xhtml+xml" => {
            ("text/plain; charset=utf-8", "attachment; filename=\"document.html.txt\"")
        }
        "text/xml" | "application/xml" => ("text/plain; charset=utf-8", "attachment; filename=\"document.xml.txt\""),
        "image/jpeg" => ("image/jpeg", "attachment; filename=\"document.jpg\""),
        "image/png" => ("image/png", "attachment; filename=\"document.png\""),
        "image/gif" => ("image/gif", "attachment; filename=\"document.gif\""),
        "image/tiff" => ("image/tiff", "attachment; filename=\"document.tiff\""),
        "application/rtf" | "text/rtf" => ("application/rtf", "attachment; filename=\"document.rtf\""),
        "application/msword" => ("application/msword", "attachment; filename=\"document.doc\""),
        DOCX => (DOCX, "attachment; filename=\"document.docx\""),
        _ => ("application/octet-stream", "attachment; filename=\"document.bin\""),
    }
}

pub(super) const DOCX: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
