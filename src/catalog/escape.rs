//! Text of manifests and schemas as Markdown that shows the same text, on GitHub and elsewhere.
//!
//! None of it can make HTML, a table's cell, a heading, a list or a link, save for web addresses that are written out
//! and for `code` between backticks, which authors mean as such.

use std::path::Path;

use crate::source::{is_unseen, percent_encode};

/// Text as one line of Markdown. Pipes stay: [`row`] takes care of them where they matter.
pub fn text(raw: &str) -> String {
    let line = one_line(raw);
    let parts: Vec<_> = line.split('`').collect();
    let is_code = |index: usize| index % 2 == 1;
    let balanced = parts.len() % 2 == 1
        && parts.iter().enumerate().all(|(index, part)| !is_code(index) || !part.trim().is_empty());
    if !balanced {
        return prose(&line);
    }
    parts.iter().enumerate().map(|(index, part)| if is_code(index) { code(part) } else { prose(part) }).collect()
}

/// Text with its paragraphs, each on one line.
pub fn paragraphs(raw: &str) -> String {
    let mut paragraphs: Vec<String> = Vec::new();
    let mut lines = Vec::new();
    for line in raw.lines().chain([""]) {
        if line.trim().is_empty() && !lines.is_empty() {
            paragraphs.push(block(&text(&lines.join(" "))));
            lines.clear();
        } else if !line.trim().is_empty() {
            lines.push(line);
        }
    }
    paragraphs.join("\n\n")
}

/// Text in code type.
pub fn code(raw: &str) -> String {
    let line = one_line(raw);
    match line.as_str() {
        "" => String::new(),
        // Backslashes in a code span cannot be told from those that escape a table's pipes.
        line if line.contains(['`', '\\']) => {
            let mut html = String::from("<code>");
            for c in line.chars() {
                if c.is_ascii_punctuation() {
                    html.push_str(&format!("&#{};", c as u32));
                } else {
                    html.push(c);
                }
            }
            html + "</code>"
        }
        line => format!("`{line}`"),
    }
}

/// A row of a table, from cells that are Markdown already.
pub fn row(cells: &[String]) -> String {
    let cells: Vec<_> = cells.iter().map(|cell| cell.replace('|', "\\|")).collect();
    format!("| {} |\n", cells.join(" | "))
}

/// The first sentence of a text, cut at a word where it is very long.
pub fn first_sentence(raw: &str) -> String {
    const MOST: usize = 160;
    let line = one_line(raw);
    let end = line.match_indices(". ").map(|(index, _)| index + 1).find(|end| !ends_in_abbreviation(&line[..*end]));
    let sentence = &line[..end.unwrap_or(line.len())];
    if sentence.chars().count() <= MOST {
        return sentence.to_owned();
    }
    let cut: String = sentence.chars().take(MOST).collect();
    let words = cut.rsplit_once(' ').map_or(cut.as_str(), |(words, _)| words);
    format!("{words}…")
}

/// The address of a file of the workspace as a link in the catalog, which lies in `docs/`.
pub fn href(path: &Path) -> String {
    let relative = match path.strip_prefix("docs") {
        Ok(below) => below.to_string_lossy().into_owned(),
        Err(_) => format!("../{}", path.to_string_lossy()),
    };
    let mut address = String::new();
    percent_encode(relative.as_bytes(), b"/", &mut address);
    address
}

/// White space of any kind as single spaces, and a sign for each character that cannot be seen, as in findings: whoever
/// reviews the catalog sees that there is one.
pub fn one_line(raw: &str) -> String {
    let visible = |c: char| match c {
        c if c.is_whitespace() => ' ',
        c if is_unseen(c) => char::REPLACEMENT_CHARACTER,
        c => c,
    };
    let visible: String = raw.chars().map(visible).collect();
    visible.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn ends_in_abbreviation(text: &str) -> bool {
    ["e.g.", "i.e.", "etc.", "cf.", "vs."].iter().any(|known| text.ends_with(known))
}

/// A paragraph whose start is not taken for a heading, a list or a rule.
fn block(line: &str) -> String {
    let digits = line.chars().take_while(char::is_ascii_digit).count();
    match line[digits..].chars().next() {
        Some('.' | ')') if digits > 0 => format!("{}\\{}", &line[..digits], &line[digits..]),
        Some('#' | '+' | '-' | '=' | '|' | ':') if digits == 0 => format!("\\{line}"),
        _ => line.to_owned(),
    }
}

fn prose(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + 8);
    for (index, word) in text.split(' ').enumerate() {
        if index > 0 {
            escaped.push(' ');
        }
        match web_address(word) {
            Some((address, rest)) => {
                escaped.push_str(&format!("<{address}>"));
                escaped.push_str(&punctuated(rest));
            }
            None => escaped.push_str(&punctuated(word)),
        }
    }
    escaped
}

/// A word that is a web address, apart from the punctuation behind it.
fn web_address(word: &str) -> Option<(&str, &str)> {
    let address = word.trim_end_matches(['.', ',', ';', ':', '!', '?', ')', '\'']);
    let behind = address.strip_prefix("https://").or_else(|| address.strip_prefix("http://"))?;
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-._~:/?#@!$&'()*+,;=%".contains(c);
    (!behind.is_empty() && behind.chars().all(is_plain)).then_some((address, &word[address.len()..]))
}

fn punctuated(word: &str) -> String {
    let mut escaped = String::with_capacity(word.len());
    let mut before = None;
    let mut characters = word.chars().peekable();
    while let Some(c) = characters.next() {
        let is_inside = |neighbour: Option<char>| neighbour.is_some_and(char::is_alphanumeric);
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            // Inside a word it is no emphasis, and names are read more easily without a backslash.
            '_' if is_inside(before) && is_inside(characters.peek().copied()) => escaped.push('_'),
            '\\' | '`' | '*' | '_' | '[' | ']' | '~' | '$' => {
                escaped.push('\\');
                escaped.push(c);
            }
            _ => escaped.push(c),
        }
        before = Some(c);
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_shown_as_it_is_written() {
        assert_eq!(text("a <b> & *c* [d](e) ~~f~~ $x$"), "a &lt;b&gt; &amp; \\*c\\* \\[d\\](e) \\~\\~f\\~\\~ \\$x\\$");
        assert_eq!(text("media.raw_ingest.v1 _x_"), "media.raw_ingest.v1 \\_x\\_");
        assert_eq!(text("a\n  b\tc"), "a b c");
        assert_eq!(text("a\u{200b}b \u{202e}c\u{0}"), "a\u{fffd}b \u{fffd}c\u{fffd}");
        assert_eq!(code("a\u{2066}b"), "`a\u{fffd}b`");
        assert_eq!(text("see https://x.example/a_b?c=1&d=2."), "see <https://x.example/a_b?c=1&d=2>.");
    }

    #[test]
    fn backticks_make_code_only_in_pairs() {
        assert_eq!(text("`ZZ` alone"), "`ZZ` alone");
        assert_eq!(text("a ` b"), "a \\` b");
        assert_eq!(text("``a``"), "\\`\\`a\\`\\`");
        assert_eq!(text("`<b>`"), "`<b>`");
    }

    #[test]
    fn code_survives_what_code_spans_cannot_hold() {
        assert_eq!(code("null | string"), "`null | string`");
        assert_eq!(code("a`b"), "<code>a&#96;b</code>");
        assert_eq!(code("\\d<i>"), "<code>&#92;d&#60;i&#62;</code>");
        assert_eq!(row(&[code("null | string"), text("a|b\\")]), "| `null \\| string` | a\\|b\\\\ |\n");
    }

    #[test]
    fn a_paragraph_is_no_other_block() {
        assert_eq!(paragraphs("# a\nb\n\n\n- c\n\n1. d\n\n> e"), "\\# a b\n\n\\- c\n\n1\\. d\n\n&gt; e");
        assert_eq!(paragraphs(""), "");
    }

    #[test]
    fn the_first_sentence_ends_at_its_full_stop() {
        assert_eq!(first_sentence("Of catalog.title.v2, e.g. films. More."), "Of catalog.title.v2, e.g. films.");
        assert_eq!(first_sentence("No end"), "No end");
        assert!(first_sentence(&"word ".repeat(100)).ends_with("word…"));
    }

    #[test]
    fn files_are_linked_from_docs() {
        assert_eq!(href(Path::new("docs/adr/0001 a.md")), "adr/0001%20a.md");
        assert_eq!(href(Path::new("topics/a/a.b.v1.yaml")), "../topics/a/a.b.v1.yaml");
    }
}
