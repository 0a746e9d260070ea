//! Somebody in a browser: the session cookie, and the way to it by both redirects.

use reqwest::header::HeaderMap;

use crate::{Actor, Answer};

/// A browser that is signed in.
#[derive(Debug, Clone)]
pub struct Browser {
    pub cookie: String,
    actor: Actor,
}

impl Browser {
    pub(crate) async fn sign_in(actor: Actor, who: &str) -> Self {
        Self::with(actor, who, "").await
    }

    /// Signs in beside the cookies that the browser has.
    async fn with(actor: Actor, who: &str, held: &str) -> Self {
        let left = actor.get("/auth/sign-in?return=/home").await;
        let (login, to) = (cookies(&left.headers), left.header("location").to_owned());
        let (provider, query) = to.split_once('?').expect("the provider's address with a query");
        let chosen = actor.post_form(provider, format!("{query}&persona={who}")).await;
        let back = chosen.header("location").to_owned();
        let all = if held.is_empty() { login } else { format!("{held}; {login}") };
        let signed_in = actor.clone().with_header("cookie", &all).get(&back).await;
        let cookie = cookies(&signed_in.headers);
        assert!(cookie.contains("__Host-lcr="), "{who} is not signed in: {}", signed_in.text());
        Self { actor: actor.with_header("cookie", &cookie), cookie }
    }

    /// The same browser, in which somebody signs in once more.
    pub async fn sign_in_again(&self, who: &str) -> Self {
        Self::with(self.actor.clone(), who, &self.cookie).await
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.actor.get(path).await
    }

    /// Asks as a browser does: once more, on a new connection, when the one it kept was closed at the other end.
    pub async fn get_again(&self, path: &str) -> Answer {
        match self.actor.try_get(path).await {
            Some(answer) => answer,
            None => self.actor.get(path).await,
        }
    }

    /// The status of an answer whose body may never end.
    pub async fn status_of(&self, path: &str) -> u16 {
        self.actor.status_of(path).await
    }

    /// Posts a form of the page at `/home`, with its token, as the browser would.
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

    /// Opens a session's bearer token through the platform's own seam.
    pub fn secret(&self) -> String {
        let pair = self.cookie.split("; ").find_map(|one| one.strip_prefix("__Host-lcr="));
        pair.unwrap_or_default().to_owned()
    }
}

/// What a browser sends back: names and values, without those that were cleared.
fn cookies(headers: &HeaderMap) -> String {
    let set = headers.get_all("set-cookie").iter().filter_map(|value| value.to_str().ok());
    let pairs = set.filter(|line| !line.contains("Max-Age=0")).filter_map(|line| line.split(';').next());
    pairs.collect::<Vec<_>>().join("; ")
}
