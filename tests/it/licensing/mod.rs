//! Licences over the management contract: rules, states, machines, offline files, events, and what sales do to them.

mod conventions;
mod entitlements;
mod events;
mod issued;
mod machines;
mod offline;
mod products;
mod sold;
mod validated;

use crate::harness::{Answer, Client, Shop, TestApp};
use serde_json::{Value, json};

/// A shop with a product and a policy.
struct Desk {
    app: TestApp,
    shop: Shop,
    product: String,
}

/// A licence with its key.
struct Issued {
    id: String,
    key: String,
}

impl Desk {
    async fn open() -> Self {
        let app = TestApp::start().await;
        let shop = app.shop("licentric").await;
        let body = json!({ "name": "Desk", "code": "desk", "keyPrefix": "DSK" });
        let product = id(&shop.api.post("/api/v1/products", body).await.is(201));
        Self { app, shop, product }
    }

    /// A policy with these members beside its name and product.
    async fn policy(&self, more: Value) -> String {
        let body = merged(json!({ "productId": self.product, "name": "Standard" }), more);
        id(&self.shop.api.post("/api/v1/policies", body).await.is(201))
    }

    /// A licence of a policy with these members.
    async fn license(&self, policy: &str, more: Value) -> Issued {
        let body = merged(json!({ "productId": self.product, "policyId": policy }), more);
        let made = self.shop.api.post("/api/v1/licenses", body).await.is(201);
        Issued {
            id: id(&made),
            key: made["data"]["key"].as_str().unwrap().to_owned(),
        }
    }

    /// A policy and a licence of it.
    async fn licensed(&self, policy: Value) -> Issued {
        let policy = self.policy(policy).await;
        self.license(&policy, json!({})).await
    }

    /// What a program is told of a key.
    async fn validate(&self, key: &str, more: Value) -> Value {
        let body = merged(json!({ "key": key }), more);
        let answer = self.app.anonymous().post("/api/v1/licenses/validate-key", body).await;
        answer.is(200)["data"].clone()
    }

    /// The code of that.
    async fn code(&self, key: &str) -> String {
        self.validate(key, json!({})).await["code"].as_str().unwrap().to_owned()
    }

    /// A client that has a licence's key.
    fn holder(&self, key: &str) -> Client {
        self.app.anonymous().header("Authorization", &format!("License {key}"))
    }

    /// A machine that asks for a seat.
    async fn activate(&self, key: &str, fingerprint: &str) -> Answer {
        let body = json!({ "fingerprint": fingerprint });
        self.holder(key).post("/api/v1/machines", body).await
    }

    /// A move of a licence.
    async fn step(&self, license: &str, verb: &str) -> Answer {
        let path = format!("/api/v1/licenses/{license}/{verb}");
        self.shop.api.post(&path, json!({})).await
    }
}

fn id(answer: &Value) -> String {
    answer["data"]["id"]
        .as_str()
        .unwrap_or_else(|| panic!("no id in {answer}"))
        .to_owned()
}

fn merged(mut body: Value, more: Value) -> Value {
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    body
}
