//! What the script sends and is told.

use crate::domain::money::to_major;
use entities::{checkout, product};
use serde::Deserialize;
use serde_json::{Value, json};

/// A purchase a page begins.
#[derive(Clone, Debug, Deserialize)]
pub struct OpenEmbedded {
    /// What is bought.
    pub product_slug: String,
    /// By whom, where he has said so.
    #[serde(default)]
    pub email: Option<String>,
    /// What proves that he is no robot.
    #[serde(default)]
    pub captcha_token: Option<String>,
}

/// A free product a page asks for.
#[derive(Clone, Debug, Deserialize)]
pub struct AskFree {
    /// Which.
    pub product_slug: String,
    /// For whom.
    pub email: String,
    /// A field no human sees; whoever fills it is none.
    #[serde(default)]
    pub website: Option<String>,
    /// What proves that he is no robot.
    #[serde(default)]
    pub captcha_token: Option<String>,
}

/// A product as the script shows it.
pub fn product(row: &product::Model, price_minor: i64) -> Value {
    let price = to_major(price_minor, &row.currency);
    json!({"slug": row.slug, "name": row.name, "price": price, "currency": row.currency})
}

/// A purchase that waits for its payment. The sandbox has no secret for the page: its own page's `url` does instead.
pub fn paid(row: &checkout::Model, product: Value, publishable_key: Option<&str>) -> Value {
    json!({
        "kind": "paid",
        "clientSecret": row.client_secret,
        "sessionId": row.session_ref,
        "url": row.url,
        "publishableKey": publishable_key.filter(|_| row.client_secret.is_some()),
        "product": product,
    })
}

/// A product that costs nothing: the page asks for an address.
pub fn free(product: Value, captcha: Value) -> Value {
    json!({"kind": "free", "product": product, "captcha": captcha})
}

/// A purchase that is begun once the visitor has shown that he is no robot.
pub fn needs_captcha(product: Value, captcha: Value) -> Value {
    json!({"kind": "paid_needs_captcha", "captcha": captcha, "product": product})
}
