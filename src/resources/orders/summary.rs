//! What a window of days adds up to.

use super::rules::{self, Window};
use super::store;
use super::types::{AskedWindow, CompletionView, RevenueView, SummaryView};
use crate::context::{Answer, Ctx};
use crate::domain::{Error, Result};

/// Adds up revenue and completion over a window.
///
/// # Errors
/// `Validation` for what is no window.
pub async fn read(ctx: &Ctx, asked: &AskedWindow) -> Result<Answer> {
    let (db, room) = (ctx.store().read(), ctx.room()?);
    let window = Window::read(asked.from.as_deref(), asked.to.as_deref(), ctx.now)?;
    let paid = store::paid_within(db, room, window).await?;
    let returned = store::returned_within(db, room, window).await?;
    let (made, completed) = store::enrolled_within(db, room, window).await?;
    let (made, completed) = (whole(made)?, whole(completed)?);
    let all = rules::revenue(&paid, &returned);
    let none = RevenueView {
        currency: "USD".to_owned(),
        ..RevenueView::default()
    };
    let (from, to) = window.days();
    let summary = SummaryView {
        from,
        to,
        revenue: all.first().cloned().unwrap_or(none),
        revenue_by_currency: all,
        completion: CompletionView {
            enrollments: made,
            completed,
            rate: rules::rate(completed, made),
        },
    };
    Answer::one("analytics_summary", &summary)
}

fn whole(count: u64) -> Result<i64> {
    i64::try_from(count).map_err(Error::internal)
}
