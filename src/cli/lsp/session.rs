use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;
use std::time::{Duration, Instant};

use gen_lsp_types as lsp;

use super::server::Event;
use super::{convert, uri};
use crate::adapters::disk;
use crate::cli::context::today;
use crate::lsp::{Base, Encoding, Finding, Known, file_findings};

/// How long nothing may be typed before all files are checked.
const QUIET: Duration = Duration::from_millis(150);

/// A workspace that an editor works in.
pub struct Session {
    /// Its root.
    pub root: PathBuf,
    /// Its files that are open, by path from the root.
    pub open: BTreeMap<PathBuf, Document>,
    /// What the last check of all files found.
    pub known: Option<Known>,
    /// What it found in files that have changed since.
    bases: HashMap<PathBuf, Base>,
    /// Files whose findings are to be told anew.
    changed: BTreeSet<PathBuf>,
    /// What the editor was told.
    told: BTreeMap<PathBuf, Vec<lsp::Diagnostic>>,
    checker: Sender<Work>,
    is_checking: bool,
    /// When all files are checked again.
    due: Option<Instant>,
    /// Whether files on the disk may have changed.
    is_stale: bool,
}

/// A file that is open.
#[derive(Debug, Clone)]
pub struct Document {
    /// Its address, as the editor writes it.
    pub uri: String,
    /// Its version, as the editor counts.
    pub version: i32,
    /// Its text.
    pub text: Arc<str>,
}

struct Work {
    is_stale: bool,
    open: BTreeMap<PathBuf, Arc<str>>,
}

/// Checks all files again and again, so that the editor never waits for it.
fn check(root: &Path, works: &Receiver<Work>, events: &Sender<Event>) {
    // A pool of its own: what is asked of one file meanwhile must not wait for a thread of it.
    let Ok(pool) = rayon::ThreadPoolBuilder::new().build() else { return };
    let mut files = None;
    for work in works {
        let kept = files.take().filter(|_| !work.is_stale).unwrap_or_else(|| disk::read_workspace(root));
        let mut now = kept.clone();
        files = Some(kept);
        now.texts.extend(work.open.into_iter().map(|(path, text)| {
            let text = disk::within_limit(&path, &text);
            (path, text)
        }));
        let known = pool.install(|| Known::check(now, today()));
        // Nobody hears it where the program ends.
        events.send(Event::Checked(root.to_owned(), Box::new(known))).ok();
    }
}

impl Session {
    /// Opens a workspace; its files are checked at once.
    pub fn new(root: PathBuf, events: Sender<Event>) -> Self {
        let (checker, works) = mpsc::channel();
        let folder = root.clone();
        thread::spawn(move || check(&folder, &works, &events));
        Self {
            root,
            open: BTreeMap::new(),
            known: None,
            bases: HashMap::new(),
            changed: BTreeSet::new(),
            told: BTreeMap::new(),
            checker,
            is_checking: false,
            due: Some(Instant::now()),
            is_stale: true,
        }
    }

    /// The path of one of its files from the root; `None` for what is no file of it that is read.
    pub fn relative(&self, path: &Path) -> Option<PathBuf> {
        let relative = path.strip_prefix(&self.root).map(Path::to_owned).ok().or_else(|| {
            // An editor may know the root by a link.
            let parent = path.parent()?.canonicalize().ok()?;
            Some(parent.strip_prefix(&self.root).ok()?.join(path.file_name()?))
        })?;
        disk::is_workspace_file(&relative, false).then_some(relative)
    }

    /// The address of one of its files.
    pub fn uri(&self, path: &Path) -> String {
        let open = self.open.get(path).map(|document| document.uri.clone());
        open.unwrap_or_else(|| uri::of_path(&self.root.join(path)))
    }

    /// Takes a text that is open, in place of that on the disk.
    pub fn set(&mut self, path: PathBuf, document: Document) {
        self.open.insert(path.clone(), document);
        self.changed.insert(path);
        self.due = Some(Instant::now() + QUIET);
    }

    /// Goes back to what is on the disk.
    pub fn close(&mut self, path: &Path) {
        self.open.remove(path);
        self.files_changed();
    }

    /// Has files read again.
    pub fn files_changed(&mut self) {
        self.is_stale = true;
        self.due = Some(Instant::now() + QUIET);
    }

    /// When it wants to be called.
    pub fn due(&self) -> Option<Instant> {
        self.due.filter(|_| !self.is_checking)
    }

    /// Has all files checked where it is time; `false` where nobody does so any more.
    pub fn check_if_due(&mut self) -> bool {
        if self.due().is_none_or(|due| due > Instant::now()) {
            return true;
        }
        let open = self.open.iter().map(|(path, document)| (path.clone(), document.text.clone())).collect();
        let work = Work { is_stale: std::mem::take(&mut self.is_stale), open };
        self.due = None;
        self.is_checking = true;
        self.checker.send(work).is_ok()
    }

    /// Takes what a check of all files found.
    pub fn checked(&mut self, known: Known) {
        self.is_checking = false;
        self.bases.clear();
        self.changed.extend(self.told.keys().cloned());
        self.changed.extend(known.findings.keys().cloned());
        self.known = Some(known);
    }

    /// Whether there may be something that the editor is to be told.
    pub fn has_news(&self) -> bool {
        self.known.is_some() && !self.changed.is_empty()
    }

    /// What the editor is to be told: of files whose findings are others than it knows.
    pub fn news(&mut self, encoding: Encoding) -> Vec<lsp::PublishDiagnosticsParams> {
        if self.known.is_none() {
            return Vec::new();
        }
        let mut news = Vec::new();
        for path in std::mem::take(&mut self.changed) {
            let (text, findings) = self.findings(&path);
            let diagnostics = convert::diagnostics(self, &text, &findings, encoding);
            let before = self.told.get(&path).map_or(&[][..], Vec::as_slice);
            if before == diagnostics {
                continue;
            }
            let document = self.open.get(&path);
            news.push(lsp::PublishDiagnosticsParams {
                uri: self.uri(&path).into(),
                version: document.map(|document| document.version),
                diagnostics: diagnostics.clone(),
            });
            match diagnostics.is_empty() {
                true => drop(self.told.remove(&path)),
                false => drop(self.told.insert(path, diagnostics)),
            }
        }
        news
    }

    /// The text of a file and what is to be said of it now.
    pub fn findings(&mut self, path: &Path) -> (Arc<str>, Vec<Finding>) {
        let Some(known) = &self.known else { return (Arc::from(""), Vec::new()) };
        let checked = known.text(path).cloned().unwrap_or_else(|| Arc::from(""));
        let open = self.open.get(path).filter(|document| document.text != checked);
        // A file that is too large has its finding and no text.
        let Some(text) =
            open.map(|document| document.text.clone()).filter(|text| disk::within_limit(path, text).is_ok())
        else {
            return (checked, known.findings.get(path).cloned().unwrap_or_default());
        };
        let base = self.bases.entry(path.to_owned()).or_insert_with(|| Base::new(known, path, today()));
        let findings = file_findings(known, base, path, &text, today());
        (text, findings)
    }
}
