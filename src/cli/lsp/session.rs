use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;
use std::time::{Duration, Instant};

use gen_lsp_types as lsp;

use super::guard::guarded;
use super::server::Event;
use super::{convert, uri};
use crate::adapters::disk;
use crate::cli::context::today;
use crate::lsp::{Base, Encoding, Finding, Known, file_findings};
use crate::resources::WorkspaceFiles;

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
    /// Whether the last check of all files came to no end.
    has_failed: bool,
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
fn check(root: &Path, works: &Receiver<Work>, events: &Sender<Event>, known: impl Fn(WorkspaceFiles) -> Known + Sync) {
    // A pool of its own: what is asked of one file meanwhile must not wait for a thread of it.
    let Ok(pool) = rayon::ThreadPoolBuilder::new().build() else { return };
    let mut files = None;
    for work in works {
        let checked = guarded("the check of the workspace", || {
            let kept = files.take().filter(|_| !work.is_stale).unwrap_or_else(|| disk::read_workspace(root));
            let mut now: WorkspaceFiles = kept.clone();
            files = Some(kept);
            now.texts.extend(work.open.into_iter().map(|(path, text)| {
                let text = disk::within_limit(&path, &text);
                (path, text)
            }));
            pool.install(|| known(now))
        });
        let event = match checked {
            Ok(known) => Event::Checked(root.to_owned(), Box::new(known)),
            Err(why) => Event::Failed(root.to_owned(), why),
        };
        // Nobody hears it where the program ends.
        events.send(event).ok();
    }
}

impl Session {
    /// Opens a workspace; its files are checked at once.
    pub fn new(root: PathBuf, events: Sender<Event>) -> Self {
        let (checker, works) = mpsc::channel();
        let folder = root.clone();
        thread::spawn(move || check(&folder, &works, &events, |files| Known::check(files, today())));
        Self {
            root,
            open: BTreeMap::new(),
            known: None,
            bases: HashMap::new(),
            changed: BTreeSet::new(),
            told: BTreeMap::new(),
            checker,
            is_checking: false,
            has_failed: false,
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
        self.has_failed = false;
        self.checker.send(work).is_ok()
    }

    /// Whether what is asked of it is known once its first check is over.
    pub fn is_first_check_open(&self) -> bool {
        self.known.is_none() && !self.has_failed
    }

    /// Goes on with what it knew: a check of all files came to no end. The next change has them checked again.
    pub fn failed(&mut self) {
        self.is_checking = false;
        self.has_failed = true;
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

    /// What the editor is to be told: of files whose findings are others than it knows, and why those of a file are not known.
    pub fn news(&mut self, encoding: Encoding) -> Vec<Result<lsp::PublishDiagnosticsParams, String>> {
        if self.known.is_none() {
            return Vec::new();
        }
        let mut news = Vec::new();
        for path in std::mem::take(&mut self.changed) {
            let checked = guarded("the check of a file", || {
                let (text, findings) = self.findings(&path);
                convert::diagnostics(self, &text, &findings, encoding)
            });
            let diagnostics = match checked {
                Ok(diagnostics) => diagnostics,
                Err(why) => {
                    news.push(Err(why));
                    continue;
                }
            };
            let before = self.told.get(&path).map_or(&[][..], Vec::as_slice);
            if before == diagnostics {
                continue;
            }
            let document = self.open.get(&path);
            news.push(Ok(lsp::PublishDiagnosticsParams {
                uri: self.uri(&path).into(),
                version: document.map(|document| document.version),
                diagnostics: diagnostics.clone(),
            }));
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

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;

    #[test]
    fn a_check_with_a_bug_is_told_and_the_next_one_is_made() {
        let folder = tempfile::tempdir().expect("folder");
        let (sender, works) = mpsc::channel();
        for _ in 0..2 {
            sender.send(Work { is_stale: true, open: BTreeMap::new() }).expect("sent");
        }
        drop(sender);
        let (events, happened) = mpsc::channel();
        let is_first = AtomicBool::new(true);
        check(folder.path(), &works, &events, |files| {
            assert!(!is_first.swap(false, Ordering::Relaxed), "a bug");
            Known::check(files, today())
        });
        let [first, second] = [(); 2].map(|()| happened.recv().expect("it is told"));
        assert!(matches!(first, Event::Failed(root, why) if root == folder.path() && why.contains("report")));
        assert!(matches!(second, Event::Checked(..)));
    }

    #[test]
    fn what_is_asked_waits_no_longer_once_the_first_check_failed() {
        let folder = tempfile::tempdir().expect("folder");
        let (events, _happened) = mpsc::channel();
        let mut session = Session::new(folder.path().to_owned(), events);
        assert!(session.is_first_check_open() && session.check_if_due() && session.due().is_none());
        session.failed();
        assert!(!session.is_first_check_open());
        session.files_changed();
        assert!(session.due().is_some(), "a change has it checked again");
    }
}
