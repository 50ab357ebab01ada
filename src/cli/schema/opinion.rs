//! The second opinion on a change of a schema: what a registry lets pass and somebody may regret.

use super::reference::ChangedReference;
use crate::diag::{Diagnostic, Level};
use crate::resources::schema::Pair;
use crate::schema::{Category, Compatibility, Direction, Opinion, ParsedSchema, second_opinion};
use crate::source::{FileId, Sources};

/// Warnings of the change to the last of the versions from each one before it, as far as the level lets it pass. It goes
/// from the old version to the new one, whichever has to read.
pub fn warnings(
    (category, level): (Category, Compatibility),
    versions: &[(FileId, ParsedSchema)],
    changed: &[ChangedReference<'_>],
    sources: &Sources,
) -> Vec<Diagnostic> {
    let Some(((new_file, new), earlier)) = versions.split_last() else { return Vec::new() };
    let name = |file: FileId| sources.file(file).path.display().to_string();
    let mut warnings = Vec::new();
    for (old_file, old) in earlier {
        let change = format!("{} after {}", name(*new_file), name(*old_file));
        let opinions = second_opinion(new, old, category, level);
        let pair = Pair { new: *new_file, old: *old_file };
        warnings.extend(opinions.iter().map(|opinion| {
            let found = &opinion.incompatibility;
            let warning = warning(&change, pair, opinion);
            let warning = ChangedReference::place(changed, warning, (pair, Direction::Backward), found, sources);
            found.help.iter().cloned().fold(warning, Diagnostic::help)
        }));
    }
    warnings
}

fn warning(change: &str, pair: Pair, opinion: &Opinion) -> Diagnostic {
    let found = &opinion.incompatibility;
    let message = format!("{change}: {} ({}, at {})", found.message, opinion.category(), found.path);
    let warning = Diagnostic::new(found.code, message).level(Level::Warn);
    pair.place_change(warning, found)
}
