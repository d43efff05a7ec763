//! Whose subscription it is, and to what: decided when it is first seen, by whichever event comes first, and then for good.

use super::rules::{self, Terms};
use super::store;
use crate::context::Deed;
use crate::domain::stripe::{InvoiceSeen, META_CHECKOUT, META_PRODUCT, META_TENANT, Metadata, PriceSeen, SubscriptionSeen};
use crate::domain::{Error, Result, Timestamp};
use crate::resources::customers::service as customers;
use crate::resources::customers::types::Who;
use crate::resources::licensing::service as licensing;
use crate::store::Tx;
use entities::payment::Provider;
use entities::subscription::{Model, Status};
use entities::{checkout, customer, product};
use serde_json::json;
use uuid::Uuid;

/// What an event tells of the subscription it is about.
#[derive(Clone, Copy)]
pub(super) struct Hint<'a> {
    pub subscription: &'a str,
    pub customer: Option<&'a str>,
    pub email: Option<&'a str>,
    pub metadata: &'a Metadata,
    pub price: &'a PriceSeen,
    /// What is paid in, where the event tells it beside the price.
    pub currency: Option<&'a str>,
    pub provider: Provider,
}

impl<'a> Hint<'a> {
    pub(super) fn of(seen: &'a SubscriptionSeen, provider: Provider) -> Self {
        Self {
            subscription: &seen.subscription,
            customer: seen.customer.as_deref(),
            email: seen.email.as_deref(),
            metadata: &seen.metadata,
            price: &seen.price,
            currency: seen.price.currency.as_deref(),
            provider,
        }
    }

    pub(super) fn of_invoice(seen: &'a InvoiceSeen, subscription: &'a str, provider: Provider) -> Self {
        Self {
            subscription,
            customer: seen.customer.as_deref(),
            email: seen.email.as_deref(),
            metadata: &seen.metadata,
            price: &seen.price,
            currency: Some(seen.currency.as_str()),
            provider,
        }
    }

    fn id(&self, name: &str) -> Option<Uuid> {
        self.metadata.get(name).and_then(|id| Uuid::parse_str(id).ok())
    }
}

/// A subscription with those it belongs to.
pub(super) struct Held {
    pub row: Model,
    pub customer: customer::Model,
    pub product: product::Model,
}

/// What came of looking for it.
pub(super) enum Bound {
    /// It is known, or is now.
    Held(Box<Held>),
    /// Nobody's address, or no product, is known yet.
    Unknown,
    /// It is not one of ours.
    Misfit(&'static str),
}

/// Finds the subscription, or binds it where enough is known.
pub(super) async fn bind(tx: &Tx, deed: &Deed, hint: Hint<'_>) -> Result<Bound> {
    let tenant = hint.id(META_TENANT);
    if tenant.is_some_and(|tenant| tenant != deed.room.tenant) {
        return Ok(Bound::Misfit("it is another tenant's"));
    }
    match store::by_ref(tx, &deed.room, hint.subscription).await? {
        Some(row) => known(tx, deed, hint, row).await,
        None => fresh(tx, deed, hint).await,
    }
}

async fn known(tx: &Tx, deed: &Deed, hint: Hint<'_>, mut row: Model) -> Result<Bound> {
    if hint.id(META_PRODUCT).is_some_and(|product| product != row.product) {
        return Ok(Bound::Misfit("it names another product than it was bound to"));
    }
    if row.customer_ref.is_none() {
        row.customer_ref = hint.customer.map(str::to_owned);
    }
    let customer = customers::find(tx, &deed.room, row.customer).await?;
    let product = store::product(tx, &deed.room, row.product).await?;
    match (customer, product) {
        (Some(customer), Some(product)) => Ok(Bound::Held(Box::new(Held { row, customer, product }))),
        _ => Ok(Bound::Misfit("its customer was deleted")),
    }
}

async fn fresh(tx: &Tx, deed: &Deed, hint: Hint<'_>) -> Result<Bound> {
    let checkout = match hint.id(META_CHECKOUT) {
        Some(id) => store::checkout(tx, &deed.room, id).await?,
        None => None,
    };
    let named = hint.id(META_PRODUCT).or(checkout.as_ref().map(|checkout| checkout.product));
    let Some(product) = named else { return Ok(Bound::Unknown) };
    let Some(product) = store::product(tx, &deed.room, product).await? else {
        return Ok(Bound::Misfit("no such product"));
    };
    let by_hand = checkout.is_none() && licensing::is_sold_here(&product);
    let terms = Terms::of(&product).or_else(|| by_hand.then(Terms::untold));
    let Some(terms) = terms else {
        return Ok(Bound::Misfit("the product is not sold by the period"));
    };
    if by_hand && product.status == product::Status::Archived {
        return Ok(Bound::Misfit("the product is archived"));
    }
    let lines = checkout.as_ref().map(|checkout| &checkout.lines.0);
    let expected = rules::expected_minor(&terms, lines, product.id);
    let told = hint.currency.filter(|told| by_hand && !told.is_empty());
    let catalogue = checkout.as_ref().map_or(&product.currency, |checkout| &checkout.currency);
    let currency = told.map_or_else(|| catalogue.clone(), str::to_uppercase);
    if !rules::is_priced(hint.price, expected, &currency) {
        return Ok(Bound::Misfit("its price is not the product's"));
    }
    let email = hint
        .email
        .or_else(|| checkout.as_ref().and_then(|checkout| checkout.email.as_deref()));
    let Some(email) = email else { return Ok(Bound::Unknown) };
    let told = checkout.as_ref().and_then(|checkout| checkout.metadata.get("name"));
    let who = Who {
        email: email.to_owned(),
        name: told.and_then(|name| name.as_str()).map(str::to_owned),
        person: checkout.as_ref().and_then(|checkout| checkout.person),
    };
    let customer = customers::ensure(tx, deed, &who).await?;
    let row = row_of(
        deed,
        hint,
        &terms,
        (&customer, &product),
        (checkout.as_ref(), expected, currency),
    );
    store::insert(tx, &row).await?;
    Ok(Bound::Held(Box::new(Held { row, customer, product })))
}

/// Whether metadata names something that the license server sells, on whatever terms the provider keeps.
pub(super) async fn is_by_hand(tx: &Tx, deed: &Deed, metadata: &Metadata) -> Result<bool> {
    let named = metadata.get(META_PRODUCT).and_then(|id| Uuid::parse_str(id).ok());
    let product = match named {
        Some(id) => store::product(tx, &deed.room, id).await?,
        None => None,
    };
    Ok(product.is_some_and(|product| licensing::is_sold_here(&product)))
}

fn row_of(
    deed: &Deed,
    hint: Hint<'_>,
    terms: &Terms,
    (customer, product): (&customer::Model, &product::Model),
    (checkout, expected_minor, currency): (Option<&checkout::Model>, i64, String),
) -> Model {
    let price = hint.price;
    Model {
        id: deed.id(),
        tenant: deed.room.tenant,
        mode: deed.room.mode.into(),
        customer: customer.id,
        product: product.id,
        checkout: checkout.map(|checkout| checkout.id),
        provider: hint.provider,
        subscription_ref: hint.subscription.to_owned(),
        customer_ref: hint.customer.map(str::to_owned),
        price_ref: price.price.clone(),
        status: Status::Incomplete,
        price_minor: price.amount_minor.unwrap_or(expected_minor),
        currency,
        billing_interval: price.interval.clone().unwrap_or_else(|| terms.interval.clone()),
        billing_interval_count: price.interval_count.unwrap_or(terms.interval_count),
        trial_end_at: None,
        period_start_at: None,
        period_end_at: None,
        cancel_at_period_end: false,
        canceled_at: None,
        ended_at: None,
        latest_invoice: None,
        metadata: json!(hint.metadata).into(),
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
        created_at: deed.now.0,
        updated_at: deed.now.0,
    }
}

/// Keeps what a checkout session tells beside its money: who the subscriber is.
///
/// # Errors
/// `Unavailable` where the database is.
pub(super) async fn introduce(tx: &Tx, deed: &Deed, checkout: Uuid, email: Option<&str>) -> Result<()> {
    let Some(mut row) = store::checkout(tx, &deed.room, checkout).await? else {
        return Ok(());
    };
    if row.status == checkout::Status::Complete {
        return Ok(());
    }
    row.status = checkout::Status::Complete;
    row.completed_at = Some(deed.now.0);
    row.email = row.email.or_else(|| email.map(str::to_owned));
    row.updated_at = deed.now.0;
    store::replace_checkout(tx, &row).await
}

/// Reads a status by its word.
///
/// # Errors
/// None; an unknown word is what the subscription was.
pub(super) fn status(word: &str, was: Status) -> Status {
    Status::parse(word).unwrap_or(was)
}

/// The moment of an event as rows keep it.
pub(super) fn millis(at: Option<Timestamp>) -> Option<i64> {
    at.map(|at| at.0)
}

/// A row that must be there.
///
/// # Errors
/// `NotFound`.
pub(super) fn there<T>(found: Option<T>) -> Result<T> {
    found.ok_or_else(|| Error::not_found("subscription"))
}
