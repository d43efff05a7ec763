//! Panics, lost commits and a failing disk.

use super::*;
use crate::domain::Code;
use futures_util::future::join_all;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

#[tokio::test]
async fn a_panic_answers_its_command_only() {
    let house = House::build().await;
    house.store.faults().panic_at(5);
    let adding = (0..20).map(|n| {
        let (store, tenant) = (house.store.clone(), house.tenant.id);
        async move { add_product(&store, tenant, &format!("p-{n}")).await }
    });
    let failed: Vec<_> = join_all(adding).await.into_iter().filter_map(Result::err).collect();
    assert_eq!(failed.len(), 1);
    assert_eq!(failed[0].code, Code::Unavailable);
    assert_eq!(house.products().await, 19);
    add_product(&house.store, house.tenant.id, "later").await.unwrap();
}

#[tokio::test]
async fn a_panic_of_the_command_itself_leaves_no_row() {
    let house = House::build().await;
    let row = product_row(house.tenant.id, "half");
    let answer = house
        .store
        .command(async move |tx| -> Result<()> {
            add(tx, &row).await?;
            panic!("in the middle");
        })
        .await;
    assert_eq!(answer.unwrap_err().code, Code::Unavailable);
    assert_eq!(house.products().await, 0);
}

#[tokio::test]
async fn a_lost_commit_acknowledges_nothing_that_is_not_there() {
    let house = House::build().await;
    house.store.faults().fail_commit_at(1);
    let adding = (0..20).map(|n| {
        let (store, tenant) = (house.store.clone(), house.tenant.id);
        async move { add_product(&store, tenant, &format!("p-{n}")).await }
    });
    let acknowledged = join_all(adding).await.into_iter().filter(Result::is_ok).count();
    assert!(acknowledged < 20);
    assert_eq!(house.products().await, acknowledged as u64);
    add_product(&house.store, house.tenant.id, "later").await.unwrap();
}

#[tokio::test]
async fn after_the_disk_failed_nothing_is_acknowledged_any_more() {
    let house = House::build().await;
    let calls = Arc::new(AtomicU64::new(0));
    let seen = calls.clone();
    house.store.on_fatal(Arc::new(move |_| {
        seen.fetch_add(1, Ordering::SeqCst);
    }));
    house.store.faults().break_disk_at(1);
    for n in 0..3 {
        let error = add_product(&house.store, house.tenant.id, &format!("p-{n}"))
            .await
            .unwrap_err();
        assert_eq!(error.code, Code::Unavailable);
    }
    assert_eq!(calls.load(Ordering::SeqCst), 1);
    assert!(house.store.ready().await.is_err());
    house.store.close().await;
}

#[tokio::test]
async fn a_full_disk_is_answered_and_survived() {
    let house = House::on(TestDatabase::sqlite().unwrap()).await;
    // A file that may not grow behaves like a full disk.
    let answer = house
        .store
        .command(async |tx| {
            use sea_orm::ConnectionTrait;
            tx.execute_unprepared("pragma max_page_count = 1").await?;
            tx.execute_unprepared("create table filler as with recursive n(i) as (select 1 union all select i + 1 from n limit 5000) select randomblob(900) as b from n").await?;
            Ok(())
        })
        .await;
    assert_eq!(answer.unwrap_err().code, Code::Unavailable);
    add_product(&house.store, house.tenant.id, "after").await.unwrap();
    assert_eq!(house.products().await, 1);
}
