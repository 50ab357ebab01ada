//! Where a part of an expression stands in its manifest.

use std::ops::Range;

use crate::source::{Sources, Span, Spanned};

/// The place of a part of a text that a manifest writes, `range` in bytes of the text. Where the manifest's spelling
/// (escapes) cannot be followed, the place of the whole.
pub(super) fn place_of(sources: &Sources, written: &Spanned<String>, range: Range<usize>) -> Span {
    let span = written.span;
    let raw = sources.file(span.file).text.get(span.start as usize..span.end as usize);
    let found =
        raw.and_then(|raw| Some(locate(raw, &written.value, range.start)?..locate(raw, &written.value, range.end)?));
    match found {
        Some(found) if found.end > found.start => {
            let start = span.start as usize;
            Span::new(span.file, start + found.start, start + found.end)
        }
        // Something is missing at the end.
        Some(found) => {
            let start = span.start as usize + found.start;
            Span::new(span.file, start, (start + 1).min(span.end as usize))
        }
        None => span,
    }
}

/// Where the byte `offset` of `text` stands in the spelling `raw` of it. Blanks are passed over: a scalar in several lines
/// is folded and has its indentation taken away.
fn locate(raw: &str, text: &str, offset: usize) -> Option<usize> {
    let (quote, start) = match raw.as_bytes().first()? {
        b'\'' => (Some('\''), 1),
        b'"' => (Some('"'), 1),
        // A block starts behind the line of its indicator.
        b'|' | b'>' => (None, raw.find('\n')?),
        _ => (None, 0),
    };
    let mut raw_rest = raw[start..].char_indices().map(|(at, c)| (start + at, c)).filter(|(_, c)| !c.is_whitespace());
    for (at, c) in text.char_indices().filter(|(_, c)| !c.is_whitespace()) {
        let (in_raw, found) = raw_rest.next()?;
        if found != c {
            return None;
        }
        if at >= offset {
            return Some(in_raw);
        }
        if c == '\'' && quote == Some('\'') {
            // Written twice.
            raw_rest.next()?;
        }
    }
    let end = raw.trim_end().len();
    Some(if quote.is_some() { end.saturating_sub(1) } else { end })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_found_in_every_style_of_scalar() {
        let text = "a.b == 'x' && c.wrong";
        let at = text.find("wrong").expect("it is there");
        for raw in [
            "a.b == 'x' && c.wrong",
            "\"a.b == 'x' && c.wrong\"",
            "'a.b == ''x'' && c.wrong'",
            ">\n    a.b == 'x'\n    && c.wrong\n",
            "a.b == 'x'\n    && c.wrong",
        ] {
            let found = locate(raw, text, at).unwrap_or_else(|| panic!("{raw}"));
            assert!(raw[found..].starts_with("wrong"), "{raw}");
            let end = locate(raw, text, text.len()).unwrap_or_else(|| panic!("{raw}"));
            assert!(raw[..end].ends_with("wrong"), "{raw}");
        }
        assert_eq!(locate("\"\\u0061.b\"", "a.b", 2), None);
    }
}
