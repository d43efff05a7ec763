//! What a marketplace shows: products of many shops that differ in all that a list can be ordered and narrowed by.

use super::Outcome;
use super::seed::{self, Tenant, tenant_id};
use entities::{counter, product, public_name};
use fondaco::clock::Ids;
use fondaco::domain::Timestamp;
use fondaco::store::{Store, Tx};
use sea_orm::{ConnectionTrait as _, DbBackend, EntityTrait, IntoActiveModel};

/// Shops that share the shelf.
const SHOPS: usize = 50;
/// Rows of one statement, at up to 30 columns each.
const ROWS: usize = 500;
/// When the first of it was published.
const MADE_AT: i64 = 1_770_000_000_000;
/// The namespace, and the counter of what it shows.
const MARKETPLACE: (&str, &str) = ("marketplace", "market");
const KINDS: [&str; 4] = ["skill", "template", "agent", "dataset"];
const CATEGORIES: [&str; 10] = [
    "writing", "coding", "design", "data", "sales", "support", "legal", "music", "video", "games",
];
const WORDS: [&str; 8] = ["swift", "quiet", "golden", "little", "honest", "modern", "gentle", "vivid"];
/// The one of so many that has the rare word in its name: half a page of a hundred thousand, one of a hundred.
const RARE_EACH: usize = 17_011;
/// That word.
pub(super) const RARE: &str = "nebula";

/// The address of the n-th product.
pub(super) fn slug(n: usize) -> String {
    format!("product-{n}")
}

/// Puts so many products on the shelf.
pub(super) async fn fill(store: &Store, count: usize) -> Outcome {
    seed::tenants(store, &[Tenant::PLENTY; SHOPS]).await?;
    let ids = Ids::default();
    for first in (0..count).step_by(ROWS) {
        let rows: Vec<_> = (first..count.min(first + ROWS)).map(|n| row(&ids, n)).collect();
        store
            .command(async move |tx| {
                let names = rows.iter().map(|row| name(row).into_active_model());
                public_name::Entity::insert_many(names).exec_without_returning(tx).await?;
                let rows = rows.iter().cloned().map(IntoActiveModel::into_active_model);
                product::Entity::insert_many(rows).exec_without_returning(tx).await?;
                Ok(())
            })
            .await?;
    }
    store.command(async move |tx| totals(tx, count).await).await?;
    if store.backend() != DbBackend::Sqlite {
        let analyze = async |tx: &Tx| {
            tx.execute_unprepared("analyze products").await?;
            Ok(())
        };
        store.command(analyze).await?;
    }
    Ok(())
}

async fn totals(tx: &Tx, count: usize) -> fondaco::domain::Result<()> {
    let rows = (0..SHOPS).map(|shop| {
        let own = count / SHOPS + usize::from(shop < count % SHOPS);
        let row = counter::Model {
            tenant: tenant_id(shop),
            mode: entities::Mode::Live,
            name: MARKETPLACE.1.to_owned(),
            value: i64::try_from(own).unwrap_or(0),
        };
        row.into_active_model()
    });
    counter::Entity::insert_many(rows).exec_without_returning(tx).await?;
    Ok(())
}

fn name(row: &product::Model) -> public_name::Model {
    public_name::Model {
        namespace: MARKETPLACE.0.to_owned(),
        name: row.slug.clone(),
        tenant: row.tenant,
        mode: row.mode,
        product: row.id,
    }
}

fn row(ids: &Ids, n: usize) -> product::Model {
    let word = |place: usize| WORDS[place % WORDS.len()];
    let number = |factor: usize, modulo: usize| i64::try_from(n * factor % modulo).unwrap_or(0);
    let at = MADE_AT + i64::try_from(n).unwrap_or(0) * 1_000;
    let rare = if n % RARE_EACH == 7 { RARE } else { "plain" };
    let rating_count = number(31, 200);
    let rating = 3 + number(17, 3);
    product::Model {
        mode: entities::Mode::Live,
        slug: slug(n),
        kind: Some(KINDS[n % KINDS.len()].to_owned()),
        category: Some(CATEGORIES[n / 3 % CATEGORIES.len()].to_owned()),
        price_minor: 100 + number(7_919, 20_000),
        namespace: Some(MARKETPLACE.0.to_owned()),
        shelved_at: Some(at),
        rating_sum: rating * rating_count,
        rating_count,
        rating_rank: if rating_count == 0 { 0 } else { rating * 1_000_000 },
        sales_count: number(6_007, 5_000),
        views_count: number(104_729, 90_000),
        published_at: Some(at),
        created_at: at,
        updated_at: at,
        ..seed::product(
            ids.uuid(Timestamp(at)),
            tenant_id(n % SHOPS),
            &format!("The {} and {} {rare} thing {n}", word(n), word(n / 8)),
        )
    }
}
