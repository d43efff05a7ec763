//! Good answers as text: what stands around a view, and the view's plan, worked out at an operation's first answer.
//!
//! What has no plan is rendered as a tree by `envelope` and written then; both say the same.

use super::plan::{Plan, json};
use super::rules::{OpRules, Reply, Wrap};
use super::{Dialect, Done, PageInfo};
use serde_json::Value;
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

/// Room for the text of one thing; most are smaller.
const ONE_BYTES: usize = 2_048;

/// An answer as it is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// The HTTP status.
    pub status: u16,
    /// The JSON body; `None` means no body at all.
    pub body: Option<String>,
}

/// What is known of an operation's answers before there is one.
#[derive(Debug)]
struct Sheet {
    status: Option<u16>,
    reply: Option<Reply>,
    /// What stands before the view, or before the list.
    front: String,
    is_flat: bool,
    /// Names that what follows a list must not repeat.
    taken: Vec<String>,
    plan: Option<Plan>,
}

/// The sheets made so far, by operation and view: both are words of the program, so there are only so many.
#[derive(Debug, Default)]
pub(super) struct Sheets {
    ones: Kept,
    pages: Kept,
}

#[derive(Debug, Default)]
struct Kept(RwLock<HashMap<String, HashMap<String, Arc<Sheet>>>>);

impl Kept {
    fn get(&self, op: &str, view: &str, make: impl FnOnce() -> Sheet) -> Arc<Sheet> {
        let kept = self.0.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(sheet) = kept.get(op).and_then(|views| views.get(view)) {
            return Arc::clone(sheet);
        }
        drop(kept);
        let sheet = Arc::new(make());
        let mut kept = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let views = kept.entry(op.to_owned()).or_default();
        Arc::clone(views.entry(view.to_owned()).or_insert(sheet))
    }
}

impl Dialect {
    /// The text of [`Dialect::one`].
    pub fn one_text(&self, op: &str, done: Done, view: &str, value: &Value) -> Written {
        let sheet = self.sheets.ones.get(op, view, || self.sheet_of_one(op, view));
        let status = sheet.status.unwrap_or_else(|| self.status_of_done(done));
        let is_view = match (sheet.reply, done) {
            (Some(reply), _) => reply == Reply::View,
            (None, Done::Deleted) => self.envelope.deleted_reply == Reply::View,
            (None, _) => true,
        };
        let (Some(plan), true, true) = (&sheet.plan, is_view, value.is_object()) else {
            let body = self.one(op, done, view, value).body;
            return Written {
                status,
                body: body.map(|body| body.to_string()),
            };
        };
        let painter = self.painter().of(op);
        let mut text = String::with_capacity(ONE_BYTES);
        text.push_str(&sheet.front);
        match sheet.is_flat {
            true => {
                let is_behind = sheet.front.len() > 1;
                text.push_str(if is_behind { "," } else { "" });
                let any = plan.write_members(painter, value, &mut text);
                if is_behind && !any {
                    text.pop();
                }
            }
            false => plan.write(painter, value, &mut text),
        }
        text.push('}');
        Written {
            status,
            body: Some(text),
        }
    }

    /// The text of [`Dialect::page`].
    pub fn page_text(&self, op: &str, view: &str, items: &[Value], info: &PageInfo) -> Written {
        let sheet = self.sheets.pages.get(op, view, || self.sheet_of_page(op, view));
        let announced = self.page_members(info, items.len());
        let repeats = announced.keys().any(|name| sheet.taken.contains(name)) && self.paging.within.is_none();
        let Some(plan) = sheet.plan.as_ref().filter(|_| !repeats) else {
            let rendered = self.page(op, view, items, info);
            return Written {
                status: rendered.status,
                body: rendered.body.map(|body| body.to_string()),
            };
        };
        let painter = self.painter().of(op);
        let mut text = String::with_capacity(ONE_BYTES / 2 * (items.len() + 1));
        text.push_str(&sheet.front);
        text.push('[');
        for (place, item) in items.iter().enumerate() {
            if place > 0 {
                text.push(',');
            }
            plan.write(painter, item, &mut text);
        }
        text.push(']');
        if let Some(member) = &self.paging.within {
            text.push_str(&quoted(member));
            json(&Value::Object(announced), &mut text);
        } else {
            for (name, value) in &announced {
                text.push_str(&quoted(name));
                json(value, &mut text);
            }
        }
        text.push('}');
        Written {
            status: 200,
            body: Some(text),
        }
    }

    fn sheet_of_one(&self, op: &str, view: &str) -> Sheet {
        let rules = self.op(op);
        let view = rules.and_then(|rules| rules.view.as_deref()).unwrap_or(view);
        let wrap = rules.and_then(|rules| rules.wrap).unwrap_or(self.envelope.single);
        let (mut front, taken) = self.front(rules);
        match wrap {
            Wrap::Flat => {}
            Wrap::Data => front.push_str(&after(&front, "data")),
            Wrap::Noun => front.push_str(&after(&front, &self.noun(rules, view).0)),
        }
        let is_flat = wrap == Wrap::Flat;
        let is_whole = rules.is_none_or(|rules| rules.beside.is_empty());
        let plan = is_whole.then(|| Plan::of(self.painter().of(op), view)).flatten();
        Sheet {
            status: rules.and_then(|rules| rules.status),
            reply: rules.and_then(|rules| rules.reply),
            front,
            is_flat,
            plan: plan.filter(|plan| !is_flat || !taken.iter().any(|name| plan.prints(name))),
            taken,
        }
    }

    fn sheet_of_page(&self, op: &str, view: &str) -> Sheet {
        let rules = self.op(op);
        let view = rules.and_then(|rules| rules.view.as_deref()).unwrap_or(view);
        let name = match rules.and_then(|rules| rules.wrap).unwrap_or(self.envelope.list) {
            Wrap::Data => "data".to_owned(),
            Wrap::Noun | Wrap::Flat => self.noun(rules, view).1,
        };
        let (mut front, mut taken) = self.front(rules);
        front.push_str(&after(&front, &name));
        taken.push(name);
        let repeats = self.paging.within.as_ref().is_some_and(|member| taken.contains(member));
        Sheet {
            status: None,
            reply: None,
            front,
            is_flat: false,
            taken,
            plan: Plan::of(self.painter().of(op), view).filter(|_| !repeats),
        }
    }

    /// The opening brace, and what every good answer begins with.
    fn front(&self, rules: Option<&OpRules>) -> (String, Vec<String>) {
        let mut front = String::from("{");
        let opening = self.opening(rules);
        for (name, value) in &opening {
            front.push_str(&after(&front, name));
            json(value, &mut front);
        }
        (front, opening.keys().cloned().collect())
    }
}

/// A name with its colon, and with a comma where something stands before it.
fn after(front: &str, name: &str) -> String {
    let quoted = quoted(name);
    match front.len() {
        1 => quoted.split_at(1).1.to_owned(),
        _ => quoted,
    }
}

/// A comma, a name and its colon.
fn quoted(name: &str) -> String {
    format!(",{}:", Value::from(name))
}
