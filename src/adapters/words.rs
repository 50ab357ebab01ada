//! Words of others in what is told.

/// The first characters of a text, with a mark where some are left out.
pub fn cut(mut text: String, most: usize) -> String {
    if let Some((end, _)) = text.char_indices().nth(most) {
        text.truncate(end);
        text.push('…');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_between_characters() {
        assert_eq!(cut("äöü".into(), 2), "äö…");
        assert_eq!(cut("äöü".into(), 3), "äöü");
    }
}
