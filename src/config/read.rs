//! Reads one text into one typed value; the caller adds key, place and remedy to what is wrong.

use super::MasterKey;
use super::keys;
use super::layers::Layered;
use super::problem::Problem;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ipnet::IpNet;
use secrecy::SecretString;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use tracing_subscriber::EnvFilter;
use url::Url;

/// Takes settings one by one and gathers what is wrong with them.
pub(super) struct Reader {
    layered: Layered,
}

impl Reader {
    pub(super) fn new(layered: Layered) -> Self {
        Self { layered }
    }

    /// The value of a key, `None` where it is unset or bad; a bad one is remembered.
    pub(super) fn optional<T>(&mut self, name: &'static str, read: impl Fn(&str) -> Result<T, String>) -> Option<T> {
        let setting = self.layered.settings.get(name)?;
        match read(setting.text.trim()) {
            Ok(value) => Some(value),
            Err(reason) => {
                let key = keys::find(name)?;
                let problem = Problem::of(key, &setting.text, &setting.origin, reason);
                self.layered.problems.push(problem);
                None
            }
        }
    }

    /// The value of a key that has a default; `stand_in` is never used, since a bad value stops the start.
    pub(super) fn required<T>(&mut self, name: &'static str, stand_in: T, read: impl Fn(&str) -> Result<T, String>) -> T {
        self.optional(name, read).unwrap_or(stand_in)
    }

    pub(super) fn object(&mut self, problem: Problem) {
        self.layered.problems.push(problem);
    }

    pub(super) fn remark(&mut self, warning: String) {
        self.layered.warnings.push(warning);
    }

    pub(super) fn finish(self) -> (Vec<Problem>, Vec<String>) {
        (self.layered.problems, self.layered.warnings)
    }
}

pub(super) fn address(text: &str) -> Result<SocketAddr, String> {
    let numeric = match text.strip_prefix("localhost:") {
        Some(port) => format!("127.0.0.1:{port}"),
        None => text.to_owned(),
    };
    numeric.parse().map_err(|_| "this is not an address and a port".to_owned())
}

/// An http or https URL without query and without a slash at its end.
pub(super) fn base_url(text: &str) -> Result<String, String> {
    let url = Url::parse(text).map_err(|error| format!("this is not a URL: {error}"))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(format!("the scheme is {}", url.scheme()));
    }
    if url.query().is_some() || url.fragment().is_some() || url.password().is_some() || !url.username().is_empty() {
        return Err("it holds more than scheme, host and path".to_owned());
    }
    Ok(text.trim_end_matches('/').to_owned())
}

pub(super) fn url_of(schemes: &'static [&'static str]) -> impl Fn(&str) -> Result<String, String> {
    move |text| {
        let url = Url::parse(text).map_err(|error| format!("this is not a URL: {error}"))?;
        match schemes.contains(&url.scheme()) {
            true => Ok(text.to_owned()),
            false => Err(format!("the scheme is {}", url.scheme())),
        }
    }
}

pub(super) fn secret_url_of(schemes: &'static [&'static str]) -> impl Fn(&str) -> Result<SecretString, String> {
    let read = url_of(schemes);
    move |text| read(text).map(SecretString::from)
}

pub(super) fn networks(text: &str) -> Result<Vec<IpNet>, String> {
    let parts = text.split([',', ' ']).map(str::trim).filter(|part| !part.is_empty());
    parts
        .map(|part| {
            let alone = || part.parse::<IpAddr>().ok().map(IpNet::from);
            part.parse()
                .ok()
                .or_else(alone)
                .ok_or_else(|| format!("{part} is not a network"))
        })
        .collect()
}

pub(super) fn switch(text: &str) -> Result<bool, String> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "yes" | "on" | "1" => Ok(true),
        "false" | "no" | "off" | "0" => Ok(false),
        _ => Err("this is neither true nor false".to_owned()),
    }
}

/// A number of threads; 0 stands for one per core.
pub(super) fn threads(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) => Ok(std::thread::available_parallelism().map_or(1, usize::from)),
        Ok(count) if count <= 256 => Ok(count),
        _ => Err("this is not a number from 0 to 256".to_owned()),
    }
}

/// Bytes, with or without a unit.
pub(super) fn bytes(text: &str) -> Result<u64, String> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let factor: u64 = match unit.trim().to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "kb" => 1_000,
        "mb" => 1_000_000,
        "gb" => 1_000_000_000,
        "tb" => 1_000_000_000_000,
        "kib" | "k" => 1 << 10,
        "mib" | "m" => 1 << 20,
        "gib" | "g" => 1 << 30,
        "tib" | "t" => 1 << 40,
        _ => return Err("the unit is unknown".to_owned()),
    };
    let bytes = number.parse::<u64>().ok().and_then(|number| number.checked_mul(factor));
    bytes
        .filter(|bytes| *bytes > 0 && i64::try_from(*bytes).is_ok())
        .ok_or_else(|| "this is not a number of bytes above 0".to_owned())
}

pub(super) fn folder(text: &str) -> Result<PathBuf, String> {
    if text.is_empty() {
        return Err("it is empty".to_owned());
    }
    std::path::absolute(text).map_err(|error| error.to_string())
}

pub(super) fn existing_folder(text: &str) -> Result<PathBuf, String> {
    let path = folder(text)?;
    match path.is_dir() {
        true => Ok(path),
        false => Err("there is no such folder".to_owned()),
    }
}

pub(super) fn dialect_name(text: &str) -> Result<String, String> {
    let good = text
        .bytes()
        .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'_' | b'-'));
    match good && !text.is_empty() {
        true => Ok(text.to_owned()),
        false => Err("a dialect's name has lower-case letters, digits, - and _ only".to_owned()),
    }
}

/// A secret that travels in headers; those of ours have at least 8 characters.
pub(super) fn secret(least: usize) -> impl Fn(&str) -> Result<SecretString, String> {
    move |text| match text.len() >= least && text.bytes().all(|b| b.is_ascii_graphic()) {
        true => Ok(SecretString::from(text)),
        false => Err("it is too short or holds characters that do not fit a header".to_owned()),
    }
}

pub(super) fn master_key(text: &str) -> Result<MasterKey, String> {
    key_bytes(text).map(MasterKey::from)
}

/// 32 bytes in hex or base64.
pub(super) fn key_bytes(text: &str) -> Result<[u8; 32], String> {
    let decoded = match hex::decode(text) {
        Ok(bytes) => Some(bytes),
        Err(_) => STANDARD.decode(text).or_else(|_| URL_SAFE_NO_PAD.decode(text)).ok(),
    };
    decoded
        .and_then(|bytes| bytes.try_into().ok())
        .ok_or_else(|| "these are not 32 bytes".to_owned())
}

pub(super) fn log_filter(text: &str) -> Result<String, String> {
    match EnvFilter::try_new(text) {
        Ok(_) => Ok(text.to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_with_and_without_units() {
        assert_eq!(bytes("2GiB"), Ok(2_147_483_648));
        assert_eq!(bytes("5 MB"), Ok(5_000_000));
        assert_eq!(bytes("17"), Ok(17));
        for bad in ["", "-1", "0", "1.5GiB", "many", "99999999999TiB"] {
            assert!(bytes(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn networks_are_a_list_of_cidrs_or_addresses() {
        let nets = networks("10.0.0.0/8, 192.0.2.7,::1").unwrap();
        assert_eq!(
            nets.iter().map(ToString::to_string).collect::<Vec<_>>(),
            ["10.0.0.0/8", "192.0.2.7/32", "::1/128"]
        );
        assert_eq!(networks(""), Ok(Vec::new()));
        assert_eq!(networks("10.0.0.0/33"), Err("10.0.0.0/33 is not a network".to_owned()));
    }

    #[test]
    fn a_base_url_loses_its_last_slash_and_takes_no_query() {
        assert_eq!(base_url("https://api.example.com/"), Ok("https://api.example.com".to_owned()));
        for bad in ["api.example.com", "ftp://x", "https://x?y=1", "https://a:b@x", ""] {
            assert!(base_url(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn keys_are_32_bytes_in_hex_or_base64() {
        assert!(key_bytes(&"ab".repeat(32)).is_ok());
        assert!(key_bytes(&STANDARD.encode([7_u8; 32])).is_ok());
        assert!(key_bytes("abcd").is_err());
    }
}
