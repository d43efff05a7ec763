//! How a client of each dialect gets from a key to a webhook. Where a contract has no call for a step, the owner takes
//! it with his session on the native routes, which are there in every dialect.

use reqwest::Method;
use serde_json::{Value, json};

/// Who makes a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum By {
    /// The API key, as a Bearer token.
    Key,
    /// The API key, as the member `apiKey` of the body.
    KeyInBody,
    /// The owner, signed in.
    Owner,
}

impl By {
    const fn told(self) -> &'static str {
        match self {
            Self::Key => "with the key",
            Self::KeyInBody => "with the key in the body",
            Self::Owner => "with the owner's session",
        }
    }
}

/// One call of the plan.
#[derive(Debug)]
pub(super) struct Step {
    pub(super) by: By,
    pub(super) method: Method,
    /// `{slug}` stands for the slug of the product that was just made.
    pub(super) path: &'static str,
    pub(super) body: Value,
}

impl Step {
    fn post(by: By, path: &'static str, body: Value) -> Self {
        Self {
            by,
            method: Method::POST,
            path,
            body,
        }
    }
}

/// The calls of one dialect.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) dialect: String,
    /// Body without the URL, which the receiver decides.
    pub(super) endpoint: Step,
    pub(super) product: Step,
    /// Where making a product makes a draft, the call that publishes it.
    pub(super) publish: Option<Step>,
    /// What stands between a product and its sale; `{id}` stands for the product.
    pub(super) ready: Vec<Step>,
    /// The event that tells of a sale; `None` where the contract sells nowhere.
    pub(super) sold: Option<&'static str>,
}

/// Body of the native product call.
fn native_product() -> Value {
    json!({ "name": "Nebula brushes", "slug": "nebula-brushes", "price": 1900, "currency": "USD" })
}

impl Plan {
    /// The plan of a dialect.
    pub(super) fn of(dialect: &str) -> Result<Self, String> {
        let native_endpoint = |by, sold: &str| Step::post(by, "/api/v1/webhooks", json!({ "events": ["product.created", sold] }));
        let (endpoint, product, publish) = match dialect {
            "openclaw" => openclaw(),
            "licentric" => (
                Step::post(
                    By::Key,
                    "/api/v1/webhooks",
                    json!({ "events": ["product.created", "license.created"] }),
                ),
                Step::post(
                    By::Key,
                    "/api/v1/products",
                    json!({ "name": "Nebula brushes", "code": "nebula-brushes", "keyPrefix": "NEB" }),
                ),
                None,
            ),
            "bigclass" => (
                native_endpoint(By::Owner, "order.paid"),
                Step::post(By::Owner, "/api/v1/products", native_product()),
                None,
            ),
            "cgls" => (
                native_endpoint(By::Owner, "product.updated"),
                Step::post(
                    By::KeyInBody,
                    "/createProduct",
                    json!({ "name": "Nebula brushes", "slug": "nebula-brushes" }),
                ),
                None,
            ),
            "fondaco" | "sellf" => (
                native_endpoint(By::Key, "purchase.completed"),
                Step::post(By::Key, "/api/v1/products", native_product()),
                None,
            ),
            other => {
                return Err(format!(
                    "there is no dialect {other:?} to show; the names are fondaco, sellf, openclaw, licentric, bigclass, cgls"
                ));
            }
        };
        Ok(Self {
            dialect: dialect.to_owned(),
            endpoint,
            product,
            publish,
            ready: ready(dialect),
            sold: sold(dialect),
        })
    }

    /// The call that begins a sale.
    pub(super) fn checkout(product: &str) -> Step {
        let body = json!({ "product_id": product, "email": "buyer@example.com" });
        Step::post(By::Key, "/api/v1/checkout/sessions", body)
    }

    pub(super) fn endpoint_told(&self) -> String {
        told(&self.endpoint)
    }

    pub(super) fn product_told(&self) -> String {
        let made = told(&self.product);
        match &self.publish {
            Some(publish) => format!("{made}, then {}", told(publish)),
            None => made,
        }
    }
}

fn sold(dialect: &str) -> Option<&'static str> {
    match dialect {
        "bigclass" => Some("order.paid"),
        "licentric" => Some("license.created"),
        "cgls" => None,
        _ => Some("purchase.completed"),
    }
}

/// What the owner of a marketplace's shop does.
fn openclaw() -> (Step, Step, Option<Step>) {
    let events = json!({ "events": ["product.published", "purchase.completed"] });
    let product = json!({ "title": "Nebula brushes", "price_cents": 1900 });
    let published = json!({ "status": "published" });
    (
        Step::post(By::Key, "/v1/creator/webhooks", events),
        Step::post(By::Key, "/v1/creator/products", product),
        Some(Step {
            method: Method::PATCH,
            ..Step::post(By::Key, "/v1/creator/products/{slug}", published)
        }),
    )
}

/// A product has a policy before licences of it are issued.
fn ready(dialect: &str) -> Vec<Step> {
    if dialect != "licentric" {
        return Vec::new();
    }
    let policy = json!({ "productId": "{id}", "name": "Personal", "maxMachines": 3 });
    vec![Step::post(By::Key, "/api/v1/policies", policy)]
}

fn told(step: &Step) -> String {
    format!("{} {} {}", step.method, step.path, step.by.told())
}
