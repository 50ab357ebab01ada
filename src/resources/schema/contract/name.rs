use crate::resources::schema::Part;

/// What the name of a sample's file tells: `NAME.json`, `NAME.key.json`, `NAME.v2.json`, `NAME.key.v2.json`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Told<'n> {
    /// Whether it is a key or a value.
    pub part: Part,
    /// The version that it was written for.
    pub version: Option<Mark<'n>>,
}

/// The word of a name that is there for a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark<'n> {
    /// The version with this number.
    Number(u32),
    /// None: no version is called so.
    NoVersion(&'n str),
}

/// How the name of a sample's file ends.
const END: &str = ".json";

impl<'n> Told<'n> {
    /// Reads it from the file's name; `None` of a file that no sample is called like.
    pub fn by(file_name: &'n str) -> Option<Self> {
        let mut told = Self { part: Part::Value, version: None };
        let mut rest = file_name.strip_suffix(END)?;
        // The first word is the name, whatever it is.
        while let Some((before, word)) = rest.rsplit_once('.') {
            match (word, Mark::of(word)) {
                ("key", _) if told.part == Part::Value => told.part = Part::Key,
                (_, Some(mark)) if told.version.is_none() => told.version = Some(mark),
                _ => break,
            }
            rest = before;
        }
        Some(told)
    }
}

impl<'n> Mark<'n> {
    fn of(word: &'n str) -> Option<Self> {
        let digits = word.strip_prefix(['v', 'V'])?;
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        // Versions count from 1, and each has one name.
        let number = digits.parse().ok().filter(|number: &u32| word == format!("v{number}") && *number > 0);
        Some(number.map_or(Self::NoVersion(word), Self::Number))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_tells_part_and_version() {
        for (name, part, version) in [
            ("small.json", Part::Value, None),
            ("small.v2.json", Part::Value, Some(Mark::Number(2))),
            ("small.key.json", Part::Key, None),
            ("small.key.v12.json", Part::Key, Some(Mark::Number(12))),
            ("small.v3.key.json", Part::Key, Some(Mark::Number(3))),
            ("v2.json", Part::Value, None),
            ("key.json", Part::Value, None),
            ("a.v02.json", Part::Value, Some(Mark::NoVersion("v02"))),
            ("a.v0.json", Part::Value, Some(Mark::NoVersion("v0"))),
            ("a.v4294967296.json", Part::Value, Some(Mark::NoVersion("v4294967296"))),
            ("a.V2.key.json", Part::Key, Some(Mark::NoVersion("V2"))),
            ("a.v+2.json", Part::Value, None),
            ("a.v.json", Part::Value, None),
            ("a.v2.draft.json", Part::Value, None),
        ] {
            assert_eq!(Told::by(name), Some(Told { part, version }), "{name}");
        }
        assert_eq!(Told::by("a.JSON"), None);
    }
}
