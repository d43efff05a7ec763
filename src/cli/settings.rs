//! Flags that are settings: good with every command, before or after it.

use crate::config::Sources;
use clap::Args;
use std::path::PathBuf;

/// The usual settings by name, all others by `--set`.
#[derive(Debug, Args)]
#[command(next_help_heading = "Settings")]
pub(super) struct SettingFlags {
    /// File to read instead of ./config/fondaco.toml.
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Address of the API [default: 127.0.0.1:8080].
    #[arg(long, global = true, value_name = "ADDRESS")]
    bind: Option<String>,
    /// Folder the server owns [default: ./data].
    #[arg(long, global = true, value_name = "FOLDER")]
    data: Option<String>,
    /// sqlite://… or postgres://… [default: a file in the data folder].
    #[arg(long, global = true, value_name = "URL")]
    database_url: Option<String>,
    /// Base of links [default: http:// and the address].
    #[arg(long, global = true, value_name = "URL")]
    public_url: Option<String>,
    /// Level or filter of the log [default: info].
    #[arg(long, global = true, value_name = "FILTER")]
    log: Option<String>,
    /// text or json [default: text].
    #[arg(long, global = true, value_name = "FORMAT")]
    log_format: Option<String>,
    /// Any other setting of config/fondaco.toml; may be repeated.
    #[arg(long, global = true, value_name = "KEY=VALUE", value_parser = pair)]
    set: Vec<(String, String)>,
}

impl SettingFlags {
    /// These flags over the environment of this process and the file.
    pub(super) fn sources(&self) -> Sources {
        let named = [
            ("bind", &self.bind),
            ("data", &self.data),
            ("database_url", &self.database_url),
            ("public_url", &self.public_url),
            ("log", &self.log),
            ("log_format", &self.log_format),
        ];
        let named = named
            .into_iter()
            .filter_map(|(key, value)| Some((key.to_owned(), value.clone()?)));
        Sources::of_process(self.set.iter().cloned().chain(named).collect(), self.config.clone())
    }
}

fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.trim().to_owned(), value.to_owned())),
        _ => Err("write a key, = and a value, such as sandbox_clock=true".to_owned()),
    }
}
