//! The yardsticks of delivery, in a process of their own as the server is: a bare loop of signed POSTs, and one durable
//! commit followed by one POST.

use super::Outcome;
use super::samples::{Samples, large};
use super::table::say;
use entities::product;
use fondaco::clock::Ids;
use fondaco::domain::{Timestamp, signature};
use fondaco::store::{Store, StoreOptions};
use sea_orm::{EntityTrait, IntoActiveModel};
use std::cell::{Cell, RefCell};
use std::process::Command;
use std::rc::Rc;
use std::time::{Duration, Instant};
use tokio::task::LocalSet;

/// An event's id as a header carries it.
const ID: &str = "evt_019a0000000070008000000000000001";
/// What signs.
const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// Runs a yardstick by its words and prints its figures.
pub(super) fn run(words: &[String]) -> Outcome {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let figures = match words.as_slice() {
        ["loop", url, in_flight, bytes, ms] => {
            let posts = bare_loop(url, in_flight.parse()?, bytes.parse()?, Duration::from_millis(ms.parse()?));
            vec![LocalSet::new().block_on(&runtime, posts)?]
        }
        ["commit", database, url, per_s, bytes, ms] => {
            let pace = Pace {
                per_s: per_s.parse()?,
                window: Duration::from_millis(ms.parse()?),
                bytes: bytes.parse()?,
            };
            LocalSet::new().block_on(&runtime, commit_and_post(database, url, pace))?
        }
        _ => return Err("post loop URL IN_FLIGHT BYTES MS, post commit DATABASE URL PER_S BYTES MS".into()),
    };
    let texts: Vec<String> = figures.iter().map(|figure| format!("{figure:.1}")).collect();
    say(&texts.join(" "));
    Ok(())
}

/// Starts a yardstick and reads its figures.
pub(super) fn ask(words: &[String]) -> Outcome<Samples> {
    let output = Command::new(std::env::current_exe()?).arg("post").args(words).output()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let figures: Result<Vec<f64>, _> = text.split_whitespace().map(str::parse).collect();
    match figures {
        Ok(figures) if !figures.is_empty() => Ok(figures.into_iter().collect()),
        _ => Err(format!("post {}: {text}{}", words.join(" "), String::from_utf8_lossy(&output.stderr)).into()),
    }
}

fn client() -> Outcome<reqwest::Client> {
    Ok(reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .build()?)
}

async fn post(client: &reqwest::Client, url: &str, body: &str) -> Outcome {
    let seconds = 1_780_000_000;
    let digest = signature::brand_hex(SECRET, seconds, body.as_bytes());
    // What a delivery carries: both schemes, and the headers that tell what it is.
    let standard = signature::standard(&[SECRET], ID, seconds, body.as_bytes()).unwrap_or_default();
    let request = client
        .post(url)
        .header("content-type", "application/json")
        .header("x-event", "product.created")
        .header("x-delivery", ID)
        .header("x-signature", format!("t={seconds},v1={digest}"))
        .header("x-timestamp", seconds.to_string())
        .header("webhook-id", ID)
        .header("webhook-timestamp", seconds.to_string())
        .header("webhook-signature", standard);
    let answer = request.body(body.to_owned()).send().await?;
    let status = answer.status();
    answer.bytes().await?;
    if status.is_success() {
        Ok(())
    } else {
        Err(format!("the receiver answered {status}").into())
    }
}

/// Answers POSTs per second.
async fn bare_loop(url: &str, in_flight: usize, bytes: usize, window: Duration) -> Outcome<f64> {
    let (client, body) = (client()?, body(bytes));
    let done: Rc<Cell<u64>> = Rc::default();
    let started = Instant::now();
    let mut tasks = Vec::with_capacity(in_flight);
    for _ in 0..in_flight {
        let (client, url, body, done) = (client.clone(), url.to_owned(), body.clone(), done.clone());
        tasks.push(tokio::task::spawn_local(async move {
            while started.elapsed() < window {
                post(&client, &url, &body).await?;
                done.set(done.get() + 1);
            }
            Outcome::Ok(())
        }));
    }
    for task in tasks {
        task.await??;
    }
    Ok(large(done.get()) / started.elapsed().as_secs_f64())
}

#[derive(Clone, Copy)]
struct Pace {
    per_s: u32,
    window: Duration,
    bytes: usize,
}

/// Answers the microseconds of each commit with its POST.
async fn commit_and_post(database: &str, url: &str, pace: Pace) -> Outcome<Vec<f64>> {
    let (client, body, ids) = (client()?, body(pace.bytes), Ids::default());
    let store = Store::open(&StoreOptions::new(database)).await?;
    post(&client, url, &body).await?;
    let took: Rc<RefCell<Vec<f64>>> = Rc::default();
    let mut tasks = Vec::new();
    let mut ticks = tokio::time::interval(Duration::from_secs(1) / pace.per_s.max(1));
    let begun = Instant::now();
    while begun.elapsed() < pace.window {
        ticks.tick().await;
        let row = super::seed::product(ids.uuid(Timestamp(1_780_000_000_000)), super::seed::tenant_id(0), "posted");
        let (client, url, body, store, took) = (client.clone(), url.to_owned(), body.clone(), store.clone(), took.clone());
        tasks.push(tokio::task::spawn_local(async move {
            let started = Instant::now();
            store
                .command(async move |tx| {
                    product::Entity::insert(row.clone().into_active_model())
                        .exec_without_returning(tx)
                        .await?;
                    Ok(())
                })
                .await?;
            post(&client, &url, &body).await?;
            took.borrow_mut().push(started.elapsed().as_secs_f64() * 1e6);
            Outcome::Ok(())
        }));
    }
    for task in tasks {
        task.await??;
    }
    store.close().await;
    Ok(took.take())
}

fn body(bytes: usize) -> String {
    let frame = r#"{"id":"","type":"product.created","data":""}"#.len();
    format!(
        r#"{{"id":"","type":"product.created","data":"{}"}}"#,
        "x".repeat(bytes.saturating_sub(frame))
    )
}
