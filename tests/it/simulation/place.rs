//! Where a simulation happens: a database with tenants, owners and endpoints, and the parts processes are built of.

use super::chance::Chance;
use super::ledger::{Ledger, Moment, Subscriber};
use super::network::Manner;
use super::node::Waiting;
use super::oracle::{Failures, Rules};
use super::planner::DIALECTS;
use entities::{attempt, endpoint, membership, person};
use fondaco::actors::courier::post::Post;
use fondaco::actors::delivery::sender::{Outgoing, Sender, SenderOptions};
use fondaco::actors::feed::Feed;
use fondaco::actors::{Deps, Node};
use fondaco::clock::{Clock, Ids};
use fondaco::config::Config;
use fondaco::domain::Timestamp;
use fondaco::domain::dialect::Dialects;
use fondaco::domain::seal::Sealer;
use fondaco::store::testing::{TestDatabase, tenant};
use fondaco::store::{Store, StoreOptions};
use ring::hmac::{HMAC_SHA256, Key, verify};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait as _, ConnectionTrait as _, DbBackend, EntityTrait as _, IntoActiveModel as _, QueryFilter as _, Statement,
};
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::OnceLock;
use tempfile::TempDir;
use uuid::Uuid;

/// Where virtual time begins.
pub(super) const START: i64 = 1_790_000_000_000;
/// Signs every delivery of a simulation.
const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
/// Memory that looks like a disk, where there is some: a simulation asks what is right, not what survives a power cut.
const MEMORY: &str = "/dev/shm";

/// What is built once and used by every seed of this run.
struct Parts {
    dialects: Dialects,
    sender: Sender,
    sealer: Sealer,
    config: Config,
    /// An empty SQLite database with the schema.
    template: OnceLock<Vec<u8>>,
}

static PARTS: OnceLock<Parts> = OnceLock::new();

fn parts() -> &'static Parts {
    PARTS.get_or_init(|| Parts {
        dialects: Dialects::load(None).unwrap(),
        sender: Sender::new(SenderOptions::default()).unwrap(),
        sealer: Sealer::new([7; 32]).unwrap(),
        config: Config::of(&[]).unwrap(),
        template: OnceLock::new(),
    })
}

/// The dialects of the product, read once.
pub(super) fn dialects() -> &'static Dialects {
    &parts().dialects
}

enum Data {
    Folder(#[expect(dead_code, reason = "removes the folder when dropped")] TempDir),
    Server(#[expect(dead_code, reason = "removes the database when dropped")] TestDatabase),
}

/// One seed's place.
pub(super) struct Place {
    pub(super) store: Store,
    pub(super) clock: Clock,
    pub(super) ids: Ids,
    pub(super) tenants: Vec<Uuid>,
    pub(super) endpoints: Vec<Uuid>,
    has_jitter: bool,
    _data: Data,
}

impl Place {
    pub(super) async fn furnish(chance: &mut Chance, ledger: &mut Ledger) -> Self {
        let (store, data) = open().await;
        let mut place = Self {
            store,
            clock: Clock::fixed(Timestamp(START)),
            ids: Ids::seeded(chance.next()),
            tenants: Vec::new(),
            endpoints: Vec::new(),
            has_jitter: chance.permille(700),
            _data: data,
        };
        for n in 0..chance.between(1, 2) {
            let tenant = place.tenant(n).await;
            for _ in 0..chance.between(1, 3) {
                let (dialect, manner) = (chance.pick(&DIALECTS), Manner::draw(chance));
                let id = place.endpoint(tenant, dialect).await;
                let subscriber = Subscriber {
                    tenant,
                    rules: Rules::of(dialect),
                    manner,
                    failures: Failures::default(),
                    is_on: true,
                    is_deleted: false,
                    disabled: None,
                    warnings: 0,
                };
                ledger.subscribers.insert(id, subscriber);
            }
        }
        place
    }

    /// The parts of a process's next life.
    pub(super) fn deps(&self, process: usize) -> Deps {
        let parts = parts();
        Deps {
            store: self.store.clone(),
            clock: self.clock.clone(),
            ids: self.ids.clone(),
            dialects: parts.dialects.clone(),
            sealer: parts.sealer.clone(),
            sender: parts.sender.clone(),
            feed: Feed::default(),
            post: Post::new(&parts.config, "http://127.0.0.1").unwrap(),
            node: Node {
                node: Uuid::from_u128(process as u128),
                boot: self.ids.uuid(self.clock.real_now()),
            },
            has_jitter: self.has_jitter,
            has_ticks: false,
        }
    }

    pub(super) fn is_sqlite(&self) -> bool {
        self.store.backend() == DbBackend::Sqlite
    }

    async fn tenant(&mut self, n: i64) -> Uuid {
        let id = tenant(&self.store, &format!("shop-{n}")).await.unwrap().id;
        let owner = self.ids.uuid(Timestamp(START));
        let person = person::Model {
            id: owner,
            email: format!("owner@shop-{n}.example"),
            name: None,
            password_hash: None,
            email_verified_at: Some(START),
            created_at: START,
            updated_at: START,
        };
        let membership = membership::Model {
            person: owner,
            tenant: id,
            role: membership::Role::Owner,
            created_at: START,
        };
        let written = self.store.command(async move |tx| {
            let person = person::Entity::insert(person.clone().into_active_model());
            person.exec_without_returning(tx).await?;
            let membership = membership::Entity::insert(membership.clone().into_active_model());
            membership.exec_without_returning(tx).await?;
            Ok(())
        });
        written.await.unwrap();
        self.tenants.push(id);
        id
    }

    async fn endpoint(&mut self, tenant: Uuid, dialect: &str) -> Uuid {
        let id = self.ids.uuid(Timestamp(START));
        let sealed = parts().sealer.seal(SECRET.as_bytes(), self.ids.bytes(), &id.to_string());
        let row = endpoint::Model {
            id,
            tenant,
            mode: entities::Mode::Live,
            dialect: dialect.to_owned(),
            url: format!("https://{}.example/hook", id.simple()),
            description: None,
            events: vec!["product.created".to_owned(), "webhook.endpoint_disabled".to_owned()].into(),
            secret_sealed: sealed.unwrap(),
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
            created_at: START,
            updated_at: START,
            deleted_at: None,
        };
        let written = self.store.command(async move |tx| {
            let row = endpoint::Entity::insert(row.clone().into_active_model());
            row.exec_without_returning(tx).await?;
            Ok(())
        });
        written.await.unwrap();
        self.endpoints.push(id);
        id
    }

    /// The owner switches an endpoint off, or deletes it; false where the database failed him.
    pub(super) async fn switch_off(&self, id: Uuid, deleted_at: Option<i64>) -> bool {
        let written = self.store.command(async move |tx| {
            let update = endpoint::update_anywhere()
                .filter(endpoint::Column::Id.eq(id))
                .col_expr(endpoint::Column::IsActive, Expr::value(false))
                .col_expr(endpoint::Column::DeletedAt, Expr::value(deleted_at));
            update.exec(tx).await?;
            Ok(())
        });
        written.await.is_ok()
    }

    /// When a pass would next find something, in time that never jumps; now or earlier where it would already.
    pub(super) async fn next_work(&self, now: Moment) -> Option<i64> {
        let (due, free) = (now.server - now.ran, now.real - now.ran);
        let least = if self.is_sqlite() { "max" } else { "greatest" };
        let text = format!(
            "select min({least}(due_at - {due}, coalesce(lease_until_at - {free}, -{START}))) as due_at, \
             (select count(*) from events where dispatched_at is null) as events \
             from deliveries where due_at is not null"
        );
        let query = Statement::from_string(self.store.backend(), text);
        let row = self.store.read().query_one_raw(query).await.unwrap().unwrap();
        let due_at: Option<i64> = row.try_get("", "due_at").unwrap();
        let events: i64 = row.try_get("", "events").unwrap();
        if events > 0 { Some(now.ran + 1) } else { due_at }
    }

    /// Which attempts of a batch are in the tables; those whose claim was lost are not.
    pub(super) async fn kept(&self, batch: &[Waiting], count: usize) -> BTreeSet<Uuid> {
        let ids: BTreeSet<Uuid> = batch.iter().map(|one| one.finished.made.attempt.id).collect();
        if count == ids.len() {
            return ids;
        }
        let rows = attempt::anywhere().filter(attempt::Column::Id.is_in(ids));
        rows.all(self.store.read())
            .await
            .unwrap()
            .into_iter()
            .map(|row| row.id)
            .collect()
    }

    /// The receiver's own check, with none of the server's code.
    #[expect(clippy::unused_self, reason = "reads like the question it is")]
    pub(super) fn verify(&self, outgoing: &Outgoing, endpoint: Uuid, now: Timestamp) -> Result<(), String> {
        use base64::Engine as _;
        use base64::engine::general_purpose::STANDARD;
        let header = |name: &str| outgoing.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        let value = |name: &str| header(name).map(|(_, value)| value.as_str()).unwrap_or_default();
        let signed = format!("{}.{}.", value("webhook-id"), value("webhook-timestamp"));
        let key = Key::new(HMAC_SHA256, &STANDARD.decode(&SECRET[6..]).unwrap());
        let digest = STANDARD
            .decode(value("webhook-signature").trim_start_matches("v1,"))
            .unwrap_or_default();
        if verify(&key, &[signed.as_bytes(), &outgoing.body].concat(), &digest).is_err() {
            return Err(format!("a delivery to {endpoint} is signed wrongly"));
        }
        if value("webhook-timestamp") != now.seconds().to_string() {
            return Err(format!("a delivery to {endpoint} carries an old time"));
        }
        if !outgoing.url.contains(&endpoint.simple().to_string()) {
            return Err(format!("a delivery meant for {endpoint} goes to {}", outgoing.url));
        }
        Ok(())
    }
}

async fn open() -> (Store, Data) {
    if super::is_postgres() {
        let database = TestDatabase::create().await.unwrap();
        return (database.store().await.unwrap(), Data::Server(database));
    }
    let folder = match Path::new(MEMORY).is_dir() {
        true => tempfile::tempdir_in(MEMORY).unwrap(),
        false => tempfile::tempdir().unwrap(),
    };
    let path = folder.path().join("simulated.db");
    let options = |path: &Path| StoreOptions {
        url: format!("sqlite://{}", path.display()),
        readers: 1,
    };
    if parts().template.get().is_none() {
        let first = folder.path().join("template.db");
        Store::open(&options(&first)).await.unwrap().close().await;
        parts().template.set(std::fs::read(&first).unwrap()).ok();
    }
    std::fs::write(&path, parts().template.get().unwrap()).unwrap();
    (Store::open(&options(&path)).await.unwrap(), Data::Folder(folder))
}
