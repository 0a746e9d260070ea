//! The query for the people for whom an organisation cares. It finds candidates only: the decision says whom a reader may
//! open. The database groups and counts them, so that a caseload of any size reads one page.

use jiff::Timestamp;
use lcr_contracts::choices::{ChoiceStatus, Direction};
use lcr_model::{CareLinkKind, OdsCode, PersonId};
use lcr_store::StoreError;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, JoinType, Order, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait, RelationDef, Select,
    sea_query::{CaseStatement, Expr, ExprTrait, SelectStatement},
};
use uuid::Uuid;

use super::{
    care_link::{
        counts_at,
        entity::{self as link, Column as L},
    },
    choice::{
        row::{self as choice, Column as C},
        to_name,
    },
    person_identity::entity::{self as identity, Column as I},
};
use crate::domain::care_links::{EARLIER_APPOINTMENTS, EvidenceScope, ListOrder, OTHER_KINDS};

/// Which page of whose list.
#[derive(Debug, Clone, Copy)]
pub struct ListPage<'a> {
    /// The reader's organisation.
    pub reader: &'a OdsCode,
    /// What is evidence for it. Not empty.
    pub scopes: &'a [EvidenceScope],
    pub now: Timestamp,
    pub order: ListOrder,
    pub offset: u64,
    pub limit: u64,
}

/// The people of a page in the order of the list, and how many there are in all.
pub async fn find_people(db: &impl ConnectionTrait, page: ListPage<'_>) -> Result<(Vec<PersonId>, u64), StoreError> {
    let place = page_order(page.order).min();
    let select = candidates(page)?
        .column(I::Person)
        .expr_as(Expr::cust("COUNT(*) OVER ()"), "total")
        .group_by(I::Person)
        .order_by(place, Order::Asc)
        .order_by(I::Person, Order::Asc);
    let rows: Vec<(Uuid, i64)> = select.offset(page.offset).limit(page.limit).into_tuple().all(db).await?;
    let total = match rows.first() {
        Some((_, total)) => u64::try_from(*total).unwrap_or(0),
        // A page after the last one, or of no people, has no row with the total.
        None => count_people(db, page).await?,
    };
    Ok((rows.into_iter().map(|(person, _)| PersonId(person)).collect(), total))
}

async fn count_people(db: &impl ConnectionTrait, page: ListPage<'_>) -> Result<u64, StoreError> {
    let count = candidates(page)?.column_as(I::Person.into_expr().count_distinct(), "total");
    let total: Option<i64> = count.into_tuple().one(db).await?;
    Ok(total.and_then(|total| u64::try_from(total).ok()).unwrap_or(0))
}

/// The links in force that are evidence for the reader's organisation, with their people, without a selected column.
fn candidates(page: ListPage<'_>) -> Result<Select<link::Entity>, DbErr> {
    let has_identity: RelationDef = link::Entity::belongs_to(identity::Entity).from(L::IdentityKey).to(I::Key).into();
    let in_scope = page.scopes.iter().fold(Condition::any(), |any, scope| {
        let sources = scope.sources.iter().map(lcr_model::SourceId::as_str);
        let of_scope = Condition::all()
            .add(L::Organisation.eq(scope.organisation.as_str()))
            .add(L::Kind.eq(scope.kind.as_str()))
            .add(L::Source.is_in(sources));
        any.add(of_scope)
    });
    let select = link::Entity::find().select_only().join(JoinType::InnerJoin, has_identity);
    let select = select.filter(in_scope).filter(counts_at(page.now));
    Ok(select.filter(I::Person.not_in_subquery(objecting(page.reader)?)))
}

/// The people whose objections close their record to the organisation, as `choices::close_record` says. A choice that does
/// not read closes it too.
fn objecting(reader: &OdsCode) -> Result<SelectStatement, DbErr> {
    let ended = [ChoiceStatus::Requested, ChoiceStatus::Refused, ChoiceStatus::Withdrawn];
    let ended = ended.iter().map(to_name).collect::<Result<Vec<_>, DbErr>>()?;
    let into = to_name(&Direction::Into)?;
    let into_another = Condition::all()
        .add(C::Direction.eq(into))
        .add(Condition::any().add(C::Organisation.is_null()).add(C::Organisation.ne(reader.as_str())));
    let concerns_others = Condition::any().add(C::Direction.eq(to_name(&Direction::OutOf)?)).add(into_another);
    let choices = choice::Entity::find().filter(C::Status.is_not_in(ended)).filter(concerns_others.not());
    Ok(choices.select_only().column(C::Person).into_query())
}

/// `ListOrder::place` in the database.
fn page_order(order: ListOrder) -> Expr {
    let from = || L::CountsFrom.into_expr();
    let is_appointment = || L::Kind.eq(CareLinkKind::Appointment.as_str());
    let place = CaseStatement::new()
        .case(Condition::all().add(is_appointment()).add(L::CountsFrom.gte(order.first)), from())
        .case(is_appointment(), Expr::value(EARLIER_APPOINTMENTS).sub(from()))
        .finally(Expr::value(OTHER_KINDS).sub(from()));
    place.into()
}
