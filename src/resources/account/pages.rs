//! The pages.

use super::store::{self, Held};
use crate::context::Answer;
use crate::domain::{Result, Timestamp};
use crate::http::Call;
use crate::http::html::{self, escaped};
use crate::resources::people::service as people;

const ASK: &str = "<p>Type the address you bought with. We mail you a link that signs you in.</p><form method=\"post\"><label>Your \
                   e-mail<input type=\"email\" name=\"email\" required maxlength=\"254\"></label><button>Send the link</button></form>";

pub(super) async fn show(call: Call) -> Result<Answer> {
    let Some(person) = call.ctx.person_id() else {
        return Ok(html::page(200, "What you bought", ASK));
    };
    let held = store::held(call.ctx.store().read(), person).await?;
    Ok(html::page(200, "What you bought", &listed(&held)))
}

pub(super) async fn ask(call: Call) -> Result<Answer> {
    let fields = url::form_urlencoded::parse(&call.bytes).into_owned();
    let email = fields.into_iter().find(|(name, _)| name == "email").map(|(_, email)| email);
    let email = email.map(|email| email.trim().to_lowercase());
    let Some(email) = email.filter(|email| email.len() <= 254 && email.contains('@')) else {
        let body = format!("<p role=\"alert\">This is no e-mail address.</p>{ASK}");
        return Ok(html::page(400, "What you bought", &body));
    };
    match people::ask_buyer_link(&call.ctx, &email).await {
        Ok(()) => Ok(html::page(
            200,
            "Look into your mail",
            "<p>If something was bought with this address, a link is on its way to it.</p>",
        )),
        Err(error) => {
            let body = format!("<p role=\"alert\">{}</p>{ASK}", escaped(&error.message));
            Ok(html::page(error.kind().status(), "What you bought", &body))
        }
    }
}

fn listed(held: &[Held]) -> String {
    if held.is_empty() {
        return "<p>Nothing yet.</p>".to_owned();
    }
    let rows = held.iter().map(|held| {
        let until = held.expires_at.map(|at| {
            let text = Timestamp(at).seconds_text();
            format!(" until {}", text.split('T').next().unwrap_or_default())
        });
        format!(
            "<tr><td>{}</td><td>{}{}</td></tr>",
            escaped(&held.product),
            escaped(&held.shop),
            until.unwrap_or_default()
        )
    });
    format!("<table>{}</table>", rows.collect::<String>())
}
