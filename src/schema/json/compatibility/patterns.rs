//! The patterns of `patternProperties`, and the names that they match.

use std::collections::HashMap;

use regex::{Regex, RegexBuilder};

use super::expression::{self, Expression};

/// The longest pattern that is compiled, in bytes.
const MAX_TEXT: usize = 1 << 12;

/// What a compiled pattern may take. From the smallest on, because what it does take nobody says.
const SIZES: [usize; 5] = [1 << 9, 1 << 12, 1 << 15, 1 << 18, 1 << 20];

/// What each pattern takes beside that.
const OVERHEAD: usize = 1 << 14;

/// What matching may take of its own.
const MAX_STATES: usize = 1 << 16;

/// What is left for all patterns of a comparison.
#[derive(Debug)]
struct Budget {
    /// The bytes of the compiled patterns.
    compiled: usize,
    /// The bytes of the names, each times the bytes of the pattern: the most that matching can take.
    matched: u64,
}

impl Default for Budget {
    fn default() -> Self {
        Budget { compiled: 1 << 24, matched: 1 << 35 }
    }
}

/// The patterns that were needed, compiled where one is first needed.
#[derive(Default)]
pub(super) struct Patterns<'s> {
    compiled: HashMap<&'s str, Option<Compiled>>,
    budget: Budget,
    is_too_much: bool,
}

struct Compiled {
    regex: Regex,
    size: usize,
    expression: Expression,
}

impl<'s> Patterns<'s> {
    /// Whether a name has a part that matches; `None` where only Java could say. The engine does not backtrack.
    pub(super) fn matches(&mut self, pattern: &'s str, name: &str) -> Option<bool> {
        if !self.compiled.contains_key(pattern) {
            let compiled = self.compile(pattern);
            self.compiled.insert(pattern, compiled);
        }
        let compiled = self.compiled.get(pattern)?.as_ref()?;
        let cost = (name.len() as u64 + 1) * compiled.size as u64;
        match self.budget.matched.checked_sub(cost) {
            Some(left) => self.budget.matched = left,
            None => self.is_too_much = true,
        }
        if self.is_too_much {
            return None;
        }
        let has_lines = || name.contains(['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}']);
        if compiled.expression.knows_lines && has_lines() || compiled.expression.knows_words && !name.is_ascii() {
            return None;
        }
        Some(compiled.regex.is_match(name))
    }

    /// Whether there are more patterns, or more names for them, than anybody waits for.
    pub(super) fn is_too_much(&self) -> bool {
        self.is_too_much
    }

    fn compile(&mut self, pattern: &str) -> Option<Compiled> {
        self.take(OVERHEAD)?;
        if pattern.len() > MAX_TEXT {
            return None;
        }
        let expression = expression::translate(pattern)?;
        let (size, regex) = SIZES.into_iter().find_map(|size| {
            let regex = RegexBuilder::new(&expression.text).size_limit(size).dfa_size_limit(MAX_STATES).build();
            Some((size, regex.ok()?))
        })?;
        self.take(size)?;
        Some(Compiled { regex, size, expression })
    }

    fn take(&mut self, bytes: usize) -> Option<()> {
        let left = self.budget.compiled.checked_sub(bytes);
        self.is_too_much |= left.is_none();
        self.budget.compiled = left?;
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(compiled: usize, matched: u64) -> Patterns<'static> {
        Patterns { budget: Budget { compiled, matched }, ..Patterns::default() }
    }

    #[test]
    fn patterns_are_compiled_until_there_are_too_many() {
        let mut patterns = with(3 * (OVERHEAD + SIZES[0]), u64::MAX);
        for pattern in ["^a", "^b", "^a", "^c", "^c"] {
            assert_eq!(patterns.matches(pattern, "a"), Some(pattern == "^a"));
            assert!(!patterns.is_too_much());
        }
        assert_eq!(patterns.matches("^d", "d"), None);
        assert!(patterns.is_too_much());
        // Those that are not compiled count too.
        let mut patterns = with(OVERHEAD, u64::MAX);
        assert_eq!(patterns.matches("(?=a)", "a"), None);
        assert!(!patterns.is_too_much());
        assert_eq!(patterns.matches("(?!a)", "a"), None);
        assert!(patterns.is_too_much());
    }

    #[test]
    fn names_are_matched_until_they_are_too_long() {
        let mut patterns = with(usize::MAX, 10 * SIZES[0] as u64);
        assert_eq!(patterns.matches("^a", "abcd"), Some(true));
        assert_eq!(patterns.matches("^b", "abcd"), Some(false));
        assert!(!patterns.is_too_much());
        assert_eq!(patterns.matches("^a", ""), None);
        assert!(patterns.is_too_much());
    }

    #[test]
    fn large_patterns_take_more_and_the_largest_are_not_compiled() {
        let mut patterns = Patterns::default();
        assert_eq!(patterns.matches("^(?:a{1,50}b){20}$", "ab"), Some(false));
        let size = |patterns: &Patterns<'_>, pattern| patterns.compiled[pattern].as_ref().map(|found| found.size);
        assert!(size(&patterns, "^(?:a{1,50}b){20}$") > Some(SIZES[0]));
        assert_eq!(patterns.matches("^(?:a{1,500}b){200}$", "ab"), None);
        assert!(!patterns.is_too_much());
        let long: &'static str = "a".repeat(MAX_TEXT + 1).leak();
        assert_eq!(patterns.matches(long, long), None);
    }

    #[test]
    fn ends_of_lines_and_words_that_java_alone_knows() {
        let mut patterns = Patterns::default();
        assert_eq!(patterns.matches("^a$", "a\n"), None);
        assert_eq!(patterns.matches("^.$", "\u{85}"), None);
        assert_eq!(patterns.matches(r"^[^b]\z", "\n"), Some(true));
        assert_eq!(patterns.matches(r"\bb", "éb"), None);
        assert_eq!(patterns.matches(r"\bb", "-b"), Some(true));
    }
}
