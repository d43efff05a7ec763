//! Handlers: read, one service call, answer.

use super::trials::TrialForm;
use super::types::{
    AmendLicense, IssueLicense, Machine, Named, PurchaseEvent, ResolveViolations, SearchLicenses, WithdrawLicense,
};
use super::variants::VariantForm;
use super::{admin, clients, hook, pairs, trials, variants};
use crate::context::Answer;
use crate::domain::Result;
use crate::http::Call;
use crate::resources::products;
use crate::resources::products::types::UpdateProduct;

pub(super) async fn update_product(mut call: Call) -> Result<Answer> {
    let named: clients::ProductName = call.form()?;
    let (id, room) = clients::product_id(&call.ctx, &named.product).await?;
    call.ctx.room = Some(room);
    products::service::update(&call.ctx, id, call.form::<UpdateProduct>()?).await
}

pub(super) async fn list_variants(call: Call) -> Result<Answer> {
    variants::list(&call.ctx, call.filter::<VariantForm>()?).await
}

pub(super) async fn create_variant(call: Call) -> Result<Answer> {
    variants::create(&call.ctx, call.form::<VariantForm>()?).await
}

pub(super) async fn update_variant(call: Call) -> Result<Answer> {
    variants::update(&call.ctx, call.form::<VariantForm>()?).await
}

pub(super) async fn issue(call: Call) -> Result<Answer> {
    admin::issue(&call.ctx, call.form::<IssueLicense>()?).await
}

pub(super) async fn show(call: Call) -> Result<Answer> {
    let named: Named = call.filter()?;
    admin::show(&call.ctx, &named.key).await
}

pub(super) async fn search(call: Call) -> Result<Answer> {
    admin::search(&call.ctx, call.filter::<SearchLicenses>()?).await
}

pub(super) async fn amend(call: Call) -> Result<Answer> {
    admin::amend(&call.ctx, call.form::<AmendLicense>()?).await
}

pub(super) async fn withdraw(call: Call) -> Result<Answer> {
    admin::withdraw(&call.ctx, call.form::<WithdrawLicense>()?).await
}

pub(super) async fn restore(call: Call) -> Result<Answer> {
    admin::restore(&call.ctx, call.form::<Named>()?.key).await
}

pub(super) async fn reset(call: Call) -> Result<Answer> {
    admin::reset(&call.ctx, call.form::<Named>()?.key).await
}

pub(super) async fn resolve(call: Call) -> Result<Answer> {
    admin::resolve(&call.ctx, call.form::<ResolveViolations>()?).await
}

pub(super) async fn list_trials(call: Call) -> Result<Answer> {
    trials::list(&call.ctx, call.filter::<TrialForm>()?).await
}

pub(super) async fn create_trial(call: Call) -> Result<Answer> {
    trials::create(&call.ctx, call.form::<TrialForm>()?).await
}

pub(super) async fn update_trial(call: Call) -> Result<Answer> {
    trials::update(&call.ctx, call.form::<TrialForm>()?).await
}

pub(super) async fn delete_trial(call: Call) -> Result<Answer> {
    trials::delete(&call.ctx, call.form::<TrialForm>()?.code).await
}

pub(super) async fn activate(call: Call) -> Result<Answer> {
    let tries_max = call.ctx.dialect.limits.hourly.get(call.route.op).copied();
    clients::activate(&call.ctx, call.form::<Machine>()?, tries_max).await
}

pub(super) async fn validate(call: Call) -> Result<Answer> {
    clients::validate(&call.ctx, call.form::<Machine>()?).await
}

pub(super) async fn verify(call: Call) -> Result<Answer> {
    clients::verify(&call.ctx, call.form::<Machine>()?).await
}

pub(super) async fn deactivate(call: Call) -> Result<Answer> {
    clients::deactivate(&call.ctx, call.form::<Machine>()?).await
}

pub(super) async fn heartbeat(call: Call) -> Result<Answer> {
    clients::heartbeat(&call.ctx, call.form::<Machine>()?).await
}

pub(super) async fn signing_key(call: Call) -> Result<Answer> {
    let ring = pairs::ring(&call.ctx.house, call.ctx.now).await?;
    Answer::one("signing_key", &ring.told(call.ctx.now))
}

pub(super) async fn hook(call: Call) -> Result<Answer> {
    let body = call.object().unwrap_or_default();
    let in_body = body.get("webhookSecret").and_then(|secret| secret.as_str());
    hook::admit(&call.ctx, call.header("x-webhook-secret").or(in_body))?;
    let kind = body.get("type").and_then(|kind| kind.as_str());
    if kind.is_some_and(|kind| !kind.trim().is_empty() && !hook::is_known(kind)) {
        return hook::pass_over();
    }
    hook::take(&call.ctx, call.form::<PurchaseEvent>()?).await
}
