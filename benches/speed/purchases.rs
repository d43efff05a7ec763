//! Purchases in the sandbox, end to end: a checkout is begun by a key, a test card pays on its page, and the buyer has
//! access. Beside it, one row in one transaction at the same server's door.

use super::Outcome;
use super::place::{self, Place};
use super::plan::Plan;
use super::raw::{self, Connection};
use super::samples::{Samples, large};
use super::seed::{self, Tenant};
use super::served::Served;
use super::table::{Bar, Table};
use super::writer::{self, Command, Form};
use std::cell::Cell;
use std::net::{IpAddr, Ipv4Addr};
use std::rc::Rc;
use std::time::{Duration, Instant};

/// Buyers at once.
const BUYERS: usize = 64;
/// Longest wait for what is under way.
const PATIENCE: Duration = Duration::from_secs(60);

pub(super) fn run(plan: &Plan, table: &mut Table) -> Outcome {
    for place in Place::each(plan)? {
        // The others own the rows of the yardstick.
        let keys = place.with_store(async |store| seed::tenants(&store, &[Tenant::PLENTY; 64]).await)?;
        let server = place.serve()?;
        let shop = Shop::open(&server, keys.concat().first().cloned().unwrap_or_default())?;
        let [mut rows, mut bought, mut cpu] = <[Samples; 3]>::default();
        shop.sell(&server, plan.window / 2)?;
        for _ in 0..plan.rounds {
            place::drained(&server, PATIENCE)?;
            let one = Command {
                form: Form::One,
                alone: true,
                window: plan.window,
            };
            rows.push(writer::ask(&server, one)?.per_s());
            let (per_s, cpu_us) = shop.sell(&server, plan.window * 2)?;
            bought.push(per_s);
            cpu.push(cpu_us);
        }
        place::drained(&server, PATIENCE)?;
        shop.is_consistent(&server)?;
        let name = place.name();
        table.row(
            &format!("one row, one transaction, at the server's own door ({name})"),
            "row/s",
            &rows,
            Bar::None,
        );
        table.row(
            &format!("sandbox purchases, from checkout to access, {BUYERS} buyers ({name})"),
            "sale/s",
            &bought,
            Bar::None,
        );
        let bar = if place.is_sqlite() { Bar::AtLeast(0.3) } else { Bar::None };
        table.row("  by one row, one transaction", "ratio", &bought.by(&rows), bar);
        table.row(
            "  server CPU per purchase, receipt and events included",
            "us",
            &cpu,
            Bar::None,
        );
        server.stop()?;
    }
    Ok(())
}

/// A shop with one product.
struct Shop {
    key: String,
    product: String,
    sold: Rc<Cell<u64>>,
}

#[derive(Default)]
struct Tally {
    done: Cell<u64>,
    stopped: Cell<bool>,
}

impl Shop {
    fn open(server: &Served, key: String) -> Outcome<Self> {
        let body = r#"{"name":"Nebula brushes","slug":"brushes","price":1900,"currency":"USD"}"#;
        let (status, text) = raw::once(server.app, ("POST", "/api/v1/products"), &key, body)?;
        let made: serde_json::Value = serde_json::from_str(&text)?;
        let product = made.pointer("/data/id").and_then(serde_json::Value::as_str);
        let product = product.ok_or_else(|| format!("a product was answered {status}: {text}"))?;
        Ok(Self {
            product: product.to_owned(),
            key,
            sold: Rc::default(),
        })
    }

    /// Sells for a while; answers purchases per second and the server's CPU time of each, in microseconds.
    fn sell(&self, server: &Served, window: Duration) -> Outcome<(f64, f64)> {
        place::alone(async {
            let tally: Rc<Tally> = Rc::default();
            let mut buyers = Vec::with_capacity(BUYERS);
            let (begun, cpu) = (Instant::now(), server.cpu()?);
            for _ in 0..BUYERS {
                let (tally, sold) = (tally.clone(), self.sold.clone());
                let (key, product, to) = (self.key.clone(), self.product.clone(), server.app);
                buyers.push(tokio::task::spawn_local(async move {
                    let mut connection = Connection::open(to, IpAddr::V4(Ipv4Addr::LOCALHOST)).await?;
                    while !tally.stopped.get() {
                        let number = sold.replace(sold.get() + 1);
                        buy(&mut connection, &key, &product, number).await?;
                        tally.done.set(tally.done.get() + 1);
                    }
                    Outcome::Ok(())
                }));
            }
            tokio::time::sleep(window).await;
            tally.stopped.set(true);
            // Whoever has begun buys to the end, so that every purchase counts and is counted.
            for buyer in buyers {
                buyer.await??;
            }
            let (seconds, cpu) = (begun.elapsed().as_secs_f64(), server.cpu()?.saturating_sub(cpu));
            let done = large(tally.done.get().max(1));
            Ok((done / seconds, cpu.as_secs_f64() * 1e6 / done))
        })
    }

    /// Every buyer has paid and has access, and nobody else.
    fn is_consistent(&self, server: &Served) -> Outcome {
        let (_, text) = raw::once(server.app, ("GET", "/api/v1/analytics/dashboard"), &self.key, "")?;
        let told: serde_json::Value = serde_json::from_str(&text)?;
        let figure = |path: &str| told.pointer(path).and_then(serde_json::Value::as_u64);
        let sold = Some(self.sold.get());
        if figure("/data/transactions/total") == sold && figure("/data/users/with_access") == sold {
            return Ok(());
        }
        Err(format!("{sold:?} were bought, and the dashboard tells {text}").into())
    }
}

/// One purchase by a new buyer.
async fn buy(connection: &mut Connection, key: &str, product: &str, number: u64) -> Outcome {
    let mut request = Vec::with_capacity(512);
    let body = format!(r#"{{"product_id":"{product}","email":"buyer-{number}@example.com"}}"#);
    raw::request(&mut request, ("POST", "/api/v1/checkout/sessions"), key, &body);
    let status = connection.ask(&request).await?;
    let text = connection.text();
    let page = text.find("/sandbox/checkout/").filter(|_| status == 201);
    let page = page.and_then(|at| text.get(at..)?.split('"').next());
    let page = page.ok_or_else(|| format!("a checkout was answered {status}: {text}"))?;
    let paid = format!(
        "POST {page} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n\
         Content-Length: 21\r\n\r\ncard=4242424242424242"
    );
    match connection.ask(paid.as_bytes()).await? {
        303 => Ok(()),
        status => Err(format!("a card was answered {status}: {}", connection.text()).into()),
    }
}
