//! What a shop's checkout page counts its visitors with: nothing before they agree, and then what the shop has set up.

use crate::http::html::{Leave, escaped};
use crate::resources::consents::rules::Consent;
use serde_json::Value;
use url::Url;
use uuid::Uuid;

/// Markup for the page, and the leave it needs.
#[derive(Clone, Debug, Default)]
pub(super) struct Tracking {
    pub markup: String,
    pub leave: Leave,
}

/// Decides by the shop's settings and what the visitor said; `nonce` is new for every page.
pub(super) fn of(set: &Value, consent: Option<Consent>, checkout: Uuid, nonce: &str) -> Tracking {
    let asks = set.get("cookie_consent_enabled") == Some(&Value::Bool(true));
    match consent {
        // Where the shop does not ask, nobody can agree.
        _ if !asks => Tracking::default(),
        None => Tracking {
            markup: banner(checkout),
            leave: Leave::default(),
        },
        Some(consent) => snippets(set, consent, nonce),
    }
}

/// The question, as plain forms: it works without scripts.
fn banner(checkout: Uuid) -> String {
    let form = |answer: &str, label: &str| {
        format!(
            "<form method=\"post\" action=\"/api/consent\"><input type=\"hidden\" name=\"checkout_id\" value=\"{checkout}\">\
             <input type=\"hidden\" name=\"analytics\" value=\"{answer}\"><input type=\"hidden\" name=\"marketing\" \
             value=\"{answer}\"><button>{label}</button></form>"
        )
    };
    format!(
        "<section aria-label=\"Consent\"><p>May this shop count your visit and tell its advertising partners of your purchase?</p>{}{}\
         </section>",
        form("granted", "Yes"),
        form("denied", "No")
    )
}

fn snippets(set: &Value, consent: Consent, nonce: &str) -> Tracking {
    let mut tracking = Tracking {
        leave: Leave {
            nonce: nonce.to_owned(),
            ..Leave::default()
        },
        ..Tracking::default()
    };
    let text = |name: &str| set.get(name).and_then(Value::as_str);
    if let (true, Some(container)) = (consent.analytics, text("gtm_container_id").filter(|id| is_plain(id))) {
        let own = text("gtm_server_container_url").filter(|_| set.get("gtm_ss_enabled") == Some(&Value::Bool(true)));
        let host = own
            .and_then(origin)
            .unwrap_or_else(|| "https://www.googletagmanager.com".to_owned());
        let marketing = if consent.marketing { "granted" } else { "denied" };
        tracking.inline(
            &host,
            &format!(
                "window.dataLayer=window.dataLayer||[];function gtag(){{dataLayer.push(arguments)}}\
                 gtag('consent','default',{{analytics_storage:'granted',ad_storage:'{marketing}',ad_user_data:'{marketing}',\
                 ad_personalization:'{marketing}'}});dataLayer.push({{'gtm.start':Date.now(),event:'gtm.js'}});"
            ),
        );
        tracking.from(&host, &format!("{host}/gtm.js?id={container}"), "");
        tracking.leave.scripts.push("https://*.google-analytics.com".to_owned());
    }
    if let (true, Some(pixel)) = (consent.marketing, text("facebook_pixel_id").filter(|id| is_plain(id))) {
        let host = "https://connect.facebook.net";
        tracking.inline(
            host,
            &format!(
                "!function(f){{if(f.fbq)return;var n=f.fbq=function(){{n.callMethod?n.callMethod.apply(n,arguments):\
                 n.queue.push(arguments)}};if(!f._fbq)f._fbq=n;n.push=n;n.loaded=!0;n.version='2.0';n.queue=[]}}(window);\
                 fbq('init','{pixel}');fbq('track','InitiateCheckout');"
            ),
        );
        tracking.from(host, &format!("{host}/en_US/fbevents.js"), "");
        tracking.leave.scripts.push("https://www.facebook.com".to_owned());
    }
    let umami = text("umami_website_id").zip(text("umami_script_url"));
    if let (true, Some((site, script))) = (consent.analytics, umami)
        && let Some(host) = origin(script)
    {
        tracking.from(&host, script, &format!(" data-website-id=\"{}\"", escaped(site)));
    }
    tracking
}

impl Tracking {
    fn inline(&mut self, host: &str, script: &str) {
        let nonce = &self.leave.nonce;
        self.markup.push_str(&format!("<script nonce=\"{nonce}\">{script}</script>"));
        self.leave.scripts.push(host.to_owned());
    }

    fn from(&mut self, host: &str, url: &str, more: &str) {
        let nonce = &self.leave.nonce;
        let url = escaped(url);
        self.markup
            .push_str(&format!("<script nonce=\"{nonce}\" async src=\"{url}\"{more}></script>"));
        if !self.leave.scripts.iter().any(|known| known == host) {
            self.leave.scripts.push(host.to_owned());
        }
    }
}

/// Whether an id can stand in a script: letters, digits and hyphens.
fn is_plain(id: &str) -> bool {
    !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

fn origin(url: &str) -> Option<String> {
    let url = Url::parse(url).ok()?;
    matches!(url.scheme(), "http" | "https").then(|| url.origin().ascii_serialization())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const BOTH: Consent = Consent {
        analytics: true,
        marketing: true,
    };

    fn set() -> Value {
        json!({
            "cookie_consent_enabled": true,
            "gtm_container_id": "GTM-ABC",
            "facebook_pixel_id": "123",
            "umami_website_id": "8f14e45f-ceea-467f-9e0a-1c2d3e4f5a6b",
            "umami_script_url": "https://stats.example/script.js",
        })
    }

    #[test]
    fn nothing_is_counted_before_consent_or_where_nobody_asks() {
        let asked = of(&set(), None, Uuid::nil(), "n");
        assert!(asked.markup.contains("/api/consent") && !asked.markup.contains("<script"));
        assert!(asked.leave.scripts.is_empty());
        let mut silent = set();
        silent["cookie_consent_enabled"] = json!(false);
        assert!(of(&silent, Some(BOTH), Uuid::nil(), "n").markup.is_empty());
        let shy = of(&set(), Some(Consent::default()), Uuid::nil(), "n");
        assert!(shy.markup.is_empty() && shy.leave.scripts.is_empty());
    }

    #[test]
    fn each_snippet_needs_its_own_consent() {
        let all = of(&set(), Some(BOTH), Uuid::nil(), "n").markup;
        for part in ["gtm.js?id=GTM-ABC", "fbq('init','123')", "https://stats.example/script.js"] {
            assert!(all.contains(part), "{part}");
        }
        let counted = Consent {
            analytics: true,
            marketing: false,
        };
        let some = of(&set(), Some(counted), Uuid::nil(), "n");
        assert!(!some.markup.contains("fbq") && some.markup.contains("ad_storage:'denied'"));
        assert!(some.leave.scripts.iter().all(|host| !host.contains("facebook")));
    }
}
