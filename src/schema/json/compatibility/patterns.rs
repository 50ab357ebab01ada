use std::collections::HashMap;

use regex::{Regex, RegexBuilder};

/// What a compiled pattern may take; a longer one matches nothing.
const MAX_COMPILED: usize = 1 << 18;

/// The patterns of `patternProperties`, compiled where one is first needed.
#[derive(Default)]
pub(super) struct Patterns<'s> {
    compiled: HashMap<&'s str, Option<Regex>>,
}

impl<'s> Patterns<'s> {
    /// Whether a name has a part that matches. The engine does not backtrack; patterns that only backtracking can match
    /// match nothing.
    pub(super) fn matches(&mut self, pattern: &'s str, name: &str) -> bool {
        let compiled = self
            .compiled
            .entry(pattern)
            .or_insert_with(|| RegexBuilder::new(pattern).size_limit(MAX_COMPILED).build().ok());
        compiled.as_ref().is_some_and(|regex| regex.is_match(name))
    }
}
