//! The operator's side of a running server: where it is, what the secret is, which tenant is meant.

use super::client::{Call, Client};
use crate::config::{Config, folder};
use clap::Args;
use reqwest::Method;
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use std::error::Error;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// Which server a command talks to.
#[derive(Clone, Debug, Args)]
pub(super) struct Target {
    /// The server to talk to [default: the public URL, else the bound address].
    #[arg(long, value_name = "URL", env = "FONDACO_URL")]
    pub(super) url: Option<String>,
}

impl Target {
    /// The base URL: the flag or its variable, else what the server's own settings say.
    pub(super) fn base(&self, config: &Config) -> String {
        let told = self.url.clone().or_else(|| config.server.public_url.clone());
        told.unwrap_or_else(|| local_url(config))
    }
}

/// The server on this machine, whatever the rest of the world calls it.
pub(super) fn local_url(config: &Config) -> String {
    let bind = config.server.bind;
    // "All addresses" can be bound but not called.
    let ip = match bind.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    format!("http://{}", SocketAddr::new(ip, bind.port()))
}

/// A client with the operator's secret.
pub(super) struct Operator {
    client: Client,
    secret: SecretString,
}

impl Operator {
    /// An operator of the server that the settings and the flag point at.
    pub(super) fn of(target: &Target, config: &Config) -> Result<Self, Box<dyn Error>> {
        Self::new(&target.base(config), folder::find_admin_secret(config)?)
    }

    /// An operator of the server at `base`.
    pub(super) fn new(base: &str, secret: SecretString) -> Result<Self, Box<dyn Error>> {
        let client = Client::new(base)?;
        Ok(Self { client, secret })
    }

    /// Posts to a path below `/operator/v1` and returns the `data` of the answer.
    pub(super) async fn post(&self, path: &str, body: &Value) -> Result<Value, Box<dyn Error>> {
        self.ask(Method::POST, path, Some(body)).await.map(data)
    }

    /// Deletes what is at a path below `/operator/v1`.
    pub(super) async fn delete(&self, path: &str) -> Result<(), Box<dyn Error>> {
        self.ask(Method::DELETE, path, None).await.map(drop)
    }

    /// All rows of a list below `/operator/v1`, page by page.
    pub(super) async fn list(&self, path: &str) -> Result<Vec<Value>, Box<dyn Error>> {
        let mut rows = Vec::new();
        let mut next = format!("{path}?limit=100");
        loop {
            let page = self.ask(Method::GET, &next, None).await?;
            rows.extend(page["data"].as_array().cloned().unwrap_or_default());
            match page["pagination"]["next_cursor"].as_str() {
                Some(cursor) => next = format!("{path}?limit=100&cursor={cursor}"),
                None => return Ok(rows),
            }
        }
    }

    /// The id of the tenant that a slug or an id means.
    pub(super) async fn tenant(&self, named: &str) -> Result<String, Box<dyn Error>> {
        let tenants = self.list("/tenants").await?;
        let meant = tenants.iter().find(|tenant| tenant["slug"] == named || tenant["id"] == named);
        match meant.and_then(|tenant| tenant["id"].as_str()) {
            Some(id) => Ok(id.to_owned()),
            None => Err(format!("there is no tenant {named}; see: fondaco tenant list").into()),
        }
    }

    async fn ask(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Value, Box<dyn Error>> {
        let path = format!("/operator/v1{path}");
        let call = Call {
            method,
            path: &path,
            bearer: Some(self.secret.expose_secret()),
            body,
        };
        self.client.ask(call).await
    }
}

fn data(mut body: Value) -> Value {
    body["data"].take()
}
