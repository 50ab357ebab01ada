//! Blanks at the ends of lines in block scalars, and empty lines at the end of those that keep them (`|+`): there they are text,
//! and the formatter's library takes them for layout.

use std::ops::Range;

use super::comments::block_scalars;
use crate::source::edit::{line_end, line_start};

/// A text that has characters in the place of such blanks that are none.
pub struct Kept {
    /// The text.
    pub text: String,
    /// What stands for a space, for a tab and for nothing on a line; `None` where there was nothing to keep.
    stands_in: Option<[char; 3]>,
}

/// Puts them there.
pub fn keep(text: &str) -> Kept {
    let mut unused = ('\u{e000}'..='\u{f8ff}').filter(|character| !text.contains(*character));
    let (Some(space), Some(tab), Some(nothing)) = (unused.next(), unused.next(), unused.next()) else {
        return Kept { text: text.to_owned(), stands_in: None };
    };
    let mut edits: Vec<(Range<usize>, String)> = Vec::new();
    for block in block_scalars(text) {
        let filled = lines(text, &block).filter(|(_, line)| !line.trim_matches(BLANKS).is_empty());
        let indent =
            filled.map(|(_, line)| line.len() - line.trim_start_matches(' ').len()).min().unwrap_or(usize::MAX);
        for (start, line) in lines(text, &block) {
            // Of a line of blanks only, what is as deep as the text is its indentation.
            let from = line.trim_end_matches(BLANKS).len().max(indent);
            if from < line.len() {
                let kept = line[from..].chars().map(|blank| if blank == ' ' { space } else { tab });
                edits.push((start + from..start + line.len(), kept.collect()));
            }
        }
        if keeps_its_end(text, &block) && indent != usize::MAX {
            let end = block.start + text[block.clone()].trim_end_matches([' ', '\t', '\n']).len();
            let behind = line_end(text, end)..text.len();
            let empty = lines(text, &behind).take_while(|(_, line)| line.trim_matches(BLANKS).is_empty());
            let empty = empty.filter(|(start, line)| *start < text.len() && line.len() <= indent);
            edits.extend(
                empty.map(|(start, line)| (start..start + line.len(), format!("{}{nothing}", " ".repeat(indent)))),
            );
        }
    }
    if edits.is_empty() {
        return Kept { text: text.to_owned(), stands_in: None };
    }
    edits.sort_by_key(|(range, _)| range.start);
    let mut kept = String::with_capacity(text.len() + text.len() / 8);
    let mut done = 0;
    for (range, new) in edits {
        kept.push_str(&text[done..range.start]);
        kept.push_str(&new);
        done = range.end;
    }
    kept.push_str(&text[done..]);
    Kept { text: kept, stands_in: Some([space, tab, nothing]) }
}

/// The lines of a part of a text, each with where it starts.
fn lines<'t>(text: &'t str, part: &Range<usize>) -> impl Iterator<Item = (usize, &'t str)> {
    let mut at = part.start;
    text[part.clone()].split_inclusive('\n').map(move |line| {
        let start = at;
        at += line.len();
        (start, line.trim_end_matches('\n'))
    })
}

/// Whether a block scalar has a `+` in its header, which is on the line before its text.
fn keeps_its_end(text: &str, block: &Range<usize>) -> bool {
    let above = text[..block.start].trim_end_matches('\n');
    let header = &above[line_start(above, above.len())..];
    let header = header.split(" #").next().unwrap_or_default().trim_end();
    let start = header.trim_end_matches(|c: char| c.is_ascii_digit() || c == '+');
    start.ends_with(['|', '>']) && header[start.len()..].contains('+')
}

const BLANKS: [char; 2] = [' ', '\t'];

impl Kept {
    /// Puts the blanks back into what became of the text.
    pub fn put_back(&self, formatted: String) -> String {
        match self.stands_in {
            Some([space, tab, nothing]) => {
                let lines =
                    formatted.split('\n').map(|line| match line.trim_start_matches(' ').strip_prefix(nothing) {
                        Some("") => "",
                        _ => line,
                    });
                lines.collect::<Vec<_>>().join("\n").replace(space, " ").replace(tab, "\t")
            }
            None => formatted,
        }
    }
}
