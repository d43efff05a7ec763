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
}

/// A product as the script shows it.
pub fn product(row: &product::Model, price_minor: i64) -> Value {
    let price = to_major(price_minor, &row.currency);
    json!({"slug": row.slug, "name": row.name, "price": price, "currency": row.currency})
}

/// Which puzzle a visitor must solve: none, as no provider of puzzles is set up.
pub fn captcha() -> Value {
    json!({"provider": "none", "siteKey": null, "scriptUrl": null, "widgetTag": null, "challengeUrl": null})
}

/// A purchase that waits for its payment. The sandbox has no secret for the page: its own page's `url` does instead.
pub fn paid(row: &checkout::Model, product: Value) -> Value {
    json!({
        "kind": "paid",
        "clientSecret": row.client_secret,
        "sessionId": row.session_ref,
        "url": row.url,
        "product": product,
    })
}

/// A product that costs nothing: the page asks for an address.
pub fn free(product: Value) -> Value {
    json!({"kind": "free", "product": product, "captcha": captcha()})
}
