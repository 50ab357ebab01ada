use crate::resources::schema::Part;

/// What the name of a sample's file tells: `NAME.json`, `NAME.key.json`, `NAME.v2.json`, `NAME.key.v2.json`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Told {
    /// Whether it is a key or a value.
    pub part: Part,
    /// The version that it was written for.
    pub version: Option<u32>,
}

impl Told {
    /// Reads it from the file's name.
    pub fn by(file_name: &str) -> Self {
        let mut told = Self { part: Part::Value, version: None };
        let mut rest = file_name.strip_suffix(".json").unwrap_or(file_name);
        // The first word is the name, whatever it is.
        while let Some((before, word)) = rest.rsplit_once('.') {
            let number = word.strip_prefix('v').filter(|digits| !digits.starts_with(['0', '+']));
            match (word, number.and_then(|digits| digits.parse().ok())) {
                ("key", _) if told.part == Part::Value => told.part = Part::Key,
                (_, Some(number)) if told.version.is_none() => told.version = Some(number),
                _ => break,
            }
            rest = before;
        }
        told
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_tells_part_and_version() {
        for (name, part, version) in [
            ("small.json", Part::Value, None),
            ("small.v2.json", Part::Value, Some(2)),
            ("small.key.json", Part::Key, None),
            ("small.key.v12.json", Part::Key, Some(12)),
            ("small.v3.key.json", Part::Key, Some(3)),
            ("v2.json", Part::Value, None),
            ("key.json", Part::Value, None),
            ("a.v02.json", Part::Value, None),
            ("a.v2.draft.json", Part::Value, None),
        ] {
            assert_eq!(Told::by(name), Told { part, version }, "{name}");
        }
    }
}
