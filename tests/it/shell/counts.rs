//! What a key has used, told by a server of several workers.

use crate::harness::{ADMIN_SECRET, Answer, Client, Process, Shop};
use serde_json::json;
use std::path::Path;

/// Connections that take turns: the server spreads them over its workers.
const CONNECTIONS: usize = 4;
/// Calls on one connection before the next one's turn.
const TURN: usize = 7;
/// Calls at each limit, where it allows as many.
const CALLS: usize = 300;
const PER_DAY: u32 = 100_000;

fn serve(data: &Path) -> Process {
    let secret = format!("admin_secret={ADMIN_SECRET}");
    Process::serve(data, &["--set", &secret, "--set", "workers=2"])
}

/// A shop of a dialect whose full key may make so many calls a minute; a dialect that limits the day limits it widely.
async fn shop(server: &Process, dialect: &str, per_minute: u32) -> Shop {
    let operator = server.anonymous().bearer(ADMIN_SECRET);
    let slug = format!("{dialect}-{per_minute}");
    let shop = Shop::open(&server.anonymous(), &operator, dialect, &slug).await;
    let per_day = (dialect == "bigclass").then_some(PER_DAY);
    let limits = json!({ "limits": { "per_minute": per_minute, "per_day": per_day } });
    operator
        .patch(&format!("/operator/v1/tenants/{}", shop.tenant), limits)
        .await
        .is(200);
    shop
}

/// What an answer tells: calls left in the minute, when that ends, calls left of the day where it is limited.
#[derive(Clone, Copy)]
struct Told {
    left: u32,
    reset: u64,
    left_today: Option<u32>,
}

impl Told {
    fn by(answer: &Answer) -> Self {
        let told = Self {
            left: answer.header("x-ratelimit-remaining").parse().unwrap(),
            reset: answer.header("x-ratelimit-reset").parse().unwrap(),
            left_today: answer.header("x-ratelimit-daily-remaining").parse().ok(),
        };
        let fields = answer.header("ratelimit");
        let minute = format!("\"minute\";r={};", told.left);
        let day = told.left_today.map(|left| format!("\"day\";r={left};"));
        assert!(
            fields.contains(&minute) && day.is_none_or(|day| fields.contains(&day)),
            "{fields}"
        );
        told
    }
}

#[actix_rt::test]
async fn calls_one_after_the_other_are_each_told_one_less_at_every_limit() {
    let folder = tempfile::tempdir().unwrap();
    let server = serve(folder.path());
    for (dialect, limit) in [
        ("fondaco", 60),
        ("fondaco", 100),
        ("fondaco", 1_000),
        ("fondaco", 5_000),
        ("bigclass", 5_000),
    ] {
        let shop = shop(&server, dialect, limit).await;
        // Each with connections of its own.
        let clients: Vec<Client> = (0..CONNECTIONS).map(|_| server.anonymous().bearer(&shop.key)).collect();
        let mut last: Option<Told> = None;
        for number in 0..CALLS {
            let answer = clients[number / TURN % CONNECTIONS].get("/api/v1/me").await;
            let told = Told::by(&answer);
            let place = format!("call {number} of {limit} a minute ({dialect})");
            // Where a minute has begun, all of it was left.
            let same_minute = last.filter(|last| last.reset == told.reset);
            let left = same_minute.map_or(limit, |last| last.left);
            let left_today = last.map_or(Some(PER_DAY), |last| last.left_today);
            if answer.status == 429 {
                assert_eq!((told.left, left), (0, 0), "{place}");
                break;
            }
            answer.is(200);
            assert_eq!(told.left + 1, left, "{place}");
            if let Some(today) = told.left_today {
                // Unless a day has begun.
                assert!(
                    today + 1 == PER_DAY || Some(today + 1) == left_today,
                    "{place}: {today} after {left_today:?}"
                );
            }
            last = Some(told);
        }
        assert_eq!(last.unwrap().left_today.is_some(), dialect == "bigclass");
    }
    assert!(server.signal("TERM").success());
}

#[actix_rt::test]
async fn a_minute_outlives_an_orderly_end() {
    for _ in 0..3 {
        let folder = tempfile::tempdir().unwrap();
        let server = serve(folder.path());
        let (narrow, wide) = (shop(&server, "fondaco", 60).await, shop(&server, "bigclass", 1_000).await);
        let mut told = Vec::new();
        for (shop, calls) in [(&wide, 100), (&narrow, 60)] {
            for _ in 0..calls {
                let answer = server.anonymous().bearer(&shop.key).get("/api/v1/me").await;
                told.push(Told::by(&answer));
            }
        }
        let (began, before) = (told[0].reset, *told.last().unwrap());
        assert!(server.signal("TERM").success());
        let again = serve(folder.path());
        let refused = again.anonymous().bearer(&narrow.key).get("/api/v1/me").await;
        let passed = again.anonymous().bearer(&wide.key).get("/api/v1/me").await;
        let (after, of_wide) = (Told::by(&refused), Told::by(&passed));
        // All of it within one minute; where one has ended meanwhile, once more.
        let is_one_minute = before.left == 0 && [after.reset, of_wide.reset] == [before.reset; 2] && began == before.reset;
        if is_one_minute {
            assert_eq!((refused.status, after.left), (429, 0));
            assert_eq!((of_wide.left, of_wide.left_today), (1_000 - 101, Some(PER_DAY - 101)));
            return;
        }
    }
    panic!("a minute ended three times within a few seconds");
}
