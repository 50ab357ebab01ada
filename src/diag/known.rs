use std::collections::HashSet;

use super::{Diagnostic, fingerprints};
use crate::source::Sources;

/// Takes the findings that are known out of `findings`, and returns them. Which of several equal ones are known does not
/// matter: so many of them stay as are more than were known.
pub fn take_known(findings: &mut Vec<Diagnostic>, sources: &Sources, known: &HashSet<String>) -> Vec<Diagnostic> {
    let mut prints = fingerprints(findings, sources).into_iter();
    let (known, new) =
        std::mem::take(findings).into_iter().partition(|_| prints.next().is_some_and(|print| known.contains(&print)));
    *findings = new;
    known
}
