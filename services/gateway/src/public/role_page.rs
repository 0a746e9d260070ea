//! The page on which a user with several roles chooses the one to sign in as. Identity verified the user; this page reads only the
//! choices of their sealed cookie, and must never offer another.

use askama::Template;
use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Redirect, Response},
};
use lcr_contracts::identity::RoleChoice;
use lcr_model::Phi;
use lcr_web::cookies::{self, ROLE_COOKIE};

use crate::{
    layout::{Layout, format::capitalise, html},
    state::App,
    web::error_page::error_page,
};

#[derive(Template)]
#[template(path = "choose_role.html")]
struct RolePage {
    layout: Layout,
    form_token: String,
    choices: Vec<Choice>,
}

/// A radio of the form.
struct Choice {
    value: String,
    label: String,
    hint: String,
}

fn to_choice(choice: RoleChoice) -> Choice {
    let RoleChoice { choice, role, organisation, title } = choice;
    Choice { value: choice, label: format!("{}, {organisation}", capitalise(role.words())), hint: title }
}

pub(crate) async fn choose_role(State(app): State<App>, headers: HeaderMap) -> Response {
    let Some(sealed) = cookies::value_of(&headers, ROLE_COOKIE) else {
        return Redirect::to("/sign-in").into_response();
    };
    match app.deps.identity.role_choices(&Phi::new(sealed)).await {
        Ok(Some(choices)) => {
            let page = RolePage {
                layout: Layout::new(&app, "Choose your role"),
                form_token: choices.form_token.into_inner(),
                choices: choices.choices.into_iter().map(to_choice).collect(),
            };
            html(StatusCode::OK, &page)
        }
        Ok(None) => Redirect::to("/sign-in").into_response(),
        Err(failure) => error_page(Layout::new(&app, "Choose your role"), &failure).into_response(),
    }
}
