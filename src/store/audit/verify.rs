//! Walking the chains and finding the first entry that does not fit.
//!
//! Rows are read as they are stored: a changed byte may leave a column that is no longer what it should be, and that entry
//! has to be named like any other.

use super::{Columns, GENESIS, hash};
use crate::domain::Result;
use entities::tenant;
use sea_orm::{ConnectionTrait, DbErr, QueryResult, Statement};
use uuid::Uuid;

/// Entries read at a time.
const PAGE: i64 = 1_000;
const ENTRIES: &str = "select id, tenant, seq, actor, action, target, detail, happened_at, previous_hash, hash \
    from audit_log where tenant = $1 and seq > $2 order by seq limit $3";
const TENANTS: &str = "select distinct tenant from audit_log";

/// What came of checking a chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// Every entry fits the one before it.
    Whole {
        /// How many there are.
        entries: u64,
    },
    /// An entry was changed, removed or put in.
    Broken {
        /// The place at which an entry that fits is missing, from 1.
        seq: u64,
        /// The id of the entry that stands there, where it can be read.
        id: Option<Uuid>,
    },
}

/// One tenant's chain, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chain {
    /// The tenant; `None` for entries whose tenant cannot be read.
    pub tenant: Option<Uuid>,
    /// His slug, where he is still there.
    pub slug: Option<String>,
    /// What came of it.
    pub finding: Finding,
}

struct Entry {
    id: Uuid,
    tenant: Uuid,
    seq: i64,
    texts: [String; 4],
    happened_at: i64,
    previous_hash: Vec<u8>,
    hash: Vec<u8>,
}

/// Checks the chain of every tenant that has one.
pub async fn verify_all<C: ConnectionTrait>(connection: &C) -> Result<Vec<Chain>> {
    let statement = Statement::from_string(connection.get_database_backend(), TENANTS);
    let mut chains = Vec::new();
    for row in connection.query_all_raw(statement).await? {
        let Ok(id) = row.try_get::<Uuid>("", "tenant") else {
            let finding = Finding::Broken { seq: 1, id: None };
            chains.push(Chain {
                tenant: None,
                slug: None,
                finding,
            });
            continue;
        };
        let owner = tenant::by_id(id).one(connection).await?;
        chains.push(Chain {
            tenant: Some(id),
            slug: owner.map(|owner| owner.slug),
            finding: verify(connection, id).await?,
        });
    }
    Ok(chains)
}

/// Checks a tenant's whole chain.
pub async fn verify<C: ConnectionTrait>(connection: &C, tenant: Uuid) -> Result<Finding> {
    let (mut seq, mut last) = (0_i64, GENESIS.to_vec());
    loop {
        let values = [tenant.into(), seq.into(), PAGE.into()];
        let statement = Statement::from_sql_and_values(connection.get_database_backend(), ENTRIES, values);
        let rows = connection.query_all_raw(statement).await?;
        if rows.is_empty() {
            return Ok(Finding::Whole { entries: place(seq) });
        }
        for row in rows {
            seq += 1;
            let entry = read(&row).ok();
            match entry.as_ref().filter(|entry| fits(entry, tenant, seq, &last)) {
                Some(entry) => last.clone_from(&entry.hash),
                None => {
                    let id = row.try_get("", "id").ok();
                    return Ok(Finding::Broken { seq: place(seq), id });
                }
            }
        }
    }
}

fn fits(entry: &Entry, tenant: Uuid, seq: i64, previous_hash: &[u8]) -> bool {
    let [actor, action, target, detail] = &entry.texts;
    let columns = Columns {
        id: entry.id,
        tenant: entry.tenant,
        seq: entry.seq,
        actor,
        action,
        target,
        detail,
        happened_at: entry.happened_at,
        previous_hash: &entry.previous_hash,
    };
    let in_place = entry.tenant == tenant && entry.seq == seq && entry.previous_hash == previous_hash;
    in_place && entry.hash == hash(&columns)
}

fn read(row: &QueryResult) -> Result<Entry, DbErr> {
    Ok(Entry {
        id: row.try_get("", "id")?,
        tenant: row.try_get("", "tenant")?,
        seq: row.try_get("", "seq")?,
        texts: [
            row.try_get("", "actor")?,
            row.try_get("", "action")?,
            row.try_get("", "target")?,
            row.try_get("", "detail")?,
        ],
        happened_at: row.try_get("", "happened_at")?,
        previous_hash: row.try_get("", "previous_hash")?,
        hash: row.try_get("", "hash")?,
    })
}

fn place(seq: i64) -> u64 {
    u64::try_from(seq).unwrap_or(0)
}
