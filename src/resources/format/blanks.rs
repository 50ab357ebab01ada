//! Blanks at the ends of lines in block scalars: there they are text, and the formatter's library takes them for layout.

use super::comments::block_scalars;

/// A text whose blanks at the ends of lines in block scalars have characters in their place that are no blanks.
pub struct Kept {
    /// The text.
    pub text: String,
    /// What stands for a space and for a tab; `None` where there was nothing to keep.
    stands_in: Option<[char; 2]>,
}

/// Puts them there.
pub fn keep(text: &str) -> Kept {
    let mut blanks = Vec::new();
    for block in block_scalars(text) {
        let lines = || {
            let mut at = block.start;
            text[block.clone()].split_inclusive('\n').map(move |line| {
                let start = at;
                at += line.len();
                (start, line.trim_end_matches('\n'))
            })
        };
        let filled = lines().filter(|(_, line)| !line.trim_matches(BLANKS).is_empty());
        let indent =
            filled.map(|(_, line)| line.len() - line.trim_start_matches(' ').len()).min().unwrap_or(usize::MAX);
        for (start, line) in lines() {
            // Of a line of blanks only, what is as deep as the text is its indentation.
            let from = line.trim_end_matches(BLANKS).len().max(indent);
            if from < line.len() {
                blanks.push(start + from..start + line.len());
            }
        }
    }
    let mut unused = ('\u{e000}'..='\u{f8ff}').filter(|character| !text.contains(*character));
    let stands_in = if blanks.is_empty() { None } else { unused.next().zip(unused.next()).map(|(a, b)| [a, b]) };
    let Some([space, tab]) = stands_in else { return Kept { text: text.to_owned(), stands_in: None } };
    let mut kept = String::with_capacity(text.len() + 2 * blanks.len());
    let mut done = 0;
    for range in blanks {
        kept.push_str(&text[done..range.start]);
        kept.extend(text[range.clone()].chars().map(|blank| if blank == ' ' { space } else { tab }));
        done = range.end;
    }
    kept.push_str(&text[done..]);
    Kept { text: kept, stands_in }
}

const BLANKS: [char; 2] = [' ', '\t'];

impl Kept {
    /// Puts the blanks back into what became of the text.
    pub fn put_back(&self, formatted: String) -> String {
        match self.stands_in {
            Some([space, tab]) => formatted.replace(space, " ").replace(tab, "\t"),
            None => formatted,
        }
    }
}
