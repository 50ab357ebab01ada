//! What a comparison of two versions of a schema found, as findings: who cannot read whose records, and where it stands
//! in both files.

use std::ops::Range;

use crate::diag::Diagnostic;
use crate::schema::{Direction, Incompatibility};
use crate::source::{FileId, Span};

/// The files of two versions.
#[derive(Debug, Clone, Copy)]
pub struct Pair {
    /// The new version's.
    pub new: FileId,
    /// The earlier version's.
    pub old: FileId,
}

/// Who cannot read whose records, where `new` and `old` are the names of the versions.
pub fn cannot_read(direction: Direction, new: &str, old: &str) -> String {
    let (reader, writer) = match direction {
        Direction::Backward => (new, old),
        Direction::Forward => (old, new),
    };
    format!("a consumer on {reader} cannot read records of {writer}")
}

impl Pair {
    /// Adds the places of an incompatibility to a finding.
    pub fn place(self, finding: Diagnostic, direction: Direction, found: &Incompatibility) -> Diagnostic {
        let (read, written) = ("read as this", "written as this");
        match direction {
            Direction::Backward => self.at(finding, (&found.reader, read), (&found.writer, written)),
            Direction::Forward => self.at(finding, (&found.writer, written), (&found.reader, read)),
        }
    }

    /// Adds the places of an opinion to a finding.
    pub fn place_change(self, finding: Diagnostic, found: &Incompatibility) -> Diagnostic {
        self.at(finding, (&found.reader, "now"), (&found.writer, "before"))
    }

    /// The places of an incompatibility, that in the new version first. Opinions are of the new version as it reads the
    /// old one: their direction is backward.
    pub fn spans(self, direction: Direction, found: &Incompatibility) -> Vec<Span> {
        let (new, old) = match direction {
            Direction::Backward => (&found.reader, &found.writer),
            Direction::Forward => (&found.writer, &found.reader),
        };
        let span = |(file, range): (FileId, &Option<Range<usize>>)| {
            Some(Span::new(file, range.as_ref()?.start, range.as_ref()?.end))
        };
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
