//! Pages for people: no script, nothing from elsewhere, every text escaped; fit for a screen and for a printer.

use super::html::escaped;
use crate::context::Answer;

/// A page may look like something, and that is all it may.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const STYLE: &str = "body{font:1rem/1.5 system-ui,sans-serif;max-width:42rem;margin:3rem auto;padding:0 1rem;color:#222;\
     background:#fff}h1{font-weight:600}table{width:100%;border-collapse:collapse;margin:1.5rem 0}th,td{text-align:left;\
     padding:.4rem .2rem;border-bottom:1px solid #ddd;vertical-align:top}td.n,th.n{text-align:right}dt{color:#666}\
     dd{margin:0 0 .8rem}.c{text-align:center;border:.4rem double #888;padding:3rem 1.5rem}.big{font-size:1.8rem;margin:.5rem 0}\
     small{color:#666;overflow-wrap:anywhere}@media print{body{margin:0 auto}@page{margin:2cm}}";

/// A page of its own; `body` is markup whose texts are [`escaped`] already, `title` is plain text.
pub fn sheet(title: &str, body: &str) -> Answer {
    with_status(200, title, body)
}

/// The page in the place of one that is not there; `sentence` is plain text.
pub fn absent(sentence: &str) -> Answer {
    let body = format!("<h1>{}</h1><p>Is the address whole?</p>", escaped(sentence));
    with_status(404, sentence, &body)
}

fn with_status(status: u16, title: &str, body: &str) -> Answer {
    let title = escaped(title);
    let text = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <meta name=\"robots\" content=\"noindex\"><title>{title}</title><style>{STYLE}</style></head>\
         <body><main>{body}</main></body></html>"
    );
    Answer::raw(status, "text/html; charset=utf-8", text)
        .header("Content-Security-Policy", POLICY.to_owned())
        .header("Referrer-Policy", "same-origin".to_owned())
}

/// Whether a caller wants data rather than a page: its `Accept` names JSON and no page.
pub fn wants_data(accept: Option<&str>) -> bool {
    accept.is_some_and(|accept| accept.contains("application/json") && !accept.contains("text/html"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_never_becomes_markup() {
        assert_eq!(escaped("<b a=\"'\">&"), "&lt;b a=&quot;&#39;&quot;&gt;&amp;");
    }

    #[test]
    fn data_is_for_those_who_ask_for_it() {
        assert!(wants_data(Some("application/json")));
        assert!(!wants_data(Some("text/html,application/json;q=0.9,*/*")));
        assert!(!wants_data(Some("*/*")) && !wants_data(None));
    }
}
