//! How the staff of an organisation sign in: its providers, what to register at each, and the check.

use axum::response::Response;
use lcr_contracts::partners::{
    PartnerChange,
    sign_in::{ProviderStatus, SignInChange},
};

use crate::{
    forms::{
        form_input::Values,
        page::{Section, TextBlock},
        submission::FormSubmission,
    },
    partners::{
        check_report::checks_grid,
        partner::{Partner, PartnerForm, PartnerPage, ReadForm},
        provider_form::{profile_words, provider_fields, read_provider},
        words::{managed_by_words, role_list, staff_roles},
    },
};

const PAGE: &str = "/sign-in";
const PUT: &str = "put-provider";
const CHECK: &str = "check-provider";
const REMOVE: &str = "remove-provider";

pub(crate) async fn page(PartnerPage { partner, submission }: PartnerPage) -> Response {
    draw(&partner, &submission)
}

pub(crate) async fn change(PartnerForm { partner, form }: PartnerForm) -> Response {
    let change = read_change(&form, &partner.file.providers);
    match partner.change(form, change).await {
        Ok(receipt) => partner.saved_or_checked(PAGE, &receipt.result),
        Err(submission) => draw(&partner, &submission),
    }
}

/// A provider is named by its place on the page, since an issuer is no name for a form.
fn read_change(values: &Values, providers: &[ProviderStatus]) -> ReadForm {
    let at = values.row().parse::<usize>().ok();
    let issuer = at.and_then(|at| providers.get(at)).map(|one| one.draft.issuer.clone());
    // The page may have changed meanwhile, and another provider may stand in that place.
    let is_same = issuer.as_ref().is_some_and(|issuer| *issuer == values.text("issuer"));
    let change = match (values.act().as_str(), issuer) {
        (PUT, None) if values.row().is_empty() => SignInChange::Put(Box::new(read_provider(values, None)?)),
        (PUT, Some(issuer)) if is_same => SignInChange::Put(Box::new(read_provider(values, Some(issuer))?)),
        (CHECK, Some(issuer)) if is_same => SignInChange::Check { issuer },
        (REMOVE, Some(issuer)) if is_same => SignInChange::Remove { issuer },
        _ => return Err("This provider is not there any more. Reload the page.".to_owned()),
    };
    Ok(PartnerChange::SignIn(change))
}

fn draw(partner: &Partner, submission: &FormSubmission) -> Response {
    let mut sections = Vec::new();
    for (at, provider) in partner.file.providers.iter().enumerate() {
        sections.extend(provider_sections(partner, at, provider, submission));
    }
    let intro = "Your staff sign in at your own provider. We never see a password. You register us there, and \
        tell us here which of its groups have which role.";
    let new = provider_fields(partner.form(PUT, "", PAGE, submission), None).button("Add the provider");
    let heading = if sections.is_empty() { "Connect your provider" } else { "Connect another provider" };
    sections.push(Section::new("new-provider", heading).text(intro).form(new));
    let roles = staff_roles().into_iter().map(|role| format!("{role}: {}", role.words()));
    let blocks = vec![TextBlock { items: roles.collect(), ..TextBlock::default() }];
    sections.push(Section { blocks, ..Section::new("our-roles", "Our roles") });
    partner.show("How your staff sign in", sections, submission)
}

fn provider_sections(
    partner: &Partner,
    at: usize,
    provider: &ProviderStatus,
    submission: &FormSubmission,
) -> [Section; 2] {
    let draft = &provider.draft;
    let row = at.to_string();
    let roles: Vec<_> = draft.roles.values().copied().collect();
    let act = |act, button| {
        let form = partner.form(act, &row, PAGE, submission).hidden("issuer", draft.issuer.clone());
        form.button(button).about(draft.issuer.clone())
    };
    let facts = Section::new(format!("provider-{at}"), draft.issuer.clone())
        .fact("Provider", profile_words(draft.profile))
        .fact("Client id", draft.client_id.clone())
        .fact("Roles", role_list(&roles))
        .fact("E-mail domains", draft.email_domains.join(", "))
        .fact("Managed by", managed_by_words(&provider.managed_by))
        .code("Redirect URI to register", provider.redirect_uri.clone())
        .code("Address for back-channel logout", provider.back_channel_logout_uri.clone())
        .code("Our public keys (JWKS)", serde_json::to_string_pretty(&provider.jwks).unwrap_or_default())
        .grid(checks_grid(&provider.checks))
        .form(act(CHECK, "Run the check"))
        .form(act(REMOVE, "Remove this provider").reason("Why you remove it").secondary());
    let form = partner.form(PUT, &row, PAGE, submission).hidden("issuer", draft.issuer.clone());
    let form = provider_fields(form, Some(draft)).about(draft.issuer.clone());
    let is_open = submission.refused(&form.id).is_some();
    let change = Section::new(format!("change-provider-{at}"), format!("Change {}", draft.issuer));
    [facts, change.form(form).folded(is_open)]
}
