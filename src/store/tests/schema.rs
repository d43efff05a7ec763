//! Settings and migrations.

use super::*;
use crate::domain::Code;
use crate::store::connect::Target;
use crate::store::{StoreOptions, unique};
use migration::{Migrator, MigratorTrait};
use sea_orm::{ConnectionTrait, Statement};

#[tokio::test]
async fn migrations_go_up_down_and_up_again() {
    let database = TestDatabase::create().await.unwrap();
    let target = Target::parse(&StoreOptions::new(database.url())).unwrap();
    let connection = target.writer().await.unwrap();
    Migrator::up(&connection, None).await.unwrap();
    Migrator::down(&connection, None).await.unwrap();
    let left = match connection.get_database_backend() {
        sea_orm::DbBackend::Sqlite => "select count(*) as n from sqlite_master where type = 'table' and name not like 'sqlite_%'",
        _ => "select count(*) as n from information_schema.tables where table_schema = 'public'",
    };
    let row = connection
        .query_one_raw(Statement::from_string(connection.get_database_backend(), left))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        row.try_get::<i64>("", "n").unwrap(),
        1,
        "only the table of migrations is left"
    );
    Migrator::up(&connection, None).await.unwrap();
    connection.close().await.unwrap();
    let store = database.store().await.unwrap();
    testing::tenant(&store, "shop").await.unwrap();
}

#[tokio::test]
async fn every_listed_unique_rule_is_in_the_schema() {
    let house = House::build().await;
    let listed = if house.is_sqlite() {
        "select m.name as t, group_concat(m.name || '.' || c.name, ', ') as rule from sqlite_master m, \
         pragma_index_list(m.name) i, pragma_index_info(i.name) c where i.\"unique\" = 1 group by m.name, i.name"
    } else {
        "select indexname::text as rule from pg_indexes where schemaname = 'public'"
    };
    let rows = house
        .store
        .read()
        .query_all_raw(Statement::from_string(house.store.backend(), listed))
        .await
        .unwrap();
    let found: Vec<String> = rows.iter().map(|row| row.try_get("", "rule").unwrap()).collect();
    for (columns, name) in unique::rules() {
        let expected = if house.is_sqlite() { columns } else { name };
        assert!(found.iter().any(|rule| rule == expected), "{expected} is not in {found:?}");
    }
}

/// Unique rules that no caller can break. Breaking one is a fault of ours, and told as that.
const OUT_OF_REACH: &[&str] = &[
    // Drawn at random.
    "tenants.route",
    "sessions.digest",
    "tokens.digest",
    "invitations.digest",
    "licenses.digest",
    "license_server_keys.kid",
    "certificates.number",
    "receipts.token",
    // A payment provider's own ids, of which only the first is written.
    "checkouts.session_ref",
    "payments.checkout",
    "payments.tenant, payments.mode, payments.intent_ref",
    "payments.tenant, payments.mode, payments.invoice_ref",
    "refunds.tenant, refunds.mode, refunds.provider_ref",
    "subscriptions.tenant, subscriptions.mode, subscriptions.subscription_ref",
    "subscription_invoices.tenant, subscription_invoices.mode, subscription_invoices.invoice_ref",
    "provider_events.tenant, provider_events.mode, provider_events.event_ref",
    "coupon_redemptions.payment",
    // Counted by the server.
    "audit_log.tenant, audit_log.seq",
    "deliveries.event, deliveries.endpoint, deliveries.round",
    // A second row is taken for the first by the statement that writes it.
    "day_counts.key_id, day_counts.day",
    "sales_days.tenant, sales_days.mode, sales_days.product, sales_days.day, sales_days.currency",
    "bodies.event, bodies.place",
    "lesson_progress.enrollment, lesson_progress.lesson",
    "counters.tenant, counters.mode, counters.name",
    "origins.tenant, origins.origin",
    "product_views.product, product_views.day",
    "purchase_receipts.tenant, purchase_receipts.mode, purchase_receipts.kind, purchase_receipts.purchase_ref",
    "addresses.tenant, addresses.mode, addresses.email",
    "product_words.product",
    "key_holders.tenant",
    // The search engine's own.
    "product_grams_idx.segid, product_grams_idx.term",
    "address_grams_idx.segid, address_grams_idx.term",
];

#[tokio::test]
async fn every_unique_rule_is_listed_or_out_of_reach() {
    let database = TestDatabase::sqlite().unwrap();
    let store = database.store().await.unwrap();
    // A primary key of one column is an id.
    let all = "select group_concat(m.name || '.' || c.name, ', ') as rule from sqlite_master m, pragma_index_list(m.name) i, \
               pragma_index_info(i.name) c where m.type = 'table' and i.\"unique\" = 1 \
               group by m.name, i.name, i.origin having i.origin <> 'pk' or count(*) > 1";
    let rows = store.read().query_all_raw(Statement::from_string(store.backend(), all)).await;
    let found: Vec<String> = rows.unwrap().iter().map(|row| row.try_get("", "rule").unwrap()).collect();
    let listed: Vec<&str> = unique::rules().map(|(columns, _)| columns).collect();
    let unknown = found.iter().map(String::as_str);
    let unknown: Vec<&str> = unknown
        .filter(|rule| listed.contains(rule) == OUT_OF_REACH.contains(rule))
        .collect();
    assert!(unknown.is_empty(), "neither listed nor out of reach, or both: {unknown:?}");
    let gone: Vec<_> = OUT_OF_REACH
        .iter()
        .filter(|rule| !found.iter().any(|known| known == *rule))
        .collect();
    assert!(gone.is_empty(), "not in the schema: {gone:?}");
}

#[tokio::test]
async fn every_table_can_be_read_through_its_entity() {
    let house = House::build().await;
    let (reader, id) = (house.store.read(), house.tenant.id);
    macro_rules! read_all {
        ($($select:expr),* $(,)?) => { $( $select.all(reader).await.unwrap(); )* };
    }
    read_all!(
        entities::tenant::by_slug("shop"),
        entities::person::by_email("x"),
        entities::membership::of_tenant(id),
        entities::session::of_person(id),
        entities::token::by_digest("verify", &[1]),
        entities::api_key::of(id, Mode::Live),
        entities::product::of(id, Mode::Test),
        entities::public_name::of(id, Mode::Live),
        entities::coupon::of(id, Mode::Live),
        entities::coupon_redemption::of(id, Mode::Live),
        entities::sales_day::of(id, Mode::Live),
        entities::sign_in::anywhere(),
        entities::counter::of(id, Mode::Live),
        entities::endpoint::of(id, Mode::Live),
        entities::event::of(id, Mode::Live),
        entities::delivery::due_anywhere(1),
        entities::attempt::of(id, Mode::Live),
        entities::idempotency::anywhere(),
        entities::audit::of(id),
        entities::day_count::by_key(id, 1),
        entities::receiver::by_token("x"),
        entities::receiver_hit::of_receiver("x"),
        entities::mail::due(1),
        entities::invitation::by_digest(&[1]),
    );
}

#[tokio::test]
async fn sqlite_readers_cannot_write_and_commits_are_synced() {
    let database = TestDatabase::sqlite().unwrap();
    let store = database.store().await.unwrap();
    let refused = store.read().execute_unprepared("delete from tenants").await;
    assert!(refused.is_err());
    let setting = async |name: &str| {
        let row = store
            .read()
            .query_one_raw(Statement::from_string(store.backend(), format!("pragma {name}")));
        row.await.unwrap().unwrap()
    };
    assert_eq!(setting("journal_mode").await.try_get_by_index::<String>(0).unwrap(), "wal");
    for (name, expected) in [
        ("synchronous", 2),
        ("foreign_keys", 1),
        ("busy_timeout", 5_000),
        ("query_only", 1),
        ("cache_size", -2_000),
    ] {
        assert_eq!(setting(name).await.try_get_by_index::<i64>(0).unwrap(), expected, "{name}");
    }
    // The writer's own settings, from inside a command.
    let synchronous = store
        .command(async |tx| {
            let row = tx
                .query_one_raw(Statement::from_string(tx.get_database_backend(), "pragma synchronous"))
                .await?;
            Ok(row.map(|row| row.try_get_by_index::<i64>(0)).transpose()?)
        })
        .await
        .unwrap();
    assert_eq!(synchronous, Some(2));
}

#[tokio::test]
async fn a_database_in_memory_or_of_another_kind_is_refused_with_advice() {
    for url in ["sqlite::memory:", "sqlite://", "mysql://here/it", ""] {
        let error = Store::open(&StoreOptions::new(url)).await.err().unwrap();
        assert_eq!(error.code, Code::Internal);
        assert!(error.message.contains("sqlite://<path"), "{}", error.message);
    }
}
