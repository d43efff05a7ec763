//! Payments as CSV, written batch by batch: the file has any length, the server holds one batch of it.

use super::rules;
use super::store::{self, Exported, Narrowing};
use crate::context::Room;
use crate::domain::{Result, Timestamp};
use crate::store::Store;
use bytes::Bytes;
use futures_util::stream::{self, Stream};
use std::collections::{BTreeSet, HashMap};
use uuid::Uuid;

/// Rows of one read.
const BATCH_ROWS: u64 = 500;
/// Products whose names are kept between batches.
const NAMES_KEPT: usize = 2_000;

/// The first row.
const HEADER: [&str; 16] = [
    "Transaction ID",
    "Session ID",
    "User ID",
    "Customer Email",
    "Product Name",
    "Product Slug",
    "Amount",
    "Currency",
    "Net Total",
    "Tax Total",
    "Tax Status",
    "Status",
    "Refunded Amount",
    "Refund Reason",
    "Created At",
    "Updated At",
];

/// A file that is being written.
pub(super) struct File {
    store: Store,
    room: Room,
    narrowing: Narrowing,
    /// The last row that was written.
    place: Option<(i64, Uuid)>,
    names: HashMap<Uuid, (String, String)>,
    has_header: bool,
    is_whole: bool,
}

impl File {
    pub(super) fn new(store: Store, room: Room, narrowing: Narrowing) -> Self {
        Self {
            store,
            room,
            narrowing,
            place: None,
            names: HashMap::new(),
            has_header: false,
            is_whole: false,
        }
    }

    /// The file's bytes; an error cuts the answer off, so that nobody takes a part for the whole.
    pub(super) fn bytes(self) -> impl Stream<Item = Result<Bytes>> {
        stream::unfold(self, |mut file| async move {
            match file.next().await {
                Ok(bytes) => Some((Ok(bytes?), file)),
                Err(error) => {
                    tracing::warn!(%error, "an export was cut short");
                    file.is_whole = true;
                    Some((Err(error), file))
                }
            }
        })
    }

    async fn next(&mut self) -> Result<Option<Bytes>> {
        if !self.has_header {
            self.has_header = true;
            return Ok(Some(Bytes::from(rules::row(HEADER))));
        }
        if self.is_whole {
            return Ok(None);
        }
        let rows = store::batch(self.store.sweep(), &self.room, &self.narrowing, self.place, BATCH_ROWS).await?;
        self.is_whole = (rows.len() as u64) < BATCH_ROWS;
        self.place = rows.last().map(|row| (row.created_at, row.id));
        self.learn(&rows).await?;
        let mut text = String::with_capacity(rows.len() * 320);
        for row in &rows {
            text.push('\n');
            text.push_str(&self.line(row));
        }
        Ok(Some(Bytes::from(text)))
    }

    /// Looks up the products of a batch that are not known yet.
    async fn learn(&mut self, rows: &[Exported]) -> Result<()> {
        if self.names.len() > NAMES_KEPT {
            self.names.clear();
        }
        let new: BTreeSet<Uuid> = rows
            .iter()
            .map(|row| row.product)
            .filter(|id| !self.names.contains_key(id))
            .collect();
        if new.is_empty() {
            return Ok(());
        }
        let found = store::names(self.store.sweep(), &self.room, new.into_iter().collect()).await?;
        self.names
            .extend(found.into_iter().map(|(id, name, slug)| (id, (name, slug))));
        Ok(())
    }

    fn line(&self, row: &Exported) -> String {
        let number = |value: Option<i64>| value.map(|value| value.to_string()).unwrap_or_default();
        let (name, slug) = self.names.get(&row.product).map_or(("", ""), |(name, slug)| (name, slug));
        rules::row([
            row.id.to_string().as_str(),
            row.session_ref.as_deref().unwrap_or_default(),
            &row.customer.to_string(),
            &row.email,
            name,
            slug,
            &row.amount_minor.to_string(),
            &row.currency,
            &number(row.net_total_minor),
            &number(row.tax_total_minor),
            row.tax_status.name(),
            row.status.name(),
            &row.refunded_minor.to_string(),
            row.refund_reason.as_deref().unwrap_or_default(),
            &Timestamp(row.created_at).millis_text(),
            &Timestamp(row.updated_at).millis_text(),
        ])
    }
}
