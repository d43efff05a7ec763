//! The matrix itself: one test per dialect.

use super::callers::Callers;
use super::cells::{Expect, Who, expected, scope, speaker};
use crate::dialects::contract::{Refusal, is_refused};
use crate::harness::{Answer, Client, TestApp};
use fondaco::http::{Guard, Route};
use fondaco::resources::routes;
use serde_json::json;

/// Bad credentials an address may show in a minute, with a few to spare.
const GUESSES: u32 = 50;

/// One dialect's half of a walk through all routes.
struct Walk<'a> {
    app: &'a TestApp,
    dialect: &'a str,
    callers: Callers,
    guesses: u32,
    cells: u32,
}

impl Walk<'_> {
    async fn route(&mut self, route: &Route) {
        for who in Who::ALL {
            let expect = expected(route, self.dialect, who);
            let Some(answer) = self.knock(route, who, expect).await else {
                continue;
            };
            self.cells += 1;
            let place = format!("{who:?} at {} {} ({:?})", route.method, route.path, route.guard);
            match expect {
                Expect::Refused(_) if is_flat(route.path) => is_refused_flatly(&answer, &place),
                Expect::Refused(refusal) => is_refused(&answer, speaker(route.path, self.voice(who)), refusal, &place),
                _ => is_open(route, &answer, &place),
            }
        }
    }

    /// The dialect a caller's credential stands for: nobody's and nonsense are the server's default, which gives way to a path's own.
    fn voice(&self, who: Who) -> &str {
        match who {
            Who::Nobody | Who::Malformed if self.dialect == "fondaco" => "default",
            _ => self.dialect,
        }
    }

    /// Makes the call of a cell; `None` where there is no such cell.
    async fn knock(&mut self, route: &Route, who: Who, expect: Expect) -> Option<Answer> {
        if expect == Expect::Nothing {
            return None;
        }
        self.rest(expect).await;
        let callers = &self.callers;
        let client = match who {
            Who::Nobody => self.app.anonymous(),
            Who::Malformed => callers.malformed.clone(),
            Who::Mistyped => callers.mistyped.clone(),
            Who::Unknown => callers.unknown.clone(),
            Who::Expired => callers.expired.clone(),
            Who::Revoked => callers.revoked.clone(),
            Who::OtherTenant => self.stranger(route),
            Who::WithoutScope => self.poor(route)?,
            Who::Spent => self.spent(expect).await,
        };
        let has_body = !matches!(route.method.as_str(), "GET" | "DELETE" | "OPTIONS");
        let body = has_body.then(|| json!({}));
        Some(client.call(route.method.as_str(), &callers.path(route), body).await)
    }

    /// Lets a minute pass before the address has guessed too often.
    async fn rest(&mut self, expect: Expect) {
        self.guesses += u32::from(expect == Expect::Refused(Refusal::BadCredential));
        if self.guesses >= GUESSES {
            self.app.advance(60).await;
            self.guesses = 0;
        }
    }

    /// Another tenant by his key, or by his session where only people come in.
    fn stranger(&self, route: &Route) -> Client {
        match route.guard {
            Guard::Session | Guard::Owner | Guard::Person => self.callers.other.owner.clone(),
            _ => self.callers.other.api.clone(),
        }
    }

    /// A key that has a scope, but not the one that is asked for.
    fn poor(&self, route: &Route) -> Option<Client> {
        let wanted = scope(route);
        let poor = self.callers.poor.iter().find(|(held, _)| Some(*held) != wanted);
        poor.map(|(_, client)| client.clone())
    }

    /// A key whose minute is used up.
    async fn spent(&self, expect: Expect) -> Client {
        let client = self.callers.spent.clone();
        if expect == Expect::Refused(Refusal::Limit) {
            client.get("/api/v1/me").await;
            client.get("/api/v1/me").await.is(429);
        }
        client
    }
}

/// Fails where the door was shut, or where what is behind it broke.
#[track_caller]
fn is_open(route: &Route, answer: &Answer, place: &str) {
    let is_shut = matches!(answer.status, 401 | 403 | 429) && !is_told_by_the_handler(route, answer);
    assert!(
        !is_shut && answer.status < 500,
        "{place}: {} {}",
        answer.status,
        answer.text()
    );
}

/// Whether a path has errors that are a text alone, whatever the dialect.
fn is_flat(path: &str) -> bool {
    const FLAT: [&str; 4] = ["/api/webhooks/", "/api/subscriptions", "/api/embed/", "/api/waitlist/"];
    FLAT.iter().any(|prefix| path.starts_with(prefix))
}

/// Fails where such a refusal is none, or says more than its text.
#[track_caller]
fn is_refused_flatly(answer: &Answer, place: &str) {
    let is_text = answer.json["error"].is_string() && answer.json.as_object().is_some_and(|body| body.len() == 1);
    let is_refusal = matches!(answer.status, 401 | 403 | 404 | 429);
    assert!(is_refusal && is_text, "{place}: {} {}", answer.status, answer.text());
}

/// A refusal that is the operation's own, such as a wrong password.
fn is_told_by_the_handler(route: &Route, answer: &Answer) -> bool {
    const OWN: [&str; 6] = ["people.", "members.", "hooks.", "files.", "embed.", "license_server."];
    OWN.iter().any(|slice| route.op.starts_with(slice)) && answer.status != 429
}

#[expect(clippy::print_stdout, reason = "how much is covered is a result")]
async fn walk(dialect: &str) {
    let app = TestApp::with(&[("default_dialect", dialect)]).await;
    let callers = Callers::new(&app, dialect).await;
    let mut walk = Walk {
        app: &app,
        dialect,
        callers,
        guesses: 0,
        cells: 0,
    };
    for route in routes() {
        walk.route(route).await;
    }
    println!("guard matrix, {dialect}: {} cells of {} routes", walk.cells, routes().len());
    assert!(
        walk.cells as usize > 4 * routes().len(),
        "{} cells are too few to be all",
        walk.cells
    );
    app.finish().await;
}

macro_rules! matrices {
    ($($dialect:ident),*) => {
        $(
            #[actix_rt::test]
            async fn $dialect() {
                walk(stringify!($dialect)).await;
            }
        )*
    };
}

matrices!(fondaco, sellf, openclaw, licentric, bigclass, cgls);
