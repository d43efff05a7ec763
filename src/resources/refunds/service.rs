//! One function per operation.

use super::execute;
use super::types::{RefundPayment, RefundView};
use crate::context::{Answer, Ctx, Deed, Principal};
use crate::domain::Result;
use crate::resources::sales::refund::{self as sales, Wish};
use entities::refund::Source;
use uuid::Uuid;

/// Gives a payment back, in part or in full.
///
/// # Errors
/// `NotFound`; `Malformed` where it gives no such amount back or the provider refuses; `Conflict` where it changed
/// meanwhile; `Unavailable` where the provider is, and then the clock goes on with it.
pub async fn refund(ctx: &Ctx, id: Uuid, form: RefundPayment) -> Result<Answer> {
    let source = match ctx.principal {
        Principal::Key(_) => Source::Api,
        _ => Source::Admin,
    };
    let wish = Wish {
        payment: id,
        amount_minor: form.amount_minor,
        reason: form.reason,
        source,
        request: None,
    };
    let deed = Deed::of(ctx)?;
    let begun = deed.clone();
    let (row, payment) = ctx
        .store()
        .command(async move |tx| sales::begin(tx, &begun, &wish).await)
        .await?;
    let made = execute::tell(&ctx.house, &deed, &row, &payment).await?;
    let answer = ctx
        .command(async move |tx| {
            let (row, payment) = sales::complete(tx, &deed, row.id, Some(&made.refund)).await?;
            Answer::one("refund_done", &RefundView::of(&row, &payment))
        })
        .await?;
    ctx.house.actors.poke_courier();
    Ok(answer)
}
