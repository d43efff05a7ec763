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
use crate::http::html::{self, escaped};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

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
    html::page(200, page.title, &form(page, &token(call), None))
}

/// What came of it, with whatever headers the answer carries, such as a session's cookie.
fn tell(call: &Call, page: &Page, done: Result<Answer>, text: &str) -> Answer {
    let mut answer = match done {
        Ok(answer) => answer,
        Err(error) => {
            let mut told = html::page(
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
    let onward = match page.title == LINK.title {
        true => "<p><a href=\"/account\">See what you bought</a></p>",
        false => "",
    };
    let mut told = html::page(200, page.title, &format!("<p>{}</p>{onward}", escaped(text)));
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
