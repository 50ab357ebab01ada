//! How large a pattern becomes: engines write `a{3}` out as `aaa`.

use std::iter::Peekable;
use std::str::Chars;

use super::resolver::Target;
use crate::schema::error::quoted;
use crate::schema::sample::Unusable;
use crate::schema::text::Json;

/// How large a pattern may become.
const MOST_PATTERN: u64 = 100_000;

/// How large all patterns of a schema may become.
const MOST_PATTERNS: u64 = 1_000_000;

/// What any character but a few takes, of which UTF-8 has some forms.
const ALMOST_ANY: u64 = 8;

/// What a category of Unicode takes, which is of many ranges.
const CATEGORY: u64 = 256;

/// The sizes of the patterns of a schema.
#[derive(Default)]
pub(super) struct Patterns {
    pub(super) largest: u64,
    all: u64,
    /// The first that is too large.
    pub(super) refused: Option<Unusable>,
}

impl Patterns {
    /// Adds those of a part of the schema.
    pub(super) fn add(&mut self, (part, document): Target<'_>) {
        let of_text = part.get("pattern").and_then(|pattern| Some((pattern.as_str()?, &pattern.range)));
        let of_names = part.get("patternProperties").and_then(Json::as_object).unwrap_or_default();
        let of_names = of_names.iter().map(|member| (&*member.key, &member.key_range));
        for (pattern, range) in of_text.into_iter().chain(of_names) {
            let size = expansion(pattern);
            self.largest = self.largest.max(size);
            self.all = self.all.saturating_add(size);
            let most = if size > MOST_PATTERN { MOST_PATTERN } else { MOST_PATTERNS };
            if self.refused.is_none() && (size > MOST_PATTERN || self.all > MOST_PATTERNS) {
                let which = if size > MOST_PATTERN { "it becomes" } else { "it and those before it become" };
                let message = format!(
                    "the pattern {} is too costly to try: with its counts written out {which} larger than {most} characters",
                    quoted(pattern)
                );
                self.refused = Some(Unusable { message, range: (document == 0).then(|| range.clone()) });
            }
        }
    }
}

/// How large a pattern becomes, about: the characters and sets of it, each as often as its counts have it.
pub(super) fn expansion(pattern: &str) -> u64 {
    let mut reader = Reader { rest: pattern.chars().peekable(), groups: vec![0], last: 0 };
    let mut parts = 0;
    let mut has_count = false;
    while let Some(c) = reader.rest.next() {
        match c {
            '{' if reader.count().is_some() => has_count = true,
            _ => {
                parts += usize::from(!matches!(c, '^' | '$' | '?'));
                reader.read(c);
            }
        }
    }
    // Of one set alone, characters are counted, and nothing is written out.
    if has_count && parts == 1 && reader.groups.len() == 1 {
        return reader.last.min(CATEGORY);
    }
    reader.groups.into_iter().fold(0, u64::saturating_add)
}

struct Reader<'p> {
    rest: Peekable<Chars<'p>>,
    /// The size of each open group, the pattern itself first.
    groups: Vec<u64>,
    /// The size of what a count would repeat.
    last: u64,
}

impl Reader<'_> {
    fn read(&mut self, c: char) {
        match c {
            '(' => {
                self.groups.push(1);
                self.last = 0;
            }
            ')' => {
                // One too much is no pattern, and whoever compiles it says so.
                let group = if self.groups.len() > 1 { self.groups.pop().unwrap_or_default() } else { 0 };
                self.add(group);
            }
            '[' => {
                let size = self.class();
                self.add(size);
            }
            '\\' => {
                let size = self.escape();
                self.add(size);
            }
            '.' => self.add(ALMOST_ANY),
            // What they repeat is written once or twice, and an end takes nothing.
            '*' | '+' | '?' | '$' => {}
            '|' | '^' => self.last = 0,
            _ => self.add(1),
        }
    }

    fn add(&mut self, size: u64) {
        self.last = size;
        if let Some(group) = self.groups.last_mut() {
            *group = group.saturating_add(size);
        }
    }

    /// Behind a `{`: repeats what stands before it, where this is a count.
    fn count(&mut self) -> Option<()> {
        let mut ahead = self.rest.clone();
        let mut most = number(&mut ahead)?;
        if ahead.next_if_eq(&',').is_some() {
            most = number(&mut ahead).unwrap_or(most).max(most);
        }
        ahead.next_if_eq(&'}')?;
        self.rest = ahead;
        let all = self.last.saturating_mul(most.max(1));
        let more = all - self.last;
        if let Some(group) = self.groups.last_mut() {
            *group = group.saturating_add(more);
        }
        self.last = all;
        Some(())
    }

    /// Behind a `\`.
    fn escape(&mut self) -> u64 {
        let Some(c) = self.rest.next() else { return 0 };
        let has_name = self.rest.peek() == Some(&'{') && matches!(c, 'p' | 'P' | 'u' | 'x');
        if has_name {
            self.rest.by_ref().find(|c| *c == '}');
        }
        match c {
            'p' | 'P' => CATEGORY,
            'D' | 'S' | 'W' => ALMOST_ANY,
            _ => 1,
        }
    }

    /// Behind a `[`.
    fn class(&mut self) -> u64 {
        let mut size = if self.rest.next_if_eq(&'^').is_some() { ALMOST_ANY } else { 1 };
        while let Some(c) = self.rest.next() {
            match c {
                ']' => break,
                '\\' => size = self.escape().saturating_add(size),
                c if !c.is_ascii() => size += 1,
                _ => {}
            }
        }
        size
    }
}

fn number(rest: &mut Peekable<Chars<'_>>) -> Option<u64> {
    let mut digits = 0;
    let mut value: u64 = 0;
    while let Some(digit) = rest.peek().and_then(|c| c.to_digit(10)) {
        rest.next();
        digits += 1;
        value = value.saturating_mul(10).saturating_add(digit.into());
    }
    (digits > 0).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_multiply() {
        for (pattern, size) in [
            ("", 0),
            ("abc", 3),
            ("^a{3}b$", 4),
            ("a{2,5}b{3,}", 8),
            ("(ab){3}", 9),
            ("((a{1,50}){1,50}){1,50}", 127_550),
            (r"[a-z\]]{4}x", 9),
            (r"\{5}{2}a", 5),
            (r"\u{1F600}{3}a", 4),
            ("a{,3}", 5),
            ("x.{10}", 81),
            (r"\p{L}{2}a", 513),
            // Characters of one set are counted.
            ("^.{0,65535}$", 256),
            ("^[a-z]{1,100}$", 100),
            ("a{99999999999999999999999}b", u64::MAX),
            ("(a))(", 3),
        ] {
            assert_eq!(expansion(pattern), size, "{pattern}");
        }
    }
}
