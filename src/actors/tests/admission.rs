//! Keys, buckets, revocation, memory.

use super::fixture::{START, Shop, World};
use crate::actors::{Fault, InFlightKey, MeterKey};
use crate::clock::Clock;
use crate::domain::rate_limit::Limits;
use crate::domain::{Code, Scope, Timestamp};
use crate::store::directory::Listed;
use entities::api_key::Column;
use std::time::Duration;

async fn shop() -> (World, Shop) {
    let world = World::new(Clock::fixed(START)).await;
    let shop = world.boot().await;
    (world, shop)
}

fn code<T>(verdict: &Result<T, crate::actors::Refusal>) -> Option<Code> {
    verdict.as_ref().err().map(|refusal| refusal.error.code)
}

#[actix_rt::test]
async fn a_good_key_is_admitted_and_charged_and_its_use_is_written() {
    let (_world, shop) = shop().await;
    let seller = shop.seller(|_| {}).await;
    let admitted = shop.admit(&seller).await.unwrap();
    assert_eq!(admitted.key.tenant, seller.tenant);
    assert_eq!(admitted.quota.minute.unwrap().remaining, 59);
    assert_eq!(shop.admit(&seller).await.unwrap().quota.minute.unwrap().remaining, 58);
    shop.actors.tidy(Duration::from_secs(300)).await;
    let row = shop.key_row(&seller).await;
    assert_eq!((row.usage_count, row.last_used_at), (2, Some(START.0)));
    assert_eq!(row.last_used_ip.as_deref(), Some("192.0.2.1"));
}

#[actix_rt::test]
async fn a_thousand_calls_at_once_on_sixty_a_minute_admit_exactly_sixty_with_one_read() {
    let (_world, shop) = shop().await;
    let seller = shop.seller(|_| {}).await;
    let calls = (0..1_000).map(|_| shop.admit(&seller));
    let verdicts = futures_util::future::join_all(calls).await;
    assert_eq!(verdicts.iter().filter(|verdict| verdict.is_ok()).count(), 60);
    assert!(
        verdicts
            .iter()
            .filter(|v| v.is_err())
            .all(|v| code(v) == Some(Code::RateLimited))
    );
    let state = shop.actors.inspect_tenant(seller.route).await.unwrap();
    assert_eq!((state.loads, state.keys, state.waiting), (1, 1, 0));
    shop.advance(Duration::from_secs(60));
    assert!(shop.admit(&seller).await.is_ok());
}

#[actix_rt::test]
async fn the_buckets_survive_a_panic_and_nobody_else_notices() {
    let (_world, shop) = shop().await;
    let seller = shop.seller(|_| {}).await;
    for _ in 0..30 {
        shop.admit(&seller).await.unwrap();
    }
    shop.actors.inject(Fault::TenantPanic(seller.route)).await;
    let mut admitted = 30;
    while shop.admit(&seller).await.is_ok() {
        admitted += 1;
    }
    assert_eq!(admitted, 60);
}

#[actix_rt::test]
async fn calls_queued_behind_a_panic_are_answered() {
    let (_world, shop) = shop().await;
    let seller = shop.seller(|_| {}).await;
    shop.admit(&seller).await.unwrap();
    let calls = (0..20).map(|_| shop.admit(&seller));
    let (_, verdicts) = tokio::join!(
        shop.actors.inject(Fault::TenantPanic(seller.route)),
        futures_util::future::join_all(calls)
    );
    assert!(verdicts.iter().all(Result::is_ok));
}

#[actix_rt::test]
async fn a_revoked_key_is_refused_from_the_moment_it_is_forgotten() {
    let (_world, shop) = shop().await;
    let seller = shop.seller(|_| {}).await;
    shop.admit(&seller).await.unwrap();
    shop.set_key(&seller, Column::RevokedAt, START.0).await;
    shop.actors.forget_key(seller.route, seller.digest).await;
    assert_eq!(code(&shop.admit(&seller).await), Some(Code::InvalidToken));
    shop.set_key(&seller, Column::RevokedAt, Option::<i64>::None).await;
    shop.actors.forget_tenant(seller.route).await;
    assert!(
        shop.admit(&seller).await.is_ok(),
        "a verdict on an existing row is not remembered"
    );
}

#[actix_rt::test]
async fn what_ends_a_key_is_judged_at_each_call() {
    let (_world, shop) = shop().await;
    let expiring = shop.seller(|key| key.expires_at = Some(START.0 + 1_000)).await;
    let rotated = shop
        .seller(|key| {
            key.is_active = false;
            key.grace_until_at = Some(START.0 + 1_000);
        })
        .await;
    let off = shop.seller(|key| key.is_active = false).await;
    assert!(shop.admit(&expiring).await.is_ok());
    assert!(shop.admit(&rotated).await.is_ok());
    assert_eq!(code(&shop.admit(&off).await), Some(Code::InvalidToken));
    shop.advance(Duration::from_secs(1));
    assert_eq!(code(&shop.admit(&expiring).await), Some(Code::InvalidToken));
    assert_eq!(code(&shop.admit(&rotated).await), Some(Code::InvalidToken));
}

#[actix_rt::test]
async fn a_key_is_good_only_from_its_networks() {
    let (_world, shop) = shop().await;
    let near = shop
        .seller(|key| key.allowed_networks = Some(vec!["192.0.2.0/24".to_owned()].into()))
        .await;
    let far = shop
        .seller(|key| key.allowed_networks = Some(vec!["198.51.100.7".to_owned()].into()))
        .await;
    let broken = shop
        .seller(|key| key.allowed_networks = Some(vec!["home".to_owned()].into()))
        .await;
    assert!(shop.admit(&near).await.is_ok());
    let mut mapped = shop.call_of(&near);
    mapped.address = "::ffff:192.0.2.9".parse().unwrap();
    assert!(shop.actors.admit(near.route, mapped).await.is_ok());
    assert_eq!(code(&shop.admit(&far).await), Some(Code::InvalidToken));
    assert_eq!(code(&shop.admit(&broken).await), Some(Code::InvalidToken));
}

#[actix_rt::test]
async fn a_missing_scope_costs_a_call_and_comes_after_the_limit() {
    let (_world, shop) = shop().await;
    let seller = shop.seller(|key| key.per_minute = Some(2)).await;
    let mut call = shop.call_of(&seller);
    call.scope = Some(Scope::ProductsWrite);
    let first = shop.actors.admit(seller.route, call.clone()).await;
    assert_eq!(code(&first), Some(Code::ScopeMissing));
    assert_eq!(first.unwrap_err().quota.unwrap().minute.unwrap().remaining, 1);
    shop.actors.admit(seller.route, call.clone()).await.unwrap_err();
    assert_eq!(code(&shop.actors.admit(seller.route, call).await), Some(Code::RateLimited));
}

#[actix_rt::test]
async fn a_suspended_tenant_is_forbidden() {
    let (_world, shop) = shop().await;
    let seller = shop.seller(|_| {}).await;
    let tenant = seller.tenant;
    let written = shop.store.command(async move |tx| {
        use entities::tenant;
        let on = sea_orm::sea_query::Expr::value(true);
        tenant::update_by_id(tenant)
            .col_expr(tenant::Column::Suspended, on)
            .exec(tx)
            .await?;
        Ok(())
    });
    written.await.unwrap();
    assert_eq!(code(&shop.admit(&seller).await), Some(Code::Forbidden));
}

#[actix_rt::test]
async fn an_unknown_key_is_remembered_for_seconds_and_costs_nobody() {
    let (_world, shop) = shop().await;
    let seller = shop.seller(|_| {}).await;
    let mut call = shop.call_of(&seller);
    call.digest = crate::domain::api_key::Digest::of("nothing");
    for _ in 0..5 {
        let verdict = shop.actors.admit(seller.route, call.clone()).await;
        assert_eq!(code(&verdict), Some(Code::InvalidToken));
        assert!(verdict.unwrap_err().key.is_none());
    }
    let state = shop.actors.inspect_tenant(seller.route).await.unwrap();
    assert_eq!((state.loads, state.unknown), (1, 1));
}

#[actix_rt::test]
async fn a_key_under_another_tenants_route_is_unknown() {
    let (_world, shop) = shop().await;
    let (one, other) = (shop.seller(|_| {}).await, shop.seller(|_| {}).await);
    let verdict = shop.actors.admit(other.route, shop.call_of(&one)).await;
    assert_eq!(code(&verdict), Some(Code::InvalidToken));
    // Only keys that carry no route are listed in the directory.
    assert_eq!(shop.actors.locate(one.digest).await.unwrap(), None);
}

#[actix_rt::test]
async fn a_key_without_a_route_is_located_once_it_is_listed() {
    let (_world, shop) = shop().await;
    let seller = shop.seller(|_| {}).await;
    assert_eq!(shop.actors.locate(seller.digest).await.unwrap(), None);
    let listed = Listed {
        digest: seller.digest,
        route: seller.route,
        created_at: Timestamp(0),
    };
    shop.actors.introduce(listed).await;
    assert_eq!(shop.actors.locate(seller.digest).await.unwrap(), Some(seller.route));
}

#[actix_rt::test]
async fn an_idle_tenant_is_let_go_without_reopening_its_minute() {
    let (_world, shop) = shop().await;
    let seller = shop.seller(|key| key.per_minute = Some(3)).await;
    for _ in 0..2 {
        shop.admit(&seller).await.unwrap();
    }
    for _ in 0..3 {
        shop.actors.tidy(Duration::ZERO).await;
    }
    assert_eq!(shop.admit(&seller).await.unwrap().quota.minute.unwrap().remaining, 0);
    assert_eq!(code(&shop.admit(&seller).await), Some(Code::RateLimited));
    assert_eq!(shop.actors.inspect_tenant(seller.route).await.unwrap().loads, 1);
}

#[actix_rt::test]
async fn a_day_is_exact_after_a_clean_stop_and_never_exceeded_after_a_crash() {
    let (world, shop) = shop().await;
    let seller = shop.seller(|key| key.dialect = "daily".to_owned()).await;
    for _ in 0..5 {
        shop.admit(&seller).await.unwrap();
    }
    shop.actors.stop().await;
    let second = world.boot().await;
    assert_eq!(second.admit(&seller).await.unwrap().quota.day.unwrap().remaining, 34);
    // A crash: the next process starts while this one has not stopped.
    let third = world.boot().await;
    let left = third.admit(&seller).await.unwrap().quota.day.unwrap().remaining;
    assert!((34 - 17..34).contains(&left), "{left}");
    let mut admitted = 7;
    while third.admit(&seller).await.is_ok() {
        admitted += 1;
    }
    assert!((40 - 16..=40).contains(&admitted), "{admitted}");
    third.advance(Duration::from_secs(86_400));
    assert!(third.admit(&seller).await.is_ok());
}

#[actix_rt::test]
async fn a_minute_goes_on_after_a_clean_stop_and_after_a_crash_from_what_was_written() {
    let (world, shop) = shop().await;
    let seller = shop.seller(|key| key.per_minute = Some(60)).await;
    let left = async |shop: &Shop| shop.admit(&seller).await.unwrap().quota.minute.unwrap().remaining;
    for _ in 0..5 {
        left(&shop).await;
    }
    shop.actors.stop().await;
    let second = world.boot().await;
    assert_eq!(left(&second).await, 54);
    second.actors.tidy(Duration::from_secs(300)).await;
    assert_eq!(left(&second).await, 53);
    // A crash: the next process starts while this one has not stopped.
    let third = world.boot().await;
    assert_eq!(left(&third).await, 53);
    third.advance(Duration::from_secs(60));
    assert_eq!(left(&third).await, 59);
}

#[actix_rt::test]
async fn a_thousand_calls_at_once_never_exceed_the_day() {
    let (_world, shop) = shop().await;
    let seller = shop.seller(|key| key.dialect = "daily".to_owned()).await;
    let verdicts = futures_util::future::join_all((0..500).map(|_| shop.admit(&seller))).await;
    assert_eq!(verdicts.iter().filter(|verdict| verdict.is_ok()).count(), 40);
}

#[actix_rt::test]
async fn meters_survive_a_panic_and_tickets_free_their_key() {
    let (_world, shop) = shop().await;
    let key = || MeterKey::Login("a@b.example".to_owned());
    let one = Limits::per_minute(1);
    shop.actors.meter(key(), one, START).await.unwrap();
    shop.actors.inject(Fault::MeterPanic).await;
    let refused = shop.actors.meter(key(), one, START).await.unwrap_err();
    assert_eq!((refused.code, refused.retry_after_s), (Code::RateLimited, Some(40)));
    assert!(shop.actors.meter_peek(key(), one, Timestamp(START.0 + 60_000)).await.is_ok());
    let in_flight = InFlightKey::new("key:1", "products.create", &[1; 32]);
    let ticket = shop.actors.begin(in_flight).await.unwrap().unwrap();
    shop.actors.inject(Fault::MeterPanic).await;
    assert!(shop.actors.begin(in_flight).await.unwrap().is_none());
    drop(ticket);
    assert!(shop.actors.begin(in_flight).await.unwrap().is_some());
}
