//! What a started server prints: where it is, where its secret lies, and three lines that end in a signed delivery.
//!
//! Each line begins with `curl`, needs nothing but a POSIX shell, and keeps what the next one needs in the data folder
//! instead of in variables, so that the lines work in one terminal or in three.

use crate::clock::Ids;
use crate::config::{Config, folder};

/// What sets one start's shop apart from the next one's, so that the lines work again after a restart.
pub(super) struct Fresh {
    mark: String,
    password: String,
}

impl Fresh {
    /// Drawn by chance.
    pub(super) fn draw(ids: &Ids) -> Self {
        Self {
            mark: hex::encode(ids.bytes::<2>()),
            password: hex::encode(ids.bytes::<8>()),
        }
    }
}

/// The text.
pub(super) fn greeting(config: &Config, url: &str, fresh: &Fresh) -> String {
    let data = config.data.display().to_string();
    let secret_file = folder::admin_secret_file(&config.data).display().to_string();
    let given = config.secrets.admin.is_some();
    let lies = if given { "FONDACO_ADMIN_SECRET" } else { secret_file.as_str() };
    let lines = lines(&Shop {
        url,
        bearer: match given {
            true => "Bearer $FONDACO_ADMIN_SECRET".to_owned(),
            false => format!("Bearer $(cat {})", quoted(&secret_file)),
        },
        cookies: quoted(&format!("{data}/first-shop.cookies")),
        receiver: quoted(&format!("{data}/first-shop.receiver")),
        fresh,
    });
    format!(
        "Fondaco {version} listens on {url}\n  \
           data          {data}\n  \
           admin secret  {lies}\n  \
           docs          {url}/docs\n\n\
         Three lines to a signed webhook, to be pasted one after the other:\n\n{lines}\n",
        version = env!("CARGO_PKG_VERSION"),
        lines = lines.join("\n\n"),
    )
}

struct Shop<'a> {
    url: &'a str,
    bearer: String,
    cookies: String,
    receiver: String,
    fresh: &'a Fresh,
}

/// A shop with its owner, signed in; a webhook to a receiver of this server; a product, and what the receiver got.
fn lines(shop: &Shop<'_>) -> [String; 3] {
    let Shop {
        url,
        bearer,
        cookies,
        receiver,
        fresh: Fresh { mark, password },
    } = shop;
    let json = "-H 'Content-Type: application/json'";
    let owner = format!(r#"{{"email":"owner-{mark}@example.com","password":"{password}"}}"#);
    let tenant = format!(r#"{{"name":"First shop","slug":"first-shop-{mark}","dialect":"fondaco","owner":{owner}}}"#);
    let product = r#"{"name":"First product","slug":"first-product","price":1900,"currency":"USD"}"#;
    // The data folder is private, so the session and the receiver's address are as safe there as the secret.
    [
        format!(
            "curl -sS {url}/operator/v1/tenants -H \"Authorization: {bearer}\" {json} -d '{tenant}' -w '\\n' && \
             curl -sS -c {cookies} {url}/api/auth/login {json} -d '{owner}' -w '\\n'"
        ),
        format!(
            "curl -sS {url}/operator/v1/receivers -H \"Authorization: {bearer}\" {json} -d '{{}}' | \
             sed -n 's/.*\"url\": *\"\\([^\"]*\\)\".*/\\1/p' > {receiver} && \
             curl -sS -b {cookies} {url}/api/v1/webhooks {json} \
             -d \"{{\\\"url\\\":\\\"$(cat {receiver})\\\",\\\"events\\\":[\\\"product.created\\\"]}}\" -w '\\n'"
        ),
        format!(
            "curl -sS -b {cookies} {url}/api/v1/products {json} -d '{product}' -w '\\n' && sleep 2 && \
             curl -sS \"$(cat {receiver})\" -w '\\n'"
        ),
    ]
}

/// A path as one word of a shell; plain ones stay as they are.
fn quoted(path: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'/' | b'.' | b'-' | b'_');
    match path.bytes().all(plain) {
        true => path.to_owned(),
        false => format!("'{}'", path.replace('\'', r"'\''")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_lines_start_with_curl_and_name_the_secrets_place() {
        let config = Config::of(&[("data", "/srv/my shop")]).unwrap();
        let text = greeting(&config, "http://127.0.0.1:8080", &Fresh::draw(&Ids::default()));
        assert_eq!(text.lines().filter(|line| line.starts_with("curl ")).count(), 3, "{text}");
        assert!(text.contains("listens on http://127.0.0.1:8080\n"), "{text}");
        assert!(text.contains("admin secret  /srv/my shop/admin-secret\n"), "{text}");
        assert!(text.contains("$(cat '/srv/my shop/admin-secret')"), "{text}");
    }

    #[test]
    fn a_given_secret_is_never_printed() {
        let config = Config::of(&[("admin_secret", "hunter2hunter2hunter2")]).unwrap();
        let text = greeting(&config, "http://127.0.0.1:8080", &Fresh::draw(&Ids::default()));
        assert!(!text.contains("hunter2"), "{text}");
        assert!(text.contains("Bearer $FONDACO_ADMIN_SECRET"), "{text}");
    }
}
