use crate::source::{FileId, Node, parse_yaml};

/// A text as YAML has it anywhere, also between braces: as it is where it means the same, else in double quotes.
pub(super) fn scalar(text: &str) -> String {
    let between_braces = format!("k: {{ a: {text}, b: 1 }}\n");
    let (documents, findings) = parse_yaml(FileId(0), &between_braces);
    let read = documents.first().and_then(|document| document.get("k")?.get("a"));
    let means_itself = |node: &Node| node.scalar() == Some(text) && node.kind() == "a string";
    let is_plain = !text.starts_with(['\'', '"', '!', '&', '*', '|', '>', '%', '@', '`'])
        && findings.is_empty()
        && read.is_some_and(means_itself);
    // JSON's strings are strings of YAML.
    if is_plain { text.to_owned() } else { serde_json::Value::from(text).to_string() }
}

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
    fn a_text_means_itself_between_braces() {
        for (text, written) in [
            ("One record for each asset.", "One record for each asset."),
            ("CR-2041", "CR-2041"),
            ("2041", "\"2041\""),
            ("true", "\"true\""),
            ("a: b", "\"a: b\""),
            ("a, b", "\"a, b\""),
            ("#bus", "\"#bus\""),
            ("media.*", "media.*"),
            ("*", "\"*\""),
            ("say \"so\"", "say \"so\""),
            ("\"so\"", "\"\\\"so\\\"\""),
            ("ends }", "\"ends }\""),
            (" padded", "\" padded\""),
            ("زیرنویس", "زیرنویس"),
        ] {
            assert_eq!(scalar(text), written);
            let (documents, findings) = parse_yaml(FileId(0), &format!("k: {{ a: {} }}\n", scalar(text)));
            assert!(findings.is_empty(), "{text}");
            assert_eq!(documents[0].get("k").and_then(|k| k.get("a")).and_then(Node::scalar), Some(text));
        }
    }

    #[test]
    fn names_of_types_are_made_of_words() {
        assert_eq!(["raw_ingest", "x", "4k-titles", ""].map(type_name), ["RawIngest", "X", "Record4kTitles", "Record"]);
        assert_eq!(namespace("my-farsi.4k"), "my_farsi._4k");
    }
}
