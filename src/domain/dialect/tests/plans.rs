//! What plans write is what painters paint, for every view of every preset.

use super::super::entry::{Conversion, Entry, Member};
use super::super::{Dialect, Done, PageInfo};
use super::{NAMES, preset};
use serde_json::{Map, Value, json};

/// How deep values for views within views go.
const DEEP: usize = 3;

/// Chance that is the same each time.
struct Chance(u64);

impl Chance {
    fn of(&mut self, many: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % many
    }
}

/// A value with members that a view may print.
fn value(dialect: &Dialect, view: &str, chance: &mut Chance, depth: usize) -> Value {
    let mut out = Value::Object(Map::new());
    if chance.of(2) == 0 {
        put(
            &mut out,
            &["currency".to_owned()],
            ["USD", "JPY", "KWD"][chance.of(3) as usize].into(),
        );
    }
    let found = dialect.view_lines("", view).map(|found| found.lines).unwrap_or_default();
    for line in found {
        match line {
            Entry::Include(other) if depth < DEEP => {
                let Value::Object(members) = value(dialect, other, chance, depth + 1) else {
                    continue;
                };
                members.into_iter().for_each(|(name, member)| put(&mut out, &[name], member));
            }
            Entry::Member(member) if chance.of(8) > 0 => {
                let inner = inner(dialect, member, chance, depth);
                put(&mut out, &member.path, inner);
            }
            _ => {}
        }
    }
    out
}

fn inner(dialect: &Dialect, member: &Member, chance: &mut Chance, depth: usize) -> Value {
    if chance.of(6) == 0 {
        return Value::Null;
    }
    match &member.conversion {
        Conversion::View(_) if depth >= DEEP => json!({}),
        Conversion::View(view) => match chance.of(3) {
            0 => value(dialect, view, chance, depth + 1),
            1 => (0..chance.of(3)).map(|_| value(dialect, view, chance, depth + 1)).collect(),
            _ => json!("odd"),
        },
        Conversion::Money | Conversion::Major => {
            [json!(1950), json!([1, 250]), json!(9.5), json!("x")][chance.of(4) as usize].clone()
        }
        Conversion::Map(map) => {
            let known = dialect.map_table(map).and_then(|table| table.keys().next().cloned());
            [json!(known), json!("unknown"), json!(7), json!(true)][chance.of(4) as usize].clone()
        }
        Conversion::Text(_) => {
            [json!("d9e5f0a1-4c82-5e6f-a023-9b7c4d8e5f60"), json!("plain"), json!(1)][chance.of(3) as usize].clone()
        }
        _ if member.neutral().ends_with("_at") => {
            [json!(1_768_032_000_123_i64), json!("text"), json!(0)][chance.of(3) as usize].clone()
        }
        _ => [
            json!("plain"),
            json!("quotes \" and \\ and \u{1}\n and ü and 📦"),
            json!(-12),
            json!(4.5),
            json!(false),
            json!(["a", "b"]),
            json!({"some_key": {"ended_at": 5}, "metadata": {"own_Key": 1}}),
        ][chance.of(7) as usize]
            .clone(),
    }
}

fn put(out: &mut Value, path: &[String], value: Value) {
    let Some((last, parents)) = path.split_last() else { return };
    let mut at = out;
    for part in parents {
        let Value::Object(members) = at else { return };
        at = members.entry(part.clone()).or_insert_with(|| json!({}));
    }
    if let Value::Object(members) = at {
        members.insert(last.clone(), value);
    }
}

/// Operations whose answers are shaped in ways of their own, and one that nobody knows.
fn ops(dialect: &Dialect) -> Vec<String> {
    let native = dialect.native.as_deref();
    let special = |of: &Dialect| {
        of.views
            .keys()
            .filter_map(|name| Some(name.split_once('/')?.0.to_owned()))
            .collect::<Vec<_>>()
    };
    let mut ops: Vec<String> = dialect.ops.keys().cloned().chain(special(dialect)).collect();
    ops.extend(
        native
            .into_iter()
            .flat_map(|native| native.ops.keys().cloned().chain(special(native))),
    );
    ops.push("odd.get".to_owned());
    ops.sort();
    ops.dedup();
    ops
}

fn views(dialect: &Dialect) -> Vec<String> {
    let own = dialect.views.keys().cloned();
    let native = dialect
        .native
        .as_deref()
        .into_iter()
        .flat_map(|native| native.views.keys().cloned());
    let mut all: Vec<String> = own.chain(native).filter(|name| !name.contains('/')).collect();
    all.push("of_no_file".to_owned());
    all.sort();
    all.dedup();
    all
}

#[test]
fn a_plan_says_what_the_painter_says() {
    let mut chance = Chance(7);
    let mut written = 0;
    for name in NAMES {
        let dialect = preset(name);
        let views = views(&dialect);
        for op in ops(&dialect) {
            for view in &views {
                // Each view with an operation of every few, and each operation that has views of its own with all.
                if chance.of(4) > 0 && op != "odd.get" {
                    continue;
                }
                let items: Vec<Value> = (0..3).map(|_| value(&dialect, view, &mut chance, 0)).collect();
                for item in items.iter().chain([&json!({}), &json!(null), &json!([{}, "x"])]) {
                    for done in [Done::Ok, Done::Created, Done::Deleted] {
                        let rendered = dialect.one(&op, done, view, item);
                        let text = dialect.one_text(&op, done, view, item);
                        let expected = (rendered.status, rendered.body.map(|body| body.to_string()));
                        assert_eq!((text.status, text.body), expected, "{name} {op} {view} {item}");
                        written += 1;
                    }
                }
                let info = PageInfo {
                    limit: 20,
                    next_cursor: Some("abc".to_owned()),
                    total: (chance.of(2) == 0).then_some(41),
                    page: Some(2),
                    ..PageInfo::default()
                };
                for items in [&items[..], &[]] {
                    let rendered = dialect.page(&op, view, items, &info);
                    let text = dialect.page_text(&op, view, items, &info);
                    let expected = (rendered.status, rendered.body.map(|body| body.to_string()));
                    assert_eq!((text.status, text.body), expected, "{name} {op} {view}");
                }
            }
        }
    }
    assert!(written > 10_000, "{written}");
}
