//! A fake virtual-ward: the sample stays, or the answers that a test scripts.

use async_trait::async_trait;
use futures::{StreamExt, stream, stream::BoxStream};
use lcr_contracts::{
    Caller, Failure, VirtualWard,
    ward::{
        Counts, Delays, Discharges, Inpatients, ListChange, ListOf, ListRequest, ListSettings, PlaceCount, SettingsOf,
    },
};

use lcr_model::PersonId;

use crate::{fakes::World, sample, stays};

#[async_trait]
impl VirtualWard for World {
    async fn inpatients(&self, _: &Caller, ask: ListRequest) -> Result<Inpatients, Failure> {
        self.check()?;
        self.requested_lists.lock().unwrap().push(ask.of);
        let mut scripted = self.in_hospital.lock().unwrap();
        let rows = match scripted.len() {
            0 => stays::inpatients(),
            1 => scripted[0].clone(),
            _ => scripted.remove(0),
        };
        Ok(Inpatients { as_of: sample::now(), rows, unmatched: 1, hospitals: stays::hospitals() })
    }
    async fn discharges(&self, _: &Caller, ask: ListRequest) -> Result<Discharges, Failure> {
        self.check()?;
        self.requested_lists.lock().unwrap().push(ask.of);
        let rows = stays::discharged();
        Ok(Discharges { as_of: sample::now(), days: ask.days, rows, hospitals: stays::hospitals() })
    }
    async fn changes(&self, _: &Caller, _: ListRequest) -> Result<BoxStream<'static, ListChange>, Failure> {
        self.check()?;
        let step = self.step;
        let news = stream::iter(std::mem::take(&mut *self.news.lock().unwrap()));
        let news = news.then(move |news| async move {
            tokio::time::sleep(step).await;
            news
        });
        Ok(if self.stays_open { news.chain(stream::pending()).boxed() } else { news.boxed() })
    }
    async fn delays(&self, _: &Caller, ask: ListRequest) -> Result<Delays, Failure> {
        self.check()?;
        self.requested_lists.lock().unwrap().push(ask.of);
        Ok(Delays { as_of: sample::now(), delays: stays::delays(), hospitals: stays::hospitals() })
    }
    async fn counts(&self, _: &Caller, of: Option<ListOf>) -> Result<Counts, Failure> {
        self.check()?;
        let ward = |key: &str, name: &str, people| PlaceCount { key: key.into(), name: name.into(), people };
        let wards = if of.is_none() { vec![ward("J27", "J27", 4), ward("J28", "J28", 0)] } else { vec![] };
        Ok(Counts {
            as_of: sample::now(),
            in_patients: 4,
            elsewhere: 3,
            leaving_today: 1,
            emergency: 2,
            admitted_since_yesterday: Some(2),
            wards,
            ..Counts::default()
        })
    }
    async fn settings(&self, _: &Caller, of: SettingsOf) -> Result<ListSettings, Failure> {
        self.check()?;
        let settings = self.settings.lock().unwrap();
        Ok(settings.iter().rfind(|(list, _)| *list == of).map(|(_, saved)| saved.clone()).unwrap_or_default())
    }
    async fn keep_settings(&self, _: &Caller, of: SettingsOf, saved: ListSettings) -> Result<(), Failure> {
        self.check()?;
        self.settings.lock().unwrap().push((of, saved));
        Ok(())
    }
    async fn watch(&self, _: &Caller, person: PersonId, on: bool) -> Result<(), Failure> {
        self.check()?;
        self.watch_calls.lock().unwrap().push((person, on));
        Ok(())
    }
}
