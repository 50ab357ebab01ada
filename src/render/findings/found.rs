use std::borrow::Cow;

use super::FindingsView;
use super::format::Repository;
use super::lines::{Point, Texts};
use crate::diag::{Diagnostic, Findings, Fingerprints, Label, Waiver};
use crate::policy::rule;
use crate::render::{elided, plain};
use crate::source::without_secrets;

/// Findings for machines: the worst first, since many show only so many; with paths from the repository's root.
#[derive(Debug)]
pub(super) struct Found<'a> {
    view: FindingsView<'a>,
    texts: Texts<'a>,
    repository: &'a Repository,
}

/// A finding with its place.
#[derive(Debug)]
pub(super) struct Entry<'f> {
    pub finding: &'f Diagnostic,
    /// The main place; none where it has none.
    pub spot: Option<Spot<'f>>,
    texts: &'f Texts<'f>,
    repository: &'f Repository,
}

/// A place of a finding.
#[derive(Debug)]
pub(super) struct Spot<'f> {
    /// Counted from the repository's root.
    pub path: String,
    /// Whether the file is one of the workspace, and not of what it is compared with.
    pub is_here: bool,
    /// From where to where; none for a file as a whole.
    pub range: Option<(Point<'f>, Point<'f>)>,
    /// What is to be said of it; may be empty.
    pub text: &'f str,
}

impl<'a> Found<'a> {
    pub fn new(view: FindingsView<'a>, repository: &'a Repository) -> Self {
        Self { view, texts: Texts::new(view.sources), repository }
    }

    /// The findings themselves.
    pub fn findings(&self) -> &'a Findings {
        self.view.findings
    }

    /// A finding with its place.
    pub fn entry<'f>(&'f self, finding: &'f Diagnostic) -> Entry<'f> {
        let (texts, repository) = (&self.texts, self.repository);
        let spot = finding.labels.first().and_then(|label| spot(label, texts, repository)).filter(|spot| spot.is_here);
        Entry { finding, spot, texts, repository }
    }

    /// What is made of each.
    pub fn each<'f, T>(&'f self, make: impl Fn(&Entry<'_>) -> T + 'f) -> impl Iterator<Item = T> + 'f {
        self.findings().worst_first().map(move |(_, finding)| make(&self.entry(&finding)))
    }

    /// The same, with what it is known by.
    pub fn each_known<'f, T>(&'f self, make: impl Fn(&Entry<'_>, String) -> T + 'f) -> impl Iterator<Item = T> + 'f {
        known(self.view).map(move |(finding, fingerprint)| make(&self.entry(&finding), fingerprint))
    }
}

/// The findings, the worst first, each with what it is known by.
pub(super) fn known(view: FindingsView<'_>) -> impl Iterator<Item = (Cow<'_, Diagnostic>, String)> {
    let mut prints = Fingerprints::new(view.sources);
    view.findings.worst_first().map(move |(_, finding)| {
        let print = prints.of(&finding);
        (finding, print)
    })
}

fn spot<'f>(label: &'f Label, texts: &Texts<'f>, repository: &Repository) -> Option<Spot<'f>> {
    let span = label.span;
    let file = texts.file(span.file)?;
    let is_here = file.origin.is_none();
    let path = if is_here { without_secrets(repository.path(&file.path)) } else { file.shown() };
    let range = match span.start == 0 && span.end == 0 {
        true => None,
        false => Some((texts.point(span.file, span.start)?, texts.point(span.file, span.end.max(span.start))?)),
    };
    Some(Spot { path, is_here, range, text: &label.text })
}

impl<'f> Entry<'f> {
    /// The main place, or the file that stands for what has none.
    pub fn spot_or_stand_in(&self) -> Spot<'_> {
        match &self.spot {
            Some(Spot { path, range, text, .. }) => Spot { path: path.clone(), is_here: true, range: *range, text },
            None => {
                let path = self.repository.path(&self.repository.stand_in);
                Spot { path, is_here: true, range: None, text: "" }
            }
        }
    }

    /// The other places that it speaks of, as far as they are in files of the workspace.
    pub fn related(&self) -> impl Iterator<Item = Spot<'f>> {
        self.others().filter(|spot| spot.is_here)
    }

    /// All places that it speaks of but the main one, of what the workspace is compared with too.
    fn others(&self) -> impl Iterator<Item = Spot<'f>> {
        let main = usize::from(self.spot.is_some());
        self.finding.labels.iter().skip(main).filter_map(|label| spot(label, self.texts, self.repository))
    }

    /// Its code and the rule's name.
    pub fn title(&self) -> String {
        let code = self.finding.code;
        rule(code).map_or_else(|| code.to_owned(), |rule| format!("{code} {}", rule.name))
    }

    /// What is wrong, and on which cluster, on one line.
    pub fn sentence(&self) -> String {
        let mut sentence = line(&self.finding.message);
        if let Some(cluster) = &self.finding.cluster {
            sentence.push_str(&format!(" (on cluster `{}`)", plain::line(cluster)));
        }
        sentence
    }

    /// How to mend it.
    pub fn help(&self) -> Option<String> {
        self.finding.help.as_ref().map(|help| format!("help: {}", line(help)))
    }

    /// Everything, a line each: what is wrong, the other places, how to mend it, and what would silence it.
    pub fn lines(&self) -> Vec<String> {
        let mut lines = vec![self.sentence()];
        lines.extend(self.others().map(|spot| match spot.text {
            "" => format!("`{}`", spot.shown()),
            text => format!("`{}`: {}", spot.shown(), line(text)),
        }));
        lines.extend(self.help());
        let waiver = Waiver::of(self.finding);
        lines.extend(waiver.map(|waiver| format!("waiver: {}", plain::line(&waiver.to_string()))));
        lines
    }
}

/// The longest sentence, help or label, in characters. Names in it may be as long as a file, and what many readers cut off
/// behind it, how to mend it, is worth more.
const LONGEST: usize = 1_000;

/// A text of a finding on one line.
pub(super) fn line(text: &str) -> String {
    plain::line(&elided(text, LONGEST)).into_owned()
}

impl Spot<'_> {
    /// The place as people write it.
    pub fn shown(&self) -> String {
        let path = plain::line(&self.path);
        match &self.range {
            Some((start, _)) => format!("{path}:{}:{}", start.line, start.column),
            None => path.into_owned(),
        }
    }

    /// Line of the start; the first for a file as a whole.
    pub fn line(&self) -> usize {
        self.range.map_or(1, |(start, _)| start.line)
    }
}
