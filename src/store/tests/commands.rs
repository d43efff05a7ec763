//! Commands: grouping, and one that fails beside others that do not.

use super::*;
use crate::domain::{Code, Error};
use crate::store::writer::QUEUE_MAX;
use futures_util::FutureExt;
use futures_util::future::join_all;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, QueryFilter};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::Semaphore;

#[tokio::test]
async fn commands_that_come_together_are_committed_together() {
    let house = House::build().await;
    let before = house.store.stats();
    let adding = (0..200).map(|n| {
        let (store, tenant) = (house.store.clone(), house.tenant.id);
        async move { add_product(&store, tenant, &format!("p-{n}")).await }
    });
    for added in join_all(adding).await {
        added.unwrap();
    }
    let after = house.store.stats();
    assert_eq!(house.products().await, 200);
    assert_eq!(after.commands - before.commands, 200);
    assert!(
        after.commits - before.commits < 100,
        "{} commits",
        after.commits - before.commits
    );
}

#[tokio::test]
async fn a_command_that_fails_after_a_change_leaves_nothing_and_its_neighbours_stand() {
    let house = House::build().await;
    let tenant = house.tenant.id;
    let commands = (0..60).map(|n| {
        let store = house.store.clone();
        async move {
            if n % 20 != 7 {
                return add_product(&store, tenant, &format!("p-{n}")).await.map(|_| ());
            }
            let row = product_row(tenant, &format!("bad-{n}"));
            store
                .command(async move |tx| {
                    add(tx, &row).await?;
                    tx.emit(event(tenant, "product.created"));
                    Err::<(), _>(Error::new(Code::BusinessRule, "No."))
                })
                .await
        }
    });
    let answers = join_all(commands).await;
    let refused: Vec<_> = answers.iter().filter_map(|answer| answer.as_ref().err()).collect();
    assert_eq!(refused.len(), 3);
    assert!(refused.iter().all(|error| error.code == Code::BusinessRule));
    assert_eq!(house.products().await, 57);
    assert_eq!(
        entities::event::of(tenant, Mode::Live)
            .count(house.store.read())
            .await
            .unwrap(),
        0
    );
}

#[tokio::test]
async fn a_command_that_only_looked_before_it_failed_rolls_nobody_back() {
    let house = House::build().await;
    let tenant = house.tenant.id;
    let rollbacks = house.store.stats().rollbacks;
    let commands = (0..40).map(|n| {
        let store = house.store.clone();
        async move {
            if n % 2 == 0 {
                return add_product(&store, tenant, &format!("p-{n}")).await.map(|_| ());
            }
            store
                .command(async move |tx| {
                    product::of(tenant, Mode::Live).count(tx).await?;
                    tx.emit(event(tenant, "product.created"));
                    Err::<(), _>(Error::not_found("product"))
                })
                .await
        }
    });
    let refused = join_all(commands).await.into_iter().filter(Result::is_err).count();
    assert_eq!(refused, 20);
    assert_eq!(house.products().await, 20);
    assert_eq!(
        entities::event::of(tenant, Mode::Live)
            .count(house.store.read())
            .await
            .unwrap(),
        0
    );
    assert_eq!(house.store.stats().rollbacks, rollbacks);
}

#[tokio::test]
async fn a_swallowed_database_error_does_not_pass_for_success() {
    let house = House::build().await;
    let row = product_row(house.tenant.id, "twice");
    let answer = house
        .store
        .command(async move |tx| {
            add(tx, &row).await?;
            let _ = add(tx, &row).await;
            assert!(add(tx, &product_row(row.tenant, "late")).await.is_err());
            Ok(())
        })
        .await;
    assert!(answer.is_err());
    assert_eq!(house.products().await, 0);
}

#[tokio::test]
async fn a_command_outlives_the_caller_that_went_away() {
    let house = House::build().await;
    let (tenant, store) = (house.tenant.id, house.store.clone());
    let gate = Arc::new(Semaphore::new(0));
    let waiting = gate.clone();
    let caller = tokio::spawn(async move {
        let row = product_row(tenant, "kept");
        store
            .command(async move |tx| {
                waiting.acquire().await.map_err(Error::internal)?.forget();
                add(tx, &row).await
            })
            .await
    });
    tokio::task::yield_now().await;
    caller.abort();
    let _ = caller.await;
    gate.add_permits(10);
    // Closing waits for what was accepted.
    house.store.close().await;
    let again = house.database.store().await.unwrap();
    assert_eq!(product::of(tenant, Mode::Live).count(again.read()).await.unwrap(), 1);
}

#[tokio::test]
async fn commands_of_two_nodes_over_the_same_row_all_count() {
    let house = House::build().await;
    let nodes = [house.store.clone(), house.database.store().await.unwrap()];
    let row = add_product(&house.store, house.tenant.id, "hot").await.unwrap();
    let runs = Arc::new(AtomicU64::new(0));
    let commands = (0..50).map(|n| {
        let (store, id, tenant, runs) = (nodes[n % 2].clone(), row.id, house.tenant.id, runs.clone());
        async move {
            store
                .command(async move |tx| {
                    runs.fetch_add(1, Ordering::SeqCst);
                    let found = product::of(tenant, Mode::Live)
                        .filter(product::Column::Id.eq(id))
                        .one(tx)
                        .await?;
                    let seen = found.map_or(0, |row| row.licenses_count);
                    product::update_of(tenant, Mode::Live)
                        .filter(product::Column::Id.eq(id))
                        .col_expr(product::Column::LicensesCount, Expr::value(seen + 1))
                        .exec(tx)
                        .await?;
                    Ok(())
                })
                .await
        }
    });
    for answer in join_all(commands).await {
        answer.unwrap();
    }
    let found = product::of(house.tenant.id, Mode::Live)
        .one(house.store.read())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(found.licenses_count, 50);
    assert!(runs.load(Ordering::SeqCst) >= 50);
}

/// For PostgreSQL only: on SQLite the second node waits for the file until the first has committed.
#[tokio::test]
async fn a_command_that_another_node_overtook_runs_again() {
    let house = House::build().await;
    if house.is_sqlite() {
        return;
    }
    let tenant = house.tenant.id;
    add_product(&house.store, tenant, "hot").await.unwrap();
    let (read, gate) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
    let (store, reading, waiting) = (house.store.clone(), read.clone(), gate.clone());
    let slow = tokio::spawn(async move {
        store
            .command(async move |tx| {
                let found = product::of(tenant, Mode::Live).one(tx).await?;
                reading.add_permits(1);
                let _permit = waiting.acquire().await.map_err(Error::internal)?;
                set_licenses(tx, tenant, found.map_or(0, |row| row.licenses_count) + 1).await
            })
            .await
    });
    read.acquire().await.unwrap().forget();
    let other = house.database.store().await.unwrap();
    other
        .command(async move |tx| set_licenses(tx, tenant, 10).await)
        .await
        .unwrap();
    gate.add_permits(1);
    slow.await.unwrap().unwrap();
    let found = product::of(tenant, Mode::Live)
        .one(house.store.read())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(found.licenses_count, 11);
    assert!(house.store.stats().conflicts >= 1);
}

async fn set_licenses(tx: &Tx, tenant: Uuid, count: i64) -> Result<()> {
    product::update_of(tenant, Mode::Live)
        .col_expr(product::Column::LicensesCount, Expr::value(count))
        .exec(tx)
        .await?;
    Ok(())
}

#[tokio::test]
async fn more_than_the_queue_holds_is_refused_at_once() {
    let house = House::build().await;
    let gate = Arc::new(Semaphore::new(0));
    let (mut waiting, mut refused) = (Vec::new(), Vec::new());
    for _ in 0..QUEUE_MAX + 100 {
        let gate = gate.clone();
        let mut command = Box::pin(house.store.command(async move |_: &Tx| {
            let _permit = gate.acquire().await.map_err(Error::internal)?;
            Ok(())
        }));
        // The first poll queues it.
        match command.as_mut().now_or_never() {
            Some(answer) => refused.push(answer.unwrap_err()),
            None => waiting.push(command),
        }
    }
    // The writer holds a few, the rest of what the queue cannot hold is refused.
    assert!(refused.len() > 80, "{} refused", refused.len());
    assert!(
        refused
            .iter()
            .all(|error| error.code == Code::Unavailable && error.retry_after_s == Some(1))
    );
    gate.add_permits(1);
    for answer in join_all(waiting).await {
        answer.unwrap();
    }
}

#[tokio::test]
async fn after_closing_nothing_is_accepted_and_everything_accepted_is_there() {
    let house = House::build().await;
    add_product(&house.store, house.tenant.id, "one").await.unwrap();
    house.store.ready().await.unwrap();
    house.store.close().await;
    let error = add_product(&house.store, house.tenant.id, "two").await.unwrap_err();
    assert_eq!(error.code, Code::Unavailable);
    assert!(house.store.ready().await.is_err());
    let again = house.database.store().await.unwrap();
    assert_eq!(product::of(house.tenant.id, Mode::Live).count(again.read()).await.unwrap(), 1);
}
