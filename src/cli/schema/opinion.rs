//! The second opinion on a change of a schema: what a registry lets pass and somebody may regret.

use crate::diag::{Diagnostic, Level};
use crate::resources::schema::Pair;
use crate::schema::{Category, Compatibility, Opinion, ParsedSchema, second_opinion};
use crate::source::{FileId, Sources};

/// Warnings of the change to the last of the versions from each one before it, as far as the level lets it pass. It goes
/// from the old version to the new one, whichever has to read.
pub fn warnings(
    (category, level): (Category, Compatibility),
    versions: &[(FileId, ParsedSchema)],
    sources: &Sources,
) -> Vec<Diagnostic> {
    let Some(((new_file, new), earlier)) = versions.split_last() else { return Vec::new() };
    let name = |file: FileId| sources.file(file).path.display().to_string();
    let mut warnings = Vec::new();
    for (old_file, old) in earlier {
        let change = format!("{} after {}", name(*new_file), name(*old_file));
        let opinions = second_opinion(new, old, category, level);
        warnings.extend(opinions.iter().map(|opinion| warning(&change, *new_file, *old_file, opinion)));
    }
    warnings
}

fn warning(change: &str, new: FileId, old: FileId, opinion: &Opinion) -> Diagnostic {
    let found = &opinion.incompatibility;
    let message = format!("{change}: {} ({}, at {})", found.message, opinion.category(), found.path);
    let warning = Diagnostic::new(found.code, message).level(Level::Warn);
    let warning = Pair { new, old }.place_change(warning, found);
    found.help.iter().cloned().fold(warning, Diagnostic::help)
}
