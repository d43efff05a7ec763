//! The forms a product's licences are sold in.

use super::{admin, store};
use crate::context::{Answer, Ctx};
use crate::domain::dialect::PageInfo;
use crate::domain::{Code, Error, Result};
use crate::resources::licensing::store as shared;
use entities::license::Kind;
use entities::license_variant::Model;
use entities::product;
use sea_orm::ConnectionTrait;
use serde::Deserialize;
use serde_json::{Value, json};

/// A variant as its creator describes it.
#[derive(Clone, Debug, Deserialize)]
pub struct VariantForm {
    /// The product.
    pub product: String,
    /// Its code, with or without the product's name before it.
    #[serde(default)]
    pub code: String,
    /// For people.
    #[serde(default)]
    pub name: Option<String>,
    /// What takes a seat.
    #[serde(default)]
    pub license_type: Option<String>,
    /// Machines of its licences; `null` or -1 is no limit.
    #[serde(default, deserialize_with = "crate::resources::products::types::present")]
    pub max_machines: Option<Option<i64>>,
    /// Whether it is on sale.
    #[serde(default)]
    pub is_active: Option<bool>,
}

/// The code without the product's name before it, which some clients put there.
fn bare<'a>(product: &product::Model, code: &'a str) -> &'a str {
    let rest = code
        .strip_prefix(product.slug.as_str())
        .and_then(|rest| rest.strip_prefix('-'));
    rest.filter(|rest| !rest.is_empty()).unwrap_or(code)
}

/// A product's variant of this code.
///
/// # Errors
/// `Unavailable` where the database is.
pub async fn of(db: &impl ConnectionTrait, product: &product::Model, code: &str) -> Result<Option<Model>> {
    match store::variant(db, product, code).await? {
        Some(row) => Ok(Some(row)),
        None => store::variant(db, product, bare(product, code)).await,
    }
}

/// Lists a product's variants.
///
/// # Errors
/// `NotFound`.
pub async fn list(ctx: &Ctx, form: VariantForm) -> Result<Answer> {
    let db = ctx.store().read();
    let (product, _) = admin::product(db, admin::reach(ctx)?.as_ref(), &form.product).await?;
    let rows = store::variants(db, &product).await?;
    let views: Vec<Value> = rows.iter().map(|row| view(row, &product)).collect();
    Answer::page("variant", &views, PageInfo::default())
}

/// Creates a variant.
///
/// # Errors
/// `NotFound`, `AlreadyExists`.
pub async fn create(ctx: &Ctx, form: VariantForm) -> Result<Answer> {
    let (reach, call) = (admin::reach(ctx)?, ctx.clone());
    ctx.command(async move |tx| {
        let (product, room) = admin::product(tx, reach.as_ref(), &form.product).await?;
        let deed = admin::deed(&call, room);
        let code = bare(&product, &form.code).to_owned();
        if store::variant(tx, &product, &code).await?.is_some() {
            return Err(Error::new(Code::AlreadyExists, format!("A variant `{code}` exists.")));
        }
        let mut row = Model {
            id: deed.id(),
            tenant: product.tenant,
            mode: product.mode,
            product: product.id,
            name: code.clone(),
            code,
            kind: Kind::PerMachine,
            max_machines: None,
            is_active: true,
            created_at: deed.now.0,
            updated_at: deed.now.0,
        };
        apply(&mut row, &form);
        shared::insert(tx, &row).await?;
        Answer::created("variant", &view(&row, &product))
    })
    .await
}

/// Changes a variant; licences that were made of it stay as they are.
///
/// # Errors
/// `NotFound`.
pub async fn update(ctx: &Ctx, form: VariantForm) -> Result<Answer> {
    let (reach, call) = (admin::reach(ctx)?, ctx.clone());
    ctx.command(async move |tx| {
        let (product, room) = admin::product(tx, reach.as_ref(), &form.product).await?;
        let deed = admin::deed(&call, room);
        let row = of(tx, &product, &form.code).await?;
        let mut row = row.ok_or_else(|| Error::not_found("variant"))?;
        apply(&mut row, &form);
        row.updated_at = deed.now.0;
        shared::replace(tx, &row).await?;
        Answer::one("variant", &view(&row, &product))
    })
    .await
}

fn apply(row: &mut Model, form: &VariantForm) {
    row.name = form.name.clone().unwrap_or(std::mem::take(&mut row.name));
    row.kind = form.license_type.as_deref().and_then(Kind::parse).unwrap_or(row.kind);
    row.max_machines = form.max_machines.unwrap_or(row.max_machines);
    row.is_active = form.is_active.unwrap_or(row.is_active);
}

fn view(row: &Model, product: &product::Model) -> Value {
    json!({
        "code": row.code, "product": product.slug, "name": row.name, "license_type": row.kind.name(),
        "max_machines": row.max_machines, "is_active": row.is_active,
        "created_at": row.created_at, "updated_at": row.updated_at,
    })
}
