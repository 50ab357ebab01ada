use std::collections::HashSet;

use super::{Diagnostic, Findings, Fingerprints};
use crate::source::Sources;

/// Takes the findings that are known out of `findings`, and returns them. What `may_be` known is looked for alone. Which of
/// several equal ones are known does not matter: so many of them stay as are more than were known.
pub fn take_known(
    findings: &mut Findings,
    sources: &Sources,
    known: &HashSet<String>,
    may_be: impl Fn(&Diagnostic) -> bool,
) -> Findings {
    let (mut new, mut taken) = (findings.none(), findings.none());
    let mut prints = Fingerprints::new(sources);
    let all = findings.none();
    for finding in std::mem::replace(findings, all) {
        let is_known = may_be(&finding) && known.contains(&prints.of(&finding));
        if is_known { &mut taken } else { &mut new }.push(finding);
    }
    *findings = new;
    taken
}
