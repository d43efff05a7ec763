//! Pure decisions about coupons: what one is worth, whether it may be used, in which order lists stand.

use super::types::{Asked, Line, UpdateCoupon};
use crate::domain::{Error, Result, Timestamp};
use entities::coupon::Model;
use serde_json::Number;
use uuid::Uuid;

/// All of it, in the unit of `percent_ppm`.
const WHOLE_PPM: i64 = 1_000_000;
/// `percent_ppm` of one percent.
const PERCENT_PPM: i64 = 10_000;
/// What the form puts where a number is no amount of the currency.
const NO_AMOUNT: i64 = -1;

/// Columns a list may be ordered by.
pub const SORTS: &[&str] = &["created_at", "updated_at", "code", "name", "current_usage_count"];

/// What a coupon takes off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Worth {
    /// A share of the price, in ten-thousandths of a percent.
    Percent(i64),
    /// An amount.
    Fixed {
        /// In minor units.
        amount_minor: i64,
        /// Of the amount.
        currency: String,
    },
}

impl Worth {
    /// Writes itself into a row.
    pub fn store(&self, row: &mut Model) {
        (row.percent_ppm, row.amount_minor, row.currency) = match self {
            Self::Percent(ppm) => (Some(*ppm), None, None),
            Self::Fixed { amount_minor, currency } => (None, Some(*amount_minor), Some(currency.clone())),
        };
    }
}

/// Why a coupon cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unusable {
    /// No such code.
    Unknown,
    /// Switched off.
    Inactive,
    /// Its time has not come.
    NotYet,
    /// Its time is over.
    Expired,
    /// Every use is taken or held.
    UsedUp,
    /// This buyer has had his uses.
    UsedByBuyer,
    /// It is for others.
    NotForBuyer,
    /// It is for other products.
    NotForProduct,
    /// What is bought is charged every period.
    NotForSubscriptions,
    /// It is an amount of another currency.
    OtherCurrency,
    /// Whether it may be used depends on who buys, and that is not known.
    BuyerUnknown,
}

impl Unusable {
    /// A stable word for it.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Unknown => "not_found",
            Self::Inactive => "inactive",
            Self::NotYet => "not_started",
            Self::Expired => "expired",
            Self::UsedUp => "usage_limit_reached",
            Self::UsedByBuyer => "already_used",
            Self::NotForBuyer => "not_for_this_email",
            Self::NotForProduct => "not_for_this_product",
            Self::NotForSubscriptions => "not_for_subscriptions",
            Self::OtherCurrency => "currency_mismatch",
            Self::BuyerUnknown => "email_required",
        }
    }

    /// A sentence for it.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Unknown => "There is no such coupon.",
            Self::Inactive => "This coupon is switched off.",
            Self::NotYet => "This coupon cannot be used yet.",
            Self::Expired => "This coupon has expired.",
            Self::UsedUp => "Every use of this coupon is taken.",
            Self::UsedByBuyer => "You have used this coupon already.",
            Self::NotForBuyer => "This coupon is for somebody else.",
            Self::NotForProduct => "This coupon is for other products.",
            Self::NotForSubscriptions => "Coupons cannot be used for subscriptions.",
            Self::OtherCurrency => "This coupon is in another currency.",
            Self::BuyerUnknown => "This coupon needs the buyer's e-mail address.",
        }
    }
}

impl From<Unusable> for Error {
    fn from(why: Unusable) -> Self {
        Self::field("coupon_code", why.reason(), why.sentence())
    }
}

/// The name of what a coupon takes off.
pub fn kind(row: &Model) -> &'static str {
    if row.percent_ppm.is_some() { "percentage" } else { "fixed" }
}

/// Percent as a number, without zeros at its end.
pub fn percent(ppm: i64) -> Option<Number> {
    let (whole, rest) = (ppm / PERCENT_PPM, ppm % PERCENT_PPM);
    let text = format!("{whole}.{rest:04}");
    serde_json::from_str(text.trim_end_matches('0').trim_end_matches('.')).ok()
}

/// Reads percent; at most four decimals, as columns hold no more.
fn ppm(value: &Number) -> Option<i64> {
    let percent = value.as_f64()?;
    let ppm = (percent * PERCENT_PPM as f64).round();
    // Far below 2^53 after the form's bounds, so both steps are exact where the number has four decimals.
    let is_exact = (percent * PERCENT_PPM as f64 - ppm).abs() < 1e-6;
    (is_exact && (0.0..1e12).contains(&ppm))
        .then(|| format!("{ppm:.0}").parse().ok())
        .flatten()
}

/// What a coupon is worth after a change.
///
/// # Errors
/// `Validation` with the field that is missing or out of bounds.
pub fn worth(old: Option<&Model>, change: &UpdateCoupon) -> Result<Worth> {
    let before = old.map(kind);
    let wanted = change.discount_type.as_deref().or(before);
    let Some(wanted) = wanted else {
        return Err(Error::field("discount_type", "required", "discount_type is required"));
    };
    let same = old.filter(|_| before == Some(wanted));
    if wanted == "percentage" {
        let percent = match &change.discount_value {
            Some(value) => ppm(value).ok_or_else(|| value_error("discount_value must have at most 4 decimals"))?,
            None => same.and_then(|row| row.percent_ppm).ok_or_else(value_missing)?,
        };
        if !(1..=WHOLE_PPM).contains(&percent) {
            return Err(value_error("discount_value must be more than 0 and at most 100"));
        }
        return Ok(Worth::Percent(percent));
    }
    let currency = change.currency.clone().flatten();
    let currency = currency.or_else(|| same.and_then(|row| row.currency.clone()));
    let Some(currency) = currency else {
        return Err(Error::field(
            "currency",
            "required",
            "currency is required for a fixed discount",
        ));
    };
    let amount_minor = match (&change.discount_value, change.amount_minor) {
        (Some(_), Some(amount)) => amount,
        _ => same.and_then(|row| row.amount_minor).ok_or_else(value_missing)?,
    };
    if amount_minor == NO_AMOUNT {
        return Err(value_error("discount_value must be an amount of the currency"));
    }
    if amount_minor < 1 {
        return Err(value_error("discount_value must be more than 0"));
    }
    Ok(Worth::Fixed { amount_minor, currency })
}

fn value_missing() -> Error {
    Error::field("discount_value", "required", "discount_value is required")
}

fn value_error(text: &'static str) -> Error {
    Error::field("discount_value", "range", text)
}

/// Refuses a window that ends before it begins.
///
/// # Errors
/// `Validation` of `expires_at`.
pub fn window(starts_at: i64, expires_at: Option<i64>) -> Result<()> {
    match expires_at {
        Some(end) if end <= starts_at => Err(Error::field("expires_at", "range", "expires_at must be after starts_at")),
        _ => Ok(()),
    }
}

/// The column and direction a list is asked for in; `sort` goes before the pair.
///
/// # Errors
/// `Malformed` for a column that lists are not ordered by.
pub fn order(sort: Option<&str>, sort_by: Option<&str>, sort_order: Option<&str>) -> Result<(&'static str, bool)> {
    let (name, descending) = match (sort, sort_by) {
        (Some(sort), _) => sort.strip_prefix('-').map_or((sort, false), |name| (name, true)),
        (None, by) => (by.unwrap_or(SORTS[0]), sort_order != Some("asc")),
    };
    let known = SORTS.iter().find(|known| **known == name);
    known
        .map(|known| (*known, descending))
        .ok_or_else(|| Error::malformed(format!("sort must be one of: {}.", SORTS.join(", "))))
}

/// Whether a coupon may be used for what is asked, limits left aside.
///
/// # Errors
/// Says why not.
pub fn usable(coupon: &Model, asked: &Asked, now: Timestamp) -> Result<(), Unusable> {
    let buyer = asked.email.as_deref().map(str::to_lowercase);
    usable_elsewhere(coupon, asked.product, now)?;
    if coupon.currency.as_ref().is_some_and(|currency| *currency != asked.currency) {
        return Err(Unusable::OtherCurrency);
    }
    match buyer {
        _ if coupon.allowed_emails.is_empty() => Ok(()),
        None => Err(Unusable::BuyerUnknown),
        Some(buyer) if coupon.allowed_emails.contains(&buyer) => Ok(()),
        Some(_) => Err(Unusable::NotForBuyer),
    }
}

/// Whether it may be used for a product by anybody, wherever that is sold.
///
/// # Errors
/// Says why not.
pub fn usable_elsewhere(coupon: &Model, product: Uuid, now: Timestamp) -> Result<(), Unusable> {
    if !coupon.is_active {
        return Err(Unusable::Inactive);
    }
    if now.0 < coupon.starts_at {
        return Err(Unusable::NotYet);
    }
    if coupon.expires_at.is_some_and(|end| now.0 >= end) {
        return Err(Unusable::Expired);
    }
    if !coupon.allowed_products.is_empty() && !coupon.allowed_products.contains(&product) {
        return Err(Unusable::NotForProduct);
    }
    Ok(())
}

/// Uses of a coupon that are gone for a new checkout: taken, or held by others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Gone {
    /// By anybody.
    pub all: i64,
    /// By this buyer.
    pub buyers: i64,
}

/// Whether the limits leave a use.
///
/// # Errors
/// Says which limit does not.
pub fn left(coupon: &Model, gone: Gone) -> Result<(), Unusable> {
    if coupon.usage_limit_global.is_some_and(|limit| gone.all >= limit) {
        return Err(Unusable::UsedUp);
    }
    if coupon.usage_limit_per_user.is_some_and(|limit| gone.buyers >= limit) {
        return Err(Unusable::UsedByBuyer);
    }
    Ok(())
}

/// The discount of each line: never more than the line, together what the coupon is worth. A share is rounded half up once,
/// over all lines it is of; what rounding leaves over falls to the later lines.
pub fn discounts(coupon: &Model, lines: &[Line]) -> Vec<i64> {
    let counts = |line: &Line| !(line.is_bump && coupon.exclude_order_bumps);
    let eligible: i64 = lines
        .iter()
        .filter(|line| counts(line))
        .map(|line| line.amount_minor.max(0))
        .sum();
    let total = match (coupon.percent_ppm, coupon.amount_minor) {
        (Some(ppm), _) => share(eligible, ppm, WHOLE_PPM),
        (None, amount) => amount.unwrap_or(0),
    };
    let total = total.clamp(0, eligible);
    let (mut seen, mut given) = (0, 0);
    lines
        .iter()
        .map(|line| {
            if !counts(line) || eligible == 0 {
                return 0;
            }
            seen += line.amount_minor.max(0);
            let until_here = whole_share(seen, total, eligible);
            let own = until_here - given;
            given = until_here;
            own
        })
        .collect()
}

/// `amount * part / whole`, rounded half up.
fn share(amount: i64, part: i64, whole: i64) -> i64 {
    let (amount, part, whole) = (i128::from(amount), i128::from(part), i128::from(whole));
    i64::try_from((amount * part * 2 + whole) / (whole * 2)).unwrap_or(i64::MAX)
}

/// `amount * part / whole`, rounded down.
fn whole_share(amount: i64, part: i64, whole: i64) -> i64 {
    i64::try_from(i128::from(amount) * i128::from(part) / i128::from(whole)).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests;
