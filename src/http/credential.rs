//! What a request presents to prove who it is, read without any look-up.

use crate::domain::api_key::SESSION_PREFIX;
use crate::domain::dialect::{CredentialRules, Dialect, Dialects};
use actix_web::HttpRequest;
use actix_web::http::Method;
use actix_web::http::header::HeaderMap;
use serde_json::{Map, Value};
use url::Url;

/// Name of the cookie that carries a session.
pub const COOKIE: &str = "fondaco_session";

/// The credentials found in a request, none of them checked yet.
#[derive(Clone, Default)]
pub struct Presented {
    /// Text after the scheme of `Authorization`, or all of it where there is no scheme.
    pub authorization: Option<String>,
    /// Scheme of `Authorization`, lower case.
    pub scheme: Option<String>,
    /// Value of `X-API-Key`, never empty.
    pub x_api_key: Option<String>,
    /// Value of the session cookie.
    pub cookie: Option<String>,
    /// A key that stood in the query or the body.
    pub inline: Option<String>,
    /// An operator's secret that stood in the query or the body.
    pub secret: Option<String>,
}

impl Presented {
    /// Reads the headers.
    pub fn from_headers(request: &HttpRequest) -> Self {
        let text = |name: &str| {
            let value = request.headers().get(name)?.to_str().ok()?.trim();
            (!value.is_empty()).then(|| value.to_owned())
        };
        let (scheme, authorization) = match text("authorization") {
            None => (None, None),
            Some(whole) => match whole.split_once(' ') {
                Some((scheme, rest)) => (Some(scheme.to_ascii_lowercase()), Some(rest.trim().to_owned())),
                None => (None, Some(whole)),
            },
        };
        Self {
            authorization,
            scheme,
            x_api_key: text("x-api-key"),
            cookie: request.cookie(COOKIE).map(|cookie| cookie.value().to_owned()),
            inline: None,
            secret: None,
        }
    }

    /// Adds what the dialect lets stand in query or body.
    pub fn read_inline(&mut self, dialect: &Dialect, query: &[(String, String)], body: &Map<String, Value>) {
        let rules = &dialect.credential;
        let from = |name: &Option<String>, in_query: bool| {
            let name = name.as_deref()?;
            let in_body = body.get(name).and_then(Value::as_str).map(str::to_owned);
            in_body.or_else(|| {
                query
                    .iter()
                    .find(|(key, _)| in_query && key == name)
                    .map(|(_, value)| value.clone())
            })
        };
        self.inline = from(&rules.body, false)
            .or_else(|| from(&rules.query, true))
            .filter(|text| !text.is_empty());
        self.secret = from(&rules.admin_body, true).filter(|text| !text.is_empty());
    }

    /// Whether it came as `Authorization: License …`.
    pub fn is_license(&self) -> bool {
        self.scheme.as_deref() == Some("license")
    }

    /// The session token, from the cookie or as a bearer; its prefix tells it from a key.
    pub fn session(&self) -> Option<(&str, Carrier)> {
        let bearer = self.authorization.as_deref().filter(|text| text.starts_with(SESSION_PREFIX));
        match (bearer, self.cookie.as_deref()) {
            (Some(token), _) => Some((token, Carrier::Header)),
            (None, Some(token)) => Some((token, Carrier::Cookie)),
            (None, None) => None,
        }
    }

    /// Whether nothing was sent that could prove anything.
    pub fn is_nothing(&self) -> bool {
        let all = [&self.authorization, &self.x_api_key, &self.cookie, &self.inline, &self.secret];
        all.into_iter().all(Option::is_none)
    }

    /// The key: a well-formed one in `Authorization` wins, then `X-API-Key`, then what stood in query or body; a
    /// malformed `Authorization` comes last, so that it is refused as what it is. A key that stands where its own contract
    /// does not look for one is none.
    pub fn key(&self, dialects: &Dialects) -> Option<&str> {
        let taken = |text: &&str, place: fn(&CredentialRules, &Self) -> bool| {
            let rules = dialects.by_key(text).map(|(dialect, _)| &dialect.credential);
            rules.is_none_or(|rules| place(rules, self))
        };
        let bearer = self.bearer().filter(|text| taken(text, Self::is_read));
        let header = self
            .x_api_key
            .as_deref()
            .filter(|text| taken(text, |rules, _| rules.x_api_key));
        self.first(bearer, header, dialects)
    }

    /// The credential's text as far as it helps to tell the dialect, wherever it stands.
    pub fn hint(&self, dialects: &Dialects) -> Option<&str> {
        match self.is_license() {
            true => self.authorization.as_deref(),
            false => self.first(self.bearer(), self.x_api_key.as_deref(), dialects),
        }
    }

    fn bearer(&self) -> Option<&str> {
        self.authorization.as_deref().filter(|_| !self.is_license())
    }

    fn first<'a>(&'a self, bearer: Option<&'a str>, header: Option<&'a str>, dialects: &Dialects) -> Option<&'a str> {
        bearer
            .filter(|text| dialects.by_key(text).is_some())
            .or(header)
            .or(self.inline.as_deref())
            .or_else(|| bearer.filter(|text| !text.starts_with(SESSION_PREFIX)))
    }

    /// Whether a dialect reads keys from an `Authorization` of this form; one without a word on it takes any.
    fn is_read(rules: &CredentialRules, presented: &Self) -> bool {
        match presented.scheme.as_deref() {
            Some("bearer") => true,
            Some(_) => !rules.bearer,
            None => rules.bare_authorization || !rules.bearer,
        }
    }
}

/// What a session token came in; cookies are sent by browsers unasked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Carrier {
    /// `Authorization: Bearer`.
    Header,
    /// The cookie.
    Cookie,
}

/// Whether a browser says that another site made it send this writing request. `Origin` is compared with the public URL
/// and with `Host`, since a server may be reached by more names than one.
pub fn is_cross_site(method: &Method, headers: &HeaderMap, public_url: &str) -> bool {
    if method.is_safe() {
        return false;
    }
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    if header("sec-fetch-site").is_some_and(|site| !matches!(site, "same-origin" | "none")) {
        return true;
    }
    let Some(origin) = header("origin") else { return false };
    let own = Url::parse(public_url)
        .map(|url| url.origin().ascii_serialization())
        .unwrap_or_default();
    let host = origin.split_once("://").map(|(_, host)| host);
    !origin.eq_ignore_ascii_case(&own) && (host.is_none() || host != header("host"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::{HeaderName, HeaderValue};

    fn judged(method: Method, given: &[(&'static str, &'static str)]) -> bool {
        let pairs = given
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
        let mut headers = HeaderMap::new();
        for (name, value) in pairs.chain([(HeaderName::from_static("host"), HeaderValue::from_static("localhost:8080"))]) {
            headers.insert(name, value);
        }
        is_cross_site(&method, &headers, "https://shop.example/base")
    }

    #[test]
    fn only_a_browser_that_names_another_site_is_refused() {
        assert!(judged(Method::POST, &[("origin", "https://evil.example")]));
        assert!(judged(Method::DELETE, &[("sec-fetch-site", "cross-site")]));
        assert!(judged(
            Method::POST,
            &[("sec-fetch-site", "same-site"), ("origin", "https://shop.example")]
        ));
        assert!(judged(Method::POST, &[("origin", "null")]));
        assert!(judged(Method::POST, &[("origin", "https://shop.example.evil.example")]));
        assert!(!judged(Method::GET, &[("origin", "https://evil.example")]));
        assert!(!judged(Method::POST, &[]));
        assert!(!judged(
            Method::POST,
            &[("origin", "https://shop.example"), ("sec-fetch-site", "same-origin")]
        ));
        assert!(!judged(
            Method::POST,
            &[("origin", "http://localhost:8080"), ("sec-fetch-site", "same-origin")]
        ));
    }
}
