//! Receivers as the five documents print or describe them, written anew from those words: each must take every delivery.
//!
//! `documented` are theirs; `program` runs the built server: a month on the sandbox clock, the published library of
//! Standard Webhooks, and receivers that nobody would wish for.

mod deliveries;
mod documented;
mod program;

use crate::harness::{Client, Shop};
use serde_json::json;

/// A key of the native dialect for a shop of any other, whose own products have no place in its contract.
async fn native(shop: &Shop, operator: &Client) -> Client {
    let path = format!("/operator/v1/tenants/{}/api-keys", shop.tenant);
    let made = operator
        .post(&path, json!({ "name": "native", "dialect": "fondaco" }))
        .await
        .is(201);
    shop.with(made["data"]["key"].as_str().unwrap())
}
