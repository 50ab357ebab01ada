use std::fmt;
use std::str::FromStr;

/// A text in which `*` stands for any characters, also none and also `/`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Glob(String);

/// A glob that means nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a glob cannot be empty; `*` alone means everything")]
pub struct GlobError;

impl FromStr for Glob {
    type Err = GlobError;
    fn from_str(text: &str) -> Result<Self, GlobError> {
        if text.is_empty() { Err(GlobError) } else { Ok(Self(text.into())) }
    }
}

impl fmt::Display for Glob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl Glob {
    /// Whether the whole text is meant.
    pub fn matches(&self, text: &str) -> bool {
        let mut parts = self.0.split('*');
        // `split` gives at least one part.
        let first = parts.next().unwrap_or_default();
        let Some(mut rest) = text.strip_prefix(first) else { return false };
        let mut parts: Vec<&str> = parts.collect();
        let Some(last) = parts.pop() else { return rest.is_empty() };
        for part in parts {
            // The earliest place leaves the most for the parts behind.
            match rest.split_once(part) {
                Some((_, behind)) => rest = behind,
                None => return false,
            }
        }
        rest.ends_with(last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_asterisk_stands_for_anything() {
        let matches = |glob: &str, text: &str| glob.parse::<Glob>().is_ok_and(|glob| glob.matches(text));
        for (glob, text) in [
            ("topic/a", "topic/a"),
            ("*", ""),
            ("*", "grant/x/topic/y"),
            ("topic/*", "topic/media.raw"),
            ("*media*", "topic/media.raw"),
            ("grant/*/topic/*", "grant/normalizer/topic/media.raw"),
            ("*.v1", "topic/a.v1.v1"),
            ("a*a", "aa"),
            ("**", "x"),
        ] {
            assert!(matches(glob, text), "{glob} {text}");
        }
        for (glob, text) in
            [("topic/a", "topic/ab"), ("topic/*", "grant/x"), ("a*a", "a"), ("*b*", "ac"), ("ab*ba", "aba")]
        {
            assert!(!matches(glob, text), "{glob} {text}");
        }
        assert!("".parse::<Glob>().is_err());
    }
}
