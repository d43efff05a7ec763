//! How far the sandbox clock was moved, kept in the data folder so that the server's time never falls back.

use super::Problem;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::Path;

const FILE: &str = "clock-offset";

/// Reads the offset in milliseconds; 0 where none was stored.
pub fn read(folder: &Path) -> Result<i64, Problem> {
    let path = folder.join(FILE);
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
        Err(error) => return Err(unusable(&path, &error.to_string())),
    };
    match text.trim().parse() {
        Ok(offset_ms) if offset_ms >= 0 => Ok(offset_ms),
        _ => Err(unusable(&path, "it holds no whole number of milliseconds")),
    }
}

/// Stores the offset durably: after a crash the file holds the old value or the new one.
pub fn write(folder: &Path, offset_ms: i64) -> io::Result<()> {
    let fresh = folder.join("clock-offset.new");
    let mut file = File::create(&fresh)?;
    writeln!(file, "{offset_ms}")?;
    file.sync_all()?;
    fs::rename(&fresh, folder.join(FILE))?;
    File::open(folder)?.sync_all()
}

fn unusable(path: &Path, reason: &str) -> Problem {
    let remedy = "restore the file, or remove it together with the data it belongs to: time must not run backwards over rows";
    Problem::plain(path.display().to_string(), format!("cannot be used: {reason}"), remedy)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offset_survives_and_nonsense_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(read(folder.path()), Ok(0));
        write(folder.path(), 86_400_000).unwrap();
        write(folder.path(), 172_800_000).unwrap();
        assert_eq!(read(folder.path()), Ok(172_800_000));
        fs::write(folder.path().join(FILE), "soon").unwrap();
        assert!(read(folder.path()).unwrap_err().to_string().contains("clock-offset"));
    }
}
