//! `fondaco webhooks`: the signature doctor, which needs no server.

use super::Outcome;
use super::print::say;
use crate::clock::Clock;
use crate::config::Config;
use crate::domain::Timestamp;
use crate::domain::dialect::{Dialects, SignatureForm};
use crate::domain::signature::doctor::{Finding, Scheme, at, examine};
use clap::{Args, Subcommand};
use serde_json::{Map, Value};
use std::error::Error;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Largest file that is read, in bytes; deliveries are far smaller.
const FILE_MAX: u64 = 16 * 1024 * 1024;

#[derive(Debug, Subcommand)]
pub(super) enum WebhooksCommand {
    /// Check the signatures of a delivery and say what is wrong with them.
    #[command(after_help = VERIFY)]
    Verify(Verify),
}

const VERIFY: &str = "\
Examples:
  fondaco webhooks verify --secret whsec_… --headers-file headers.txt --body-file body.json
  fondaco webhooks verify --secret-file secret.txt -H 'X-Sellf-Signature: t=1790000000,v1=…' --body-file body.json
  pbpaste | fondaco webhooks verify --secret whsec_… -H 'X-OCB-Signature: …' -H 'X-OCB-Timestamp: …' --body-file -

Every signature found among the headers is checked. The exit code is 0 when all of them are right.";

#[derive(Debug, Args)]
pub(super) struct Verify {
    /// The endpoint's signing secret, as it was shown.
    #[arg(
        long,
        env = "FONDACO_WEBHOOK_SECRET",
        hide_env_values = true,
        required_unless_present = "secret_file"
    )]
    secret: Option<String>,
    /// File with the secret.
    #[arg(long, value_name = "FILE", conflicts_with = "secret")]
    secret_file: Option<PathBuf>,
    /// One header of the delivery; may be repeated.
    #[arg(short = 'H', long = "header", value_name = "NAME: VALUE", value_parser = header)]
    headers: Vec<(String, String)>,
    /// File with headers: one `Name: value` per line, or a JSON object.
    #[arg(long, value_name = "FILE")]
    headers_file: Option<PathBuf>,
    /// File with the raw body; - reads standard input.
    #[arg(long, value_name = "FILE")]
    body_file: PathBuf,
    /// When it was received: unix seconds or RFC 3339 [default: now].
    #[arg(long, value_name = "TIME", value_parser = moment)]
    at: Option<Timestamp>,
}

fn header(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once(':').ok_or("write it as `Name: value`")?;
    Ok((name.trim().to_ascii_lowercase(), value.trim().to_owned()))
}

fn moment(text: &str) -> Result<Timestamp, String> {
    let seconds = text.parse().ok().map(Timestamp::from_seconds);
    seconds
        .or_else(|| Timestamp::parse(text))
        .ok_or_else(|| "write unix seconds or 2026-01-10T08:00:00Z".to_owned())
}

pub(super) fn run(command: &WebhooksCommand, config: &Config) -> Outcome {
    match command {
        WebhooksCommand::Verify(arguments) => verify(arguments, config),
    }
}

fn verify(arguments: &Verify, config: &Config) -> Outcome {
    let body = read(&arguments.body_file)?;
    let secret = match (&arguments.secret, &arguments.secret_file) {
        (Some(secret), _) => secret.clone(),
        // A file ends with a line end, which nobody means.
        (None, Some(file)) => String::from_utf8(read(file)?)?.trim_end_matches(['\r', '\n']).to_owned(),
        (None, None) => return Err("name the secret by --secret or --secret-file".into()),
    };
    let mut headers = arguments.headers.clone();
    if let Some(file) = &arguments.headers_file {
        headers.extend(headers_in(&String::from_utf8(read(file)?)?)?);
    }
    let dialects = Dialects::load(config.dialects.folder.as_deref())?;
    let now = arguments.at.unwrap_or_else(|| Clock::system(0).now());
    let verdicts = verdicts(&dialects, &headers, &secret, &body, now);
    if verdicts.is_empty() {
        return Err(unsigned(&dialects).into());
    }
    let mut is_good = true;
    for (scheme, verdict) in verdicts {
        is_good &= verdict.is_ok();
        say(match verdict {
            Ok(()) => format!("{scheme}: valid"),
            Err(finding) => format!("{scheme}: not valid: {finding}"),
        });
    }
    Ok(if is_good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// What is to be said about each scheme that any of the headers belongs to.
fn verdicts(
    dialects: &Dialects,
    headers: &[(String, String)],
    secret: &str,
    body: &[u8],
    now: Timestamp,
) -> Vec<(String, Result<(), Finding>)> {
    let checked = at(secret, body, now);
    let value = |name: &str| {
        let found = headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    };
    let mut verdicts = Vec::new();
    for dialect in dialects.all() {
        let names = &dialect.webhooks.headers;
        let Some(signature) = names.signature.as_deref().filter(|name| value(name).is_some()) else {
            continue;
        };
        let scheme = match dialect.webhooks.signature {
            SignatureForm::HexWithTimestamp => Scheme::Hex {
                id: value("webhook-id"),
                signature: value(signature),
                timestamp: names.timestamp.as_deref().and_then(value),
            },
            _ => Scheme::TV1 {
                id: value("webhook-id"),
                header: value(signature),
            },
        };
        verdicts.push((signature.to_owned(), examine(&scheme, &checked)));
    }
    let standard = ["webhook-id", "webhook-timestamp", "webhook-signature"];
    if standard.iter().any(|name| value(name).is_some()) {
        let [id, timestamp, signature] = standard.map(value);
        let scheme = Scheme::Standard {
            id,
            timestamp,
            signature,
        };
        verdicts.push(("webhook-signature".to_owned(), examine(&scheme, &checked)));
    }
    verdicts
}

fn unsigned(dialects: &Dialects) -> String {
    let known = dialects
        .all()
        .iter()
        .filter_map(|dialect| dialect.webhooks.headers.signature.clone());
    let known: Vec<String> = known.chain(["webhook-signature".to_owned()]).collect();
    format!(
        "none of the headers is a signature; one of these is needed: {}",
        known.join(", ")
    )
}

/// Headers of a file, in either form.
fn headers_in(text: &str) -> Result<Vec<(String, String)>, Box<dyn Error>> {
    if text.trim_start().starts_with('{') {
        let members: Map<String, Value> = serde_json::from_str(text)?;
        let texts = members.into_iter().filter_map(|(name, value)| Some((name, text_of(&value)?)));
        return Ok(texts.collect());
    }
    // A request line or an empty line is no header and does no harm.
    Ok(text.lines().filter_map(|line| header(line).ok()).collect())
}

/// The value of a header as frameworks print it: a text, a number, or a list of which the first counts.
fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Array(values) => values.first().and_then(text_of),
        _ => None,
    }
}

fn read(path: &Path) -> Result<Vec<u8>, Box<dyn Error>> {
    let mut bytes = Vec::new();
    if path == Path::new("-") {
        std::io::stdin().take(FILE_MAX).read_to_end(&mut bytes)?;
        return Ok(bytes);
    }
    let file = std::fs::File::open(path).map_err(|error| format!("{} cannot be read: {error}", path.display()))?;
    file.take(FILE_MAX).read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::signature;

    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    #[test]
    fn every_dialects_signature_is_found_by_its_header() {
        let dialects = Dialects::load(None).unwrap();
        let (body, now) = (br#"{"id":"evt_1"}"#.as_slice(), Timestamp::from_seconds(1_790_000_000));
        let seconds = "1790000000".to_owned();
        let brand = signature::t_v1(&[SECRET], 1_790_000_000, body);
        let hex = signature::brand_hex(SECRET, 1_790_000_000, body);
        let headers = [
            ("X-Sellf-Signature".to_owned(), brand.clone()),
            ("x-tbc-signature".to_owned(), brand),
            ("X-OCB-Signature".to_owned(), hex.clone()),
            ("X-OCB-Timestamp".to_owned(), seconds),
            ("X-Licentric-Signature".to_owned(), hex),
        ];
        let verdicts = verdicts(&dialects, &headers, SECRET, body, now);
        let of = |name: &str| {
            verdicts
                .iter()
                .find(|(scheme, _)| scheme.eq_ignore_ascii_case(name))
                .unwrap()
                .1
        };
        for name in ["X-Sellf-Signature", "X-TBC-Signature", "X-OCB-Signature"] {
            assert_eq!(of(name), Ok(()), "{name}");
        }
        assert_eq!(
            of("X-Licentric-Signature").unwrap_err().to_string(),
            "the timestamp is missing"
        );
    }

    #[test]
    fn headers_are_read_in_both_forms() {
        let lines = "POST /hook HTTP/1.1\nwebhook-id: evt_1\nX-Sellf-Signature: t=1,v1=ab\n";
        let json = r#"{"webhook-id": "evt_1", "x-sellf-signature": "t=1,v1=ab"}"#;
        assert!(
            headers_in(lines)
                .unwrap()
                .contains(&("x-sellf-signature".to_owned(), "t=1,v1=ab".to_owned()))
        );
        assert_eq!(headers_in(json).unwrap().len(), 2);
        let lists = r#"{"Webhook-Id": ["evt_1"], "Webhook-Timestamp": 1790000000}"#;
        assert_eq!(headers_in(lists).unwrap()[0].1, "evt_1");
        assert_eq!(headers_in(lists).unwrap()[1].1, "1790000000");
    }
}
