//! A payment arrives: the one place where money becomes goods.

use super::goods::Goods;
use super::types::{ItemType, Line, Outcome, Paid};
use super::{books, direct, fees, letters, offered, places, store, tax, tell};
use crate::context::Deed;
use crate::domain::stripe::tax::{HolderSeen, behavior, percent};
use crate::domain::time::DAY_MS;
use crate::domain::{Error, Result, Timestamp};
use crate::resources::access::service as access;
use crate::resources::access::types::Gift;
use crate::resources::conversions::rules::Sold;
use crate::resources::conversions::service as conversions;
use crate::resources::coupons::service::uses as coupons;
use crate::resources::coupons::types::Redemption;
use crate::resources::customers::service as customers;
use crate::resources::customers::types::Who;
use crate::resources::licensing::service::{self as licensing, Issued, Terms};
use crate::resources::orders::service as orders;
use crate::resources::products::service as products;
use crate::store::Tx;
use crate::store::counters::CounterKey;
use entities::checkout::{self, Status as CheckoutStatus};
use entities::entitlement::Cause;
use entities::payment::{self, Provider, Status, TaxStatus};
use entities::{customer, payment_line, product};
use serde_json::{Value, json};
use uuid::Uuid;

/// Name of the counter row behind unfiltered totals of payments.
pub const COUNTER: &str = "payments";

/// What a settled sale is made of, for those who tell of it.
pub(super) struct Sale<'a> {
    pub payment: &'a payment::Model,
    pub customer: &'a customer::Model,
    pub lines: &'a [(Line, product::Model)],
    pub parts: &'a [product::Model],
    pub checkout: &'a checkout::Model,
    pub is_lead: bool,
    /// The licences that came with it.
    pub issued: &'a [Issued],
    /// Whom the invoice is made out to, where he told a tax id.
    pub holder: Option<&'a HolderSeen>,
}

impl Sale<'_> {
    /// What the sale is about.
    pub(super) fn main(&self) -> Result<&product::Model> {
        let main = self.lines.iter().find(|(line, _)| line.item_type == ItemType::MainProduct);
        main.map(|(_, product)| product).ok_or_else(|| Error::not_found("product"))
    }
}

/// Books a payment and gives what was paid for; a payment that is told of again changes nothing.
///
/// # Errors
/// `Unavailable` where the database is.
pub async fn settle(tx: &Tx, deed: &Deed, paid: &Paid) -> Result<Outcome> {
    let checkout = match find_checkout(tx, deed, paid.checkout, paid.session_ref.as_deref()).await? {
        Some(checkout) => checkout,
        None => {
            let (intent, charge) = (paid.intent_ref.as_deref(), paid.charge_ref.as_deref());
            if store::payment_by_ref(tx, &deed.room, intent, charge).await?.is_some() {
                return Ok(Outcome::Known);
            }
            match direct::checkout(tx, deed, paid).await? {
                Ok(checkout) => checkout,
                Err(why) => return Ok(Outcome::Misfit(why)),
            }
        }
    };
    if checkout.payment.is_some() || checkout.kind == checkout::Kind::Subscription {
        return Ok(Outcome::Known);
    }
    let provider_tax = paid.tax_minor.unwrap_or(0);
    let is_priced = paid.amount_minor == checkout.amount_minor || paid.amount_minor - provider_tax == checkout.amount_minor;
    let is_untold = paid.currency.is_empty() && paid.checkout.is_none();
    let is_same_currency = is_untold || paid.currency.eq_ignore_ascii_case(&checkout.currency);
    if !is_priced || !is_same_currency {
        return Ok(Outcome::Misfit("amount or currency is not what the checkout asked for"));
    }
    let Some(email) = checkout.email.clone().or_else(|| paid.email.clone()) else {
        return Ok(Outcome::Misfit("nobody's address is known"));
    };
    let who = Who {
        email,
        name: paid.name.clone().or_else(|| told_name(&checkout)),
        person: checkout.person,
    };
    let customer = customers::ensure(tx, deed, &who).await?;
    if has_all_for_nothing(tx, deed, &checkout, &customer).await? {
        let known = store::free_payment(tx, &deed.room, customer.id, checkout.product).await?;
        finish(tx, deed, &checkout, known).await?;
        return Ok(Outcome::Known);
    }
    complete(tx, deed, &checkout, &customer, paid).await.map(Outcome::Done)
}

/// The buyer's name as it was told when the checkout was begun.
fn told_name(checkout: &checkout::Model) -> Option<String> {
    let name = checkout.metadata.get("name").and_then(|name| name.as_str());
    name.map(str::to_owned)
}

/// A checkout by its id, else by the provider's name for it.
pub(super) async fn find_checkout(
    tx: &Tx,
    deed: &Deed,
    id: Option<Uuid>,
    session: Option<&str>,
) -> Result<Option<checkout::Model>> {
    if let Some(id) = id
        && let Some(found) = store::checkout(tx, &deed.room, id).await?
    {
        return Ok(Some(found));
    }
    match session {
        Some(session) => store::checkout_of_session(tx, &deed.room, session).await,
        None => Ok(None),
    }
}

/// Whether somebody asks for what costs nothing and what he has: nothing is booked then, and no time is added to his.
async fn has_all_for_nothing(tx: &Tx, deed: &Deed, checkout: &checkout::Model, customer: &customer::Model) -> Result<bool> {
    if checkout.provider != Provider::Free || checkout.coupon.is_some() {
        return Ok(false);
    }
    for line in store::lines_of(checkout)? {
        let held = access::held(tx, &deed.room, customer.id, line.product).await?;
        let is_live = |until: Option<i64>| until.is_none_or(|until| until > deed.now.0);
        if !held.is_some_and(|held| held.ended_at.is_none() && is_live(held.expires_at)) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// A checkout is done with.
async fn finish(tx: &Tx, deed: &Deed, checkout: &checkout::Model, payment: Option<Uuid>) -> Result<()> {
    let mut done = checkout.clone();
    (done.status, done.payment) = (CheckoutStatus::Complete, payment);
    (done.completed_at, done.updated_at) = (Some(deed.now.0), deed.now.0);
    store::replace_checkout(tx, &done).await?;
    places::free(tx, &deed.room, done.id).await
}

async fn complete(tx: &Tx, deed: &Deed, checkout: &checkout::Model, customer: &customer::Model, paid: &Paid) -> Result<Uuid> {
    let lines = with_products(tx, deed, store::lines_of(checkout)?).await?;
    let lines = tax::with_the_providers(lines, paid, checkout);
    let payment = payment_of(deed, checkout, customer, &lines, paid);
    store::insert_payment(tx, &payment, line_rows(deed, &payment, &lines)).await?;
    tx.count(CounterKey::new(deed.room.tenant, deed.room.mode, COUNTER), 1);
    products::count_sales(tx, &deed.room, payment.product, 1).await?;
    let tax = payment.tax_total_minor.unwrap_or(0);
    books::book(
        tx,
        deed,
        &payment,
        &books::charge(payment.amount_minor, payment.fee_minor, tax),
    )
    .await?;
    fees::ask_later(tx, deed, &payment).await?;
    finish(tx, deed, checkout, Some(payment.id)).await?;
    let (parts, is_new) = give_all(tx, deed, customer, &payment, &lines).await?;
    let issued = license(tx, deed, customer, &payment, (&lines, &parts)).await?;
    let main_is_free = lines
        .iter()
        .any(|(line, product)| line.item_type == ItemType::MainProduct && product.price_minor == 0);
    let sale = Sale {
        payment: &payment,
        customer,
        lines: &lines,
        parts: &parts,
        checkout,
        is_lead: payment.provider == Provider::Free && main_is_free && source(checkout) != "marketplace",
        issued: &issued,
        holder: paid.holder.as_ref(),
    };
    if !sale.is_lead || is_new {
        tell::sold(tx, deed, &sale).await?;
        let offered = offered::issue(tx, deed, &sale).await?;
        letters::receipt(tx, deed, &sale, offered.as_ref()).await?;
    }
    let sold = Sold {
        payment: &payment,
        begun: &checkout.metadata.0,
        customer,
        product: sale.main()?,
    };
    conversions::note(tx, deed, &sold).await?;
    if !sale.is_lead {
        orders::tell(tx, deed, "order.paid", &payment).await?;
    }
    let redemption = Redemption {
        payment: &payment,
        customer,
        product: sale.main()?,
        order: json!(tell::order(&payment)),
    };
    coupons::redeem(tx, deed, &redemption).await?;
    Ok(payment.id)
}

/// Issues the licences that products of a sale come with.
pub(super) async fn license(
    tx: &Tx,
    deed: &Deed,
    customer: &customer::Model,
    payment: &payment::Model,
    (lines, parts): (&[(Line, product::Model)], &[product::Model]),
) -> Result<Vec<Issued>> {
    let mut issued = Vec::new();
    for product in lines.iter().map(|(_, product)| product).chain(parts) {
        let sale = licensing::Sale {
            payment,
            customer,
            product,
            subscription: None,
            until: None,
        };
        issued.extend(licensing::issue_for_payment(tx, &deed.house, deed, &sale).await?);
    }
    Ok(issued)
}

/// How a checkout came about.
pub(super) fn source(checkout: &checkout::Model) -> &'static str {
    match checkout.metadata.get("source").and_then(|source| source.as_str()) {
        Some("marketplace") => "marketplace",
        Some("embed") => "embed",
        _ => "checkout",
    }
}

pub(super) async fn with_products(tx: &Tx, deed: &Deed, lines: Vec<Line>) -> Result<Vec<(Line, product::Model)>> {
    let mut found = Vec::with_capacity(lines.len());
    for line in lines {
        let product = store::product(tx, &deed.room, line.product).await?;
        found.push((line, product.ok_or_else(|| Error::not_found("product"))?));
    }
    Ok(found)
}

fn payment_of(
    deed: &Deed,
    checkout: &checkout::Model,
    customer: &customer::Model,
    lines: &[(Line, product::Model)],
    paid: &Paid,
) -> payment::Model {
    let captured = lines.iter().filter(|(line, _)| line.tax_minor.is_some()).count();
    let own_tax: i64 = lines.iter().filter_map(|(line, _)| line.tax_minor).sum();
    let (tax_status, tax) = match (paid.tax_minor.filter(|tax| *tax > 0), captured) {
        (Some(tax), _) => (TaxStatus::Captured, Some(tax)),
        (None, 0) => (TaxStatus::None, None),
        (None, captured) if captured == lines.len() => (TaxStatus::Captured, Some(own_tax)),
        (None, _) => (TaxStatus::Partial, Some(own_tax)),
    };
    payment::Model {
        id: deed.id(),
        tenant: deed.room.tenant,
        mode: deed.room.mode.into(),
        customer: customer.id,
        email: customer.email.clone(),
        product: checkout.product,
        checkout: Some(checkout.id),
        subscription: None,
        provider: checkout.provider,
        intent_ref: paid.intent_ref.clone(),
        session_ref: checkout.session_ref.clone().or_else(|| paid.session_ref.clone()),
        charge_ref: paid.charge_ref.clone(),
        invoice_ref: None,
        status: Status::Completed,
        amount_minor: paid.amount_minor,
        currency: checkout.currency.clone(),
        fee_minor: fee(checkout.provider, paid.amount_minor),
        net_total_minor: tax.map(|tax| paid.amount_minor - tax),
        tax_total_minor: tax,
        tax_status,
        refunded_minor: 0,
        discount_minor: checkout.discount_minor,
        coupon: checkout.coupon,
        custom_fields: checkout.custom_fields.clone(),
        metadata: json!({}).into(),
        attributes: attributes(checkout, customer).into(),
        paid_at: Some(paid.paid_at.0),
        refunded_at: None,
        refund_reason: None,
        refunded_by: None,
        created_at: deed.now.0,
        updated_at: deed.now.0,
    }
}

/// What a payment keeps of how it came about, for those who follow it.
fn attributes(checkout: &checkout::Model, customer: &customer::Model) -> Value {
    let mut attributes = json!({"is_guest": customer.person.is_none(), "source": source(checkout)});
    Terms::kept(&checkout.metadata.0).keep(&mut attributes);
    if let (Some(members), Some(code)) = (attributes.as_object_mut(), &checkout.coupon_code) {
        members.insert(licensing::COUPON.to_owned(), code.clone().into());
    }
    attributes
}

/// What the gateway keeps: the sandbox takes what card gateways usually do, 2.9 % and 30 minor units.
pub fn fee(provider: Provider, amount: i64) -> i64 {
    match provider {
        Provider::Sandbox if amount > 0 => (amount.saturating_mul(29) / 1_000 + 30).min(amount),
        _ => 0,
    }
}

/// The lines of a payment as rows.
pub(super) fn line_rows(deed: &Deed, payment: &payment::Model, lines: &[(Line, product::Model)]) -> Vec<payment_line::Model> {
    let rows = lines.iter().zip(0_i64..).map(|((line, _), position)| payment_line::Model {
        id: deed.id(),
        tenant: deed.room.tenant,
        mode: deed.room.mode.into(),
        payment: payment.id,
        product: line.product,
        item_type: line.item_type.name().to_owned(),
        product_name: line.name.clone(),
        quantity: 1,
        unit_price_minor: line.unit_minor,
        total_minor: line.total_minor,
        currency: payment.currency.clone(),
        net_minor: line.net_minor,
        tax_minor: line.tax_minor,
        vat_rate: line.vat_thousandths.map(percent),
        tax_behavior: line.tax_minor.map(|_| behavior(line.is_tax_included).to_owned()),
        vat_exempt: line.is_exempt,
        metadata: json!({}).into(),
        position,
    });
    rows.collect()
}

/// Gives every line, and every part of a bundle among them; answers the parts, and whether the main product is new to him.
pub(super) async fn give_all(
    tx: &Tx,
    deed: &Deed,
    customer: &customer::Model,
    payment: &payment::Model,
    lines: &[(Line, product::Model)],
) -> Result<(Vec<product::Model>, bool)> {
    let (mut parts, mut is_new) = (Vec::new(), false);
    for (line, product) in lines {
        let before = access::held(tx, &deed.room, customer.id, product.id).await?;
        let held = before.as_ref().filter(|access| access.ended_at.is_none());
        if line.item_type == ItemType::MainProduct {
            is_new = held.is_none();
        }
        if line.is_sale {
            tx.count(places::counter(&deed.room, product.id), 1);
        }
        let gift = Gift {
            customer,
            product,
            cause: Cause::Payment,
            cause_id: payment.id,
            until: until(line.days, held.map(|access| access.expires_at), deed.now),
            days: line.days,
        };
        access::give(tx, deed, &gift).await?;
        if Goods(product).is_bundle() {
            for part in crate::resources::products::service::parts(tx, &deed.room, product.id).await? {
                let days = Goods(&part).days();
                let gift = Gift {
                    product: &part,
                    cause: Cause::Bundle,
                    until: until(days, None, deed.now),
                    days,
                    ..gift
                };
                access::give(tx, deed, &gift).await?;
                parts.push(part);
            }
        }
    }
    Ok((parts, is_new))
}

/// When something bought now ends: a time bought while another still runs is put behind it.
fn until(days: Option<i64>, held_until: Option<Option<i64>>, now: Timestamp) -> Option<Timestamp> {
    let days = days?;
    let from = held_until.flatten().map_or(now.0, |until| until.max(now.0));
    Some(Timestamp(from.saturating_add(days.saturating_mul(DAY_MS))))
}
