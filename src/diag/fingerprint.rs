use std::collections::HashMap;

use sha2::{Digest, Sha256};

use super::Diagnostic;
use crate::source::Sources;

/// What a finding is known by from one commit to the next: 32 hexadecimal digits of each, in the order of `findings`.
///
/// It is made of the code, the resource's address (or the file where it is about no resource), the cluster and the
/// message, never of lines: what stands above a finding may change. Equal findings are told apart by their number, so
/// that one more of them is a new one.
pub fn fingerprints(findings: &[Diagnostic], sources: &Sources) -> Vec<String> {
    let mut seen: HashMap<[u8; 32], u32> = HashMap::new();
    findings
        .iter()
        .map(|finding| {
            let digest = digest(finding, sources);
            let number = seen.entry(digest).or_default();
            let numbered = match *number {
                0 => digest,
                again => Sha256::new().chain_update(digest).chain_update(again.to_be_bytes()).finalize().into(),
            };
            *number += 1;
            numbered.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
        })
        .collect()
}

fn digest(finding: &Diagnostic, sources: &Sources) -> [u8; 32] {
    let file = || Some(sources.get(finding.span()?.file)?.path.to_string_lossy());
    let about = finding.resource.as_deref().map(Into::into).or_else(file).unwrap_or_default();
    let mut digest = Sha256::new();
    for part in [finding.code, &about, finding.cluster.as_deref().unwrap_or_default(), &finding.message] {
        digest.update(part.as_bytes());
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
