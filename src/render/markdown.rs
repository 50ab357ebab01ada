//! Text of manifests and servers as GitHub's Markdown, in which it can be nothing but text; and the bound of a comment.

use super::plain;

/// GitHub refuses longer comments. Bytes are counted, which are never fewer than its characters.
pub(super) const COMMENT_LIMIT: usize = 65_536;

/// A name or value as code. In code nothing is a mention, a reference or markup.
pub(crate) fn code(text: &str) -> String {
    let text = plain::line(text);
    if text.trim().is_empty() {
        return "<code></code>".into();
    }
    // A code span ends at a backtick, and in a table at a pipe; a backslash in front of a pipe would free it.
    if !text.contains(['`', '|', '\\']) && text.trim() == text {
        return format!("`{text}`");
    }
    let mut html = String::from("<code>");
    escape(&text, &mut html);
    html + "</code>"
}

/// A sentence in which every character stands for itself. What it has between backticks becomes code.
pub(crate) fn prose(text: &str) -> String {
    let text = plain::line(text);
    let mut markdown = String::new();
    for part in parts(&text) {
        match part {
            Part::Text(text) => escape(text, &mut markdown),
            Part::Code(inside) => markdown.push_str(&code(inside)),
        }
    }
    markdown
}

/// A piece of a sentence.
enum Part<'t> {
    Text(&'t str),
    /// What stands between two backticks.
    Code(&'t str),
}

/// A sentence in its pieces. What is between backticks may have some of its own, which are no end: one that opens code does
/// not stand behind a word, and one that closes it not in front of one.
fn parts(text: &str) -> Vec<Part<'_>> {
    let is_word = |c: char| c.is_alphanumeric() || c == '`' || c == '_';
    let mut parts = Vec::new();
    // Where the present text starts, and where the search goes on.
    let (mut start, mut at) = (0, 0);
    while let Some(open) = text[at..].find('`').map(|offset| at + offset) {
        at = open + 1;
        if text[..open].chars().next_back().is_some_and(is_word) {
            continue;
        }
        let closes = |close: &usize| *close > at && !text[close + 1..].chars().next().is_some_and(is_word);
        let Some(close) = text[at..].match_indices('`').map(|(offset, _)| at + offset).find(closes) else { break };
        parts.push(Part::Text(&text[start..open]));
        parts.push(Part::Code(&text[at..close]));
        (start, at) = (close + 1, close + 1);
    }
    parts.push(Part::Text(&text[start..]));
    parts
}

/// Writes each character that could be markup as a reference to itself. GitHub looks for mentions (`@`), issues (`#`)
/// and emoji (`:`) behind the Markdown, in the finished text: an invisible character breaks those, and addresses.
fn escape(text: &str, out: &mut String) {
    let mut before = ' ';
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let spaced = chars.peek().is_none_or(|next| next.is_whitespace());
        match c {
            '@' | '#' => out.push_str(&format!("&#{};&#8203;", c as u32)),
            ':' if !spaced => out.push_str("&#58;&#8203;"),
            // `www.` would become a link.
            '.' if before == 'w' => out.push_str("&#46;"),
            '&' | '<' | '>' | '*' | '_' | '[' | ']' | '`' | '\\' | '|' | '~' | '!' | '$' => {
                out.push_str(&format!("&#{};", c as u32));
            }
            c => out.push(c),
        }
        before = c;
    }
}

/// A sentence for a reader who takes it for Markdown or for plain text, nobody knows which: outside of code, invisible
/// characters keep it from being a mention, a link, an emoji or HTML.
pub(super) fn inert(text: &str) -> String {
    let text = plain::line(text);
    let mut sentence = String::with_capacity(text.len());
    for part in parts(&text) {
        match part {
            Part::Text(text) => broken(text, &mut sentence),
            Part::Code(inside) => {
                // A backslash must not stand in front of the backtick that opens code.
                if sentence.ends_with('\\') {
                    sentence.push('\u{200b}');
                }
                sentence.push_str(&format!("`{}`", inside.replace('`', "ˋ")));
            }
        }
    }
    sentence
}

/// Writes text with an invisible character behind each one that could be markup with the next.
fn broken(text: &str, out: &mut String) {
    let mut chars = text.chars().peekable();
    let mut before = ' ';
    while let Some(c) = chars.next() {
        let next = chars.peek().copied();
        // A backtick that opens nothing.
        out.push(if c == '`' { 'ˋ' } else { c });
        let is_markup = match c {
            '@' | '#' | '<' | '&' => true,
            ':' => next.is_some_and(|next| !next.is_whitespace()),
            ']' => next.is_some_and(|next| "([:".contains(next)),
            '!' => next == Some('['),
            'w' | 'W' => next == Some('.') && before.eq_ignore_ascii_case(&'w'),
            _ => false,
        };
        if is_markup {
            out.push('\u{200b}');
        }
        before = c;
    }
}

/// Text of at most a number of bytes.
#[derive(Debug)]
pub(super) struct Bounded {
    text: String,
    limit: usize,
}

impl Bounded {
    pub fn new(limit: usize) -> Self {
        Self { text: String::new(), limit }
    }

    /// Adds a piece if it fits with `reserve` bytes to spare; says whether it did.
    pub fn push(&mut self, piece: &str, reserve: usize) -> bool {
        let fits = self.text.len() + piece.len() + reserve <= self.limit;
        if fits {
            self.text.push_str(piece);
        }
        fits
    }

    /// Adds a head, those of the rows that fit, and a tail; without any row, nothing. Returns how many rows were left
    /// out.
    pub fn section(&mut self, head: &str, rows: impl IntoIterator<Item = String>, tail: &str, reserve: usize) -> usize {
        let start = self.text.len();
        let reserve = reserve + tail.len();
        let room = self.push(head, reserve);
        let (mut shown, mut left_out) = (0, 0);
        for row in rows {
            *if room && self.push(&row, reserve) { &mut shown } else { &mut left_out } += 1;
        }
        if shown == 0 {
            self.text.truncate(start);
        } else {
            self.text.push_str(tail);
        }
        left_out
    }

    /// The most bytes that it may have.
    pub fn limit(&self) -> usize {
        self.limit
    }

    /// How many bytes still fit.
    pub fn room(&self) -> usize {
        self.limit - self.text.len()
    }

    pub fn finish(self) -> String {
        self.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_code() {
        assert_eq!(code("media.raw_ingest.v1"), "`media.raw_ingest.v1`");
        assert_eq!(code("a`b|c\\"), "<code>a&#96;b&#124;c&#92;</code>");
        assert_eq!(code("a\nb"), "`a b`");
        assert_eq!(code("` @me"), "<code>&#96; &#64;&#8203;me</code>");
    }

    #[test]
    fn sentences_stand_for_themselves() {
        assert_eq!(prose("`x` has *12* <b>"), "`x` has &#42;12&#42; &#60;b&#62;");
        assert_eq!(prose("ask @team, see #12"), "ask &#64;&#8203;team, see &#35;&#8203;12");
        assert_eq!(prose("`a` odd ` one"), "`a` odd &#96; one");
        // A name with backticks stays one, and does not make code of what is around it.
        assert_eq!(prose("`a`b` has no `c`"), "<code>a&#96;b</code> has no `c`");
        assert_eq!(
            prose("`a`` and `b`c@me`: `d`."),
            "<code>a&#96;</code> and <code>b&#96;c&#64;&#8203;me</code>: `d`."
        );
        assert_eq!(prose("`a` @b` has no `c`"), "`a` &#64;&#8203;b&#96; has no `c`");
        assert_eq!(
            prose("see https://x.de, www.x.de :+1: ok: yes"),
            "see https&#58;&#8203;//x.de, www&#46;x.de &#58;&#8203;+1: ok: yes"
        );
    }

    #[test]
    fn a_sentence_that_may_be_markdown_is_text_outside_of_code() {
        assert_eq!(inert("write `consumers: [SERVICE]`, then"), "write `consumers: [SERVICE]`, then");
        assert_eq!(inert("`a` and `@b`"), "`a` and `@b`");
        let odd = "@me #1 <!-- ![x](y) &#64; a:b www.x ``@a` \\`@b` `c``@d`";
        assert_eq!(
            inert(odd).replace('\u{200b}', "¦"),
            "@¦me #¦1 <¦!-- !¦[x]¦(y) &¦#¦64; a:¦b www¦.x `ˋ@a` \\¦`@b` `cˋ`@¦dˋ"
        );
    }

    #[test]
    fn what_does_not_fit_is_counted() {
        let mut bounded = Bounded::new(20);
        let rows = |n: usize| (0..n).map(|n| format!("row {n}\n"));
        assert_eq!(bounded.section("h\n", rows(5), "t\n", 2), 3);
        assert_eq!(bounded.finish(), "h\nrow 0\nrow 1\nt\n");
    }
}
