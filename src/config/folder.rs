//! The data folder: private, locked, and the home of the secrets that nobody gave.

use super::lock::Lock;
use super::{Config, MasterKey, Problem, read};
use crate::clock::Ids;
use secrecy::{ExposeSecret, SecretString};
use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use uuid::Uuid;

/// Bit of a folder in which everybody may write, such as `/tmp`.
const STICKY: u32 = 0o1000;

/// An opened data folder; while it lives no other server can open it.
#[derive(Debug)]
pub struct DataFolder {
    path: PathBuf,
    admin_secret: SecretString,
    master_key: MasterKey,
    node: Uuid,
    _locks: Vec<Lock>,
}

impl DataFolder {
    /// Makes the folder private, locks it and reads the secrets, making those that nobody gave.
    pub fn open(config: &Config, ids: &Ids) -> Result<Self, Problem> {
        let path = config.data.clone();
        make_private(&path).map_err(|error| Problem::found_later("data", &path.display().to_string(), error))?;
        let locks = lock_all(config)?;
        let admin_secret = match &config.secrets.admin {
            Some(given) => given.clone(),
            None => kept_secret(&admin_secret_file(&path), ids)?,
        };
        let master_key = match &config.secrets.master_key {
            Some(given) => given.clone(),
            None => kept_master_key(&path.join("master-key"), ids)?,
        };
        let node = kept_node(&path.join("node-id"), ids)?;
        Ok(Self {
            path,
            admin_secret,
            master_key,
            node,
            _locks: locks,
        })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The operator's secret.
    pub fn admin_secret(&self) -> &SecretString {
        &self.admin_secret
    }

    /// Which data folder this is, for ever: leases name it.
    pub fn node(&self) -> Uuid {
        self.node
    }

    /// What seals values that must be read back.
    pub fn master_key(&self) -> &MasterKey {
        &self.master_key
    }
}

/// Where the operator's secret lies unless it was given.
pub fn admin_secret_file(data: &Path) -> PathBuf {
    data.join("admin-secret")
}

/// The operator's secret for a client of a running server; makes nothing.
pub fn find_admin_secret(config: &Config) -> Result<SecretString, Problem> {
    if let Some(given) = &config.secrets.admin {
        return Ok(given.clone());
    }
    let file = admin_secret_file(&config.data);
    let text = fs::read_to_string(&file).map_err(|error| {
        let remedy = "set FONDACO_ADMIN_SECRET, or name the server's folder with --data or FONDACO_DATA";
        Problem::plain(file.display().to_string(), format!("cannot be read: {error}"), remedy)
    })?;
    Ok(SecretString::from(text.trim()))
}

fn make_private(path: &Path) -> Result<(), String> {
    let told = |error: io::Error| error.to_string();
    DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(told)?;
    let mode = fs::metadata(path).map_err(told)?.mode();
    if mode & STICKY != 0 {
        return Err("this folder is shared by everybody; name one inside it".to_owned());
    }
    match mode & 0o077 {
        0 => Ok(()),
        _ => fs::set_permissions(path, Permissions::from_mode(0o700)).map_err(told),
    }
}

/// Nodes on PostgreSQL may share a folder; a SQLite file and its folder belong to one server.
fn lock_all(config: &Config) -> Result<Vec<Lock>, Problem> {
    let Some(file) = config.database.sqlite_file() else {
        return Ok(Vec::new());
    };
    let mut locks = vec![Lock::take(&config.data.join("lock"), &config.data)?];
    if std::path::absolute(&file).ok().as_deref().and_then(Path::parent) != Some(config.data.as_path()) {
        let mut beside = file.clone().into_os_string();
        beside.push(".lock");
        locks.push(Lock::take(Path::new(&beside), &file)?);
    }
    Ok(locks)
}

fn kept_node(file: &Path, ids: &Ids) -> Result<Uuid, Problem> {
    let text = kept_secret(file, ids)?;
    let bytes = hex::decode(text.expose_secret())
        .ok()
        .and_then(|bytes| Uuid::from_slice(bytes.get(..16)?).ok());
    bytes.ok_or_else(|| {
        Problem::plain(
            file.display().to_string(),
            "it holds no node id",
            "remove it to have a new one made",
        )
    })
}

fn kept_master_key(file: &Path, ids: &Ids) -> Result<MasterKey, Problem> {
    let text = kept_secret(file, ids)?;
    read::master_key(text.expose_secret()).map_err(|reason| {
        let remedy = "restore it from a backup; without it, sealed secrets cannot be read again";
        Problem::plain(file.display().to_string(), reason, remedy)
    })
}

/// What the file holds; 32 random bytes in hex are put there first if it does not exist.
fn kept_secret(file: &Path, ids: &Ids) -> Result<SecretString, Problem> {
    let trouble = |error: io::Error| Problem::plain(file.display().to_string(), error.to_string(), "see to its permissions");
    if !file.exists() {
        make_secret(file, &hex::encode(ids.bytes::<32>())).map_err(trouble)?;
    }
    let text = fs::read_to_string(file).map_err(trouble)?;
    match text.trim() {
        "" => Err(Problem::plain(
            file.display().to_string(),
            "the file is empty",
            "restore it from a backup, or remove it to have a new one made",
        )),
        secret => Ok(SecretString::from(secret)),
    }
}

/// Puts the whole secret there at once or not at all, and never over an existing one: two nodes may start together.
fn make_secret(file: &Path, secret: &str) -> io::Result<()> {
    let fresh = file.with_extension(format!("new-{}", std::process::id()));
    let mut options = OpenOptions::new();
    let mut written = options.write(true).create(true).truncate(true).mode(0o600).open(&fresh)?;
    written.write_all(secret.as_bytes())?;
    written.write_all(b"\n")?;
    written.sync_all()?;
    let linked = match fs::hard_link(&fresh, file) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        other => other,
    };
    fs::remove_file(&fresh)?;
    linked?;
    file.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(folder: &Path) -> Config {
        Config::of(&[("data", &folder.display().to_string())]).unwrap()
    }

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().mode() & 0o777
    }

    #[test]
    fn secrets_are_made_once_and_kept_private() {
        let parent = tempfile::tempdir().unwrap();
        let config = config(&parent.path().join("data"));
        let first = DataFolder::open(&config, &Ids::default()).unwrap();
        let secret = first.admin_secret().expose_secret().to_owned();
        let key = *first.master_key().expose();
        assert_eq!(secret.len(), 64);
        assert_eq!(mode(first.path()), 0o700);
        assert_eq!(mode(&admin_secret_file(first.path())), 0o600);
        assert_eq!(mode(&first.path().join("master-key")), 0o600);
        drop(first);
        let second = DataFolder::open(&config, &Ids::default()).unwrap();
        assert_eq!(second.admin_secret().expose_secret(), secret);
        assert_eq!(second.master_key().expose(), &key);
        assert_eq!(find_admin_secret(&config).unwrap().expose_secret(), secret);
    }

    #[test]
    fn a_second_server_is_refused_and_told_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        let config = config(folder.path());
        let first = DataFolder::open(&config, &Ids::default()).unwrap();
        let refused = DataFolder::open(&config, &Ids::default()).unwrap_err().to_string();
        assert!(refused.contains(&folder.path().display().to_string()), "{refused}");
        assert!(refused.contains("in use by another server"), "{refused}");
        drop(first);
        assert!(DataFolder::open(&config, &Ids::default()).is_ok());
    }

    #[test]
    fn two_folders_cannot_share_one_sqlite_file() {
        let parent = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}/shared.db", parent.path().display());
        let open = |name: &str| {
            let data = parent.path().join(name).display().to_string();
            DataFolder::open(
                &Config::of(&[("data", &data), ("database_url", &url)]).unwrap(),
                &Ids::default(),
            )
        };
        let first = open("a");
        assert!(first.is_ok());
        assert!(open("b").unwrap_err().to_string().contains("shared.db"));
    }

    #[test]
    fn a_folder_open_to_all_is_made_private_and_a_shared_one_refused() {
        let folder = tempfile::tempdir().unwrap();
        fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
        DataFolder::open(&config(folder.path()), &Ids::default()).unwrap();
        assert_eq!(mode(folder.path()), 0o700);
        fs::set_permissions(folder.path(), Permissions::from_mode(0o1777)).unwrap();
        let refused = DataFolder::open(&config(folder.path()), &Ids::default()).unwrap_err();
        assert!(refused.to_string().contains("FONDACO_DATA"), "{refused}");
    }

    #[test]
    fn a_given_secret_is_not_written_down() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().display().to_string();
        let config = Config::of(&[("data", &data), ("admin_secret", "a-secret-of-mine")]).unwrap();
        let opened = DataFolder::open(&config, &Ids::default()).unwrap();
        assert_eq!(opened.admin_secret().expose_secret(), "a-secret-of-mine");
        assert!(!admin_secret_file(folder.path()).exists());
    }
}
