//! Texts that are edited, never printed anew, so that comments and order stay.

use super::Span;

/// Replacements in a text, by the places that they have before any of them.
#[derive(Default)]
pub struct Edits(Vec<(usize, usize, String)>);

impl Edits {
    /// Puts a text in the place of another.
    pub fn replace(&mut self, start: usize, end: usize, text: impl Into<String>) {
        self.0.push((start, end, text.into()));
    }

    /// Puts a text in the place of a value.
    pub fn set(&mut self, span: Span, text: impl Into<String>) {
        self.replace(span.start as usize, span.end as usize, text);
    }

    /// Puts a text between two others.
    pub fn insert(&mut self, at: usize, text: impl Into<String>) {
        self.replace(at, at, text);
    }

    /// The text with all of them.
    pub fn apply(mut self, text: &str) -> String {
        // From the end on, so that no place moves; what stands at one place keeps its order.
        self.0.sort_by_key(|(start, ..)| *start);
        let mut edited = text.to_owned();
        for (start, end, new) in self.0.into_iter().rev() {
            edited.replace_range(start..end, &new);
        }
        edited
    }
}

/// A text that says another name where it says one.
pub fn renamed(text: &str, name: &str, next: &str) -> String {
    text.replacen(name, next, 1)
}

/// Where the line of a place ends, its line break included. A place within a character is that of the character.
pub fn line_end(text: &str, at: usize) -> usize {
    let at = text.floor_char_boundary(at);
    text[at..].find('\n').map_or(text.len(), |length| at + length + 1)
}

/// Where the line of a place starts.
pub fn line_start(text: &str, at: usize) -> usize {
    let at = text.floor_char_boundary(at);
    text[..at].rfind('\n').map_or(0, |newline| newline + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_found_from_within_a_character() {
        let text = "eins\nzwei ü\ndrei";
        let within = text.find('ü').expect("it is there") + 1;
        assert_eq!((line_start(text, within), line_end(text, within)), (5, 13));
    }
}
