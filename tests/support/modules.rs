//! A test file that no `mod` line names is never run, and nobody notices.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// Fails where a source beside this `main.rs`, or in a folder of one of its modules, is no module.
///
/// `main` is its path as `file!()` gives it.
pub fn assert_none_is_forgotten(main: &str) {
    assert_none_beside(&Path::new(env!("CARGO_MANIFEST_DIR")).join(main));
}

/// The same for a `main.rs` or `mod.rs`.
fn assert_none_beside(root: &Path) {
    let (text, folder) = (fs::read_to_string(root).unwrap(), root.parent().unwrap());
    let declared: BTreeSet<&str> =
        text.lines().filter_map(|line| line.strip_prefix("mod ")?.strip_suffix(';')).collect();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let is_source = path.extension().is_some_and(|extension| extension == "rs");
        let inner = path.join("mod.rs");
        if path == *root || !(is_source || inner.is_file()) {
            continue;
        }
        let name = path.file_stem().unwrap().to_str().unwrap();
        assert!(declared.contains(name), "no `mod` line in {} names {name}", root.display());
        if inner.is_file() {
            assert_none_beside(&inner);
        }
    }
}
