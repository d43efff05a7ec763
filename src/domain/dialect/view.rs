//! Views: neutral values in a dialect's words.

use super::Dialect;
use super::amount::Unit;
use super::casing::Casing;
use super::entry::{Conversion, Entry, Member};
use super::rules::TimeForm;
use crate::domain::Timestamp;
use serde_json::{Map, Value};
use uuid::Uuid;

/// How deep views and values may nest; a view that contains itself ends here.
pub(super) const DEPTH_MAX: usize = 16;
/// The purpose of views that are printed for `data` of webhooks: `[views] "webhook/product"`.
const WEBHOOK: &str = "webhook";

/// The lines of a view and where they come from.
#[derive(Clone, Copy)]
pub(super) struct Lines<'a> {
    pub(super) lines: &'a [Entry],
    /// Whether they are printed for the purpose that was asked for.
    special: bool,
    /// Whether they are the native dialect's, so that printed names are respelt in this one's casing.
    foreign: bool,
}

/// Paints values for one purpose: answers or webhooks.
#[derive(Clone, Copy)]
pub(super) struct Painter<'a> {
    dialect: &'a Dialect,
    casing: Casing,
    times: TimeForm,
    /// The operation or purpose whose own views come first.
    purpose: &'a str,
    /// Respells even printed names.
    respell: bool,
}

impl Dialect {
    /// Paints answers.
    pub(super) fn painter(&self) -> Painter<'_> {
        Painter {
            dialect: self,
            casing: self.casing.body,
            times: self.times,
            purpose: "",
            respell: false,
        }
    }

    /// Paints `data` of webhooks.
    pub(super) fn webhook_painter(&self) -> Painter<'_> {
        Painter {
            dialect: self,
            casing: self.webhooks.data_casing.unwrap_or(self.casing.body),
            times: self.webhooks.times,
            purpose: WEBHOOK,
            respell: false,
        }
    }

    /// The lines of a view for a purpose: this dialect's own, else the native ones.
    pub(super) fn view_lines(&self, purpose: &str, view: &str) -> Option<Lines<'_>> {
        let special = format!("{purpose}/{view}");
        let own = self.views.get(&special).map(|lines| Lines {
            lines,
            special: true,
            foreign: false,
        });
        let own = own.or_else(|| {
            self.views.get(view).map(|lines| Lines {
                lines,
                special: false,
                foreign: false,
            })
        });
        let native = || self.native.as_deref().and_then(|native| native.view_lines(purpose, view));
        own.or_else(|| native().map(|found| Lines { foreign: true, ..found }))
    }

    /// Whether what stands below a member of this name belongs to the caller.
    fn is_opaque(&self, name: &str) -> bool {
        let own = self.casing.opaque.iter().any(|own| own == name);
        own || self.native.as_deref().is_some_and(|native| native.is_opaque(name))
    }

    /// A table of `[maps]`: this dialect's own, else the native one.
    pub(super) fn map_table(&self, map: &str) -> Option<&Map<String, Value>> {
        self.maps
            .get(map)
            .or_else(|| self.native.as_deref().and_then(|native| native.map_table(map)))
    }
}

impl<'a> Painter<'a> {
    /// Whose views it paints.
    pub(super) fn dialect(self) -> &'a Dialect {
        self.dialect
    }

    /// How it writes moments.
    pub(super) fn times(self) -> TimeForm {
        self.times
    }

    /// The lines of a view for its purpose.
    pub(super) fn found(self, view: &str) -> Option<Lines<'a>> {
        self.dialect.view_lines(self.purpose, view)
    }

    /// The lines that `@view` takes over among these: inside the special form of a view, its own name means the plain one.
    pub(super) fn included(self, view: &str, lines: &[Entry]) -> Option<Lines<'a>> {
        let special = self.found(view).filter(|found| !std::ptr::eq(found.lines, lines));
        special.or_else(|| self.dialect.view_lines("", view))
    }

    /// The same painter for one operation.
    pub(super) fn of(self, purpose: &'a str) -> Self {
        Self { purpose, ..self }
    }

    /// The same painter in another casing.
    pub(super) fn with_casing(self, casing: Casing) -> Self {
        Self { casing, ..self }
    }

    /// Paints a value through a view; one that no file knows is respelt as a whole.
    pub(super) fn view(self, name: &str, value: &Value, depth: usize) -> Value {
        if depth > DEPTH_MAX {
            return Value::Null;
        }
        match (self.dialect.view_lines(self.purpose, name), value) {
            (_, Value::Array(items)) => items.iter().map(|item| self.view(name, item, depth + 1)).collect(),
            (Some(found), Value::Object(_)) => Value::Object(self.respelling(found).lines(found.lines, value, depth)),
            (None, Value::Object(_)) => self.deep(value, depth),
            _ => value.clone(),
        }
    }

    /// Paints the members that lines name.
    pub(super) fn lines(self, lines: &[Entry], value: &Value, depth: usize) -> Map<String, Value> {
        let mut out = Map::new();
        for line in lines {
            match line {
                Entry::Include(view) => {
                    if let Some(found) = self.included(view, lines).filter(|_| depth <= DEPTH_MAX) {
                        out.extend(self.respelling(found).lines(found.lines, value, depth + 1));
                    }
                }
                Entry::Member(member) => {
                    if let Some(painted) = self.member(member, value, depth) {
                        out.insert(self.printed(member), painted);
                    }
                }
            }
        }
        out
    }

    /// The same painter, set to respell printed names where these lines ask for it.
    pub(super) fn respelling(self, found: Lines<'_>) -> Self {
        let webhook = self.purpose == WEBHOOK && !found.special && self.dialect.webhooks.data_casing.is_some();
        Self {
            respell: found.foreign || webhook,
            ..self
        }
    }

    /// The name a member is printed under.
    pub(super) fn printed(self, member: &Member) -> String {
        match &member.out {
            Some(out) if self.respell => self.casing.apply(out),
            Some(out) => out.clone(),
            None => self.casing.apply(member.neutral()),
        }
    }

    fn member(self, member: &Member, root: &Value, depth: usize) -> Option<Value> {
        let default = || member.default.clone().unwrap_or(Value::Null);
        if member.constant {
            return Some(default());
        }
        let found = member.path.iter().try_fold(root, |value, part| value.get(part.as_str()));
        match found {
            None if member.optional => None,
            // The default of an amount is in minor units like any other and is converted with it.
            None | Some(Value::Null) if matches!(member.conversion, Conversion::Money | Conversion::Major) => {
                Some(self.converted(member, &default(), root, depth))
            }
            None | Some(Value::Null) => Some(default()),
            Some(value) => Some(self.converted(member, value, root, depth)),
        }
    }

    fn converted(self, member: &Member, value: &Value, root: &Value, depth: usize) -> Value {
        match &member.conversion {
            Conversion::Auto if member.neutral().ends_with("_at") => self.moment(value),
            Conversion::Auto | Conversion::Plain => value.clone(),
            Conversion::Moment => self.moment(value),
            Conversion::Money => money_of(root, &member.path, value, self.dialect.money.catalog),
            Conversion::Major => money_of(root, &member.path, value, Unit::Major),
            Conversion::Text(prefix) => prefixed(prefix, value),
            Conversion::View(view) => self.view(view, value, depth + 1),
            Conversion::Map(map) => self.mapped(map, value),
            Conversion::Deep => self.deep(value, depth),
            Conversion::Upper => value
                .as_str()
                .map_or_else(|| value.clone(), |text| text.to_uppercase().into()),
            Conversion::Lower => value
                .as_str()
                .map_or_else(|| value.clone(), |text| text.to_lowercase().into()),
            Conversion::Count => value.as_array().map_or(0, Vec::len).into(),
        }
    }

    fn moment(self, value: &Value) -> Value {
        value
            .as_i64()
            .map_or_else(|| value.clone(), |at| self.times.write(Timestamp(at)).into())
    }

    fn mapped(self, map: &str, value: &Value) -> Value {
        let key = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        self.dialect
            .map_table(map)
            .and_then(|table| table.get(&key))
            .unwrap_or(value)
            .clone()
    }

    /// Respells a whole value and writes its moments; what belongs to the caller stays untouched.
    pub(super) fn deep(self, value: &Value, depth: usize) -> Value {
        match value {
            Value::Object(members) if depth <= DEPTH_MAX => {
                let painted = members.iter().map(|(name, inner)| {
                    let opaque = self.dialect.is_opaque(name);
                    let inner = match inner {
                        _ if opaque => inner.clone(),
                        Value::Number(_) if name.ends_with("_at") => self.moment(inner),
                        _ => self.deep(inner, depth + 1),
                    };
                    (self.casing.apply(name), inner)
                });
                Value::Object(painted.collect())
            }
            Value::Array(items) if depth <= DEPTH_MAX => items.iter().map(|item| self.deep(item, depth + 1)).collect(),
            _ => value.clone(),
        }
    }
}

/// An amount, or a list of them, in a unit of the currency that the value at this path is in.
pub(super) fn money_of(root: &Value, path: &[String], value: &Value, unit: Unit) -> Value {
    match value {
        // Minor units need no currency.
        Value::Number(_) if unit == Unit::Minor => value.clone(),
        _ => money(value, unit, currency(root, path)),
    }
}

/// The currency beside an amount, else the value's own.
fn currency<'v>(root: &'v Value, path: &[String]) -> &'v str {
    let parents = path.split_last().map_or(&[][..], |(_, parents)| parents);
    let beside = parents.iter().try_fold(root, |value, part| value.get(part.as_str()));
    let found = beside
        .and_then(|value| value.get("currency"))
        .or_else(|| root.get("currency"));
    found.and_then(Value::as_str).unwrap_or("USD")
}

fn money(value: &Value, unit: Unit, currency: &str) -> Value {
    match value {
        Value::Array(items) => items.iter().map(|item| money(item, unit, currency)).collect(),
        _ => value
            .as_i64()
            .map_or_else(|| value.clone(), |minor| unit.write(minor, currency)),
    }
}

fn prefixed(prefix: &str, value: &Value) -> Value {
    value
        .as_str()
        .map_or_else(|| value.clone(), |text| id_text(prefix, text).into())
}

/// An id behind a prefix as its 32 hex digits; without prefix, and any other text, as it is.
pub(super) fn id_text(prefix: &str, id: &str) -> String {
    match Uuid::try_parse(id) {
        Ok(id) if !prefix.is_empty() => format!("{prefix}{}", id.simple()),
        _ => format!("{prefix}{id}"),
    }
}
