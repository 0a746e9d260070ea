//! What readers keep for themselves: how they want their lists, and which patients they watch. Watching somebody gives no
//! right to see them: the watch list is decided like every other list.

use lcr_contracts::{
    Caller, Failure, Kind,
    ward::{ListSettings, SettingsOf},
};
use lcr_model::{PersonId, Role};
use sea_orm::DbErr;

use super::{Service, away};
use crate::store::own_list;

/// Bounds of what is kept: more than the page can make.
const MOST_COLUMNS: usize = 60;
const MOST_FILTERS: usize = 30;
const LONGEST: usize = 200;

fn has_lists(role: Role) -> bool {
    !matches!(role, Role::Patient | Role::PlatformAdmin | Role::OrgAdmin | Role::FeedsClient)
}

fn check(settings: &ListSettings) -> Result<(), Failure> {
    let filters = settings.filters.iter().flat_map(|(name, value)| [name, value]);
    let mut texts = settings.columns.iter().chain(&settings.order).chain(filters);
    let fits = settings.columns.len() <= MOST_COLUMNS
        && settings.filters.len() <= MOST_FILTERS
        && texts.all(|text| text.chars().count() <= LONGEST);
    fits.then_some(()).ok_or_else(|| {
        Failure::bad_request("A list has at most 60 columns and 30 filters, of 200 characters each.")
    })
}

impl Service {
    fn may_keep(caller: &Caller) -> Result<(), Failure> {
        let role = caller.actor.role;
        has_lists(role).then_some(()).ok_or_else(|| Failure::forbidden("Your role does not see ward lists."))
    }

    pub(super) async fn own_settings(
        &self,
        caller: &Caller,
        of: SettingsOf,
    ) -> Result<ListSettings, Failure> {
        Self::may_keep(caller)?;
        own_list::settings(self.store.read(), &caller.actor.user, of).await.map_err(|e| away(&e))
    }

    pub(super) async fn keep_own_settings(
        &self,
        caller: &Caller,
        of: SettingsOf,
        settings: ListSettings,
    ) -> Result<(), Failure> {
        Self::may_keep(caller)?;
        check(&settings)?;
        let user = caller.actor.user.clone();
        let keep = self.store.write::<_, DbErr, _>(move |tx| {
            Box::pin(async move { own_list::keep_settings(tx, &user, of, &settings).await })
        });
        Ok(keep.await?)
    }

    pub(super) async fn watch_patient(
        &self,
        caller: &Caller,
        person: PersonId,
        on: bool,
    ) -> Result<(), Failure> {
        Self::may_keep(caller)?;
        let (user, now) = (caller.actor.user.clone(), self.clock.now());
        let change = self.store.write::<_, DbErr, _>(move |tx| {
            Box::pin(async move {
                if on {
                    return own_list::watch(tx, &user, person, now).await;
                }
                own_list::unwatch(tx, &user, person).await.map(|()| true)
            })
        });
        if change.await? {
            return Ok(());
        }
        Err(Failure::new(Kind::Conflict, "You watch 200 patients already. Stop watching one of them first."))
    }
}
