//! One function per operation, and what comes after a purchase.

use super::rules::Discount;
use super::store;
use super::types::{OfferView, PutOffer};
use crate::context::{Answer, Ctx, Room};
use crate::domain::dialect::Dialect;
use crate::domain::money::Currency;
use crate::domain::{Error, FieldError, Result};
use crate::resources::products::service as products;
use entities::one_time_offer::Model;
use entities::product;
use sea_orm::ConnectionTrait;
use serde_json::{Number, json};
use std::collections::HashMap;
use uuid::Uuid;

/// Greatest fixed discount, in minor units.
const FIXED_MAX: i64 = 99_999_999;

/// Reads the offer that follows a product.
///
/// # Errors
/// `NotFound` for an unknown product.
pub async fn get(ctx: &Ctx, product: Uuid) -> Result<Answer> {
    let (room, db) = (ctx.room()?, ctx.store().read());
    products::exists(ctx, product).await?;
    match store::active(db, room, product).await? {
        None => nothing(),
        Some(row) => {
            let known = products::by_ids(db, room, &offered(&row)).await?;
            Answer::one("offer", &view(&row, &known))
        }
    }
}

fn nothing() -> Result<Answer> {
    Answer::one("no_offer", &json!({ "has_oto": false }))
}

/// Sets the offer that follows a product, in the place of any other.
///
/// # Errors
/// `NotFound` for an unknown product; `Validation` for what cannot be offered.
pub async fn put(ctx: &Ctx, product: Uuid, form: PutOffer) -> Result<Answer> {
    let room = ctx.room()?.clone();
    let (id, now, dialect) = (ctx.id(), ctx.now, ctx.dialect.clone());
    ctx.command(async move |tx| {
        if products::find(tx, &room, product).await?.is_none() {
            return Err(Error::not_found("product").with_text("product.not_found"));
        }
        let ids: Vec<Uuid> = [Some(form.oto_product_id), form.downsell_product_id]
            .into_iter()
            .flatten()
            .collect();
        let known = products::by_ids(tx, &room, &ids).await?;
        let (first, second) = Judge {
            dialect: &dialect,
            known: &known,
            product,
        }
        .judged(&form)?;
        let row = Model {
            id,
            tenant: room.tenant,
            mode: room.mode.into(),
            product,
            oto_product: form.oto_product_id,
            discount_type: first.kind().to_owned(),
            discount_value: first.value(),
            duration_minutes: form.duration_minutes,
            downsell_product: form.downsell_product_id,
            downsell_discount_type: second.map(|discount| discount.kind().to_owned()),
            downsell_discount_value: second.map(Discount::value),
            downsell_duration_minutes: form.downsell_duration_minutes,
            is_active: true,
            created_at: now.0,
            updated_at: now.0,
        };
        if let Some(old) = store::active(tx, &room, product).await? {
            if is_same(&old, &row) {
                return Answer::one("offer", &view(&old, &known));
            }
            store::end(tx, &room, product, now).await?;
        }
        store::insert(tx, &row).await?;
        Answer::one("offer", &view(&row, &known))
    })
    .await
}

fn is_same(old: &Model, new: &Model) -> bool {
    let timeless = Model {
        id: new.id,
        created_at: new.created_at,
        updated_at: new.updated_at,
        ..old.clone()
    };
    timeless == *new
}

/// Ends the offer that follows a product, if there is one.
///
/// # Errors
/// `NotFound` for an unknown product.
pub async fn delete(ctx: &Ctx, product: Uuid) -> Result<Answer> {
    let room = ctx.room()?.clone();
    let now = ctx.now;
    ctx.command(async move |tx| {
        if products::find(tx, &room, product).await?.is_none() {
            return Err(Error::not_found("product").with_text("product.not_found"));
        }
        store::end(tx, &room, product, now).await?;
        Answer::deleted("no_offer", &json!({ "has_oto": false }))
    })
    .await
}

/// The offer that follows a product at present.
///
/// # Errors
/// What the database says.
pub async fn active(db: &impl ConnectionTrait, room: &Room, product: Uuid) -> Result<Option<Model>> {
    store::active(db, room, product).await
}

/// An offer by its id, active or not: what a buyer was shown stands as long as he was told.
///
/// # Errors
/// What the database says.
pub async fn find(db: &impl ConnectionTrait, room: &Room, id: Uuid) -> Result<Option<Model>> {
    store::find(db, room, id).await
}

/// What an offered product costs the buyer who takes the offer.
pub fn price(row: &Model, offered: &product::Model) -> i64 {
    let discount = match row.downsell_product == Some(offered.id) {
        true => Discount::of_downsell(row).unwrap_or(Discount::Fixed(0)),
        false => Discount::of(row),
    };
    discount.applied(offered.price_minor)
}

fn offered(row: &Model) -> Vec<Uuid> {
    [Some(row.oto_product), row.downsell_product].into_iter().flatten().collect()
}

fn view(row: &Model, known: &HashMap<Uuid, product::Model>) -> OfferView {
    let downsell = row.downsell_product.and_then(|id| known.get(&id));
    OfferView::new(row, known.get(&row.oto_product), downsell)
}

/// Judges what shall be offered.
struct Judge<'a> {
    dialect: &'a Dialect,
    known: &'a HashMap<Uuid, product::Model>,
    /// The product the offer follows.
    product: Uuid,
}

impl Judge<'_> {
    /// The two discounts, or every fault.
    fn judged(&self, form: &PutOffer) -> Result<(Discount, Option<Discount>)> {
        let mut faults = Vec::new();
        self.product("oto_product_id", form.oto_product_id, &[self.product], &mut faults);
        let first = self.discount(
            "discount_value",
            (&form.discount_type, &form.discount_value),
            form.oto_product_id,
        );
        let first = first.map_err(|fault| faults.push(fault)).ok();
        let second = self.downsell(form, &mut faults);
        match first {
            Some(first) if faults.is_empty() => Ok((first, second)),
            _ => Err(Error::fields(faults)),
        }
    }

    /// All or none of the four members of the second step.
    fn downsell(&self, form: &PutOffer, faults: &mut Vec<FieldError>) -> Option<Discount> {
        let is_there = [
            ("downsell_product_id", form.downsell_product_id.is_some()),
            ("downsell_discount_type", form.downsell_discount_type.is_some()),
            ("downsell_discount_value", form.downsell_discount_value.is_some()),
            ("downsell_duration_minutes", form.downsell_duration_minutes.is_some()),
        ];
        if is_there.iter().all(|(_, there)| !there) {
            return None;
        }
        for (field, _) in is_there.iter().filter(|(_, there)| !there) {
            faults.push(fault(
                field,
                "required",
                "A downsell needs its product, discount and duration",
            ));
        }
        let id = form.downsell_product_id?;
        self.product("downsell_product_id", id, &[self.product, form.oto_product_id], faults);
        let stated = (form.downsell_discount_type.as_ref()?, form.downsell_discount_value.as_ref()?);
        match self.discount("downsell_discount_value", stated, id) {
            Ok(discount) if discount.value() > 0 => Some(discount),
            Ok(_) => {
                faults.push(fault("downsell_discount_value", "too_small", "The discount must be above 0"));
                None
            }
            Err(fault) => {
                faults.push(fault);
                None
            }
        }
    }

    fn product(&self, field: &'static str, id: Uuid, others: &[Uuid], faults: &mut Vec<FieldError>) {
        if others.contains(&id) {
            faults.push(fault(field, "same", "This must be another product"));
        } else if !self.known.contains_key(&id) {
            faults.push(fault(field, "unknown", "There is no product with this id"));
        }
    }

    fn discount(
        &self,
        field: &'static str,
        (kind, number): (&String, &Number),
        product: Uuid,
    ) -> std::result::Result<Discount, FieldError> {
        if kind != "fixed" {
            let refused = || {
                fault(
                    field,
                    "range",
                    "A percentage lies between 0 and 100 and has at most 2 decimals",
                )
            };
            return Discount::per_cent(number).ok_or_else(refused);
        }
        let code = self.known.get(&product).map_or("USD", |product| product.currency.as_str());
        let currency = Currency::parse(code).unwrap_or(Currency::USD);
        match self.dialect.catalogue_minor(number, currency) {
            Ok(minor) if (0..=FIXED_MAX).contains(&minor) => Ok(Discount::Fixed(minor)),
            _ => Err(fault(
                field,
                "range",
                "A fixed discount is an amount of the offered product's currency",
            )),
        }
    }
}

fn fault(field: &'static str, rule: &'static str, message: &'static str) -> FieldError {
    FieldError {
        field: field.into(),
        message: message.into(),
        rule,
    }
}
