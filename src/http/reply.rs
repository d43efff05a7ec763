//! The only place where an answer or an error becomes bytes.

use super::cors;
use super::deprecation::Deprecation;
use super::route::Route;
use super::serve;
use crate::context::{Answer, House, Streamed};
use crate::domain::dialect::{Dialect, Rendered, Written};
use crate::domain::rate_limit::Quota;
use crate::domain::{Error, Kind, Result, Timestamp};
use crate::telemetry::series;
use actix_web::body::SizedStream;
use actix_web::http::header::{
    ACCEPT, CACHE_CONTROL, CONTENT_TYPE, DATE, HeaderName, HeaderValue, HttpDate, PRAGMA, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use actix_web::http::{ConnectionType, Method, StatusCode};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use futures_util::StreamExt;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, UNIX_EPOCH};
use uuid::Uuid;

/// The form of answers.
const JSON: HeaderValue = HeaderValue::from_static("application/json");
/// The form of errors for those who ask for it.
const PROBLEM: &str = "application/problem+json";

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const LIMIT: HeaderName = HeaderName::from_static("x-ratelimit-limit");
const REMAINING: HeaderName = HeaderName::from_static("x-ratelimit-remaining");
const RESET: HeaderName = HeaderName::from_static("x-ratelimit-reset");
const DAILY_LIMIT: HeaderName = HeaderName::from_static("x-ratelimit-daily-limit");
const DAILY_REMAINING: HeaderName = HeaderName::from_static("x-ratelimit-daily-remaining");
const DAILY_RESET: HeaderName = HeaderName::from_static("x-ratelimit-daily-reset");
const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const STATE: HeaderName = HeaderName::from_static("ratelimit");

/// What is known of an answer before its content is.
pub struct Frame {
    /// The conventions it follows.
    pub dialect: Arc<Dialect>,
    /// Whether an error is a text alone at this path.
    pub is_flat: bool,
    /// Whether errors were asked for as problems of RFC 9457.
    pub wants_problem: bool,
    /// The operation, for forms and replies that differ by it.
    pub op: Option<&'static str>,
    /// When it was marked deprecated and will end.
    pub deprecated: Option<Deprecation>,
    /// Identity of the call.
    pub request_id: Uuid,
    /// The call's moment.
    pub now: Timestamp,
    /// Where the call comes from.
    pub address: IpAddr,
    /// What is left of the caller's limits.
    pub quota: Option<Quota>,
    /// Whose answer it is, where a credential told; his origins may read it.
    pub tenant: Option<Uuid>,
    /// The origin whose scripts may read the answer.
    pub reader: Option<String>,
    /// Further headers.
    pub headers: Vec<(String, String)>,
    /// Whether only the head of the answer is asked for.
    pub is_head: bool,
    /// Whether the process is about to end, and with it the connection.
    pub is_closing: Arc<AtomicBool>,
}

impl Frame {
    /// The frame of a request before anything is known of its caller.
    pub fn new(house: &House, request: &HttpRequest, route: Option<&Route>, now: Timestamp) -> Self {
        Self {
            dialect: house.dialects.native().clone(),
            is_flat: house.dialects.native().is_flat_at(request.path()),
            wants_problem: accepts_problem(request),
            op: route.map(|route| route.op),
            deprecated: route.and_then(|route| route.deprecated),
            request_id: house.ids.uuid(now),
            now,
            address: serve::address_of(house, request),
            quota: None,
            tenant: None,
            reader: None,
            headers: Vec::new(),
            is_head: request.method() == Method::HEAD,
            is_closing: house.is_closing.clone(),
        }
    }
}

/// Renders an answer or an error in the frame's dialect.
pub fn respond(frame: &mut Frame, answer: Result<Answer>) -> HttpResponse {
    let mut answer = answer;
    while let Ok(Answer::With { header, answer: inner }) = answer {
        frame.headers.push(header);
        answer = Ok(*inner);
    }
    let mut response = render(frame, answer);
    if frame.is_closing.load(Ordering::Relaxed) {
        response.head_mut().set_connection_type(ConnectionType::Close);
    }
    response
}

fn render(frame: &Frame, answer: Result<Answer>) -> HttpResponse {
    let op = frame.op.unwrap_or("");
    let rendered = match answer {
        Ok(Answer::One { view, value, done }) => frame.dialect.one_text(op, done, &view, &value),
        Ok(Answer::Page { view, items, info }) => frame.dialect.page_text(op, &view, &items, &info),
        Ok(Answer::Empty) => Written { status: 204, body: None },
        Ok(Answer::Raw { status, headers, body }) => {
            let mut builder = builder(status);
            dress(&mut builder, frame);
            for (name, value) in &headers {
                builder.insert_header((name.as_str(), value.as_str()));
            }
            return builder.body(body);
        }
        Ok(Answer::Stream(streamed)) => return stream(frame, &streamed),
        Ok(Answer::With { answer, .. }) => return render(frame, Ok(*answer)),
        Err(error) => return refuse(frame, &error),
    };
    finish(builder(rendered.status), frame, rendered.body, JSON)
}

fn stream(frame: &Frame, streamed: &Streamed) -> HttpResponse {
    let mut builder = builder(streamed.status_code());
    dress(&mut builder, frame);
    for (name, value) in streamed.headers() {
        builder.insert_header((name.as_str(), value.as_str()));
    }
    // What a HEAD does not send need not be read either.
    let bytes = match frame.is_head {
        true => futures_util::stream::empty().boxed(),
        false => streamed.take(),
    };
    match streamed.length() {
        Some(length) => builder.body(SizedStream::new(length, bytes)),
        None => builder.streaming(bytes),
    }
}

fn refuse(frame: &Frame, error: &Error) -> HttpResponse {
    match error.kind() {
        Kind::Internal => {
            let source = error.source().map(ToString::to_string).unwrap_or_default();
            tracing::error!(request.id = %frame.request_id, op = frame.op, source, "a request failed");
        }
        Kind::Unavailable => {
            let source = error.source().map(ToString::to_string).unwrap_or_default();
            tracing::warn!(request.id = %frame.request_id, op = frame.op, source, "a request was put off");
        }
        _ => tracing::debug!(request.id = %frame.request_id, op = frame.op, code = error.code.name(), "a request was refused"),
    }
    let request_id = frame.request_id.to_string();
    let (rendered, form): (Rendered, _) = match (frame.wants_problem, frame.is_flat) {
        (true, _) => (
            frame.dialect.problem(frame.op, error, &request_id),
            HeaderValue::from_static(PROBLEM),
        ),
        (false, true) => (frame.dialect.flat_error(frame.op, error), JSON),
        (false, false) => (frame.dialect.error(frame.op, error, &request_id), JSON),
    };
    if error.kind() == Kind::RateLimited {
        series::rate_limited();
    }
    let mut builder = builder(rendered.status);
    if let Some(seconds) = error.retry_after_s {
        builder.insert_header(("Retry-After", seconds.to_string()));
    }
    if rendered.status == 401 {
        builder.insert_header(("WWW-Authenticate", "Bearer"));
    }
    for (name, value) in &rendered.headers {
        builder.insert_header((name.as_str(), value.as_str()));
    }
    if let (Some(window), None) = (error.window(), &frame.quota) {
        builder.insert_header((LIMIT, window.limit));
        builder.insert_header((REMAINING, window.remaining));
        builder.insert_header((RESET, window.reset_at.seconds()));
    }
    finish(builder, frame, rendered.body.map(|body| body.to_string()), form)
}

/// Whether the caller names the form of problems among those it takes.
fn accepts_problem(request: &HttpRequest) -> bool {
    let mut accepted = request.headers().get_all(ACCEPT).filter_map(|value| value.to_str().ok());
    accepted.any(|value| value.to_ascii_lowercase().contains(PROBLEM))
}

fn finish(mut builder: HttpResponseBuilder, frame: &Frame, body: Option<String>, form: HeaderValue) -> HttpResponse {
    dress(&mut builder, frame);
    match body {
        Some(body) => builder.insert_header((CONTENT_TYPE, form)).body(body),
        None => builder.finish(),
    }
}

/// Headers that every answer carries.
fn dress(builder: &mut HttpResponseBuilder, frame: &Frame) {
    builder.insert_header((REQUEST_ID, frame.request_id.to_string()));
    // The server's time, which the operator of a sandbox may have advanced.
    let seconds = u64::try_from(frame.now.seconds()).unwrap_or(0);
    builder.insert_header((DATE, HttpDate::from(UNIX_EPOCH + Duration::from_secs(seconds)).to_string()));
    builder.insert_header((X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")));
    builder.insert_header((X_FRAME_OPTIONS, HeaderValue::from_static("DENY")));
    builder.insert_header((REFERRER_POLICY, HeaderValue::from_static("strict-origin-when-cross-origin")));
    for (name, value) in cors::headers(frame.reader.as_deref()) {
        builder.insert_header((name, value));
    }
    for (name, value) in &frame.headers {
        builder.insert_header((name.as_str(), value.as_str()));
    }
    if !frame.headers.iter().any(|(name, _)| name == "Cache-Control") {
        let never = HeaderValue::from_static("no-store, no-cache, must-revalidate");
        builder.insert_header((CACHE_CONTROL, never));
        builder.insert_header((PRAGMA, HeaderValue::from_static("no-cache")));
    }
    for (name, value) in frame.deprecated.iter().flat_map(Deprecation::headers) {
        builder.insert_header((name, value));
    }
    if let Some(quota) = &frame.quota {
        for (name, value) in quota_headers(quota, frame.now, frame.dialect.limits.daily_headers) {
            builder.insert_header((name, value));
        }
    }
}

/// The classic `X-RateLimit-*` headers and the IETF fields beside them (draft-ietf-httpapi-ratelimit-headers).
fn quota_headers(quota: &Quota, now: Timestamp, daily: bool) -> Vec<(HeaderName, HeaderValue)> {
    let mut headers = Vec::with_capacity(8);
    let (mut policies, mut states) = (Vec::new(), Vec::new());
    if let Some(minute) = &quota.minute {
        headers.push((LIMIT, minute.limit.into()));
        headers.push((REMAINING, minute.remaining.into()));
        headers.push((RESET, minute.reset_at.seconds().into()));
        policies.push(format!("\"minute\";q={};w=60", minute.limit));
        states.push(format!(
            "\"minute\";r={};t={}",
            minute.remaining,
            minute.reset_at.seconds_from(now)
        ));
    }
    if let Some(day) = &quota.day {
        if daily {
            headers.push((DAILY_LIMIT, day.limit.into()));
            headers.push((DAILY_REMAINING, day.remaining.into()));
            headers.push((DAILY_RESET, day.reset_at.seconds().into()));
        }
        policies.push(format!("\"day\";q={};w=86400", day.limit));
        states.push(format!("\"day\";r={};t={}", day.remaining, day.reset_at.seconds_from(now)));
    }
    if !policies.is_empty() {
        for (name, texts) in [(POLICY, policies), (STATE, states)] {
            headers.extend(HeaderValue::try_from(texts.join(", ")).ok().map(|text| (name, text)));
        }
    }
    headers
}

fn builder(status: u16) -> HttpResponseBuilder {
    HttpResponseBuilder::new(StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR))
}
