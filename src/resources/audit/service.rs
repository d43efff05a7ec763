//! One function per operation.

use super::store;
use super::types::{EntryView, ListEntries};
use crate::context::{Answer, Ctx};
use crate::domain::Result;
use crate::domain::dialect::PageRequest;

/// Lists the tenant's entries, newest first.
///
/// # Errors
/// `Malformed` for a bad cursor.
pub async fn list(ctx: &Ctx, filter: ListEntries, page: PageRequest) -> Result<Answer> {
    let (rows, info) = store::list(ctx.store(), ctx.room()?.tenant, &filter, &page).await?;
    let views: Vec<EntryView> = rows.iter().map(EntryView::from).collect();
    Answer::page("audit_entry", &views, info)
}
