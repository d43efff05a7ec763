//! What services and the toolkit ask a dialect beyond reading and rendering.

use super::{Dialect, ScopeDefault};
use crate::domain::{Code, Error, Mode, Result};
use serde_json::{Value, json};

impl Dialect {
    /// The status this dialect gives a code, where no operation says otherwise.
    pub fn status_of(&self, code: Code) -> u16 {
        self.spelling(None, &Error::new(code, "")).1
    }

    /// The prefix of new keys.
    ///
    /// # Errors
    /// `Validation` where the dialect has no keys of that mode.
    pub fn prefix_for(&self, mode: Mode) -> Result<&str> {
        self.key_prefix(mode)
            .ok_or_else(|| Error::field("mode", "one_of", format!("{} has no {} keys.", self.brand, mode.name())))
    }

    /// The scope names a new key gets: those asked for, or what leaving them out means here.
    ///
    /// # Errors
    /// `Validation` for unknown names, or for none where some are needed.
    pub fn scopes_granted(&self, asked: Option<&[String]>) -> Result<Vec<String>> {
        let (names, default) = match asked {
            None => (&[][..], self.keys.omitted_scopes),
            Some(names) => (names, self.keys.empty_scopes),
        };
        if !names.is_empty() {
            self.scopes_read(names)?;
            return Ok(names.to_vec());
        }
        match default {
            ScopeDefault::All => Ok(vec!["*".to_owned()]),
            ScopeDefault::None => Ok(Vec::new()),
            ScopeDefault::Refuse => Err(Error::field("scopes", "required", "scopes must name at least one scope")),
        }
    }

    /// What a key's stored scope names allow; `*` is everything in every dialect.
    pub fn scopes_held(&self, names: &[String]) -> crate::domain::ScopeSet {
        if names.iter().any(|name| name == "*") {
            return crate::domain::ScopeSet::ALL;
        }
        let known: Vec<String> = names
            .iter()
            .filter(|name| self.scope_grants(name).is_some())
            .cloned()
            .collect();
        self.scopes_effective(self.scopes_read(&known).unwrap_or_default())
    }

    /// The events an endpoint subscribes to: names of this dialect, or all of them where it lets them be left out.
    ///
    /// # Errors
    /// `Validation` for an empty list or a name that cannot be subscribed to.
    pub fn subscribe(&self, names: Option<&[String]>) -> Result<Vec<String>> {
        let Some(names) = names else {
            return if self.webhooks.wildcard {
                Ok(vec!["*".to_owned()])
            } else {
                Err(Error::field("events", "required", "events is required"))
            };
        };
        if names.is_empty() {
            return Err(Error::field("events", "empty", "events must name at least one event"));
        }
        match names.iter().find(|name| !self.subscribable(name)) {
            None => Ok(once_each(names)),
            Some(name) => Err(Error::field("events", "unknown_event", format!("Unknown event: {name}"))),
        }
    }

    /// JSON Schema of this dialect's error bodies.
    pub fn error_schema(&self) -> Value {
        let sample = self.error(None, &Error::new(Code::NotFound, ""), "");
        let properties = |value: &Value| -> Value {
            let members = value.as_object().into_iter().flatten();
            members
                .map(|(name, value)| (name.clone(), schema_of(value)))
                .collect::<serde_json::Map<_, _>>()
                .into()
        };
        json!({"type": "object", "properties": properties(&sample.body.unwrap_or_default())})
    }
}

/// The names in the order they came, each once.
fn once_each(names: &[String]) -> Vec<String> {
    let mut known = Vec::with_capacity(names.len());
    for name in names {
        if !known.contains(name) {
            known.push(name.clone());
        }
    }
    known
}

fn schema_of(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let properties: serde_json::Map<_, _> =
                members.iter().map(|(name, value)| (name.clone(), schema_of(value))).collect();
            json!({"type": "object", "properties": properties})
        }
        Value::Bool(_) => json!({"type": "boolean"}),
        Value::Number(_) => json!({"type": "integer"}),
        Value::Array(_) => json!({"type": "array"}),
        _ => json!({"type": "string"}),
    }
}
