//! Paging while rows come in between.

use super::*;
use crate::domain::Code;
use crate::store::page::{KeysetPage, Position};
use proptest::prelude::*;
use std::collections::HashSet;

fn row_at(tenant: Uuid, created_at: i64) -> product::Model {
    let id = Uuid::new_v4();
    product::Model {
        id,
        created_at,
        ..product_row(tenant, &id.to_string())
    }
}

async fn add_all(store: &Store, rows: Vec<product::Model>) {
    store
        .command(async move |tx| {
            let rows = rows.iter().cloned().map(IntoActiveModel::into_active_model);
            product::Entity::insert_many(rows).exec_without_returning(tx).await?;
            Ok(())
        })
        .await
        .unwrap();
}

/// Reads everything page by page, adding the rows of `late` one by one between the pages.
async fn walk(house: &House, descending: bool, limit: u32, mut late: Vec<product::Model>) -> Vec<product::Model> {
    let (mut seen, mut after) = (Vec::new(), None::<Position>);
    loop {
        let page = KeysetPage::new(
            product::of(house.tenant.id, Mode::Live),
            product::Column::CreatedAt,
            product::Column::Id,
        )
        .descending(descending)
        .limit(limit)
        .after(after.as_ref())
        .unwrap()
        .fetch(house.store.read())
        .await
        .unwrap();
        assert!(page.items.len() <= limit as usize);
        seen.extend(page.items);
        after = page.next;
        if after.is_none() {
            return seen;
        }
        if let Some(row) = late.pop() {
            add_all(&house.store, vec![row]).await;
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn every_row_that_was_there_is_seen_once(
        early in prop::collection::vec(0_i64..4, 1..30),
        late in prop::collection::vec(0_i64..4, 0..10),
        limit in 1_u32..7,
        descending: bool,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let house = House::build().await;
            let tenant = house.tenant.id;
            let early: Vec<_> = early.into_iter().map(|at| row_at(tenant, at)).collect();
            let late = late.into_iter().map(|at| row_at(tenant, at)).collect();
            let expected: HashSet<Uuid> = early.iter().map(|row| row.id).collect();
            add_all(&house.store, early).await;
            let seen = walk(&house, descending, limit, late).await;
            let ids: HashSet<Uuid> = seen.iter().map(|row| row.id).collect();
            assert_eq!(ids.len(), seen.len(), "no row twice");
            assert!(expected.is_subset(&ids), "no row skipped");
            let mut places: Vec<_> = seen.iter().map(|row| row.created_at).collect();
            if descending {
                places.reverse();
            }
            assert!(places.is_sorted());
            house.store.close().await;
        });
    }
}

#[tokio::test]
async fn pages_by_text_and_refuses_a_value_of_another_kind() {
    let house = House::build().await;
    for slug in ["b", "a", "c"] {
        add_product(&house.store, house.tenant.id, slug).await.unwrap();
    }
    let select = || product::of(house.tenant.id, Mode::Live);
    let by_slug = || KeysetPage::new(select(), product::Column::Slug, product::Column::Id).limit(2);
    let page = by_slug().fetch(house.store.read()).await.unwrap();
    let slugs: Vec<_> = page.items.iter().map(|row| row.slug.as_str()).collect();
    assert_eq!(slugs, ["a", "b"]);
    let rest = by_slug()
        .after(page.next.as_ref())
        .unwrap()
        .fetch(house.store.read())
        .await
        .unwrap();
    assert_eq!((rest.items.len(), rest.next), (1, None));
    let wrong = KeysetPage::new(select(), product::Column::CreatedAt, product::Column::Id).after(page.next.as_ref());
    assert_eq!(wrong.err().unwrap().code, Code::Malformed);
}
