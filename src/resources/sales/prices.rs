//! What the lines of a checkout cost, after discount and with tax.

use super::goods::Goods;
use super::types::{ItemType, Line};
use crate::domain::{Error, MINOR_MAX, Result, Timestamp};
use entities::product;

/// One thing to be bought, before any discount.
#[derive(Clone, Debug)]
pub struct Item<'a> {
    /// What.
    pub product: &'a product::Model,
    /// As what.
    pub item_type: ItemType,
    /// Its price in minor units.
    pub price_minor: i64,
    /// How long it may be used; `None` is for ever.
    pub days: Option<i64>,
    /// Whether a coupon counts for it.
    pub is_discounted: bool,
    /// Whether the price is that of a sale.
    pub is_sale: bool,
}

/// The price of a main product: what the buyer named, or what the catalogue says.
///
/// # Errors
/// `Validation` for an amount below the least one, or where the product's price is not the buyer's to name.
pub fn main_price(product: &product::Model, now: Timestamp, sold: i64, named: Option<i64>) -> Result<(i64, bool)> {
    let goods = Goods(product);
    match (goods.least_custom_minor(), named) {
        (Some(least), Some(named)) if named >= least.max(product.price_minor.min(least)) && named <= MINOR_MAX => {
            Ok((named, false))
        }
        (Some(_), Some(_)) => Err(Error::field(
            "custom_amount_minor",
            "min",
            "The amount is below the least one.",
        )),
        (None, Some(_)) => Err(Error::field(
            "custom_amount_minor",
            "unknown",
            "This product has a fixed price.",
        )),
        (Some(least), None) => Ok((goods.price_minor(now, sold).max(least), false)),
        (None, None) => Ok((goods.price_minor(now, sold), goods.sale_minor(now, sold).is_some())),
    }
}

/// The lines of a checkout: the discount is shared out by price, then tax is taken out of what is left or put on it.
///
/// # Errors
/// `Validation` for more than 15 digits of money.
pub fn lines(items: &[Item<'_>], discount_minor: i64) -> Result<Vec<Line>> {
    let shares = shares(items, discount_minor);
    let lines: Vec<Line> = items.iter().zip(shares).map(|(item, share)| line(item, share)).collect();
    let total: i128 = lines.iter().map(|line| i128::from(line.total_minor)).sum();
    if total > i128::from(MINOR_MAX) {
        return Err(Error::field("product_id", "too_large", "The order is too large."));
    }
    Ok(lines)
}

fn line(item: &Item<'_>, share: i64) -> Line {
    let goods = Goods(item.product);
    let price = item.price_minor - share;
    let split = goods.tax().map(|tax| (tax, tax.split(price)));
    Line {
        product: item.product.id,
        item_type: item.item_type,
        name: item.product.name.clone(),
        unit_minor: item.price_minor,
        total_minor: split.map_or(price, |(_, (net, tax))| net + tax),
        net_minor: split.map(|(_, (net, _))| net),
        tax_minor: split.map(|(_, (_, tax))| tax),
        vat_thousandths: split.map(|(tax, _)| tax.thousandths),
        is_tax_included: split.is_none_or(|(tax, _)| tax.is_included),
        is_exempt: goods.is_exempt(),
        days: item.days,
        is_sale: item.is_sale,
    }
}

/// Shares a discount out over what it counts for, by price; what rounding leaves goes to the first lines.
fn shares(items: &[Item<'_>], discount_minor: i64) -> Vec<i64> {
    let base: i128 = items
        .iter()
        .filter(|item| item.is_discounted)
        .map(|item| i128::from(item.price_minor))
        .sum();
    let discount = i128::from(discount_minor.max(0)).min(base);
    let mut shares: Vec<i64> = items
        .iter()
        .map(|item| match item.is_discounted && base > 0 {
            true => i64::try_from(i128::from(item.price_minor) * discount / base).unwrap_or(0),
            false => 0,
        })
        .collect();
    let mut left = i64::try_from(discount).unwrap_or(0) - shares.iter().sum::<i64>();
    for (item, share) in items.iter().zip(&mut shares) {
        let room = if item.is_discounted { item.price_minor - *share } else { 0 };
        let more = left.min(room);
        *share += more;
        left -= more;
    }
    shares
}

#[cfg(test)]
mod tests {
    use super::*;
    use entities::product::Status;
    use proptest::prelude::*;
    use serde_json::{Value, json};
    use uuid::Uuid;

    fn product(price_minor: i64, attributes: Value) -> product::Model {
        product::Model {
            id: Uuid::nil(),
            tenant: Uuid::nil(),
            mode: entities::Mode::Live,
            slug: "p".to_owned(),
            name: "P".to_owned(),
            description: None,
            kind: None,
            status: Status::Published,
            is_listed: true,
            price_minor,
            currency: "USD".to_owned(),
            key_prefix: "LIC".to_owned(),
            metadata: json!({}).into(),
            attributes: attributes.into(),
            licenses_count: 0,
            namespace: None,
            category: None,
            shelved_at: None,
            rating_sum: 0,
            rating_count: 0,
            rating_rank: 0,
            sales_count: 0,
            views_count: 0,
            published_at: None,
            created_at: 0,
            updated_at: 0,
            deleted_at: None,
        }
    }

    fn item(product: &product::Model, is_discounted: bool) -> Item<'_> {
        Item {
            product,
            item_type: ItemType::MainProduct,
            price_minor: product.price_minor,
            days: None,
            is_discounted,
            is_sale: false,
        }
    }

    #[test]
    fn the_buyer_names_a_price_only_where_he_may() {
        let fixed = product(1_000, json!({}));
        let free_hand = product(0, json!({"allow_custom_price": true, "custom_price_min_minor": 300}));
        let now = Timestamp(0);
        assert_eq!(main_price(&fixed, now, 0, None).unwrap(), (1_000, false));
        assert!(main_price(&fixed, now, 0, Some(1)).is_err());
        assert_eq!(main_price(&free_hand, now, 0, Some(300)).unwrap(), (300, false));
        assert!(main_price(&free_hand, now, 0, Some(299)).is_err());
        assert_eq!(main_price(&free_hand, now, 0, None).unwrap(), (300, false));
    }

    #[test]
    fn a_sale_ends_with_its_time_and_its_stock() {
        let sale = product(
            1_000,
            json!({"sale_price_minor": 700, "sale_price_until_at": 50, "sale_quantity_limit": 2}),
        );
        assert_eq!(main_price(&sale, Timestamp(49), 1, None).unwrap(), (700, true));
        assert_eq!(main_price(&sale, Timestamp(50), 1, None).unwrap(), (1_000, false));
        assert_eq!(main_price(&sale, Timestamp(49), 2, None).unwrap(), (1_000, false));
    }

    proptest! {
        #[test]
        fn lines_add_up_to_prices_less_discount(prices in proptest::collection::vec((0_i64..1_000_000, any::<bool>()), 1..6), discount in 0_i64..3_000_000) {
            let products: Vec<_> = prices.iter().map(|(price, _)| product(*price, json!({}))).collect();
            let items: Vec<_> = products.iter().zip(&prices).map(|(product, (_, counts))| item(product, *counts)).collect();
            let base: i64 = prices.iter().filter(|(_, counts)| *counts).map(|(price, _)| price).sum();
            let all: i64 = prices.iter().map(|(price, _)| price).sum();
            let made = lines(&items, discount).unwrap();
            prop_assert!(made.iter().all(|line| line.total_minor >= 0));
            prop_assert_eq!(made.iter().map(|line| line.total_minor).sum::<i64>(), all - discount.min(base));
        }
    }
}
