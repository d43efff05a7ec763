//! Endpoints, the delivery log and what may be done about it, the catalogue, and following along.

mod answers;
mod catalogue;
mod commands;
mod endpoints;
mod logs;
mod off;
mod promises;
mod replay;
mod retention;
mod stream;
mod targets;

use crate::harness::{Answer, Client};
use serde_json::Value;

/// The newest row of the log that the filter leaves.
async fn newest(client: &Client, filter: &str) -> Value {
    let page = client.get(&format!("/api/v1/webhooks/logs?{filter}")).await.is(200);
    page["data"][0].clone()
}

/// An action on a row of the log.
async fn act(client: &Client, log: &Value, action: &str) -> Answer {
    let id = log["id"].as_str().unwrap();
    client
        .post(&format!("/api/v1/webhooks/logs/{id}/{action}"), serde_json::json!({}))
        .await
}

/// The id of the shop's only endpoint.
async fn endpoint_id(client: &Client) -> String {
    let page = client.get("/api/v1/webhooks").await.is(200);
    page["data"][0]["id"].as_str().unwrap().to_owned()
}
