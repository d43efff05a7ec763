//! Webhooks in a dialect's words: names, bodies, headers, and the rules of their delivery.

use super::Dialect;
use super::casing::Casing;
use super::entry::Entry;
use super::rules::TimeForm;
use super::view::id_text;
use crate::domain::retry::{HonourRetryAfter, RetryOn};
use crate::domain::secret::SecretForm;
use crate::domain::{Event, Timestamp};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use uuid::Uuid;

/// How the brand's signature header is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignatureForm {
    /// `t=<unix seconds>,v1=<hex>`; while a secret rotates both, the old one last.
    TV1,
    /// Bare hex beside a timestamp header; while a secret rotates the old one alone.
    HexWithTimestamp,
    /// None: Standard Webhooks alone.
    #[default]
    StandardOnly,
}

/// Names of the brand's delivery headers; an absent one is not sent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HeaderNames {
    /// Carries the event's name.
    pub event: Option<String>,
    /// Carries the id of this attempt.
    pub delivery: Option<String>,
    /// Carries the brand's signature.
    pub signature: Option<String>,
    /// Carries the unix seconds that were signed.
    pub timestamp: Option<String>,
    /// Carries the number of the attempt, from the second on.
    pub attempt: Option<String>,
    /// Says `true` on a retry asked for by a person.
    pub manual: Option<String>,
    /// Carries the event's number in the tenant's sequence.
    pub sequence: Option<String>,
}

/// The section `[webhooks]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WebhookRules {
    /// Most endpoints of one tenant.
    pub endpoints_max: u32,
    /// The form of generated secrets.
    pub secret: SecretForm,
    /// How the brand's signature is written.
    pub signature: SignatureForm,
    /// Names of the brand's headers.
    pub headers: HeaderNames,
    /// Before an event's 32 hex digits.
    pub id_prefix: String,
    /// Before a delivery's 32 hex digits.
    pub delivery_prefix: String,
    /// Before a tenant's 32 hex digits; without one the id is written with hyphens.
    pub tenant_prefix: String,
    /// The body's members in order, as lines of a view over `id`, `event`, `created_at`, `tenant_id`, `mode`, `data`.
    pub(super) body: Vec<Entry>,
    /// Respells `data` where no view is printed for webhooks.
    pub(super) data_casing: Option<Casing>,
    pub(super) times: TimeForm,
    /// Seconds between one attempt and the next; their number bounds the retries.
    pub waits_s: Vec<u32>,
    /// Which failures are tried again.
    pub retried_on: RetryOn,
    /// On which answers `Retry-After` is honoured.
    pub honour_retry_after: HonourRetryAfter,
    /// Seconds an attempt may take, connecting included.
    pub deadline_s: u32,
    /// Names an endpoint may subscribe to.
    pub events: Vec<String>,
    /// Whether what waits for an endpoint that is switched off is given up (to be replayed) instead of held.
    pub gives_up_when_off: bool,
    /// Whether an endpoint that was never on is left out, instead of finding everything since its making when it is.
    pub leaves_out_never_on: bool,
    /// Names beyond the contract's own: subscribed to by name only, so that `*` brings nothing its clients do not know.
    pub extra_events: Vec<String>,
    /// Neutral name -> this dialect's, where they differ or where it cannot be subscribed to.
    pub names: BTreeMap<String, String>,
    /// Whether `*` subscribes to everything.
    pub wildcard: bool,
    /// Whether the secret is shown again to credentials that may write webhooks.
    pub secret_readable: bool,
    /// Placeholder of custom fields -> path into the neutral data.
    pub(super) placeholders: BTreeMap<String, String>,
}

impl Default for WebhookRules {
    fn default() -> Self {
        Self {
            endpoints_max: 50,
            secret: SecretForm::Base64,
            signature: SignatureForm::StandardOnly,
            headers: HeaderNames::default(),
            id_prefix: "evt_".to_owned(),
            delivery_prefix: "evd_".to_owned(),
            tenant_prefix: String::new(),
            body: Vec::new(),
            data_casing: None,
            times: TimeForm::Millis,
            waits_s: vec![60, 300, 1800, 7200, 21_600, 86_400],
            retried_on: RetryOn::AllBut410,
            honour_retry_after: HonourRetryAfter::On429And503,
            deadline_s: 10,
            events: Vec::new(),
            gives_up_when_off: false,
            leaves_out_never_on: false,
            extra_events: Vec::new(),
            names: BTreeMap::new(),
            wildcard: false,
            secret_readable: false,
            placeholders: BTreeMap::new(),
        }
    }
}

/// What an endpoint's owner wants otherwise in its bodies.
#[derive(Clone, Copy, Debug, Default)]
pub struct Shaping<'a> {
    /// Members added at the top, texts with `{{placeholder}}` filled.
    pub custom_fields: Option<&'a Map<String, Value>>,
    /// The members of `data` to keep; all where absent.
    pub field_selection: Option<&'a [String]>,
}

/// What the headers of one attempt tell.
#[derive(Clone, Copy, Debug)]
pub struct Attempt<'a> {
    /// The event's id, the same in every attempt.
    pub event: Uuid,
    /// The event's name in this dialect.
    pub event_name: &'a str,
    /// The id of this attempt.
    pub delivery: Uuid,
    /// The attempt's number, from 1.
    pub number: u32,
    /// Whether a person asked for it.
    pub manual: bool,
    /// The event's number in the tenant's sequence.
    pub sequence: Option<i64>,
    /// When it is sent, which is the time that was signed.
    pub sent_at: Timestamp,
    /// Hex digests of `seconds.body`, one for each secret in force, the old one last.
    pub brand_digests: &'a [String],
    /// The finished value of `webhook-signature`.
    pub standard_signature: &'a str,
}

impl Dialect {
    /// Names a neutral event in this dialect; `None` where it has no such event.
    pub fn event_name(&self, neutral: &str) -> Option<String> {
        if let Some(name) = self.webhooks.names.get(neutral) {
            return Some(name.clone());
        }
        let known = self.webhooks.events.iter().chain(&self.webhooks.extra_events);
        known.into_iter().find(|name| *name == neutral).cloned()
    }

    /// Whether an endpoint may subscribe to this name.
    pub fn subscribable(&self, name: &str) -> bool {
        let mut known = self.webhooks.events.iter().chain(&self.webhooks.extra_events);
        (name == "*" && self.webhooks.wildcard) || known.any(|known| known == name)
    }

    /// Whether `*` brings this event.
    pub fn in_wildcard(&self, name: &str) -> bool {
        !self.webhooks.extra_events.iter().any(|extra| extra == name)
    }

    /// Writes an event's id as bodies and `webhook-id` carry it.
    pub fn event_id(&self, id: Uuid) -> String {
        id_text(&self.webhooks.id_prefix, &id.to_string())
    }

    /// Members of the body that custom fields may not replace.
    pub fn reserved_fields(&self) -> Vec<String> {
        let painter = self.painter();
        let printed = |line: &Entry| match line {
            Entry::Member(member) => Some(painter.printed(member)),
            Entry::Include(_) => None,
        };
        self.webhooks.body.iter().filter_map(printed).collect()
    }

    /// Writes the body of an event, the very bytes that are signed and sent; a name this dialect lacks stays neutral.
    pub fn event_body(&self, event: &Event, tenant: Uuid, extra: &Shaping<'_>) -> Vec<u8> {
        let painter = self.webhook_painter();
        let mut data = painter.view(&event.view, &event.data, 0);
        if let (Some(kept), Value::Object(members)) = (extra.field_selection, &mut data) {
            members.retain(|name, _| kept.contains(name));
        }
        let facts = json!({
            "id": self.event_id(event.id),
            "event": self.event_name(&event.name).unwrap_or_else(|| event.name.clone()),
            "created_at": event.created_at.0,
            "tenant_id": id_text(&self.webhooks.tenant_prefix, &tenant.to_string()),
            "mode": event.mode.name(),
            "data": data,
        });
        // The envelope's names are printed in the file; its casing is not that of `data`.
        let mut body = painter.with_casing(Casing::Snake).lines(&self.webhooks.body, &facts, 0);
        for (name, value) in extra.custom_fields.into_iter().flatten() {
            if !body.contains_key(name) {
                body.insert(name.clone(), self.filled_in(value, &event.data));
            }
        }
        Value::Object(body).to_string().into_bytes()
    }

    /// The headers of one attempt, brand's and Standard Webhooks', in a fixed order.
    pub fn webhook_headers(&self, attempt: &Attempt<'_>) -> Vec<(String, String)> {
        let names = &self.webhooks.headers;
        let seconds = attempt.sent_at.seconds().to_string();
        let mut headers = vec![("Content-Type".to_owned(), "application/json".to_owned())];
        let mut send = |name: &Option<String>, value: Option<String>| {
            if let (Some(name), Some(value)) = (name, value) {
                headers.push((name.clone(), value));
            }
        };
        send(&names.event, Some(attempt.event_name.to_owned()));
        send(
            &names.delivery,
            Some(id_text(&self.webhooks.delivery_prefix, &attempt.delivery.to_string())),
        );
        send(&names.signature, self.brand_signature(attempt, &seconds));
        send(&names.timestamp, Some(seconds.clone()));
        send(&names.attempt, (attempt.number > 1).then(|| attempt.number.to_string()));
        send(&names.manual, attempt.manual.then(|| "true".to_owned()));
        send(&names.sequence, attempt.sequence.map(|number| number.to_string()));
        headers.push(("webhook-id".to_owned(), self.event_id(attempt.event)));
        headers.push(("webhook-timestamp".to_owned(), seconds));
        headers.push(("webhook-signature".to_owned(), attempt.standard_signature.to_owned()));
        headers
    }

    /// Names of the headers that a delivery may carry.
    pub fn webhook_header_names(&self) -> Vec<&str> {
        let names = &self.webhooks.headers;
        let own = [
            &names.event,
            &names.delivery,
            &names.signature,
            &names.timestamp,
            &names.attempt,
            &names.manual,
            &names.sequence,
        ];
        let standard = ["webhook-id", "webhook-timestamp", "webhook-signature"];
        own.into_iter().filter_map(|name| name.as_deref()).chain(standard).collect()
    }

    fn brand_signature(&self, attempt: &Attempt<'_>, seconds: &str) -> Option<String> {
        match self.webhooks.signature {
            SignatureForm::TV1 => {
                let digests: String = attempt.brand_digests.iter().map(|digest| format!(",v1={digest}")).collect();
                Some(format!("t={seconds}{digests}"))
            }
            SignatureForm::HexWithTimestamp => attempt.brand_digests.last().cloned(),
            SignatureForm::StandardOnly => None,
        }
    }

    /// Fills `{{placeholder}}` in texts at every depth; unknown ones become empty.
    fn filled_in(&self, value: &Value, data: &Value) -> Value {
        match value {
            Value::String(text) => self.filled_text(text, data).into(),
            Value::Array(items) => items.iter().map(|item| self.filled_in(item, data)).collect(),
            Value::Object(members) => Value::Object(
                members
                    .iter()
                    .map(|(name, inner)| (name.clone(), self.filled_in(inner, data)))
                    .collect(),
            ),
            _ => value.clone(),
        }
    }

    fn filled_text(&self, text: &str, data: &Value) -> String {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, (name, behind))) = rest
            .split_once("{{")
            .and_then(|(before, after)| Some((before, after.split_once("}}")?)))
        {
            out.push_str(before);
            let path = self.webhooks.placeholders.get(name.trim());
            let found = path.and_then(|path| path.split('.').try_fold(data, |value, part| value.get(part)));
            let found = found.or_else(|| answered(data, name.trim()));
            match found {
                Some(Value::String(found)) => out.push_str(found),
                None | Some(Value::Null) => {}
                Some(found) => out.push_str(&found.to_string()),
            }
            rest = behind;
        }
        out.push_str(rest);
        out
    }
}
/// What a buyer answered to the question behind `custom_<field id>`.
fn answered<'a>(data: &'a Value, name: &str) -> Option<&'a Value> {
    let id = name.strip_prefix("custom_")?;
    let answers = data.get("custom_fields")?.as_array()?;
    answers.iter().find(|answer| answer["id"] == id)?.get("value")
}
