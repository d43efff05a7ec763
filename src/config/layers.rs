//! Lays the sources of settings over one another: defaults, then the file, then the environment, then the flags.

use super::keys::{self, KEYS};
use super::problem::{Problem, Problems};
use config::{ConfigError, File, FileFormat, Map, Source, Value, ValueKind};
use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

/// Where the file is looked for when nobody names one.
pub const USUAL_FILE: &str = "config/fondaco.toml";

/// Variables of this program that are not settings of the server.
const NOT_SETTINGS: &[&str] = &["FONDACO_CONFIG", "FONDACO_URL", "FONDACO_OWNER_PASSWORD"];

/// The sources besides the defaults.
#[derive(Default)]
pub struct Sources {
    /// Key and value of each flag.
    pub flags: Vec<(String, String)>,
    /// Variables of the environment, whole; those of other programs are passed over.
    pub environment: Vec<(String, String)>,
    /// The file to read; it must exist.
    pub file: Option<PathBuf>,
}

impl Sources {
    /// What this process was started with: `file` from the flag, else from `FONDACO_CONFIG`, else the usual one if present.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
    pub fn of_process(flags: Vec<(String, String)>, file: Option<PathBuf>) -> Self {
        let environment: Vec<_> = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.to_string_lossy().into_owned())))
            .filter(|(name, value)| name.starts_with("FONDACO_") && !value.is_empty())
            .collect();
        let named = || {
            let (_, path) = environment.iter().find(|(name, _)| name == "FONDACO_CONFIG")?;
            Some(PathBuf::from(path))
        };
        let usual = || Some(PathBuf::from(USUAL_FILE)).filter(|path| path.is_file());
        Self {
            file: file.or_else(named).or_else(usual),
            flags,
            environment,
        }
    }
}

/// One setting with the place it came from.
pub(super) struct Setting {
    pub(super) text: String,
    pub(super) origin: String,
}

/// The winning value of every key that has one, and remarks on what was passed over.
pub(super) struct Layered {
    pub(super) settings: BTreeMap<String, Setting>,
    pub(super) warnings: Vec<String>,
    pub(super) problems: Vec<Problem>,
}

pub(super) fn lay(sources: &Sources) -> Result<Layered, Problems> {
    let mut layered = Layered {
        settings: BTreeMap::new(),
        warnings: Vec::new(),
        problems: Vec::new(),
    };
    let defaults = KEYS.iter().filter_map(|key| Some((key.name, key.default?, "default")));
    let mut builder = config::Config::builder().add_source(Layer::new(defaults));
    if let Some(path) = &sources.file {
        builder = builder.add_source(File::from(path.as_path()).format(FileFormat::Toml));
    }
    let environment = from_environment(sources, &mut layered.warnings);
    let environment = environment
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str(), "environment"));
    let flags = sources
        .flags
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str(), "flag"));
    let built = builder
        .add_source(Layer::new(environment))
        .add_source(Layer::new(flags))
        .build();
    let values = built
        .and_then(|all| all.collect())
        .map_err(|error| unreadable(sources.file.as_deref(), &error))?;
    for (name, value) in values {
        layered.take(name, value);
    }
    Ok(layered)
}

impl Layered {
    fn take(&mut self, name: String, value: Value) {
        let origin = value.origin().unwrap_or("flag").to_owned();
        if keys::find(&name).is_none() {
            let remedy = match keys::nearest(&name) {
                Some(near) => format!("did you mean {near}?"),
                None => "see config/fondaco.toml for every key".to_owned(),
            };
            self.problems.push(Problem::plain(
                format!("{name} ({origin})"),
                "there is no such setting",
                remedy,
            ));
            return;
        }
        match text_of(value) {
            Some(text) => {
                self.settings.insert(name, Setting { text, origin });
            }
            None => self.problems.push(Problem::plain(
                format!("{name} ({origin})"),
                "the value is a table",
                "write one value or a list of values",
            )),
        }
    }
}

/// Settings by their names in the environment; a variable of ours that is no setting is remarked upon, not refused,
/// because the environment belongs to everybody.
fn from_environment(sources: &Sources, warnings: &mut Vec<String>) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for (variable, value) in &sources.environment {
        let Some(name) = variable.strip_prefix("FONDACO_") else {
            continue;
        };
        let name = name.to_ascii_lowercase();
        if value.is_empty() || NOT_SETTINGS.contains(&variable.as_str()) {
            continue;
        }
        match keys::find(&name) {
            Some(_) => found.push((name, value.clone())),
            None => warnings.push(format!("{variable} is not a setting of this server and is passed over")),
        }
    }
    found
}

/// A value as the text it would be in the environment; lists are joined by commas, tables are none.
fn text_of(value: Value) -> Option<String> {
    match value.kind {
        ValueKind::Table(_) => None,
        ValueKind::Array(items) => items
            .into_iter()
            .map(text_of)
            .collect::<Option<Vec<_>>>()
            .map(|all| all.join(",")),
        kind => Some(kind.to_string()),
    }
}

fn unreadable(file: Option<&Path>, error: &ConfigError) -> Problems {
    let name = file.map_or_else(|| "settings".to_owned(), |path| path.display().to_string());
    Problem::plain(
        name,
        format!("cannot be read: {error}"),
        "name a TOML file with --config or FONDACO_CONFIG",
    )
    .into()
}

/// A flat source whose values know where they come from.
#[derive(Clone)]
struct Layer(Vec<(String, String, String)>);

impl Layer {
    fn new<'a>(rows: impl Iterator<Item = (&'a str, &'a str, &'a str)>) -> Self {
        Self(rows.map(|(a, b, c)| (a.to_owned(), b.to_owned(), c.to_owned())).collect())
    }
}

impl fmt::Debug for Layer {
    // Values may be secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|(name, ..)| name)).finish()
    }
}

impl Source for Layer {
    fn clone_into_box(&self) -> Box<dyn Source + Send + Sync> {
        Box::new(self.clone())
    }

    fn collect(&self) -> Result<Map<String, Value>, ConfigError> {
        let rows = self.0.iter();
        Ok(rows
            .map(|(name, value, origin)| (name.clone(), Value::new(Some(origin), value.clone())))
            .collect())
    }
}

#[cfg(test)]
mod tests {
    use super::super::Config;
    use super::*;

    fn pairs(rows: &[(&str, &str)]) -> Vec<(String, String)> {
        rows.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect()
    }

    fn file(text: &str) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("fondaco.toml");
        std::fs::write(&path, text).unwrap();
        (folder, path)
    }

    #[test]
    fn a_flag_beats_the_environment_beats_the_file_beats_the_default() {
        let (_folder, path) = file("bind = \"127.0.0.1:1\"\nlog = \"warn\"\nworkers = 3\n");
        let mut sources = Sources {
            file: Some(path),
            ..Sources::default()
        };
        let from_file = Config::load(&sources).unwrap();
        assert_eq!(from_file.server.bind.port(), 1);
        assert_eq!(from_file.server.workers, 3);
        assert_eq!(from_file.dialects.default, "fondaco");
        sources.environment = pairs(&[("FONDACO_BIND", "127.0.0.1:2"), ("FONDACO_LOG", ""), ("HOME", "/root")]);
        let from_environment = Config::load(&sources).unwrap();
        assert_eq!(from_environment.server.bind.port(), 2);
        assert_eq!(from_environment.log.filter, "warn");
        sources.flags = pairs(&[("bind", "127.0.0.1:3")]);
        assert_eq!(Config::load(&sources).unwrap().server.bind.port(), 3);
    }

    #[test]
    fn all_bad_settings_are_reported_together_with_value_place_and_remedy() {
        let (_folder, path) = file("webhooks_allow_http = \"perhaps\"\nbnd = 1\n");
        let sources = Sources {
            flags: pairs(&[("workers", "many")]),
            environment: pairs(&[("FONDACO_BIND", "nowhere"), ("FONDACO_MASTER_KEY", "hunter2")]),
            file: Some(path),
        };
        let told = Config::load(&sources).unwrap_err().to_string();
        for part in [
            "5 settings cannot be used",
            "FONDACO_BIND = \"nowhere\" (environment): ",
            "write an address and a port, such as 127.0.0.1:8080",
            "FONDACO_WORKERS = \"many\" (flag): ",
            "FONDACO_WEBHOOKS_ALLOW_HTTP = \"perhaps\" (",
            "FONDACO_MASTER_KEY = [7 characters, not shown] (environment): ",
            "there is no such setting",
        ] {
            assert!(told.contains(part), "{part} is missing in\n{told}");
        }
        assert!(!told.contains("hunter2"));
    }

    #[test]
    fn a_foreign_variable_is_remarked_upon_and_a_list_may_be_a_list() {
        let (_folder, path) = file("webhooks_allow_networks = [\"127.0.0.0/8\", \"::1\"]\nsandbox_clock = true\n");
        let sources = Sources {
            environment: pairs(&[("FONDACO_BNID", "x"), ("FONDACO_URL", "http://x")]),
            file: Some(path),
            ..Sources::default()
        };
        let config = Config::load(&sources).unwrap();
        assert_eq!(config.webhooks.allow_networks.len(), 2);
        assert!(config.sandbox.clock);
        assert_eq!(config.warnings.len(), 1, "{:?}", config.warnings);
    }

    #[test]
    fn a_file_that_is_missing_or_broken_is_named() {
        let missing = Sources {
            file: Some(PathBuf::from("/nowhere/fondaco.toml")),
            ..Sources::default()
        };
        assert!(
            Config::load(&missing)
                .unwrap_err()
                .to_string()
                .contains("/nowhere/fondaco.toml")
        );
        let (_folder, path) = file("bind = [");
        let broken = Sources {
            file: Some(path),
            ..Sources::default()
        };
        assert!(Config::load(&broken).unwrap_err().to_string().contains("fondaco.toml"));
    }

    #[test]
    fn the_database_is_a_file_in_the_data_folder_unless_told_otherwise() {
        let usual = Config::of(&[("data", "/srv/shop?a%b")]).unwrap();
        assert_eq!(usual.database.sqlite_file(), Some(PathBuf::from("/srv/shop?a%b/fondaco.db")));
        let other = Config::of(&[("database_url", "postgres://localhost/fondaco")]).unwrap();
        assert_eq!(other.database.sqlite_file(), None);
        let refused = Config::of(&[("database_url", "sqlite::memory:")]).unwrap_err().to_string();
        assert!(refused.contains("FONDACO_DATABASE_URL"), "{refused}");
        let refused = Config::of(&[("database_url", "mysql://me:hunter2@db/shop")])
            .unwrap_err()
            .to_string();
        assert!(refused.contains("mysql://***@db/shop"), "{refused}");
    }

    #[test]
    fn a_feed_without_its_key_is_refused() {
        let refused = Config::of(&[("release_feed", "https://example.com/feed.json")]).unwrap_err();
        assert!(refused.to_string().contains("FONDACO_RELEASE_KEY"), "{refused}");
    }
}
