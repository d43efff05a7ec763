//! Good answers: what stands around a view, and with which status.

use super::paging::PageInfo;
use super::rules::{OpRules, Reply, Wrap};
use super::{Dialect, Done, Rendered};
use serde_json::{Map, Value};

impl Dialect {
    /// Renders the answer of an operation about one thing.
    pub fn one(&self, op: &str, done: Done, view: &str, value: &Value) -> Rendered {
        let rules = self.op(op);
        let status = rules
            .and_then(|rules| rules.status)
            .unwrap_or_else(|| self.status_of_done(done));
        let reply = match (rules.and_then(|rules| rules.reply), done) {
            (Some(reply), _) => reply,
            (None, Done::Deleted) => self.envelope.deleted_reply,
            (None, _) => Reply::View,
        };
        let body = match reply {
            Reply::Empty => None,
            Reply::Success => Some(Value::Object(Map::from_iter([(self.success_name(rules), Value::Bool(true))]))),
            Reply::View => Some(self.wrapped(op, rules, view, value)),
        };
        Rendered {
            status,
            body,
            headers: Vec::new(),
        }
    }

    /// The status of what was done, where the operation has none of its own.
    pub(super) fn status_of_done(&self, done: Done) -> u16 {
        match done {
            Done::Ok => 200,
            Done::Created => self.envelope.created,
            Done::Accepted => self.envelope.accepted,
            Done::Deleted => self.envelope.deleted,
        }
    }

    /// Renders a page of things.
    pub fn page(&self, op: &str, view: &str, items: &[Value], info: &PageInfo) -> Rendered {
        let rules = self.op(op);
        let view = rules.and_then(|rules| rules.view.as_deref()).unwrap_or(view);
        let painter = self.painter().of(op);
        let painted: Value = items.iter().map(|item| painter.view(view, item, 0)).collect();
        let name = match rules.and_then(|rules| rules.wrap).unwrap_or(self.envelope.list) {
            Wrap::Data => "data".to_owned(),
            Wrap::Noun | Wrap::Flat => self.noun(rules, view).1,
        };
        let mut body = self.opening(rules);
        body.insert(name, painted);
        let announced = self.page_members(info, items.len());
        match &self.paging.within {
            Some(member) => drop(body.insert(member.clone(), Value::Object(announced))),
            None => body.extend(announced),
        }
        Rendered {
            status: 200,
            body: Some(Value::Object(body)),
            headers: Vec::new(),
        }
    }

    /// A view alone, without an envelope: part of an answer whose frame no dialect has a say in.
    pub fn painted(&self, view: &str, value: &Value) -> Value {
        self.painter().view(view, value, 0)
    }

    /// What is said about an operation, the first that speaks: this file about it alone, this file about its whole slice
    /// (`webhooks.*`), the native file.
    pub(super) fn op(&self, op: &str) -> Option<&OpRules> {
        let own = self.ops.get(op).or_else(|| self.slice_op(op));
        own.or_else(|| self.native.as_deref().and_then(|native| native.op(op)))
    }

    /// What this file says about all operations of a slice.
    pub(super) fn slice_op(&self, op: &str) -> Option<&OpRules> {
        self.ops.get(&format!("{}.*", op.split('.').next().unwrap_or(op)))
    }

    fn wrapped(&self, op: &str, rules: Option<&OpRules>, view: &str, value: &Value) -> Value {
        let view = rules.and_then(|rules| rules.view.as_deref()).unwrap_or(view);
        let mut painted = self.painter().of(op).view(view, value, 0);
        let mut beside = Map::new();
        if let (Some(rules), Value::Object(members)) = (rules, &mut painted) {
            for name in &rules.beside {
                if let Some(member) = members.shift_remove(name) {
                    beside.insert(name.clone(), member);
                }
            }
        }
        let mut body = self.opening(rules);
        match (rules.and_then(|rules| rules.wrap).unwrap_or(self.envelope.single), painted) {
            (Wrap::Flat, Value::Object(members)) => body.extend(members),
            (Wrap::Data, painted) => drop(body.insert("data".to_owned(), painted)),
            (Wrap::Noun | Wrap::Flat, painted) => drop(body.insert(self.noun(rules, view).0, painted)),
        }
        body.extend(beside);
        Value::Object(body)
    }

    pub(super) fn opening(&self, rules: Option<&OpRules>) -> Map<String, Value> {
        let mut body = Map::new();
        if self.envelope.success.is_some() || rules.is_some_and(|rules| rules.success.is_some()) {
            body.insert(self.success_name(rules), Value::Bool(true));
        }
        body
    }

    fn success_name(&self, rules: Option<&OpRules>) -> String {
        let name = rules
            .and_then(|rules| rules.success.as_deref())
            .or(self.envelope.success.as_deref());
        name.unwrap_or("success").to_owned()
    }

    /// Singular and plural under which a view stands: its own, the native ones, else its name and that with an `s`.
    pub(super) fn noun(&self, rules: Option<&OpRules>, view: &str) -> (String, String) {
        let noun = rules.and_then(|rules| rules.noun.as_deref()).unwrap_or(view);
        let native = self.native.as_deref().and_then(|native| native.nouns.get(noun));
        match (self.nouns.get(noun), native) {
            (Some((one, many)), _) => (one.clone(), many.clone()),
            (None, Some((one, many))) => (self.casing.body.apply(one), self.casing.body.apply(many)),
            (None, None) => (self.casing.body.apply(noun), self.casing.body.apply(&format!("{noun}s"))),
        }
    }
}
