//! A browser that visits the platform and a partner's provider: it keeps the cookies of each site and follows each redirect by
//! hand, so that a test can change what comes between. It must check nothing.

use std::collections::BTreeMap;

use lcr_tests::{Actor, Answer, Platform};
use reqwest::Url;

use super::partner::Registration;

/// More redirects than a provider needs.
const MAX_REDIRECTS: usize = 8;
const SESSION_COOKIE: &str = "__Host-lcr";

#[derive(Debug, Clone)]
pub struct Visitor {
    anyone: Actor,
    /// The platform's.
    pub origin: String,
    /// By site.
    cookies: BTreeMap<String, BTreeMap<String, String>>,
}

impl Visitor {
    pub fn new(platform: &Platform) -> Self {
        Self { anyone: platform.anonymous(), origin: platform.origin(), cookies: BTreeMap::new() }
    }

    pub async fn get(&mut self, address: &str) -> Answer {
        let answer = self.at(address).get(address).await;
        self.store_cookies(address, &answer);
        answer
    }

    /// Posts a form of the same site.
    async fn post(&mut self, address: &str, form: String) -> Answer {
        let answer = self.at(address).with_header("origin", &site_of(address)).post_form(address, form).await;
        self.store_cookies(address, &answer);
        answer
    }

    fn at(&self, address: &str) -> Actor {
        let stored = self.cookies.get(&site_of(address)).into_iter().flatten();
        let pairs: Vec<String> = stored.map(|(name, value)| format!("{name}={value}")).collect();
        self.anyone.clone().with_header("cookie", &pairs.join("; "))
    }

    fn store_cookies(&mut self, address: &str, answer: &Answer) {
        let stored = self.cookies.entry(site_of(address)).or_default();
        for line in answer.headers.get_all("set-cookie").iter().filter_map(|value| value.to_str().ok()) {
            let Some((name, value)) = line.split(';').next().and_then(|pair| pair.split_once('=')) else { continue };
            // Both sites delete a cookie by an empty value.
            if value.is_empty() {
                stored.remove(name);
            } else {
                stored.insert(name.to_owned(), value.to_owned());
            }
        }
    }

    /// Begins a sign-in on the platform. Returns the provider's address.
    pub async fn begin(&mut self, registration: &Registration) -> String {
        let address = format!("{}/auth/sign-in?provider={}&return=/home", self.origin, registration.name);
        let answer = self.get(&address).await;
        assert_eq!(answer.status, 303, "{}", answer.text());
        answer.header("location").to_owned()
    }

    /// Proves to the provider who the user is. Returns the callback's address, which is still to be opened.
    pub async fn authenticate(&mut self, provider: &str, user: &str) -> String {
        let mut address = format!("{provider}&login_hint={user}");
        for _ in 0..MAX_REDIRECTS {
            let answer = self.get(&address).await;
            assert!((300..400).contains(&answer.status), "{user}: {} {}", answer.status, answer.text());
            address = resolve(&address, &answer);
            if address.starts_with(&self.origin) {
                return address;
            }
        }
        panic!("more than {MAX_REDIRECTS} redirects");
    }

    /// A whole sign-in. Returns the answer of the callback.
    pub async fn sign_in(&mut self, registration: &Registration, user: &str) -> Answer {
        let provider = self.begin(registration).await;
        let callback = self.authenticate(&provider, user).await;
        self.get(&callback).await
    }

    /// Whether the browser holds a session's cookie.
    pub fn has_session(&self) -> bool {
        self.cookies.get(&self.origin).is_some_and(|stored| stored.contains_key(SESSION_COOKIE))
    }

    /// Whether a page of the portal opens.
    pub async fn is_signed_in(&mut self) -> bool {
        let home = format!("{}/home", self.origin);
        self.get(&home).await.status == 200
    }

    /// Signs out on the platform. Returns the page that follows.
    pub async fn sign_out(&mut self) -> Answer {
        let home = format!("{}/home", self.origin);
        let page = self.get(&home).await.text();
        let token = value_after(&page, "name=\"form_token\" value=\"");
        let address = format!("{}/sign-out", self.origin);
        let answer = self.post(&address, format!("form_token={token}")).await;
        assert_eq!(answer.status, 303, "{}", answer.text());
        let page = resolve(&address, &answer);
        self.get(&page).await
    }

    /// Confirms the provider's own sign-out. Returns the address to which it leads.
    pub async fn confirm_sign_out(&mut self, address: &str) -> String {
        let page = self.get(address).await;
        assert_eq!(page.status, 200, "{}", page.text());
        let page = page.text();
        let action = value_after(&page, "action=\"");
        let form = format!("xsrf={}&logout=yes", value_after(&page, "name=\"xsrf\" value=\""));
        let answer = self.post(&action, form).await;
        assert_eq!(answer.status, 303, "{}", answer.text());
        resolve(&action, &answer)
    }
}

fn site_of(address: &str) -> String {
    Url::parse(address).expect("an address").origin().ascii_serialization()
}

/// Where an answer leads.
fn resolve(address: &str, answer: &Answer) -> String {
    let base = Url::parse(address).expect("an address");
    base.join(answer.header("location")).expect("a location").into()
}

/// The value of an HTML attribute that begins after this text.
fn value_after(page: &str, before: &str) -> String {
    let (_, after) = page.split_once(before).unwrap_or_else(|| panic!("no {before} on the page: {page}"));
    after.split('"').next().unwrap_or_default().to_owned()
}
