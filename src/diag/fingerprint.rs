use std::collections::HashMap;

use sha2::{Digest, Sha256};

use super::Diagnostic;
use crate::source::Sources;

/// What each of these findings is known by, as [`Fingerprints`] tells.
pub fn fingerprints<'f>(findings: impl IntoIterator<Item = &'f Diagnostic>, sources: &Sources) -> Vec<String> {
    let mut prints = Fingerprints::new(sources);
    findings.into_iter().map(|finding| prints.of(finding)).collect()
}

/// What findings are known by from one commit to the next: 32 hexadecimal digits of each.
///
/// It is made of the code, the resource's address (or the file where it is about no resource), the cluster and the
/// message, never of lines: what stands above a finding may change. Equal findings are told apart by their number, so
/// that one more of them is a new one.
#[derive(Debug)]
pub struct Fingerprints<'s> {
    sources: &'s Sources,
    equal: Repeats,
}

impl<'s> Fingerprints<'s> {
    /// Those of findings in these files, of which none was seen yet.
    pub fn new(sources: &'s Sources) -> Self {
        Self { sources, equal: Repeats::default() }
    }

    /// What the next finding is known by.
    pub fn of(&mut self, finding: &Diagnostic) -> String {
        let file = || Some(self.sources.get(finding.span()?.file)?.path.to_string_lossy());
        let about = finding.resource.as_deref().map(Into::into).or_else(file).unwrap_or_default();
        let cluster = finding.cluster.as_deref().unwrap_or_default();
        let digest = digest(&[finding.code, &about, cluster, &finding.message]);
        let numbered = match self.equal.before(digest) {
            0 => digest,
            again => Sha256::new().chain_update(digest).chain_update(again.to_be_bytes()).finalize().into(),
        };
        numbered.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
    }
}

/// Counts what comes again, without keeping it: there may be very many.
#[derive(Debug, Default)]
pub struct Repeats(HashMap<[u8; 16], u32>);

impl Repeats {
    /// How often these texts came before.
    pub fn of(&mut self, texts: &[&str]) -> u32 {
        self.before(digest(texts))
    }

    fn before(&mut self, digest: [u8; 32]) -> u32 {
        let mut half = [0; 16];
        half.copy_from_slice(&digest[..16]);
        let count = self.0.entry(half).or_default();
        *count += 1;
        *count - 1
    }
}

fn digest(texts: &[&str]) -> [u8; 32] {
    let mut digest = Sha256::new();
    for text in texts {
        digest.update(text.as_bytes());
        digest.update([0]);
    }
    digest.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Span;

    #[test]
    fn a_fingerprint_outlives_lines_above_and_tells_equal_findings_apart() {
        let mut sources = Sources::default();
        let file = sources.add("topics/a.yaml", "x\ny\n");
        let at = |start| Diagnostic::new("BUS104", "no description").at(Span::new(file, start, start + 1), "");
        let before = fingerprints(&[at(0), at(2)], &sources);
        assert_ne!(before[0], before[1]);
        assert_eq!(fingerprints(&[at(2), at(0)], &sources), before);
        assert_eq!(fingerprints(&[at(2)], &sources), before[..1]);
    }

    #[test]
    fn a_finding_in_a_file_that_was_never_read_has_a_fingerprint() {
        let finding = Diagnostic::new("BUS104", "no description").at(Span::new(crate::source::FileId(7), 0, 1), "");
        assert_eq!(fingerprints(&[finding], &Sources::default())[0].len(), 32);
    }

    #[test]
    fn a_resource_that_moves_to_another_file_keeps_its_fingerprint() {
        let mut sources = Sources::default();
        let files = ["topics/a.yaml", "topics/b.yaml"].map(|path| sources.add(path, ""));
        let of = |file| Diagnostic::new("BUS104", "no description").at(Span::whole(file), "").resource("topic/a");
        let [a, b] = files.map(|file| fingerprints(&[of(file)], &sources));
        assert_eq!(a, b);
    }
}
