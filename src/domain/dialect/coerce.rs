//! One plain value: its type, its bounds, its neutral form.

use super::Dialect;
use super::amount::Unit;
use super::form::{Field, Kind};
use super::reading::plural;
use crate::domain::Timestamp;
use crate::domain::money::{Currency, MoneyError};
use serde_json::{Number, Value};
use url::Url;
use uuid::Uuid;

/// Longest e-mail address that can be delivered to (RFC 5321).
const EMAIL_MAX: usize = 254;
/// Longest URL taken.
const URL_MAX: usize = 2048;

/// A broken rule and the words that follow the field's name.
pub(super) struct Bad {
    pub(super) rule: &'static str,
    pub(super) text: String,
}

fn bad<T>(rule: &'static str, text: impl Into<String>) -> Result<T, Bad> {
    Err(Bad { rule, text: text.into() })
}

/// Judges values of one field.
pub(super) struct Coerce<'a> {
    pub(super) dialect: &'a Dialect,
    pub(super) field: &'a Field,
    /// Whether numbers and truths come as texts.
    pub(super) textual: bool,
    pub(super) currency: &'a str,
    /// The greatest number allowed: the field's own or one that is known for this caller.
    pub(super) max: Option<f64>,
}

impl Coerce<'_> {
    /// The neutral form of a value, or the rule it breaks.
    pub(super) fn value(&self, raw: &Value) -> Result<Value, Bad> {
        match self.field.kind {
            Kind::Any => Ok(raw.clone()),
            Kind::Object | Kind::Map if raw.is_object() => Ok(raw.clone()),
            Kind::Object | Kind::Map => bad("type", "must be an object"),
            Kind::Array | Kind::List if raw.is_array() => Ok(raw.clone()),
            Kind::Array | Kind::List => bad("type", "must be a list"),
            Kind::Int => self.int(raw),
            Kind::Number => self.number(raw),
            Kind::Bool => self.truth(raw),
            Kind::Money => self.money(raw),
            Kind::Enum => self.choice(raw),
            _ => self.text(raw),
        }
    }

    fn int(&self, raw: &Value) -> Result<Value, Bad> {
        let number = match raw {
            Value::Number(number) => number.as_i64().or_else(|| whole(number.as_f64()?)),
            Value::String(text) if self.textual => text.parse().ok(),
            _ => None,
        };
        match number {
            None => bad("type", "must be a whole number"),
            // Bounds of whole numbers in the files are far below 2^53, so the comparison is exact where it matters.
            Some(number) => match self.bounded(number as f64)? {
                None => Ok(number.into()),
                Some(bound) => Ok(whole(bound).unwrap_or(number).into()),
            },
        }
    }

    fn number(&self, raw: &Value) -> Result<Value, Bad> {
        let number = match raw {
            Value::Number(_) => raw.as_f64(),
            Value::String(text) if self.textual => text.parse().ok(),
            _ => None,
        };
        let Some(number) = number.filter(|number| number.is_finite()) else {
            return bad("type", "must be a number");
        };
        match self.bounded(number)? {
            Some(bound) => Ok(Number::from_f64(bound).map_or(Value::Null, Value::Number)),
            None if raw.is_number() => Ok(raw.clone()),
            None => Ok(Number::from_f64(number).map_or(Value::Null, Value::Number)),
        }
    }

    fn truth(&self, raw: &Value) -> Result<Value, Bad> {
        match raw {
            Value::Bool(_) => Ok(raw.clone()),
            Value::String(text) if self.textual => match text.to_ascii_lowercase().as_str() {
                "true" | "1" | "yes" => Ok(true.into()),
                "false" | "0" | "no" => Ok(false.into()),
                _ => bad("type", "must be true or false"),
            },
            _ => bad("type", "must be true or false"),
        }
    }

    fn money(&self, raw: &Value) -> Result<Value, Bad> {
        let number = match raw {
            Value::Number(number) => Some(number.clone()),
            Value::String(text) if self.textual => text.parse().ok(),
            _ => None,
        };
        let Some(number) = number else {
            return bad("type", "must be a number");
        };
        let unit = self.field.unit.unwrap_or(self.dialect.money.catalog);
        let currency = self.known_currency();
        match unit.read(&number, currency) {
            Ok(minor) => self.amount(minor, unit),
            Err(MoneyError::TooPrecise) if unit == Unit::Minor => bad("decimals", "must be a whole number of minor units"),
            Err(MoneyError::TooPrecise) => {
                let places = currency.exponent();
                bad(
                    "decimals",
                    format!("must have at most {places} decimal{}", plural(f64::from(places))),
                )
            }
            Err(MoneyError::OutOfRange) => bad("type", "must be an amount"),
        }
    }

    /// The currency an amount stands in; one that is none is told by its own field.
    fn known_currency(&self) -> Currency {
        Currency::parse(self.currency).unwrap_or(Currency::USD)
    }

    /// Checks the bounds of an amount, which files state in minor units.
    fn amount(&self, minor: i64, unit: Unit) -> Result<Value, Bad> {
        // Amounts have at most 15 digits, so the comparison is exact.
        match self.beyond(minor as f64) {
            None => Ok(minor.into()),
            Some((bound, rule, side)) => {
                let bound = whole(bound).unwrap_or(minor);
                if self.field.clamp {
                    return Ok(bound.into());
                }
                bad(
                    rule,
                    format!("must be {side} {}", unit.write(bound, self.known_currency().code())),
                )
            }
        }
    }

    /// Checks the bounds of a number; with `clamp` answers the bound to use instead.
    fn bounded(&self, number: f64) -> Result<Option<f64>, Bad> {
        match self.beyond(number) {
            None => Ok(None),
            Some((bound, _, _)) if self.field.clamp => Ok(Some(bound)),
            Some((bound, rule, side)) => bad(rule, format!("must be {side} {bound}")),
        }
    }

    /// The bound a number is beyond, with the rule's name and the words for it.
    fn beyond(&self, number: f64) -> Option<(f64, &'static str, &'static str)> {
        match (self.field.min, self.max) {
            (Some(min), _) if number < min => Some((min, "too_small", "at least")),
            (_, Some(max)) if number > max => Some((max, "too_large", "at most")),
            _ => None,
        }
    }

    fn choice(&self, raw: &Value) -> Result<Value, Bad> {
        let key = match raw {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let key = if self.field.lower { key.to_lowercase() } else { key };
        if let Some(meant) = self.field.map.get(&key) {
            return Ok(meant.clone());
        }
        if self.field.one_of.contains(&key) {
            return Ok(key.into());
        }
        let known: Vec<&str> = self
            .field
            .one_of
            .iter()
            .chain(self.field.map.keys())
            .map(String::as_str)
            .collect();
        bad("one_of", format!("must be one of: {}", known.join(", ")))
    }

    fn text(&self, raw: &Value) -> Result<Value, Bad> {
        let Value::String(text) = raw else {
            return bad("type", "must be a string");
        };
        let tidy = self.field.trim || !matches!(self.field.kind, Kind::String | Kind::Event | Kind::Scope);
        let mut text = if tidy { text.trim().to_owned() } else { text.clone() };
        if self.field.lower || matches!(self.field.kind, Kind::Email | Kind::Slug) {
            text = text.to_lowercase();
        }
        if self.field.upper || self.field.kind == Kind::Currency {
            text = text.to_uppercase();
        }
        let meant = self.special(&text)?;
        let count = text.chars().count() as f64;
        if let Some(min) = self.field.min.filter(|min| count < *min) {
            return bad("too_short", format!("must be at least {min} character{} long", plural(min)));
        }
        if let Some(max) = self.field.max.filter(|max| count > *max) {
            return bad("too_long", format!("must be at most {max} character{} long", plural(max)));
        }
        if self.field.pattern.as_ref().is_some_and(|pattern| !pattern.0.is_match(&text)) {
            return bad("pattern", "has a form that is not allowed");
        }
        if !self.field.one_of.is_empty() && !self.field.one_of.contains(&text) {
            return bad("one_of", format!("must be one of: {}", self.field.one_of.join(", ")));
        }
        Ok(meant.unwrap_or(Value::String(text)))
    }

    /// The rules of texts with a meaning; a value where the neutral form is another one.
    fn special(&self, text: &str) -> Result<Option<Value>, Bad> {
        match self.field.kind {
            Kind::Uuid => match Uuid::try_parse(text) {
                Ok(id) => Ok(Some(id.to_string().into())),
                Err(_) => bad("uuid", "must be a UUID"),
            },
            Kind::Moment => match Timestamp::parse(text) {
                Some(at) => Ok(Some(at.0.into())),
                None => bad("moment", "must be a time such as 2026-01-31T12:00:00Z"),
            },
            Kind::Email if !is_email(text) => bad("email", "must be an e-mail address"),
            Kind::Url if !is_url(text) => bad("url", "must be an http or https URL"),
            Kind::Slug if !is_slug(text) => bad("slug", "may hold only a-z, 0-9 and single hyphens between them"),
            Kind::Scope if self.dialect.scope_grants(text).is_none() => {
                bad("unknown_scope", format!("hold an unknown scope: {}", clipped(text)))
            }
            Kind::Event if !self.dialect.subscribable(text) => {
                bad("unknown_event", format!("hold an unknown event: {}", clipped(text)))
            }
            Kind::Currency if Currency::parse(text).is_none_or(|known| known.code() != text) => {
                bad("currency", "must be the code of a supported currency")
            }
            _ => Ok(None),
        }
    }
}

/// A whole number exactly equal to this one.
fn whole(number: f64) -> Option<i64> {
    let fits = number.fract() == 0.0 && number.abs() < 9_007_199_254_740_992.0;
    fits.then(|| format!("{number:.0}").parse().ok()).flatten()
}

fn clipped(text: &str) -> String {
    text.chars().take(64).collect()
}

fn is_email(text: &str) -> bool {
    let clean = text.len() <= EMAIL_MAX
        && !text
            .chars()
            .any(|letter| letter.is_whitespace() || letter.is_control() || "<>,;()\"\\".contains(letter));
    let parts = text.split_once('@');
    clean && parts.is_some_and(|(name, host)| !name.is_empty() && name.len() <= 64 && is_host(host))
}

fn is_host(host: &str) -> bool {
    host.contains('.')
        && !host.contains('@')
        && host
            .split('.')
            .all(|part| !part.is_empty() && !part.starts_with('-') && !part.ends_with('-'))
}

fn is_url(text: &str) -> bool {
    text.len() <= URL_MAX && Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}

fn is_slug(text: &str) -> bool {
    let letters = text
        .bytes()
        .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    letters && !text.is_empty() && !text.starts_with('-') && !text.ends_with('-') && !text.contains("--")
}
