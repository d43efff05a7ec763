//! The server under test, as a child process: the application itself and, on a port beside it, the yardsticks that must
//! run in the same process: a bare handler, the same behind admission, and the store's door without HTTP.

use super::Outcome;
use super::writer::{Command, Form};
use actix_files::NamedFile;
use actix_web::http::header::{AUTHORIZATION, CONTENT_TYPE};
use actix_web::web::{self, Data, Query};
use actix_web::{App as Web, HttpRequest, HttpResponse, HttpServer};
use entities::{delivery, event};
use fondaco::actors::tenant::messages::Admit;
use fondaco::app::{App, Parts};
use fondaco::clock::{Clock, Ids};
use fondaco::config::Config;
use fondaco::context::House;
use fondaco::domain::{Scope, api_key};
use sea_orm::{ColumnTrait, PaginatorTrait, QueryFilter};
use serde::Deserialize;
use std::net::{IpAddr, Ipv4Addr, TcpListener};
use std::path::PathBuf;
use std::time::Duration;

/// 200 bytes of JSON, what the yardstick answers.
const BODY: &str = concat!(
    r#"{"data":{"id":"0192f0c1-7b5e-7c3a-9a54-2f1d6c0b8e11","name":"A product of a kind","slug":"a-product-042","#,
    r#""price":1900,"currency":"USD","is_active":true,"created_at":"2026-05-19T14:23:14.000Z"},"ok":1}"#
);
const _: () = assert!(BODY.len() == 200);

/// Runs the server until its input ends.
pub(super) fn serve(settings: &[String]) -> Outcome {
    let pairs: Vec<(&str, &str)> = settings.iter().filter_map(|setting| setting.split_once('=')).collect();
    let config = Config::of(&pairs).map_err(|problems| problems.to_string())?;
    let workers = config.server.workers;
    actix_rt::System::new().block_on(async move {
        let parts = Parts {
            config,
            clock: Clock::system(0),
            ids: Ids::default(),
            ticks: true,
        };
        let app = App::build(parts).await.map_err(|error| error.to_string())?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let beside = listener.local_addr()?;
        let house = Data::from(app.house().clone());
        let server = HttpServer::new(move || {
            Web::new()
                .app_data(house.clone())
                .route("/bare", web::get().to(bare))
                .route("/admit", web::get().to(admitted))
                .route("/writer", web::get().to(written))
                .route("/waiting", web::get().to(waiting))
                .route("/plain", web::get().to(plain))
        })
        .workers(workers)
        .disable_signals()
        .listen(listener)?
        .run();
        let handle = server.handle();
        let running = actix_rt::spawn(server);
        super::table::say(&format!("ready {} {beside}", app.address()));
        end_of_input().await;
        handle.stop(false).await;
        running.await??;
        app.stop().await;
        Ok(())
    })
}

/// Ends when the measuring process closes the pipe, or is gone.
async fn end_of_input() {
    let (ended, end) = tokio::sync::oneshot::channel::<()>();
    std::thread::spawn(move || {
        let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
        drop(ended);
    });
    let _ = end.await;
}

async fn bare() -> HttpResponse {
    answer()
}

/// The yardstick behind the very question every request with a key asks.
async fn admitted(request: HttpRequest, house: Data<House>) -> HttpResponse {
    let header = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let Some(raw) = header.and_then(|value| value.strip_prefix("Bearer ")) else {
        return HttpResponse::Unauthorized().finish();
    };
    let parsed = api_key::parse(raw);
    let Some(route) = parsed.route else {
        return HttpResponse::Unauthorized().finish();
    };
    let admit = Admit {
        digest: parsed.digest,
        scope: Some(Scope::ProductsRead),
        cost: 1,
        address: request
            .peer_addr()
            .map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.ip()),
        now: house.clock.now(),
    };
    match house.actors.admit(route, admit).await {
        Ok(_) => answer(),
        Err(refusal) => HttpResponse::TooManyRequests().body(refusal.error.to_string()),
    }
}

fn answer() -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "application/json"))
        .body(BODY)
}

#[derive(Deserialize)]
struct Writing {
    form: Form,
    alone: bool,
    ms: u64,
}

/// Writes through the store's door for a while; answers commands, commits and microseconds.
async fn written(asked: Query<Writing>, house: Data<House>) -> HttpResponse {
    let command = Command {
        form: asked.form,
        alone: asked.alone,
        window: Duration::from_millis(asked.ms),
    };
    match super::writer::write(&house.store, &house.ids, command).await {
        Ok(written) => HttpResponse::Ok().json(written),
        Err(error) => HttpResponse::InternalServerError().body(error.to_string()),
    }
}

#[derive(Deserialize)]
struct Named {
    path: PathBuf,
}

/// The yardstick of downloads: a static file.
async fn plain(named: Query<Named>) -> std::io::Result<NamedFile> {
    NamedFile::open_async(&named.path).await
}

/// Counts events that wait for fan-out and deliveries that wait for an attempt.
async fn waiting(house: Data<House>) -> HttpResponse {
    let store = &house.store;
    let events = event::undispatched_anywhere().count(store.read()).await;
    let due = delivery::anywhere()
        .filter(delivery::Column::DueAt.is_not_null())
        .count(store.read())
        .await;
    match (events, due) {
        (Ok(events), Ok(due)) => HttpResponse::Ok().body((events + due).to_string()),
        _ => HttpResponse::InternalServerError().finish(),
    }
}
