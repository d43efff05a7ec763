//! Names of permissions in a dialect, and what each grants in neutral words.

use super::Dialect;
use crate::domain::{Error, FieldError, Result, Scope, ScopeSet};
use serde::Deserialize;
use std::collections::BTreeMap;

/// How a key that may do everything shows its scopes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum FullForm {
    /// `["*"]`.
    #[default]
    Wildcard,
    /// `[]`.
    Empty,
    /// Every name there is.
    Every,
}

/// The section `[scopes]` as written.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct ScopeFile {
    write_implies_read: bool,
    wildcard: bool,
    full: FullForm,
    /// Whether every neutral name is also a name here.
    neutral: bool,
    /// Dialect's name -> neutral names it grants.
    names: BTreeMap<String, Vec<String>>,
}

/// The names a dialect knows, in the order of the neutral catalogue.
#[derive(Clone, Debug, Default)]
pub(super) struct ScopeRules {
    write_implies_read: bool,
    wildcard: bool,
    full: FullForm,
    names: Vec<(String, ScopeSet)>,
}

impl ScopeFile {
    /// Checks every neutral name; the error says which is unknown.
    pub(super) fn checked(self) -> std::result::Result<ScopeRules, String> {
        let mut names = Vec::new();
        for (name, grants) in self.names {
            let mut set = ScopeSet::NONE;
            for grant in &grants {
                set = set.with(Scope::parse(grant).ok_or_else(|| {
                    format!(
                        "key `scopes.names.{name}` grants `{grant}`, which is no neutral scope; use names such as `products:read`"
                    )
                })?);
            }
            names.push((name, set));
        }
        if self.neutral {
            for scope in Scope::ALL {
                if !names.iter().any(|(name, _)| name == scope.name()) {
                    names.push((scope.name().to_owned(), ScopeSet::NONE.with(*scope)));
                }
            }
        }
        names.sort_by_key(|(_, set)| set.iter().next().map_or(u8::MAX, |scope| scope as u8));
        Ok(ScopeRules {
            write_implies_read: self.write_implies_read,
            wildcard: self.wildcard,
            full: self.full,
            names,
        })
    }
}

impl Dialect {
    /// Reads scope names as sent by a caller, exactly what they say and no more; unknown ones are named all at once.
    pub fn scopes_read(&self, names: &[String]) -> Result<ScopeSet> {
        let mut set = ScopeSet::NONE;
        let mut wrong = Vec::new();
        for (place, name) in names.iter().enumerate() {
            match self.scope_grants(name) {
                Some(grants) => set = set.union(grants),
                None => wrong.push(FieldError {
                    field: format!("scopes.{place}").into(),
                    message: format!("Unknown scope: {name}").into(),
                    rule: "unknown_scope",
                }),
            }
        }
        if wrong.is_empty() {
            Ok(set)
        } else {
            Err(Error::fields(wrong))
        }
    }

    /// What a key holding these scopes may do: with the read scopes that write scopes imply, where the dialect says so.
    pub fn scopes_effective(&self, set: ScopeSet) -> ScopeSet {
        if !self.scopes.write_implies_read {
            return set;
        }
        let implied = set
            .iter()
            .filter_map(|scope| scope.name().strip_suffix(":write"))
            .filter_map(|resource| Scope::parse(&format!("{resource}:read")));
        set.union(implied.collect())
    }

    /// Names a set of scopes in the dialect's words, each permission once where a wider name covers it.
    pub fn scopes_write(&self, set: ScopeSet) -> Vec<String> {
        if set == ScopeSet::ALL {
            match self.scopes.full {
                FullForm::Wildcard => return vec!["*".to_owned()],
                FullForm::Empty => return Vec::new(),
                FullForm::Every => {}
            }
        }
        let mut order: Vec<usize> = (0..self.scopes.names.len()).collect();
        order.sort_by_key(|place| std::cmp::Reverse(self.scopes.names[*place].1.iter().count()));
        let (mut covered, mut chosen) = (ScopeSet::NONE, Vec::new());
        for place in order {
            let grants = self.scopes.names[place].1;
            let held = grants.iter().all(|scope| set.contains(scope));
            if held && grants.iter().any(|scope| !covered.contains(scope)) {
                covered = covered.union(grants);
                chosen.push(place);
            }
        }
        chosen.sort_unstable();
        chosen.into_iter().map(|place| self.scopes.names[place].0.clone()).collect()
    }

    /// The name under which a caller of this dialect asks for a permission; the neutral one where it has none.
    pub fn scope_name(&self, scope: Scope) -> String {
        let granting = self.scopes.names.iter().filter(|(_, grants)| grants.contains(scope));
        let narrowest = granting.min_by_key(|(name, grants)| (grants.iter().count(), name != scope.name()));
        narrowest.map_or_else(|| scope.name().to_owned(), |(name, _)| name.clone())
    }

    /// Every scope name a caller may use, the wildcard last.
    pub fn scope_names(&self) -> Vec<String> {
        let names = self.scopes.names.iter().map(|(name, _)| name.clone());
        names.chain(self.scopes.wildcard.then(|| "*".to_owned())).collect()
    }

    /// What one name grants; `None` where it is not known.
    pub(super) fn scope_grants(&self, name: &str) -> Option<ScopeSet> {
        if name == "*" {
            return self.scopes.wildcard.then_some(ScopeSet::ALL);
        }
        self.scopes
            .names
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, grants)| *grants)
    }
}

#[cfg(test)]
mod tests {
    use super::super::Dialects;
    use super::*;

    fn names(list: &[&str]) -> Vec<String> {
        list.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn names_go_in_and_out_unchanged() {
        let all = Dialects::load(None).unwrap();
        for (dialect, list) in [
            ("sellf", &["products:read", "products:write"][..]),
            ("sellf", &["products:write"]),
            ("sellf", &["analytics:read", "refund-requests:write"]),
            ("sellf", &["*"]),
            ("fondaco", &["courses:write", "licenses:read"]),
            ("openclaw", &["products:read", "webhooks:write", "purchases:write"]),
            ("licentric", &["products:write", "machines:read"]),
            ("bigclass", &["read:courses", "write:enrollments"]),
        ] {
            let dialect = all.get(dialect).unwrap();
            let set = dialect.scopes_read(&names(list)).unwrap();
            let (mut written, mut sent) = (dialect.scopes_write(set), names(list));
            written.sort();
            sent.sort();
            assert_eq!(written, sent, "{}", dialect.name);
        }
    }

    #[test]
    fn writing_implies_reading_only_where_the_file_says_so() {
        let all = Dialects::load(None).unwrap();
        for (dialect, name, implied) in [
            ("sellf", "products:write", true),
            ("openclaw", "products:write", false),
            ("licentric", "products:write", false),
        ] {
            let dialect = all.get(dialect).unwrap();
            let set = dialect.scopes_read(&names(&[name])).unwrap();
            assert!(!set.contains(Scope::ProductsRead));
            assert_eq!(
                dialect.scopes_effective(set).contains(Scope::ProductsRead),
                implied,
                "{}",
                dialect.name
            );
        }
    }

    #[test]
    fn unknown_names_are_refused_and_missing_scopes_named() {
        let all = Dialects::load(None).unwrap();
        let bigclass = all.get("bigclass").unwrap();
        let error = bigclass
            .scopes_read(&names(&["read:courses", "courses:read", "*"]))
            .unwrap_err();
        let fields: Vec<&str> = error.fields.iter().map(|field| field.field.as_ref()).collect();
        assert_eq!(fields, ["scopes.1", "scopes.2"]);
        assert_eq!(bigclass.scope_name(Scope::CoursesRead), "read:courses");
        assert_eq!(bigclass.scope_name(Scope::ProductsRead), "products:read");
        assert_eq!(all.get("sellf").unwrap().scope_name(Scope::PaymentsRead), "payments:read");
        assert_eq!(all.get("openclaw").unwrap().scope_name(Scope::WebhooksRead), "webhooks:write");
        assert_eq!(
            all.get("licentric").unwrap().scopes_write(ScopeSet::ALL),
            Vec::<String>::new()
        );
        assert_eq!(all.get("sellf").unwrap().scope_names().last().map(String::as_str), Some("*"));
    }
}
