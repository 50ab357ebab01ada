//! Messages without what is of one record alone.

/// The most that is read of a message, in bytes. Some hold the whole record.
const LONGEST: usize = 1_024;

/// Adds a message without numbers, ids and quoted text, which stand as `#` and `""`; blanks are joined.
pub(in crate::dlq) fn without_particulars(message: &str, into: &mut String) {
    let message = &message[..message.floor_char_boundary(LONGEST)];
    let mut rest = message;
    let mut before = ' ';
    while let Some(first) = rest.chars().next() {
        let length = if let Some(length) = plain_part(rest, before) {
            into.push_str(&rest[..length]);
            before = if rest.as_bytes()[length - 1].is_ascii_alphabetic() { 'a' } else { '.' };
            length
        } else if first.is_whitespace() {
            if before != ' ' {
                into.push(' ');
            }
            before = ' ';
            first.len_utf8()
        } else if let Some(length) = quoted(rest, first, before) {
            into.push_str("\"\"");
            before = '"';
            length
        } else if first.is_alphanumeric() {
            let length = word(rest);
            put_word(&rest[..length], before, into);
            before = 'a';
            length
        } else {
            into.push(first);
            before = first;
            first.len_utf8()
        };
        rest = &rest[length..];
    }
}

/// How long a part is that begins behind a blank and holds nothing but letters and marks, which all stay: most of what there is.
fn plain_part(text: &str, before: char) -> Option<usize> {
    let is_plain = |byte: &u8| byte.is_ascii_graphic() && !byte.is_ascii_digit() && !b"\"'`@".contains(byte);
    let end = text.bytes().position(|byte| byte == b' ').unwrap_or(text.len());
    (before == ' ' && end > 0 && text.as_bytes()[..end].iter().all(is_plain)).then_some(end)
}

/// How long a quotation is that begins here. An apostrophe inside of a word is none, and neither is what is not closed.
fn quoted(text: &str, quote: char, before: char) -> Option<usize> {
    let closing = match quote {
        '"' | '`' => quote,
        '\'' if !before.is_alphanumeric() => quote,
        '“' => '”',
        '‘' => '’',
        '«' => '»',
        _ => return None,
    };
    let inside = &text[quote.len_utf8()..];
    let ends = |(at, _): &(usize, &str)| {
        let behind = inside[at + closing.len_utf8()..].chars().next();
        quote != '\'' || behind.is_none_or(|behind| !behind.is_alphanumeric())
    };
    let (at, _) = inside.match_indices(closing).find(ends)?;
    Some(quote.len_utf8() + at + closing.len_utf8())
}

/// How long a word is: letters and digits, and the hyphens between those of an id.
fn word(text: &str) -> usize {
    let letters = |text: &str| text.find(|c: char| !c.is_alphanumeric()).unwrap_or(text.len());
    let mut length = letters(text);
    while let Some(next) = text[length..].strip_prefix('-') {
        match letters(next) {
            0 => break,
            more => length += 1 + more,
        }
    }
    length
}

/// A word as it is, without its digits, or `#` where it is an id: hexadecimal, or letters and digits mixed. What stands behind `@`
/// is where Java names an object of which it has nothing better to say.
fn put_word(word: &str, before: char, into: &mut String) {
    let is_identity = before == '@' && word.bytes().all(|byte| byte.is_ascii_hexdigit());
    if !is_identity && !word.contains(|c: char| c.is_numeric()) {
        return into.push_str(word);
    }
    let digits = word.strip_prefix("0x").unwrap_or(word);
    let is_long = digits.len() >= 8 || digits.len() < word.len();
    let is_hex = is_identity || is_long && digits.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    let changes =
        word.as_bytes().windows(2).filter(|pair| pair[0].is_ascii_digit() != pair[1].is_ascii_digit()).count();
    if is_hex || changes > 3 {
        return into.push('#');
    }
    let mut is_number = false;
    for c in word.chars() {
        if !c.is_numeric() {
            into.push(c);
        } else if !is_number {
            into.push('#');
        }
        is_number = c.is_numeric();
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn plain(message: &str) -> String {
        let mut text = String::new();
        without_particulars(message, &mut text);
        text
    }

    #[test]
    fn numbers_ids_and_quoted_text_go_words_stay() {
        let cases = [
            ("order 17 has  no\tprice", "order # has no price"),
            ("id 3f0c1f9e-2f57-4a0e-9d7e-0c1d2e3f4a5b unknown", "id # unknown"),
            ("Field 'amount' can't be null, isn't it", "Field \"\" can't be null, isn't it"),
            (
                "Unexpected character ('<' (code 60)): expected `{`",
                "Unexpected character (\"\" (code #)): expected \"\"",
            ),
            ("never \"closed", "never \"closed"),
            ("host db-7.example:5432 refused", "host db-#.example:# refused"),
            ("at 0x7ffe12ab of v2", "at # of v#"),
            ("session a1b2c3d4e5f6g7 is gone", "session # is gone"),
            ("failed in Binder$1@ec37828; Loop$$Lambda$9/0x0000000801234567", "failed in Binder$#@#; Loop$$Lambda$#/#"),
            ("failed in Binder$1@fadedcab; Loop$$Lambda$9/0x7f1b50565f90", "failed in Binder$#@#; Loop$$Lambda$#/#"),
            ("faded facade", "faded facade"),
            ("“Ann” said ‘no’", "\"\" said \"\""),
            ("قیمت ۱۷ تومان", "قیمت # تومان"),
        ];
        for (message, expected) in cases {
            assert_eq!(plain(message), expected, "{message}");
        }
    }

    proptest! {
        #[test]
        fn any_message_is_taken(message in ".*") {
            plain(&message);
        }

        #[test]
        fn the_number_of_a_record_makes_no_difference(a: u64, b: u64) {
            prop_assert_eq!(plain(&format!("record {a} failed")), plain(&format!("record {b} failed")));
        }
    }
}
