//! Text of manifests and servers, made harmless for a terminal and for the log of a pipeline, whose runner looks for commands.

use std::borrow::Cow;

use crate::source::is_unseen;

/// What stands for a character that a terminal would obey or hide: always one character, so that columns stay right.
pub(super) fn picture(c: char) -> Option<char> {
    match c {
        '\u{0}'..='\u{1f}' => char::from_u32(0x2400 + c as u32),
        '\u{7f}' => Some('␡'),
        c if is_unseen(c) => Some(char::REPLACEMENT_CHARACTER),
        _ => None,
    }
}

/// A text on one line: line breaks and tabs become spaces, other control characters become visible.
pub(crate) fn line(text: &str) -> Cow<'_, str> {
    neutral(text, |c| matches!(c, '\n' | '\r' | '\t').then_some(' '))
}

/// A text that keeps its line breaks; other control characters become visible.
pub(crate) fn lines(text: &str) -> Cow<'_, str> {
    neutral(text, |c| match c {
        '\n' => Some('\n'),
        '\t' => Some(' '),
        _ => None,
    })
}

fn neutral(text: &str, white: impl Fn(char) -> Option<char>) -> Cow<'_, str> {
    let may_command = text.contains("##") || text.contains("::");
    if !may_command && text.chars().all(|c| picture(c).is_none()) {
        return Cow::Borrowed(text);
    }
    let mut neutral = String::with_capacity(text.len());
    let mut is_start = true;
    for (index, c) in text.char_indices() {
        let c = match c {
            '[' if opens_command(&text[..index]) => HARMLESS_BRACKET,
            // GitHub's runner takes a line that starts so for a command.
            ':' if is_start && text[index..].starts_with("::") => '∶',
            c => white(c).or_else(|| picture(c)).unwrap_or(c),
        };
        is_start = c == '\n' || (is_start && c.is_whitespace());
        neutral.push(c);
    }
    neutral.into()
}

/// What stands for a bracket that would open a command.
pub(super) const HARMLESS_BRACKET: char = '⁅';

/// Whether a bracket behind this text opens a command, `##[…]` of GitHub's runner or `##vso[…]` of Azure's, which obey it
/// wherever in a line it stands.
pub(super) fn opens_command(before: &str) -> bool {
    let word = before.len().checked_sub(3).and_then(|start| before.get(start..));
    let is_azure = word.is_some_and(|word| word.eq_ignore_ascii_case("vso"));
    let before = if is_azure { &before[..before.len() - 3] } else { before };
    before.ends_with("##")
}

/// A line of at most `most` characters; what is cut off leaves an ellipsis.
pub(super) fn clipped(text: &str, most: usize) -> Cow<'_, str> {
    let text = line(text);
    match text.char_indices().nth(most) {
        None => text,
        Some(_) => {
            let end = text.char_indices().nth(most.saturating_sub(1)).map_or(0, |(end, _)| end);
            format!("{}…", &text[..end]).into()
        }
    }
}

/// A text of at most `most` units of UTF-16, in which most readers of reports count; what is cut off its end leaves an
/// ellipsis.
pub(super) fn cut(text: String, most: usize) -> String {
    // No text has more units than bytes.
    if text.len() <= most || text.encode_utf16().nth(most).is_none() {
        return text;
    }
    let mut units = 1;
    let end = text.char_indices().find(|(_, c)| {
        units += c.len_utf16();
        units > most
    });
    format!("{}…", &text[..end.map_or(0, |(end, _)| end)])
}

/// A text of about `most` characters: what is too much is left out in the middle, for names and paths differ most at their
/// ends.
pub(crate) fn elided(text: &str, most: usize) -> Cow<'_, str> {
    // Most texts need not be counted.
    if text.len() <= most || text.chars().nth(most).is_none() {
        return Cow::Borrowed(text);
    }
    let half = most / 2;
    let head = text.char_indices().nth(half).map_or(text.len(), |(end, _)| end);
    let tail = text.char_indices().rev().nth(half.saturating_sub(1)).map_or(0, |(start, _)| start);
    format!("{}…{}", &text[..head], &text[tail..]).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_become_visible_and_keep_their_column() {
        assert_eq!(line("a\u{1b}[31mred\u{9b}0m\u{202e}"), "a␛[31mred\u{fffd}0m\u{fffd}");
        assert_eq!(line("one\r\ntwo\tthree"), "one  two three");
        assert_eq!(lines("one\ntwo\u{7}"), "one\ntwo␇");
    }

    #[test]
    fn no_runner_finds_a_command() {
        assert_eq!(
            line("a ##[error]b ##vso[task.x]c ##VSO[y] #[z] vso["),
            "a ##⁅error]b ##vso⁅task.x]c ##VSO⁅y] #[z] vso["
        );
        assert_eq!(line("::error::x a::b"), "∶:error::x a::b");
        assert_eq!(line(" \n::stop-commands::x"), "  ∶:stop-commands::x");
        assert_eq!(lines("a::b\n\t::error::\n ü:: c"), "a::b\n ∶:error::\n ü:: c");
    }

    #[test]
    fn joiners_of_persian_are_text() {
        assert_eq!(line("می\u{200c}خواهم"), "می\u{200c}خواهم");
    }

    #[test]
    fn what_is_cut_off_leaves_an_ellipsis() {
        assert_eq!(clipped("abc", 3), "abc");
        assert_eq!(clipped("äöüß", 3), "äö…");
    }

    #[test]
    fn what_is_too_long_for_a_reader_is_cut_between_characters() {
        assert_eq!(cut("abc".to_owned(), 3), "abc");
        assert_eq!(cut("abcd".to_owned(), 3), "ab…");
        assert_eq!(cut("äöü".to_owned(), 3), "äöü");
        // Two units each.
        assert_eq!(cut("🎬🎬".to_owned(), 4), "🎬🎬");
        assert_eq!(cut("🎬🎬🎬".to_owned(), 4), "🎬…");
        assert_eq!(cut("🎬🎬".to_owned(), 2), "…");
    }

    #[test]
    fn what_is_too_long_is_left_out_in_the_middle() {
        assert_eq!(elided("abcd", 4), "abcd");
        assert_eq!(elided("äöüß", 4), "äöüß");
        assert_eq!(elided("aäbcdeöz", 4), "aä…öz");
        assert_eq!(elided(&format!("field `{}` is gone", "n".repeat(1_000_000)), 20).chars().count(), 21);
    }
}
