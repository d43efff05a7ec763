//! Pure decisions about consent.

use crate::domain::{Error, Result};
use serde_json::{Map, Value, json};
use uuid::Uuid;

/// Member of a checkout's metadata that holds what its buyer agreed to.
pub const MEMBER: &str = "consent";
/// Longest text of a visitor's that is kept.
const TEXT_MAX: usize = 300;

/// What a visitor agrees to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Consent {
    /// Being counted.
    pub analytics: bool,
    /// Being told of to advertisers.
    pub marketing: bool,
}

impl Consent {
    /// What a checkout's metadata says; `None` where he has not been asked.
    pub fn of(metadata: &Value) -> Option<Self> {
        let kept = metadata.get(MEMBER)?.as_object()?;
        let has = |name: &str| kept.get(name).and_then(Value::as_bool).unwrap_or(false);
        Some(Self {
            analytics: has("analytics"),
            marketing: has("marketing"),
        })
    }
}

/// What a body says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Given {
    pub checkout: Uuid,
    pub consent: Consent,
    pub visitor: Option<String>,
    pub version: Option<String>,
}

/// Reads a body, whether JSON or a form's fields.
///
/// # Errors
/// `Validation` without a checkout or an answer.
pub(super) fn given(body: &Map<String, Value>) -> Result<Given> {
    let text = |names: [&str; 2]| {
        let found = names.iter().find_map(|name| body.get(*name)?.as_str());
        found.map(|text| cut(text.trim())).filter(|text| !text.is_empty())
    };
    let checkout = text(["checkout_id", "checkoutId"]).and_then(|id| Uuid::try_parse(&id).ok());
    let checkout = checkout.ok_or_else(|| Error::field("checkout_id", "required", "checkout_id must be a checkout's id"))?;
    let within = body.get("consents").and_then(Value::as_object).unwrap_or(body);
    let answers = ["analytics", "marketing"].map(|name| within.get(name).and_then(truth));
    if answers == [None, None] {
        return Err(Error::field(
            "consents",
            "required",
            "analytics or marketing must be true or false",
        ));
    }
    let [analytics, marketing] = answers.map(|answer| answer.unwrap_or(false));
    Ok(Given {
        checkout,
        consent: Consent { analytics, marketing },
        visitor: text(["visitor_id", "anonymous_id"]),
        version: text(["version", "consent_version"]),
    })
}

fn truth(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(truth) => Some(*truth),
        Value::String(text) => match text.as_str() {
            "true" | "granted" | "1" => Some(true),
            "false" | "denied" | "0" => Some(false),
            _ => None,
        },
        _ => None,
    }
}

/// A text as far as it is kept.
pub(super) fn cut(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_control()).take(TEXT_MAX).collect()
}

/// A checkout's metadata with the answer in it. Where the visitor may be told of, what tells him is kept for that.
pub(super) fn noted(metadata: &Value, consent: Consent, address: &str, agent: Option<&str>) -> Value {
    let mut all = metadata.as_object().cloned().unwrap_or_default();
    let mut kept = json!({"analytics": consent.analytics, "marketing": consent.marketing});
    if consent.marketing {
        kept["address"] = address.into();
        kept["user_agent"] = agent.into();
    }
    all.insert(MEMBER.to_owned(), kept);
    Value::Object(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(value: Value) -> Result<Given> {
        given(value.as_object().unwrap())
    }

    #[test]
    fn an_answer_is_read_from_json_and_from_a_form() {
        let id = "0198c0de-0000-7000-8000-000000000001";
        let both = Consent {
            analytics: true,
            marketing: true,
        };
        let json = read(json!({"checkout_id": id, "consents": {"analytics": true, "marketing": true}}));
        assert_eq!(json.unwrap().consent, both);
        let form = read(json!({"checkout_id": id, "analytics": "granted", "marketing": "denied"}));
        assert!(!form.unwrap().consent.marketing);
        assert!(read(json!({"checkout_id": id})).is_err());
        assert!(read(json!({"analytics": true})).is_err());
    }

    #[test]
    fn nobody_is_noted_who_did_not_agree() {
        let shy = noted(&json!({"source": "embed"}), Consent::default(), "192.0.2.1", Some("x"));
        assert_eq!(
            shy,
            json!({"source": "embed", "consent": {"analytics": false, "marketing": false}})
        );
        let open = Consent {
            analytics: false,
            marketing: true,
        };
        let noted = noted(&Value::Null, open, "192.0.2.1", None);
        assert_eq!(noted["consent"]["address"], "192.0.2.1");
        assert_eq!(Consent::of(&noted), Some(open));
        assert_eq!(Consent::of(&json!({})), None);
    }
}
