//! `fondaco listen`: follows a tenant's events and hands each to a program on this machine, signed as an endpoint of the
//! key's dialect would get it.

mod forward;
mod frames;

use super::Outcome;
use super::operator::Target;
use super::print::say;
use crate::config::Config;
use crate::domain::dialect::{Dialect, Dialects};
use clap::Args;
use forward::Forward;
use frames::{Frame, Frames};
use reqwest::{Response, StatusCode};
use std::error::Error;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

/// Longest silence of a stream: the server says that it is alive every 15 seconds.
const SILENCE_MAX: Duration = Duration::from_secs(45);
/// Longest wait for a connection.
const CONNECT_MAX: Duration = Duration::from_secs(10);
/// The first and the longest pause before connecting again.
const PAUSES: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(30));

/// Follow a tenant's events and forward them to a program on this machine.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct ListenArguments {
    /// API key that may read webhooks, or a session token.
    #[arg(long, env = "FONDACO_KEY", hide_env_values = true)]
    key: String,
    /// Where to post each event; without it they are only printed.
    #[arg(long, value_name = "URL", value_parser = address)]
    forward_to: Option<String>,
    /// Names of the events wanted, between commas [default: all].
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    events: Vec<String>,
    /// Signing secret [default: one is made and printed].
    #[arg(long, env = "FONDACO_WEBHOOK_SECRET", hide_env_values = true)]
    secret: Option<String>,
    /// Id of an endpoint whose secret to sign with; for keys that may write webhooks.
    #[arg(long, value_name = "ID", conflicts_with = "secret")]
    endpoint: Option<String>,
    /// Go on after this event instead of now.
    #[arg(long, value_name = "ID")]
    after: Option<String>,
    /// Stop after so many events.
    #[arg(long, value_name = "NUMBER")]
    count: Option<u64>,
    #[command(flatten)]
    target: Target,
}

/// Somewhere a program listens.
fn address(text: &str) -> Result<String, String> {
    let url = url::Url::parse(text).ok();
    match url.filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host()) {
        Some(_) => Ok(text.to_owned()),
        None => Err("write a URL such as http://localhost:3000/webhooks".to_owned()),
    }
}

const EXAMPLES: &str = "\
Examples:
  fondaco listen --key fo_live_… --forward-to http://localhost:3000/webhooks
  fondaco listen --key sf_live_… --events purchase.completed,refund.issued --forward-to http://localhost:3000/hook
  fondaco listen --key fo_test_… --after evt_0190b2a45e6f7a8b9c0d1e2f3a4b5c6d --count 10";

/// What became of one connection.
enum Ended {
    /// As many events as were wanted have come.
    Enough,
    /// It broke off; another may do better. Whether anything had come.
    Broken(bool),
}

pub(super) async fn run(arguments: &ListenArguments, config: &Config) -> Outcome {
    let http = reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(CONNECT_MAX)
        .build()?;
    let dialects = Dialects::load(config.dialects.folder.as_deref())?;
    let base = arguments.target.base(config);
    let mut listener = Listener {
        arguments,
        http: http.clone(),
        base: base.trim_end_matches('/').to_owned(),
        dialects,
        forward: None,
        last: arguments.after.clone(),
        left: arguments.count,
    };
    let mut pause = PAUSES.0;
    loop {
        match listener.follow().await? {
            Ended::Enough => return Ok(ExitCode::SUCCESS),
            Ended::Broken(had_news) => {
                if had_news {
                    pause = PAUSES.0;
                }
                say(format!("-- the stream ended; connecting again in {} s", pause.as_secs()));
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(PAUSES.1);
            }
        }
    }
}

struct Listener<'a> {
    arguments: &'a ListenArguments,
    http: reqwest::Client,
    base: String,
    dialects: Dialects,
    forward: Option<Forward>,
    /// The last event that was dealt with.
    last: Option<String>,
    left: Option<u64>,
}

impl Listener<'_> {
    /// One connection from its opening to its end; an error is one that another try would meet too.
    async fn follow(&mut self) -> Result<Ended, Box<dyn Error>> {
        let mut url = url::Url::parse(&format!("{}/api/v1/events/stream", self.base))?;
        if !self.arguments.events.is_empty() {
            url.query_pairs_mut().append_pair("events", &self.arguments.events.join(","));
        }
        let mut request = self.http.get(url).bearer_auth(&self.arguments.key);
        if let Some(last) = &self.last {
            request = request.header("Last-Event-ID", last);
        }
        let Ok(response) = request.send().await else {
            return Ok(Ended::Broken(false));
        };
        match response.status() {
            StatusCode::OK => {}
            StatusCode::TOO_MANY_REQUESTS | StatusCode::CONFLICT => return Ok(Ended::Broken(false)),
            status if status.is_server_error() => return Ok(Ended::Broken(false)),
            status => {
                let said = response.text().await.unwrap_or_default();
                return Err(format!("the server refuses the stream with {status}: {said}").into());
            }
        }
        self.prepare(&response).await?;
        self.read(response).await
    }

    /// At the first connection: learns the dialect and finds the secret.
    async fn prepare(&mut self, response: &Response) -> Result<(), Box<dyn Error>> {
        if self.forward.is_some() {
            return Ok(());
        }
        let named = response
            .headers()
            .get("x-fondaco-dialect")
            .and_then(|name| name.to_str().ok());
        let dialect: Arc<Dialect> = match named {
            Some(name) => self
                .dialects
                .get(name)
                .ok_or_else(|| format!("there is no dialect `{name}` here"))?
                .clone(),
            None => self.dialects.native().clone(),
        };
        let secret = match (&self.arguments.secret, &self.arguments.endpoint) {
            (Some(secret), _) => secret.clone(),
            (None, Some(id)) => self.secret_of(id).await?,
            (None, None) => forward::made_up(&dialect),
        };
        say(format!("-- listening at {} as {}", self.base, dialect.brand));
        if self.arguments.forward_to.is_some() && self.arguments.secret.is_none() {
            say(format!("-- signing secret: {secret}"));
        }
        self.forward = Some(Forward::new(
            dialect,
            secret,
            self.arguments.forward_to.clone(),
            self.http.clone(),
        ));
        Ok(())
    }

    async fn secret_of(&self, endpoint: &str) -> Result<String, Box<dyn Error>> {
        let url = format!("{}/api/v1/webhooks/{endpoint}", self.base);
        let response = self.http.get(url).bearer_auth(&self.arguments.key).send().await?;
        let body: serde_json::Value = response.json().await?;
        let secret = super::client::object(&body)["secret"].as_str().map(str::to_owned);
        secret.ok_or_else(|| "the secret of that endpoint is not shown to this key; give it by --secret".into())
    }

    async fn read(&mut self, mut response: Response) -> Result<Ended, Box<dyn Error>> {
        let mut frames = Frames::default();
        let mut had_news = false;
        loop {
            let chunk = match tokio::time::timeout(SILENCE_MAX, response.chunk()).await {
                Ok(Ok(Some(chunk))) => chunk,
                _ => return Ok(Ended::Broken(had_news)),
            };
            let whole = frames
                .take(&chunk)
                .ok_or("an event of the stream is larger than any event can be")?;
            for frame in whole {
                had_news = true;
                if self.deal_with(frame).await {
                    return Ok(Ended::Enough);
                }
            }
        }
    }

    /// Forwards and prints one event; tells whether it was the last that is wanted.
    async fn deal_with(&mut self, frame: Frame) -> bool {
        if let Some(forward) = &self.forward {
            say(forward.event(&frame).await);
        }
        self.last = Some(frame.id);
        if let Some(left) = &mut self.left {
            *left = left.saturating_sub(1);
        }
        self.left == Some(0)
    }
}
