//! What a database's errors mean to those who wait for it: whether it is away, so that waiting mends it, or what was
//! asked is at fault, so that waiting mends nothing and whoever asked must not be in the way of others for ever. A
//! database's own words may hold values, so none of them leave here: only kinds, and the codes of the standard.

use std::borrow::Cow;

use lcr_contracts::{Failure, Kind};
use sea_orm::{ConnAcquireErr, DbErr, RuntimeErr, SqlxError};

/// What a store's error is towards callers: unavailable while the database is away, internal where the fault is in
/// what was asked. The cause is for the log.
pub fn failed(error: &DbErr) -> Failure {
    let cause = cause_of(error);
    if is_away(error) {
        let outward = "The store did not answer. Try again in a minute.";
        return Failure::new(Kind::Unavailable, outward).because(cause);
    }
    Failure::internal(cause)
}

/// The older name of `failed`.
pub fn unavailable(error: &DbErr) -> Failure {
    failed(error)
}

/// Nothing was committed, for no fault of what was to be written.
pub(crate) fn not_committed() -> Failure {
    Failure::new(Kind::Unavailable, "The store did not answer. Try again in a minute.")
        .because("not committed")
}

/// The kind of a database error without its values: parameters may hold what must not be logged.
pub fn kind_of(error: &DbErr) -> &'static str {
    if let Some(known) = code(error).and_then(|code| known(&code)) {
        return known;
    }
    if is_distrusted(error) {
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

/// The same with the database's code, where it gave one.
pub fn cause_of(error: &DbErr) -> String {
    match code(error) {
        Some(code) if known(&code).is_none() => format!("{} (code {code})", kind_of(error)),
        _ => kind_of(error).to_owned(),
    }
}

/// Whether it came to nothing over who the database says it is: waiting alone mends that only when somebody else mends the
/// certificate or the bundle, which is read anew each time.
fn is_distrusted(error: &DbErr) -> bool {
    let (DbErr::Conn(RuntimeErr::SqlxError(inner))
    | DbErr::Exec(RuntimeErr::SqlxError(inner))
    | DbErr::Query(RuntimeErr::SqlxError(inner))) = error
    else {
        return false;
    };
    // sea-orm tells no sources, the driver does.
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

/// Codes that say by themselves what is to be done.
fn known(code: &str) -> Option<&'static str> {
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

/// Whether waiting mends it: no connection, no room, stopping or starting, or others at the same row.
fn is_away(error: &DbErr) -> bool {
    match error {
        DbErr::ConnectionAcquire(_) | DbErr::Conn(_) => true,
        DbErr::Exec(RuntimeErr::SqlxError(inner)) | DbErr::Query(RuntimeErr::SqlxError(inner)) => {
            match inner.as_ref() {
                SqlxError::Database(told) => {
                    told.code().is_some_and(|code| passes(&code) || is_the_stores(&code))
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

/// Five letters are `PostgreSQL`'s, told by their class; `SQLite`'s are numbers whose lowest byte is the class.
fn passes(code: &str) -> bool {
    if code.len() == 5 {
        // A standby that takes no writes yet, and a lock that somebody else has.
        let single = ["25006", "25P03", "55006", "55P03"];
        // Connection, rollback for others' sake, resources, an operator's hand, the disk.
        let classes = ["08", "40", "53", "57", "58"];
        return single.contains(&code) || classes.iter().any(|class| code.starts_with(class));
    }
    // Busy, locked, no memory, interrupted, disk error, full, cannot open, the protocol of locks.
    code.parse::<u32>().is_ok_and(|code| matches!(code & 0xff, 5 | 6 | 7 | 9 | 10 | 13 | 14 | 15))
}

/// What is wrong with the store as a whole, whatever is written: rights, tables or the database are missing, or it is
/// damaged. Hands mend it, and no single write is at fault.
fn is_the_stores(code: &str) -> bool {
    if code.len() == 5 {
        let single = ["42501", "42P01", "42703"];
        return single.contains(&code) || ["3D", "28", "XX"].iter().any(|class| code.starts_with(class));
    }
    // Read-only.
    code.parse::<u32>().is_ok_and(|code| code & 0xff == 8)
}

/// Whether a database that was just asked for a connection is not there yet, rather than refusing us.
pub(crate) fn is_asleep(error: &DbErr) -> bool {
    if is_distrusted(error) {
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
        SqlxError::Database(told) => told.code().is_some_and(|code| passes(&code)),
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
    fn waiting_mends_what_is_away_and_not_what_is_wrong() {
        for away in ["08006", "40001", "40P01", "53300", "57014", "57P01", "57P03", "55P03", "5", "517", "13"]
        {
            assert!(passes(away), "{away}");
        }
        for wrong in ["22021", "54000", "23505", "42501", "42P01", "1555", "19", "1", "", "other"] {
            assert!(!passes(wrong), "{wrong}");
        }
        assert_eq!(failed(&DbErr::ConnectionAcquire(ConnAcquireErr::Timeout)).kind, Kind::Unavailable);
        assert_eq!(failed(&DbErr::Json("a value".into())).kind, Kind::Internal);
        assert_eq!(failed(&DbErr::Json("a value".into())).inward(), "a stored value does not read");
    }
}
