//! Where files go.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use crate::resources::{Workspace, fingerprint};

/// The longest name of a file without its extension: file systems take 255 bytes, and a file is first written under a name
/// that is a little longer.
const LONGEST: usize = 200;

/// Paths that are taken. Two that differ in capitals alone are one file on some systems.
#[derive(Debug, Default)]
pub struct Paths(HashSet<String>);

impl Paths {
    /// Those of a workspace.
    pub fn of(workspace: &Workspace) -> Self {
        let texts = workspace.sources.iter().filter_map(|(_, file)| file.path.to_str());
        Self(texts.map(str::to_lowercase).collect())
    }

    /// Takes a path, or answers that somebody has it.
    pub fn take(&mut self, path: &Path) -> bool {
        self.0.insert(path.to_string_lossy().to_lowercase())
    }

    /// Takes a path in a folder that is called after something, with a number where that is taken.
    pub fn free(&mut self, folder: &str, name: &str, extension: &str) -> PathBuf {
        let stem = stem(name);
        let mut number = 1;
        loop {
            let end = if number == 1 { String::new() } else { format!("-{number}") };
            let path = PathBuf::from(format!("{folder}/{stem}{end}.{extension}"));
            if self.take(&path) {
                return path;
            }
            number += 1;
        }
    }
}

/// A name as that of a file: without what file systems do not take, and not hidden.
pub fn stem(name: &str) -> String {
    let is_fit = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '=' | '+');
    let mut stem: String = name.chars().map(|c| if is_fit(c) { c } else { '_' }).collect();
    if stem.is_empty() || stem.starts_with('.') {
        stem.insert(0, '_');
    }
    if stem.len() > LONGEST {
        let cut = stem.floor_char_boundary(LONGEST - 20);
        // Two long names may begin alike.
        stem = format!("{}-{}", &stem[..cut], &fingerprint([name])[..16]);
    }
    stem
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_files_are_fit_and_each_is_one() {
        assert_eq!(stem("orders.v1"), "orders.v1");
        assert_eq!(stem(".hidden"), "_.hidden");
        assert_eq!(stem("com/acme:Order"), "com_acme_Order");
        let long = ["a", "b"].map(|end| stem(&("x".repeat(248) + end)));
        assert!(long[0] != long[1] && long[0].len() <= LONGEST, "{long:?}");
        let mut paths = Paths::default();
        let taken = ["a", "A", "a"].map(|name| paths.free("topics", name, "yaml").display().to_string());
        assert_eq!(taken, ["topics/a.yaml", "topics/A-2.yaml", "topics/a-3.yaml"]);
    }
}
