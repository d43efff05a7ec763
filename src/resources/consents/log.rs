//! The log of answers, read back: page by page, or whole as a table.

use super::store::{self, Entries};
use super::types::{ConsentView, ListConsents};
use crate::context::{Answer, Ctx, Streamed};
use crate::domain::dialect::PageRequest;
use crate::domain::{Result, csv};
use bytes::Bytes;
use entities::consent::Model;
use futures_util::{StreamExt as _, stream};

/// Rows read at a time for an export.
const EXPORT_ROWS: u32 = 500;
/// The table's columns.
const HEAD: [&str; 9] = [
    "ID",
    "Checkout ID",
    "Visitor ID",
    "Analytics",
    "Marketing",
    "Version",
    "Address Digest",
    "User Agent",
    "Given At",
];

/// Lists answers, newest first.
///
/// # Errors
/// `Malformed` for a cursor that is none of ours.
pub(super) async fn list(ctx: &Ctx, filter: ListConsents, page: PageRequest) -> Result<Answer> {
    let wanted = Entries::new(ctx.room()?, filter);
    let (rows, info) = store::list(ctx.store(), &wanted, &page).await?;
    let views: Vec<ConsentView> = rows.iter().map(ConsentView::from).collect();
    Answer::page("consent_entry", &views, info)
}

/// All answers, as a table that is read from the database while it is sent.
///
/// # Errors
/// `Forbidden` where the credential belongs to no tenant.
pub(super) async fn export(ctx: &Ctx, filter: ListConsents) -> Result<Answer> {
    let wanted = Entries::new(ctx.room()?, filter);
    let name = &ctx.now.millis_text()[..10];
    let headers = vec![
        ("Content-Type".to_owned(), "text/csv; charset=utf-8".to_owned()),
        (
            "Content-Disposition".to_owned(),
            format!("attachment; filename=\"consents-{name}.csv\""),
        ),
    ];
    let store = ctx.store().clone();
    let rows = stream::unfold(Some(None), move |place| {
        let (store, wanted) = (store.clone(), wanted.clone());
        async move {
            let read = store::batch(store.read(), &wanted, place?.as_ref(), EXPORT_ROWS).await;
            let (rows, next) = read
                .inspect_err(|error| tracing::warn!(%error, "an export was cut off"))
                .ok()?;
            let text: String = rows.iter().map(|row| format!("\n{}", line(row))).collect();
            Some((Bytes::from(text), next.map(Some)))
        }
    });
    let whole = stream::iter([Bytes::from(csv::row(HEAD))]).chain(rows);
    Ok(Answer::Stream(Streamed::new(headers, whole)))
}

fn line(row: &Model) -> String {
    let view = ConsentView::from(row);
    let said = |yes: bool| if yes { "true" } else { "false" };
    csv::row([
        view.id.to_string().as_str(),
        &view.checkout_id.map(|id| id.to_string()).unwrap_or_default(),
        view.visitor_id.as_deref().unwrap_or_default(),
        said(view.analytics),
        said(view.marketing),
        view.version.as_deref().unwrap_or_default(),
        &view.address_digest,
        view.user_agent.as_deref().unwrap_or_default(),
        &view.created_at.millis_text(),
    ])
}
