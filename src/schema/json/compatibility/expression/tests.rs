use super::*;

fn matches(pattern: &str, name: &str) -> Option<bool> {
    let expression = translate(pattern)?;
    let regex = regex::Regex::new(&expression.text).unwrap_or_else(|error| panic!("{pattern}: {error}"));
    Some(regex.is_match(name))
}

#[test]
fn letters_and_digits_are_ascii() {
    for (pattern, name, expected) in [
        (r"^\d+$", "123", true),
        (r"^\d+$", "٣", false),
        (r"^\D$", "٣", true),
        (r"^\w+$", "a_9", true),
        (r"^\w+$", "é", false),
        (r"^[\w.é-]+$", "é.a-", true),
        (r"^[^\w]+$", "é-", true),
        (r"^[^\W]+$", "é", false),
        (r"^\s$", "\u{B}", true),
        (r"^\s$", "\u{A0}", false),
        (r"^\S$", "\u{A0}", true),
        (r"^\p{L}+$", "éß", true),
        (r"^\PL$", "é", false),
    ] {
        assert_eq!(matches(pattern, name), Some(expected), "{pattern} of {name}");
    }
}

#[test]
fn what_means_the_same() {
    for (pattern, name, expected) in [
        ("", "a", true),
        ("b", "abc", true),
        ("^x-", "x-a", true),
        ("^x-", "ax-", false),
        ("^(?:a|b)+$", "abba", true),
        ("^(?<name>a)$", "a", true),
        ("^a{2}$", "aa", true),
        ("^a{2,}?$", "aaa", true),
        ("^a{1,2}$", "aaa", false),
        (r"^\x41\u0042\\\.\-$", r"AB\.-", true),
        (r"^\<$", "<", true),
        (r"^a#b c$", "a#b c", true),
        ("^[a-c-9]$", "-", true),
        ("^[+-]$", "-", true),
        ("^[^a]$", "\n", true),
        (r"^[\t-\r]$", "\n", true),
        ("^[a^&]$", "^", true),
        (r"\bb\b", "a b", true),
        (r"^(a*)*$", "aaa", true),
        ("é", "é", true),
    ] {
        assert_eq!(matches(pattern, name), Some(expected), "{pattern} of {name}");
    }
}

#[test]
fn what_might_mean_something_else() {
    for pattern in [
        "(?=a)",
        "(?!a)",
        "(?<=a)",
        "(?<!a)",
        "(?>a)",
        "(?i)a",
        "(?i:a)",
        r"(a)\1",
        r"\k<a>",
        "a*+",
        "a{2}+",
        "a**",
        "a{2}{3}",
        "^*",
        "*",
        "a{,2}",
        "a{ 2 }",
        "a{",
        "{",
        "(",
        ")",
        "[a",
        "[]",
        "[^]",
        "[a[b]]",
        "[a&&b]",
        "[b-a]",
        r"[a-\d]",
        r"[\b]",
        r"\p{IsLatin}",
        r"\p{Alpha}",
        r"\p{Lower}",
        r"\pX",
        r"\h",
        r"\v",
        r"\R",
        r"\Qa\E",
        r"\G",
        r"\0101",
        r"\cA",
        r"\x{41}",
        r"\uD83D",
        r"\y",
        r"\",
    ] {
        assert_eq!(translate(pattern), None, "{pattern}");
    }
}

#[test]
fn lines_and_words() {
    let knows = |pattern: &str| translate(pattern).map(|found| (found.knows_lines, found.knows_words));
    for pattern in ["a.", "a$", r"a\Z"] {
        assert_eq!(knows(pattern), Some((true, false)), "{pattern}");
    }
    for pattern in [r"\ba", r"a\B"] {
        assert_eq!(knows(pattern), Some((false, true)), "{pattern}");
    }
    assert_eq!(knows(r"^[.$]\.\$\z"), Some((false, false)));
}
