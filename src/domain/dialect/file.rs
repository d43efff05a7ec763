//! What a dialect's file may say, and the checks that make it a [`Dialect`].

use super::entry::{Conversion, Entry};
use super::error_body::{ErrorRules, Spelling};
use super::form::{Field, Form, Kind};
use super::paging::PagingRules;
use super::rules::{CasingRules, CredentialRules, EnvelopeRules, KeyRules, LimitRules, OpRules, ReadingRules, Routing, TimeForm};
use super::scopes::ScopeFile;
use super::webhook::WebhookRules;
use super::{Dialect, MoneyRules};
use crate::domain::Code;
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::sync::Arc;
use toml::Table;

/// A whole file, after `extends` was merged in.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    brand: String,
    #[serde(default)]
    routing: Routing,
    keys: KeyRules,
    #[serde(default)]
    credential: CredentialRules,
    #[serde(default)]
    limits: LimitRules,
    #[serde(default)]
    paging: PagingRules,
    #[serde(default)]
    envelope: EnvelopeRules,
    #[serde(default)]
    errors: ErrorRules,
    #[serde(default)]
    messages: BTreeMap<String, String>,
    #[serde(default)]
    scopes: ScopeFile,
    #[serde(default)]
    webhooks: WebhookRules,
    #[serde(default)]
    money: MoneyRules,
    #[serde(default)]
    times: Times,
    #[serde(default)]
    casing: CasingRules,
    #[serde(default)]
    reading: ReadingRules,
    #[serde(default)]
    nouns: BTreeMap<String, (String, String)>,
    #[serde(default)]
    ops: BTreeMap<String, OpRules>,
    #[serde(default)]
    forms: BTreeMap<String, Form>,
    #[serde(default)]
    views: BTreeMap<String, Vec<Entry>>,
    #[serde(default)]
    maps: BTreeMap<String, Map<String, Value>>,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Times {
    form: TimeForm,
}

/// Makes a dialect of a merged table; the error names key, value and remedy, the caller adds the file.
pub(super) fn dialect(name: &str, table: &Table, native: Option<&Arc<Dialect>>) -> Result<Dialect, String> {
    let file: File = table
        .clone()
        .try_into()
        .map_err(|error: toml::de::Error| told(&error, table))?;
    let forms = built(file.forms, native)?;
    let dialect = Dialect {
        name: name.to_owned(),
        brand: file.brand,
        routing: file.routing,
        keys: file.keys,
        credential: file.credential,
        limits: file.limits,
        paging: file.paging,
        webhooks: file.webhooks,
        money: file.money,
        times: file.times.form,
        casing: file.casing,
        reading: file.reading,
        envelope: file.envelope,
        errors: file.errors,
        messages: file.messages,
        scopes: file.scopes.checked()?,
        nouns: file.nouns,
        ops: file.ops,
        forms,
        views: file.views,
        maps: file.maps,
        native: native.cloned(),
        sheets: super::sheet::Sheets::default(),
    };
    check(&dialect)?;
    Ok(dialect)
}

/// The reader's complaint with the key it is about, the value there and what to do.
fn told(error: &toml::de::Error, table: &Table) -> String {
    let text = error.to_string();
    let message = error.message().trim().to_owned();
    let keys = text
        .lines()
        .rev()
        .find_map(|line| line.trim().strip_prefix("in `")?.strip_suffix('`').map(str::to_owned));
    match keys {
        Some(keys) => format!(
            "key `{keys}` is {}: {message}; correct it or leave it out",
            shown(table, &keys)
        ),
        None => format!("{message}; add or correct that key at the top of the file"),
    }
}

/// The value at a dotted path, for people; keys that hold dots themselves are tried whole.
fn shown(table: &Table, keys: &str) -> String {
    fn at<'t>(table: &'t Table, keys: &str) -> Option<&'t toml::Value> {
        if let Some(found) = table.get(keys.trim_matches('"')) {
            return Some(found);
        }
        let mut dots = keys.match_indices('.');
        dots.find_map(|(place, _)| at(table.get(keys[..place].trim_matches('"'))?.as_table()?, &keys[place + 1..]))
    }
    let found = at(table, keys).map(|value| serde_json::to_value(value).unwrap_or_default().to_string());
    found.map_or_else(
        || "not there".to_owned(),
        |value| format!("`{}`", value.chars().take(120).collect::<String>()),
    )
}

/// Finishes forms that start from others.
fn built(mut forms: BTreeMap<String, Form>, native: Option<&Arc<Dialect>>) -> Result<BTreeMap<String, Form>, String> {
    while let Some((op, base)) = next_to_build(&forms) {
        let found = match forms.get(&base).filter(|_| base != op) {
            Some(base) if base.like.is_none() => Some(base.clone()),
            Some(_) => None,
            None => native.and_then(|native| native.forms.get(&base).cloned()),
        };
        let Some(found) = found else {
            return Err(format!(
                "key `forms.\"{op}\".like` is `{base}`: no such form, or it starts from this one; name another form"
            ));
        };
        if let Some(mut form) = forms.remove(&op) {
            form.like = None;
            forms.insert(op, form.built_on(&found));
        }
    }
    Ok(forms)
}

/// A form that starts from a finished one, or from the native one of its name; if all wait for each other, any of them.
fn next_to_build(forms: &BTreeMap<String, Form>) -> Option<(String, String)> {
    let waiting = || {
        forms
            .iter()
            .filter_map(|(op, form)| form.like.as_ref().map(|base| (op, base)))
    };
    let ready = |base: &String| forms.get(base).is_none_or(|form| form.like.is_none());
    let chosen = waiting()
        .find(|(op, base)| op == base || ready(base))
        .or_else(|| waiting().next());
    chosen.map(|(op, base)| (op.clone(), base.clone()))
}

fn check(dialect: &Dialect) -> Result<(), String> {
    check_keys(dialect)?;
    check_numbers(dialect)?;
    check_codes(dialect)?;
    for (name, lines) in &dialect.views {
        check_lines(dialect, &format!("views.\"{name}\""), lines)?;
    }
    check_lines(dialect, "paging.members", &dialect.paging.members)?;
    check_lines(dialect, "webhooks.body", &dialect.webhooks.body)?;
    for (op, form) in &dialect.forms {
        check_fields(&format!("forms.\"{op}\".fields"), &form.fields)?;
    }
    Ok(())
}

fn check_keys(dialect: &Dialect) -> Result<(), String> {
    for (key, prefix) in [
        ("keys.live", Some(&dialect.keys.live)),
        ("keys.test", dialect.keys.test.as_ref()),
    ] {
        let Some(prefix) = prefix else { continue };
        let plain = prefix.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        if !plain || !(3..=16).contains(&prefix.len()) || !prefix.ends_with('_') {
            return Err(format!(
                "key `{key}` is `{prefix}`: use 3 to 16 letters, digits and underscores, the last one an underscore"
            ));
        }
    }
    if dialect.keys.test.as_ref() == Some(&dialect.keys.live) {
        return Err(format!(
            "key `keys.test` is `{}`: live keys begin so; choose another prefix",
            dialect.keys.live
        ));
    }
    Ok(())
}

fn check_numbers(dialect: &Dialect) -> Result<(), String> {
    let limits = &dialect.limits;
    let paging = &dialect.paging;
    let bounded = [
        (
            "limits.per_minute",
            limits.per_minute,
            limits.per_minute_min.max(1),
            limits.per_minute_max,
        ),
        ("paging.default", paging.default, 1, paging.max),
        ("webhooks.deadline_s", dialect.webhooks.deadline_s, 1, 60),
    ];
    for (key, value, min, max) in bounded {
        if value < min || value > max {
            return Err(format!("key `{key}` is `{value}`: use {min} to {max}"));
        }
    }
    Ok(())
}

fn check_codes(dialect: &Dialect) -> Result<(), String> {
    let known = |name: &str| Code::ALL.iter().any(|code| code.name() == name);
    let all = || Code::ALL.iter().map(|code| code.name()).collect::<Vec<_>>().join(", ");
    let tables = std::iter::once(("errors.codes".to_owned(), &dialect.errors.codes));
    let tables = tables.chain(
        dialect
            .ops
            .iter()
            .map(|(op, rules)| (format!("ops.\"{op}\".codes"), &rules.codes)),
    );
    for (key, codes) in tables {
        check_statuses(&key, codes)?;
        if let Some(name) = codes.keys().find(|name| !known(name)) {
            return Err(format!(
                "key `{key}` names `{name}`, which is no neutral code; use one of {}",
                all()
            ));
        }
    }
    match &dialect.errors.path_id {
        Some(name) if !known(name) => Err(format!(
            "key `errors.path_id` is `{name}`, which is no neutral code; use one of {}",
            all()
        )),
        _ => check_statuses("errors.texts", &dialect.errors.texts),
    }
}

fn check_statuses(key: &str, codes: &BTreeMap<String, Spelling>) -> Result<(), String> {
    let wrong = codes.iter().find_map(|(name, spelling)| {
        spelling
            .status()
            .filter(|status| !(400..600).contains(status))
            .map(|status| (name, status))
    });
    wrong.map_or(Ok(()), |(name, status)| {
        Err(format!("key `{key}.{name}.status` is `{status}`: errors are 400 to 599"))
    })
}

fn check_lines(dialect: &Dialect, key: &str, lines: &[Entry]) -> Result<(), String> {
    for line in lines {
        let (view, map) = match line {
            Entry::Include(view) => (Some(view), None),
            Entry::Member(member) => match &member.conversion {
                Conversion::View(view) => (Some(view), None),
                Conversion::Map(map) => (None, Some(map)),
                _ => (None, None),
            },
        };
        if let Some(view) = view.filter(|view| dialect.view_lines("", view).is_none()) {
            return Err(format!(
                "key `{key}` uses view `{view}`, which no file has; add it to `[views]` or name another"
            ));
        }
        if let Some(map) = map.filter(|map| dialect.map_table(map).is_none()) {
            return Err(format!(
                "key `{key}` uses map `{map}`, which no file has; add it to `[maps]` or name another"
            ));
        }
    }
    Ok(())
}

fn check_fields(key: &str, fields: &BTreeMap<String, Field>) -> Result<(), String> {
    let mut seen = BTreeMap::new();
    for (name, field) in fields {
        if let Some(other) = seen.insert(field.neutral(name), name) {
            return Err(format!(
                "key `{key}.{name}` and `{other}` mean the same neutral member; give one of them another `to`"
            ));
        }
        if field.kind == Kind::Enum && field.one_of.is_empty() && field.map.is_empty() {
            return Err(format!("key `{key}.{name}` is an enum without values; add `one_of` or `map`"));
        }
        if field.max.is_some() && field.min > field.max {
            return Err(format!("key `{key}.{name}.min` is greater than its `max`; swap them"));
        }
        let inner = format!("{key}.{name}.fields");
        check_fields(&inner, &field.fields)?;
        if let Some(items) = &field.items {
            check_fields(&inner, &items.fields)?;
        }
    }
    Ok(())
}
