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

/// The lines of a checkout: each one's discount is taken off, then tax is taken out of what is left or put on it.
///
/// # Errors
/// `Validation` for more than 15 digits of money.
pub fn lines(items: &[Item<'_>], discounts: &[i64]) -> Result<Vec<Line>> {
    let discounts = discounts.iter().copied().chain(std::iter::repeat(0));
    let lines: Vec<Line> = items
        .iter()
        .zip(discounts)
        .map(|(item, discount)| line(item, discount.clamp(0, item.price_minor)))
        .collect();
    let total: i128 = lines.iter().map(|line| i128::from(line.total_minor)).sum();
    if total > i128::from(MINOR_MAX) {
        return Err(Error::field("product_id", "too_large", "The order is too large."));
    }
    Ok(lines)
}

fn line(item: &Item<'_>, discount: i64) -> Line {
    let goods = Goods(item.product);
    let price = item.price_minor - discount;
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::testing::product;
    use proptest::prelude::*;
    use serde_json::json;

    fn item(product: &product::Model) -> Item<'_> {
        Item {
            product,
            item_type: ItemType::MainProduct,
            price_minor: product.price_minor,
            days: None,
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
        fn lines_add_up_to_prices_less_discounts(prices in proptest::collection::vec((0_i64..1_000_000, 0_i64..1_500_000), 1..6)) {
            let products: Vec<_> = prices.iter().map(|(price, _)| product(*price, json!({}))).collect();
            let items: Vec<_> = products.iter().map(item).collect();
            let discounts: Vec<i64> = prices.iter().map(|(_, discount)| *discount).collect();
            let made = lines(&items, &discounts).unwrap();
            for (line, (price, discount)) in made.iter().zip(&prices) {
                prop_assert_eq!(line.total_minor, price - discount.min(price));
            }
        }
    }
}
