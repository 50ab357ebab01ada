//! What a comparison of two versions of a schema found, as findings: who cannot read whose records, and where it stands
//! in both files.

use std::ops::Range;

use crate::diag::Diagnostic;
use crate::schema::{Direction, InReference, Incompatibility, Lack, SchemaError};
use crate::source::{FileId, Span};

/// The files of two versions.
#[derive(Debug, Clone, Copy)]
pub struct Pair {
    /// The new version's.
    pub new: FileId,
    /// The earlier version's.
    pub old: FileId,
}

/// The files of what a version refers to, by the names that it has for them.
pub type ReferredFiles<'f> = &'f [(&'f str, FileId)];

/// Who cannot read whose records, where `new` and `old` are the names of the versions.
pub fn cannot_read(direction: Direction, new: &str, old: &str) -> String {
    let (reader, writer) = match direction {
        Direction::Backward => (new, old),
        Direction::Forward => (old, new),
    };
    format!("a consumer on {reader} cannot read records of {writer}")
}

/// The way out of an incompatibility. `earlier` is the version that is there already; `major` is the command for a new major
/// version of the topic, where there is one; `other` is what goes in any case.
pub fn way_out(
    direction: Direction,
    help: Option<&str>,
    earlier: &str,
    (major, other): (Option<&str>, &str),
) -> String {
    match (direction, help, major) {
        // Some kinds have no other way out.
        (Direction::Backward, Some(help), Some(major)) if help.contains("version of the topic") => {
            format!("{help} ({major})")
        }
        (Direction::Backward, Some(help), None) if help.contains("version of the topic") => help.to_owned(),
        (Direction::Backward, Some(help), _) => format!("{help}; or {other}"),
        (Direction::Backward, None, _) => format!("keep it as it was, or {other}"),
        (Direction::Forward, help, _) => {
            format!("{earlier} stays as it is: {}; or {other}", help.unwrap_or("keep what it needs to read"))
        }
    }
}

/// Versions by their names, the newest first; of many the newest.
pub fn versions_in_words(newest_first: &[String]) -> String {
    const MOST: usize = 5;
    let shown = if newest_first.len() > MOST { MOST - 1 } else { MOST };
    let mut names: Vec<String> = newest_first.iter().take(shown).cloned().collect();
    if newest_first.len() > MOST {
        names.push(format!("{} earlier ones", newest_first.len() - shown));
    }
    match names.pop() {
        Some(last) if !names.is_empty() => format!("{} and {last}", names.join(", ")),
        Some(last) => last,
        None => String::new(),
    }
}

/// Adds the place of what is wrong with a schema's text to a finding: in the file of a reference where it is there, with the
/// file that refers to it. `referred` are those files, by the names that the schema has for them.
pub fn place_error(finding: Diagnostic, file: FileId, error: &SchemaError, referred: &[(&str, FileId)]) -> Diagnostic {
    let span =
        |file, range: Option<&Range<usize>>| range.map_or(Span::whole(file), |at| Span::new(file, at.start, at.end));
    let Some(name) = &error.reference else { return finding.at(span(file, error.range.as_ref()), "") };
    match referred.iter().find(|(referred, _)| referred == name) {
        Some((_, there)) => finding.at(span(*there, error.range.as_ref()), "").at(Span::whole(file), "refers to it"),
        None => finding.at(Span::whole(file), ""),
    }
}

impl Pair {
    /// Adds the places of an incompatibility to a finding.
    pub fn place(self, finding: Diagnostic, direction: Direction, found: &Incompatibility) -> Diagnostic {
        let (read, written) = match &found.lacks {
            Some(Lack::Reader(lack)) => (lack.as_str(), "written as this"),
            Some(Lack::Writer(lack)) => ("read as this", lack.as_str()),
            None => ("read as this", "written as this"),
        };
        match direction {
            Direction::Backward => self.at(finding, (&found.reader, read), (&found.writer, written)),
            Direction::Forward => self.at(finding, (&found.writer, written), (&found.reader, read)),
        }
    }

    /// The places of an incompatibility in the texts that the new version and the earlier one refer to, with the names that
    /// they have for them. `now` and `once` are the files of these, by the same names.
    pub fn in_references<'f>(
        direction: Direction,
        found: &'f Incompatibility,
        (now, once): (ReferredFiles<'_>, ReferredFiles<'_>),
    ) -> [Option<(&'f str, Span)>; 2] {
        let (new, old) = match direction {
            Direction::Backward => (&found.referred.reader, &found.referred.writer),
            Direction::Forward => (&found.referred.writer, &found.referred.reader),
        };
        let span = |place: &'f Option<InReference>, files: ReferredFiles<'_>| {
            let InReference { name, range } = place.as_ref()?;
            let (_, file) = files.iter().find(|(known, _)| known == name)?;
            Some((name.as_str(), Span::new(*file, range.start, range.end)))
        };
        [span(new, now), span(old, once)]
    }

    /// Adds the places of an incompatibility in the texts that the versions refer to.
    pub fn place_in_references(
        finding: Diagnostic,
        direction: Direction,
        found: &Incompatibility,
        files: (ReferredFiles<'_>, ReferredFiles<'_>),
    ) -> Diagnostic {
        let [now, once] = Self::in_references(direction, found, files);
        match (now, once) {
            // What did not change is told once.
            (Some((name, now)), Some((_, once))) if now == once => finding.at(now, format!("in `{name}`")),
            (Some((name, now)), Some((_, once))) => {
                finding.at(now, format!("`{name}` has this now")).at(once, "and had this before")
            }
            (Some((name, now)), None) => finding.at(now, format!("in `{name}`, which it refers to now")),
            (None, Some((name, once))) => finding.at(once, format!("in `{name}`, which it referred to before")),
            (None, None) => finding,
        }
    }

    /// Adds the places of an opinion to a finding.
    pub fn place_change(self, finding: Diagnostic, found: &Incompatibility) -> Diagnostic {
        let (now, before) = match &found.lacks {
            Some(Lack::Reader(lack)) => (lack.as_str(), "before"),
            Some(Lack::Writer(lack)) => ("now", lack.as_str()),
            None => ("now", "before"),
        };
        self.at(finding, (&found.reader, now), (&found.writer, before))
    }

    /// The places of what an incompatibility is about, that in the new version first. Opinions are of the new version as it
    /// reads the old one: their direction is backward.
    pub fn spans(self, direction: Direction, found: &Incompatibility) -> Vec<Span> {
        let (new, old) = match direction {
            Direction::Backward => (found.reader_has(), found.writer_has()),
            Direction::Forward => (found.writer_has(), found.reader_has()),
        };
        let span = |(file, range): (FileId, Option<&Range<usize>>)| range.map(|at| Span::new(file, at.start, at.end));
        [(self.new, new), (self.old, old)].into_iter().filter_map(span).collect()
    }

    /// The new version comes first: it is what can be changed.
    fn at(
        self,
        finding: Diagnostic,
        new: (&Option<Range<usize>>, &str),
        old: (&Option<Range<usize>>, &str),
    ) -> Diagnostic {
        let place =
            |file, range: &Option<Range<usize>>| range.as_ref().map(|range| Span::new(file, range.start, range.end));
        match (place(self.new, new.0), place(self.old, old.0)) {
            (Some(now), Some(once)) => finding.at(now, new.1).at(once, old.1),
            (Some(now), None) => finding.at(now, ""),
            (None, Some(once)) => finding.at(Span::whole(self.new), "").at(once, old.1),
            (None, None) => finding.at(Span::whole(self.new), ""),
        }
    }
}
