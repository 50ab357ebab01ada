//! Numbers and counts in words.

use crate::model::thousands;

/// A number with its thousands apart: `12,480`.
pub(super) fn number(value: usize) -> String {
    thousands(value as u64)
}

/// `1 error`, `2 errors`.
pub(super) fn counted(count: usize, one: &str) -> String {
    crate::model::counted(count as u64, one)
}

/// The first of a list, and how many more there are: one line is to be read at once.
pub(super) fn first_few(items: &[impl ToString]) -> String {
    const FEW: usize = 3;
    let first: Vec<_> = items.iter().take(FEW).map(ToString::to_string).collect();
    let more = items.len() - first.len();
    let more = if more > 0 { format!(" and {} more", number(more)) } else { String::new() };
    format!("{}{more}", first.join(", "))
}

/// Breaks items into lines of at most `width` characters. Each line but the last ends with the separator.
pub(super) fn wrapped(items: &[String], separator: &str, indent: &str, width: usize) -> String {
    let mut text = String::from(indent);
    let mut column = indent.chars().count();
    let mut first = true;
    for (index, item) in items.iter().enumerate() {
        let length = item.chars().count() + separator.trim_end().chars().count();
        if !first && column + length > width {
            text.truncate(text.trim_end().len());
            text.push('\n');
            text.push_str(indent);
            column = indent.chars().count();
        }
        text.push_str(item);
        column += item.chars().count();
        if index + 1 < items.len() {
            text.push_str(separator);
            column += separator.chars().count();
        }
        first = false;
    }
    text.push('\n');
    text
}

/// Breaks a sentence between its words, behind a mark that stands out to the left.
pub(super) fn sentence(mark: &str, text: &str, indent: &str, width: usize) -> String {
    let words: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
    let hanging = format!("{indent}{}", " ".repeat(mark.chars().count()));
    let text = wrapped(&words, " ", &hanging, width);
    format!("{indent}{mark}{}", &text[hanging.len()..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_stand_apart() {
        assert_eq!([0, 999, 1000, 1234567].map(number), ["0", "999", "1,000", "1,234,567"]);
        assert_eq!(counted(1, "error"), "1 error");
        assert_eq!(counted(1200, "error"), "1,200 errors");
    }

    #[test]
    fn items_are_wrapped_and_long_ones_kept_whole() {
        let items = ["aaaa", "bbbb", "cccccccccccccccc", "d"].map(str::to_owned);
        assert_eq!(wrapped(&items, ", ", "  ", 14), "  aaaa, bbbb,\n  cccccccccccccccc,\n  d\n");
    }
}
