//! What a provider tells of subscriptions, mirrored here, with the access that rests on them.
//!
//! News count by the moment they were made, not by that of their arrival: older than what is known changes nothing, of the
//! same second does. What has ended stays ended.

use super::bind::{self, Bound, Held, Hint};
use super::rules::{self, Standing};
use super::store;
use super::tell::Subject;
use super::types::Outcome;
use crate::context::Deed;
use crate::domain::stripe::{CheckoutSeen, META_CHECKOUT, PriceSeen, SubscriptionSeen};
use crate::domain::{Result, Timestamp};
use crate::resources::access::service as access;
use crate::resources::access::types::{Gift, Taking};
use crate::resources::licensing::service::{self as licensing, Period, Step};
use crate::resources::products::service as products;
use crate::store::Tx;
use entities::access::EndReason;
use entities::entitlement::Cause;
use entities::payment::Provider;
use entities::subscription::{Model, Status};
use serde_json::{Map, Value};
use uuid::Uuid;

/// A subscription began, or something about it changed; its first sight is told as its beginning.
///
/// # Errors
/// `Unavailable` where the database is.
pub async fn changed(tx: &Tx, deed: &Deed, seen: &SubscriptionSeen, at: Timestamp, provider: Provider) -> Result<Outcome> {
    let mut held = match bind::bind(tx, deed, Hint::of(seen, provider)).await? {
        Bound::Held(held) => held,
        Bound::Unknown => return Ok(Outcome::Unknown),
        Bound::Misfit(why) => return Ok(Outcome::Misfit(why)),
    };
    let is_first = held.row.announced_at.is_none();
    let before = held.row.clone();
    let is_news = mirror(&mut held.row, seen, at);
    if is_news {
        held.row.announced_at.get_or_insert(deed.now.0);
    }
    held.row.updated_at = deed.now.0;
    store::replace(tx, &held.row).await?;
    if !is_news {
        return Ok(Outcome::Known);
    }
    if is_first {
        held.subject().happened(tx, deed, "subscription.created")?;
    }
    let previous = differences(&before, &held.row, seen);
    if !(previous.is_empty() || is_first && seen.previous_attributes.is_empty()) {
        held.subject().updated(tx, deed, &previous)?;
    }
    follow(tx, deed, &held).await?;
    Ok(Outcome::Done)
}

/// A subscription is over.
///
/// # Errors
/// `Unavailable` where the database is.
pub async fn ended(tx: &Tx, deed: &Deed, seen: &SubscriptionSeen, at: Timestamp, provider: Provider) -> Result<Outcome> {
    let mut held = match bind::bind(tx, deed, Hint::of(seen, provider)).await? {
        Bound::Held(held) => held,
        Bound::Unknown => return Ok(Outcome::Unknown),
        Bound::Misfit(why) => return Ok(Outcome::Misfit(why)),
    };
    if held.row.closed_at.is_some() {
        return Ok(Outcome::Known);
    }
    mirror(&mut held.row, seen, at);
    let row = &mut held.row;
    row.status = Status::Canceled;
    row.ended_at = bind::millis(seen.ended_at).or(row.ended_at).or(Some(at.0));
    row.canceled_at = row.canceled_at.or(row.ended_at);
    (row.status_at, row.state_at) = (row.status_at.max(at.0), row.state_at.max(at.0));
    (row.closed_at, row.updated_at) = (Some(deed.now.0), deed.now.0);
    row.announced_at.get_or_insert(deed.now.0);
    (row.end_wanted_at, row.due_at) = (None, None);
    store::replace(tx, row).await?;
    held.subject().happened(tx, deed, "subscription.canceled")?;
    follow(tx, deed, &held).await?;
    licensing::follow_subscription(tx, deed, &held.period(Step::Ended)).await?;
    Ok(Outcome::Done)
}

/// A trial ends in a few days.
///
/// # Errors
/// `Unavailable` where the database is.
pub async fn trial_ending(tx: &Tx, deed: &Deed, seen: &SubscriptionSeen, provider: Provider) -> Result<Outcome> {
    let mut held = match bind::bind(tx, deed, Hint::of(seen, provider)).await? {
        Bound::Held(held) => held,
        Bound::Unknown => return Ok(Outcome::Unknown),
        Bound::Misfit(why) => return Ok(Outcome::Misfit(why)),
    };
    if rules::is_over(&held.row) {
        return Ok(Outcome::Known);
    }
    if held.row.trial_end_at.is_none() {
        held.row.trial_end_at = bind::millis(seen.trial_end);
        store::replace(tx, &held.row).await?;
    }
    held.subject().happened(tx, deed, "subscription.trial_ending")?;
    Ok(Outcome::Done)
}

/// A checkout session sold a subscription: its own events tell the rest, but here stands who subscribed. One that was begun
/// by hand for something the license server sells is bound here, since nothing else of it need name the product.
///
/// # Errors
/// `Unavailable` where the database is.
pub async fn introduced(tx: &Tx, deed: &Deed, seen: &CheckoutSeen, provider: Provider) -> Result<Outcome> {
    let checkout = seen.metadata.get(META_CHECKOUT).and_then(|id| Uuid::parse_str(id).ok());
    if let Some(checkout) = checkout {
        bind::introduce(tx, deed, checkout, seen.email.as_deref()).await?;
        return Ok(Outcome::Done);
    }
    let (Some(subscription), true) = (&seen.subscription, bind::is_by_hand(tx, deed, &seen.metadata).await?) else {
        return Ok(Outcome::Done);
    };
    let price = PriceSeen::default();
    let hint = Hint {
        subscription,
        customer: seen.customer.as_deref(),
        email: seen.email.as_deref(),
        metadata: &seen.metadata,
        price: &price,
        currency: Some(seen.currency.as_str()),
        provider,
    };
    match bind::bind(tx, deed, hint).await? {
        Bound::Held(held) => {
            if seen.is_paid {
                licensing::follow_subscription(tx, deed, &held.period(Step::Begun)).await?;
            }
            Ok(Outcome::Done)
        }
        Bound::Unknown => Ok(Outcome::Unknown),
        Bound::Misfit(why) => Ok(Outcome::Misfit(why)),
    }
}

impl Held {
    /// What its licence is told.
    pub(super) fn period(&self, step: Step) -> Period<'_> {
        Period {
            subscription: &self.row,
            customer: &self.customer,
            product: &self.product,
            step,
        }
    }

    pub(super) fn subject(&self) -> Subject<'_> {
        Subject {
            row: &self.row,
            customer: &self.customer,
            product: &self.product,
        }
    }
}

/// Takes over what is told, unless newer things are known; answers whether anything was taken over.
fn mirror(row: &mut Model, seen: &SubscriptionSeen, at: Timestamp) -> bool {
    if rules::is_over(row) && row.status != bind::status(&seen.status, row.status) {
        return false;
    }
    if at.0 < row.state_at || row.closed_at.is_some() {
        return false;
    }
    row.state_at = at.0;
    if at.0 >= row.status_at {
        row.status = bind::status(&seen.status, row.status);
        row.status_at = at.0;
    }
    row.price_ref = seen.price.price.clone().or(row.price_ref.take());
    row.price_minor = seen.price.amount_minor.unwrap_or(row.price_minor);
    if let Some(interval) = &seen.price.interval {
        row.billing_interval.clone_from(interval);
    }
    row.billing_interval_count = seen.price.interval_count.unwrap_or(row.billing_interval_count);
    row.trial_end_at = bind::millis(seen.trial_end);
    row.period_start_at = bind::millis(seen.period_start).or(row.period_start_at);
    row.period_end_at = bind::millis(seen.period_end).or(row.period_end_at);
    row.cancel_at_period_end = seen.cancel_at_period_end;
    row.canceled_at = bind::millis(seen.canceled_at);
    row.latest_invoice = seen.latest_invoice.clone().or(row.latest_invoice.take());
    true
}

/// What changed and from what: as the provider says, else as seen here, in its words.
fn differences(before: &Model, after: &Model, seen: &SubscriptionSeen) -> Map<String, Value> {
    if !seen.previous_attributes.is_empty() {
        return seen.previous_attributes.clone();
    }
    let seconds = |at: Option<i64>| at.map(|at| at / 1000).into();
    let members: [(&str, Value, Value); 7] = [
        ("status", before.status.name().into(), after.status.name().into()),
        (
            "cancel_at_period_end",
            before.cancel_at_period_end.into(),
            after.cancel_at_period_end.into(),
        ),
        ("canceled_at", seconds(before.canceled_at), seconds(after.canceled_at)),
        (
            "current_period_start",
            seconds(before.period_start_at),
            seconds(after.period_start_at),
        ),
        (
            "current_period_end",
            seconds(before.period_end_at),
            seconds(after.period_end_at),
        ),
        ("trial_end", seconds(before.trial_end_at), seconds(after.trial_end_at)),
        (
            "latest_invoice",
            before.latest_invoice.clone().into(),
            after.latest_invoice.clone().into(),
        ),
    ];
    let changed = members.into_iter().filter(|(_, before, after)| before != after);
    changed.map(|(name, before, _)| (name.to_owned(), before)).collect()
}

/// Gives or takes the access that rests on a subscription, as its status says.
pub(super) async fn follow(tx: &Tx, deed: &Deed, held: &Held) -> Result<()> {
    match rules::standing(held.row.status) {
        Standing::Gives if held.row.barred_at.is_none() && held.row.closed_at.is_none() => give(tx, deed, held).await,
        Standing::Takes => {
            let taking = Taking {
                cause_id: held.row.id,
                reason: EndReason::Subscription,
            };
            access::take(tx, deed, &taking).await.map(|_| ())
        }
        Standing::Gives | Standing::Leaves => Ok(()),
    }
}

/// The claim has no end of its own: the subscription's end is its end, so that a late message never locks anybody out.
async fn give(tx: &Tx, deed: &Deed, held: &Held) -> Result<()> {
    let gift = Gift {
        customer: &held.customer,
        product: &held.product,
        cause: Cause::Subscription,
        cause_id: held.row.id,
        until: None,
        days: None,
    };
    access::give(tx, deed, &gift).await?;
    for part in products::parts(tx, &deed.room, held.product.id).await? {
        let gift = Gift { product: &part, ..gift };
        access::give(tx, deed, &gift).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use entities::Mode;
    use proptest::prelude::*;
    use serde_json::json;

    fn row() -> Model {
        Model {
            id: Uuid::nil(),
            tenant: Uuid::nil(),
            mode: Mode::Live,
            customer: Uuid::nil(),
            product: Uuid::nil(),
            checkout: None,
            provider: Provider::Stripe,
            subscription_ref: "sub_1".into(),
            customer_ref: None,
            price_ref: None,
            status: Status::Incomplete,
            price_minor: 995,
            currency: "USD".into(),
            billing_interval: "month".into(),
            billing_interval_count: 1,
            trial_end_at: None,
            period_start_at: None,
            period_end_at: None,
            cancel_at_period_end: false,
            canceled_at: None,
            ended_at: None,
            latest_invoice: None,
            metadata: json!({}).into(),
            state_at: 0,
            status_at: 0,
            announced_at: None,
            closed_at: None,
            barred_at: None,
            end_wanted_at: None,
            card: None,
            anchor_at: None,
            cycle: 0,
            attempts: 0,
            open_invoice: None,
            noticed_at: None,
            due_at: None,
            created_at: 0,
            updated_at: 0,
        }
    }

    fn told(status: &str) -> SubscriptionSeen {
        SubscriptionSeen {
            subscription: "sub_1".into(),
            status: status.into(),
            ..SubscriptionSeen::default()
        }
    }

    #[test]
    fn of_the_same_second_applies_and_older_does_not() {
        let mut row = row();
        assert!(mirror(&mut row, &told("active"), Timestamp(2_000)));
        assert!(mirror(&mut row, &told("past_due"), Timestamp(2_000)));
        assert!(!mirror(&mut row, &told("active"), Timestamp(1_000)));
        assert_eq!(row.status, Status::PastDue);
    }

    #[test]
    fn what_has_ended_stays_ended() {
        let mut row = row();
        mirror(&mut row, &told("canceled"), Timestamp(2_000));
        assert!(!mirror(&mut row, &told("active"), Timestamp(9_000)));
        assert_eq!(row.status, Status::Canceled);
    }

    proptest! {
        #[test]
        fn news_end_in_the_same_state_in_whatever_order_they_come(order in Just((1_i64..=6).collect::<Vec<_>>()).prop_shuffle()) {
            let mut row = row();
            let states = ["incomplete", "trialing", "active", "past_due", "active", "unpaid"];
            for at in order {
                let place = usize::try_from(at - 1).unwrap_or(0);
                mirror(&mut row, &told(states[place]), Timestamp(at * 1_000));
            }
            prop_assert_eq!(row.status, Status::Unpaid);
        }
    }
}
