//! Payments that were begun at the provider by hand: they name a product of ours in their metadata, and no checkout.
//!
//! What was paid must be what the catalogue asks at that moment: the price or the sale price, the tax on it or without it
//! where the provider adds its own, less what the provider's own promotions took off. Anything else gives nothing. What the
//! license server sells without a price costs what was paid.

use super::goods::Goods;
use super::prices::{self, Item};
use super::types::{ItemType, Line, Paid};
use super::{places, store};
use crate::context::Deed;
use crate::domain::{MINOR_MAX, Result};
use crate::resources::customers::service as customers;
use crate::resources::licensing::service as licensing;
use crate::store::Tx;
use entities::checkout::{Kind, Model, Status};
use entities::payment::Provider;
use entities::product;
use serde_json::{Map, Value, json};

/// The checkout that such a payment stands for, written down as one; or why it stands for none.
pub(super) async fn checkout(tx: &Tx, deed: &Deed, paid: &Paid) -> Result<std::result::Result<Model, &'static str>> {
    let (None, Some(id)) = (paid.checkout, paid.product) else {
        return Ok(Err("no such checkout"));
    };
    let product = store::product(tx, &deed.room, id).await?;
    let Some(product) = product.filter(|product| product.deleted_at.is_none()) else {
        return Ok(Err("no such product"));
    };
    if Goods(&product).is_subscription() {
        return Ok(Err("the product is sold by the period, not at once"));
    }
    let is_unpriced = is_unpriced(&product, paid);
    if licensing::is_sold_here(&product) && product.status == product::Status::Archived {
        return Ok(Err("the product is archived"));
    }
    if !is_unpriced && !paid.currency.eq_ignore_ascii_case(&product.currency) {
        return Ok(Err("the currency is not the product's"));
    }
    let gone = places::gone(tx, &deed.room, product.id, deed.now).await?;
    let line = match is_unpriced {
        true => told_line(&product, paid)?,
        false => line_of(&product, paid, deed.now, gone)?,
    };
    let Some(line) = line else {
        return Ok(Err("the amount is not what the catalogue asks"));
    };
    let mut row = row_of(deed, &product, paid, &line)?;
    if let Some(user) = paid.user
        && let Some(known) = customers::find(tx, &deed.room, user).await?
    {
        (row.email, row.person) = (Some(known.email), known.person);
    }
    if row.email.is_none() && paid.email.is_none() {
        return Ok(Err("nobody's address is known"));
    }
    store::insert_checkout(tx, &row).await?;
    Ok(Ok(row))
}

/// Whether the catalogue has no price for what was sold: it asks none for a product of the license server, and of one with a
/// price it knows that of the usual variant alone.
fn is_unpriced(product: &product::Model, paid: &Paid) -> bool {
    licensing::is_sold_here(product) && (product.price_minor == 0 || paid.terms.variant.is_some())
}

/// The line of what the catalogue has no price for: what was paid is what it cost.
fn told_line(product: &product::Model, paid: &Paid) -> Result<Option<Line>> {
    if !(0..=MINOR_MAX).contains(&paid.amount_minor) {
        return Ok(None);
    }
    let item = Item {
        product,
        item_type: ItemType::MainProduct,
        price_minor: paid.amount_minor,
        days: Goods(product).days(),
        is_sale: false,
    };
    let line = prices::lines(&[item], &[])?.pop();
    Ok(line.map(|line| Line {
        total_minor: paid.amount_minor,
        net_minor: None,
        tax_minor: None,
        vat_thousandths: None,
        ..line
    }))
}

/// The line that was paid for, at whichever of the product's prices fits.
fn line_of(product: &product::Model, paid: &Paid, now: crate::domain::Timestamp, gone: i64) -> Result<Option<Line>> {
    let goods = Goods(product);
    let (tax, discount) = (paid.tax_minor.unwrap_or(0), paid.discount_minor.unwrap_or(0));
    if paid.amount_minor < 0 || tax < 0 || discount < 0 || paid.amount_minor > MINOR_MAX || discount > MINOR_MAX {
        return Ok(None);
    }
    let before = paid.amount_minor + discount;
    let sale = goods.sale_minor(now, gone).map(|price| (price, true));
    let named = goods.least_custom_minor().filter(|least| before - tax >= *least);
    let named = named.map(|_| (before - tax, false));
    for (price_minor, is_sale) in [Some((product.price_minor, false)), sale, named].into_iter().flatten() {
        let item = Item {
            product,
            item_type: ItemType::MainProduct,
            price_minor,
            days: goods.days(),
            is_sale,
        };
        let full = prices::lines(std::slice::from_ref(&item), &[])?;
        let asked = full.iter().map(|line| line.total_minor).sum::<i64>();
        if before != asked && before - tax != asked && before - tax != price_minor {
            continue;
        }
        let mut lines = prices::lines(&[item], &[discount])?;
        let Some(mut line) = lines.pop() else { continue };
        if line.total_minor != paid.amount_minor && line.total_minor != paid.amount_minor - tax {
            // The price's own tax was not charged: what arrived is all there is to book.
            line.total_minor = paid.amount_minor - tax;
            (line.net_minor, line.tax_minor, line.vat_thousandths) = (None, None, None);
        }
        return Ok(Some(line));
    }
    Ok(None)
}

fn row_of(deed: &Deed, product: &product::Model, paid: &Paid, line: &Line) -> Result<Model> {
    let answers: Map<String, Value> = paid
        .custom_fields
        .iter()
        .map(|(name, answer)| (name.clone(), answer.clone().into()))
        .collect();
    let currency = match paid.currency.is_empty() {
        true => product.currency.clone(),
        false => paid.currency.to_uppercase(),
    };
    let mut metadata = json!({"source": "checkout"});
    paid.terms.keep(&mut metadata);
    Ok(Model {
        id: deed.id(),
        tenant: deed.room.tenant,
        mode: deed.room.mode.into(),
        product: product.id,
        email: paid.email.as_deref().map(|email| email.trim().to_lowercase()),
        person: None,
        status: Status::Open,
        kind: Kind::Payment,
        provider: Provider::Stripe,
        session_ref: paid.session_ref.clone(),
        url: None,
        client_secret: None,
        amount_minor: line.total_minor,
        currency,
        lines: serde_json::to_value([line]).map_err(crate::domain::Error::internal)?.into(),
        coupon: None,
        coupon_code: None,
        discount_minor: paid.discount_minor.unwrap_or(0),
        custom_fields: (!answers.is_empty()).then(|| Value::Object(answers).into()),
        success_url: None,
        cancel_url: None,
        metadata: metadata.into(),
        payment: None,
        expires_at: deed.now.0,
        completed_at: None,
        created_at: deed.now.0,
        updated_at: deed.now.0,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Timestamp;
    use crate::store::testing::product;

    fn paid(amount_minor: i64, tax: i64, discount: i64) -> Paid {
        Paid {
            amount_minor,
            tax_minor: Some(tax),
            discount_minor: Some(discount),
            ..Paid::default()
        }
    }

    fn total(product: &product::Model, paid: &Paid) -> Option<i64> {
        let line = line_of(product, paid, Timestamp(0), 0).unwrap();
        line.map(|line| line.total_minor)
    }

    #[test]
    fn only_what_the_catalogue_asks_is_a_price() {
        let plain = product(1_000, json!({}));
        assert_eq!(total(&plain, &paid(1_000, 0, 0)), Some(1_000));
        assert_eq!(total(&plain, &paid(1_230, 230, 0)), Some(1_000), "the provider added its tax");
        assert_eq!(total(&plain, &paid(800, 0, 200)), Some(800), "the provider's own promotion");
        for wrong in [paid(999, 0, 0), paid(2_000, 0, 0), paid(-1_000, 0, 2_000), paid(1_000, 0, 5)] {
            assert_eq!(total(&plain, &wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn tax_on_top_may_be_charged_or_left_out() {
        let taxed = product(1_000, json!({"vat_rate": 23, "price_includes_vat": false}));
        assert_eq!(total(&taxed, &paid(1_230, 0, 0)), Some(1_230));
        assert_eq!(total(&taxed, &paid(1_000, 0, 0)), Some(1_000));
        assert_eq!(total(&taxed, &paid(1_100, 0, 0)), None);
    }

    #[test]
    fn sales_and_named_prices_count() {
        let sale = product(1_000, json!({"sale_price_minor": 700}));
        assert_eq!(total(&sale, &paid(700, 0, 0)), Some(700));
        let free_hand = product(0, json!({"allow_custom_price": true, "custom_price_min_minor": 300}));
        assert_eq!(total(&free_hand, &paid(450, 0, 0)), Some(450));
        assert_eq!(total(&free_hand, &paid(299, 0, 0)), None);
    }
}
