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

/// Which page it is.
#[derive(Clone, Debug)]
pub(super) enum Page {
    /// The one where a checkout is paid.
    Checkout(Uuid),
    /// The one that thanks for it.
    Thanks(Bought),
}

/// What was bought, for those who count purchases.
#[derive(Clone, Debug)]
pub(super) struct Bought {
    /// What it cost, in whole currency.
    pub value: Value,
    /// Upper-case code.
    pub currency: String,
    /// The payment: the same purchase told from elsewhere too counts once.
    pub id: String,
}

/// Decides by the shop's settings and what the visitor said; `nonce` is new for every page.
pub(super) fn of(set: &Value, consent: Option<Consent>, page: &Page, nonce: &str) -> Tracking {
    let asks = set.get("cookie_consent_enabled") == Some(&Value::Bool(true));
    match (consent, page) {
        // Where the shop does not ask, nobody can agree.
        _ if !asks => Tracking::default(),
        (None, Page::Checkout(checkout)) => Tracking {
            markup: banner(*checkout),
            leave: Leave::default(),
        },
        (None, Page::Thanks(_)) => Tracking::default(),
        (Some(consent), page) => snippets(set, consent, page, nonce),
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

fn snippets(set: &Value, consent: Consent, page: &Page, nonce: &str) -> Tracking {
    let mut tracking = Tracking {
        leave: Leave {
            nonce: nonce.to_owned(),
            ..Leave::default()
        },
        ..Tracking::default()
    };
    let text = |name: &str| set.get(name).and_then(Value::as_str);
    if let (true, Some(container)) = (consent.analytics, text("gtm_container_id").filter(|id| is_plain(id))) {
        tracking.tag_manager(set, container, consent);
    }
    if let (true, Some(account)) = (consent.marketing, text("google_ads_conversion_id").filter(|id| is_plain(id))) {
        tracking.google_ads(account, text("google_ads_conversion_label"), page);
    }
    if let (true, Some(pixel)) = (consent.marketing, text("facebook_pixel_id").filter(|id| is_plain(id))) {
        tracking.pixel(pixel, page);
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
    fn tag_manager(&mut self, set: &Value, container: &str, consent: Consent) {
        let own = set.get("gtm_server_container_url").and_then(Value::as_str);
        let own = own.filter(|_| set.get("gtm_ss_enabled") == Some(&Value::Bool(true)));
        let host = own
            .and_then(origin)
            .unwrap_or_else(|| "https://www.googletagmanager.com".to_owned());
        let marketing = if consent.marketing { "granted" } else { "denied" };
        self.inline(
            &host,
            &format!(
                "window.dataLayer=window.dataLayer||[];function gtag(){{dataLayer.push(arguments)}}\
                 gtag('consent','default',{{analytics_storage:'granted',ad_storage:'{marketing}',ad_user_data:'{marketing}',\
                 ad_personalization:'{marketing}'}});dataLayer.push({{'gtm.start':Date.now(),event:'gtm.js'}});"
            ),
        );
        self.from(&host, &format!("{host}/gtm.js?id={container}"), "");
        self.leave.scripts.push("https://*.google-analytics.com".to_owned());
    }

    fn google_ads(&mut self, account: &str, label: Option<&str>, page: &Page) {
        let host = "https://www.googletagmanager.com";
        let label = label.filter(|label| is_label(label));
        let conversion = match (page, label) {
            (Page::Thanks(bought), Some(label)) => format!(
                "gtag('event','conversion',{{send_to:'{account}/{label}',value:{},currency:'{}',transaction_id:'{}'}});",
                bought.value, bought.currency, bought.id
            ),
            _ => String::new(),
        };
        self.inline(
            host,
            &format!(
                "window.dataLayer=window.dataLayer||[];window.gtag=window.gtag||function(){{dataLayer.push(arguments)}};\
                 gtag('js',new Date());gtag('config','{account}');{conversion}"
            ),
        );
        self.from(host, &format!("{host}/gtag/js?id={account}"), "");
        let more = [
            "https://www.googleadservices.com",
            "https://googleads.g.doubleclick.net",
            "https://www.google.com",
        ];
        self.leave.scripts.extend(more.map(str::to_owned));
    }

    fn pixel(&mut self, pixel: &str, page: &Page) {
        let host = "https://connect.facebook.net";
        let event = match page {
            Page::Checkout(_) => "fbq('track','InitiateCheckout');".to_owned(),
            Page::Thanks(bought) => format!(
                "fbq('track','Purchase',{{value:{},currency:'{}'}},{{eventID:'{}'}});",
                bought.value, bought.currency, bought.id
            ),
        };
        self.inline(
            host,
            &format!(
                "!function(f){{if(f.fbq)return;var n=f.fbq=function(){{n.callMethod?n.callMethod.apply(n,arguments):\
                 n.queue.push(arguments)}};if(!f._fbq)f._fbq=n;n.push=n;n.loaded=!0;n.version='2.0';n.queue=[]}}(window);\
                 fbq('init','{pixel}');{event}"
            ),
        );
        self.from(host, &format!("{host}/en_US/fbevents.js"), "");
        self.leave.scripts.push("https://www.facebook.com".to_owned());
    }

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

/// Whether a conversion's label can stand in a script.
fn is_label(label: &str) -> bool {
    !label.is_empty()
        && label
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
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

    const PAY: Page = Page::Checkout(Uuid::nil());

    fn set() -> Value {
        json!({
            "cookie_consent_enabled": true,
            "gtm_container_id": "GTM-ABC",
            "facebook_pixel_id": "123",
            "google_ads_conversion_id": "AW-77",
            "google_ads_conversion_label": "bought_1",
            "umami_website_id": "8f14e45f-ceea-467f-9e0a-1c2d3e4f5a6b",
            "umami_script_url": "https://stats.example/script.js",
        })
    }

    #[test]
    fn nothing_is_counted_before_consent_or_where_nobody_asks() {
        let asked = of(&set(), None, &PAY, "n");
        assert!(asked.markup.contains("/api/consent") && !asked.markup.contains("<script"));
        assert!(asked.leave.scripts.is_empty());
        let mut silent = set();
        silent["cookie_consent_enabled"] = json!(false);
        assert!(of(&silent, Some(BOTH), &PAY, "n").markup.is_empty());
        let shy = of(&set(), Some(Consent::default()), &PAY, "n");
        assert!(shy.markup.is_empty() && shy.leave.scripts.is_empty());
    }

    #[test]
    fn the_page_after_the_purchase_tells_what_was_bought() {
        let page = Page::Thanks(Bought {
            value: json!(19.5),
            currency: "USD".to_owned(),
            id: "p-1".to_owned(),
        });
        assert!(of(&set(), None, &page, "n").markup.is_empty(), "nobody is asked there");
        let told = of(&set(), Some(BOTH), &page, "n").markup;
        for part in [
            "'Purchase',{value:19.5,currency:'USD'},{eventID:'p-1'}",
            "send_to:'AW-77/bought_1',value:19.5",
        ] {
            assert!(told.contains(part), "{part}");
        }
    }

    #[test]
    fn each_snippet_needs_its_own_consent() {
        let all = of(&set(), Some(BOTH), &PAY, "n").markup;
        for part in [
            "gtm.js?id=GTM-ABC",
            "fbq('init','123')",
            "gtag('config','AW-77')",
            "https://stats.example/script.js",
        ] {
            assert!(all.contains(part), "{part}");
        }
        let counted = Consent {
            analytics: true,
            marketing: false,
        };
        let some = of(&set(), Some(counted), &PAY, "n");
        assert!(!some.markup.contains("fbq") && !some.markup.contains("AW-77") && some.markup.contains("ad_storage:'denied'"));
        assert!(some.leave.scripts.iter().all(|host| !host.contains("facebook")));
    }
}
