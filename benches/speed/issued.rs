//! Licences by the million, as years of sales leave them behind: each with its policy, and its key as a digest and sealed.

use super::Outcome;
use super::place::MASTER_KEY;
use super::seed::{self, Tenant, tenant_id};
use entities::policy::{self, Cull, Expiration, Uniqueness};
use fondaco::domain::api_key::Digest;
use fondaco::domain::license_key;
use fondaco::domain::seal::Sealer;
use fondaco::store::Store;
use sea_orm::{ConnectionTrait as _, DbBackend, EntityTrait, IntoActiveModel};
use serde_json::json;
use std::fmt::Write as _;
use uuid::Uuid;

/// Sellers that share the licences.
pub(super) const SELLERS: usize = 100;
/// Rows of one statement.
const ROWS: usize = 1_000;
/// Statements of one command.
const STATEMENTS: usize = 10;
/// When all of it was made.
const MADE_AT: i64 = 1_770_000_000_000;
/// When all of it ends; far from any test.
const ENDS_AT: i64 = 4_000_000_000_000;
/// Validations that a counted licence allows; never met.
const USES_MAX: i64 = 1_000_000_000_000;

/// Whose product the n-th licence is of.
pub(super) fn seller(n: u64) -> usize {
    usize::try_from(n).unwrap_or(0) % SELLERS
}

/// The key of the n-th licence.
pub(super) fn key(n: u64) -> String {
    let chance = Digest::of(&n.to_string()).0;
    license_key::mint("LIC", std::array::from_fn(|at| chance[at]))
}

/// Whether validations of the n-th licence are counted: of every two sellers' hundred, the second half.
pub(super) fn is_counted(n: u64) -> bool {
    (n / SELLERS as u64) % 2 == 1
}

/// Makes so many licences of a hundred sellers and answers the sellers' products.
pub(super) async fn add(store: &Store, count: u64) -> Outcome<Vec<Uuid>> {
    seed::tenants(store, &[Tenant::PLENTY; SELLERS]).await?;
    let mut products = Vec::with_capacity(SELLERS);
    for owner in 0..SELLERS {
        products.extend(seed::products(store, owner, 1).await?);
    }
    let policies: Vec<_> = (0..SELLERS)
        .flat_map(|owner| [false, true].map(|counted| (owner, counted)))
        .map(|(owner, counted)| policy_row(owner, counted, products[owner]).into_active_model())
        .collect();
    store
        .command(async move |tx| {
            policy::Entity::insert_many(policies.clone())
                .exec_without_returning(tx)
                .await?;
            Ok(())
        })
        .await?;
    licences(store, count, &products).await?;
    if store.backend() != DbBackend::Sqlite {
        let analyze = async |tx: &fondaco::store::Tx| {
            tx.execute_unprepared("analyze licenses").await?;
            Ok(())
        };
        store.command(analyze).await?;
    }
    Ok(products)
}

/// Adds the rows in the order of their digests, so that no index is written here and there.
async fn licences(store: &Store, count: u64, products: &[Uuid]) -> Outcome {
    let sealer = Sealer::new(MASTER_KEY).ok_or("the master key is unusable")?;
    let mut ordered: Vec<([u8; 32], u64)> = (0..count).map(|n| (license_key::digest(&key(n)).0, n)).collect();
    ordered.sort_unstable();
    let is_sqlite = store.backend() == DbBackend::Sqlite;
    for (chunk_number, chunk) in ordered.chunks(ROWS * STATEMENTS).enumerate() {
        let mut statements = Vec::with_capacity(STATEMENTS);
        for (part, rows) in chunk.chunks(ROWS).enumerate() {
            let first = (chunk_number * STATEMENTS + part) * ROWS;
            statements.push(statement(is_sqlite, first as u64, rows, products, &sealer)?);
        }
        store
            .command(async move |tx| {
                for statement in &statements {
                    tx.execute_unprepared(statement).await?;
                }
                Ok(())
            })
            .await?;
    }
    Ok(())
}

fn statement(is_sqlite: bool, first: u64, rows: &[([u8; 32], u64)], products: &[Uuid], sealer: &Sealer) -> Outcome<String> {
    let uuid = |id: Uuid| match is_sqlite {
        true => format!("x'{}'", id.simple()),
        false => format!("'{id}'::uuid"),
    };
    let mut text = String::from(
        "insert into licenses (id, tenant, mode, product, policy, digest, key_sealed, source, email, kind, status, \
         threat_level, machines_count, uses_count, violations_count, tries_count, features, unlocked_products, metadata, \
         expires_at, due_at, activated_at, created_at, updated_at) values ",
    );
    for (place, (digest, n)) in (first..).zip(rows) {
        let (id, owner) = (id_of(0x7003, place), seller(*n));
        let nonce: [u8; 12] = std::array::from_fn(|at| digest[at]);
        let sealed = sealer.seal(key(*n).as_bytes(), nonce, &format!("license:{id}"))?;
        let digest = match is_sqlite {
            true => format!("x'{}'", hex::encode(digest)),
            false => format!("'\\x{}'::bytea", hex::encode(digest)),
        };
        let comma = if place == first { "" } else { "," };
        write!(
            text,
            "{comma}({}, {}, 'live', {}, {}, {digest}, '{sealed}', 'purchase', 'buyer-{n}@example.com', 'per-machine', 'active', \
             0, 0, 0, 0, 0, '[]', '[]', '{{}}', {ENDS_AT}, {ENDS_AT}, {MADE_AT}, {MADE_AT}, {MADE_AT})",
            uuid(id),
            uuid(tenant_id(owner)),
            uuid(products[owner]),
            uuid(policy_id(owner, is_counted(*n))),
        )?;
    }
    Ok(text)
}

fn id_of(kind: u64, n: u64) -> Uuid {
    Uuid::from_u64_pair(0x0192_f0c1_7b5e_0000 | kind, 0x8000_0000_0000_0000 | n)
}

fn policy_id(owner: usize, counted: bool) -> Uuid {
    id_of(0x7004, owner as u64 * 2 + u64::from(counted))
}

fn policy_row(owner: usize, counted: bool, product: Uuid) -> policy::Model {
    policy::Model {
        id: policy_id(owner, counted),
        tenant: tenant_id(owner),
        mode: entities::Mode::Live,
        product,
        name: "The usual".to_owned(),
        template: None,
        max_machines: Some(5),
        max_uses: counted.then_some(USES_MAX),
        floating: false,
        duration_days: None,
        expiration: Expiration::RestrictAccess,
        require_heartbeat: false,
        heartbeat_minutes: 60,
        heartbeat_cull: Cull::DeactivateDead,
        require_fingerprint: false,
        uniqueness: Uniqueness::PerLicense,
        offline_allowed: true,
        offline_max_days: 30,
        allow_transfer: true,
        is_trial: false,
        trial_days: None,
        overridable: true,
        features: Vec::new().into(),
        licenses_count: 0,
        metadata: json!({}).into(),
        created_at: MADE_AT,
        updated_at: MADE_AT,
        deleted_at: None,
    }
}
