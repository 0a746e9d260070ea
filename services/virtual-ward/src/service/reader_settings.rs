//! Readers' own settings: how they want their lists, and the patients they watch. Watching a patient must never give
//! access: the watched list is authorised like any other.

use lcr_contracts::{
    Caller, Failure, FailureKind,
    ward::{ListSettings, SettingsOf},
};
use lcr_model::{PersonId, Role};

use super::Service;
use crate::store::reader_settings as settings_store;

// The page never sends as much.
const MAX_COLUMNS: usize = 60;
const MAX_FILTERS: usize = 30;
const MAX_TEXT_CHARS: usize = 200;

fn can_see_lists(role: Role) -> bool {
    !matches!(role, Role::Patient | Role::PlatformAdmin | Role::OrgAdmin | Role::FeedsClient)
}

fn check_size(settings: &ListSettings) -> Result<(), Failure> {
    let filters = settings.filters.iter().flat_map(|(name, value)| [name, value]);
    let mut texts = settings.columns.iter().chain(&settings.order).chain(filters);
    let fits = settings.columns.len() <= MAX_COLUMNS
        && settings.filters.len() <= MAX_FILTERS
        && texts.all(|text| text.chars().count() <= MAX_TEXT_CHARS);
    fits.then_some(())
        .ok_or_else(|| Failure::bad_request("A list has at most 60 columns and 30 filters, of 200 characters each."))
}

impl Service {
    fn check_role(caller: &Caller) -> Result<(), Failure> {
        let role = caller.actor.role;
        can_see_lists(role).then_some(()).ok_or_else(|| Failure::forbidden("Your role does not see ward lists."))
    }

    pub(super) async fn load_reader_settings(&self, caller: &Caller, of: SettingsOf) -> Result<ListSettings, Failure> {
        Self::check_role(caller)?;
        Ok(settings_store::load_settings(self.store.read(), &caller.actor.user, of).await?)
    }

    pub(super) async fn save_reader_settings(
        &self,
        caller: &Caller,
        of: SettingsOf,
        settings: ListSettings,
    ) -> Result<(), Failure> {
        Self::check_role(caller)?;
        check_size(&settings)?;
        let user = caller.actor.user.clone();
        let save = self.store.write(async move |tx| settings_store::save_settings(&tx, &user, of, &settings).await);
        Ok(save.await?)
    }

    pub(super) async fn watch_patient(&self, caller: &Caller, person: PersonId, on: bool) -> Result<(), Failure> {
        Self::check_role(caller)?;
        let (user, now) = (caller.actor.user.clone(), self.clock.now());
        let change = self.store.write(async move |tx| {
            if on {
                return settings_store::watch(&tx, &user, person, now).await;
            }
            settings_store::unwatch(&tx, &user, person).await.map(|()| true)
        });
        if change.await? {
            return Ok(());
        }
        Err(Failure::new(FailureKind::Conflict, "You watch 200 patients already. Stop watching one of them first."))
    }
}
