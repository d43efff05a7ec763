//! What stands around a product: its labels, and the parts of a bundle.

use crate::context::Room;
use crate::domain::{FieldError, Result};
use crate::resources::labels::service::{self as labels, Kind};
use crate::resources::labels::types::LabelRef;
use crate::resources::products::rules::selling;
use crate::resources::products::store;
use crate::resources::products::types::{BriefView, ProductView, UpdateProduct};
use crate::store::Tx;
use entities::product::{Model, Status};
use sea_orm::ConnectionTrait;
use std::collections::HashSet;
use uuid::Uuid;

/// What one product is shown with.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Around {
    categories: Vec<LabelRef>,
    tags: Vec<LabelRef>,
    parts: Vec<BriefView>,
}

impl Around {
    pub(super) async fn of(db: &impl ConnectionTrait, room: &Room, row: &Model) -> Result<Self> {
        let mut labels = labels::of(db, room, &[row.id]).await?;
        let mut around = Self::parts(db, room, row).await?;
        around.categories = labels.remove(&(row.id, Kind::Category)).unwrap_or_default();
        around.tags = labels.remove(&(row.id, Kind::Tag)).unwrap_or_default();
        Ok(around)
    }

    /// The same where the labels are known.
    pub(super) async fn with(db: &impl ConnectionTrait, room: &Room, row: &Model, labels: Vec<(Kind, LabelRef)>) -> Result<Self> {
        let mut around = Self::parts(db, room, row).await?;
        for (kind, label) in labels {
            match kind {
                Kind::Category => around.categories.push(label),
                Kind::Tag => around.tags.push(label),
            }
        }
        Ok(around)
    }

    async fn parts(db: &impl ConnectionTrait, room: &Room, row: &Model) -> Result<Self> {
        let parts = match selling::is_bundle(row) {
            true => store::parts(db, room, row.id).await?,
            false => Vec::new(),
        };
        Ok(Self {
            categories: Vec::new(),
            tags: Vec::new(),
            parts: parts.iter().map(BriefView::from).collect(),
        })
    }

    /// The product with all of it, once.
    pub(super) fn into_view(self, row: &Model) -> ProductView {
        ProductView {
            categories: Some(self.categories),
            tags: Some(self.tags),
            bundle_items: selling::is_bundle(row).then_some(self.parts),
            ..ProductView::from(row)
        }
    }

    /// The product with all of it.
    pub(super) fn view(&self, row: &Model) -> ProductView {
        ProductView {
            categories: Some(self.categories.clone()),
            tags: Some(self.tags.clone()),
            bundle_items: selling::is_bundle(row).then(|| self.parts.clone()),
            ..ProductView::from(row)
        }
    }
}

/// The rows of a list, with what was asked for besides.
pub(super) async fn rows(db: &impl ConnectionTrait, room: &Room, rows: &[Model], embed: &[String]) -> Result<Vec<ProductView>> {
    let wants = |name: &str| embed.iter().any(|wanted| wanted == name);
    let (categories, tags) = (wants("categories"), wants("tags"));
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let mut labels = match categories || tags {
        true => labels::of(db, room, &ids).await?,
        false => labels::LabelsOf::new(),
    };
    let bundles: Vec<Uuid> = rows.iter().filter(|row| selling::is_bundle(row)).map(|row| row.id).collect();
    let counts = store::part_counts(db, room, &bundles).await?;
    let views = rows.iter().map(|row| ProductView {
        categories: categories.then(|| labels.remove(&(row.id, Kind::Category)).unwrap_or_default()),
        tags: tags.then(|| labels.remove(&(row.id, Kind::Tag)).unwrap_or_default()),
        bundle_item_count: Some(counts.get(&row.id).copied().unwrap_or(0)),
        ..ProductView::from(row)
    });
    Ok(views.collect())
}

/// Whoever names parts means a bundle.
pub(super) fn imply_bundle(change: &mut UpdateProduct) {
    if change.bundle_item_ids.as_ref().is_some_and(|ids| !ids.is_empty()) {
        change.attributes.entry("is_bundle").or_insert_with(|| true.into());
    }
}

/// Whether a new product has nothing around it: there is nothing to write, and nothing to read back.
pub(super) fn stands_alone(row: &Model, rest: &UpdateProduct) -> bool {
    rest.categories.is_none() && rest.tags.is_none() && !selling::is_bundle(row)
}

/// Writes the labels and parts a change names; tells every fault of theirs.
pub(super) async fn write(tx: &Tx, room: &Room, row: &Model, change: &UpdateProduct) -> Result<Vec<FieldError>> {
    let mut faults = Vec::new();
    for (kind, ids) in [(Kind::Category, &change.categories), (Kind::Tag, &change.tags)] {
        if let Some(ids) = ids {
            faults.extend(labels::link(tx, room, row.id, (kind, ids)).await?);
        }
    }
    if !selling::is_bundle(row) {
        store::replace_parts(tx, room, row.id, &[]).await?;
        return Ok(faults);
    }
    if let Some(ids) = &change.bundle_item_ids {
        let mut seen = HashSet::new();
        let parts: Vec<Uuid> = ids.iter().copied().filter(|id| seen.insert(*id)).collect();
        let wrong = wrong_parts(tx, room, row.id, ids).await?;
        if wrong.is_empty() {
            store::replace_parts(tx, room, row.id, &parts).await?;
        }
        faults.extend(wrong);
    }
    let is_empty = row.status == Status::Published && store::parts(tx, room, row.id).await?.is_empty();
    if is_empty && faults.is_empty() {
        faults.push(fault(
            "bundle_item_ids".to_owned(),
            "An active bundle needs at least one part",
        ));
    }
    Ok(faults)
}

fn fault(field: String, message: &'static str) -> FieldError {
    FieldError {
        field: field.into(),
        message: message.into(),
        rule: "part",
    }
}

async fn wrong_parts(tx: &Tx, room: &Room, bundle: Uuid, ids: &[Uuid]) -> Result<Vec<FieldError>> {
    let known = store::by_ids(tx, room, ids).await?;
    let wrong = ids.iter().enumerate().filter_map(|(place, id)| {
        let text = match known.iter().find(|row| row.id == *id) {
            _ if *id == bundle => "A bundle cannot be a part of itself",
            None => "There is no product with this id",
            Some(part) if selling::is_bundle(part) => "A bundle cannot be a part",
            Some(part) if selling::is_subscription(part) => "A subscription cannot be a part",
            Some(_) => return None,
        };
        Some(fault(format!("bundle_item_ids.{place}"), text))
    });
    Ok(wrong.collect())
}
