//! Small pages for people: no script, nothing from elsewhere.

use crate::context::Answer;

/// A page's address may hold a token, so no other site may learn it; a form still names its origin.
const REFERRER: &str = "same-origin";
const POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
/// A page; `body` is markup, `title` is text.
pub fn page(status: u16, title: &str, body: &str) -> Answer {
    with_policy(status, title, body, POLICY)
}

/// What a page may do beyond a plain one.
#[derive(Clone, Debug, Default)]
pub struct Leave {
    /// Origins whose pages may show it in a frame.
    pub frames: Vec<String>,
    /// Where its scripts come from and what they may talk to; none at all where it is empty.
    pub scripts: Vec<String>,
    /// Marks the scripts that stand in the page itself.
    pub nonce: String,
}

impl Leave {
    fn policy(&self) -> String {
        let frames = match self.frames.is_empty() {
            true => "'none'".to_owned(),
            false => self.frames.join(" "),
        };
        let mut policy = format!(
            "default-src 'none'; style-src 'unsafe-inline'; form-action 'self' https: http:; base-uri 'none'; frame-ancestors {frames}"
        );
        if !self.scripts.is_empty() {
            let hosts = self.scripts.join(" ");
            policy.push_str(&format!(
                "; script-src 'nonce-{}' {hosts}; connect-src {hosts}; img-src data: {hosts}",
                self.nonce
            ));
        }
        policy
    }
}

/// A page whose form leads to another site in the end, and which others may show or count. The answer says nothing of
/// frames in the older header where some are allowed: browsers go by the policy then.
pub fn shown(status: u16, title: &str, body: &str, leave: &Leave) -> Answer {
    with_policy(status, title, body, &leave.policy())
}

/// Sends the browser on.
pub fn see_other(url: &str) -> Answer {
    Answer::Raw {
        status: 303,
        headers: vec![
            ("Location".to_owned(), url.to_owned()),
            ("Content-Type".to_owned(), "text/plain; charset=utf-8".to_owned()),
        ],
        body: Vec::new(),
    }
}

fn with_policy(status: u16, title: &str, body: &str, policy: &str) -> Answer {
    let title = escaped(title);
    let text = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <meta name=\"robots\" content=\"noindex\"><title>{title}</title><style>body{{font:1rem/1.5 system-ui,sans-serif;\
         max-width:26rem;margin:4rem auto;padding:0 1rem;color:#222;background:#fff}}label,input,button{{display:block;width:100%;\
         box-sizing:border-box}}input,button{{font:inherit;padding:.6rem;margin:.3rem 0 1rem}}[role=alert]{{color:#a00}}\
         table{{width:100%;border-collapse:collapse}}td:last-child{{text-align:right}}</style>\
         </head><body><main><h1>{title}</h1>{body}</main></body></html>"
    );
    let headers = [
        ("Content-Type", "text/html; charset=utf-8"),
        ("Referrer-Policy", REFERRER),
        ("Content-Security-Policy", policy),
    ];
    Answer::Raw {
        status,
        headers: headers.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
        body: text.into_bytes(),
    }
}

/// Text as it may stand in markup and in quoted attributes.
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}
