use std::fmt;
use std::str::FromStr;

use globset::{GlobBuilder, GlobMatcher};

use super::{Address, Kind};

/// A pattern over addresses, as shells write them: `topic/media.*`, `grant/{normalizer,recommender}/**`. A `*` stands
/// for any characters, slashes too.
#[derive(Debug, Clone)]
pub struct AddressGlob {
    text: String,
    matcher: GlobMatcher,
}

/// A text that is no pattern.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a pattern of addresses: {reason}")]
pub struct AddressGlobError {
    text: String,
    reason: String,
}

impl FromStr for AddressGlob {
    type Err = AddressGlobError;
    fn from_str(text: &str) -> Result<Self, AddressGlobError> {
        let refused = |reason: String| AddressGlobError { text: text.to_owned(), reason };
        if !text.contains(['/', '*', '{']) {
            let kinds = "topic/NAME, grant/SERVICE/…, schema/SUBJECT";
            return Err(refused(format!("it needs a kind in front ({kinds}); did you mean `topic/{text}`?")));
        }
        // A kind that does not exist means nothing, anywhere.
        let kind = text.split_once('/').map(|(kind, _)| kind).filter(|kind| !kind.contains(['*', '?', '[', '{', '\\']));
        if let Some(unknown) = kind.filter(|kind| Kind::WORDS.iter().all(|(word, _)| word != kind)) {
            let words: Vec<_> = Kind::WORDS.iter().map(|(word, _)| *word).collect();
            return Err(refused(format!("there is no kind `{unknown}`; kinds are {}", words.join(", "))));
        }
        let glob = GlobBuilder::new(text).literal_separator(false).build();
        let glob = glob.map_err(|error| refused(error.kind().to_string()))?;
        Ok(Self { text: text.to_owned(), matcher: glob.compile_matcher() })
    }
}

impl fmt::Display for AddressGlob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

impl AddressGlob {
    /// Whether the address is meant.
    pub fn matches(&self, address: &Address) -> bool {
        self.matcher.is_match(address.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_asterisk_goes_over_slashes_and_a_dot_is_a_dot() {
        let matches = |glob: &str, address: Address| glob.parse::<AddressGlob>().expect("glob").matches(&address);
        assert!(matches("topic/media.*", Address::topic("media.raw.v1")));
        assert!(!matches("topic/media.*", Address::topic("mediaXraw.v1")));
        assert!(matches("grant/normalizer/*", Address::grant("normalizer", "topic/a")));
        assert!(matches("*/media.raw.v1", Address::topic("media.raw.v1")));
        assert!(matches("topic/{a,b}", Address::topic("b")));
        assert!("media.raw.v1".parse::<AddressGlob>().is_err());
        assert!("topics/media.raw.v1".parse::<AddressGlob>().is_err());
        assert!(matches("{topic,schema}/a*", Address::topic("a")));
        assert!("topic/[a".parse::<AddressGlob>().is_err());
    }
}
