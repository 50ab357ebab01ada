//! A test file that no `mod` line names is never run, and nobody notices.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// Fails where a source beside this `main.rs` is not one of its modules.
///
/// `main` is its path as `file!()` gives it.
pub fn assert_none_is_forgotten(main: &str) {
    let main = Path::new(env!("CARGO_MANIFEST_DIR")).join(main);
    let text = fs::read_to_string(&main).unwrap();
    let declared: BTreeSet<String> = text
        .lines()
        .filter_map(|line| line.strip_prefix("mod ")?.strip_suffix(';'))
        .map(|name| format!("{name}.rs"))
        .collect();
    let there: BTreeSet<String> = fs::read_dir(main.parent().unwrap())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.ends_with(".rs") && name != "main.rs")
        .collect();
    let forgotten: Vec<_> = there.difference(&declared).collect();
    assert!(forgotten.is_empty(), "no `mod` line in {} names {forgotten:?}", main.display());
}
