//! Reads the page as GitHub does, as far as headings, links and flows go.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The lines outside of fenced code.
fn prose(page: &str) -> Vec<&str> {
    let mut fenced = false;
    page.lines()
        .filter(|line| {
            let fence = line.starts_with("```");
            fenced ^= fence;
            !fenced && !fence
        })
        .collect()
}

/// The headings as they are shown.
pub fn headings(page: &str) -> Vec<String> {
    let titles = prose(page).into_iter().filter(|line| line.starts_with('#'));
    titles.map(|line| line.trim_start_matches('#').trim().replace('\\', "")).collect()
}

/// The anchors that GitHub makes: lower case, no punctuation, hyphens for spaces, a number where one comes again.
fn anchors(page: &str) -> BTreeSet<String> {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    headings(page)
        .into_iter()
        .map(|title| {
            let lower = title.to_lowercase().replace(' ', "-");
            let slug: String = lower.chars().filter(|c| c.is_alphanumeric() || matches!(c, '-' | '_')).collect();
            let count = seen.entry(slug.clone()).or_default();
            *count += 1;
            if *count == 1 { slug } else { format!("{slug}-{}", *count - 1) }
        })
        .collect()
}

/// Links to headings that are not there, and to files that are not among these (paths from the root).
pub fn broken(page: &str, files: &[PathBuf]) -> Vec<String> {
    let anchors = anchors(page);
    let mut broken = Vec::new();
    for line in prose(page) {
        for (index, _) in line.match_indices("](") {
            let target = line[index + 2..].split(')').next().unwrap_or_default();
            let is_there = match (target.strip_prefix('#'), target.strip_prefix("../")) {
                (Some(anchor), _) => anchors.contains(anchor),
                (None, Some(path)) => files.iter().any(|file| file == Path::new(path)),
                (None, None) => files.iter().any(|file| *file == Path::new("docs").join(target)),
            };
            if !is_there {
                broken.push(target.to_owned());
            }
        }
    }
    broken
}

/// The Mermaid flows.
pub fn flows(page: &str) -> Vec<&str> {
    page.split("```mermaid\n").skip(1).filter_map(|rest| rest.split("```").next()).collect()
}

/// Every line is a node, an arrow between declared nodes or a class.
pub fn check_flow(flow: &str) {
    let mut lines = flow.lines();
    assert_eq!(lines.next(), Some("flowchart LR"));
    let mut nodes = BTreeSet::new();
    for line in lines.map(str::trim) {
        let words: Vec<_> = line.split(' ').collect();
        match words.as_slice() {
            [from, "-->" | "-.->", to] => {
                assert!(nodes.contains(*from) && nodes.contains(*to), "{line}");
            }
            ["classDef", ..] => {}
            _ => {
                let id: String = line.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
                assert!(id.starts_with("s_") || id.starts_with("t_"), "{line}");
                assert_eq!(line.matches('"').count(), 2, "{line}");
                assert!(nodes.insert(id), "declared twice: {line}");
            }
        }
    }
}
