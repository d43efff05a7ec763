//! The catalogue of events: what happens, in which words each dialect tells it, and what the body looks like.
//!
//! It is data (`config/events/*.toml`): of each event a sentence and a specimen of its neutral data. Examples and JSON
//! Schemas are not written down but made, by rendering the specimen as a delivery would be, so that they cannot differ
//! from what is sent. A test holds every dialect's list of events against it.

mod schema;
mod specimen;
#[cfg(test)]
mod tests;

use super::dialect::{Dialect, Dialects, Shaping};
use super::{Event, Mode, Timestamp};
use serde::Deserialize;
use serde_json::Value;
use specimen::{Fullness, Shapes};
use std::collections::BTreeMap;
use std::sync::LazyLock;
use uuid::Uuid;

/// When every example happened: 2026-01-10T08:00:00Z.
const SAMPLE_AT: Timestamp = Timestamp(1_768_032_000_000);
/// The tenant of every example.
const SAMPLE_TENANT: Uuid = Uuid::from_u128(0x0190_b2a4_0000_7000_8000_0000_0000_0001);
/// The event of every example.
const SAMPLE_EVENT: Uuid = Uuid::from_u128(0x0190_b2a4_0000_7000_8000_0000_0000_00e1);
/// What is sent to try an endpoint unless another event is named.
pub const TEST_EVENT: &str = "test.event";

const FILES: &[&str] = &[
    include_str!("../../../config/events/shapes.toml"),
    include_str!("../../../config/events/shop.toml"),
    include_str!("../../../config/events/subscriptions.toml"),
    include_str!("../../../config/events/courses.toml"),
    include_str!("../../../config/events/licenses.toml"),
    include_str!("../../../config/events/system.toml"),
];

/// A file as it is written.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct File {
    shapes: BTreeMap<String, Value>,
    events: BTreeMap<String, Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    about: String,
    view: String,
    data: Value,
}

/// One kind of event.
#[derive(Clone, Debug)]
pub struct Kind {
    /// Its neutral name, such as `product.created`.
    pub name: String,
    /// What has happened when it is told, one sentence.
    pub about: String,
    /// The view its data is one of.
    pub view: String,
    /// Neutral data with every member there can be.
    full: Value,
    /// Neutral data with nothing that may be null or absent.
    bare: Value,
}

/// All kinds of events, in the order of their names.
#[derive(Clone, Debug, Default)]
pub struct Catalogue {
    kinds: Vec<Kind>,
}

static BUILT_IN: LazyLock<Catalogue> = LazyLock::new(|| {
    // The files are part of the program, and a test reads them: what fails here has not been tested.
    Catalogue::read(FILES).unwrap_or_default()
});

impl Catalogue {
    /// The catalogue of this program.
    pub fn built_in() -> &'static Self {
        &BUILT_IN
    }

    fn read(files: &[&str]) -> Result<Self, String> {
        let mut shapes = Shapes::default();
        let mut entries = BTreeMap::new();
        for text in files {
            let file: File = toml::from_str(text).map_err(|error| error.to_string())?;
            shapes.extend(file.shapes);
            entries.extend(file.events);
        }
        let kind = |(name, entry): (String, Entry)| {
            let made = |fullness| shapes.made(&entry.data, fullness).map_err(|error| format!("{name}: {error}"));
            let (full, bare) = (made(Fullness::Full)?, made(Fullness::Bare)?);
            Ok(Kind {
                name,
                about: entry.about,
                view: entry.view,
                full,
                bare,
            })
        };
        Ok(Self {
            kinds: entries.into_iter().map(kind).collect::<Result<_, String>>()?,
        })
    }

    /// Every kind of event.
    pub fn kinds(&self) -> &[Kind] {
        &self.kinds
    }

    /// The kind of this neutral name.
    pub fn get(&self, name: &str) -> Option<&Kind> {
        self.kinds.iter().find(|kind| kind.name == name)
    }

    /// The kind that a dialect calls this.
    pub fn called(&self, dialect: &Dialect, name: &str) -> Option<&Kind> {
        self.kinds
            .iter()
            .find(|kind| dialect.event_name(&kind.name).as_deref() == Some(name))
    }
}

impl Kind {
    /// The neutral data of a specimen with every member there can be.
    pub fn data(&self) -> &Value {
        &self.full
    }

    /// The names of the dialects an endpoint can subscribe to it in.
    pub fn dialects(&self, dialects: &Dialects) -> Vec<String> {
        let carries = |dialect: &Dialect| dialect.event_name(&self.name).is_some_and(|name| dialect.subscribable(&name));
        dialects
            .all()
            .iter()
            .filter(|dialect| carries(dialect))
            .map(|dialect| dialect.name.clone())
            .collect()
    }

    /// A body as a dialect sends it.
    pub fn example(&self, dialect: &Dialect) -> Value {
        self.body(dialect, &self.full)
    }

    /// The JSON Schema (draft 2020-12) of the bodies a dialect sends.
    pub fn schema(&self, dialect: &Dialect) -> Value {
        schema::of(&self.body(dialect, &self.full), &self.body(dialect, &self.bare))
    }

    fn body(&self, dialect: &Dialect, data: &Value) -> Value {
        let event = Event {
            id: SAMPLE_EVENT,
            tenant: SAMPLE_TENANT,
            mode: Mode::Live,
            name: self.name.clone(),
            view: self.view.clone(),
            data: data.clone(),
            products: Vec::new(),
            created_at: SAMPLE_AT,
        };
        serde_json::from_slice(&dialect.event_body(&event, SAMPLE_TENANT, &Shaping::default())).unwrap_or_default()
    }
}
