//! Options as they are written, and in one spelling.

use prost_reflect::prost_types::UninterpretedOption;

/// The word that an option which no extension declares is set to.
pub fn word<'o>(options: &'o [UninterpretedOption], name: &str) -> Option<&'o str> {
    let is_meant = |option: &&UninterpretedOption| matches!(&option.name[..], [only] if !only.is_extension && only.name_part == name);
    options.iter().find(is_meant)?.identifier_value.as_deref()
}

/// Whether such an option is `true`.
pub fn is_set(options: &[UninterpretedOption], name: &str) -> bool {
    word(options, name) == Some("true")
}

/// Gives the names and values of options one spelling, which is only to be compared.
pub fn spell(options: &mut [UninterpretedOption]) {
    for option in options.iter_mut() {
        if let Some(value) = &mut option.aggregate_value {
            *value = tokens(value);
        }
        for part in &mut option.name {
            if let Some(full) = part.name_part.strip_prefix('.') {
                part.name_part = full.to_owned();
            }
        }
    }
}

/// Sorts options by name.
pub fn sort(options: &mut [UninterpretedOption]) {
    // Stable, so that the order of a repeated option's values stays.
    options.sort_by_cached_key(|option| {
        let name = |part: &str| part.strip_prefix('.').unwrap_or(part).to_owned();
        option.name.iter().map(|part| (part.is_extension, name(&part.name_part))).collect::<Vec<_>>()
    });
}

/// The tokens of a message in text format with one space between them; separators and the optional colon before a
/// message mean nothing.
fn tokens(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    let mut space = false;
    while let Some(c) = rest.next() {
        match c {
            c if c.is_whitespace() || matches!(c, ',' | ';' | ':') => space = true,
            '#' => {
                while rest.next_if(|c| *c != '\n').is_some() {}
                space = true;
            }
            '"' | '\'' => {
                out.push_str(" \"");
                while let Some(inner) = rest.next().filter(|inner| *inner != c) {
                    out.push(inner);
                    if inner == '\\' {
                        out.extend(rest.next());
                    }
                }
                out.push('"');
                space = true;
            }
            '{' | '}' | '[' | ']' | '<' | '>' => {
                out.push(' ');
                out.push(match c {
                    '<' => '{',
                    '>' => '}',
                    c => c,
                });
                space = true;
            }
            c => {
                if std::mem::take(&mut space) {
                    out.push(' ');
                }
                out.push(c);
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_format_in_one_spelling() {
        assert_eq!(tokens("a: 1, b:{c:\"x, y\"}"), tokens("a:1\n b < c: 'x, y' >"));
        assert_ne!(tokens("a: \"x y\""), tokens("a: \"xy\""));
        assert_ne!(tokens("a: 1 b: 2"), tokens("a: 12 b: 2"));
    }
}
