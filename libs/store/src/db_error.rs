//! What a database error means to callers: the database is down and a later attempt may succeed, or the request itself is
//! wrong and never will. The database's own message may hold values, so none may leave this file: only kinds and standard
//! error codes.

use std::borrow::Cow;

use sea_orm::{ConnAcquireErr, DbErr, RuntimeErr, SqlxError};

/// The kind of a database error without its values: parameters may hold what must not be logged.
pub fn kind_of(error: &DbErr) -> &'static str {
    if let Some(known) = code(error).and_then(|code| describe_code(&code)) {
        return known;
    }
    if is_untrusted_certificate(error) {
        return "the database's certificate is not trusted (SSL_CERT_FILE names whom to trust)";
    }
    match error {
        DbErr::ConnectionAcquire(_) | DbErr::Conn(_) => "no connection",
        DbErr::Exec(_) => "statement failed",
        DbErr::Query(_) => "query failed",
        DbErr::RecordNotFound(_) => "record not found",
        DbErr::Migration(_) => "migration failed",
        DbErr::Type(_) | DbErr::Json(_) | DbErr::TryIntoErr { .. } => "a stored value does not read",
        _ => "database error",
    }
}

/// The kind with the database's code, if it gave one.
pub fn cause_of(error: &DbErr) -> String {
    match code(error) {
        Some(code) if describe_code(&code).is_none() => format!("{} (code {code})", kind_of(error)),
        _ => kind_of(error).to_owned(),
    }
}

/// Whether the connection failed because the database's certificate is not trusted. A later attempt succeeds once the
/// certificate or the bundle is replaced.
fn is_untrusted_certificate(error: &DbErr) -> bool {
    let (DbErr::Conn(RuntimeErr::SqlxError(inner))
    | DbErr::Exec(RuntimeErr::SqlxError(inner))
    | DbErr::Query(RuntimeErr::SqlxError(inner))) = error
    else {
        return false;
    };
    // sea-orm hides the source errors; the driver exposes them.
    let driver: &SqlxError = inner;
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(driver);
    while let Some(now) = cause {
        let within = now.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        let tls = within.and_then(|inner| inner.downcast_ref::<rustls::Error>());
        if matches!(tls.or_else(|| now.downcast_ref()), Some(rustls::Error::InvalidCertificate(_))) {
            return true;
        }
        cause = now.source();
    }
    false
}

/// Codes that explain themselves.
fn describe_code(code: &str) -> Option<&'static str> {
    Some(match code {
        "22021" => "a text holds what the database cannot keep (SQLSTATE 22021)",
        "28000" | "28P01" => "the database refuses the sign-in (SQLSTATE 28)",
        "3D000" => "there is no such database (SQLSTATE 3D000)",
        "40001" | "40P01" => "others wrote the same (SQLSTATE 40)",
        "42501" => "the role may not do this (SQLSTATE 42501)",
        "42P01" => "there is no such table (SQLSTATE 42P01)",
        "53300" => "the database has no connection left (SQLSTATE 53300)",
        "54000" => "a value is too long for an index (SQLSTATE 54000)",
        "57014" => "it took too long (SQLSTATE 57014)",
        "57P03" => "the database is starting (SQLSTATE 57P03)",
        _ => return None,
    })
}

/// Whether a later attempt may succeed: no connection, no room, stopping or starting, or a conflict on the same row.
pub(crate) fn is_unavailable(error: &DbErr) -> bool {
    match error {
        DbErr::ConnectionAcquire(_) | DbErr::Conn(_) => true,
        DbErr::Exec(RuntimeErr::SqlxError(inner)) | DbErr::Query(RuntimeErr::SqlxError(inner)) => {
            match inner.as_ref() {
                SqlxError::Database(reported) => {
                    reported.code().is_some_and(|code| is_transient_code(&code) || is_store_fault(&code))
                }
                other => is_connection(other),
            }
        }
        _ => false,
    }
}

fn is_connection(error: &SqlxError) -> bool {
    matches!(
        error,
        SqlxError::Io(_)
            | SqlxError::Tls(_)
            | SqlxError::Protocol(_)
            | SqlxError::PoolTimedOut
            | SqlxError::PoolClosed
            | SqlxError::WorkerCrashed
            | SqlxError::BeginFailed
    )
}

/// `PostgreSQL` codes have five characters and a class; `SQLite` codes are numbers whose lowest byte is the class.
fn is_transient_code(code: &str) -> bool {
    if code.len() == 5 {
        // A standby that does not accept writes yet; a lock that another session holds.
        let single = ["25006", "25P03", "55006", "55P03"];
        // Connection, conflict, resources, an operator's action, the disk.
        let classes = ["08", "40", "53", "57", "58"];
        return single.contains(&code) || classes.iter().any(|class| code.starts_with(class));
    }
    // Busy, locked, out of memory, interrupted, disk error, full, cannot open, lock protocol.
    code.parse::<u32>().is_ok_and(|code| matches!(code & 0xff, 5 | 6 | 7 | 9 | 10 | 13 | 14 | 15))
}

/// Whether the whole store is at fault and an operator must act: missing rights, tables or database, or damage.
fn is_store_fault(code: &str) -> bool {
    if code.len() == 5 {
        let single = ["42501", "42P01", "42703"];
        return single.contains(&code) || ["3D", "28", "XX"].iter().any(|class| code.starts_with(class));
    }
    // Read-only.
    code.parse::<u32>().is_ok_and(|code| code & 0xff == 8)
}

/// Whether a database that was just asked for a connection is still starting, rather than refusing it.
pub(crate) fn is_starting(error: &DbErr) -> bool {
    if is_untrusted_certificate(error) {
        return false;
    }
    let inner = match error {
        DbErr::ConnectionAcquire(reason) => return matches!(reason, ConnAcquireErr::Timeout),
        DbErr::Conn(RuntimeErr::SqlxError(inner))
        | DbErr::Exec(RuntimeErr::SqlxError(inner))
        | DbErr::Query(RuntimeErr::SqlxError(inner)) => inner,
        _ => return false,
    };
    match inner.as_ref() {
        SqlxError::Database(reported) => reported.code().is_some_and(|code| is_transient_code(&code)),
        other => is_connection(other),
    }
}

fn code(error: &DbErr) -> Option<Cow<'_, str>> {
    let (DbErr::Conn(RuntimeErr::SqlxError(inner))
    | DbErr::Exec(RuntimeErr::SqlxError(inner))
    | DbErr::Query(RuntimeErr::SqlxError(inner))) = error
    else {
        return None;
    };
    inner.as_database_error()?.code()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outages_are_transient_and_wrong_requests_are_not() {
        for transient in ["08006", "40001", "40P01", "53300", "57014", "57P01", "57P03", "55P03", "5", "517", "13"] {
            assert!(is_transient_code(transient), "{transient}");
        }
        for wrong in ["22021", "54000", "23505", "42501", "42P01", "1555", "19", "1", "", "other"] {
            assert!(!is_transient_code(wrong), "{wrong}");
        }
    }
}
