//! Issuing a licence by hand.

use super::types::{CreateLicense, UpdateLicense};
use crate::context::{Answer, Ctx, Deed};
use crate::domain::{Code, Error, Result};
use crate::resources::licensing::issue::{self, Order, dangling};
use crate::resources::licensing::keys::Form;
use crate::resources::licensing::{entitlements, rules, store as shared};
use crate::store::Tx;
use entities::license::{Kind, Model};
use entities::policy;

/// Issues a licence and shows its key, this once.
///
/// # Errors
/// `BusinessRule` where product, policy or entitlement are not there, or the policy lets nothing be overridden.
pub async fn create(ctx: &Ctx, form: CreateLicense) -> Result<Answer> {
    let (deed, house) = (Deed::of(ctx)?, ctx.house.clone());
    ctx.command(async move |tx| {
        let product = shared::product(tx, &deed.room, form.product_id).await?;
        let product = product.ok_or_else(|| dangling("product", form.product_id))?;
        let policy = match form.policy_id {
            Some(id) => Some(policy_for(tx, &deed, id, product.id).await?),
            None => None,
        };
        let order = Order {
            product: &product,
            policy: policy.as_ref(),
            form: Form::of(&product),
            source: "api",
        };
        let (mut row, key) = issue::draft(&house, &deed, order)?;
        if policy.as_ref().is_some_and(|policy| policy.floating) {
            row.kind = Kind::Floating;
        }
        row.features = entitlements::service::checked(tx, &deed.room, &form.entitlement_ids)
            .await?
            .into();
        apply(&form.rest, &mut row, policy.as_ref())?;
        let end = form.rest.expires_at.flatten().map(|at| at.0).or(row.expires_at);
        rules::reschedule(&mut row, end, deed.now);
        let (_, mut view) = issue::issue(tx, &deed, row).await?;
        view.key = Some(key);
        Answer::created("license", &view)
    })
    .await
}

/// The policy that a body names, which must be of the product.
pub(super) async fn policy_for(tx: &Tx, deed: &Deed, id: uuid::Uuid, product: uuid::Uuid) -> Result<policy::Model> {
    let policy = shared::policy(tx, &deed.room, id).await?;
    let policy = policy.ok_or_else(|| dangling("policy", id))?;
    if policy.product == product {
        return Ok(policy);
    }
    Err(Error::new(Code::BusinessRule, "The policy is of another product."))
}

/// Applies what a body says, but for the end.
pub(super) fn apply(form: &UpdateLicense, row: &mut Model, policy: Option<&policy::Model>) -> Result<()> {
    let overrides = [form.max_machines_override.flatten(), form.max_uses_override.flatten()];
    if policy.is_some_and(|policy| !policy.overridable) && overrides.iter().any(Option::is_some) {
        return Err(Error::new(
            Code::BusinessRule,
            "The policy does not let a licence have limits of its own.",
        ));
    }
    row.name = form.name.clone().unwrap_or(row.name.take());
    row.email = form.email.clone().unwrap_or(row.email.take());
    row.holder_name = form.holder_name.clone().unwrap_or(row.holder_name.take());
    row.tier = form.tier.clone().unwrap_or(row.tier.take());
    row.domain = form.domain.clone().unwrap_or(row.domain.take());
    row.max_machines = form.max_machines_override.unwrap_or(row.max_machines);
    row.max_uses = form.max_uses_override.unwrap_or(row.max_uses);
    if let Some(metadata) = &form.metadata {
        row.metadata = metadata.clone().into();
    }
    Ok(())
}
