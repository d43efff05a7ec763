//! Reads the repository as text: its files, and the paths that Rust code refers to.

use std::fs;
use std::path::{Path, PathBuf};

/// Fails with all that breaks a rule, a line each.
pub(crate) fn report(broken: Vec<String>) {
    assert!(broken.is_empty(), "\n{}\n", broken.join("\n"));
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

pub(crate) fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_default()
}

pub(crate) fn presets() -> Vec<String> {
    let files = fs::read_dir(root().join("config/dialects")).into_iter().flatten().flatten();
    let names = files.filter_map(|entry| entry.file_name().into_string().ok());
    let mut names: Vec<_> = names
        .filter_map(|name| Some(name.strip_suffix(".toml")?.to_owned()))
        .collect();
    names.sort();
    names
}

/// One Rust file.
pub(crate) struct Source {
    pub(crate) path: String,
    pub(crate) text: String,
}

pub(crate) fn rust_files() -> Vec<Source> {
    let all = text_files().into_iter().filter(|(path, _)| path.ends_with(".rs"));
    all.map(|(path, text)| Source { path, text }).collect()
}

/// Every text file of the repository with its path, but for what is generated and what only serves the checks.
pub(crate) fn text_files() -> Vec<(String, String)> {
    let left_out = [".git", "target", "data", ".ci", "Cargo.lock"].map(|name| root().join(name));
    let mut found = Vec::new();
    let mut open: Vec<PathBuf> = vec![root().to_owned()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            match path.is_dir() {
                _ if left_out.contains(&path) => {}
                true => open.push(path),
                false => {
                    let name = path.strip_prefix(root()).unwrap_or(&path).display().to_string();
                    found.extend(fs::read_to_string(&path).ok().map(|text| (name, text)));
                }
            }
        }
    }
    found.sort();
    found
}

impl Source {
    /// Every path the code refers to, with its line; `use` trees are spread out, comments are passed over, and so is
    /// what stands below `#[cfg(test)]`.
    pub(crate) fn references(&self) -> Vec<(usize, String)> {
        let mut found = Vec::new();
        let mut tree: Option<(usize, String)> = None;
        for (number, line) in self.text.lines().enumerate().map(|(index, line)| (index + 1, line.trim())) {
            if line == "#[cfg(test)]" {
                break;
            }
            let code = line.split("//").next().unwrap_or_default();
            let begins = ["use ", "pub use ", "pub(crate) use ", "pub(super) use "];
            let start = begins.iter().find_map(|begin| code.strip_prefix(begin));
            tree = match (tree, start) {
                (Some((from, text)), _) => Some((from, text + code)),
                (None, Some(rest)) => Some((number, rest.to_owned())),
                (None, None) => {
                    found.extend(paths_in(code).map(|path| (number, path)));
                    None
                }
            };
            if let Some((from, text)) = tree.take_if(|(_, text)| text.ends_with(';')) {
                spread("", text.trim_end_matches(';'), &mut |path| found.push((from, path)));
            }
        }
        found
    }
}

/// Names joined by `::` in a line of code.
fn paths_in(code: &str) -> impl Iterator<Item = String> {
    let words = code.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':'));
    words
        .filter(|word| word.contains("::"))
        .map(|word| word.trim_end_matches(':').to_owned())
}

/// Spreads `a::{b, c::{d}}` out into `a::b` and `a::c::d`.
fn spread(prefix: &str, tree: &str, found: &mut dyn FnMut(String)) {
    let (mut depth, mut begin) = (0_i32, 0);
    for (at, c) in tree.char_indices().chain([(tree.len(), ',')]) {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                let one = tree[begin..at].trim();
                begin = (at + 1).min(tree.len());
                match one.split_once('{') {
                    Some((head, rest)) => spread(
                        &format!("{prefix}{}", head.trim()),
                        rest.strip_suffix('}').unwrap_or(rest),
                        found,
                    ),
                    None if one.is_empty() => {}
                    None => found(format!("{prefix}{}", one.split(" as ").next().unwrap_or(one).trim())),
                }
            }
            _ => {}
        }
    }
}

#[test]
fn the_reader_of_imports_reads_trees() {
    let text = "use crate::{store::{Store, tx as t}, domain};\nuse a::{b::{c, d}};\nlet x = actix::spawn(sea_orm::Set(1)); // tokio::x\n";
    let source = Source {
        path: String::new(),
        text: text.to_owned(),
    };
    let paths: Vec<_> = source.references().into_iter().map(|(_, path)| path).collect();
    let trees = [
        "crate::store::Store",
        "crate::store::tx",
        "crate::domain",
        "a::b::c",
        "a::b::d",
    ];
    assert_eq!(paths, [trees.as_slice(), &["actix::spawn", "sea_orm::Set"]].concat());
}
