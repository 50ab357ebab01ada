use std::cmp::Ordering;
use std::sync::Arc;

use crate::diag::Diagnostic;
use crate::source::Sources;

/// The order of findings, but for how bad they are: by file and place, those without a place last. It does not depend on
/// the order in which they were found.
#[derive(Debug, Clone)]
pub struct Order {
    /// Which file comes before which by its path, by the indexes of the files; those of one path are equal.
    ranks: Arc<[u32]>,
}

impl Order {
    /// The order of findings in these files.
    pub fn of(sources: &Sources) -> Self {
        let paths: Vec<_> = sources.all().map(|file| &*file.path).collect();
        let mut by_path: Vec<usize> = (0..paths.len()).collect();
        // Most are in order already: they were read so.
        by_path.sort_by_key(|file| paths[*file]);
        let mut ranks = vec![0; paths.len()];
        for pair in by_path.windows(2) {
            ranks[pair[1]] = ranks[pair[0]] + u32::from(paths[pair[0]] != paths[pair[1]]);
        }
        Self { ranks: ranks.into() }
    }

    /// Which of two findings comes first. Those that say the same of the same place stand together, whatever their cluster.
    pub fn compare(&self, a: &Diagnostic, b: &Diagnostic) -> Ordering {
        let place = |finding: &Diagnostic| {
            let span = finding.span();
            let rank = span.and_then(|span| self.ranks.get(span.file.0 as usize));
            (rank.is_none(), rank.copied(), span.map(|span| (span.start, span.end)))
        };
        let file = |finding: &Diagnostic| finding.span().map(|span| span.file);
        place(a)
            .cmp(&place(b))
            .then_with(|| (a.code, &a.message, file(a), &a.cluster).cmp(&(b.code, &b.message, file(b), &b.cluster)))
    }
}
