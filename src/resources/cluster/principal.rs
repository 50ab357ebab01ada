//! The principal that brokers make of a certificate's subject (`ssl.principal.mapping.rules`), or of a token's claim.

use regex::{Regex, RegexBuilder};
use regex_syntax::ast::ErrorKind;

use super::ClusterSpec;
use crate::source::Span;

/// The config that says how brokers make principals of subjects.
pub const MAPPING_RULES: &str = "ssl.principal.mapping.rules";

/// The config that names the claim of a token that is the principal.
pub const SUBJECT_CLAIM: &str = "sasl.oauthbearer.sub.claim.name";

/// The config that puts a class in the place of both.
pub const BUILDER: &str = "principal.builder.class";

/// The largest that a pattern may become: manifests are not trusted to be small.
const LARGEST_PATTERN: usize = 1 << 20;

impl ClusterSpec {
    /// What is declared of a config of the brokers that the connection of this manifest meets, and where: for its listener,
    /// with `mechanism` for that on its listener, else for all.
    pub fn config_of_connection(&self, config: &str, mechanism: Option<&str>) -> Option<(&str, Span)> {
        let kafka = self.kafka.as_deref()?;
        let listener = self.connection.as_ref().and_then(|connection| connection.listener.as_ref());
        let listener = listener.map(|listener| format!("listener.name.{}.", listener.to_lowercase()));
        let of_mechanism = listener.as_ref().zip(mechanism).map(|(listener, it)| format!("{listener}{it}.{config}"));
        let of_listener = listener.map(|listener| format!("{listener}{config}"));
        let keys = of_mechanism.into_iter().chain(of_listener).chain([config.to_owned()]);
        keys.into_iter().find_map(|key| {
            let found = kafka.configs().find(|(name, _)| *name.value == *key);
            found.and_then(|(_, node)| Some((node.scalar()?, node.span)))
        })
    }
}

/// What brokers make of a subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mapped {
    /// The principal's name.
    Name(String),
    /// No rule takes the subject: brokers refuse the connection.
    NoRule,
    /// The rules cannot be read here, and why.
    Unreadable(String),
}

/// Applies rules to a subject, as `org.apache.kafka.common.security.ssl.SslPrincipalMapper` does: the first that takes the
/// whole subject counts.
pub fn map_subject(rules: &str, subject: &str) -> Mapped {
    let mut rest = rules.trim_start_matches(is_between);
    while !rest.is_empty() {
        if let Some(behind) = rest.strip_prefix("DEFAULT") {
            if !behind.is_empty() && !behind.starts_with(is_between) {
                return Mapped::Unreadable(format!("`{rest}` is no rule"));
            }
            return Mapped::Name(subject.to_owned());
        }
        let Some((rule, behind)) = Rule::read(rest) else {
            return Mapped::Unreadable(format!("`{rest}` is no rule"));
        };
        match rule.apply(subject) {
            Ok(Some(name)) => return Mapped::Name(name),
            Ok(None) => {}
            Err(why) => return Mapped::Unreadable(why),
        }
        rest = behind.trim_start_matches(is_between);
    }
    Mapped::NoRule
}

/// What in rules keeps brokers from reading them, in words; `None` where nothing surely does. Java's patterns and those here
/// differ: only what is wrong in both is told.
pub fn broken_mapping(rules: &str) -> Option<String> {
    let mut rest = rules.trim_start_matches(is_between);
    while !rest.is_empty() {
        let no_rule = || Some(format!("`{rest}` is no rule"));
        if let Some(behind) = rest.strip_prefix("DEFAULT") {
            if !behind.is_empty() && !behind.starts_with(is_between) {
                return no_rule();
            }
            rest = behind.trim_start_matches(is_between);
            continue;
        }
        let Some((rule, behind)) = Rule::read(rest) else { return no_rule() };
        if let Some(why) = broken_pattern(rule.pattern) {
            return Some(format!("the pattern `{}` is none: {why}", rule.pattern));
        }
        rest = behind.trim_start_matches(is_between);
    }
    None
}

/// Why a pattern is none, for Java too.
fn broken_pattern(pattern: &str) -> Option<&'static str> {
    let error = regex_syntax::ast::parse::Parser::new().parse(pattern).err()?;
    match error.kind() {
        ErrorKind::GroupUnclosed => Some("a `(` is not closed"),
        ErrorKind::GroupUnopened => Some("a `)` closes nothing"),
        ErrorKind::ClassUnclosed => Some("a `[` is not closed"),
        ErrorKind::ClassRangeInvalid => Some("a range in `[…]` ends before it begins"),
        ErrorKind::RepetitionMissing => Some("`*`, `+` or `?` repeats nothing"),
        ErrorKind::RepetitionCountInvalid => Some("a repetition `{…}` ends before it begins"),
        ErrorKind::EscapeUnexpectedEof => Some(r"a `\` has nothing behind it"),
        // What Java knows and this does not, or knows in another way.
        _ => None,
    }
}

fn is_between(c: char) -> bool {
    c == ',' || c.is_whitespace()
}

/// `RULE:pattern/replacement/[LU]`.
struct Rule<'r> {
    pattern: &'r str,
    replacement: &'r str,
    case: Case,
}

#[derive(Clone, Copy)]
enum Case {
    Kept,
    Lower,
    Upper,
}

impl<'r> Rule<'r> {
    fn read(text: &'r str) -> Option<(Self, &'r str)> {
        let (pattern, rest) = up_to_slash(text.strip_prefix("RULE:")?)?;
        let (replacement, rest) = up_to_slash(rest)?;
        let (case, rest) = match rest.as_bytes().first() {
            Some(b'L') => (Case::Lower, &rest[1..]),
            Some(b'U') => (Case::Upper, &rest[1..]),
            _ => (Case::Kept, rest),
        };
        (rest.is_empty() || rest.starts_with(is_between)).then_some((Self { pattern, replacement, case }, rest))
    }

    fn apply(&self, subject: &str) -> Result<Option<String>, String> {
        let whole = RegexBuilder::new(&format!("^(?:{})$", self.pattern)).size_limit(LARGEST_PATTERN).build();
        // What Java's patterns can and these cannot: looking around, and references to what was found.
        let whole: Regex =
            whole.map_err(|_| format!("the pattern `{}` is not one that is understood here", self.pattern))?;
        let Some(found) = whole.captures(subject) else { return Ok(None) };
        let mut name = String::new();
        let mut rest = self.replacement.chars().peekable();
        while let Some(c) = rest.next() {
            match (c, rest.peek().and_then(|next| next.to_digit(10))) {
                ('$', Some(digit)) => {
                    rest.next();
                    let mut group = digit as usize;
                    // As Java does: a digit more, as long as there is such a group.
                    while let Some(next) = rest.peek().and_then(|next| next.to_digit(10))
                        && group * 10 + (next as usize) < found.len()
                    {
                        group = group * 10 + next as usize;
                        rest.next();
                    }
                    if group >= found.len() {
                        return Err(format!("the replacement `{}` names a group that is not there", self.replacement));
                    }
                    name.push_str(found.get(group).map_or("", |group| group.as_str()));
                }
                ('\\', _) => name.extend(rest.next()),
                _ => name.push(c),
            }
        }
        Ok(Some(match self.case {
            Case::Kept => name,
            Case::Lower => name.to_lowercase(),
            Case::Upper => name.to_uppercase(),
        }))
    }
}

/// A text up to a slash that no backslash stands before.
fn up_to_slash(text: &str) -> Option<(&str, &str)> {
    let mut is_escaped = false;
    for (index, c) in text.char_indices() {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '/' => return Some((&text[..index], &text[index + 1..])),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn maps(rules: &str, subject: &str, expected: &str) {
        assert_eq!(map_subject(rules, subject), Mapped::Name(expected.to_owned()), "{rules}");
    }

    /// The examples of Kafka's documentation and of its own tests.
    #[test]
    fn rules_do_what_those_of_brokers_do() {
        let rules = "RULE:^CN=(.*?),OU=ServiceUsers.*$/$1/, RULE:^CN=(.*?),OU=(.*?),O=(.*?),L=(.*?),ST=(.*?),C=(.*?)$/$1@$2/L, \
                     RULE:^.*[Cc][Nn]=([a-zA-Z0-9.]*).*$/$1/L, DEFAULT";
        maps(rules, "CN=serviceuser,OU=ServiceUsers,O=Unknown,L=Unknown,ST=Unknown,C=Unknown", "serviceuser");
        maps(rules, "CN=adminUser,OU=Admin,O=Unknown,L=Unknown,ST=Unknown,C=Unknown", "adminuser@admin");
        maps(rules, "OU=x,CN=Ada.B", "ada.b");
        maps(rules, "OU=nobody", "OU=nobody");
        maps("DEFAULT", "CN=a,O=b", "CN=a,O=b");
        maps(r"RULE:^CN=([^,]+).*/\$$1\/x/U", "CN=ab,O=c", "$AB/X");
        maps("RULE:^cn=(.*?),ou=(.*?),dc=(.*?),dc=(.*?)$/$1@$2.$3/L,DEFAULT", "cn=A,ou=B,dc=C,dc=D", "a@b.c");
    }

    #[test]
    fn what_takes_no_subject_and_what_is_no_rule_is_told() {
        assert_eq!(map_subject("RULE:^CN=(.*)$/$1/", "O=a"), Mapped::NoRule);
        assert_eq!(map_subject("", "O=a"), Mapped::NoRule);
        for wrong in [
            "default",
            "RULE:",
            "RULE:a",
            "RULE:a/b",
            "RULE:a/b/X",
            "DEFAULTS",
            "RULE:(/x/",
            "RULE:(?=a).*/x/",
            "RULE:.*/$3/",
        ] {
            assert!(matches!(map_subject(wrong, "O=a"), Mapped::Unreadable(_)), "{wrong}");
        }
    }

    #[test]
    fn only_what_is_surely_broken_is_told() {
        for wrong in [
            "default",
            "RULE:a/b",
            "DEFAULT, RULE:^CN=([^,]+/$1/",
            "RULE:^CN=[a-z/$1/,DEFAULT",
            "RULE:^CN=(.*))$/$1/",
            "RULE:*CN/x/",
            "RULE:[z-a]/x/",
            "RULE:a{3,1}/x/",
        ] {
            assert!(broken_mapping(wrong).is_some(), "{wrong}");
        }
        for right in [
            "",
            "DEFAULT",
            "RULE:^CN=(.*?),OU=ServiceUsers.*$/$1/, RULE:^.*[Cc][Nn]=([a-zA-Z0-9.]*).*$/$1/L, DEFAULT",
            // Java has these.
            "RULE:(?=CN)(?<!x)CN=(.*+)\\1/$1/",
            r"RULE:\Q(\E.*/x/",
            r"RULE:\p{javaLowerCase}[]a]/x/",
        ] {
            assert_eq!(broken_mapping(right), None, "{right}");
        }
    }
}
