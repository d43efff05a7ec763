//! Which dialect a request is spoken in: decided once, without I/O, before anything else.

use super::{Dialect, Dialects};
use crate::domain::Mode;
use std::sync::Arc;

/// Where the routes shared by several contracts live.
const SHARED: &str = "/api/v1/";

/// What a request shows before it is authenticated.
#[derive(Clone, Copy, Debug, Default)]
pub struct Hints<'a> {
    /// The host header, with or without port.
    pub host: Option<&'a str>,
    /// The path, without query.
    pub path: &'a str,
    /// The raw text of a credential, valid or not.
    pub credential: Option<&'a str>,
    /// The scheme of an `Authorization` header that has one.
    pub scheme: Option<&'a str>,
}

/// What decided; only `Default` may still give way to the session's tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// A configured host of the brand.
    Host,
    /// A path prefix or root verb of its own, or a path that belongs to one contract.
    Path,
    /// The form of the credential.
    Credential,
    /// Nothing: the server's default.
    Default,
}

/// Whether a rule applies to a dialect.
type Test<'a> = &'a dyn Fn(&Dialect) -> bool;

/// The dialect of a request and what decided.
#[derive(Clone, Debug)]
pub struct Choice {
    /// The dialect to speak.
    pub dialect: Arc<Dialect>,
    /// What decided.
    pub by: Rule,
}

impl Dialects {
    /// Chooses the dialect of a request; the first rule that applies wins. `default` names the one for requests that
    /// tell nothing; an unknown name means the native one.
    pub fn choose(&self, hints: &Hints<'_>, default: &str) -> Choice {
        let rules: [(Rule, Test<'_>); 6] = [
            (Rule::Host, &|dialect| dialect.has_host(hints.host)),
            (Rule::Path, &|dialect| dialect.owns_path(hints.path)),
            (Rule::Credential, &|dialect| {
                dialect.routing.key_wins
                    && hints.path.starts_with(SHARED)
                    && hints.credential.is_some_and(|key| dialect.hinted(key))
            }),
            (Rule::Path, &|dialect| dialect.owns_shared(hints.path)),
            (Rule::Credential, &|dialect| dialect.has_scheme(hints.scheme)),
            (Rule::Credential, &|dialect| {
                hints.credential.is_some_and(|key| dialect.hinted(key))
            }),
        ];
        for (by, applies) in rules {
            if let Some(dialect) = self.all().iter().find(|dialect| applies(dialect)) {
                return Choice {
                    dialect: Arc::clone(dialect),
                    by,
                };
            }
        }
        let dialect = self.get(default).unwrap_or_else(|| self.native());
        Choice {
            dialect: Arc::clone(dialect),
            by: Rule::Default,
        }
    }

    /// Finds the dialect whose key prefix the text begins with, the longest where several do, and the key's mode.
    pub fn by_key(&self, raw: &str) -> Option<(&Arc<Dialect>, Mode)> {
        let matching = self
            .all()
            .iter()
            .filter_map(|dialect| dialect.key_mode(raw).map(|(length, mode)| (length, dialect, mode)));
        matching
            .max_by_key(|(length, _, _)| *length)
            .map(|(_, dialect, mode)| (dialect, mode))
    }
}

impl Dialect {
    /// The prefix of keys of a mode; `None` where the dialect has no test keys.
    pub fn key_prefix(&self, mode: Mode) -> Option<&str> {
        match mode {
            Mode::Live => Some(self.keys.live.as_str()),
            Mode::Test => self.keys.test.as_deref(),
        }
    }

    fn key_mode(&self, raw: &str) -> Option<(usize, Mode)> {
        let modes = [Mode::Live, Mode::Test].into_iter();
        modes
            .filter_map(|mode| {
                self.key_prefix(mode)
                    .filter(|prefix| raw.starts_with(prefix))
                    .map(|prefix| (prefix.len(), mode))
            })
            .max_by_key(|(length, _)| *length)
    }

    fn has_host(&self, host: Option<&str>) -> bool {
        let Some(host) = host else { return false };
        let name = host.rsplit_once(':').map_or(host, |(name, port)| {
            if port.bytes().all(|byte| byte.is_ascii_digit()) {
                name
            } else {
                host
            }
        });
        self.routing.hosts.iter().any(|own| own.eq_ignore_ascii_case(name))
    }

    fn owns_path(&self, path: &str) -> bool {
        let verb = path.strip_prefix('/').unwrap_or(path);
        self.routing.prefixes.iter().any(|prefix| path.starts_with(prefix.as_str()))
            || self.routing.root_verbs.iter().any(|own| own == verb.trim_end_matches('/'))
            || (self.routing.root_camel && is_camel(verb.trim_end_matches('/')))
    }

    /// Whether its owners are answered in its own words at a path of another contract.
    pub fn answers_owners_at(&self, path: &str) -> bool {
        is_below(path, &self.routing.owner_paths)
    }

    fn owns_shared(&self, path: &str) -> bool {
        is_below(path, &self.routing.paths)
    }

    fn has_scheme(&self, scheme: Option<&str>) -> bool {
        scheme.is_some_and(|scheme| self.routing.schemes.iter().any(|own| own.eq_ignore_ascii_case(scheme)))
    }

    fn hinted(&self, key: &str) -> bool {
        self.key_mode(key).is_some() || self.routing.key_hints.iter().any(|hint| key.starts_with(hint.as_str()))
    }
}

fn is_below(path: &str, names: &[String]) -> bool {
    let Some(rest) = path.strip_prefix(SHARED) else { return false };
    names.iter().any(|own| {
        rest.strip_prefix(own.as_str())
            .is_some_and(|tail| tail.is_empty() || tail.starts_with('/'))
    })
}

/// Whether a text looks like a verb and its noun, such as `createApiKey`.
fn is_camel(text: &str) -> bool {
    let is_word = text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    is_word && text.starts_with(|first: char| first.is_ascii_lowercase()) && text.bytes().any(|byte| byte.is_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(path: &str, credential: Option<&str>, scheme: Option<&str>) -> (String, Rule) {
        let hints = Hints {
            host: Some("localhost:8080"),
            path,
            credential,
            scheme,
        };
        let choice = Dialects::load(None).unwrap().choose(&hints, "bigclass");
        (choice.dialect.name.clone(), choice.by)
    }

    #[test]
    fn the_first_rule_that_applies_wins() {
        for (path, credential, scheme, name, by) in [
            ("/v1/products", None, None, "openclaw", Rule::Path),
            ("/v1/products", Some("fo_live_1"), None, "openclaw", Rule::Path),
            ("/createApiKey", Some("sf_live_1"), None, "cgls", Rule::Path),
            ("/activate", None, None, "cgls", Rule::Path),
            ("/mintLicence", None, None, "cgls", Rule::Path),
            ("/embed", None, None, "bigclass", Rule::Default),
            ("/embed/checkoutPage", None, None, "bigclass", Rule::Default),
            ("/api/v1/products", Some("fo_live_1"), None, "fondaco", Rule::Credential),
            ("/api/v1/licenses", Some("fo_test_1"), None, "fondaco", Rule::Credential),
            ("/api/v1/courses/5", Some("fo_broken"), None, "fondaco", Rule::Credential),
            ("/api/v1/licenses/validate-key", None, None, "licentric", Rule::Path),
            ("/api/v1/licenses", Some("tbc_1"), None, "licentric", Rule::Path),
            ("/api/v1/machines", Some("lk_live_1"), None, "licentric", Rule::Path),
            ("/api/v1/courses", Some("lk_live_1"), None, "bigclass", Rule::Path),
            ("/api/v1/analytics/summary", None, None, "bigclass", Rule::Path),
            (
                "/api/v1/analytics/summary-x",
                Some("sf_live_1"),
                None,
                "sellf",
                Rule::Credential,
            ),
            ("/api/v1/licensesx", Some("sf_live_1"), None, "sellf", Rule::Credential),
            ("/api/v1/products", Some("sf_live_1"), None, "sellf", Rule::Credential),
            ("/api/v1/products", Some("sf_nonsense"), None, "sellf", Rule::Credential),
            ("/api/v1/products", Some("lk_odd"), None, "licentric", Rule::Credential),
            ("/api/v1/products", Some("tbc_1"), None, "bigclass", Rule::Credential),
            (
                "/api/v1/products",
                Some("DSK-A1B2"),
                Some("license"),
                "licentric",
                Rule::Credential,
            ),
            (
                "/api/v1/products",
                Some("fos_session"),
                Some("Bearer"),
                "bigclass",
                Rule::Default,
            ),
            ("/api/v1/products", None, None, "bigclass", Rule::Default),
            ("/operator/v1/tenants", None, None, "fondaco", Rule::Path),
            ("/healthz", None, None, "bigclass", Rule::Default),
        ] {
            assert_eq!(
                chosen(path, credential, scheme),
                (name.to_owned(), by),
                "{path} {credential:?} {scheme:?}"
            );
        }
        let all = Dialects::load(None).unwrap();
        assert_eq!(all.choose(&Hints::default(), "nobody").dialect.name, "fondaco");
    }

    #[test]
    fn keys_tell_dialect_and_mode() {
        let all = Dialects::load(None).unwrap();
        let told = |raw: &str| all.by_key(raw).map(|(dialect, mode)| (dialect.name.clone(), mode));
        assert_eq!(told("fo_test_00"), Some(("fondaco".to_owned(), Mode::Test)));
        assert_eq!(told("tbc_00"), Some(("bigclass".to_owned(), Mode::Live)));
        assert_eq!(told("ocb_live_00"), Some(("openclaw".to_owned(), Mode::Live)));
        assert_eq!(told("fos_00"), None);
        assert_eq!(all.get("cgls").unwrap().key_prefix(Mode::Test), None);
    }
}
