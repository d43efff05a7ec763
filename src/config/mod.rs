//! Typed settings, read once, in the order flag, environment, file, default.
//!
//! Owns the table of keys, the data folder with its secrets and lock, and the stored offset of the sandbox clock.
//! Never asked again after the start: what a part needs is handed to it. Read `keys` first.

pub mod clock_offset;
pub mod folder;
pub mod keys;
pub mod layers;
mod lock;
pub mod problem;
mod read;

pub use folder::DataFolder;
pub use layers::Sources;
pub use problem::{Problem, Problems};

use ipnet::IpNet;
use read::Reader;
use secrecy::{ExposeSecret, SecretBox, SecretString};
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};

/// Everything an operator can set.
#[derive(Clone, Debug)]
pub struct Config {
    /// Addresses and threads.
    pub server: Server,
    /// The folder this server owns, as an absolute path.
    pub data: PathBuf,
    /// The database.
    pub database: Database,
    /// Shared limits and invalidation between nodes; unset means one node.
    pub redis_url: Option<SecretString>,
    /// Secrets that were given; what was not is made in the data folder.
    pub secrets: Secrets,
    /// Wire conventions.
    pub dialects: Dialects,
    /// What deliveries may reach.
    pub webhooks: Webhooks,
    /// What only tests and integrators want.
    pub sandbox: Sandbox,
    /// Card payments.
    pub stripe: Stripe,
    /// Files.
    pub storage: Storage,
    /// Secret of the inbound purchase hook; unset means the route answers 401.
    pub inbound_webhook_secret: Option<SecretString>,
    /// Outgoing mail; unset means one file per mail in the data folder.
    pub smtp_url: Option<SecretString>,
    /// Base of the advertising network's API that sales are told to, where a shop wants that.
    pub meta_api_base: String,
    /// Where Turnstile's captchas are checked.
    pub turnstile_verify_url: String,
    /// Where upgrades come from; unset means none.
    pub releases: Option<Releases>,
    /// What is logged, and how.
    pub log: Log,
    /// Remarks on settings that were passed over or look unwise; logged at the start.
    pub warnings: Vec<String>,
}

/// Addresses and threads.
#[derive(Clone, Debug)]
pub struct Server {
    /// Address of the API; port 0 takes a free one.
    pub bind: SocketAddr,
    /// Base of links, without a slash at its end; unset means the address that was bound.
    pub public_url: Option<String>,
    /// Threads that serve requests.
    pub workers: usize,
    /// A listener of its own for the metrics.
    pub metrics_bind: Option<SocketAddr>,
    /// Networks whose forwarded address is believed.
    pub trusted_proxies: Vec<IpNet>,
}

impl Server {
    /// The base of links, given the address that was really bound.
    pub fn public_url(&self, bound: SocketAddr) -> String {
        self.public_url.clone().unwrap_or_else(|| format!("http://{bound}"))
    }

    /// Whether what this address says of a caller is believed.
    pub fn trusts(&self, address: IpAddr) -> bool {
        self.trusted_proxies
            .iter()
            .any(|network| network.contains(&address.to_canonical()))
    }
}

/// The database.
#[derive(Clone, Debug)]
pub struct Database {
    /// `sqlite://path` or `postgres://…`; may hold a password.
    pub url: SecretString,
}

impl Database {
    /// The file, when it is SQLite.
    pub fn sqlite_file(&self) -> Option<PathBuf> {
        let path = self.url.expose_secret().strip_prefix("sqlite:")?;
        let path = path.trim_start_matches("//").split('?').next()?;
        Some(PathBuf::from(path.replace("%3F", "?").replace("%25", "%")))
    }
}

/// Secrets that were given by the operator.
#[derive(Clone, Debug)]
pub struct Secrets {
    /// The operator's own secret.
    pub admin: Option<SecretString>,
    /// What seals values that must be read back.
    pub master_key: Option<MasterKey>,
}

/// 32 bytes that seal what must be read back; wiped when dropped, never shown.
#[derive(Debug)]
pub struct MasterKey(SecretBox<[u8; 32]>);

impl MasterKey {
    /// The bytes; for the sealer only.
    pub fn expose(&self) -> &[u8; 32] {
        self.0.expose_secret()
    }
}

impl Clone for MasterKey {
    fn clone(&self) -> Self {
        Self::from(*self.expose())
    }
}

impl From<[u8; 32]> for MasterKey {
    fn from(bytes: [u8; 32]) -> Self {
        Self(SecretBox::new(Box::new(bytes)))
    }
}

/// Wire conventions.
#[derive(Clone, Debug)]
pub struct Dialects {
    /// For requests that name none.
    pub default: String,
    /// Folder with further dialect files.
    pub folder: Option<PathBuf>,
}

/// What deliveries may reach.
#[derive(Clone, Debug)]
pub struct Webhooks {
    /// Private networks that are allowed all the same.
    pub allow_networks: Vec<IpNet>,
    /// Plain http targets are allowed.
    pub allow_http: bool,
}

/// What only tests and integrators want.
#[derive(Clone, Copy, Debug)]
pub struct Sandbox {
    /// The operator may advance the server's clock.
    pub clock: bool,
}

/// Card payments.
#[derive(Clone, Debug)]
pub struct Stripe {
    /// Fallback for tenants that set none of their own; unset means sandbox payments.
    pub secret_key: Option<SecretString>,
    /// Base of its API, used as `{base}/v1/…`.
    pub api_base: String,
    /// Verifies what it posts to us.
    pub webhook_secret: Option<SecretString>,
}

/// Files.
#[derive(Clone, Debug)]
pub struct Storage {
    /// `file://…` or `s3://…`.
    pub url: String,
    /// Largest upload, in bytes.
    pub upload_max_bytes: u64,
    /// What one tenant may store, in bytes.
    pub tenant_quota_bytes: u64,
}

/// Where upgrades come from.
#[derive(Clone, Debug)]
pub struct Releases {
    /// The feed's URL.
    pub feed: String,
    /// The Ed25519 public key that signs it.
    pub key: [u8; 32],
}

/// What is logged, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Log {
    /// Level or filter, such as `fondaco=debug,warn`.
    pub filter: String,
    /// One object per line instead of text.
    pub json: bool,
}

impl Config {
    /// Reads all sources; every bad setting is reported at once.
    pub fn load(sources: &Sources) -> Result<Self, Problems> {
        let mut reader = Reader::new(layers::lay(sources)?);
        let config = Self::read(&mut reader);
        let (problems, warnings) = reader.finish();
        match problems.is_empty() {
            true => Ok(Self { warnings, ..config }),
            false => Err(Problems(problems)),
        }
    }

    /// Settings made in code, such as for a demonstration or a test: keys and values as in the file, over the defaults.
    pub fn of(settings: &[(&str, &str)]) -> Result<Self, Problems> {
        Self::load(&Sources {
            flags: settings
                .iter()
                .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
                .collect(),
            ..Sources::default()
        })
    }

    fn read(reader: &mut Reader) -> Self {
        let data = reader.required("data", PathBuf::new(), read::folder);
        let database = Database::read(reader, &data);
        let files = format!("file://{}/files", data.display());
        Self {
            server: Server::read(reader),
            database,
            redis_url: reader.optional("redis_url", read::secret_url_of(&["redis", "rediss"])),
            secrets: Secrets::read(reader),
            dialects: Dialects {
                default: reader.required("default_dialect", String::new(), read::dialect_name),
                folder: reader.optional("dialects_dir", read::existing_folder),
            },
            webhooks: Webhooks {
                allow_networks: reader.required("webhooks_allow_networks", Vec::new(), read::networks),
                allow_http: reader.required("webhooks_allow_http", false, read::switch),
            },
            sandbox: Sandbox {
                clock: reader.required("sandbox_clock", false, read::switch),
            },
            stripe: Stripe {
                secret_key: reader.optional("stripe_secret_key", read::secret(1)),
                api_base: reader.required("stripe_api_base", String::new(), read::base_url),
                webhook_secret: reader.optional("stripe_webhook_secret", read::secret(1)),
            },
            storage: Storage {
                url: reader.optional("storage_url", read::url_of(&["file", "s3"])).unwrap_or(files),
                upload_max_bytes: reader.required("upload_max_bytes", 0, read::bytes),
                tenant_quota_bytes: reader.required("tenant_quota_bytes", 0, read::bytes),
            },
            inbound_webhook_secret: reader.optional("inbound_webhook_secret", read::secret(8)),
            smtp_url: reader.optional("smtp_url", read::secret_url_of(&["smtp", "smtps"])),
            meta_api_base: reader.required("meta_api_base", String::new(), read::base_url),
            turnstile_verify_url: reader.required("turnstile_verify_url", String::new(), read::base_url),
            releases: Releases::read(reader),
            log: Log::read(reader),
            warnings: Vec::new(),
            data,
        }
    }
}

impl Server {
    fn read(reader: &mut Reader) -> Self {
        Self {
            bind: reader.required("bind", SocketAddr::from(([127, 0, 0, 1], 0)), read::address),
            public_url: reader.optional("public_url", read::base_url),
            workers: reader.required("workers", 1, read::threads),
            metrics_bind: reader.optional("metrics_bind", read::address),
            trusted_proxies: reader.required("trusted_proxies", Vec::new(), read::networks),
        }
    }
}

impl Database {
    fn read(reader: &mut Reader, data: &Path) -> Self {
        let file = data.join("fondaco.db").display().to_string();
        let usual = format!("sqlite://{}", file.replace('%', "%25").replace('?', "%3F"));
        let url = reader.optional("database_url", |text| {
            let known = ["sqlite:", "postgres://", "postgresql://"];
            match known.iter().any(|scheme| text.starts_with(scheme)) {
                // One connection would not see what another wrote.
                true if text.contains(":memory:") || text.contains("mode=memory") => {
                    Err("a database in memory cannot be shared by connections".to_owned())
                }
                true => Ok(SecretString::from(text)),
                false => Err("the scheme is neither sqlite nor postgres".to_owned()),
            }
        });
        Self {
            url: url.unwrap_or_else(|| SecretString::from(usual)),
        }
    }
}

impl Secrets {
    fn read(reader: &mut Reader) -> Self {
        let admin = reader.optional("admin_secret", read::secret(8));
        if admin.as_ref().is_some_and(|secret| secret.expose_secret().len() < 16) {
            reader.remark("FONDACO_ADMIN_SECRET is short; 32 random bytes are better".to_owned());
        }
        Self {
            admin,
            master_key: reader.optional("master_key", read::master_key),
        }
    }
}

impl Releases {
    fn read(reader: &mut Reader) -> Option<Self> {
        let feed = reader.optional("release_feed", read::url_of(&["http", "https"]));
        let key = reader.optional("release_key", read::key_bytes);
        match (feed, key) {
            (Some(feed), Some(key)) => Some(Self { feed, key }),
            (None, None) => None,
            _ => {
                reader.object(Problem::plain(
                    "FONDACO_RELEASE_FEED, FONDACO_RELEASE_KEY",
                    "only one of the two can be used",
                    "set both or neither: a feed is worth nothing without the key it is signed with",
                ));
                None
            }
        }
    }
}

impl Log {
    fn read(reader: &mut Reader) -> Self {
        Self {
            filter: reader.required("log", String::new(), read::log_filter),
            json: reader.required("log_format", false, |text| match text {
                "text" => Ok(false),
                "json" => Ok(true),
                _ => Err("there is no such format".to_owned()),
            }),
        }
    }
}
