use std::ops::Range;

use granit_parser::{Event, Parser, ScalarStyle};

use crate::source::edit::{line_end, line_start};

/// A comment in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Comment {
    /// Its bytes, from the `#` to the end of the line.
    range: Range<usize>,
    /// Whether something stands before it on its line.
    trails: bool,
}

/// What every comment of a text says, sorted.
pub fn sorted(text: &str) -> Vec<&str> {
    let mut said: Vec<&str> = comments(text).into_iter().map(|comment| text[comment.range].trim_end()).collect();
    said.sort_unstable();
    said
}

/// The formatted text with each comment behind a value in the column that it had, if there is room: people line them up.
pub fn in_their_columns(before: &str, after: String) -> String {
    let (old, new) = (comments(before), comments(&after));
    let is_alike = old.len() == new.len()
        && old.iter().zip(&new).all(|(a, b)| before[a.range.clone()].trim_end() == &after[b.range.clone()]);
    if !is_alike {
        return after;
    }
    let mut aligned = String::with_capacity(after.len() + after.len() / 8);
    let mut done = 0;
    for (old, new) in old.iter().zip(&new).filter(|(old, new)| old.trails && new.trails) {
        let content = after[done..new.range.start].trim_end_matches(' ');
        aligned.push_str(content);
        let wanted = columns_before(before, old.range.start);
        let width = columns_before(&aligned, aligned.len());
        aligned.extend(std::iter::repeat_n(' ', wanted.saturating_sub(width).max(1)));
        done = new.range.start;
    }
    aligned.push_str(&after[done..]);
    aligned
}

/// The text with each comment that has its own line as deep as what comes behind it: the formatter's library does not read
/// some that stand elsewhere.
pub fn beside_what_follows(text: &str) -> String {
    let mut moved = String::with_capacity(text.len());
    let mut done = 0;
    let own: Vec<_> = comments(text).into_iter().filter(|comment| !comment.trails).collect();
    for comment in &own {
        let start = line_start(text, comment.range.start);
        let is_comment = |at: usize| own.iter().any(|other| line_start(text, other.range.start) == at);
        let mut next = line_end(text, comment.range.end);
        while next < text.len() && (text[next..line_end(text, next)].trim().is_empty() || is_comment(next)) {
            next = line_end(text, next);
        }
        let line = &text[next..line_end(text, next)];
        moved.push_str(&text[done..start]);
        moved.extend(std::iter::repeat_n(' ', line.len() - line.trim_start_matches(' ').len()));
        done = comment.range.start;
    }
    moved.push_str(&text[done..]);
    moved
}

/// How many characters stand before a place on its line.
fn columns_before(text: &str, at: usize) -> usize {
    let start = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
    text[start..at].chars().count()
}

/// The comments of a text that is YAML: each `#` at the start of a line or behind white space that is in no scalar.
fn comments(text: &str) -> Vec<Comment> {
    let scalars = scalars(text);
    let mut scalars = scalars.iter().peekable();
    let mut found = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let end = at + line.trim_end_matches(['\n', '\r']).len();
        for (offset, _) in line.match_indices('#') {
            let place = at + offset;
            if line[..offset].chars().next_back().is_some_and(|before| !before.is_whitespace()) {
                continue;
            }
            while scalars.peek().is_some_and(|scalar| scalar.end <= place) {
                scalars.next();
            }
            if scalars.peek().is_none_or(|scalar| scalar.start > place) {
                let trails = !line[..offset].trim().is_empty();
                found.push(Comment { range: place..end, trails });
                break;
            }
        }
        at += line.len();
    }
    found
}

/// Where scalars stand. A block scalar begins behind the line with its `|` or `>`, on which a comment may stand.
fn scalars(text: &str) -> Vec<Range<usize>> {
    let mut scalars = Vec::new();
    for event in Parser::new_from_str(text) {
        let Ok((event, span)) = event else { break };
        if let (Event::Scalar(_, style, ..), Some(range)) = (&event, span.byte_range()) {
            let header = text[range.clone()]
                .find('\n')
                .filter(|_| is_block(*style) && text[range.clone()].starts_with(['|', '>']));
            scalars.push(range.start + header.unwrap_or(0)..range.end);
        }
    }
    scalars.sort_unstable_by_key(|range| range.start);
    scalars
}

/// The lines of block scalars, in their order.
pub fn block_scalars(text: &str) -> Vec<Range<usize>> {
    let mut blocks = Vec::new();
    for event in Parser::new_from_str(text) {
        let Ok((event, span)) = event else { break };
        if let (Event::Scalar(_, style, ..), Some(range)) = (&event, span.byte_range())
            && is_block(*style)
        {
            // The place begins with the text, behind its indentation; where there is none, with the header.
            let start = line_start(text, range.start);
            let is_text = text[start..range.start].trim().is_empty();
            blocks.push(if is_text { start } else { line_end(text, range.start).min(range.end) }..range.end);
        }
    }
    blocks.sort_unstable_by_key(|range| range.start);
    blocks
}

fn is_block(style: ScalarStyle) -> bool {
    matches!(style, ScalarStyle::Literal | ScalarStyle::Folded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sharp_in_a_scalar_is_no_comment() {
        let text = "# one\na: \"x # y\"  # two\nb: x#y # three\nc: | # four\n  text # none\n  # none\nd: 'it''s # no' # five\n\
                    e: plain\n  goes on # six\nf: >\n  x # none\n# seven\n";
        let said: Vec<_> = comments(text).into_iter().map(|comment| &text[comment.range]).collect();
        assert_eq!(said, ["# one", "# two", "# three", "# four", "# five", "# six", "# seven"]);
    }

    #[test]
    fn comments_keep_their_columns_where_there_is_room() {
        let before = "a: 1      # x\nbb:   {c: 1} # y\n";
        let after = "a: 1 # x\nbb: { c: 1 } # y\n".to_owned();
        assert_eq!(in_their_columns(before, after), "a: 1      # x\nbb: { c: 1 } # y\n");
    }
}
