//! One open stream: rows in, server-sent events out, as fast as the reader takes them and no faster.

use super::store;
use crate::actors::feed::Listener;
use crate::clock::Stopwatch;
use crate::context::{Ctx, House, Principal, Room};
use crate::domain::dialect::{Dialect, Shaping};
use crate::domain::{Event, Result, Scope, Timestamp};
use bytes::Bytes;
use entities::event::Model;
use futures_util::stream::{self, Stream};
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

/// Events of one read.
const BATCH_ROWS: u64 = 100;
/// How often the rows are looked at when nobody says that there is something new: another node may have written it.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// How often a silent stream shows that it is alive, in milliseconds; proxies cut silent connections after a minute.
const HEARTBEAT_MS: u32 = 15_000;
/// How often the credential is looked at again, in milliseconds: what is revoked hears nothing new after that.
const CHECK_MS: u32 = 1_000;
/// How long a client is to wait before it connects again, in milliseconds.
const RETRY_MS: u32 = 2_000;

/// Who reads, and how far.
pub(super) struct Reader {
    house: Arc<House>,
    room: Room,
    principal: Principal,
    dialect: Arc<Dialect>,
    /// The names wanted; none means all.
    names: Option<Vec<String>>,
    listener: Listener,
    seq: i64,
    has_greeted: bool,
    /// Since the credential was looked at.
    checked: Stopwatch,
    /// Since anything was said.
    spoke: Stopwatch,
}

impl Reader {
    pub(super) fn new(ctx: &Ctx, room: Room, names: Option<Vec<String>>, seq: i64, listener: Listener) -> Self {
        Self {
            house: ctx.house.clone(),
            room,
            principal: ctx.principal.clone(),
            dialect: ctx.dialect.clone(),
            names,
            listener,
            seq,
            has_greeted: false,
            checked: Stopwatch::start(),
            spoke: Stopwatch::start(),
        }
    }

    /// The next bytes; none ends the stream.
    async fn next(&mut self) -> Option<Bytes> {
        if !self.has_greeted {
            self.has_greeted = true;
            return Some(Bytes::from(format!("retry: {RETRY_MS}\n: connected\n\n")));
        }
        loop {
            if self.listener.is_over() || !self.may_stay().await {
                return None;
            }
            let rows = match store::after(self.house.store.read(), &self.room, self.seq, BATCH_ROWS).await {
                Ok(rows) => rows,
                Err(error) => {
                    tracing::warn!(%error, "an event stream was cut short");
                    return None;
                }
            };
            let is_last = (rows.len() as u64) < BATCH_ROWS;
            self.seq = rows.last().and_then(|row| row.seq).unwrap_or(self.seq);
            let text: String = rows.into_iter().filter_map(|row| self.written(row)).collect();
            if !text.is_empty() {
                self.spoke = Stopwatch::start();
                return Some(Bytes::from(text));
            }
            if is_last {
                if !self.wait().await {
                    return None;
                }
                if let Some(beat) = self.heartbeat() {
                    return Some(beat);
                }
            }
        }
    }

    /// Waits for news or for the time to look without any; false says that the server stops.
    async fn wait(&mut self) -> bool {
        let heard = tokio::time::timeout(LOOK_EVERY, self.listener.heard()).await;
        heard.unwrap_or(true)
    }

    fn heartbeat(&mut self) -> Option<Bytes> {
        if self.spoke.elapsed_ms() < HEARTBEAT_MS {
            return None;
        }
        self.spoke = Stopwatch::start();
        Some(Bytes::from_static(b": alive\n\n"))
    }

    /// An event as the dialect would send it; none where it does not carry it or it was not asked for.
    fn written(&self, row: Model) -> Option<String> {
        let name = self.dialect.event_name(&row.name)?;
        if self.names.as_ref().is_some_and(|names| !names.contains(&name)) {
            return None;
        }
        let event = fact(row);
        let body = self.dialect.event_body(&event, event.tenant, &Shaping::default());
        let mut text = String::with_capacity(body.len() + 128);
        // JSON text has no line ends, so one `data` line holds it.
        let body = String::from_utf8_lossy(&body);
        let _ = write!(
            text,
            "id: {}\nevent: {name}\ndata: {body}\n\n",
            self.dialect.event_id(event.id)
        );
        Some(text)
    }

    /// Whether the credential the stream was opened with still opens it.
    async fn may_stay(&mut self) -> bool {
        if self.checked.elapsed_ms() < CHECK_MS {
            return true;
        }
        self.checked = Stopwatch::start();
        // Without an answer the rows will not be readable either.
        self.is_good().await.unwrap_or(true)
    }

    async fn is_good(&self) -> Result<bool> {
        let (db, now) = (self.house.store.read(), self.house.clock.now());
        if store::is_suspended(db, self.room.tenant).await? {
            return Ok(false);
        }
        match &self.principal {
            Principal::Key(known) => {
                let Some(key) = store::key(db, self.room.tenant, known.id).await? else {
                    return Ok(false);
                };
                let in_grace = key.grace_until_at.is_none_or(|until| now.0 < until);
                let in_time = key.expires_at.is_none_or(|until| now.0 < until);
                let dialect = self.house.dialects.get(&key.dialect).unwrap_or(&self.dialect);
                let may_read = dialect.scopes_held(&key.scopes).contains(Scope::WebhooksRead);
                Ok(key.is_active && key.revoked_at.is_none() && in_grace && in_time && may_read)
            }
            Principal::Person(signed) => store::stands(db, self.room.tenant, signed.person, signed.session, now.0).await,
            Principal::Anonymous | Principal::License(_) | Principal::Operator { .. } => Ok(true),
        }
    }
}

/// The reader as a stream of bytes; what it holds is let go with it.
pub(super) fn of(reader: Reader) -> impl Stream<Item = Bytes> + Send + 'static {
    stream::unfold(reader, |mut reader| async move {
        reader.next().await.map(|bytes| (bytes, reader))
    })
}

fn fact(row: Model) -> Event {
    Event {
        id: row.id,
        tenant: row.tenant,
        mode: row.mode.into(),
        name: row.name,
        view: row.view,
        data: row.data.0,
        products: row.products.0,
        created_at: Timestamp(row.created_at),
    }
}
