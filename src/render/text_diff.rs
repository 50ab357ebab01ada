//! What becomes of a text, as `diff -u` shows it and `patch` takes it.

use std::path::Path;

use similar::TextDiff;

use super::plain;
use crate::source::{masked, secrets};

/// The lines of a file that change; `before` is `None` for one that is not there yet. Empty where nothing changes.
pub fn unified(path: &Path, before: Option<&str>, after: &str) -> String {
    let name = path.to_string_lossy();
    let name = plain::line(&name);
    let old = before.map_or_else(|| "/dev/null".to_owned(), |_| format!("a/{name}"));
    let before = before.unwrap_or_default();
    let (before, after) = (masked(before, &secrets(before)), masked(after, &secrets(after)));
    let diff = TextDiff::from_lines(&*before, &*after);
    let text = diff.unified_diff().context_radius(3).header(&old, &format!("b/{name}")).to_string();
    // Returns are the only control characters that a manifest has and that are no news.
    text.split('\n')
        .map(|line| plain::lines(line.strip_suffix('\r').unwrap_or(line)).into_owned())
        .collect::<Vec<_>>()
        .join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_shown_with_lines_around_it() {
        let shown = unified(Path::new("topics/a.yaml"), Some("a\nb\nc\nd\ne\n"), "a\nb\nc\nd\nf\u{1b}[31m\n");
        assert_eq!(shown, "--- a/topics/a.yaml\n+++ b/topics/a.yaml\n@@ -2,4 +2,4 @@\n b\n c\n d\n-e\n+f␛[31m\n");
        assert_eq!(unified(Path::new("a"), None, "x\n"), "--- /dev/null\n+++ b/a\n@@ -0,0 +1 @@\n+x\n");
        assert_eq!(unified(Path::new("a"), Some("x\n"), "x\n"), "");
    }
}
