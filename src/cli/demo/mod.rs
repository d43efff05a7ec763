//! `fondaco demo`: the whole path in one command, on a server made for it and thrown away.
//!
//! Everything but the start goes over HTTP, as a client would do it; the receiver and the verification are this
//! module's own, so that a fault in the signing code is found and not repeated.

mod folder;
mod plan;
mod receiver;
mod shop;
mod verify;

use super::Outcome;
use super::print::say;
use crate::app::{App, Parts};
use crate::clock::{Clock, Ids};
use crate::config::{Config, Log};
use crate::telemetry;
use clap::Args;
use folder::Throwaway;
use plan::Plan;
use receiver::{Delivery, Receiver};
use shop::Shop;
use std::error::Error;
use std::process::ExitCode;
use std::time::Duration;

/// Longest wait for the delivery; the whole demonstration stays under ten seconds.
const PATIENCE: Duration = Duration::from_secs(6);

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct DemoArguments {
    /// Wire conventions to show: fondaco, sellf, openclaw, licentric, bigclass or cgls.
    #[arg(long, default_value = "fondaco", value_name = "NAME")]
    dialect: String,
}

const EXAMPLES: &str = "\
Examples:
  fondaco demo
  fondaco demo --dialect sellf
  fondaco demo --dialect bigclass --log info

Nothing is left behind. The exit code is 0 only if the signature was verified.";

pub(super) async fn demo(arguments: &DemoArguments, config: &Config) -> Outcome {
    let plan = Plan::of(&arguments.dialect)?;
    // Quiet unless asked: the story is on standard output.
    let filter = match config.log.filter.as_str() {
        "info" => "error".to_owned(),
        asked => asked.to_owned(),
    };
    telemetry::start_logging(&Log {
        filter,
        ..config.log.clone()
    });
    let ids = Ids::default();
    let folder = Throwaway::make(&ids)?;
    let clock = Clock::system(0);
    let parts = Parts {
        config: settings(&folder, &arguments.dialect)?,
        clock: clock.clone(),
        ids: ids.clone(),
        ticks: true,
    };
    let app = App::build(parts).await?;
    let mut receiver = Receiver::start()?;
    say(format!(
        "1. A server runs at {} on a folder that is thrown away afterwards.",
        app.url()
    ));
    let told = tell(&plan, &app.url(), &mut receiver, &folder).await;
    receiver.stop().await;
    app.stop().await;
    let (delivery, secret) = told?;
    let verified = verify::explain(&delivery, &secret, clock.now().seconds());
    match verified {
        Ok(steps) => {
            steps.iter().for_each(|step| say(format!("   {step}")));
            say("\nVerified: the delivery is authentic, whole and fresh.");
            Ok(ExitCode::SUCCESS)
        }
        Err(reason) => Err(format!("the delivery could not be verified: {reason}").into()),
    }
}

/// Settings of the throw-away server: the receiver here is plain http on this machine, which is refused by default.
fn settings(folder: &Throwaway, dialect: &str) -> Result<Config, Box<dyn Error>> {
    Ok(Config::of(&[
        ("data", &folder.path().display().to_string()),
        ("bind", "127.0.0.1:0"),
        ("workers", "1"),
        ("default_dialect", dialect),
        ("webhooks_allow_networks", "127.0.0.0/8"),
        ("webhooks_allow_http", "true"),
    ])?)
}

/// Makes a shop, an endpoint and a product, and waits for what arrives; returns it with the signing secret.
async fn tell(plan: &Plan, url: &str, receiver: &mut Receiver, folder: &Throwaway) -> Result<(Delivery, String), Box<dyn Error>> {
    let shop = Shop::open(plan, url, folder.path()).await?;
    say(format!(
        "2. A tenant that speaks {}, with the API key {}…",
        plan.dialect,
        shop.key_shown()
    ));
    let secret = shop.subscribe(receiver.url()).await?;
    say(format!(
        "3. A webhook endpoint ({}), signing with {secret}",
        plan.endpoint_told()
    ));
    let product = shop.create_product().await?;
    say(format!("4. A product ({}). Its event is on its way.", plan.product_told()));
    let mut delivery = receiver.next(PATIENCE).await?;
    if let Some(sold) = plan.sold {
        shop.sell(&product).await?;
        say(format!(
            "5. A sale: buyer@example.com paid on the sandbox's page and has access from now on; {sold} is on its way."
        ));
        while !delivery.tells(sold) {
            delivery = receiver.next(PATIENCE).await?;
        }
    }
    // Without a sale there is one step less.
    let next = if plan.sold.is_some() { 6 } else { 5 };
    say(format!("{next}. The delivery as it arrived:\n"));
    say(delivery.shown());
    say(format!("\n{}. How it is verified:", next + 1));
    Ok((delivery, secret))
}
