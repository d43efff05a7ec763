//! What is sold here, or at the provider by hand, of the license server's products: a sale makes one licence, whoever tells
//! of it first, and a subscription one that its invoices lengthen.

use super::store;
use super::terms::Terms;
use crate::context::Deed;
use crate::domain::{Result, Timestamp};
use crate::resources::licensing::issue::{self, Order};
use crate::resources::licensing::keys::Form;
use crate::resources::licensing::rules;
use crate::resources::licensing::service::{Sale, Taken, withdraw_sold};
use crate::resources::licensing::store as shared;
use crate::store::Tx;
use crate::store::names::LICENSE_SERVER;
use entities::license::Model;
use entities::{customer, payment, product, subscription};
use serde_json::Value;
use uuid::Uuid;

/// Where a payment keeps the code of the coupon it was made with.
pub const COUPON: &str = "coupon_code";

/// Whether the license server sells a product, on whatever terms its sale names.
pub fn is_sold_here(product: &product::Model) -> bool {
    product.namespace.as_deref() == Some(LICENSE_SERVER)
}

/// What others know a sale by: the subscription, else the provider's name for the payment.
fn purchase(sale: &Sale<'_>) -> String {
    let payment = sale.payment;
    let told = [
        sale.subscription,
        payment.intent_ref.as_deref(),
        payment.session_ref.as_deref(),
    ];
    let told = told.into_iter().flatten().next();
    told.map_or_else(|| payment.id.to_string(), ToOwned::to_owned)
}

/// The licence that was made for a sale before the payment was known, which is the payment's from now on.
///
/// # Errors
/// `Unavailable` where the database is.
pub async fn adopt(tx: &Tx, deed: &Deed, sale: &Sale<'_>) -> Result<Option<Model>> {
    let known = store::of_purchases(tx, &deed.room, &[purchase(sale)]).await?;
    let Some(mut row) = known.into_iter().find(|row| row.product == sale.product.id) else {
        return Ok(None);
    };
    if row.payment.is_none() {
        (row.payment, row.customer) = (Some(sale.payment.id), Some(sale.customer.id));
        row.updated_at = deed.now.0;
        shared::replace(tx, &row).await?;
    }
    Ok(Some(row))
}

/// Gives a licence of a sale what its terms say, the first of all what it was sold as.
///
/// # Errors
/// `Unavailable` where the database is.
pub async fn dress(tx: &Tx, deed: &Deed, sale: &Sale<'_>, row: &mut Model) -> Result<()> {
    let (attributes, usual_end) = (&sale.payment.attributes, row.expires_at);
    if row.policy.is_none() {
        let terms = match sale.payment.product == sale.product.id {
            true => Terms::kept(&attributes.0),
            false => Terms::default(),
        };
        terms.apply(tx, deed, sale.product, row).await?;
        row.expires_at = row.expires_at.or(usual_end);
    }
    row.purchase_ref = Some(purchase(sale));
    if row.discount_code.is_none() {
        row.discount_code = attributes.get(COUPON).and_then(Value::as_str).map(ToOwned::to_owned);
    }
    Ok(())
}

/// Withdraws what was made for a payment under any of the names it is known by.
///
/// # Errors
/// `Unavailable` where the database is.
pub async fn follow_payment(tx: &Tx, deed: &Deed, payment: &payment::Model, taken: Taken) -> Result<()> {
    let mut names: Vec<String> = [&payment.intent_ref, &payment.charge_ref, &payment.session_ref]
        .into_iter()
        .flatten()
        .cloned()
        .collect();
    if let Some(id) = payment.subscription {
        names.extend(store::subscription_ref(tx, &deed.room, id).await?);
    }
    follow_purchase(tx, deed, &names, taken).await.map(|_| ())
}

/// Withdraws the licences of a purchase, by the provider's names for it; answers one of them.
///
/// # Errors
/// `Unavailable` where the database is.
pub async fn follow_purchase(tx: &Tx, deed: &Deed, names: &[String], taken: Taken) -> Result<Option<Uuid>> {
    let mut first = None;
    for mut row in store::of_purchases(tx, &deed.room, names).await? {
        withdraw_sold(tx, deed, &mut row, taken).await?;
        first.get_or_insert(row.id);
    }
    Ok(first)
}

/// What happened to a subscription.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// It was taken out, or its first period paid.
    Begun,
    /// Another period was paid.
    Renewed,
    /// It is over.
    Ended,
}

/// A step of a subscription with those it belongs to.
pub struct Period<'a> {
    /// The subscription, with the end of its present period where that is known.
    pub subscription: &'a subscription::Model,
    /// Who subscribed.
    pub customer: &'a customer::Model,
    /// To what.
    pub product: &'a product::Model,
    /// What happened.
    pub step: Step,
}

/// Makes, lengthens or bounds the licence of a subscription; other products' licences come with payments.
///
/// # Errors
/// `Unavailable` where the database is; `Internal` where the key cannot be sealed.
pub async fn follow_subscription(tx: &Tx, deed: &Deed, period: &Period<'_>) -> Result<()> {
    if !is_sold_here(period.product) {
        return Ok(());
    }
    let terms = Terms::told(&serde_json::from_value(period.subscription.metadata.0.clone()).unwrap_or_default());
    let names = [period.subscription.subscription_ref.clone()];
    let known = store::of_purchases(tx, &deed.room, &names).await?;
    let known = known.into_iter().find(|row| row.product == period.product.id);
    let Some(mut row) = known else {
        return match period.step {
            Step::Ended => Ok(()),
            Step::Begun | Step::Renewed => begin(tx, deed, period, &terms).await,
        };
    };
    let told = match period.step {
        Step::Ended => period.subscription.period_end_at.or(period.subscription.ended_at),
        Step::Begun | Step::Renewed => period.subscription.period_end_at,
    };
    let Some(end) = next_end(row.expires_at, (period.step, told), &terms, deed.now) else {
        return Ok(());
    };
    rules::reschedule(&mut row, Some(end), deed.now);
    let event = match period.step {
        Step::Renewed => "license.renewed",
        Step::Begun | Step::Ended => "license.updated",
    };
    issue::change(tx, deed, &mut row, event).await.map(|_| ())
}

async fn begin(tx: &Tx, deed: &Deed, period: &Period<'_>, terms: &Terms) -> Result<()> {
    let order = Order {
        product: period.product,
        policy: None,
        form: Form::of(period.product),
        source: "purchase",
    };
    let (mut row, _) = issue::draft(&deed.house, deed, order)?;
    row.customer = Some(period.customer.id);
    row.email = Some(period.customer.email.clone());
    row.holder_name.clone_from(&period.customer.name);
    row.purchase_ref = Some(period.subscription.subscription_ref.clone());
    terms.apply(tx, deed, period.product, &mut row).await?;
    row.expires_at = row.expires_at.or(period.subscription.period_end_at);
    issue::issue(tx, deed, row).await.map(|_| ())
}

/// The end a step gives a licence that has `end`; `told` is that of the present period. `None` changes nothing.
fn next_end(end: Option<i64>, (step, told): (Step, Option<i64>), terms: &Terms, now: Timestamp) -> Option<i64> {
    let later = told.filter(|told| end.is_none_or(|end| *told > end));
    match (step, terms.duration_days) {
        (Step::Renewed, Some(days)) => Some(rules::after_days(end.map_or(now.0, |end| end.max(now.0)), days)),
        (Step::Renewed, None) => later,
        // What the sale says is what it begins with.
        (Step::Begun, _) => later.filter(|_| terms.duration_days.or(terms.trial_days).is_none()),
        // It runs to its end; where it has none, that is the end of what was paid.
        (Step::Ended, _) => later.filter(|_| end.is_none()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::DAY_MS;

    #[test]
    fn a_period_lengthens_what_it_pays_for_and_an_end_takes_nothing() {
        let plain = Terms::default();
        let monthly = Terms {
            duration_days: Some(30),
            ..Terms::default()
        };
        let now = Timestamp(100 * DAY_MS);
        let day = |day: i64| Some(day * DAY_MS);
        let next = |end, step, told, terms: &Terms| next_end(end, (step, told), terms, now);
        assert_eq!(next(day(110), Step::Renewed, day(120), &monthly), day(140));
        assert_eq!(next(day(90), Step::Renewed, None, &monthly), day(130));
        assert_eq!(next(day(110), Step::Renewed, day(120), &plain), day(120));
        assert_eq!(next(day(110), Step::Renewed, day(105), &plain), None);
        assert_eq!(next(None, Step::Begun, day(130), &plain), day(130));
        assert_eq!(next(day(130), Step::Begun, day(131), &monthly), None);
        assert_eq!(next(day(110), Step::Ended, day(130), &plain), None);
        assert_eq!(next(None, Step::Ended, day(130), &plain), day(130));
        assert_eq!(next(None, Step::Ended, None, &plain), None);
    }
}
