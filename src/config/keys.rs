//! Every setting there is, once: its name, its default, how it is shown and what to do when it is wrong.
//!
//! One rule joins the three spellings: the key `bind` is `FONDACO_BIND` in the environment, `bind` in the file and
//! `--bind` or `--set bind=…` on the command line.

/// How much of a value an error may show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// The value as it is.
    Whole,
    /// A URL without the password in it.
    WithoutPassword,
    /// Nothing but that there is one.
    Never,
}

/// One setting.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// Name in the file and after `--set`.
    pub name: &'static str,
    /// What holds when nobody says anything; `None` where the absence itself means something.
    pub default: Option<&'static str>,
    /// How much of it an error may show.
    pub shown: Shown,
    /// What to write instead of a bad value.
    pub remedy: &'static str,
}

impl Key {
    /// Its name in the environment.
    pub fn variable(&self) -> String {
        format!("FONDACO_{}", self.name.to_ascii_uppercase())
    }

    /// The value in the form an error may show.
    pub fn show(&self, value: &str) -> String {
        match self.shown {
            Shown::Whole => format!("{value:?}"),
            Shown::WithoutPassword => format!("{:?}", without_password(value)),
            Shown::Never => format!("[{} characters, not shown]", value.chars().count()),
        }
    }
}

/// Replaces what stands between `://` and `@`; works on texts that are no valid URL, since those are what errors show.
fn without_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        return url.to_owned();
    };
    match rest.rsplit_once('@') {
        Some((_, host)) => format!("{scheme}://***@{host}"),
        None => url.to_owned(),
    }
}

macro_rules! keys {
    ($( $name:literal = $default:expr, $shown:ident, $remedy:literal; )*) => {
        /// All settings, in the order of `config/fondaco.toml`.
        pub const KEYS: &[Key] = &[$( Key { name: $name, default: $default, shown: Shown::$shown, remedy: $remedy }, )*];
    };
}

keys! {
    "bind" = Some("127.0.0.1:8080"), Whole, "write an address and a port, such as 127.0.0.1:8080 or [::1]:8080";
    "public_url" = None, Whole, "write http:// or https:// and a host, such as https://api.example.com, with no query";
    "workers" = Some("0"), Whole, "write a number of threads from 1 to 256, or 0 for one per core";
    "metrics_bind" = None, Whole, "write an address and a port, such as 127.0.0.1:9090, or leave it out";
    "trusted_proxies" = Some(""), Whole, "write networks parted by commas, such as 10.0.0.0/8,192.0.2.7";
    "log" = Some("info"), Whole, "write a level or a filter, such as info or fondaco=debug,warn";
    "log_format" = Some("text"), Whole, "write text or json";
    "data" = Some("./data"), Whole, "write the path of a folder that this server may own";
    "database_url" = None, WithoutPassword, "write sqlite:// and a file, or postgres://user:password@host/database";
    "redis_url" = None, WithoutPassword, "write redis://host:port or rediss://host:port, or leave it out for one node";
    "storage_url" = None, WithoutPassword, "write file:// and a folder, or s3://bucket?endpoint=…&region=…";
    "upload_max_bytes" = Some("2GiB"), Whole, "write bytes, such as 2147483648 or 2GiB";
    "tenant_quota_bytes" = Some("50GiB"), Whole, "write bytes, such as 53687091200 or 50GiB";
    "admin_secret" = None, Never, "write at least 8 printable characters without blanks, such as the output of: openssl rand -hex 32";
    "master_key" = None, Never, "write 32 bytes as 64 hex digits, such as the output of: openssl rand -hex 32";
    "default_dialect" = Some("fondaco"), Whole, "write the name of a dialect: fondaco, sellf, openclaw, licentric, bigclass, cgls or one of your own";
    "dialects_dir" = None, Whole, "write a folder that holds dialect files, or leave it out";
    "webhooks_allow_networks" = Some(""), Whole, "write networks parted by commas, such as 127.0.0.0/8,10.1.0.0/16";
    "webhooks_allow_http" = Some("false"), Whole, "write true or false";
    "inbound_webhook_secret" = None, Never, "write at least 8 printable characters without blanks";
    "stripe_secret_key" = None, Never, "write the key from Stripe's dashboard, without blanks";
    "stripe_api_base" = Some("https://api.stripe.com"), Whole, "write http:// or https:// and a host, with no query";
    "stripe_webhook_secret" = None, Never, "write the signing secret from Stripe's dashboard, without blanks";
    "meta_api_base" = Some("https://graph.facebook.com"), Whole, "write http:// or https:// and a host, with no query";
    "turnstile_verify_url" = Some("https://challenges.cloudflare.com/turnstile/v0/siteverify"), Whole, "write http:// or https:// and where captchas are checked";
    "smtp_url" = None, WithoutPassword, "write smtp://user:password@host:port or smtps://…, or leave it out for files";
    "sandbox_clock" = Some("false"), Whole, "write true or false";
    "release_feed" = None, Whole, "write an https:// URL, together with release_key";
    "release_key" = None, Whole, "write the Ed25519 public key, 32 bytes in hex or base64, together with release_feed";
}

/// The setting of that name.
pub fn find(name: &str) -> Option<&'static Key> {
    KEYS.iter().find(|key| key.name == name)
}

/// The known name that `name` most likely meant: the one that shares the longest beginning, three letters at least.
pub fn nearest(name: &str) -> Option<&'static str> {
    let shared = |known: &str| known.bytes().zip(name.bytes()).take_while(|(a, b)| a == b).count();
    KEYS.iter()
        .map(|key| key.name)
        .max_by_key(|known| shared(known))
        .filter(|known| shared(known) >= 3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_in_a_url_is_never_shown() {
        let key = find("database_url").unwrap();
        assert_eq!(key.show("postgres://shop:p@ss@db/fondaco"), r#""postgres://***@db/fondaco""#);
        assert_eq!(key.show("mysql//nonsense"), r#""mysql//nonsense""#);
        assert_eq!(find("master_key").unwrap().show("abc"), "[3 characters, not shown]");
    }

    #[test]
    fn a_misspelt_key_leads_to_the_right_one() {
        assert_eq!(nearest("webhooks_allow_network"), Some("webhooks_allow_networks"));
        assert_eq!(nearest("zzz"), None);
    }
}
