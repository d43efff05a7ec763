//! What a purchase costs when it is begun: its lines, discount and terms.

use super::answers;
use super::types::Wanted;
use crate::context::Room;
use crate::domain::{Code, Error, Result, Timestamp};
use crate::resources::bumps::service as bumps;
use crate::resources::coupons::rules::Unusable;
use crate::resources::coupons::service::uses as coupons;
use crate::resources::coupons::types::{Asked, Line as Discounted};
use crate::resources::sales::goods::Goods;
use crate::resources::sales::places;
use crate::resources::sales::prices::{self, Item};
use crate::resources::sales::types::{ItemType, Line};
use crate::store::Store;
use entities::checkout::Kind;
use entities::{order_bump, product};
use uuid::Uuid;

/// The terms of a purchase.
pub(super) struct Terms {
    pub kind: Kind,
    pub lines: Vec<Line>,
    pub amount_minor: i64,
    pub discount_minor: i64,
    pub coupon: Option<(Uuid, String)>,
}

impl Terms {
    /// Whether it goes at a sale price.
    pub(super) fn is_sale(&self) -> bool {
        self.lines.iter().any(|line| line.is_sale)
    }
}

/// Works out the terms.
///
/// # Errors
/// `Conflict` where it is not for sale; `Validation` for a coupon, a bump or an amount that does not fit.
pub(super) async fn terms(
    store: &Store,
    room: &Room,
    product: &product::Model,
    wanted: &Wanted,
    now: Timestamp,
) -> Result<Terms> {
    let goods = Goods(product);
    if !goods.is_for_sale(now) {
        return Err(Error::new(Code::Conflict, "This product is not for sale at present.").with_text("product.not_for_sale"));
    }
    answers::check(product, wanted.custom_fields.as_ref())?;
    let main = main_item(store, room, product, wanted, now).await?;
    let bumps = bumps::for_checkout(store.read(), room, product, &wanted.order_bump_ids).await?;
    let mut items = vec![main];
    items.extend(bumps.iter().map(|(bump, product)| bump_item(bump, product)));
    let quote = match wanted.coupon_code.as_deref().map(str::trim).filter(|code| !code.is_empty()) {
        // A coupon is taken once, with one payment; what it would mean for every later period is nowhere said.
        Some(_) if goods.is_subscription() => return Err(Unusable::NotForSubscriptions.into()),
        Some(code) => Some(coupons::quote(store.read(), room, &asked(code, product, wanted, &items), now).await?),
        None => None,
    };
    let discounts = quote.as_ref().map_or(&[][..], |quote| &quote.per_line_minor);
    let lines = prices::lines(&items, discounts)?;
    Ok(Terms {
        kind: if goods.is_subscription() {
            Kind::Subscription
        } else {
            Kind::Payment
        },
        amount_minor: due_minor(goods, &lines),
        lines,
        discount_minor: quote.as_ref().map_or(0, |quote| quote.discount_minor),
        coupon: quote.map(|quote| (quote.coupon.id, quote.coupon.shown_code().to_owned())),
    })
}

/// What is paid at once: a trial's first period costs nothing.
fn due_minor(goods: Goods<'_>, lines: &[Line]) -> i64 {
    let has_trial = goods.is_subscription() && goods.trial_days() > 0;
    let due = lines
        .iter()
        .filter(|line| !(has_trial && line.item_type == ItemType::MainProduct));
    due.map(|line| line.total_minor).sum()
}

fn asked(code: &str, product: &product::Model, wanted: &Wanted, items: &[Item<'_>]) -> Asked {
    Asked {
        code: code.to_owned(),
        email: wanted.email.clone(),
        product: product.id,
        currency: product.currency.clone(),
        lines: items
            .iter()
            .map(|item| Discounted {
                is_bump: item.item_type == ItemType::OrderBump,
                amount_minor: item.price_minor,
            })
            .collect(),
    }
}

fn bump_item<'a>(row: &order_bump::Model, product: &'a product::Model) -> Item<'a> {
    let (price_minor, days) = bumps::terms(row, product);
    Item {
        product,
        item_type: ItemType::OrderBump,
        price_minor,
        days,
        is_sale: false,
    }
}

async fn main_item<'a>(
    store: &Store,
    room: &Room,
    product: &'a product::Model,
    wanted: &Wanted,
    now: Timestamp,
) -> Result<Item<'a>> {
    let goods = Goods(product);
    let (price_minor, is_sale) = if goods.is_subscription() {
        (goods.recurring_minor(), false)
    } else {
        let gone = match wanted.is_sale_over {
            true => i64::MAX,
            false => places::gone(store.read(), room, product.id, now).await?,
        };
        prices::main_price(product, now, gone, wanted.custom_amount_minor)?
    };
    Ok(Item {
        product,
        item_type: ItemType::MainProduct,
        price_minor,
        days: goods.days(),
        is_sale,
    })
}
