//! A tenant of the throw-away server with its owner and key, and the calls of the plan.

use super::plan::{By, Plan, Step};
use crate::cli::client::{Call, Client, object};
use crate::cli::operator::Operator;
use crate::config::{Config, folder};
use reqwest::Method;
use serde_json::{Value, json};
use std::error::Error;
use std::path::Path;

const OWNER: &str = "owner@example.com";

pub(super) struct Shop<'a> {
    plan: &'a Plan,
    client: Client,
    key: String,
    session: String,
}

impl<'a> Shop<'a> {
    /// Makes the tenant and its key as the operator, then signs the owner in.
    pub(super) async fn open(plan: &'a Plan, url: &str, data: &Path) -> Result<Self, Box<dyn Error>> {
        let config = Config::of(&[("data", &data.display().to_string())])?;
        let operator = Operator::new(url, folder::find_admin_secret(&config)?)?;
        let owner = json!({ "email": OWNER, "password": "a throw-away password" });
        let asked = json!({ "name": "Demo shop", "slug": "demo-shop", "dialect": plan.dialect, "owner": owner });
        let tenant = text(&operator.post("/tenants", &asked).await?, "id")?;
        let asked = json!({ "name": "Demo", "dialect": plan.dialect });
        let key = text(&operator.post(&format!("/tenants/{tenant}/api-keys"), &asked).await?, "key")?;
        let client = Client::new(url)?;
        let login = Call {
            method: Method::POST,
            path: "/api/auth/login",
            bearer: None,
            body: Some(&owner),
        };
        let session = text(object(&client.ask(login).await?), "token")?;
        Ok(Self {
            plan,
            client,
            key,
            session,
        })
    }

    /// The part of the key that may be shown.
    pub(super) fn key_shown(&self) -> String {
        self.key.chars().take(12).collect()
    }

    /// Creates the endpoint and returns its signing secret, which is shown this once.
    pub(super) async fn subscribe(&self, url: &str) -> Result<String, Box<dyn Error>> {
        let mut body = self.plan.endpoint.body.clone();
        body["url"] = json!(url);
        let answer = self.take(&self.plan.endpoint, self.plan.endpoint.path, body).await?;
        secret_in(&answer).ok_or_else(|| format!("the new endpoint came without a secret: {answer}").into())
    }

    /// Creates the product, and publishes it where that is a step of its own; answers its id.
    pub(super) async fn create_product(&self) -> Result<String, Box<dyn Error>> {
        let step = &self.plan.product;
        let answer = self.take(step, step.path, step.body.clone()).await?;
        if let Some(publish) = &self.plan.publish {
            let path = publish.path.replace("{slug}", &text(object(&answer), "slug")?);
            self.take(publish, &path, publish.body.clone()).await?;
        }
        Ok(object(&answer)["id"].as_str().unwrap_or_default().to_owned())
    }

    /// Sells the product to a buyer, who pays with the sandbox's test card where there is something to pay.
    pub(super) async fn sell(&self, product: &str) -> Result<(), Box<dyn Error>> {
        for step in &self.plan.ready {
            let mut body = step.body.clone();
            if body["productId"].is_string() {
                body["productId"] = json!(product);
            }
            self.take(step, &step.path.replace("{id}", product), body).await?;
        }
        let step = Plan::checkout(product);
        let begun = self.take(&step, step.path, step.body.clone()).await?;
        match object(&begun)["url"].as_str() {
            Some(page) => self.client.pay(page, "4242424242424242").await,
            None => Ok(()),
        }
    }

    async fn take(&self, step: &Step, path: &str, mut body: Value) -> Result<Value, Box<dyn Error>> {
        let bearer = match step.by {
            By::Key => Some(self.key.as_str()),
            By::Owner => Some(self.session.as_str()),
            By::KeyInBody => {
                body["apiKey"] = json!(self.key);
                None
            }
        };
        let call = Call {
            method: step.method.clone(),
            path,
            bearer,
            body: Some(&body),
        };
        self.client.ask(call).await
    }
}

fn text(value: &Value, member: &str) -> Result<String, String> {
    value[member]
        .as_str()
        .map(ToOwned::to_owned)
        .ok_or_else(|| format!("the answer has no {member}: {value}"))
}

/// The signing secret wherever a dialect puts it: beside the endpoint or inside it.
fn secret_in(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if text.starts_with("whsec_") => Some(text.clone()),
        Value::Object(members) => members.values().find_map(secret_in),
        Value::Array(items) => items.iter().find_map(secret_in),
        _ => None,
    }
}
