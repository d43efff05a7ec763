//! Plans: what a view prints, worked out once for an operation, and written as text without a tree in between.
//!
//! A plan says the same as [`Painter`] does, name by name. Where it could not, as in a view whose
//! names depend on the value, there is none, and the painter does the work.

use super::Dialect;
use super::amount::Unit;
use super::entry::{Conversion, Entry, Member};
use super::view::{DEPTH_MAX, Lines, Painter, id_text, money_of};
use crate::domain::Timestamp;
use serde_json::{Map, Value};
use std::collections::HashMap;

/// Views of one root: the root first, then those it leads to.
#[derive(Debug)]
pub(super) struct Plan {
    views: Vec<Vec<Step>>,
}

/// One printed name with what may stand under it.
#[derive(Debug)]
struct Step {
    name: String,
    /// The name in quotes, with a colon behind it.
    quoted: String,
    /// The last one that is there is printed.
    sources: Vec<Source>,
}

/// Where a value comes from and what becomes of it.
#[derive(Debug)]
struct Source {
    path: Vec<String>,
    kind: Kind,
    is_constant: bool,
    is_optional: bool,
    default: Value,
    /// How much deeper than its view it stands: a level for each view taken over.
    depth: usize,
}

/// A conversion with all that it looks up.
#[derive(Debug)]
enum Kind {
    Plain,
    Moment,
    Money(Unit),
    Text(String),
    View(usize),
    Map(Map<String, Value>),
    Deep,
    Upper,
    Lower,
    Count,
}

impl Plan {
    /// The plan of a view for a painter's purpose; none where only the painter can tell.
    pub(super) fn of(painter: Painter<'_>, view: &str) -> Option<Self> {
        let mut planner = Planner {
            painter,
            places: HashMap::new(),
            waiting: Vec::new(),
        };
        planner.place(view);
        let mut views = Vec::new();
        while let Some(name) = planner.waiting.get(views.len()).cloned() {
            views.push(planner.steps(&name)?);
        }
        Some(Self { views })
    }

    /// Whether the root prints a member of this name.
    pub(super) fn prints(&self, name: &str) -> bool {
        self.views
            .first()
            .is_some_and(|steps| steps.iter().any(|step| step.name == name))
    }

    /// Writes an object's members, without the braces around them; answers whether there are any.
    pub(super) fn write_members(&self, painter: Painter<'_>, value: &Value, out: &mut String) -> bool {
        self.members(painter, (0, 0), value, out)
    }

    /// Writes a value through the root.
    pub(super) fn write(&self, painter: Painter<'_>, value: &Value, out: &mut String) {
        self.view(painter, (0, 0), value, out);
    }

    fn view(&self, painter: Painter<'_>, (place, depth): (usize, usize), value: &Value, out: &mut String) {
        match value {
            _ if depth > DEPTH_MAX => out.push_str("null"),
            Value::Array(items) => {
                out.push('[');
                for (at, item) in items.iter().enumerate() {
                    if at > 0 {
                        out.push(',');
                    }
                    self.view(painter, (place, depth + 1), item, out);
                }
                out.push(']');
            }
            Value::Object(_) => {
                out.push('{');
                self.members(painter, (place, depth), value, out);
                out.push('}');
            }
            other => json(other, out),
        }
    }

    fn members(&self, painter: Painter<'_>, (place, depth): (usize, usize), value: &Value, out: &mut String) -> bool {
        let mut any = false;
        for step in self.views.get(place).into_iter().flatten() {
            let present = step
                .sources
                .iter()
                .rev()
                .find_map(|source| Some((source, source.find(value)?)));
            let Some((source, found)) = present else { continue };
            if any {
                out.push(',');
            }
            any = true;
            out.push_str(&step.quoted);
            match found {
                Found::AsIs(found) => json(found, out),
                Found::Value(found) => self.converted(painter, (source, depth + source.depth), (found, value), out),
            }
        }
        any
    }

    fn converted(
        &self,
        painter: Painter<'_>,
        (source, depth): (&Source, usize),
        (value, root): (&Value, &Value),
        out: &mut String,
    ) {
        match (&source.kind, value) {
            (Kind::Moment, Value::Number(number)) => match number.as_i64() {
                Some(at) => {
                    out.push('"');
                    painter.times().push(Timestamp(at), out);
                    out.push('"');
                }
                None => json(value, out),
            },
            (Kind::Money(unit), _) => json(&money_of(root, &source.path, value, *unit), out),
            (Kind::Text(prefix), Value::String(text)) => json(&id_text(prefix, text).into(), out),
            (Kind::View(place), _) => self.view(painter, (*place, depth + 1), value, out),
            (Kind::Map(table), Value::String(key)) => json(table.get(key).unwrap_or(value), out),
            (Kind::Map(table), _) => json(table.get(&value.to_string()).unwrap_or(value), out),
            (Kind::Deep, _) => json(&painter.deep(value, depth), out),
            (Kind::Upper, Value::String(text)) => json(&text.to_uppercase().into(), out),
            (Kind::Lower, Value::String(text)) => json(&text.to_lowercase().into(), out),
            (Kind::Count, _) => json(&value.as_array().map_or(0, Vec::len).into(), out),
            _ => json(value, out),
        }
    }
}

/// What a source has for a value.
enum Found<'v> {
    /// Printed as it stands.
    AsIs(&'v Value),
    /// Converted first.
    Value(&'v Value),
}

impl Source {
    fn find<'v>(&'v self, root: &'v Value) -> Option<Found<'v>> {
        if self.is_constant {
            return Some(Found::AsIs(&self.default));
        }
        let found = self.path.iter().try_fold(root, |value, part| value.get(part.as_str()));
        match found {
            None if self.is_optional => None,
            // The default of an amount is in minor units like any other and is converted with it.
            None | Some(Value::Null) if matches!(self.kind, Kind::Money(_)) => Some(Found::Value(&self.default)),
            None | Some(Value::Null) => Some(Found::AsIs(&self.default)),
            Some(value) => Some(Found::Value(value)),
        }
    }
}

/// Works a plan out.
struct Planner<'a> {
    painter: Painter<'a>,
    /// Where each view will stand.
    places: HashMap<String, usize>,
    /// The views in that order.
    waiting: Vec<String>,
}

impl<'a> Planner<'a> {
    fn place(&mut self, view: &str) -> usize {
        if let Some(place) = self.places.get(view) {
            return *place;
        }
        self.places.insert(view.to_owned(), self.waiting.len());
        self.waiting.push(view.to_owned());
        self.waiting.len() - 1
    }

    fn steps(&mut self, view: &str) -> Option<Vec<Step>> {
        let found = self.painter.found(view)?;
        let mut steps = Vec::new();
        self.add(found, 0, &mut steps)?;
        // A name whose first source may be missing stands wherever the next one does.
        let is_settled = |step: &Step| match step.sources.as_slice() {
            [first, _, ..] => !first.is_optional,
            _ => true,
        };
        steps.iter().all(is_settled).then_some(steps)
    }

    fn add(&mut self, found: Lines<'a>, depth: usize, steps: &mut Vec<Step>) -> Option<()> {
        if depth > DEPTH_MAX {
            return None;
        }
        let painter = self.painter.respelling(found);
        for line in found.lines {
            match line {
                Entry::Include(view) => {
                    let included = painter.included(view, found.lines)?;
                    self.add(included, depth + 1, steps)?;
                }
                Entry::Member(member) => {
                    let (name, source) = (painter.printed(member), self.source(member, depth));
                    match steps.iter_mut().find(|step| step.name == name) {
                        Some(step) => step.sources.push(source),
                        None => steps.push(Step {
                            quoted: format!("{}:", Value::from(name.as_str())),
                            name,
                            sources: vec![source],
                        }),
                    }
                }
            }
        }
        Some(())
    }

    fn source(&mut self, member: &Member, depth: usize) -> Source {
        let dialect: &Dialect = self.painter.dialect();
        let kind = match &member.conversion {
            Conversion::Auto if member.neutral().ends_with("_at") => Kind::Moment,
            Conversion::Auto | Conversion::Plain => Kind::Plain,
            Conversion::Moment => Kind::Moment,
            Conversion::Money => Kind::Money(dialect.money.catalog),
            Conversion::Major => Kind::Money(Unit::Major),
            Conversion::Text(prefix) => Kind::Text(prefix.clone()),
            Conversion::View(view) => Kind::View(self.place(view)),
            Conversion::Map(map) => Kind::Map(dialect.map_table(map).cloned().unwrap_or_default()),
            Conversion::Deep => Kind::Deep,
            Conversion::Upper => Kind::Upper,
            Conversion::Lower => Kind::Lower,
            Conversion::Count => Kind::Count,
        };
        Source {
            path: member.path.clone(),
            kind,
            is_constant: member.constant,
            is_optional: member.optional,
            default: member.default.clone().unwrap_or(Value::Null),
            depth,
        }
    }
}

/// Writes a value as it is.
pub(super) fn json(value: &Value, out: &mut String) {
    use std::fmt::Write as _;
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(true) => out.push_str("true"),
        Value::Bool(false) => out.push_str("false"),
        Value::String(text) if is_plain(text) => {
            out.push('"');
            out.push_str(text);
            out.push('"');
        }
        // Writing to a text does not fail.
        _ => drop(write!(out, "{value}")),
    }
}

/// Whether a text stands between quotes as it is.
fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| byte >= 0x20 && byte != b'"' && byte != b'\\')
}
