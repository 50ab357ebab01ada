//! The secrets that tests use, and the check that no run of the program lets one out.
//!
//! Every run is checked, so that every test is a test of this: what its manifests and options refer to as `file:` and
//! `env:` is known before it starts, and what a test has in another way it tells with [`keep`]. None of it may stand in what
//! the run writes to its outputs or into files of the workspace, neither as it is nor encoded.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use aho_corasick::{AhoCorasick, MatchKind};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// A shorter one would be found in words of the program.
const SHORTEST: usize = 8;

/// No secret is longer.
const LARGEST: u64 = 1 << 20;

/// No file that a run writes into a test's own folder is longer.
const LARGEST_WRITTEN: u64 = 64 << 20;

/// What is known, each with where it is from.
struct Known {
    secrets: BTreeMap<String, String>,
    /// The files that hold them, which may do so.
    files: BTreeSet<PathBuf>,
    /// Finds all of them in one walk; none since another one is known.
    search: Option<Arc<Search>>,
}

/// Finds secrets in every form.
struct Search {
    forms: AhoCorasick,
    /// Where the secret of each form is from.
    origins: Vec<String>,
}

static KNOWN: Mutex<Known> = Mutex::new(Known { secrets: BTreeMap::new(), files: BTreeSet::new(), search: None });

impl Known {
    fn search(&mut self) -> Arc<Search> {
        if let Some(search) = &self.search {
            return search.clone();
        }
        let of_secret = |(secret, origin): (&String, &String)| {
            let origin = origin.clone();
            forms(secret).into_iter().map(move |form| (form, origin.clone())).collect::<Vec<_>>()
        };
        let (forms, origins): (Vec<String>, Vec<String>) = self.secrets.iter().flat_map(of_secret).unzip();
        // Of those that begin alike the longest one is covered.
        let forms = AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(forms).unwrap();
        self.search.insert(Arc::new(Search { forms, origins })).clone()
    }
}

/// Tells a secret that no run may let out from now on.
pub fn keep(secret: &str, origin: &str) {
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    for secret in parts(secret) {
        if !known.secrets.contains_key(secret) {
            known.secrets.insert(secret.to_owned(), origin.to_owned());
            known.search = None;
        }
    }
}

/// What of a text is secret: of PEM, the keys.
fn parts(text: &str) -> Vec<&str> {
    if !text.contains("-----BEGIN") {
        return Some(text.trim()).filter(|secret| secret.len() >= SHORTEST).into_iter().collect();
    }
    let mut in_key = false;
    let line = |line: &'_ &str| {
        if line.starts_with("-----") {
            in_key = line.starts_with("-----BEGIN") && line.contains("PRIVATE KEY");
        }
        // The last line may be short, and the first one begins alike in all keys of a kind.
        in_key && line.len() >= 64
    };
    let lines: Vec<&str> = text.lines().map(str::trim).filter(line).collect();
    lines.into_iter().skip(1).collect()
}

/// The ways in which a secret may stand in a text.
fn forms(secret: &str) -> BTreeSet<String> {
    let quoted = serde_json::to_string(secret).unwrap();
    let percent = secret.bytes().map(|byte| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    });
    let mut forms =
        BTreeSet::from([secret.to_owned(), quoted[1..quoted.len() - 1].to_owned(), percent.collect::<String>()]);
    // Where it begins in the text that was encoded is not known; what depends on its neighbours is left out.
    for before in 0..3 {
        let encoded = STANDARD.encode([&b"\0\0"[..before], secret.as_bytes()].concat());
        let (start, end) = ([0, 2, 3][before], (before + secret.len()) * 8 / 6);
        forms.insert(encoded[start..end].to_owned());
    }
    forms
}

fn assert_none_in(what: &str, bytes: &[u8]) {
    let search = KNOWN.lock().unwrap_or_else(PoisonError::into_inner).search();
    if let Some(found) = search.forms.find(bytes) {
        let origin = &search.origins[found.pattern().as_usize()];
        let covers = vec!["[HERE]"; search.origins.len()];
        let [what, told] = [what.as_bytes(), bytes].map(|text| search.forms.replace_all_bytes(text, &covers));
        let [what, told] = [&what, &told].map(|text| String::from_utf8_lossy(text));
        panic!("{what} lets out the secret of {origin}:\n{told}");
    }
}

/// A run that is watched.
pub struct Watch {
    what: String,
    /// The test's own folder, where the run is in one.
    folder: Option<PathBuf>,
    before: BTreeMap<PathBuf, Option<SystemTime>>,
}

impl Watch {
    /// To be made before the command starts: it reads what the run is told, and where its secrets are.
    pub fn over(command: &Command) -> Self {
        let root = command.get_current_dir().map(Path::to_owned);
        let said = command.get_args().map(|argument| argument.to_string_lossy().into_owned());
        let mut texts: Vec<String> = said.collect();
        if let Some(root) = &root {
            let manifests = ["busctl.yaml", "clusters", "acls"].iter().flat_map(|place| files(&root.join(place)));
            texts.extend(manifests.filter_map(|file| fs::read_to_string(file).ok()));
        }
        for text in &texts {
            references(text, "env:").for_each(|name| {
                let given =
                    command.get_envs().find(|(given, _)| *given == OsStr::new(name)).and_then(|(_, value)| value);
                let value = given.map(OsStr::to_owned).or_else(|| std::env::var_os(name));
                if let Some(value) = value.as_deref().and_then(OsStr::to_str) {
                    keep(value, &format!("env:{name}"));
                }
            });
            references(text, "file:").for_each(|path| keep_file(&root.clone().unwrap_or_default().join(path)));
        }
        // Others write into folders that are not the test's own, and much.
        let folder = root.filter(|root| root.starts_with(std::env::temp_dir()));
        let before = folder.iter().flat_map(|root| files(root)).map(|file| (file.clone(), changed(&file))).collect();
        Self { what: format!("{command:?}"), folder, before }
    }

    /// Fails where the run has let out a secret: in what it has written to its outputs, or to files of its folder.
    #[track_caller]
    pub fn check(self, outputs: &[&[u8]]) {
        for output in outputs {
            assert_none_in(&self.what, output);
        }
        let written = self.folder.iter().flat_map(|root| files(root)).filter(|file| {
            let is_new = self.before.get(file).is_none_or(|before| *before != changed(file));
            // Where logins are kept tokens are.
            is_new && !file.parent().is_some_and(|folder| folder.ends_with("logins"))
        });
        for file in written {
            let holds = KNOWN.lock().unwrap_or_else(PoisonError::into_inner).files.contains(&file);
            let length = fs::metadata(&file).map_or(0, |found| found.len());
            assert!(length <= LARGEST_WRITTEN, "{}: {} is too large", self.what, file.display());
            if let Some(bytes) = fs::read(&file).ok().filter(|_| !holds) {
                assert_none_in(&format!("{}, into {}", self.what, file.display()), &bytes);
            }
        }
    }
}

fn keep_file(path: &Path) {
    let Ok(found) = fs::metadata(path) else { return };
    if found.is_file() && found.len() <= LARGEST {
        KNOWN.lock().unwrap_or_else(PoisonError::into_inner).files.insert(path.to_owned());
        keep(&fs::read_to_string(path).unwrap_or_default(), &format!("file:{}", path.display()));
    }
}

/// What stands behind this scheme wherever it does in a text.
fn references<'t>(text: &'t str, scheme: &'t str) -> impl Iterator<Item = &'t str> {
    text.match_indices(scheme).map(move |(at, _)| {
        let rest = &text[at + scheme.len()..];
        let end = rest.find(|c: char| c.is_whitespace() || "\"',}]".contains(c)).unwrap_or(rest.len());
        &rest[..end]
    })
}

/// The files below a path, or the file there.
fn files(path: &Path) -> Vec<PathBuf> {
    let Ok(found) = fs::symlink_metadata(path) else { return Vec::new() };
    if found.is_file() {
        return vec![path.to_owned()];
    }
    // What the brokers of a local bus store is theirs, and much.
    if !found.is_dir() || path.ends_with(".git") || path.ends_with("kafka/data") {
        return Vec::new();
    }
    let entries = fs::read_dir(path).into_iter().flatten().flatten();
    entries.flat_map(|entry| files(&entry.path())).collect()
}

fn changed(file: &Path) -> Option<SystemTime> {
    fs::metadata(file).and_then(|found| found.modified()).ok()
}
