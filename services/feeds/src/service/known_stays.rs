//! Which stay each part of a message is about, by what the feed has told before: the rules are `domain::StayBook`. Decided
//! before anything is published, in the message's own transaction.

use lcr_model::seal::DataKeys;
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr};

use crate::{
    domain::{Mapped, NotMapped, Page, Resolved, StayBook, Unresolved},
    store::held,
};

/// Names the stay of every encounter and item, and stores what the message makes of the stays.
pub async fn resolve(
    tx: &DatabaseTransaction,
    keys: &DataKeys,
    mapped: Vec<Mapped>,
) -> Result<Result<Vec<Resolved>, NotMapped>, DbErr> {
    let mut book = StayBook::default();
    let pages = book.missing(&mapped);
    load(tx, keys, &mut book, pages).await?;
    let resolved = match book.resolve(mapped) {
        Ok(resolved) => resolved,
        Err(why) => return Ok(Err(waits(why))),
    };
    for (page, json) in book.changes().map_err(|error| DbErr::Json(error.to_string()))? {
        let id = page.id();
        let sealed =
            keys.seal(&place(&page, &id), &json).map_err(|error| DbErr::Custom(error.to_string()))?;
        held::keep(tx, held::Row { id, version: 0, sealed: Some(sealed) }).await?;
    }
    Ok(Ok(resolved))
}

/// Loads pages into the book.
pub async fn load(
    db: &impl ConnectionTrait,
    keys: &DataKeys,
    book: &mut StayBook,
    pages: Vec<Page>,
) -> Result<(), DbErr> {
    for page in pages {
        let id = page.id();
        let sealed = held::get(db, &id).await?.and_then(|row| row.sealed);
        let plain = sealed.and_then(|sealed| keys.open(&place(&page, &id), &sealed).ok());
        book.load(page, plain.as_deref());
    }
    Ok(())
}

/// Where a page is stored, for its seal.
fn place(page: &Page, id: &str) -> String {
    match page {
        Page::Person(_) => format!("feeds/stays/{id}"),
        Page::Visit(..) | Page::Authorities(..) => format!("feeds/visits/{id}"),
    }
}

pub fn waits(why: Unresolved) -> NotMapped {
    let words = match why {
        Unresolved::SeveralOpenStays => {
            "the stay is not named (PV1-19, PID-18, PV1-44), and the patient has several open stays here"
        }
        _ => "the stay is not named (PV1-19, PID-18, PV1-44), and the patient has no open stay here",
    };
    NotMapped::waits(words, "PV1-19")
}
