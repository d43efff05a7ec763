//! The two ways out: a mail server, or a folder with one file per mail for those who have none.

use crate::config::Config;
use crate::domain::Timestamp;
use lettre::address::AddressError;
use lettre::message::header::{ContentTransferEncoding, ContentType, Date};
use lettre::message::{Body, Mailbox, SinglePart};
use lettre::transport::smtp::Error as SmtpError;
use lettre::{Address, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use secrecy::ExposeSecret;
use std::fmt;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};
use url::{Host, Url};
use uuid::Uuid;

/// Longest a sending may take, from the connect to the server's last word.
const DEADLINE: Duration = Duration::from_secs(30);

/// Longest line that may go unencoded, in bytes (RFC 5322 §2.1.1).
const LINE_MAX: usize = 998;

/// One mail, its body opened.
#[derive(Clone, Copy)]
pub struct Outgoing<'a> {
    /// The row's id: names the file and the message.
    pub id: Uuid,
    /// Address.
    pub recipient: &'a str,
    /// One line.
    pub subject: &'a str,
    /// Plain text.
    pub body: &'a str,
    /// When it was asked for.
    pub written_at: Timestamp,
}

/// Why a mail did not go out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Trying again cannot help.
    pub is_final: bool,
    /// For the log; never an address.
    pub reason: String,
}

impl Failure {
    /// May pass.
    pub fn passing(reason: impl Into<String>) -> Self {
        Self {
            is_final: false,
            reason: reason.into(),
        }
    }

    /// Never passes.
    pub fn for_good(reason: impl Into<String>) -> Self {
        Self {
            is_final: true,
            reason: reason.into(),
        }
    }
}

/// Sends mails from this server's address.
pub struct Post {
    from: Mailbox,
    /// What stands behind the @ of message ids.
    host: String,
    way: Way,
}

enum Way {
    Folder(PathBuf),
    Smtp(AsyncSmtpTransport<Tokio1Executor>),
}

impl fmt::Debug for Post {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let way = match &self.way {
            Way::Folder(_) => "folder",
            Way::Smtp(_) => "smtp",
        };
        f.debug_struct("Post").field("way", &way).finish_non_exhaustive()
    }
}

impl Post {
    /// Takes the mail server of the settings, or `<data>/outbox/` where there is none.
    ///
    /// # Errors
    /// Says what is wrong with the setting.
    pub fn new(config: &Config, public_url: &str) -> Result<Self, String> {
        let way = match &config.smtp_url {
            None => Way::Folder(config.data.join("outbox")),
            Some(url) => {
                let builder = AsyncSmtpTransport::<Tokio1Executor>::from_url(url.expose_secret());
                let builder = builder.map_err(|error| format!("FONDACO_SMTP_URL cannot be used: {error}"))?;
                Way::Smtp(builder.timeout(Some(DEADLINE)).build())
            }
        };
        Self::over(way, public_url)
    }

    /// Writes mails into a folder, one file each.
    ///
    /// # Errors
    /// None in practice: this server's own address can always be written.
    pub fn into_folder(folder: PathBuf, public_url: &str) -> Result<Self, String> {
        Self::over(Way::Folder(folder), public_url)
    }

    fn over(way: Way, public_url: &str) -> Result<Self, String> {
        let host = host_of(public_url);
        let address = Address::new("no-reply", &host).or_else(|_| Address::new("no-reply", "localhost"));
        let address = address.map_err(|error: AddressError| error.to_string())?;
        Ok(Self {
            from: Mailbox::new(Some("Fondaco".to_owned()), address),
            host,
            way,
        })
    }

    /// Sends one mail.
    ///
    /// # Errors
    /// Says why it did not go out and whether it ever can.
    pub async fn send(&self, mail: &Outgoing<'_>) -> Result<(), Failure> {
        let message = self.message(mail)?;
        match &self.way {
            Way::Folder(folder) => {
                let (folder, bytes) = (folder.clone(), message.formatted());
                let name = format!("{:013}-{}.eml", mail.written_at.0, mail.id);
                let written = tokio::task::spawn_blocking(move || write(&folder, &name, &bytes)).await;
                match written {
                    Ok(Ok(())) => Ok(()),
                    Ok(Err(error)) => Err(Failure::passing(format!("the outbox cannot be written: {error}"))),
                    Err(_) => Err(Failure::passing("writing the file died")),
                }
            }
            Way::Smtp(server) => match tokio::time::timeout(DEADLINE, server.send(message)).await {
                Ok(Ok(_)) => Ok(()),
                Ok(Err(error)) => Err(Failure::passing(reason(&error))),
                Err(_) => Err(Failure::passing("the mail server took too long")),
            },
        }
    }

    fn message(&self, mail: &Outgoing<'_>) -> Result<Message, Failure> {
        let unusable = |what: &str| Failure::for_good(format!("{what} is unusable"));
        let to: Address = mail.recipient.parse().map_err(|_| unusable("the address"))?;
        let written_at = UNIX_EPOCH + Duration::from_secs(u64::try_from(mail.written_at.seconds()).unwrap_or(0));
        let builder = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(mail.subject)
            .header(Date::new(written_at))
            .message_id(Some(format!("<{}@{}>", mail.id, self.host)));
        let part = SinglePart::builder()
            .header(ContentType::TEXT_PLAIN)
            .body(self.encoded(mail.body));
        builder.singlepart(part).map_err(|_| unusable("the message"))
    }

    /// As readable as the way allows: links and tokens stay whole in files and in all mails that are plain ASCII.
    fn encoded(&self, body: &str) -> Body {
        let encoding = match (body.is_ascii(), &self.way) {
            _ if body.contains('\0') || body.lines().any(|line| line.len() > LINE_MAX) => None,
            (true, _) => Some(ContentTransferEncoding::SevenBit),
            (false, Way::Folder(_)) => Some(ContentTransferEncoding::EightBit),
            (false, Way::Smtp(_)) => None,
        };
        match encoding {
            Some(encoding) => {
                let lines: String = body.lines().flat_map(|line| [line, "\r\n"]).collect();
                Body::dangerous_pre_encoded(lines.into_bytes(), encoding)
            }
            None => Body::new(body.to_owned()),
        }
    }
}

fn host_of(public_url: &str) -> String {
    let url = Url::parse(public_url).ok();
    match url.as_ref().and_then(Url::host) {
        Some(Host::Domain(name)) => name.to_owned(),
        Some(Host::Ipv4(address)) => address.to_string(),
        Some(Host::Ipv6(_)) | None => "localhost".to_owned(),
    }
}

/// The class of an error; its text may repeat the address.
fn reason(error: &SmtpError) -> String {
    match error.status() {
        Some(code) => format!("the mail server answered {code}"),
        None if error.is_timeout() => "the mail server took too long".to_owned(),
        None if error.is_tls() => "no trusted connection to the mail server".to_owned(),
        None if error.is_client() => "the mail server lacks what this mail needs".to_owned(),
        None => "the mail server cannot be reached".to_owned(),
    }
}

/// Writes the file whole or not at all; for the owner of the data folder only.
fn write(folder: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let unfinished = folder.join(format!(".{name}.part"));
    let mut options = OpenOptions::new();
    let mut file = options
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&unfinished)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&unfinished, folder.join(name))?;
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outgoing<'a>(recipient: &'a str, body: &'a str) -> Outgoing<'a> {
        Outgoing {
            id: Uuid::from_u128(7),
            recipient,
            subject: "Grüße",
            body,
            written_at: Timestamp(1_768_032_000_123),
        }
    }

    #[tokio::test]
    async fn a_mail_becomes_one_whole_file_however_often_it_is_sent() {
        let folder = tempfile::tempdir().unwrap();
        let outbox = folder.path().join("outbox");
        let post = Post::over(Way::Folder(outbox.clone()), "https://shop.example").unwrap();
        let body = format!(
            "Schön:\n\nhttps://shop.example/auth/verify?token=fot_{0}\n\nfot_{0}\n",
            "ab".repeat(32)
        );
        for _ in 0..2 {
            post.send(&outgoing("ada@b.example", &body)).await.unwrap();
        }
        let names: Vec<_> = fs::read_dir(&outbox)
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        assert_eq!(names, ["1768032000123-00000000-0000-0000-0000-000000000007.eml"]);
        let text = fs::read_to_string(outbox.join(&names[0])).unwrap();
        assert!(text.contains("From: Fondaco <no-reply@shop.example>"), "{text}");
        assert!(
            text.contains("To: ada@b.example") && text.contains("Date: Sat, 10 Jan 2026 08:00:00"),
            "{text}"
        );
        assert!(text.contains(&format!("\r\nfot_{}\r\n", "ab".repeat(32))), "{text}");
    }

    #[tokio::test]
    async fn an_address_that_is_none_is_never_tried_again() {
        let post = Post::over(Way::Folder(PathBuf::from("unused")), "http://127.0.0.1:8080").unwrap();
        assert_eq!(post.from.to_string(), "Fondaco <no-reply@127.0.0.1>");
        let refused = post.send(&outgoing("a@b\r\nBcc: c@d.example", "x")).await.unwrap_err();
        assert!(refused.is_final);
    }
}
