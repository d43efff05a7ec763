//! What follows a purchase: the product's one-time offer, as a coupon of the buyer's own.

use super::settle::Sale;
use crate::context::Deed;
use crate::domain::{Result, Timestamp};
use crate::resources::coupons::rules::Worth;
use crate::resources::coupons::service as coupons;
use crate::resources::coupons::types::Issue;
use crate::resources::offers::rules::Discount;
use crate::resources::offers::service as offers;
use crate::resources::products::service as products;
use crate::store::Tx;
use entities::{coupon, product};

/// An offer a buyer may take for a while.
pub(super) struct Offered {
    pub product: product::Model,
    pub coupon: coupon::Model,
    pub minutes: i64,
}

/// Issues the coupon of the main product's active offer, where it has one that is for sale.
pub(super) async fn issue(tx: &Tx, deed: &Deed, sale: &Sale<'_>) -> Result<Option<Offered>> {
    let Some(offer) = offers::active(tx, &deed.room, sale.main()?.id).await? else {
        return Ok(None);
    };
    let known = products::by_ids(tx, &deed.room, &[offer.oto_product]).await?;
    let Some(product) = known
        .into_values()
        .find(|product| product.status == product::Status::Published)
    else {
        return Ok(None);
    };
    let worth = match Discount::of(&offer) {
        Discount::Percentage(hundredths) => Worth::Percent(hundredths * 100),
        Discount::Fixed(amount_minor) => Worth::Fixed {
            amount_minor,
            currency: product.currency.clone(),
        },
    };
    let issue = Issue {
        code: format!("OTO-{}", hex::encode_upper(deed.ids.bytes::<6>())),
        offer: offer.id,
        payment: sale.payment.id,
        email: sale.customer.email.clone(),
        product: product.id,
        worth,
        until: Timestamp(deed.now.0 + offer.duration_minutes * 60_000),
    };
    let coupon = coupons::issue(tx, deed, &issue).await?;
    Ok(Some(Offered {
        product,
        coupon,
        minutes: offer.duration_minutes,
    }))
}
