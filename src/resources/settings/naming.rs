use std::fmt;
use std::str::FromStr;

/// A naming pattern such as `<domain>.<event>.v<number>`: literal text and named parts.
///
/// `<number>` is a number without leading zeros; every other part is one lower-case word of letters, digits, `_` and
/// `-` that starts with a letter, except `<topic>`, which is a whole topic name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamePattern {
    text: String,
    pieces: Vec<Piece>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(String),
    Part(String),
}

/// Why a naming pattern is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NamePatternError {
    /// A `<` without its `>`.
    #[error("`{0}`: a `<` without its `>`")]
    Unclosed(String),
    /// Two parts without text between them.
    #[error("`{0}`: two parts need text between them")]
    Adjacent(String),
}

impl FromStr for NamePattern {
    type Err = NamePatternError;
    fn from_str(text: &str) -> Result<Self, NamePatternError> {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some(open) = rest.find('<') {
            if open > 0 {
                pieces.push(Piece::Text(rest[..open].into()));
            } else if matches!(pieces.last(), Some(Piece::Part(_))) {
                return Err(NamePatternError::Adjacent(text.into()));
            }
            let close = rest[open..].find('>').ok_or_else(|| NamePatternError::Unclosed(text.into()))?;
            pieces.push(Piece::Part(rest[open + 1..open + close].into()));
            rest = &rest[open + close + 1..];
        }
        if !rest.is_empty() {
            pieces.push(Piece::Text(rest.into()));
        }
        Ok(Self { text: text.into(), pieces })
    }
}

impl NamePattern {
    /// The parts of `name` where it fits the pattern.
    pub fn parts<'n>(&self, name: &'n str) -> Option<Vec<(&str, &'n str)>> {
        let mut parts = Vec::with_capacity(self.pieces.len());
        let fits = take_apart(&self.pieces, name, &mut parts);
        parts.reverse();
        fits.then_some(parts)
    }

    /// One part of `name`, where the name fits.
    pub fn part<'n>(&self, name: &'n str, part: &str) -> Option<&'n str> {
        self.parts(name)?.into_iter().find(|(known, _)| *known == part).map(|(_, value)| value)
    }

    /// A name that fits the pattern, the shortest of them.
    pub fn example(&self) -> String {
        let piece = |piece: &Piece| match piece {
            Piece::Text(text) => text.clone(),
            Piece::Part(part) if part == "number" => "1".to_owned(),
            Piece::Part(_) => "a".to_owned(),
        };
        self.pieces.iter().map(piece).collect()
    }

    /// The name that the pattern makes of these parts; a part without a value stays as it is written.
    pub fn make(&self, parts: &[(&str, &str)]) -> String {
        self.pieces
            .iter()
            .map(|piece| match piece {
                Piece::Text(text) => text.clone(),
                Piece::Part(part) => match parts.iter().find(|(known, _)| known == part) {
                    Some((_, value)) => (*value).to_owned(),
                    None => format!("<{part}>"),
                },
            })
            .collect()
    }
}

/// A part ends where the text behind it begins; where that text stands several times, the first place that lets the
/// rest fit counts. The parts are added from the last to the first; none where the name does not fit.
fn take_apart<'p, 'n>(pieces: &'p [Piece], name: &'n str, parts: &mut Vec<(&'p str, &'n str)>) -> bool {
    let Some((first, rest)) = pieces.split_first() else { return name.is_empty() };
    let part = match first {
        Piece::Text(text) => return name.strip_prefix(text.as_str()).is_some_and(|name| take_apart(rest, name, parts)),
        Piece::Part(part) => part,
    };
    let mut ends_at = |end: usize| {
        let fits = fits(part, &name[..end]) && take_apart(rest, &name[end..], parts);
        if fits {
            parts.push((part, &name[..end]));
        }
        fits
    };
    match rest.first() {
        Some(Piece::Text(text)) => name.match_indices(text.as_str()).any(|(end, _)| ends_at(end)),
        _ => ends_at(name.len()),
    }
}

fn fits(part: &str, value: &str) -> bool {
    match part {
        "number" => value.parse::<u32>().is_ok() && (value == "0" || !value.starts_with('0')),
        "topic" => !value.is_empty(),
        _ => {
            value.starts_with(|c: char| c.is_ascii_lowercase())
                && value.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '-'))
        }
    }
}

impl fmt::Display for NamePattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

crate::source::decode_from_str!(NamePattern, "write parts in angle brackets: <domain>.<event>.v<number>");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_taken_apart() {
        let pattern: NamePattern = "<domain>.<event>.v<number>".parse().expect("pattern");
        assert_eq!(pattern.part("media.raw_ingest.v1", "domain"), Some("media"));
        assert_eq!(pattern.part("media.raw_ingest.v12", "number"), Some("12"));
        for bad in ["media.raw.ingest.v1", "Media.raw.v1", "media.raw", "media.raw.v01", "media.raw.v", "media..v1"] {
            assert_eq!(pattern.parts(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_dead_letter_topic_is_named_after_its_topic_and_service() {
        let pattern: NamePattern = "<topic>.<service>.dlq".parse().expect("pattern");
        let name = pattern.make(&[("topic", "media.raw_ingest.v1"), ("service", "normalizer")]);
        assert_eq!(name, "media.raw_ingest.v1.normalizer.dlq");
        assert_eq!(pattern.part(&name, "topic"), Some("media.raw_ingest.v1"));
    }

    #[test]
    fn a_broken_pattern_is_refused() {
        assert!("<domain".parse::<NamePattern>().is_err());
        assert!("<domain><event>".parse::<NamePattern>().is_err());
    }
}
