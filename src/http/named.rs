//! Names where ids are looked for: an owner whose dialect tells no ids of some things writes what it does tell.
//!
//! What is no name of his stays as it stands, and is then refused as the wrong id it is.

use super::call::Call;
use crate::domain::Result;
use crate::domain::dialect::{Dialect, to_snake};
use crate::store::named::Named;
use bytes::Bytes;
use serde_json::Value;
use std::collections::HashMap;
use uuid::Uuid;

/// Where the routes stand that all dialects share.
const SHARED: &str = "/api/v1/";
/// Depth at which a body is no longer looked through.
const DEPTH_MAX: usize = 4;
/// Names of one call that are looked up.
const LOOKED_UP_MAX: usize = 100;

/// Puts ids in the place of names, in the path, the query and the body.
///
/// # Errors
/// `Unavailable` where the database is.
pub async fn resolve(call: &mut Call) -> Result<()> {
    let dialect = call.ctx.dialect.clone();
    let kinds: Vec<(&str, Named)> = known(&dialect, call.route.path).collect();
    if kinds.is_empty() || call.ctx.room.is_none() {
        return Ok(());
    }
    let mut body = call.object().map(Value::Object).unwrap_or_default();
    let mut wanted = Vec::new();
    look(&mut body, &kinds, 0, &mut |kind, text| {
        wanted.push((kind, text.to_owned()));
        None
    });
    for (name, text) in &call.query {
        wanted.extend(kind_of(name, &kinds).map(|kind| (kind, text.clone())));
    }
    let in_path = place(call, &kinds).map(|(kind, text)| (kind, text.to_owned()));
    wanted.extend(in_path.clone());
    let found = looked_up(call, wanted).await?;
    if found.is_empty() {
        return Ok(());
    }
    let id = |kind: Named, text: &str| found.get(&(kind as u8, text.to_owned())).map(Uuid::to_string);
    if let Some((kind, text)) = in_path
        && let Some(id) = id(kind, &text)
        && let Some((_, value)) = call.path.iter_mut().find(|(name, _)| name == "id")
    {
        *value = id;
    }
    for (name, text) in &mut call.query {
        if let Some(id) = kind_of(name, &kinds).and_then(|kind| id(kind, text)) {
            *text = id;
        }
    }
    if look(&mut body, &kinds, 0, &mut |kind, text| id(kind, text)) {
        call.bytes = Bytes::from(body.to_string());
    }
    Ok(())
}

/// The kinds that the caller's dialect names, at routes all dialects share.
fn known<'a>(dialect: &'a Dialect, path: &str) -> impl Iterator<Item = (&'a str, Named)> {
    let names = dialect.routing.named.iter().filter(|_| path.starts_with(SHARED));
    names.filter_map(|name| Some((name.as_str(), Named::parse(name)?)))
}

/// The name that stands in the path where an id belongs.
fn place<'a>(call: &'a Call, kinds: &[(&str, Named)]) -> Option<(Named, &'a str)> {
    let rest = call.route.path.strip_prefix(SHARED)?;
    let (things, rest) = rest.split_once('/')?;
    if !(rest == "{id}" || rest.starts_with("{id}/")) {
        return None;
    }
    let thing = things.trim_end_matches('s').replace('-', "_");
    let (_, kind) = kinds.iter().find(|(name, _)| *name == thing)?;
    let text = call.place("id");
    kind.may_be(text).then_some((*kind, text))
}

/// The kind of thing that a member of this name holds ids of.
fn kind_of(member: &str, kinds: &[(&str, Named)]) -> Option<Named> {
    let member = to_snake(member);
    let member = member.strip_suffix("_ids").or_else(|| member.strip_suffix("_id"))?;
    let is_it = |name: &str| {
        member
            .strip_suffix(name)
            .is_some_and(|before| before.is_empty() || before.ends_with('_'))
    };
    kinds.iter().find(|(name, _)| is_it(name)).map(|(_, kind)| *kind)
}

/// Looks through a body for names in the place of ids, and puts what is answered in their place; whether anything was.
fn look(value: &mut Value, kinds: &[(&str, Named)], depth: usize, told: &mut dyn FnMut(Named, &str) -> Option<String>) -> bool {
    let mut is_changed = false;
    match value {
        Value::Object(members) if depth < DEPTH_MAX => {
            for (name, member) in members.iter_mut().filter(|(name, _)| *name != "metadata") {
                match kind_of(name, kinds) {
                    Some(kind) => is_changed |= named(member, kind, told),
                    None => is_changed |= look(member, kinds, depth + 1, told),
                }
            }
        }
        Value::Array(items) if depth < DEPTH_MAX => {
            for item in items {
                is_changed |= look(item, kinds, depth + 1, told);
            }
        }
        _ => {}
    }
    is_changed
}

fn named(member: &mut Value, kind: Named, told: &mut dyn FnMut(Named, &str) -> Option<String>) -> bool {
    match member {
        Value::String(text) if kind.may_be(text) => match told(kind, text) {
            Some(id) => {
                *text = id;
                true
            }
            None => false,
        },
        Value::Array(items) => {
            let mut is_changed = false;
            for item in items {
                is_changed |= named(item, kind, told);
            }
            is_changed
        }
        _ => false,
    }
}

async fn looked_up(call: &Call, wanted: Vec<(Named, String)>) -> Result<HashMap<(u8, String), Uuid>> {
    let mut found = HashMap::new();
    let Some(room) = &call.ctx.room else { return Ok(found) };
    for (kind, text) in wanted.into_iter().take(LOOKED_UP_MAX) {
        if let Some(id) = kind.id(call.ctx.store(), (room.tenant, room.mode), &text).await? {
            found.insert((kind as u8, text), id);
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn names_are_found_where_ids_are_looked_for() {
        let kinds = [("product", Named::Product), ("license", Named::License)];
        let mut body = json!({
            "product_id": "brush", "bumpProductIds": ["a", "b"], "products": [{ "productId": "c", "price": 1 }],
            "metadata": { "product_id": "kept" }, "productName": "kept", "licenseId": "K-1",
            "main_product_id": "00000000-0000-7000-8000-000000000000",
            "license_id": "00000000-0000-4000-8000-000000000000",
        });
        let mut seen = Vec::new();
        let is_changed = look(&mut body, &kinds, 0, &mut |kind, text| {
            seen.push((kind, text.to_owned()));
            (text != "b").then(|| format!("id-{text}"))
        });
        assert!(is_changed);
        let all = ["brush", "a", "b", "c"].map(|text| (Named::Product, text.to_owned()));
        assert_eq!(seen.len(), 6);
        assert!(all.iter().all(|one| seen.contains(one)) && seen.contains(&(Named::License, "K-1".to_owned())));
        assert_eq!(
            body,
            json!({
                "product_id": "id-brush", "bumpProductIds": ["id-a", "b"], "products": [{ "productId": "id-c", "price": 1 }],
                "metadata": { "product_id": "kept" }, "productName": "kept", "licenseId": "id-K-1",
                "main_product_id": "00000000-0000-7000-8000-000000000000",
                "license_id": "id-00000000-0000-4000-8000-000000000000",
            })
        );
    }
}
