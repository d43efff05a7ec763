//! The files themselves: those compiled in, those of a folder, `extends`, and what must not occur twice.

use super::{Dialect, Dialects, NATIVE, file};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use toml::{Table, Value};

/// The dialects that are compiled in, the native one first.
const PRESETS: [(&str, &str); 6] = [
    ("fondaco", include_str!("../../../config/dialects/fondaco.toml")),
    ("sellf", include_str!("../../../config/dialects/sellf.toml")),
    ("openclaw", include_str!("../../../config/dialects/openclaw.toml")),
    ("licentric", include_str!("../../../config/dialects/licentric.toml")),
    ("bigclass", include_str!("../../../config/dialects/bigclass.toml")),
    ("cgls", include_str!("../../../config/dialects/cgls.toml")),
];

/// Longest chain of `extends`.
const CHAIN_MAX: usize = 8;

/// One file as read.
struct Source {
    /// Where it came from, for messages.
    shown: String,
    table: Table,
}

/// Loads the presets and a folder's files.
pub(super) fn load(folder: Option<&Path>) -> Result<Dialects, String> {
    let mut sources: Vec<(String, Source)> = Vec::new();
    for (name, text) in PRESETS {
        sources.push((name.to_owned(), parsed(format!("config/dialects/{name}.toml"), text)?));
    }
    for (name, source) in folder.map(found).transpose()?.unwrap_or_default() {
        overlaid(&mut sources, name, source)?;
    }
    build(sources)
}

/// Adds a folder's file; one that bears a preset's name and extends it changes that preset.
fn overlaid(sources: &mut Vec<(String, Source)>, name: String, mut source: Source) -> Result<(), String> {
    let Some(place) = sources.iter().position(|(known, _)| *known == name) else {
        sources.push((name, source));
        return Ok(());
    };
    if source.table.get("extends").and_then(Value::as_str) != Some(&name) {
        return Err(format!(
            "{}: the name `{name}` is taken by a built-in dialect; rename the file, or add `extends = \"{name}\"` to change that one",
            source.shown
        ));
    }
    source.table.remove("extends");
    let mut table = std::mem::take(&mut sources[place].1.table);
    merge(&mut table, &source.table);
    sources[place].1 = Source {
        shown: source.shown,
        table,
    };
    Ok(())
}

fn build(sources: Vec<(String, Source)>) -> Result<Dialects, String> {
    let mut all: Vec<Arc<Dialect>> = Vec::new();
    let mut native: Option<Arc<Dialect>> = None;
    for (name, source) in &sources {
        let table = extended(&sources, name, 0)?;
        let dialect = file::dialect(name, &table, native.as_ref()).map_err(|error| format!("{}: {error}", source.shown))?;
        let dialect = Arc::new(dialect);
        if name == NATIVE {
            native = Some(Arc::clone(&dialect));
        }
        all.push(dialect);
    }
    distinct(&sources, &all)?;
    let native = native.ok_or_else(|| format!("the dialect `{NATIVE}` is missing; it is built in"))?;
    Ok(Dialects { all: all.into(), native })
}

/// The table of a dialect, laid over the one it extends; routing belongs to each brand alone and is never taken over.
fn extended(sources: &[(String, Source)], name: &str, depth: usize) -> Result<Table, String> {
    let Some((_, source)) = sources.iter().find(|(known, _)| known == name) else {
        let known: Vec<&str> = sources.iter().map(|(name, _)| name.as_str()).collect();
        return Err(format!(
            "key `extends` is `{name}`: no such dialect; use one of {}",
            known.join(", ")
        ));
    };
    let mut own = source.table.clone();
    let Some(base) = own.remove("extends") else { return Ok(own) };
    let Some(base) = base.as_str().filter(|_| depth < CHAIN_MAX) else {
        let seen = base.as_str().unwrap_or("no text");
        return Err(format!(
            "{}: key `extends` is `{seen}`: the chain has no end or it is no text; name one finished dialect",
            source.shown
        ));
    };
    let mut table = extended(sources, base, depth + 1).map_err(|error| format!("{}: {error}", source.shown))?;
    table.remove("routing");
    merge(&mut table, &own);
    Ok(table)
}

/// Lays one table over another: tables member by member, everything else replaced.
fn merge(under: &mut Table, over: &Table) {
    for (key, value) in over {
        match (under.get_mut(key), value) {
            (Some(Value::Table(inner)), Value::Table(value)) => merge(inner, value),
            _ => drop(under.insert(key.clone(), value.clone())),
        }
    }
}

fn parsed(shown: String, text: &str) -> Result<Source, String> {
    match text.parse::<Table>() {
        Ok(table) => Ok(Source { shown, table }),
        Err(error) => Err(format!(
            "{shown}: this is not TOML: {}; correct that line",
            error.to_string().trim()
        )),
    }
}

/// The `.toml` files of a folder, by name.
fn found(folder: &Path) -> Result<BTreeMap<String, Source>, String> {
    let unread = |error: std::io::Error| {
        format!(
            "{}: cannot be read: {error}; check the folder's path and rights",
            folder.display()
        )
    };
    let mut sources = BTreeMap::new();
    for entry in std::fs::read_dir(folder).map_err(unread)? {
        let path = entry.map_err(unread)?.path();
        if path.extension().is_none_or(|extension| extension != "toml") {
            continue;
        }
        let name = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default().to_owned();
        let plain = name
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_' || byte == b'-');
        if name.is_empty() || name.len() > 40 || !plain {
            return Err(format!(
                "{}: the file's name is the dialect's: use 1 to 40 of a-z, 0-9, `_` and `-`",
                path.display()
            ));
        }
        let text = std::fs::read_to_string(&path).map_err(unread)?;
        sources.insert(name, parsed(path.display().to_string(), &text)?);
    }
    Ok(sources)
}

/// Refuses what must lead to one dialect alone and leads to two.
fn distinct(sources: &[(String, Source)], all: &[Arc<Dialect>]) -> Result<(), String> {
    let mut owners: BTreeMap<(&str, &str), &str> = BTreeMap::new();
    for (dialect, (_, source)) in all.iter().zip(sources) {
        let routing = &dialect.routing;
        let keys = [Some(&dialect.keys.live), dialect.keys.test.as_ref()];
        let claims = keys.into_iter().flatten().map(|prefix| ("key prefix", prefix));
        let claims = claims
            .chain(routing.hosts.iter().map(|host| ("host", host)))
            .chain(routing.prefixes.iter().map(|prefix| ("path prefix", prefix)))
            .chain(routing.root_verbs.iter().map(|verb| ("root verb", verb)))
            .chain(routing.paths.iter().map(|path| ("path", path)))
            .chain(routing.schemes.iter().map(|scheme| ("scheme", scheme)));
        for (what, value) in claims {
            if let Some(owner) = owners.insert((what, value), &dialect.name) {
                let key = if what == "key prefix" { "keys" } else { "routing" };
                return Err(format!(
                    "{}: key `{key}` claims the {what} `{value}`, which `{owner}` has; choose another",
                    source.shown
                ));
            }
        }
    }
    Ok(())
}
