//! The one path every request takes, in the order of refusals: 405 (by the router), 413, 401, 429, 403, and then what
//! the handler says.

use super::admit::{self, Door, Entry, Refused};
use super::bounds;
use super::call::{Call, without_mark};
use super::cors;
use super::credential::Presented;
use super::named;
use super::replay::{self, Replay};
use super::reply::{self, Frame};
use super::route::{Body, Guard, Route};
use super::upload;
use crate::context::{Answer, Ctx, House, Principal};
use crate::domain::dialect::{Choice, Dialect, Hints, Rule};
use crate::domain::{Code, Error, Result};
use crate::telemetry::series;
use actix_web::http::header::CONTENT_LENGTH;
use actix_web::web::Payload;
use actix_web::{HttpRequest, HttpResponse};
use bytes::{Bytes, BytesMut};
use futures_util::{FutureExt, StreamExt};
use serde_json::{Map, Value};
use std::net::{IpAddr, Ipv4Addr};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Largest body of JSON, in bytes.
pub const BODY_MAX: usize = 1024 * 1024;
/// Longest a body may take to arrive.
const BODY_DEADLINE: Duration = Duration::from_secs(30);

/// Serves one request on one route.
pub async fn serve(house: Arc<House>, route: &'static Route, request: HttpRequest, payload: Payload) -> HttpResponse {
    let started = Instant::now();
    let now = house.clock.now();
    let mut frame = Frame::new(&house, &request, Some(route), now);
    let served = AssertUnwindSafe(run(&house, route, &request, payload, &mut frame))
        .catch_unwind()
        .await;
    let answer = match served {
        Ok(answer) => answer,
        Err(_) => {
            tracing::error!(request.id = %frame.request_id, op = route.op, "a handler panicked");
            Err(Error::new(Code::Internal, "Something went wrong on our side."))
        }
    };
    frame.reader = cors::reader(&house, &request, frame.tenant).await;
    let response = reply::respond(&mut frame, answer);
    series::http_request(response.status().as_u16(), started.elapsed());
    response
}

/// Answers what a browser asks before it lets a page of another origin call; no credential is needed or looked at.
pub async fn preflight(house: Arc<House>, request: HttpRequest, allowed: String) -> HttpResponse {
    let mut frame = Frame::new(&house, &request, None, house.clock.now());
    frame.reader = cors::reader(&house, &request, None).await;
    frame.headers.push(("Allow".to_owned(), allowed));
    frame
        .headers
        .extend(cors::preflight().map(|(name, value)| (name.to_owned(), value)));
    let response = reply::respond(&mut frame, Ok(Answer::Empty));
    series::http_request(response.status().as_u16(), Duration::ZERO);
    response
}

/// Answers a path or a method that no route has.
pub async fn no_route(house: Arc<House>, request: HttpRequest, allowed: Option<String>) -> HttpResponse {
    let mut frame = Frame::new(&house, &request, None, house.clock.now());
    let presented = Presented::from_headers(&request);
    let choice = choose(&house, &request, &presented);
    frame.dialect = choice.dialect.clone();
    frame.quota = admit::left(&house, &presented, &choice, (frame.address, frame.now)).await;
    let shop = request.headers().get("x-tenant").and_then(|value| value.to_str().ok());
    let spoken = admit::spoken(&house, &presented, shop, frame.now).await;
    if let Some(dialect) = spoken.filter(|dialect| has_say(dialect, &choice, request.path())) {
        frame.dialect = dialect;
    }
    let error = match allowed {
        Some(methods) => {
            frame.headers.push(("Allow".to_owned(), methods));
            Error::new(Code::MethodNotAllowed, "This path does not take this method.")
        }
        None => Error::new(Code::NoRoute, "There is nothing at this path."),
    };
    frame.reader = cors::reader(&house, &request, None).await;
    let response = reply::respond(&mut frame, Err(error));
    series::http_request(response.status().as_u16(), Duration::ZERO);
    response
}

async fn run(
    house: &Arc<House>,
    route: &'static Route,
    request: &HttpRequest,
    mut payload: Payload,
    frame: &mut Frame,
) -> Result<Answer> {
    let mut presented = Presented::from_headers(request);
    let choice = choose(house, request, &presented);
    frame.dialect = choice.dialect.clone();
    let (declared, is_upload) = (declared_length(request), route.body == Body::Upload);
    let query = parse_query(request.query_string());
    payload = match within_bounds(house, route, request, (payload, &query)).await {
        Ok(payload) => payload,
        Err(error) => {
            frame.quota = admit::left(house, &presented, &choice, (frame.address, frame.now)).await;
            return Err(error);
        }
    };
    // A file is not read before it is known whose it is.
    let early = !is_upload && (frame.dialect.credential.body.is_some() || frame.dialect.credential.admin_body.is_some());
    let (bytes, named) = match early {
        true => read_early(&frame.dialect, request, &query, &mut payload, &mut presented).await?,
        false => (Bytes::new(), None),
    };
    let door = Door {
        house,
        request,
        presented: &presented,
        choice: &choice,
        route,
        address: frame.address,
        now: frame.now,
        named_tenant: named.as_deref(),
    };
    let entry = match enter(door, frame).await {
        Ok(entry) => entry,
        Err(error) => return Err(turned_away(error, is_upload, !early && declared.is_none(), &mut payload).await),
    };
    adopt(&entry, &choice, request.path(), frame);
    let form = match is_upload {
        true => upload::read(house, &entry, request, payload).await?,
        false => upload::Form {
            fields: if early { bytes } else { read_body(&mut payload).await? },
            ..upload::Form::default()
        },
    };
    let path = places(request);
    path.iter().try_for_each(|(_, text)| bounds::place(text))?;
    let mut call = Call {
        ctx: context(house, entry, frame),
        route,
        headers: request.headers().clone(),
        path,
        query,
        bytes: form.fields,
        is_head: frame.is_head,
        upload: form.file,
        unread: form.unread,
    };
    if choice.by != Rule::Path && choice.by != Rule::Host {
        speak_as_the_shop(&mut call, frame).await?;
    }
    dispatch(call, request.path(), frame).await
}

/// Reads a body that carries a credential, and the tenant it names.
async fn read_early(
    dialect: &Dialect,
    request: &HttpRequest,
    query: &[(String, String)],
    payload: &mut Payload,
    presented: &mut Presented,
) -> Result<(Bytes, Option<String>)> {
    let bytes = read_body(payload).await?;
    let body = serde_json::from_slice::<Map<String, Value>>(without_mark(&bytes)).unwrap_or_default();
    bounds::body(&body)?;
    presented.read_inline(dialect, request.headers(), query, &body);
    let named = named_tenant(dialect, query, &body);
    Ok((bytes, named))
}

/// A person at a shop, which may be anybody's, reads and writes as that shop does.
async fn speak_as_the_shop(call: &mut Call, frame: &mut Frame) -> Result<()> {
    let Some(shop_of) = call.route.shop.filter(|_| matches!(call.ctx.principal, Principal::Person(_))) else {
        return Ok(());
    };
    let room = shop_of(call).await?;
    let dialect = room.and_then(|room| call.ctx.house.dialects.get(&room.dialect).cloned());
    if let Some(dialect) = dialect {
        frame.dialect = dialect.clone();
        call.ctx.dialect = dialect;
    }
    Ok(())
}

/// Refuses what no caller may send, whoever he is.
async fn within_bounds(
    house: &House,
    route: &Route,
    request: &HttpRequest,
    (mut payload, query): (Payload, &[(String, String)]),
) -> Result<Payload> {
    bounds::head(request)?;
    let declared = declared_length(request);
    payload = match route.body == Body::Upload {
        true => upload::bounded(house, payload, declared).await?,
        false if declared.is_some_and(|length| length > BODY_MAX) => return Err(too_large()),
        false => payload,
    };
    bounds::query(query)?;
    Ok(payload)
}

/// What whoever is not let in is told: 413 goes before 401, also where the length was not declared.
async fn turned_away(error: Error, is_upload: bool, is_unread: bool, payload: &mut Payload) -> Error {
    if is_upload {
        upload::let_pass(payload).await;
        return error;
    }
    match is_unread && is_too_large(payload).await {
        true => too_large(),
        false => error,
    }
}

fn context(house: &Arc<House>, entry: Entry, frame: &Frame) -> Ctx {
    Ctx {
        house: house.clone(),
        dialect: frame.dialect.clone(),
        principal: entry.principal,
        room: entry.room,
        now: frame.now,
        request_id: frame.request_id,
        address: frame.address,
        idempotency: None,
    }
}

/// Takes over what is known of the answer once its caller is known.
fn adopt(entry: &Entry, choice: &Choice, path: &str, frame: &mut Frame) {
    frame.tenant = entry.room.as_ref().map(|room| room.tenant);
    frame.quota = entry.quota;
    if let Some(dialect) = entry.dialect.as_ref().filter(|dialect| has_say(dialect, choice, path)) {
        frame.dialect = dialect.clone();
    }
}

/// Whether a credential's dialect goes before the one that was chosen without it.
fn has_say(dialect: &Dialect, choice: &Choice, path: &str) -> bool {
    match choice.by {
        Rule::Path | Rule::Host => dialect.answers_owners_at(path),
        Rule::Credential | Rule::Default => true,
    }
}

fn declared_length(request: &HttpRequest) -> Option<usize> {
    request.headers().get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// The places of the path with what stood there, decoded.
fn places(request: &HttpRequest) -> Vec<(String, String)> {
    let matched = request.match_info().iter();
    matched.map(|(name, value)| (name.to_owned(), decode(value))).collect()
}

/// Hands the call to its handler, or answers from what the same `Idempotency-Key` gave before.
async fn dispatch(mut call: Call, path: &str, frame: &mut Frame) -> Result<Answer> {
    named::resolve(&mut call).await?;
    if !replay::applies(&call) {
        return (call.route.handler)(call).await;
    }
    match replay::begin(&mut call, path).await? {
        Replay::Stored(answer) => {
            frame.headers.push(("Idempotency-Replayed".to_owned(), "true".to_owned()));
            Ok(*answer)
        }
        Replay::First(_ticket) => {
            let ctx = call.ctx.clone();
            let answer = (call.route.handler)(call).await?;
            ctx.keep(&answer).await;
            Ok(answer)
        }
    }
}

async fn enter(door: Door<'_>, frame: &mut Frame) -> Result<Entry> {
    match door.open().await {
        Ok(entry) => Ok(entry),
        Err(Refused {
            error,
            quota,
            dialect,
            tenant,
        }) => {
            frame.quota = quota;
            frame.tenant = tenant;
            if let Some(dialect) = dialect.filter(|dialect| has_say(dialect, door.choice, door.request.path())) {
                frame.dialect = dialect;
            }
            Err(error)
        }
    }
}

fn choose(house: &House, request: &HttpRequest, presented: &Presented) -> Choice {
    let info = request.connection_info();
    let hints = Hints {
        host: Some(info.host()),
        path: request.path(),
        credential: presented.hint(&house.dialects),
        scheme: presented.scheme.as_deref(),
    };
    house.dialects.choose(&hints, &house.config.dialects.default)
}

/// The tenant an operator's call names, where the dialect keeps its credentials in the body.
fn named_tenant(dialect: &Dialect, query: &[(String, String)], body: &Map<String, Value>) -> Option<String> {
    let name = dialect.credential.tenant_body.as_deref()?;
    let in_body = body.get(name).and_then(Value::as_str).map(str::to_owned);
    in_body.or_else(|| query.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone()))
}

async fn read_body(payload: &mut Payload) -> Result<Bytes> {
    let read = async {
        let mut bytes = BytesMut::new();
        while let Some(chunk) = payload.next().await {
            let chunk = chunk.map_err(|_| Error::malformed("The body did not arrive whole."))?;
            if bytes.len() + chunk.len() > BODY_MAX {
                return Err(too_large());
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(bytes.freeze())
    };
    match tokio::time::timeout(BODY_DEADLINE, read).await {
        Ok(result) => result,
        Err(_) => Err(Error::malformed("The body did not arrive in time.")),
    }
}

/// Lets a body that nobody will read pass by, as far as is needed to tell whether it is too large.
async fn is_too_large(payload: &mut Payload) -> bool {
    let pass = async {
        let mut length = 0;
        while let Some(Ok(chunk)) = payload.next().await {
            length += chunk.len();
            if length > BODY_MAX {
                return true;
            }
        }
        false
    };
    tokio::time::timeout(BODY_DEADLINE, pass).await.unwrap_or(false)
}

fn too_large() -> Error {
    Error::new(Code::TooLarge, "The body is larger than 1 MiB.")
}

fn parse_query(text: &str) -> Vec<(String, String)> {
    url::form_urlencoded::parse(text.as_bytes()).into_owned().collect()
}

fn decode(text: &str) -> String {
    // The router leaves what it matched percent-encoded where decoding would change the path's parts.
    url::form_urlencoded::parse(format!("v={}", text.replace('+', "%2B")).as_bytes())
        .next()
        .map_or_else(String::new, |(_, value)| value.into_owned())
}

/// The caller's address: the peer's, or what a trusted proxy says of it.
pub fn address_of(house: &House, request: &HttpRequest) -> IpAddr {
    let peer = request
        .peer_addr()
        .map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.ip());
    if !house.config.server.trusts(peer) {
        return peer;
    }
    let forwarded = request
        .headers()
        .get("x-forwarded-for")
        .and_then(|value| value.to_str().ok())
        .unwrap_or("");
    // The last hop that no trusted proxy made up itself.
    let hops = forwarded.rsplit(',').filter_map(|hop| hop.trim().parse::<IpAddr>().ok());
    let mut last = peer;
    for hop in hops {
        last = hop;
        if !house.config.server.trusts(hop) {
            break;
        }
    }
    last
}

/// Whether a route answers people who present nothing.
pub fn is_public(route: &Route) -> bool {
    matches!(route.guard, Guard::Public(_))
}
