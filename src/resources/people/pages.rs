//! The pages behind mailed links: a form that posts, for people; no script, nothing from elsewhere.
//!
//! Opening a link changes nothing, since mail programs open links by themselves; only the form uses the token up.

use super::http::visitor;
use super::members::{self, AcceptInvitation};
use super::service::{self, Asked};
use super::types::ResetPassword;
use crate::context::Answer;
use crate::domain::{Error, Result};
use crate::http::Call;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// The token stands in the page's address, so that no other site may learn that; a form still names its origin.
const HEADERS: [(&str, &str); 3] = [
    ("Content-Type", "text/html; charset=utf-8"),
    ("Referrer-Policy", "same-origin"),
    (
        "Content-Security-Policy",
        "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
];

/// One page with a form.
struct Page {
    title: &'static str,
    text: &'static str,
    /// Label, name, minimum length and whether it must be filled; `None` where nothing is asked.
    password: Option<(&'static str, bool)>,
    button: &'static str,
}

const VERIFY: Page = Page {
    title: "Confirm your address",
    text: "Confirm that you registered and that this e-mail address is yours.",
    password: None,
    button: "Confirm",
};
const RESET: Page = Page {
    title: "Set a new password",
    text: "Your sessions on all devices end.",
    password: Some(("New password, at least 8 characters", true)),
    button: "Set password",
};
const LINK: Page = Page {
    title: "Sign in",
    text: "Sign in on this device.",
    password: None,
    button: "Sign in",
};
const INVITATION: Page = Page {
    title: "Accept the invitation",
    text: "You will be able to work on the shop that invited you. If you have no account yet, choose a password.",
    password: Some(("Password for a new account, at least 8 characters", false)),
    button: "Accept",
};

pub(super) async fn show_verify(call: Call) -> Result<Answer> {
    Ok(show(&call, &VERIFY))
}

pub(super) async fn show_reset(call: Call) -> Result<Answer> {
    Ok(show(&call, &RESET))
}

pub(super) async fn show_link(call: Call) -> Result<Answer> {
    Ok(show(&call, &LINK))
}

pub(super) async fn show_invitation(call: Call) -> Result<Answer> {
    Ok(show(&call, &INVITATION))
}

pub(super) async fn verify(call: Call) -> Result<Answer> {
    let done = service::verify(&call.ctx, Asked::Token(token(&call))).await;
    Ok(tell(&call, &VERIFY, done, "Your address is confirmed."))
}

pub(super) async fn reset(call: Call) -> Result<Answer> {
    let done = match read::<ResetPassword>(&call, "people.reset") {
        Ok(form) => service::reset(&call.ctx, form).await,
        Err(error) => Err(error),
    };
    Ok(tell(&call, &RESET, done, "Your new password is set. Sign in with it."))
}

pub(super) async fn link(call: Call) -> Result<Answer> {
    let done = service::redeem_link(&call.ctx, &token(&call), visitor(&call)).await;
    Ok(tell(&call, &LINK, done, "You are signed in."))
}

pub(super) async fn invitation(call: Call) -> Result<Answer> {
    let done = match read::<AcceptInvitation>(&call, "members.accept") {
        Ok(form) => members::service::accept(&call.ctx, form).await,
        Err(error) => Err(error),
    };
    Ok(tell(&call, &INVITATION, done, "Welcome. Sign in to begin."))
}

/// The form's fields, or the query's; a field left empty was not filled in.
fn fields(call: &Call) -> Map<String, Value> {
    let form = url::form_urlencoded::parse(&call.bytes).into_owned();
    form.chain(call.query.iter().cloned())
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| (name, Value::String(value)))
        .collect()
}

fn token(call: &Call) -> String {
    fields(call)
        .get("token")
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned()
}

fn read<T: DeserializeOwned>(call: &Call, op: &str) -> Result<T> {
    let neutral = call.ctx.house.dialects.native().read(op, &fields(call))?;
    serde_json::from_value(Value::Object(neutral)).map_err(Error::internal)
}

fn show(call: &Call, page: &Page) -> Answer {
    html(200, page.title, &form(page, &token(call), None))
}

/// What came of it, with whatever headers the answer carries, such as a session's cookie.
fn tell(call: &Call, page: &Page, done: Result<Answer>, text: &str) -> Answer {
    let mut answer = match done {
        Ok(answer) => answer,
        Err(error) => {
            let mut told = html(
                error.kind().status(),
                page.title,
                &form(page, &token(call), Some(&message(&error))),
            );
            if let Some(seconds) = error.retry_after_s {
                told = told.header("Retry-After", seconds.to_string());
            }
            return told;
        }
    };
    let mut told = html(200, page.title, &format!("<p>{}</p>", escaped(text)));
    while let Answer::With {
        header: (name, value),
        answer: inner,
    } = answer
    {
        told = told.header(&name, value);
        answer = *inner;
    }
    told
}

/// What a person can do something about; a fault of ours tells nothing.
fn message(error: &Error) -> String {
    match error.fields.first() {
        Some(field) => field.message.to_string(),
        None => error.message.to_string(),
    }
}

fn form(page: &Page, token: &str, trouble: Option<&str>) -> String {
    let trouble = trouble
        .map(|text| format!("<p role=\"alert\">{}</p>", escaped(text)))
        .unwrap_or_default();
    let password = page.password.map(|(label, required)| {
        let required = if required { " required" } else { "" };
        format!(
            "<label>{label}<input type=\"password\" name=\"password\" minlength=\"8\" maxlength=\"200\" \
             autocomplete=\"new-password\"{required}></label>"
        )
    });
    format!(
        "<p>{}</p>{trouble}<form method=\"post\"><input type=\"hidden\" name=\"token\" value=\"{}\">{}<button>{}</button></form>",
        page.text,
        escaped(token),
        password.unwrap_or_default(),
        page.button
    )
}

fn html(status: u16, title: &str, body: &str) -> Answer {
    let text = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <meta name=\"robots\" content=\"noindex\"><title>{title}</title><style>body{{font:1rem/1.5 system-ui,sans-serif;\
         max-width:26rem;margin:4rem auto;padding:0 1rem;color:#222;background:#fff}}label,input,button{{display:block;width:100%;\
         box-sizing:border-box}}input,button{{font:inherit;padding:.6rem;margin:.3rem 0 1rem}}[role=alert]{{color:#a00}}</style>\
         </head><body><main><h1>{title}</h1>{body}</main></body></html>"
    );
    let headers = HEADERS
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    Answer::Raw {
        status,
        headers,
        body: text.into_bytes(),
    }
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_comes_with_a_link_becomes_markup() {
        let page = form(&RESET, "\"><script>x</script>", Some("<b>"));
        assert!(!page.contains("<script>") && !page.contains("<b>"), "{page}");
        assert!(page.contains("&quot;&gt;&lt;script&gt;"), "{page}");
    }
}
