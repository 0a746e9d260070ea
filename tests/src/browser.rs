//! A browser session: signs in through both redirects, or is launched by a partner's system, and sends its cookies. It must
//! never use a bearer token.

use std::collections::BTreeMap;

use reqwest::header::HeaderMap;

use crate::{Actor, Answer, Events};

/// More redirects than a sign-in or launch has.
const MAX_REDIRECTS: usize = 8;

/// A browser that is signed in.
#[derive(Debug, Clone)]
pub struct Browser {
    pub cookie: String,
    actor: Actor,
}

impl Browser {
    pub(crate) async fn sign_in(actor: Actor, who: &str) -> Self {
        Self::sign_in_with_cookies(actor, who, "").await
    }

    /// Signs in with a browser that has these cookies already.
    async fn sign_in_with_cookies(actor: Actor, who: &str, stored: &str) -> Self {
        let redirect = actor.get("/auth/sign-in?return=/home").await;
        let (login, location) = (cookies(&redirect.headers), redirect.header("location").to_owned());
        let (provider, query) = location.split_once('?').expect("the provider's address with a query");
        let chosen = actor.post_form(provider, format!("{query}&persona={who}")).await;
        let callback = chosen.header("location").to_owned();
        let all = if stored.is_empty() { login } else { format!("{stored}; {login}") };
        let signed_in = actor.clone().with_header("cookie", &all).get(&callback).await;
        let cookie = cookies(&signed_in.headers);
        assert!(cookie.contains("__Host-lcr="), "{who} is not signed in: {}", signed_in.text());
        Self { actor: actor.with_header("cookie", &cookie), cookie }
    }

    /// Signs in once more in the same browser.
    pub async fn sign_in_again(&self, who: &str) -> Self {
        Self::sign_in_with_cookies(self.actor.clone(), who, &self.cookie).await
    }

    /// A browser without cookies.
    pub(crate) fn new(actor: Actor) -> Self {
        Self { cookie: String::new(), actor }
    }

    /// Posts a launch token as another site's page does, and follows the redirects. A cross-site post has no cookies.
    /// Returns the browser as it is then, and the last answer.
    pub async fn launch(&self, token: &str) -> (Self, Answer) {
        let cross_site = self.actor.clone().with_header("cookie", "").with_header("sec-fetch-site", "cross-site");
        let answer = cross_site.post_form("/launch", format!("token={token}")).await;
        self.follow(answer).await
    }

    /// Opens a path and follows the redirects, as a SMART launch needs.
    pub async fn open(&self, path: &str) -> (Self, Answer) {
        let answer = self.get(path).await;
        self.follow(answer).await
    }

    /// Follows the redirects of an answer and keeps their cookies. The last answer has the time of all.
    async fn follow(&self, mut answer: Answer) -> (Self, Answer) {
        let mut browser = self.clone();
        for _ in 0..MAX_REDIRECTS {
            browser = browser.with_cookies_of(&answer.headers);
            if answer.status != 303 {
                return (browser, answer);
            }
            let (took, to) = (answer.took, answer.header("location").to_owned());
            answer = browser.get(&to).await;
            answer.took += took;
        }
        panic!("more than {MAX_REDIRECTS} redirects");
    }

    fn with_cookies_of(self, headers: &HeaderMap) -> Self {
        let pair = |text: &str| text.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned()));
        let mut stored: BTreeMap<String, String> = self.cookie.split("; ").filter_map(pair).collect();
        for line in headers.get_all("set-cookie").iter().filter_map(|value| value.to_str().ok()) {
            let Some((name, value)) = line.split(';').next().and_then(pair) else { continue };
            if line.contains("Max-Age=0") {
                stored.remove(&name);
            } else {
                stored.insert(name, value);
            }
        }
        let cookie = stored.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ");
        Self { actor: self.actor.with_header("cookie", &cookie), cookie }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.actor.get(path).await
    }

    /// Opens a stream of server-sent events.
    pub async fn stream(&self, path: &str) -> Events {
        self.actor.stream(path).await
    }

    /// Retries once on a new connection if the server has closed the open one, as browsers do.
    pub async fn get_with_retry(&self, path: &str) -> Answer {
        match self.actor.try_get(path).await {
            Some(answer) => answer,
            None => self.actor.get(path).await,
        }
    }

    /// The status of an answer whose body may be endless.
    pub async fn status_of(&self, path: &str) -> u16 {
        self.actor.status_of(path).await
    }

    /// Posts a form with the form token of the page at `/home`.
    pub async fn post_form(&self, path: &str, form: &str) -> Answer {
        let token = self.form_token().await;
        let origin = self.actor.origin.clone();
        let body = format!("form_token={token}&{form}");
        self.actor.clone().with_header("origin", &origin).post_form(path, body).await
    }

    async fn form_token(&self) -> String {
        let page = self.get("/home").await.text();
        let (_, after) = page.split_once("name=\"form_token\" value=\"").expect("a form on the page");
        after.split('"').next().unwrap_or_default().to_owned()
    }

    /// The secret in the session cookie.
    pub fn session_secret(&self) -> String {
        let pair = self.cookie.split("; ").find_map(|one| one.strip_prefix("__Host-lcr="));
        pair.unwrap_or_default().to_owned()
    }
}

/// The cookies that a browser sends back, without those that the answer cleared.
fn cookies(headers: &HeaderMap) -> String {
    let set = headers.get_all("set-cookie").iter().filter_map(|value| value.to_str().ok());
    let pairs = set.filter(|line| !line.contains("Max-Age=0")).filter_map(|line| line.split(';').next());
    pairs.collect::<Vec<_>>().join("; ")
}
