//! What commands collect: events, audit entries, stored answers, totals, names.

use super::*;
use crate::domain::{Code, Error};
use crate::store::audit::Finding;
use crate::store::counters::{self, CounterKey};
use crate::store::idempotency as idempotency_store;
use crate::store::names::{self, Claim};
use crate::store::{AuditEntry, IdempotencyRecord, audit};
use entities::{event as outbox, idempotency};
use futures_util::future::join_all;
use sea_orm::{ColumnTrait, ConnectionTrait, QueryFilter};
use std::sync::{Arc, Mutex};
use tokio::sync::Semaphore;

#[tokio::test]
async fn events_show_only_after_the_commit_and_the_hook_hears_of_them() {
    let house = House::build().await;
    let heard = Arc::new(Mutex::new(Vec::new()));
    let hearing = heard.clone();
    house
        .store
        .on_commit(Arc::new(move |events| hearing.lock().unwrap().push(events)));
    let (started, gate) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
    let (tenant, store, fact) = (
        house.tenant.id,
        house.store.clone(),
        event(house.tenant.id, "product.created"),
    );
    let (starting, waiting) = (started.clone(), gate.clone());
    let command = tokio::spawn(async move {
        store
            .command(async move |tx| {
                tx.emit(fact.clone());
                starting.add_permits(1);
                let _permit = waiting.acquire().await.map_err(Error::internal)?;
                Ok(fact.clone())
            })
            .await
    });
    started.acquire().await.unwrap().forget();
    assert_eq!(outbox::of(tenant, Mode::Live).count(house.store.read()).await.unwrap(), 0);
    assert!(heard.lock().unwrap().is_empty());
    gate.add_permits(1);
    let fact = command.await.unwrap().unwrap();
    let row = outbox::undispatched_anywhere()
        .one(house.store.read())
        .await
        .unwrap()
        .unwrap();
    assert_eq!((row.id, row.name.as_str(), row.seq), (fact.id, "product.created", None));
    assert_eq!(row.data.0.to_string(), r#"{"b":1,"a":2}"#, "members keep their order");
    assert_eq!(*heard.lock().unwrap(), [vec![fact]]);
    add_product(&house.store, tenant, "quiet").await.unwrap();
    assert!(heard.lock().unwrap()[1].is_empty());
}

fn entry(tenant: Uuid, n: usize) -> AuditEntry {
    AuditEntry {
        id: Uuid::new_v4(),
        tenant,
        actor: "person:1".to_owned(),
        action: format!("thing.{n}"),
        target: "thing".to_owned(),
        detail: json!({"n": n, "a": "ä"}),
        happened_at: Timestamp(9),
    }
}

#[tokio::test]
async fn the_audit_chain_of_each_tenant_has_no_gap_and_shows_a_change() {
    let house = House::build().await;
    let (first, second) = (house.tenant.id, Uuid::new_v4());
    let commands = (0..60).map(|n| {
        let store = house.store.clone();
        async move {
            store
                .command(async move |tx| {
                    tx.audit(entry(first, n));
                    tx.audit(entry(second, n));
                    tx.audit(entry(first, n));
                    Ok(())
                })
                .await
        }
    });
    for answer in join_all(commands).await {
        answer.unwrap();
    }
    let whole = |entries| Finding::Whole { entries };
    assert_eq!(audit::verify(house.store.read(), first).await.unwrap(), whole(120));
    assert_eq!(audit::verify(house.store.read(), second).await.unwrap(), whole(60));
    run(&house, "update audit_log set actor = 'person:2' where seq = 40").await;
    for tenant in [first, second] {
        let finding = audit::verify(house.store.read(), tenant).await.unwrap();
        assert!(matches!(finding, Finding::Broken { seq: 40, id: Some(_) }), "{finding:?}");
    }
    run(&house, "delete from audit_log where seq = 7").await;
    let chains = audit::verify_all(house.store.read()).await.unwrap();
    assert_eq!(chains.len(), 2);
    for chain in chains {
        assert!(matches!(chain.finding, Finding::Broken { seq: 7, .. }), "{chain:?}");
        assert_eq!(chain.slug.is_some(), chain.tenant == Some(first));
    }
}

async fn run(house: &House, statement: &'static str) {
    let changed = async move |tx: &Tx| {
        tx.execute_unprepared(statement).await?;
        Ok(())
    };
    house.store.command(changed).await.unwrap();
}

#[tokio::test]
async fn a_changed_byte_of_any_column_is_found() {
    let statements = [
        "update audit_log set action = 'thing.4' where seq = 3",
        "update audit_log set target = 'think' where seq = 3",
        "update audit_log set detail = '{\"n\":9,\"a\":\"ä\"}' where seq = 3",
        // The same JSON in another spelling, and a text that is none any more.
        "update audit_log set detail = detail || ' ' where seq = 3",
        "update audit_log set detail = '{\"n\":2,\"a\":\"ä\"]' where seq = 3",
        "update audit_log set happened_at = 8 where seq = 3",
        "update audit_log set hash = previous_hash where seq = 3",
        "update audit_log set previous_hash = hash where seq = 3",
        "update audit_log set seq = 1000 where seq = 3",
        "update audit_log set tenant = id where seq = 3",
    ];
    for statement in statements {
        let house = House::build().await;
        let tenant = house.tenant.id;
        let filled = async move |tx: &Tx| {
            (0..5).for_each(|n| tx.audit(entry(tenant, n)));
            Ok(())
        };
        house.store.command(filled).await.unwrap();
        run(&house, statement).await;
        let finding = audit::verify(house.store.read(), tenant).await.unwrap();
        assert!(matches!(finding, Finding::Broken { seq: 3, .. }), "{statement}: {finding:?}");
    }
}

fn record(key: u8, state: idempotency::State, at: i64) -> IdempotencyRecord {
    IdempotencyRecord {
        id: Uuid::new_v4(),
        tenant: None,
        principal: "key:1".to_owned(),
        route: "products.create".to_owned(),
        key_digest: [key; 32],
        body_digest: [1; 32],
        state,
        status: 201,
        answer: Some(json!({"z": 1, "a": 2})),
        sealed: None,
        created_at: Timestamp(at),
        expires_at: Timestamp(at + 100),
    }
}

async fn remember(store: &Store, record: IdempotencyRecord) -> Result<()> {
    store
        .command(async move |tx| {
            tx.remember(record.clone());
            Ok(())
        })
        .await
}

#[tokio::test]
async fn a_key_is_remembered_once_until_it_runs_out() {
    use idempotency::State::{Done, Started};
    let house = House::build().await;
    let store = &house.store;
    let racing = (0..10).map(|_| remember(store, record(1, Done, 1_000)));
    let answers = join_all(racing).await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1);
    for error in answers.into_iter().filter_map(Result::err) {
        assert_eq!(error.code, Code::IdempotencyInFlight);
    }
    remember(store, record(1, Done, 1_100)).await.unwrap();
    let mut begun = record(2, Started, 1_000);
    remember(store, begun.clone()).await.unwrap();
    begun.state = Done;
    begun.status = 200;
    remember(store, begun.clone()).await.unwrap();
    let error = remember(store, begun).await.unwrap_err();
    assert_eq!(error.code, Code::IdempotencyInFlight);
    let row = idempotency::by_key("key:1", "products.create", &[2; 32])
        .one(store.read())
        .await
        .unwrap()
        .unwrap();
    assert_eq!((row.state, row.status), (Done, 200));
    assert_eq!(idempotency::anywhere().count(store.read()).await.unwrap(), 2);
}

#[tokio::test]
async fn totals_add_up_and_a_failed_command_adds_nothing() {
    let house = House::build().await;
    let key = CounterKey::new(house.tenant.id, Mode::Live, "products");
    assert_eq!(counters::read(house.store.read(), &key).await.unwrap(), 0);
    assert!(totals(&house).await.is_empty());
    let counting = (0..40).map(|n| {
        let (store, key) = (house.store.clone(), key.clone());
        async move {
            store
                .command(async move |tx| {
                    tx.count(key.clone(), 3);
                    tx.count(key.clone(), -1);
                    if n % 4 == 0 {
                        Err(Error::not_found("product"))
                    } else {
                        Ok(())
                    }
                })
                .await
        }
    });
    join_all(counting).await;
    assert_eq!(counters::read(house.store.read(), &key).await.unwrap(), 60);
    assert_eq!(totals(&house).await.len(), 1);
    let other = CounterKey::new(house.tenant.id, Mode::Test, "products");
    assert_eq!(counters::read(house.store.read(), &other).await.unwrap(), 0);
}

#[tokio::test]
async fn a_public_name_belongs_to_who_claimed_it_first() {
    let house = House::build().await;
    let wanted = |product| Claim {
        namespace: names::MARKETPLACE,
        name: "lute".to_owned(),
        tenant: house.tenant.id,
        mode: Mode::Live,
        product,
    };
    let claim = async |wanted: Claim| house.store.command(async move |tx| names::claim(tx, &wanted).await).await;
    let (mine, theirs) = (Uuid::new_v4(), Uuid::new_v4());
    claim(wanted(mine)).await.unwrap();
    claim(wanted(mine)).await.unwrap();
    assert_eq!(claim(wanted(theirs)).await.unwrap_err().code, Code::AlreadyExists);
    let tenant = house.tenant.id;
    house
        .store
        .command(async move |tx| names::release(tx, names::MARKETPLACE, tenant, Mode::Live, mine).await)
        .await
        .unwrap();
    claim(wanted(theirs)).await.unwrap();
    let held = entities::public_name::of(tenant, Mode::Live)
        .filter(entities::public_name::Column::Product.eq(theirs))
        .count(house.store.read())
        .await
        .unwrap();
    assert_eq!(held, 1);
}

#[tokio::test]
async fn answers_that_ran_out_go_in_bounded_chunks_and_the_others_stay() {
    let house = House::build().await;
    let many = async |tx: &Tx| {
        for n in 0..700_u16 {
            let mut record = record(0, idempotency::State::Done, 1_000);
            record.key_digest[..2].copy_from_slice(&n.to_be_bytes());
            tx.remember(record);
        }
        Ok(())
    };
    house.store.command(many).await.unwrap();
    remember(&house.store, record(9, idempotency::State::Done, 2_000))
        .await
        .unwrap();
    let left = async || idempotency::anywhere().all(house.store.read()).await.unwrap().len();
    let purge = async |now| idempotency_store::purge(&house.store, Timestamp(now)).await.unwrap();
    assert!(!purge(1_099).await);
    assert_eq!(left().await, 701);
    assert!(purge(1_100).await);
    assert_eq!(left().await, 201);
    assert!(!purge(1_100).await);
    assert_eq!(left().await, 1);
}
