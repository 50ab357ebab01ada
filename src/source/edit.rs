//! Texts that are edited, never printed anew, so that comments and order stay.

/// Replacements in a text, by the places that they have before any of them.
#[derive(Default)]
pub struct Edits(Vec<(usize, usize, String)>);

impl Edits {
    /// Puts a text in the place of another.
    pub fn replace(&mut self, start: usize, end: usize, text: impl Into<String>) {
        self.0.push((start, end, text.into()));
    }

    /// Puts a text between two others.
    pub fn insert(&mut self, at: usize, text: impl Into<String>) {
        self.replace(at, at, text);
    }

    /// Puts lines behind the one that something ends in, with the line breaks that the text has.
    pub fn insert_line(&mut self, text: &str, end: usize, lines: &str) {
        let at = line_end_of(text, end);
        let newline = line_break(text);
        let lines = lines.replace('\n', newline);
        match text[..at].ends_with('\n') {
            true => self.insert(at, format!("{lines}{newline}")),
            false => self.insert(at, format!("{newline}{lines}")),
        }
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

/// The line break that a text has.
pub fn line_break(text: &str) -> &'static str {
    if text.contains("\r\n") { "\r\n" } else { "\n" }
}

/// Where the line of a place ends, its line break included. A place within a character is that of the character.
pub fn line_end(text: &str, at: usize) -> usize {
    let at = text.floor_char_boundary(at);
    text[at..].find('\n').map_or(text.len(), |length| at + length + 1)
}

/// Where the last line of a value ends that ends at a place. That of a block is behind its line break, and behind the indentation of
/// what follows.
pub fn line_end_of(text: &str, end: usize) -> usize {
    let end = text[..text.floor_char_boundary(end)].trim_end_matches([' ', '\t']).len();
    line_end(text, end.saturating_sub(1))
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

    #[test]
    fn a_block_ends_with_its_own_line() {
        let text = "a:\n  - >-\n    x\n  - y\n";
        let next = text.find("- y").expect("it is there");
        for end in [next, next - 2, next - 3] {
            assert_eq!(line_end_of(text, end), next - 2);
        }
        assert_eq!(line_end_of(text, 0), 3);
    }
}
