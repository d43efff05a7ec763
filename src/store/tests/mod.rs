//! What the store promises, tried on SQLite and, with `TEST_DATABASE_URL` set, on PostgreSQL.

#![expect(clippy::disallowed_methods, reason = "tests need ids that differ, not ids of a clock")]

mod collecting;
mod commands;
mod faults;
mod lookups;
mod paging;
mod retention;
mod schema;

use super::testing::{self, TestDatabase};
use super::{Store, Tx};
use crate::domain::{Event, Mode, Result, Timestamp};
use entities::{counter, product, tenant};
use sea_orm::{EntityTrait, IntoActiveModel, PaginatorTrait};
use serde_json::json;
use uuid::Uuid;

/// A database, a store on it and one tenant.
struct House {
    store: Store,
    tenant: tenant::Model,
    database: TestDatabase,
}

impl House {
    async fn build() -> Self {
        Self::on(TestDatabase::create().await.unwrap()).await
    }

    async fn on(database: TestDatabase) -> Self {
        let store = database.store().await.unwrap();
        let tenant = testing::tenant(&store, "shop").await.unwrap();
        Self { store, tenant, database }
    }

    fn is_sqlite(&self) -> bool {
        self.store.backend() == sea_orm::DbBackend::Sqlite
    }

    async fn products(&self) -> u64 {
        product::of(self.tenant.id, Mode::Live)
            .count(self.store.read())
            .await
            .unwrap()
    }
}

/// A product row of the tenant with this slug.
fn product_row(tenant: Uuid, slug: &str) -> product::Model {
    product::Model {
        id: Uuid::new_v4(),
        tenant,
        slug: slug.to_owned(),
        name: slug.to_owned(),
        status: product::Status::Draft,
        currency: "EUR".to_owned(),
        key_prefix: "SHOP".to_owned(),
        metadata: json!({"zebra": 1, "ant": [1.5, null]}).into(),
        created_at: 1,
        updated_at: 1,
        ..testing::product(1_900, json!({}))
    }
}

async fn add(tx: &Tx, row: &product::Model) -> Result<()> {
    product::Entity::insert(row.clone().into_active_model())
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// Adds a product in a command of its own.
async fn add_product(store: &Store, tenant: Uuid, slug: &str) -> Result<product::Model> {
    let row = product_row(tenant, slug);
    store
        .command(async move |tx| {
            add(tx, &row).await?;
            Ok(row.clone())
        })
        .await
}

fn event(tenant: Uuid, name: &str) -> Event {
    Event {
        id: Uuid::new_v4(),
        tenant,
        mode: Mode::Live,
        name: name.to_owned(),
        view: "product".to_owned(),
        data: json!({"b": 1, "a": 2}),
        products: vec![],
        created_at: Timestamp(5),
    }
}

/// Reads every total of the tenant; used to see that a failed command left none.
async fn totals(house: &House) -> Vec<counter::Model> {
    counter::of(house.tenant.id, Mode::Live)
        .all(house.store.read())
        .await
        .unwrap()
}
