use std::ops::Range;

use crate::source::is_unseen;

/// What is wrong with a schema's text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct SchemaError {
    /// One sentence without a full stop.
    pub message: String,
    /// How to mend it, where that can be said.
    pub help: Option<String>,
    /// The bytes of the text that are wrong; `None` where it is the schema as a whole.
    pub range: Option<Range<usize>>,
    /// The name of the reference whose text it is in; `None` for the schema itself.
    pub reference: Option<String>,
    /// The name of the schema that it refers to and nobody gave.
    pub missing: Option<Box<str>>,
}

impl SchemaError {
    /// An error of the schema as a whole.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), help: None, range: None, reference: None, missing: None }
    }

    /// Says which bytes are wrong.
    pub fn at(mut self, range: Range<usize>) -> Self {
        self.range = Some(range);
        self
    }

    /// Says how to mend it.
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Says which schema was referred to and not given.
    pub fn missing(mut self, name: &str) -> Self {
        self.missing = Some(name.into());
        self
    }

    /// Says that it is in the text of a reference.
    pub fn in_reference(mut self, name: &str) -> Self {
        self.reference.get_or_insert_with(|| name.to_owned());
        self
    }
}

impl SchemaError {
    /// What is wrong, with the reference that it is in: whoever reads it has the text of the schema before them.
    pub fn told(&self) -> String {
        self.reference.as_ref().map_or_else(|| self.message.clone(), |name| format!("in `{name}`: {}", self.message))
    }
}

/// Quotes text of a schema for a message: cut where it is long, what would not be seen made visible.
pub(crate) fn quoted(text: &str) -> String {
    const MOST: usize = 80;
    let mut shown: String =
        text.chars().take(MOST).flat_map(|c| if is_unseen(c) { visible(c) } else { vec![c] }).collect();
    if text.chars().nth(MOST).is_some() {
        shown.push('…');
    }
    format!("`{shown}`")
}

fn visible(c: char) -> Vec<char> {
    c.escape_default().collect()
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn what_would_not_be_seen_is_quoted_as_an_escape() {
        assert_eq!(quoted("a\n\u{202e}b\u{200b}ü"), r"`a\n\u{202e}b\u{200b}ü`");
    }
}
