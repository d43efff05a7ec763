//! Who gets an event, and the very bytes of it.

use super::attempt::Job;
use super::rules;
use super::subscriber::Subscriber;
use crate::actors::deps::Deps;
use crate::domain::dialect::{Dialect, Shaping};
use crate::domain::{Event, Timestamp};
use crate::store::outbox::bodies::Bodies;
use entities::delivery::{self, Status};
use entities::{body, endpoint};
use std::collections::HashMap;
use std::sync::Arc;
use uuid::Uuid;

/// The conventions an endpoint is sent in; the native ones where its dialect is gone.
pub(super) fn dialect_of<'a>(deps: &'a Deps, endpoint: &endpoint::Model) -> &'a Arc<Dialect> {
    deps.dialects.get(&endpoint.dialect).unwrap_or_else(|| deps.dialects.native())
}

/// Endpoints as one pass sees them.
#[derive(Debug)]
pub(super) struct Subscribers {
    by_id: HashMap<Uuid, Arc<Subscriber>>,
    by_tenant: HashMap<(Uuid, entities::Mode), Vec<Arc<Subscriber>>>,
}

impl Subscribers {
    pub(super) fn of(rows: impl IntoIterator<Item = Arc<Subscriber>>) -> Self {
        let mut subscribers = Self {
            by_id: HashMap::new(),
            by_tenant: HashMap::new(),
        };
        for endpoint in rows {
            let of_tenant = subscribers.by_tenant.entry((endpoint.tenant, endpoint.mode)).or_default();
            of_tenant.push(Arc::clone(&endpoint));
            subscribers.by_id.insert(endpoint.id, endpoint);
        }
        subscribers
    }

    pub(super) fn get(&self, id: Uuid) -> Option<&endpoint::Model> {
        self.by_id.get(&id).map(|found| &***found)
    }

    /// How many endpoints want the event.
    pub(super) fn count(&self, deps: &Deps, event: &Event) -> usize {
        let of_tenant = self.by_tenant.get(&(event.tenant, event.mode.into()));
        let wants = |endpoint: &&Arc<Subscriber>| {
            let dialect = dialect_of(deps, endpoint);
            let name = dialect.event_name(&event.name);
            name.is_some_and(|name| rules::wants(dialect, endpoint, &name, &event.products))
        };
        of_tenant.into_iter().flatten().filter(wants).count()
    }

    /// One row for each endpoint that wants the event, with the bodies they send; rows of endpoints that are off are held.
    pub(super) fn rows_for(&self, deps: &Deps, event: &Event, now: Timestamp) -> (Vec<delivery::Model>, Vec<body::Model>) {
        let of_tenant = self.by_tenant.get(&(event.tenant, event.mode.into()));
        let mut plain_places: HashMap<&str, i32> = HashMap::new();
        let (mut rows, mut bodies) = (Vec::new(), Vec::new());
        let mut freeze = |dialect: &Dialect, endpoint: &endpoint::Model| {
            let place = i32::try_from(bodies.len()).unwrap_or(i32::MAX);
            bodies.push(body::Model {
                event: event.id,
                place,
                text: text(dialect, event, endpoint),
            });
            place
        };
        for endpoint in of_tenant.into_iter().flatten() {
            let dialect = dialect_of(deps, endpoint);
            let Some(name) = dialect.event_name(&event.name) else {
                continue;
            };
            if !rules::wants(dialect, endpoint, &name, &event.products) {
                continue;
            }
            let is_plain = endpoint.custom_fields.is_none() && endpoint.field_selection.is_none();
            let body_place = if is_plain {
                let plain = plain_places.entry(dialect.name.as_str());
                *plain.or_insert_with(|| freeze(dialect, endpoint))
            } else {
                freeze(dialect, endpoint)
            };
            rows.push(row(
                deps,
                event,
                endpoint,
                Frozen {
                    name,
                    body_place,
                    now,
                    dialect,
                },
            ));
        }
        (rows, bodies)
    }

    /// A claimed row with what trying it needs; none where its endpoint is off or gone.
    pub(super) fn job(&self, deps: &Deps, row: delivery::Model, bodies: &Bodies) -> Option<Job> {
        let endpoint = self.by_id.get(&row.endpoint)?;
        if !endpoint.is_active || endpoint.deleted_at.is_some() {
            return None;
        }
        Some(Job {
            dialect: Arc::clone(dialect_of(deps, endpoint)),
            endpoint: Arc::clone(endpoint),
            // It was written with the row and goes with it.
            body: bodies.get(&(row.event, row.body_place)).cloned().unwrap_or_default(),
            delivery: Arc::new(row),
        })
    }
}

/// The bytes that every attempt of this delivery will send.
fn text(dialect: &Dialect, event: &Event, endpoint: &endpoint::Model) -> String {
    let fields = endpoint.custom_fields.as_ref().and_then(|fields| fields.as_object());
    let selection: Option<Vec<String>> = endpoint.field_selection.as_ref().and_then(|selection| {
        let names = selection
            .as_array()?
            .iter()
            .filter_map(|name| name.as_str().map(str::to_owned));
        Some(names.collect())
    });
    let shaping = Shaping {
        custom_fields: fields,
        field_selection: selection.as_deref(),
    };
    let bytes = dialect.event_body(event, event.tenant, &shaping);
    // It is JSON text, so nothing is replaced.
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The delivery of an event to an endpoint whether or not that wants it, as it is written at fan-out, and its body.
pub(super) fn frozen(deps: &Deps, event: &Event, endpoint: &endpoint::Model) -> (delivery::Model, body::Model) {
    let dialect = dialect_of(deps, endpoint);
    let frozen = Frozen {
        name: dialect.event_name(&event.name).unwrap_or_else(|| event.name.clone()),
        body_place: 0,
        now: event.created_at,
        dialect,
    };
    let body = body::Model {
        event: event.id,
        place: 0,
        text: text(dialect, event, endpoint),
    };
    (row(deps, event, endpoint, frozen), body)
}

struct Frozen<'a> {
    name: String,
    body_place: i32,
    now: Timestamp,
    dialect: &'a Dialect,
}

fn row(deps: &Deps, event: &Event, endpoint: &endpoint::Model, frozen: Frozen<'_>) -> delivery::Model {
    let now = frozen.now.0;
    let attempts_max = rules::policy(frozen.dialect).attempts_max();
    delivery::Model {
        id: deps.ids.uuid(frozen.now),
        tenant: event.tenant,
        mode: event.mode.into(),
        event: event.id,
        endpoint: endpoint.id,
        event_name: frozen.name,
        body_place: frozen.body_place,
        status: if endpoint.is_active { Status::Pending } else { Status::Held },
        attempt_count: 0,
        attempts_max: i32::try_from(attempts_max).unwrap_or(i32::MAX),
        due_at: endpoint.is_active.then_some(now),
        lease_owner: None,
        lease_until_at: None,
        last_status: None,
        last_error: None,
        last_body: None,
        last_duration_ms: None,
        retry_of: None,
        round: 0,
        // Drawn in the command.
        seq: 0,
        // The fact's own moment: what lags is measured from there.
        created_at: event.created_at.0,
        updated_at: now,
        delivered_at: None,
        failed_at: None,
    }
}
