//! The page of a sandbox subscription: what it is, and another card for it.

use super::service::Card;
use super::subscriptions;
use crate::context::{Answer, House};
use crate::domain::{Error, Result, Timestamp};
use crate::http::Call;
use crate::http::html::{self, escaped};
use crate::resources::subscriptions::service;
use entities::payment::Provider;
use entities::subscription::Model;

pub(super) async fn show(call: Call) -> Result<Answer> {
    let row = find(&call.ctx.house, &call).await?;
    Ok(page(200, &row, None))
}

pub(super) async fn change_card(call: Call) -> Result<Answer> {
    let row = find(&call.ctx.house, &call).await?;
    let card = url::form_urlencoded::parse(&call.bytes).find(|(name, _)| name == "card");
    let card = Card::read(&card.map(|(_, number)| number.into_owned()).unwrap_or_default());
    match card {
        Card::Unknown => Ok(page(402, &row, Some("This is no test card; no other is taken here."))),
        Card::Declined => Ok(page(402, &row, Some("The card was declined."))),
        Card::Good | Card::Disputed | Card::FailsLater => {
            subscriptions::change_card(&call.ctx.house, &row, card, call.ctx.now).await?;
            let place = format!("{}/sandbox/subscriptions/{}", call.ctx.house.public_url, row.id);
            Ok(html::see_other(&place))
        }
    }
}

async fn find(house: &House, call: &Call) -> Result<Model> {
    let missing = || Error::not_found("subscription");
    let id = call.id("id").map_err(|_| missing())?;
    let row = service::by_id_anywhere(house.store.read(), id).await?;
    row.filter(|row| row.provider == Provider::Sandbox).ok_or_else(missing)
}

fn page(status: u16, row: &Model, trouble: Option<&str>) -> Answer {
    let trouble = trouble
        .map(|text| format!("<p role=\"alert\">{}</p>", escaped(text)))
        .unwrap_or_default();
    let moment = |at: Option<i64>| at.map_or_else(|| "-".to_owned(), |at| Timestamp(at).seconds_text());
    let ends = if row.cancel_at_period_end { "ends" } else { "is renewed" };
    let number = row.card.as_deref().unwrap_or_default();
    let cards: String = Card::ALL
        .iter()
        .filter(|card| **card != Card::Declined)
        .map(|card| format!("<li><code>{}</code> {}</li>", card.number(), card.about()))
        .collect();
    let body = format!(
        "<p>No money moves here: this is the sandbox.</p>{trouble}<p>Status: <b>{}</b></p><p>The present period {ends} at {}.</p>\
         <form method=\"post\"><label>Test card<input name=\"card\" required value=\"{}\" autocomplete=\"off\"></label>\
         <button>Use this card</button></form><p>What is owed is charged to a good card at once. Cards:</p><ul>{cards}</ul>",
        row.status.name(),
        moment(row.period_end_at),
        escaped(number),
    );
    html::page(status, "Subscription", &body)
}
