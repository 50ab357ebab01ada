use crate::source::write::scalar;

/// A list in one line.
pub(super) fn list<T: AsRef<str>>(items: impl IntoIterator<Item = T>) -> String {
    let items: Vec<String> = items.into_iter().map(|item| scalar(item.as_ref())).collect();
    format!("[{}]", items.join(", "))
}

/// `media.raw_ingest` as the name of a type: `RawIngest` of its last words, in capitals.
pub(super) fn type_name(text: &str) -> String {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let mut name: String = words.map(|word| word[..1].to_ascii_uppercase() + &word[1..]).collect();
    if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) {
        name.insert_str(0, "Record");
    }
    name
}

/// A text as a name that every format of schemas takes: letters, digits, underscores, and dots between them.
pub(super) fn namespace(text: &str) -> String {
    let part = |part: &str| {
        let part: String = part.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
        if part.starts_with(|c: char| c.is_ascii_digit()) { format!("_{part}") } else { part }
    };
    text.split('.').filter(|text| !text.is_empty()).map(part).collect::<Vec<_>>().join(".")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_types_are_made_of_words() {
        assert_eq!(["raw_ingest", "x", "4k-titles", ""].map(type_name), ["RawIngest", "X", "Record4kTitles", "Record"]);
        assert_eq!(namespace("my-farsi.4k"), "my_farsi._4k");
    }
}
