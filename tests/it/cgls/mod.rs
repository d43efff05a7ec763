//! The license server: its verbs at the root, by secret, by key, and by licence key alone.

mod admin;
mod clients;
mod codes;
mod hook;
mod owners;

use crate::harness::{ADMIN_SECRET, Answer, Shop, TestApp};
use serde_json::{Value, json};

/// A creator with a product.
struct Studio {
    app: TestApp,
    shop: Shop,
    product: String,
}

impl Studio {
    async fn open() -> Self {
        Self::with(&[]).await
    }

    async fn with(settings: &[(&str, &str)]) -> Self {
        let app = TestApp::with(settings).await;
        let shop = app.shop("cgls").await;
        let product = format!("plugin-{}", shop.slug);
        let studio = Self { app, shop, product };
        let made = studio
            .by_key("/createProduct", json!({ "name": "Plugin", "slug": studio.product }))
            .await;
        assert_eq!(made.is(200)["productId"], studio.product);
        studio
    }

    /// Another creator, and the address of a product of his.
    async fn another(&self) -> (Shop, String) {
        let shop = self.app.shop("cgls").await;
        let product = format!("plugin-{}", shop.slug);
        let body = json!({ "name": "T", "slug": product });
        shop.api.post("/createProduct", body).await.is(200);
        (shop, product)
    }

    /// A call with the creator's key in the body.
    async fn by_key(&self, path: &str, body: Value) -> Answer {
        self.app
            .anonymous()
            .post(path, merged(json!({ "apiKey": self.shop.key }), body))
            .await
    }

    /// A call with the admin secret in the body.
    async fn by_secret(&self, path: &str, body: Value) -> Answer {
        self.app
            .anonymous()
            .post(path, merged(json!({ "adminSecret": ADMIN_SECRET }), body))
            .await
    }

    /// A licence's key.
    async fn license(&self, more: Value) -> String {
        let body = merged(json!({ "email": "ann@example.com", "productId": self.product }), more);
        let made = self.by_key("/createLicense", body).await.is(200);
        made["licenseKey"].as_str().unwrap().to_owned()
    }

    /// A licence with all that belongs to it.
    async fn shown(&self, key: &str) -> Value {
        self.by_key("/getLicense", json!({ "licenseKey": key })).await.is(200)
    }

    async fn activate(&self, key: &str, machine: &str) -> Answer {
        let body = json!({ "licenseKey": key, "machineFingerprint": machine, "hostname": "studio", "productId": self.product });
        self.app.anonymous().post("/activate", body).await
    }

    /// A call of a program with nothing but a licence's key and its fingerprint.
    async fn program(&self, path: &str, key: &str, machine: &str) -> Answer {
        let body = json!({ "licenseKey": key, "machineFingerprint": machine });
        self.app.anonymous().post(path, body).await
    }

    async fn verify(&self, key: &str) -> Answer {
        let body = json!({ "licenseKey": key, "productId": self.product });
        self.app.anonymous().post("/verify", body).await
    }
}

fn merged(mut body: Value, more: Value) -> Value {
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    body
}

/// Fails unless this is the refusal, to the letter.
#[track_caller]
fn is_refused(answer: &Answer, status: u16, member: &str, error: &str) {
    let told = (answer.status, &answer.json[member], answer.json["error"].as_str());
    assert_eq!(told, (status, &json!(false), Some(error)), "{}", answer.text());
}
