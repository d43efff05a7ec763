//! A small shop with a clock that stands still: database, dialects of its own, actors.

use crate::actors::courier::post::Post;
use crate::actors::delivery::sender::{Sender, SenderOptions};
use crate::actors::feed::Feed;
use crate::actors::{Actors, Admit, Admitted, Deps, Node, Refusal};
use crate::clock::{Clock, Ids};
use crate::domain::api_key::{self, Digest, TenantRoute};
use crate::domain::dialect::Dialects;
use crate::domain::network::Egress;
use crate::domain::seal::Sealer;
use crate::domain::{Event, Mode, Scope, Timestamp};
use crate::store::Store;
use crate::store::testing::TestDatabase;
use entities::{api_key as key_row, attempt, delivery, endpoint, tenant};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::time::Duration;
use uuid::Uuid;

pub(super) const START: Timestamp = Timestamp(1_790_000_000_000);
pub(super) const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

const TRIAL: &str = r#"
brand = "Trial"
[keys]
live = "trial_live_"
[limits]
per_minute = 60
[scopes]
neutral = true
[webhooks]
signature = "t_v1"
body = ["id", "type=event", "created_at", "data"]
waits_s = [60, 300, 1800]
deadline_s = 1
events = ["product.created", "product.updated", "webhook.endpoint_disabled"]
wildcard = true
[webhooks.headers]
event = "X-Trial-Event"
signature = "X-Trial-Signature"
attempt = "X-Trial-Attempt"
sequence = "X-Trial-Sequence"
"#;

/// What outlives a process: the database, the clock, the node's name.
pub(super) struct World {
    pub(super) database: TestDatabase,
    pub(super) clock: Clock,
    pub(super) has_ticks: bool,
    node: Uuid,
    dialects: Dialects,
}

impl World {
    pub(super) async fn new(clock: Clock) -> Self {
        let database = TestDatabase::create().await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("trial.toml"), TRIAL).unwrap();
        let daily =
            "extends = \"trial\"\nbrand = \"Daily\"\n[keys]\nlive = \"daily_\"\n[limits]\nper_minute = 1000\nper_day = 40\n";
        std::fs::write(folder.path().join("daily.toml"), daily).unwrap();
        Self {
            database,
            clock,
            has_ticks: false,
            node: Uuid::new_v4(),
            dialects: Dialects::load(Some(folder.path())).unwrap(),
        }
    }

    /// Starts a process on this world; a second one without `stop` of the first is a start after a crash.
    pub(super) async fn boot(&self) -> Shop {
        let store = self.database.store().await.unwrap();
        let egress = Egress {
            allow_http: true,
            allowed: vec!["127.0.0.0/8".parse().unwrap()],
            own: vec![],
        };
        let sender = Sender::new(SenderOptions {
            egress,
            names: HashMap::new(),
        });
        let deps = Deps {
            store: store.clone(),
            clock: self.clock.clone(),
            ids: Ids::default(),
            dialects: self.dialects.clone(),
            sealer: sealer(),
            sender: sender.unwrap(),
            feed: Feed::default(),
            post: Post::into_folder(std::env::temp_dir().join("fondaco-test-outbox"), "http://localhost").unwrap(),
            node: Node {
                node: self.node,
                boot: Uuid::new_v4(),
            },
            has_jitter: false,
            has_ticks: self.has_ticks,
        };
        let actors = Actors::start(deps, 2).await.unwrap();
        Shop {
            store,
            actors,
            clock: self.clock.clone(),
        }
    }
}

fn sealer() -> Sealer {
    Sealer::new([7; 32]).unwrap()
}

/// One running process.
pub(super) struct Shop {
    pub(super) store: Store,
    pub(super) actors: Actors,
    pub(super) clock: Clock,
}

/// A tenant with a key.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seller {
    pub(super) tenant: Uuid,
    pub(super) route: TenantRoute,
    pub(super) key: Uuid,
    pub(super) digest: Digest,
}

impl Shop {
    /// Adds a tenant and a key that `change` may alter.
    pub(super) async fn seller(&self, change: impl Fn(&mut key_row::Model)) -> Seller {
        let (tenant, route) = (Uuid::new_v4(), TenantRoute(Ids::default().bytes()));
        let tenant_row = tenant::Model {
            id: tenant,
            route: route.0.to_vec(),
            slug: tenant.simple().to_string(),
            name: "Shop".to_owned(),
            dialect: "trial".to_owned(),
            limits: json!({}).into(),
            suspended: false,
            settings: json!({}).into(),
            created_at: START.0,
            updated_at: START.0,
        };
        let minted = api_key::mint("trial_live_", Ids::default().bytes(), route);
        let mut key = key_row::Model {
            id: Uuid::new_v4(),
            tenant,
            mode: entities::Mode::Live,
            dialect: "trial".to_owned(),
            name: "Key".to_owned(),
            note: None,
            digest: minted.digest().0.to_vec(),
            key_prefix: minted.prefix(),
            scopes: vec!["products:read".to_owned()].into(),
            per_minute: None,
            per_day: None,
            expires_at: None,
            is_active: true,
            grace_until_at: None,
            revoked_at: None,
            revoked_reason: None,
            allowed_networks: None,
            last_used_at: None,
            last_used_ip: None,
            usage_count: 0,
            created_by: None,
            rotated_from: None,
            created_at: START.0,
            updated_at: START.0,
        };
        change(&mut key);
        let seller = Seller {
            tenant,
            route,
            key: key.id,
            digest: minted.digest(),
        };
        let written = self.store.command(async move |tx| {
            tenant::Entity::insert(tenant_row.clone().into_active_model())
                .exec_without_returning(tx)
                .await?;
            key_row::Entity::insert(key.clone().into_active_model())
                .exec_without_returning(tx)
                .await?;
            Ok(())
        });
        written.await.unwrap();
        seller
    }

    pub(super) async fn admit(&self, seller: &Seller) -> Result<Admitted, Refusal> {
        self.actors.admit(seller.route, self.call_of(seller)).await
    }

    pub(super) fn call_of(&self, seller: &Seller) -> Admit {
        Admit {
            digest: seller.digest,
            scope: Some(Scope::ProductsRead),
            cost: 1,
            address: "192.0.2.1".parse().unwrap(),
            now: self.clock.now(),
        }
    }

    /// Changes the key's row behind the actors' back.
    pub(super) async fn set_key(
        &self,
        seller: &Seller,
        column: key_row::Column,
        value: impl Into<sea_orm::Value> + Clone + Send + 'static,
    ) {
        let key = seller.key;
        let written = self.store.command(async move |tx| {
            key_row::update_anywhere()
                .filter(key_row::Column::Id.eq(key))
                .col_expr(column, Expr::value(value.clone()))
                .exec(tx)
                .await?;
            Ok(())
        });
        written.await.unwrap();
    }

    /// Adds an endpoint that `change` may alter.
    pub(super) async fn endpoint(&self, seller: &Seller, url: String, change: impl Fn(&mut endpoint::Model)) -> Uuid {
        let id = Uuid::new_v4();
        let mut row = endpoint::Model {
            id,
            tenant: seller.tenant,
            mode: entities::Mode::Live,
            dialect: "trial".to_owned(),
            url,
            description: None,
            events: vec!["*".to_owned()].into(),
            secret_sealed: sealer().seal(SECRET.as_bytes(), [1; 12], &id.to_string()).unwrap(),
            previous_secret_sealed: None,
            previous_until_at: None,
            older_secrets_sealed: None,
            is_active: true,
            product_filter: endpoint::ProductFilter::All,
            product_ids: Vec::new().into(),
            custom_headers_sealed: None,
            custom_fields: None,
            field_selection: None,
            failing_since_at: None,
            failures: 0,
            failure_days: 0,
            last_failure_day: None,
            warned_at: None,
            disabled_at: None,
            disabled_reason: None,
            created_at: START.0,
            updated_at: START.0,
            deleted_at: None,
        };
        change(&mut row);
        let written = self.store.command(async move |tx| {
            endpoint::Entity::insert(row.clone().into_active_model())
                .exec_without_returning(tx)
                .await?;
            Ok(())
        });
        written.await.unwrap();
        id
    }

    /// Seals an endpoint's custom headers.
    pub(super) fn sealed(&self, text: &str, endpoint: Uuid) -> String {
        sealer().seal(text.as_bytes(), [2; 12], &endpoint.to_string()).unwrap()
    }

    pub(super) async fn emit(&self, seller: &Seller, name: &str, data: Value) {
        self.emit_many(seller, name, vec![data]).await;
    }

    pub(super) async fn emit_many(&self, seller: &Seller, name: &str, data: Vec<Value>) {
        let (tenant, now, name) = (seller.tenant, self.clock.now(), name.to_owned());
        let written = self.store.command(async move |tx| {
            for data in &data {
                tx.emit(Event {
                    id: Ids::default().uuid(now),
                    tenant,
                    mode: Mode::Live,
                    name: name.clone(),
                    view: "product".to_owned(),
                    data: data.clone(),
                    products: Vec::new(),
                    created_at: now,
                });
            }
            Ok(())
        });
        written.await.unwrap();
    }

    /// Delivers what is due, within a bound that only a fault exceeds.
    pub(super) async fn settle(&self) {
        let settled = self.actors.settle(self.clock.now());
        tokio::time::timeout(Duration::from_secs(30), settled).await.unwrap();
    }

    pub(super) fn advance(&self, by: Duration) {
        self.clock.advance_to(self.clock.now() + by);
    }

    pub(super) async fn deliveries(&self, seller: &Seller) -> Vec<delivery::Model> {
        let rows = delivery::of(seller.tenant, Mode::Live).order_by_asc(delivery::Column::Seq);
        rows.all(self.store.read()).await.unwrap()
    }

    pub(super) async fn attempts(&self, seller: &Seller) -> Vec<attempt::Model> {
        let rows = attempt::of(seller.tenant, Mode::Live).order_by_asc(attempt::Column::Number);
        rows.all(self.store.read()).await.unwrap()
    }

    pub(super) async fn endpoint_row(&self, id: Uuid) -> endpoint::Model {
        let row = endpoint::anywhere().filter(endpoint::Column::Id.eq(id));
        row.one(self.store.read()).await.unwrap().unwrap()
    }

    pub(super) async fn key_row(&self, seller: &Seller) -> key_row::Model {
        let row = key_row::of_tenant(seller.tenant).filter(key_row::Column::Id.eq(seller.key));
        row.one(self.store.read()).await.unwrap().unwrap()
    }
}
