//! What sales do to licences: money makes one, and takes it back.

use super::issue::{self, Order};
use super::keys::{self, Form};
use super::server::sold;
pub use super::server::sold::{COUPON, Period, Step, follow_purchase, follow_subscription, is_sold_here};
pub use super::server::terms::Terms;
use super::tokens::{self, Claims};
use super::{rules, store};
use crate::context::{Deed, House};
use crate::domain::{Result, Timestamp, license_key};
use crate::store::Tx;
use entities::license::{Kind, Model, Status};
use entities::{customer, payment, product};
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

/// A sale of one product.
pub struct Sale<'a> {
    /// The money.
    pub payment: &'a payment::Model,
    /// Who paid.
    pub customer: &'a customer::Model,
    /// What was sold, or a part of what was sold.
    pub product: &'a product::Model,
    /// The provider's name for the subscription it pays for.
    pub subscription: Option<&'a str>,
    /// When a licence of it ends, where the product does not say; a subscription's ends with its period.
    pub until: Option<Timestamp>,
}

/// A licence that came with a sale.
#[derive(Clone, Debug, Serialize)]
pub struct Issued {
    /// The licence.
    pub license_id: Uuid,
    /// What it is a licence of.
    pub product_id: Uuid,
    /// Its key in clear: for the buyer's eyes, never for an event.
    #[serde(skip)]
    pub key: String,
    /// The signed token.
    pub token: Option<String>,
    /// Which key signed it.
    pub kid: Option<String>,
    /// Where that key is published.
    pub jwks_url: String,
}

/// Issues the licence of a sale, in the transaction that settles it: where the product says so, has a policy or is one of the
/// license server, which sells nothing else. The same payment and product twice make one licence.
///
/// # Errors
/// `Unavailable` where the database is; `Internal` where keys were sealed under another master key.
pub async fn issue_for_payment(tx: &Tx, house: &House, deed: &Deed, sale: &Sale<'_>) -> Result<Option<Issued>> {
    let policy = store::policy_of_product(tx, &deed.room, sale.product.id).await?;
    let is_wanted = sale.product.attributes.get("issue_license_on_purchase") == Some(&Value::Bool(true));
    let is_server = sold::is_sold_here(sale.product);
    if !is_wanted && !is_server && policy.is_none() {
        return Ok(None);
    }
    let known = store::licenses_of_payment(tx, &deed.room, sale.payment.id).await?;
    let known = match known.into_iter().find(|row| row.product == sale.product.id) {
        None if is_server => sold::adopt(tx, deed, sale).await?,
        known => known,
    };
    if let Some(row) = known {
        let key = keys::open(house, &row)?;
        return Ok(Some(issued(deed, &row, key, None)));
    }
    let order = Order {
        product: sale.product,
        policy: policy.as_ref(),
        form: Form::of(sale.product),
        source: "purchase",
    };
    let (mut row, key) = issue::draft(house, deed, order)?;
    if policy.as_ref().is_some_and(|policy| policy.floating) {
        row.kind = Kind::Floating;
    }
    fill(&mut row, deed, sale);
    if is_server {
        sold::dress(tx, deed, sale, &mut row).await?;
    }
    let token_key = tokens::within(tx, house, deed.room.tenant, deed.now).await?;
    row.token = Some(token_key.sign(&claims(&row, sale))?);
    let (row, _) = issue::issue(tx, deed, row).await?;
    Ok(Some(issued(deed, &row, key, Some(token_key.kid))))
}

fn fill(row: &mut Model, deed: &Deed, sale: &Sale<'_>) {
    let attributes = &sale.product.attributes;
    row.payment = Some(sale.payment.id);
    row.customer = Some(sale.customer.id);
    row.email = Some(sale.payment.email.clone());
    row.holder_name.clone_from(&sale.customer.name);
    row.tier = attributes.get("license_tier").and_then(Value::as_str).map(ToOwned::to_owned);
    row.domain = custom(sale).into_iter().find_map(|(id, value)| match value {
        Value::String(text) if id == "domain" => Some(text),
        _ => None,
    });
    row.order_ref = Some(sale.payment.id.to_string());
    row.order_hash = Some(license_key::order_hash(sale.payment.id));
    if let Some(days) = attributes.get("license_duration_days").and_then(Value::as_i64) {
        row.expires_at = Some(rules::after_days(deed.now.0, days));
    } else if let Some(until) = sale.until {
        row.expires_at = Some(until.0);
    }
}

/// What the buyer filled in, by the field's id.
fn custom(sale: &Sale<'_>) -> Vec<(String, Value)> {
    let fields = sale.payment.custom_fields.as_ref().and_then(|fields| fields.0.as_object());
    let pairs = fields.map(|fields| fields.iter().map(|(id, value)| (id.clone(), value.clone())).collect());
    pairs.unwrap_or_default()
}

fn claims(row: &Model, sale: &Sale<'_>) -> Claims {
    Claims {
        product: sale.product.slug.clone(),
        email: sale.payment.email.clone(),
        order: sale.payment.id,
        tier: row.tier.clone(),
        issued_at: Timestamp(row.created_at),
        expires_at: row.expires_at.map(Timestamp),
        domain: row.domain.clone(),
        custom: custom(sale).into_iter().filter(|(id, _)| id != "domain").collect(),
    }
}

fn issued(deed: &Deed, row: &Model, key: String, kid: Option<String>) -> Issued {
    Issued {
        license_id: row.id,
        product_id: row.product,
        key,
        token: row.token.clone(),
        kid,
        jwks_url: format!("{}/api/licenses/jwks?seller={}", deed.public_url, row.tenant),
    }
}

/// Why a sale was undone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// The money was given back.
    Refund,
    /// The buyer disputes it.
    Dispute,
}

/// Withdraws the licences of a payment that was undone.
///
/// # Errors
/// `Unavailable` where the database is.
pub async fn follow_payment(tx: &Tx, deed: &Deed, payment: &payment::Model, taken: Taken) -> Result<()> {
    for mut row in store::licenses_of_payment(tx, &deed.room, payment.id).await? {
        withdraw_sold(tx, deed, &mut row, taken).await?;
    }
    sold::follow_payment(tx, deed, payment, taken).await
}

/// Withdraws one licence whose sale was undone.
pub(super) async fn withdraw_sold(tx: &Tx, deed: &Deed, row: &mut Model, taken: Taken) -> Result<()> {
    let reason = match taken {
        Taken::Refund => "refund",
        Taken::Dispute => "chargeback",
    };
    row.threat_level = 4;
    row.dispute_reason = Some(reason.to_owned());
    row.disputed_at = row.disputed_at.or(Some(deed.now.0));
    if matches!(row.status, Status::Revoked | Status::Banned) {
        row.updated_at = deed.now.0;
        return store::replace(tx, row).await;
    }
    issue::revoke(tx, deed, row, Some(reason)).await.map(|_| ())
}
