//! What the published contracts say of refusals, written down here a second time and by hand, so that a slip in a dialect's
//! file is found and not repeated.

use crate::harness::Answer;
use serde_json::Value;

/// The dialects of the five contracts and the native one.
pub(crate) const ALL: [&str; 6] = ["fondaco", "sellf", "openclaw", "licentric", "bigclass", "cgls"];

/// A refusal, whatever its words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// No credential.
    Anonymous,
    /// A credential that proves nothing.
    BadCredential,
    /// A key where a person is wanted.
    KeyWherePerson,
    /// A good key without the scope.
    Scope,
    /// Nothing of that id, or no such path.
    NotFound,
    /// Over a limit.
    Limit,
    /// A method the path does not take.
    Method,
    /// Over a cap.
    Size,
    /// Not JSON, or a cursor that is none.
    Malformed,
    /// A field breaks a rule.
    Field,
    /// A name that is taken.
    Taken,
    /// The server cannot now.
    Unavailable,
    /// The server is at fault.
    Fault,
}

/// The status and the code of a refusal.
pub(crate) fn expected(dialect: &str, refusal: Refusal) -> (u16, &'static str) {
    use Refusal::*;
    let (status, code) = match refusal {
        Anonymous => (401, "UNAUTHORIZED"),
        BadCredential => (401, "INVALID_TOKEN"),
        KeyWherePerson => (401, "UNAUTHORIZED"),
        Scope => (403, "FORBIDDEN"),
        NotFound => (404, "NOT_FOUND"),
        Limit => (429, "RATE_LIMITED"),
        Method => (405, "METHOD_NOT_ALLOWED"),
        Size => (413, "PAYLOAD_TOO_LARGE"),
        Malformed => (400, "INVALID_INPUT"),
        Field => (400, "VALIDATION_ERROR"),
        Taken => (409, "ALREADY_EXISTS"),
        Unavailable => (503, "SERVICE_UNAVAILABLE"),
        Fault => (500, "INTERNAL_ERROR"),
    };
    match (dialect, refusal) {
        ("sellf", Method | Size) => (status, "INVALID_INPUT"),
        ("openclaw", KeyWherePerson) => (403, "FORBIDDEN"),
        ("licentric", BadCredential) => (401, "UNAUTHORIZED"),
        ("licentric", Malformed) => (400, "VALIDATION_ERROR"),
        ("licentric", Taken) => (409, "CONFLICT"),
        ("bigclass", Anonymous | BadCredential) => (401, "unauthorized"),
        ("bigclass", KeyWherePerson | Scope) => (403, "forbidden"),
        ("bigclass", NotFound) => (404, "not_found"),
        ("bigclass", Limit) => (429, "rate_limited"),
        ("bigclass", Method | Size) => (status, "invalid_request"),
        ("bigclass", Malformed | Field) => (422, "invalid_request"),
        ("bigclass", Taken) => (409, "conflict"),
        ("bigclass", Unavailable | Fault) => (status, "internal_error"),
        _ => (status, code),
    }
}

/// Fails unless an answer is this refusal in this dialect's envelope.
#[track_caller]
pub(crate) fn is_refused(answer: &Answer, dialect: &str, refusal: Refusal, about: &str) {
    let (status, code) = expected(dialect, refusal);
    let about = format!("{dialect}, {refusal:?}, {about}: {} {}", answer.status, answer.text());
    assert_eq!(answer.status, status, "{about}");
    assert!(is_enveloped(&answer.json, dialect, status, code), "wanted {code}: {about}");
    assert!(answer.header("content-type").starts_with("application/json"), "{about}");
    assert_eq!(answer.header("x-request-id").len(), 36, "{about}");
    let has_wait = answer.header("retry-after").parse::<u32>().is_ok();
    assert_eq!(has_wait, matches!(status, 429 | 503), "Retry-After: {about}");
}

/// Whether a body is an error of this status and code in the dialect's envelope.
fn is_enveloped(body: &Value, dialect: &str, status: u16, code: &str) -> bool {
    let has_text = |value: &Value| value.as_str().is_some_and(|text| !text.is_empty());
    match dialect {
        // A plain text; there is no code in this contract.
        "cgls" => body["success"] == false && has_text(&body["error"]),
        "licentric" => {
            body["code"] == code && has_text(&body["error"]) && body["status"] == status && has_text(&body["requestId"])
        }
        _ => {
            let error = &body["error"];
            let has_wait = error.get("retryAfterSeconds").is_some();
            let is_alone = body.as_object().is_some_and(|members| members.len() == 1);
            let waits = dialect == "bigclass" && status == 429;
            is_alone && error["code"] == code && has_text(&error["message"]) && has_wait == waits
        }
    }
}
