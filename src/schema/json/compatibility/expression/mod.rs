//! Regular expressions as Java reads them, which is what registries match with, in the words of the `regex` crate.
//!
//! Only what surely means the same is translated: `\d`, `\w` and `\s` are ASCII to Java and Unicode to the crate. What
//! needs backtracking (look-around, back-references, possessive quantifiers), flags, and classes with `[`, `&&` or the
//! names of scripts and blocks are left to those who have Java.

use std::iter::Peekable;
use std::str::Chars;

/// The categories of Unicode, whose names both know.
const CATEGORIES: &[&str] = &[
    "C", "Cc", "Cf", "Cn", "Co", "L", "Ll", "Lm", "Lo", "Lt", "Lu", "M", "Mc", "Me", "Mn", "N", "Nd", "Nl", "No", "P",
    "Pc", "Pd", "Pe", "Pf", "Pi", "Po", "Ps", "S", "Sc", "Sk", "Sm", "So", "Z", "Zl", "Zp", "Zs",
];

/// A translated expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Expression {
    pub(super) text: String,
    /// Whether it looks at ends of lines, which Java knows more of: `.` and `$`.
    pub(super) knows_lines: bool,
    /// Whether it looks at ends of words, which are others in each version of Java once names are not ASCII: `\b`.
    pub(super) knows_words: bool,
}

/// Translates an expression; `None` where it might mean something else.
pub(super) fn translate(pattern: &str) -> Option<Expression> {
    let expression = Expression { text: String::with_capacity(pattern.len()), knows_lines: false, knows_words: false };
    let mut reader = Reader { rest: pattern.chars().peekable(), expression, can_repeat: false, groups: 0 };
    while let Some(c) = reader.rest.next() {
        reader.read(c)?;
    }
    (reader.groups == 0).then_some(reader.expression)
}

struct Reader<'p> {
    rest: Peekable<Chars<'p>>,
    expression: Expression,
    /// Whether there is something for a quantifier to repeat.
    can_repeat: bool,
    /// How many groups are open.
    groups: usize,
}

/// What a `\` stands before.
enum Escape {
    Char(char),
    /// Any of several characters.
    Set(String),
}

impl Reader<'_> {
    fn read(&mut self, c: char) -> Option<()> {
        match c {
            '^' => self.place("^"),
            '|' => self.place("|"),
            '$' => {
                self.expression.knows_lines = true;
                self.place("$");
            }
            '.' => {
                self.expression.knows_lines = true;
                self.atom(".");
            }
            '(' => return self.group(),
            ')' => {
                self.groups = self.groups.checked_sub(1)?;
                self.atom(")");
            }
            '*' | '+' | '?' | '{' => return self.quantifier(c),
            '[' => return self.class(),
            '\\' => return self.escape(),
            _ => self.literal(c),
        }
        Some(())
    }

    /// What a quantifier may follow.
    fn atom(&mut self, text: &str) {
        self.expression.text.push_str(text);
        self.can_repeat = true;
    }

    /// What no quantifier may follow.
    fn place(&mut self, text: &str) {
        self.expression.text.push_str(text);
        self.can_repeat = false;
    }

    fn literal(&mut self, c: char) {
        self.plain(c);
        self.can_repeat = true;
    }

    /// A character that stands for itself.
    fn plain(&mut self, c: char) {
        if c.is_ascii_alphanumeric() || !c.is_ascii() {
            self.expression.text.push(c);
        } else {
            self.expression.text.push_str(&format!(r"\x{{{:X}}}", u32::from(c)));
        }
    }

    fn group(&mut self) -> Option<()> {
        if self.rest.next_if_eq(&'?').is_some() {
            match self.rest.next()? {
                ':' => {}
                '<' => {
                    // A name, which look-behind has not.
                    self.rest.next_if(char::is_ascii_alphabetic)?;
                    while self.rest.next_if(char::is_ascii_alphanumeric).is_some() {}
                    self.rest.next_if_eq(&'>')?;
                }
                _ => return None,
            }
        }
        self.groups += 1;
        self.place("(?:");
        Some(())
    }

    fn quantifier(&mut self, c: char) -> Option<()> {
        if !self.can_repeat {
            return None;
        }
        self.expression.text.push(c);
        if c == '{' {
            self.number()?;
            if self.rest.next_if_eq(&',').is_some() {
                self.expression.text.push(',');
                if self.rest.peek() != Some(&'}') {
                    self.number()?;
                }
            }
            self.rest.next_if_eq(&'}')?;
            self.expression.text.push('}');
        }
        // Lazy or not, the same names match; a `+` would forbid to give back what was taken.
        self.rest.next_if_eq(&'?');
        self.can_repeat = false;
        Some(())
    }

    fn number(&mut self) -> Option<()> {
        let first = self.rest.next_if(char::is_ascii_digit)?;
        self.expression.text.push(first);
        while let Some(digit) = self.rest.next_if(char::is_ascii_digit) {
            self.expression.text.push(digit);
        }
        Some(())
    }

    /// What stands behind a `\` outside of classes.
    fn escape(&mut self) -> Option<()> {
        match self.rest.peek()? {
            'A' => self.place(r"\A"),
            'z' => self.place(r"\z"),
            'Z' => {
                self.expression.knows_lines = true;
                self.place("$");
            }
            'b' => {
                self.expression.knows_words = true;
                self.place(r"\b");
            }
            'B' => {
                self.expression.knows_words = true;
                self.place(r"\B");
            }
            _ => {
                match self.escaped()? {
                    Escape::Char(c) => self.literal(c),
                    Escape::Set(set) => self.atom(&set),
                }
                return Some(());
            }
        }
        self.rest.next();
        Some(())
    }

    /// What stands behind a `\` everywhere.
    fn escaped(&mut self) -> Option<Escape> {
        let set = |text: &str| Some(Escape::Set(text.to_owned()));
        let c = match self.rest.next()? {
            'd' => return set("[0-9]"),
            'D' => return set("[^0-9]"),
            'w' => return set("[0-9A-Za-z_]"),
            'W' => return set("[^0-9A-Za-z_]"),
            's' => return set(r"[\t\n\x0B\f\r\x20]"),
            'S' => return set(r"[^\t\n\x0B\f\r\x20]"),
            word @ ('p' | 'P') => {
                let name = self.category()?;
                return Some(Escape::Set(format!(r"\{word}{{{name}}}")));
            }
            't' => '\t',
            'n' => '\n',
            'r' => '\r',
            'f' => '\u{C}',
            'a' => '\u{7}',
            'e' => '\u{1B}',
            'x' if self.rest.peek() != Some(&'{') => self.hexadecimal(2)?,
            'u' => self.hexadecimal(4)?,
            letter if letter.is_ascii_alphanumeric() => return None,
            other => other,
        };
        Some(Escape::Char(c))
    }

    fn hexadecimal(&mut self, digits: usize) -> Option<char> {
        let mut number = 0;
        for _ in 0..digits {
            number = number * 16 + self.rest.next()?.to_digit(16)?;
        }
        char::from_u32(number)
    }

    fn category(&mut self) -> Option<String> {
        let name: String = match self.rest.next()? {
            '{' => {
                let mut name = String::new();
                loop {
                    match self.rest.next()? {
                        '}' => break name,
                        c => name.push(c),
                    }
                }
            }
            c => c.into(),
        };
        CATEGORIES.contains(&&*name).then_some(name)
    }

    /// A class, behind its `[`.
    fn class(&mut self) -> Option<()> {
        self.place("[");
        if self.rest.next_if_eq(&'^').is_some() {
            self.expression.text.push('^');
        }
        let mut is_empty = true;
        loop {
            match self.rest.next()? {
                ']' if !is_empty => break,
                '[' | ']' => return None,
                '&' if self.rest.peek() == Some(&'&') => return None,
                '\\' => match self.escaped()? {
                    Escape::Set(set) => self.expression.text.push_str(&set),
                    Escape::Char(c) => self.range(c)?,
                },
                c => self.range(c)?,
            }
            is_empty = false;
        }
        self.atom("]");
        Some(())
    }

    /// A character of a class, or the first of a range.
    fn range(&mut self, first: char) -> Option<()> {
        self.plain(first);
        let mut ahead = self.rest.clone();
        if ahead.next() != Some('-') || ahead.next() == Some(']') {
            return Some(());
        }
        self.rest.next();
        let last = match self.rest.next()? {
            '[' => return None,
            '\\' => match self.escaped()? {
                Escape::Char(c) => c,
                Escape::Set(_) => return None,
            },
            c => c,
        };
        if last < first {
            return None;
        }
        self.expression.text.push('-');
        self.plain(last);
        Some(())
    }
}

#[cfg(test)]
mod tests;
