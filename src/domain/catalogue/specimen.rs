//! Specimens: neutral data as the files write it, with shapes put in and marks on names worked out.
//!
//! `name?` may be null, `name~` may be absent, `name*` is a map of any names; a text `@shape` stands for that shape.

use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Shapes within shapes; one that contains itself is a mistake.
const DEPTH_MAX: usize = 8;

/// How much of a specimen is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fullness {
    /// Everything there can be.
    Full,
    /// Null for what may be null, nothing for what may be absent or in a map of any names.
    Bare,
}

/// The shapes by name.
#[derive(Clone, Debug, Default)]
pub(super) struct Shapes(BTreeMap<String, Value>);

impl Shapes {
    pub(super) fn extend(&mut self, shapes: BTreeMap<String, Value>) {
        self.0.extend(shapes);
    }

    /// The value a specimen stands for.
    pub(super) fn made(&self, specimen: &Value, fullness: Fullness) -> Result<Value, String> {
        self.value(specimen, fullness, 0)
    }

    fn value(&self, specimen: &Value, fullness: Fullness, depth: usize) -> Result<Value, String> {
        if depth > DEPTH_MAX {
            return Err("shapes contain each other".to_owned());
        }
        match specimen {
            Value::String(text) => match text.strip_prefix('@') {
                None => Ok(specimen.clone()),
                Some(name) => {
                    let shape = self.0.get(name).ok_or_else(|| format!("there is no shape `{name}`"))?;
                    self.value(shape, fullness, depth + 1)
                }
            },
            Value::Array(items) => items.iter().map(|item| self.value(item, fullness, depth)).collect(),
            Value::Object(members) => self.members(members, fullness, depth).map(Value::Object),
            _ => Ok(specimen.clone()),
        }
    }

    fn members(&self, members: &Map<String, Value>, fullness: Fullness, depth: usize) -> Result<Map<String, Value>, String> {
        let mut made = Map::new();
        for (written, value) in members {
            let may_be_null = written.ends_with('?');
            let may_be_absent = written.ends_with('~');
            if may_be_absent && fullness == Fullness::Bare {
                continue;
            }
            let is_free = written.ends_with('*');
            let name = written.trim_end_matches(['?', '~', '*']).to_owned();
            let value = match fullness {
                Fullness::Bare if may_be_null => Value::Null,
                Fullness::Bare if is_free => Value::Object(Map::new()),
                _ => self.value(value, fullness, depth)?,
            };
            made.insert(name, value);
        }
        Ok(made)
    }
}
