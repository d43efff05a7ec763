//! Fills databases, by many rows a statement.

use super::Outcome;
use entities::{api_key, product, tenant};
use fondaco::clock::Ids;
use fondaco::domain::Mode;
use fondaco::domain::api_key::{self as form, TenantRoute};
use fondaco::store::Store;
use sea_orm::{EntityTrait, IntoActiveModel};
use serde_json::json;
use uuid::Uuid;

/// Rows of one statement, at up to 25 columns each.
const ROWS: usize = 500;
/// When all of it was made.
const MADE_AT: i64 = 1_770_000_000_000;
/// Quota of tenants that must never be refused.
const PLENTY: u32 = 1_000_000_000;

/// A tenant to be made.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tenant {
    /// Keys it gets.
    pub(super) keys: usize,
    /// Whether the operator gave it as much as it wants per minute.
    pub(super) has_plenty: bool,
    /// Whether a day bucket is kept too.
    pub(super) has_day: bool,
}

impl Tenant {
    /// One key, as much as it wants per minute.
    pub(super) const PLENTY: Self = Self {
        keys: 1,
        has_plenty: true,
        has_day: false,
    };
    /// One key with the dialect's own limit.
    pub(super) const USUAL: Self = Self {
        keys: 1,
        has_plenty: false,
        has_day: false,
    };
}

/// The id of the n-th tenant.
pub(super) fn tenant_id(n: usize) -> Uuid {
    Uuid::from_u64_pair(0x0192_f0c1_7b5e_7000, 0x8000_0000_0000_0000 | n as u64)
}

/// Makes tenants and answers their keys, tenant by tenant.
pub(super) async fn tenants(store: &Store, wanted: &[Tenant]) -> Outcome<Vec<Vec<String>>> {
    let ids = Ids::default();
    let mut keys = Vec::with_capacity(wanted.len());
    for (chunk_number, chunk) in wanted.chunks(ROWS).enumerate() {
        let (mut tenants, mut rows) = (Vec::new(), Vec::new());
        for (place, tenant) in chunk.iter().enumerate() {
            let n = chunk_number * ROWS + place;
            let route = TenantRoute(ids.bytes());
            tenants.push(tenant_row(n, route, *tenant));
            let mut own = Vec::with_capacity(tenant.keys);
            for _ in 0..tenant.keys {
                let minted = form::mint("fo_live_", ids.bytes(), route);
                rows.push(key_row(n, &minted, ids.bytes()));
                own.push(minted.expose().to_owned());
            }
            keys.push(own);
        }
        store
            .command(async move |tx| {
                let tenants: Vec<_> = tenants.iter().cloned().map(IntoActiveModel::into_active_model).collect();
                tenant::Entity::insert_many(tenants).exec_without_returning(tx).await?;
                for rows in rows.chunks(ROWS) {
                    let rows: Vec<_> = rows.iter().cloned().map(IntoActiveModel::into_active_model).collect();
                    api_key::Entity::insert_many(rows).exec_without_returning(tx).await?;
                }
                Ok(())
            })
            .await?;
    }
    Ok(keys)
}

/// Makes a key of another dialect for the owner of a key.
pub(super) async fn key_of(store: &Store, owner: usize, key: &str, (dialect, prefix): (&str, &str)) -> Outcome<String> {
    let ids = Ids::default();
    let route = form::parse(key).route.ok_or("the key leads to no tenant")?;
    let minted = form::mint(prefix, ids.bytes(), route);
    let mut row = key_row(owner, &minted, ids.bytes());
    dialect.clone_into(&mut row.dialect);
    store
        .command(async move |tx| {
            let insert = api_key::Entity::insert(row.clone().into_active_model());
            insert.exec_without_returning(tx).await?;
            Ok(())
        })
        .await?;
    Ok(minted.expose().to_owned())
}

/// Makes products of a tenant and answers their ids.
pub(super) async fn products(store: &Store, owner: usize, count: usize) -> Outcome<Vec<Uuid>> {
    let ids = Ids::default();
    let mut made = Vec::with_capacity(count);
    let mut rows = Vec::with_capacity(count);
    for n in 0..count {
        let id = ids.uuid(fondaco::domain::Timestamp(MADE_AT + n as i64));
        let mut row = product(id, tenant_id(owner), &format!("Product {n}"));
        row.mode = Mode::Live.into();
        made.push(id);
        rows.push(row);
    }
    for rows in rows.chunks(ROWS) {
        let rows = rows.to_vec();
        store
            .command(async move |tx| {
                let rows: Vec<_> = rows.iter().cloned().map(IntoActiveModel::into_active_model).collect();
                product::Entity::insert_many(rows).exec_without_returning(tx).await?;
                Ok(())
            })
            .await?;
    }
    Ok(made)
}

/// A row as a creation writes it.
pub(super) fn product(id: Uuid, tenant: Uuid, name: &str) -> product::Model {
    product::Model {
        id,
        tenant,
        mode: Mode::Test.into(),
        slug: id.simple().to_string(),
        name: name.to_owned(),
        description: Some("A course in twelve parts with exercises, a forum and a certificate at its end.".to_owned()),
        kind: Some("digital".to_owned()),
        status: product::Status::Published,
        is_listed: true,
        is_featured: false,
        price_minor: 1_900,
        currency: "USD".to_owned(),
        key_prefix: "LIC".to_owned(),
        metadata: json!({}).into(),
        attributes: json!({}).into(),
        licenses_count: 0,
        namespace: None,
        category: None,
        shelved_at: None,
        rating_sum: 0,
        rating_count: 0,
        rating_rank: 0,
        sales_count: 0,
        views_count: 0,
        published_at: Some(MADE_AT),
        created_at: MADE_AT,
        updated_at: MADE_AT,
        deleted_at: None,
    }
}

fn tenant_row(n: usize, route: TenantRoute, wanted: Tenant) -> tenant::Model {
    let limits = match (wanted.has_plenty, wanted.has_day) {
        (true, true) => json!({"per_minute": PLENTY, "per_day": PLENTY}),
        (true, false) => json!({"per_minute": PLENTY}),
        _ => json!({}),
    };
    tenant::Model {
        id: tenant_id(n),
        route: route.0.to_vec(),
        slug: format!("shop-{n}"),
        name: format!("Shop {n}"),
        dialect: "fondaco".to_owned(),
        limits: limits.into(),
        suspended: false,
        settings: json!({}).into(),
        created_at: MADE_AT,
        updated_at: MADE_AT,
    }
}

fn key_row(owner: usize, minted: &form::ApiKey, random: [u8; 16]) -> api_key::Model {
    api_key::Model {
        id: Uuid::from_bytes(random),
        tenant: tenant_id(owner),
        mode: Mode::Live.into(),
        dialect: "fondaco".to_owned(),
        name: "bench".to_owned(),
        note: None,
        digest: minted.digest().0.to_vec(),
        key_prefix: minted.prefix(),
        scopes: vec!["*".to_owned()].into(),
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
        created_at: MADE_AT,
        updated_at: MADE_AT,
    }
}
