//! Rendering errors.

use super::{NAMES, object, preset};
use crate::domain::{Code, Error};
use serde_json::{Value, json};

fn text(name: &str, op: Option<&str>, error: &Error) -> (u16, String) {
    let rendered = preset(name).error(op, error, "req_1");
    (rendered.status, rendered.body.unwrap().to_string())
}

fn limited(bucket: &str) -> Error {
    let mut error = Error::new(Code::RateLimited, "Slow down.").with_details(json!({"bucket": bucket, "limit": 60}));
    error.retry_after_s = Some(23);
    error
}

#[test]
fn a_missing_thing_in_six_dialects() {
    let expected = [
        r#"{"error":{"code":"NOT_FOUND","message":"No such product."}}"#,
        r#"{"error":{"code":"NOT_FOUND","message":"No such product."}}"#,
        r#"{"error":{"code":"NOT_FOUND","message":"No such product."}}"#,
        r#"{"error":"No such product.","code":"NOT_FOUND","status":404,"requestId":"req_1"}"#,
        r#"{"error":{"code":"not_found","message":"No such product."}}"#,
        r#"{"success":false,"error":"No such product.","code":"NOT_FOUND"}"#,
    ];
    for (name, expected) in NAMES.into_iter().zip(expected) {
        assert_eq!(
            text(name, None, &Error::not_found("product")),
            (404, expected.to_owned()),
            "{name}"
        );
    }
}

#[test]
fn an_invalid_field_in_six_dialects_bears_the_name_it_was_sent_with() {
    let create = Some("products.create");
    let fault = |field: &'static str| Error::field(field, "required", "Name is required");
    assert_eq!(
        text(
            "sellf",
            create,
            &Error::field("price_minor", "type", "Price must be a number")
        ),
        (
            400,
            r#"{"error":{"code":"VALIDATION_ERROR","message":"Invalid input","details":{"price":["Price must be a number"]}}}"#
                .to_owned()
        )
    );
    assert_eq!(
        text("openclaw", create, &fault("name")).1,
        r#"{"error":{"code":"VALIDATION_ERROR","message":"Invalid input","details":{"title":["Name is required"]}}}"#
    );
    assert_eq!(
        text("licentric", create, &fault("slug")).1,
        r#"{"error":"Invalid input","code":"VALIDATION_ERROR","status":400,"details":{"issues":[{"path":["code"],"message":"Name is required","code":"required"}]},"requestId":"req_1"}"#
    );
    assert_eq!(
        text("bigclass", Some("api_keys.create"), &fault("rate_limit_per_minute")),
        (422, r#"{"error":{"code":"invalid_request","message":"Invalid input","details":{"rateLimitPerMinute":["Name is required"]}}}"#.to_owned())
    );
    assert_eq!(
        text("cgls", create, &fault("name")),
        (
            400,
            r#"{"success":false,"error":"Missing required fields","code":"VALIDATION_ERROR"}"#.to_owned()
        )
    );
    let both = Error::fields(
        [
            fault("name").fields,
            Error::field("visibility", "one_of", "Status is odd").fields,
        ]
        .concat(),
    );
    assert_eq!(
        text("cgls", create, &both).1,
        r#"{"success":false,"error":"name: Name is required; status: Status is odd","code":"VALIDATION_ERROR"}"#
    );
    let nested = Error::field("attributes.custom_checkout_fields.2.max_length", "type", "no");
    assert!(
        text("fondaco", create, &nested)
            .1
            .contains(r#"{"custom_checkout_fields.2.max_length":["no"]}"#)
    );
    assert!(
        text("bigclass", create, &nested)
            .1
            .contains(r#"{"customCheckoutFields.2.maxLength":["no"]}"#)
    );
}

#[test]
fn limits_are_told_with_bucket_and_seconds_where_the_contract_asks_for_them() {
    let (status, body) = text("bigclass", None, &limited("minute"));
    assert_eq!(status, 429);
    assert_eq!(
        body,
        r#"{"error":{"code":"rate_limited","message":"Per-minute rate limit reached. Retry after 23s.","retryAfterSeconds":23}}"#
    );
    assert!(
        text("bigclass", None, &limited("day"))
            .1
            .contains("Per-day rate limit reached. Retry after 23s.")
    );
    assert_eq!(
        text("sellf", None, &limited("minute")).1,
        r#"{"error":{"code":"RATE_LIMITED","message":"Rate limit exceeded. Maximum 60 requests per minute."}}"#
    );
    assert_eq!(
        text("licentric", None, &limited("minute")).1,
        r#"{"error":"Slow down.","code":"RATE_LIMITED","status":429,"requestId":"req_1"}"#
    );
    let headers = preset("cgls").error(None, &limited("minute"), "r").headers;
    assert_eq!(headers, [("Retry-After".to_owned(), "23".to_owned())]);
    let busy = preset("bigclass").error(None, &Error::unavailable(2), "r");
    assert_eq!(busy.status, 503);
    assert_eq!(busy.headers, [("Retry-After".to_owned(), "2".to_owned())]);
    assert!(busy.body.unwrap()["error"].get("retryAfterSeconds").is_none());
}

#[test]
fn codes_and_statuses_follow_operation_and_contract() {
    let table = [
        ("sellf", "webhooks.create", Code::Validation, 400, "INVALID_INPUT"),
        ("sellf", "products.create", Code::Validation, 400, "VALIDATION_ERROR"),
        ("fondaco", "webhooks.create", Code::Validation, 400, "VALIDATION_ERROR"),
        ("sellf", "coupons.create", Code::AlreadyExists, 409, "CONFLICT"),
        ("sellf", "products.create", Code::AlreadyExists, 409, "ALREADY_EXISTS"),
        ("sellf", "products.create", Code::Malformed, 400, "INVALID_INPUT"),
        ("sellf", "me.get", Code::InvalidToken, 401, "INVALID_TOKEN"),
        ("licentric", "products.create", Code::AlreadyExists, 409, "CONFLICT"),
        ("licentric", "webhooks.create", Code::LimitReached, 422, "PLAN_LIMIT_EXCEEDED"),
        ("licentric", "me.get", Code::InvalidToken, 401, "UNAUTHORIZED"),
        ("openclaw", "webhooks.create", Code::LimitReached, 409, "CONFLICT"),
        ("bigclass", "students.create", Code::Malformed, 422, "invalid_request"),
        ("bigclass", "students.create", Code::MethodNotAllowed, 405, "invalid_request"),
        ("bigclass", "students.create", Code::InvalidToken, 401, "unauthorized"),
        ("bigclass", "students.create", Code::ScopeMissing, 403, "forbidden"),
        ("cgls", "products.create", Code::AlreadyExists, 409, "ALREADY_EXISTS"),
    ];
    for (name, op, code, status, spelt) in table {
        let rendered = preset(name).error(Some(op), &Error::new(code, "Text."), "r");
        let body = rendered.body.unwrap();
        let shown = body.pointer("/error/code").or(body.get("code")).cloned();
        assert_eq!((rendered.status, shown), (status, Some(json!(spelt))), "{name} {op}");
    }
}

#[test]
fn path_ids_and_challenges_follow_the_contract() {
    assert_eq!(preset("bigclass").path_id_code(), Code::NotFound);
    assert_eq!(preset("sellf").path_id_code(), Code::Malformed);
    let headers = |name: &str| preset(name).error(None, &Error::new(Code::Unauthenticated, ""), "r").headers;
    assert_eq!(headers("sellf"), [("WWW-Authenticate".to_owned(), "Bearer".to_owned())]);
    assert!(headers("cgls").is_empty());
}

#[test]
fn fixed_texts_and_facts_reach_those_who_compare_them() {
    let full = Error::new(Code::Forbidden, "No seat left.")
        .with_text("machine_limit")
        .with_details(json!({"max": 3, "current": 3}));
    let (status, body) = text("cgls", Some("licenses.activate"), &full);
    assert_eq!(status, 403);
    assert_eq!(
        body,
        r#"{"success":false,"error":"Machine limit reached (3). Deactivate another machine first.","code":"MACHINE_LIMIT","max":3,"current":3}"#
    );
    let (status, body) = text("licentric", None, &full);
    assert_eq!(status, 422);
    assert_eq!(
        body,
        r#"{"error":"No seat left.","code":"MACHINE_LIMIT_EXCEEDED","status":422,"details":{"max":3,"current":3},"requestId":"req_1"}"#
    );
    let revoked = Error::new(Code::Forbidden, "x")
        .with_text("license_revoked")
        .with_details(json!({"reason": "revoked"}));
    assert_eq!(
        text("cgls", Some("licenses.verify"), &revoked).1,
        r#"{"valid":false,"error":"License has been revoked","code":"LICENSE_REVOKED","reason":"revoked"}"#
    );
    let unfilled = Error::new(Code::Forbidden, "Own words.").with_text("machine_limit");
    assert!(text("cgls", None, &unfilled).1.contains("Own words."));
}

#[test]
fn every_code_has_an_answer_everywhere_and_never_shows_its_source() {
    for name in NAMES {
        for code in Code::ALL {
            let rendered = preset(name).error(None, &Error::new(*code, "Text.").caused_by("secret"), "r");
            assert!((400..600).contains(&rendered.status), "{name} {}", code.name());
            assert!(!rendered.body.unwrap().to_string().contains("secret"));
        }
    }
    let problem = preset("fondaco").problem(Some("products.create"), &Error::field("price_minor", "type", "no"), "r");
    let members = object(problem.body.unwrap());
    assert_eq!(
        (&members["status"], &members["errors"]),
        (&Value::from(400), &json!({"price": ["no"]}))
    );
}
