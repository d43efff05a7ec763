//! The books against a model: random purchases, partial and full refunds, disputes and the passing of time.
//!
//! `FONDACO_LEDGER_SEEDS` makes it longer; a seed that fails is named.

use crate::harness::{Shop, TestApp};
use entities::{access, ledger_entry, payment};
use fondaco::domain::Mode;
use sea_orm::prelude::Uuid;
use sea_orm::{ColumnTrait, QueryFilter};
use serde_json::json;
use std::collections::BTreeMap;

const STEPS: u32 = 40;

/// What should be true of a payment.
#[derive(Debug)]
struct Expected {
    id: String,
    product: usize,
    email: usize,
    paid: i64,
    refunded: i64,
    disputed: bool,
    dispute_due: Option<i64>,
    until: Option<i64>,
}

struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }

    fn place(&mut self, length: usize) -> usize {
        usize::try_from(self.below(u64::try_from(length).unwrap())).unwrap()
    }
}

#[actix_rt::test]
async fn the_books_balance_whatever_happens() {
    let seeds = asked().unwrap_or(6);
    let app = TestApp::start().await;
    for seed in 1..=seeds {
        Run::begin(&app, seed).await.play().await;
    }
    app.finish().await;
}

#[expect(clippy::disallowed_methods, reason = "how long a test runs is no setting of the server")]
fn asked() -> Option<u64> {
    std::env::var("FONDACO_LEDGER_SEEDS").ok()?.parse().ok()
}

struct Run<'a> {
    app: &'a TestApp,
    shop: Shop,
    seed: u64,
    random: Random,
    products: Vec<(String, i64, bool)>,
    payments: Vec<Expected>,
    now: i64,
}

impl<'a> Run<'a> {
    async fn begin(app: &'a TestApp, seed: u64) -> Self {
        let shop = app.shop("fondaco").await;
        let mut products = Vec::new();
        for (slug, price, vat, days) in [
            ("a", 1_999, json!(23), json!(null)),
            ("b", 700, json!(null), json!(3)),
            ("c", 12_345, json!(7.5), json!(null)),
        ] {
            let body = json!({ "name": slug, "slug": slug, "price": price, "currency": "EUR", "vat_rate": vat, "auto_grant_duration_days": days });
            let made = shop.api.post("/api/v1/products", body).await.is(201);
            products.push((made["data"]["id"].as_str().unwrap().to_owned(), price, !days.is_null()));
        }
        Self {
            app,
            shop,
            seed,
            random: Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15)),
            products,
            payments: Vec::new(),
            now: 0,
        }
    }

    async fn play(mut self) {
        for step in 0..STEPS {
            match self.random.below(10) {
                0..4 => self.buy().await,
                4..7 => self.refund().await,
                7 => self.refund_all().await,
                _ => self.wait().await,
            }
            if step % 8 == 7 {
                self.check().await;
            }
        }
        self.check().await;
    }

    async fn buy(&mut self) {
        let (product, email) = (self.random.place(3), self.random.place(3));
        let is_disputed = self.random.below(6) == 0;
        let until = self.products[product]
            .2
            .then(|| self.held_until(product, email).unwrap_or(self.now) + 3 * 86_400);
        let asked = json!({ "product_id": self.products[product].0, "email": format!("buyer{email}@example.com") });
        let (checkout, page) = self.shop.checkout(asked).await;
        let card = if is_disputed { "4000000000000259" } else { "4242424242424242" };
        assert_eq!(self.app.anonymous().form(&page, &[("card", card)]).await.status, 303);
        self.payments.push(Expected {
            id: self.shop.payment_of(&checkout).await,
            product,
            email,
            paid: self.products[product].1,
            refunded: 0,
            disputed: false,
            dispute_due: is_disputed.then_some(self.now + 60),
            until,
        });
    }

    async fn refund(&mut self) {
        let Some(place) = self.some_payment() else { return };
        let amount = i64::try_from(self.random.below(2_500)).unwrap() + 1;
        let known = &mut self.payments[place];
        let path = format!("/api/v1/payments/{}/refund", known.id);
        let is_possible = !known.disputed && known.refunded + amount <= known.paid;
        let status = if is_possible { 200 } else { 400 };
        self.shop.api.post(&path, json!({ "amount": amount })).await.is(status);
        known.refunded += if is_possible { amount } else { 0 };
    }

    async fn refund_all(&mut self) {
        let Some(place) = self.some_payment() else { return };
        let known = &mut self.payments[place];
        let path = format!("/api/v1/payments/{}/refund", known.id);
        let is_possible = !known.disputed && known.refunded < known.paid;
        self.shop
            .api
            .post(&path, json!({}))
            .await
            .is(if is_possible { 200 } else { 400 });
        known.refunded = if is_possible { known.paid } else { known.refunded };
    }

    fn some_payment(&mut self) -> Option<usize> {
        (!self.payments.is_empty()).then(|| self.random.place(self.payments.len()))
    }

    async fn wait(&mut self) {
        let seconds = [30, 90, 86_400][self.random.place(3)];
        self.app.advance(seconds).await;
        self.now += i64::try_from(seconds).unwrap();
        for known in &mut self.payments {
            if known.dispute_due.is_some_and(|due| due <= self.now) {
                // What was given back in full before the bank spoke stays given back.
                known.disputed = known.refunded < known.paid;
                known.dispute_due = None;
            }
        }
    }

    async fn check(&self) {
        let store = self.app.store();
        let tenant: Uuid = self.shop.tenant.parse().unwrap();
        let rows = payment::of(tenant, Mode::Live).all(store.read()).await.unwrap();
        let entries = ledger_entry::of(tenant, Mode::Live).all(store.read()).await.unwrap();
        assert_eq!(rows.len(), self.payments.len(), "seed {}", self.seed);
        for known in &self.payments {
            let row = rows.iter().find(|row| row.id.to_string() == known.id).unwrap();
            let status = match (known.disputed, known.refunded == known.paid) {
                (true, _) => payment::Status::Disputed,
                (false, true) => payment::Status::Refunded,
                (false, false) => payment::Status::Completed,
            };
            assert_eq!(
                (row.status, row.refunded_minor),
                (status, known.refunded),
                "seed {}: {known:?}",
                self.seed
            );
        }
        let mut bookings: BTreeMap<Uuid, i64> = BTreeMap::new();
        let mut accounts: BTreeMap<&str, i64> = BTreeMap::new();
        for entry in &entries {
            *bookings.entry(entry.booking).or_default() += entry.amount_minor;
            *accounts.entry(&entry.account).or_default() += entry.amount_minor;
        }
        assert!(
            bookings.values().all(|sum| *sum == 0),
            "seed {}: a booking does not balance",
            self.seed
        );
        let account = |name: &str| accounts.get(name).copied().unwrap_or(0);
        let fees: i64 = self.payments.iter().map(|known| known.paid * 29 / 1_000 + 30).sum();
        let refunded: i64 = self.payments.iter().map(|known| known.refunded).sum();
        let disputed: i64 = self
            .payments
            .iter()
            .filter(|known| known.disputed)
            .map(|known| known.paid - known.refunded)
            .sum();
        let paid: i64 = self.payments.iter().map(|known| known.paid).sum();
        assert_eq!(account("fees"), fees, "seed {}", self.seed);
        assert_eq!(account("disputes"), disputed, "seed {}", self.seed);
        assert_eq!(account("balance"), paid - fees - refunded - disputed, "seed {}", self.seed);
        assert_eq!(
            account("sales") + account("tax") + account("refunds"),
            refunded - paid,
            "seed {}",
            self.seed
        );
        self.check_access(tenant).await;
    }

    /// Somebody has a product while a payment for it is neither given back nor disputed, and its time is not over.
    async fn check_access(&self, tenant: Uuid) {
        let held = access::of(tenant, Mode::Live)
            .filter(access::Column::EndedAt.is_null())
            .all(self.app.store().read())
            .await
            .unwrap();
        let mut pairs: Vec<(usize, usize)> = self
            .payments
            .iter()
            .filter(|known| self.gives(known))
            .map(|known| (known.email, known.product))
            .collect();
        pairs.sort_unstable();
        pairs.dedup();
        assert_eq!(held.len(), pairs.len(), "seed {}: {pairs:?} should be held", self.seed);
    }

    /// When what he has of a product ends: time bought while other time runs is put behind it.
    fn held_until(&self, product: usize, email: usize) -> Option<i64> {
        let same = self
            .payments
            .iter()
            .filter(|other| (other.product, other.email) == (product, email));
        same.filter(|other| self.gives(other)).filter_map(|other| other.until).max()
    }

    fn gives(&self, known: &Expected) -> bool {
        !known.disputed && known.refunded < known.paid && known.until.is_none_or(|until| until > self.now)
    }
}
