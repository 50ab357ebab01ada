use std::ops::Range;

use super::lines::Point;
use crate::render::plain::{HARMLESS_BRACKET, opens_command, picture};

/// The part of a line that is shown, harmless for a terminal, and the bytes of it to underline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Excerpt {
    pub text: String,
    pub span: Range<usize>,
    /// Whether the start of the line is missing, so that columns cannot be counted in the text.
    pub cut: bool,
}

impl Excerpt {
    /// The line of `point` with `length` bytes underlined. A line that is much longer than the terminal is wide (a
    /// minified schema) is cut around them.
    pub fn new(point: Point<'_>, length: usize, width: usize) -> Self {
        let line = point.text;
        let start = line.floor_char_boundary(point.offset);
        let end = line.floor_char_boundary(start.saturating_add(length)).max(start);
        // What is underlined ends with the line, and not with white space.
        let end = start + line[start..end].trim_end().len();
        if line.len() <= 4 * width {
            return Self::shown(line, 0..line.len(), start..end);
        }
        let from = line.floor_char_boundary(start.saturating_sub(width / 3));
        let to = line.ceil_char_boundary(start.saturating_add(width * 2 / 3));
        Self::shown(line, from..to, start..end.min(to))
    }

    fn shown(line: &str, part: Range<usize>, span: Range<usize>) -> Self {
        let mut text = String::with_capacity(part.len() + 6);
        if part.start > 0 {
            text.push('…');
        }
        let mut underlined = None;
        for (index, c) in line[part.clone()].char_indices() {
            let index = part.start + index;
            if index == span.start {
                underlined = Some(text.len()..text.len());
            }
            let c = match c {
                '\t' => c,
                '[' if opens_command(&line[..index]) => HARMLESS_BRACKET,
                c => picture(c).unwrap_or(c),
            };
            text.push(c);
            if let Some(underlined) = &mut underlined
                && index < span.end
            {
                underlined.end = text.len();
            }
        }
        let underlined = underlined.unwrap_or(text.len()..text.len());
        if part.end < line.len() {
            text.push('…');
        }
        Self { text, span: underlined, cut: part.start > 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(text: &str, offset: usize) -> Point<'_> {
        Point { line: 1, column: 1, text, offset }
    }

    #[test]
    fn a_span_that_leaves_its_line_ends_with_it() {
        let excerpt = Excerpt::new(point("topic: x  ", 7), 500, 80);
        assert_eq!(&excerpt.text[excerpt.span], "x");
    }

    #[test]
    fn a_control_character_is_shown_and_does_not_move_the_underline() {
        let excerpt = Excerpt::new(point("a\u{1b}[31m: bad", 8), 3, 80);
        assert_eq!(excerpt.text, "a␛[31m: bad");
        assert_eq!(&excerpt.text[excerpt.span], "bad");
    }

    #[test]
    fn a_command_of_a_runner_is_none_in_a_line_either() {
        let excerpt = Excerpt::new(point("owner: ##vso[task.complete]", 7), 20, 80);
        assert_eq!(excerpt.text, "owner: ##vso⁅task.complete]");
        assert_eq!(&excerpt.text[excerpt.span], "##vso⁅task.complete]");
    }

    #[test]
    fn a_very_long_line_is_cut_around_the_span() {
        let line = format!("{}NAME{}", "ä".repeat(500_000), "x".repeat(500_000));
        let excerpt = Excerpt::new(point(&line, 1_000_000), 4, 90);
        assert!(excerpt.cut && excerpt.text.len() < 120, "{}", excerpt.text.len());
        assert_eq!(&excerpt.text[excerpt.span], "NAME");
    }
}
