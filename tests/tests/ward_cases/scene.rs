//! A ward of the platform that reads the reported cases.

use std::{fs, path::Path, time::Duration};

use lcr_testkit::{Folder, eventually_ok};
use lcr_tests::{Actor, Options, Platform, mllp::MllpConnection, record_json};
use serde_json::Value;

use super::{shift_days, shift_times, visible_text};

pub(super) struct Ward {
    platform: Platform,
    gp: Actor,
    _server: lcr_city::FolderSource,
    _folder: Folder,
}

impl Ward {
    /// Starts a city with the people of the cases, who are registered with the GP's practice.
    pub(super) async fn open(inputs: &Path) -> Self {
        let folder = Folder::new("ward-life").unwrap();
        let people: Value = serde_json::from_slice(&fs::read(inputs.join("base-people.json")).unwrap()).unwrap();
        for (at, entry) in record_json::list(&people, "entry").enumerate() {
            fs::write(folder.path().join(format!("{at}.json")), entry["resource"].to_string()).unwrap();
        }
        let server = lcr_city::serve_folder(folder.path(), 0).await.unwrap();
        let options = Options {
            people: 200,
            city: true,
            sources: vec![("Clinic".to_owned(), server.base_url())],
            ..Options::default()
        };
        let platform = Platform::start(options).await;
        Box::pin(platform.wait_loaded()).await;
        let gp = platform.actor("gp").await;
        Self { platform, gp, _server: server, _folder: folder }
    }

    pub(super) async fn send(&self, inputs: &Path, case: &str) {
        let file = fs::read_dir(inputs).unwrap().filter_map(Result::ok).map(|entry| entry.path());
        let file = file.into_iter().find(|path| path.file_name().unwrap().to_string_lossy().starts_with(case));
        let text = fs::read_to_string(file.unwrap()).unwrap().replace("\r\n", "\r").replace('\n', "\r");
        let mut line = MllpConnection::open(self.platform.ports.mllp()).await.unwrap();
        for message in text.split("MSH|").filter(|one| !one.trim().is_empty()) {
            line.send_accepted(shift_times(&format!("MSH|{message}"), shift_days()).as_bytes()).await;
        }
    }

    async fn list(&self, which: &str) -> Value {
        let path = format!("/api/virtual-ward/v1/{which}?practice=Y90001");
        let answer = self.gp.get(&path).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()
    }

    /// The rows of a person, by NHS number.
    async fn rows(&self, which: &str, number: &str) -> Vec<Value> {
        let list = self.list(which).await;
        let rows = record_json::list(&list, which).filter(|row| row["who"]["nhs_number"] == number);
        rows.cloned().collect()
    }

    /// Waits until `done` accepts the person's rows on both lists: in hospital, and left.
    pub(super) async fn wait_for_rows(
        &self,
        number: &str,
        done: impl Fn(&[Value], &[Value]) -> bool,
    ) -> (Vec<Value>, Vec<Value>) {
        eventually_ok(Duration::from_secs(15), number, async || {
            let rows = (self.rows("inpatients", number).await, self.rows("discharges", number).await);
            if done(&rows.0, &rows.1) {
                Ok(rows)
            } else {
                Err(format!("in hospital {:#?}, left {:#?}", rows.0, rows.1))
            }
        })
        .await
    }

    /// The visible text of the person's record page, once it shows a stay.
    pub(super) async fn page(&self, number: &str) -> String {
        let person = self.gp.find_person(number).await;
        let browser = self.platform.browser("gp").await;
        eventually_ok(Duration::from_secs(15), "the page shows a stay", async || {
            let text = visible_text(&browser.get(&format!("/people/{person}")).await.text());
            if text.contains("In hospital") { Ok(text) } else { Err(text) }
        })
        .await
    }
}
