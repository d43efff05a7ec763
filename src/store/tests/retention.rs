//! What is old goes in chunks, with its attempts; what waits or is being tried stays.

use crate::clock::Ids;
use crate::domain::{Result, Timestamp};
use crate::store::testing::TestDatabase;
use crate::store::{Store, retention};
use entities::delivery::{self, Status};
use entities::{attempt, body, event};
use sea_orm::{EntityTrait, IntoActiveModel, PaginatorTrait};
use uuid::Uuid;

const CUTOFF: Timestamp = Timestamp(1_790_000_000_000);
const DAY_MS: i64 = 86_400_000;

fn row(at: i64, due_at: Option<i64>) -> delivery::Model {
    let id = Ids::default().uuid(Timestamp(at));
    delivery::Model {
        id,
        tenant: Uuid::from_u128(1),
        mode: entities::Mode::Live,
        event: id,
        endpoint: Uuid::from_u128(2),
        event_name: "product.created".to_owned(),
        body_place: 0,
        status: Status::Success,
        attempt_count: 1,
        attempts_max: 7,
        due_at,
        lease_owner: None,
        lease_until_at: None,
        last_status: None,
        last_error: None,
        last_body: None,
        last_duration_ms: None,
        retry_of: None,
        round: 0,
        seq: 1,
        created_at: at,
        updated_at: at,
        delivered_at: None,
        failed_at: None,
    }
}

fn tried(row: &delivery::Model) -> attempt::Model {
    attempt::Model {
        id: Ids::default().uuid(Timestamp(row.created_at)),
        delivery: row.id,
        tenant: row.tenant,
        mode: row.mode,
        number: 1,
        started_at: row.created_at,
        duration_ms: 1,
        connect_ms: None,
        first_byte_ms: None,
        http_status: 200,
        error_class: None,
        error: None,
        response_headers: None,
        response_body: None,
    }
}

fn fact(row: &delivery::Model) -> event::Model {
    event::Model {
        id: row.event,
        tenant: row.tenant,
        mode: row.mode,
        name: row.event_name.clone(),
        view: "product".to_owned(),
        data: serde_json::json!({}).into(),
        products: Vec::new().into(),
        seq: Some(1),
        created_at: row.created_at,
        dispatched_at: Some(row.created_at),
    }
}

fn body_of(row: &delivery::Model) -> body::Model {
    body::Model {
        event: row.event,
        place: 0,
        text: "{}".to_owned(),
    }
}

async fn fill(store: &Store, rows: Vec<delivery::Model>) -> Result<()> {
    store
        .command(async move |tx| {
            let attempts = rows.iter().map(|row| tried(row).into_active_model());
            attempt::Entity::insert_many(attempts).exec_without_returning(tx).await?;
            let facts = rows.iter().map(|row| fact(row).into_active_model());
            event::Entity::insert_many(facts).exec_without_returning(tx).await?;
            let bodies = rows.iter().map(|row| body_of(row).into_active_model());
            body::Entity::insert_many(bodies).exec_without_returning(tx).await?;
            let deliveries = rows.iter().cloned().map(IntoActiveModel::into_active_model);
            delivery::Entity::insert_many(deliveries).exec_without_returning(tx).await?;
            Ok(())
        })
        .await
}

async fn counts(store: &Store) -> (u64, u64, u64) {
    let db = store.read();
    let deliveries = delivery::anywhere().count(db).await.unwrap();
    assert_eq!(body::anywhere().count(db).await.unwrap(), deliveries, "one body each");
    (
        deliveries,
        attempt::anywhere().count(db).await.unwrap(),
        event::anywhere().count(db).await.unwrap(),
    )
}

#[actix_rt::test]
async fn only_what_is_old_and_done_goes() {
    let database = TestDatabase::create().await.unwrap();
    let store = database.store().await.unwrap();
    let mut tried = row(CUTOFF.0 - 1, None);
    tried.lease_owner = Some("node/boot".to_owned());
    let waits = row(CUTOFF.0 - DAY_MS, Some(CUTOFF.0 + 1));
    let rows = vec![
        row(CUTOFF.0 - DAY_MS, None),
        row(CUTOFF.0 - 1, None),
        row(CUTOFF.0, None),
        tried,
        waits,
    ];
    fill(&store, rows).await.unwrap();
    assert!(!retention::purge(&store, CUTOFF).await.unwrap());
    assert_eq!(counts(&store).await, (3, 3, 1));
    store.close().await;
}

#[actix_rt::test]
async fn a_chunk_is_bounded_and_says_that_there_is_more() {
    let database = TestDatabase::create().await.unwrap();
    let store = database.store().await.unwrap();
    let many = usize::try_from(retention::CHUNK_ROWS).unwrap() + 10;
    fill(&store, (0..many).map(|_| row(CUTOFF.0 - DAY_MS, None)).collect())
        .await
        .unwrap();
    assert!(retention::purge(&store, CUTOFF).await.unwrap());
    assert_eq!(counts(&store).await, (10, 10, 10));
    assert!(!retention::purge(&store, CUTOFF).await.unwrap());
    assert_eq!(counts(&store).await, (0, 0, 0));
    store.close().await;
}
