//! Handlers: read, one service call, answer.

use super::types::{CreateLicense, ListLicenses, RenewLicense, UpdateLicense, ValidateKey, Withdrawal};
use super::{create, lifecycle, service, validate};
use crate::context::Answer;
use crate::domain::Result;
use crate::domain::dialect::Done;
use crate::http::Call;
use crate::resources::licensing::certificates;

pub(super) async fn list(call: Call) -> Result<Answer> {
    service::list(&call.ctx, call.filter::<ListLicenses>()?, call.page()?).await
}

pub(super) async fn create(call: Call) -> Result<Answer> {
    create::create(&call.ctx, call.form::<CreateLicense>()?).await
}

pub(super) async fn get(call: Call) -> Result<Answer> {
    service::get(&call.ctx, call.id("id")?).await
}

pub(super) async fn by_key(call: Call) -> Result<Answer> {
    service::by_key(&call.ctx, call.place("key")).await
}

pub(super) async fn update(call: Call) -> Result<Answer> {
    let id = call.id("id")?;
    let change = call.form_for::<UpdateLicense>(service::exists(&call.ctx, id)).await?;
    service::update(&call.ctx, id, change).await
}

pub(super) async fn delete(call: Call) -> Result<Answer> {
    service::delete(&call.ctx, call.id("id")?).await
}

pub(super) async fn suspend(call: Call) -> Result<Answer> {
    lifecycle::suspend(&call.ctx, call.id("id")?).await
}

pub(super) async fn reinstate(call: Call) -> Result<Answer> {
    lifecycle::reinstate(&call.ctx, call.id("id")?).await
}

pub(super) async fn revoke(call: Call) -> Result<Answer> {
    let id = call.id("id")?;
    let form = call.form_for::<Withdrawal>(service::exists(&call.ctx, id)).await?;
    lifecycle::revoke(&call.ctx, id, form.reason).await
}

pub(super) async fn ban(call: Call) -> Result<Answer> {
    let id = call.id("id")?;
    let form = call.form_for::<Withdrawal>(service::exists(&call.ctx, id)).await?;
    lifecycle::ban(&call.ctx, id, form.reason).await
}

pub(super) async fn renew(call: Call) -> Result<Answer> {
    let id = call.id("id")?;
    let form = call.form_for::<RenewLicense>(service::exists(&call.ctx, id)).await?;
    lifecycle::renew(&call.ctx, id, form).await
}

/// Rendered here and not later: the signature is over the very bytes.
pub(super) async fn validate_key(call: Call) -> Result<Answer> {
    let (tenant, answer) = validate::validate_key(&call.ctx, call.form::<ValidateKey>()?).await?;
    let value = serde_json::to_value(&answer).map_err(crate::domain::Error::internal)?;
    let rendered = call
        .ctx
        .dialect
        .one_text(call.route.op, Done::Ok, "validation_answer", &value);
    let body = rendered.body.unwrap_or_default();
    let mut headers = vec![("Content-Type".to_owned(), "application/json".to_owned())];
    if let Some(tenant) = tenant {
        headers.extend(certificates::service::sign_answer(&call.ctx, tenant, &body).await?);
    }
    Ok(Answer::Raw {
        status: rendered.status,
        headers,
        body: body.into_bytes(),
    })
}
