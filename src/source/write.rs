//! YAML as `busctl fmt` writes it.

use super::{FileId, Node, is_unseen, parse_yaml};

/// Columns that a list may take to stand on one line; `fmt` spreads what is wider than a line of its own.
const WIDTH: usize = 110;

/// A text as a value, also between braces: as it is where it reads as itself, else in quotes.
pub fn scalar(text: &str) -> String {
    if is_plain(text) || reads_as_itself(text) { text.to_owned() } else { quoted(text) }
}

fn is_plain(text: &str) -> bool {
    let is_inner = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '/');
    let starts = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    let mut rest = text.strip_suffix('*').unwrap_or(text).chars();
    starts && rest.all(is_inner) && !is_word(text)
}

/// Asks the reader of manifests, where the letters alone do not tell.
fn reads_as_itself(text: &str) -> bool {
    let is_seen = |c: char| c == ' ' || !(c.is_whitespace() || is_unseen(c));
    if is_word(text) || text.starts_with(INDICATORS) || !text.chars().all(is_seen) {
        return false;
    }
    let (documents, findings) = parse_yaml(FileId(0), &format!("a: {text}\nk: {{ a: {text}, b: 1 }}\n"));
    let is_itself =
        |node: Option<&Node>| node.is_some_and(|node| node.scalar() == Some(text) && node.kind() == "a string");
    let between_braces = |document: &Node| is_itself(document.get("k").and_then(|node| node.get("a")));
    findings.is_empty() && documents.first().is_some_and(|root| is_itself(root.get("a")) && between_braces(root))
}

/// What begins something else than a plain text.
const INDICATORS: [char; 13] = ['\'', '"', '!', '&', '*', '|', '>', '%', '@', '`', '?', ':', '-'];

/// Words that YAML, of whatever version, takes for something else than a text.
fn is_word(text: &str) -> bool {
    const WORDS: [&str; 9] = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"];
    WORDS.iter().any(|word| word.eq_ignore_ascii_case(text))
}

fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            // Letters of all languages stand as they are; what nobody sees, or editors break lines at, does not.
            c if c.is_alphanumeric() || c.is_ascii_graphic() || c == ' ' => out.push(c),
            c if (c as u32) <= 0xffff => out.push_str(&format!("\\u{:04x}", c as u32)),
            c => out.push_str(&format!("\\U{:08x}", c as u32)),
        }
    }
    out.push('"');
    out
}

/// The value of a config: numbers, times and sizes stand as they are.
pub fn config_value(text: &str) -> String {
    let is_inner = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_');
    let is_quantity = text.starts_with(|c: char| c.is_ascii_digit()) && text.chars().all(is_inner);
    let is_boolean = matches!(text, "true" | "false");
    if is_quantity || is_boolean || text == "-1" { text.to_owned() } else { scalar(text) }
}

/// A key with a list, on one line where there is room for it; nothing where the list is empty. The items are values.
pub fn list(key: &str, items: &[String]) -> String {
    if items.is_empty() {
        return String::new();
    }
    let line = format!("{key}: [{}]\n", items.join(", "));
    if line.chars().count() <= WIDTH {
        return line;
    }
    let items: String = items.iter().map(|item| format!("  - {item}\n")).collect();
    format!("{key}:\n{items}")
}

/// A key with a mapping of values, on one line where there is room for it; nothing where it is empty.
pub fn mapping(key: &str, entries: &[(String, String)], indent: usize) -> String {
    if entries.is_empty() {
        return String::new();
    }
    let space = " ".repeat(indent);
    let pairs: Vec<String> = entries.iter().map(|(key, value)| format!("{key}: {value}")).collect();
    let line = format!("{space}{key}: {{ {} }}\n", pairs.join(", "));
    if line.chars().count() <= WIDTH {
        return line;
    }
    let lines: String = pairs.iter().map(|pair| format!("{space}  {pair}\n")).collect();
    format!("{space}{key}:\n{lines}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_text_is_read_as_it_was_written(text in "\\PC{0,20}|[ -~\u{85}\u{2028}\t\n\\x00-\\x08]{0,12}") {
            let (documents, findings) = parse_yaml(FileId(0), &format!("a: {}\nb: [{0}]\n", scalar(&text)));
            prop_assert!(findings.is_empty(), "{:?}", findings);
            let read = documents[0].get("a").filter(|node| !node.is_null()).and_then(|node| node.scalar());
            prop_assert_eq!(read, Some(text.as_str()));
        }
    }

    #[test]
    fn words_that_mean_something_else_are_quoted() {
        assert_eq!(
            ["on", "True", "1e3", "7", "orders.v1", "a-*", "*"].map(scalar).join(" "),
            r#""on" "True" "1e3" "7" orders.v1 a-* "*""#
        );
        assert_eq!(
            ["30d", "2MiB", "-1", "0.5", "true", "zstd", "compact,delete"].map(config_value).join(" "),
            r#"30d 2MiB -1 0.5 true zstd "compact,delete""#
        );
    }

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
}
