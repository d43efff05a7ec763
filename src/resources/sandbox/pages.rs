//! The pages a buyer sees.

use super::service::{self, Card, Tried};
use super::tracking::{self, Tracking};
use crate::context::Answer;
use crate::domain::money::price;
use crate::domain::{Error, Result};
use crate::http::Call;
use crate::http::html::{self, Leave, escaped};
use crate::resources::consents::rules::Consent;
use crate::resources::integrations::SUBJECT;
use crate::resources::sales::types::Line;
use crate::store::settings;
use entities::checkout::{Model, Status};

pub(super) async fn show(call: Call) -> Result<Answer> {
    let (row, lines) = service::find(&call.ctx.house, id(&call)?).await?;
    Ok(match row.status {
        Status::Open => pay_page(200, (&row, &lines), None, &tracking(&call, &row).await?),
        Status::Complete => html::page(200, "Paid", "<p>This purchase is paid.</p>"),
        Status::Expired => expired(),
    })
}

pub(super) async fn pay(call: Call) -> Result<Answer> {
    let (row, lines) = service::find(&call.ctx.house, id(&call)?).await?;
    let fields: Vec<(String, String)> = url::form_urlencoded::parse(&call.bytes).into_owned().collect();
    let field = |name: &str| {
        fields
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.trim().to_owned())
    };
    let card = Card::read(&field("card").unwrap_or_default());
    let email = field("email")
        .filter(|email| email.contains('@'))
        .map(|email| email.to_lowercase());
    let tried = service::pay(&call.ctx.house, &row, card, (email, field("name")), call.ctx.now).await?;
    Ok(match tried {
        Tried::Paid => html::see_other(&after(&call, &row)),
        Tried::Declined(why) => pay_page(402, (&row, &lines), Some(why), &tracking(&call, &row).await?),
        Tried::Expired => expired(),
    })
}

pub(super) async fn done(call: Call) -> Result<Answer> {
    let (row, _) = service::find(&call.ctx.house, id(&call)?).await?;
    let text = match row.status {
        Status::Complete => "<p>Thank you. A receipt is on its way to you.</p>",
        _ => "<p>This purchase is not paid yet.</p>",
    };
    let leave = Leave {
        frames: service::frames(&call.ctx.house, &row).await?,
        ..Leave::default()
    };
    Ok(html::shown(200, "Thank you", text, &leave))
}

/// An address that no checkout can have is no checkout's.
fn id(call: &Call) -> Result<uuid::Uuid> {
    call.id("id").map_err(|_| Error::not_found("checkout"))
}

fn after(call: &Call, row: &Model) -> String {
    let own = format!("{}/sandbox/checkout/{}/done", call.ctx.house.public_url, row.id);
    let wanted = row.success_url.clone().unwrap_or(own);
    wanted.replace("{CHECKOUT_SESSION_ID}", row.session_ref.as_deref().unwrap_or_default())
}

fn expired() -> Answer {
    html::page(
        410,
        "Expired",
        "<p>This purchase was not paid in time. Begin again at the shop.</p>",
    )
}

/// What the page counts its visitor with, and where it may be shown.
async fn tracking(call: &Call, row: &Model) -> Result<Tracking> {
    let house = &call.ctx.house;
    let (_, set) = settings::with_name(house.store.read(), row.tenant, SUBJECT).await?;
    let nonce = hex::encode(house.ids.bytes::<16>());
    let mut tracking = tracking::of(&set, Consent::of(&row.metadata.0), row.id, &nonce);
    tracking.leave.frames = service::frames(house, row).await?;
    Ok(tracking)
}

fn pay_page(status: u16, (row, lines): (&Model, &[Line]), trouble: Option<&str>, tracking: &Tracking) -> Answer {
    let rows: String = lines
        .iter()
        .map(|line| {
            format!(
                "<tr><td>{}</td><td>{}</td></tr>",
                escaped(&line.name),
                escaped(&price(line.total_minor, &row.currency))
            )
        })
        .collect();
    let trouble = trouble
        .map(|text| format!("<p role=\"alert\">{}</p>", escaped(text)))
        .unwrap_or_default();
    let email = match &row.email {
        Some(email) => format!("<p>For {}</p>", escaped(email)),
        None => "<label>Your e-mail<input type=\"email\" name=\"email\" required maxlength=\"254\"></label>".to_owned(),
    };
    let cancel = row.cancel_url.as_deref().filter(|url| url.starts_with("http"));
    let cancel = cancel.map(|url| format!("<p><a href=\"{}\" rel=\"noreferrer\">Back to the shop</a></p>", escaped(url)));
    let cards: String = Card::ALL
        .iter()
        .map(|card| {
            format!(
                "<option value=\"{}\">{} · {}</option>",
                card.number(),
                card.number(),
                card.about()
            )
        })
        .collect();
    let body = format!(
        "<p>No money moves here: this is the sandbox.</p>{trouble}<table>{rows}<tr><td><b>Total</b></td><td><b>{}</b></td></tr></table>\
         <form method=\"post\">{email}<label>Test card<input name=\"card\" list=\"cards\" required value=\"4242424242424242\" \
         autocomplete=\"off\"></label><datalist id=\"cards\">{cards}</datalist><button>Pay</button></form>{}",
        escaped(&price(row.amount_minor, &row.currency)),
        cancel.unwrap_or_default(),
    );
    html::shown(status, "Checkout", &format!("{body}{}", tracking.markup), &tracking.leave)
}
