//! Queries only.

use crate::domain::Result;
use crate::store::errors::map;
use entities::{access, customer, product, tenant};
use sea_orm::{ColumnTrait, ConnectionTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

/// Shops and things shown at most.
const SHOWN_MAX: u64 = 200;

/// Something a buyer may use.
#[derive(Clone, Debug)]
pub(super) struct Held {
    pub shop: String,
    pub product: String,
    pub expires_at: Option<i64>,
}

/// What a person may use, in every shop, the newest first.
pub(super) async fn held(db: &impl ConnectionTrait, person: Uuid) -> Result<Vec<Held>> {
    let customers = customer::anywhere()
        .filter(customer::Column::Person.eq(person))
        .filter(customer::Column::Mode.eq(entities::Mode::Live))
        .filter(customer::Column::DeletedAt.is_null())
        .limit(SHOWN_MAX)
        .all(db)
        .await
        .map_err(map)?;
    let mut held = Vec::new();
    for customer in customers {
        let shop = tenant::by_id(customer.tenant).one(db).await.map_err(map)?;
        let shop = shop.map(|shop| shop.name).unwrap_or_default();
        let accesses = access::of(customer.tenant, customer.mode)
            .filter(access::Column::Customer.eq(customer.id))
            .filter(access::Column::EndedAt.is_null())
            .order_by_desc(access::Column::GrantedAt)
            .limit(SHOWN_MAX)
            .all(db)
            .await
            .map_err(map)?;
        for access in accesses {
            let product = product::with_deleted_of(customer.tenant, customer.mode)
                .filter(product::Column::Id.eq(access.product))
                .one(db)
                .await
                .map_err(map)?;
            held.extend(product.map(|product| Held {
                shop: shop.clone(),
                product: product.name,
                expires_at: access.expires_at,
            }));
        }
    }
    Ok(held)
}
