//! The principal that brokers make of a certificate's subject (`ssl.principal.mapping.rules`), or of a token's claim.

use std::borrow::Cow;
use std::fmt::Write;

use regex::{Captures, RegexBuilder};

use super::{ClientAuth, ClusterSpec, pattern};
use crate::source::Span;

/// The config that says how brokers make principals of subjects.
pub const MAPPING_RULES: &str = "ssl.principal.mapping.rules";

/// The config that names the claim of a token that is the principal.
pub const SUBJECT_CLAIM: &str = "sasl.oauthbearer.sub.claim.name";

/// The config that puts a class in the place of both.
const BUILDER: &str = "principal.builder.class";

/// The one that is there without it, and uses both.
const OWN_BUILDER: &str = "org.apache.kafka.common.security.authenticator.DefaultKafkaPrincipalBuilder";

/// The largest that a pattern may become: manifests are not trusted to be small.
const LARGEST_PATTERN: usize = 1 << 20;

impl ClusterSpec {
    /// What is declared of a config of the brokers that the connection of this manifest meets, and where: for its listener,
    /// with `mechanism` for that on its listener, else for all.
    pub fn config_of_connection(&self, config: &str, mechanism: Option<&str>) -> Option<(Cow<'_, str>, Span)> {
        let listener = self.connection.as_ref().and_then(|connection| connection.listener.as_ref());
        self.config_at(listener.map(|listener| listener.as_str()), config, mechanism)
    }

    /// A listener's own setting of a config, and where, where the connection names no listener whose it could be.
    pub fn config_of_some_listener(&self, config: &str) -> Option<(&str, Span)> {
        let is_named = self.connection.as_ref().is_some_and(|connection| connection.listener.is_some());
        let mut configs = self.kafka.as_deref().filter(|_| !is_named)?.configs();
        let is_of_one = |key: &str| {
            key.strip_prefix("listener.name.")
                .and_then(|rest| rest.strip_suffix(config))
                .is_some_and(|it| it.ends_with('.'))
        };
        configs.find(|declared| is_of_one(declared.key)).map(|declared| (declared.key, declared.span))
    }

    /// The class that makes principals of who comes to a listener, and where it is declared; `None` where Kafka's own does.
    pub fn principal_builder(&self, listener: Option<&str>) -> Option<(Cow<'_, str>, Span)> {
        let declared = self.config_at(listener, BUILDER, None);
        declared.filter(|(class, _)| class.trim() != OWN_BUILDER)
    }

    /// The listener that the connection of this manifest meets, where it says that it asks for no certificate, and where.
    pub fn asks_no_certificate(&self) -> Option<(&str, Span)> {
        let listener = self.connection.as_ref()?.listener.as_ref()?;
        let declared = self.kafka.as_ref()?.listeners.iter().find(|(name, _)| *name.value == *listener.value)?;
        let auth = declared.1.client_auth.as_ref().filter(|auth| auth.value == ClientAuth::None)?;
        Some((listener.as_str(), auth.span))
    }

    /// What is declared of a config of the brokers, for this listener or for all.
    pub fn config_at(
        &self,
        listener: Option<&str>,
        config: &str,
        mechanism: Option<&str>,
    ) -> Option<(Cow<'_, str>, Span)> {
        let kafka = self.kafka.as_deref()?;
        let listener = listener.map(|listener| format!("listener.name.{}.", listener.to_lowercase()));
        let of_mechanism = listener.as_ref().zip(mechanism).map(|(listener, it)| format!("{listener}{it}.{config}"));
        let of_listener = listener.map(|listener| format!("{listener}{config}"));
        let keys = of_mechanism.into_iter().chain(of_listener).chain([config.to_owned()]);
        keys.into_iter().find_map(|key| {
            let found = kafka.configs().find(|config| config.key == key);
            found.map(|config| (config.value, config.span))
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

/// Applies rules to a subject, as `org.apache.kafka.common.security.ssl.SslPrincipalMapper` does: the first whose pattern takes the
/// whole subject counts.
pub fn map_subject(rules: &str, subject: &str) -> Mapped {
    // A broker reads all of them before the first subject.
    let rules = match read(rules) {
        Ok(rules) => rules,
        Err(why) => return Mapped::Unreadable(why),
    };
    for rule in rules {
        let Some(rule) = rule else { return Mapped::Name(subject.to_owned()) };
        match rule.apply(subject) {
            Ok(Some(name)) => return Mapped::Name(name),
            Ok(None) => {}
            Err(why) => return Mapped::Unreadable(why),
        }
    }
    Mapped::NoRule
}

/// What in rules keeps brokers from reading them, in words; `None` where nothing surely does. Java's patterns and those here
/// differ: only what is wrong in both is told.
pub fn broken_mapping(rules: &str) -> Option<String> {
    let patterns = match read(rules) {
        Ok(rules) => rules.into_iter().flatten().map(|rule| rule.pattern),
        Err(why) => return Some(why),
    };
    let mut broken = patterns.filter_map(|pattern| Some((pattern, pattern::broken(pattern)?)));
    broken.next().map(|(pattern, why)| format!("the pattern `{pattern}` is none: {why}"))
}

/// The rules in their order, `None` for `DEFAULT`; or what is none, in words.
fn read(rules: &str) -> Result<Vec<Option<Rule<'_>>>, String> {
    let is_between = |c: char| c == ',' || c.is_ascii_whitespace();
    let mut found = Vec::new();
    let mut rest = rules.trim_start_matches(is_between);
    while !rest.is_empty() {
        let (rule, behind) = match rest.strip_prefix("DEFAULT") {
            Some(behind) => (None, behind),
            None => {
                let (rule, behind) = Rule::read(rest).ok_or_else(|| format!("`{rest}` is no rule"))?;
                (Some(rule), behind)
            }
        };
        let next = behind.trim_start_matches(|c: char| c.is_ascii_whitespace());
        if !next.is_empty() && !next.starts_with(',') {
            return Err(match next.len() < behind.len() {
                // Kafka refuses a blank there, and passes over all that stands before an end of a line.
                true => format!("no comma stands before `{next}`"),
                false => format!("`{rest}` is no rule"),
            });
        }
        found.push(rule);
        rest = next.trim_start_matches(is_between);
    }
    Ok(found)
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
        Some((Self { pattern, replacement, case }, rest))
    }

    fn apply(&self, subject: &str) -> Result<Option<String>, String> {
        let not_understood = || format!("the pattern `{}` is not one that is understood here", self.pattern);
        let pattern = pattern::translated(self.pattern).ok_or_else(not_understood)?;
        let built = |pattern: &str| RegexBuilder::new(pattern).size_limit(LARGEST_PATTERN).build();
        let whole = built(&format!("^(?:{pattern})$")).map_err(|_| not_understood())?;
        if !whole.is_match(subject) {
            return Ok(None);
        }
        // It replaces each place where the pattern is found, which need not be the whole.
        let pattern = built(&pattern).map_err(|_| not_understood())?;
        let mut name = String::new();
        let (mut at, mut from) = (0, 0);
        while let Some(found) = pattern.captures_at(subject, from) {
            let whole = found.get_match();
            name.push_str(&subject[at..whole.start()]);
            self.replace(&found, &mut name)?;
            at = whole.end();
            // As Java does: behind a place of some length one without any may follow at once.
            from = match subject[at..].chars().next() {
                _ if !whole.is_empty() => at,
                Some(next) => at + next.len_utf8(),
                None => break,
            };
        }
        name.push_str(&subject[at..]);
        Ok(Some(match self.case {
            Case::Kept => name,
            Case::Lower => name.to_lowercase(),
            Case::Upper => name.to_uppercase(),
        }))
    }

    /// Writes the replacement for what was found, as `java.util.regex.Matcher` does. A number that is no group's is kept as it is
    /// written, where the pattern has groups at all: Kafka escapes it.
    fn replace(&self, found: &Captures<'_>, name: &mut String) -> Result<(), String> {
        let wrong = |what: &str| Err(format!("the replacement `{}` {what}", self.replacement));
        let groups = found.len() - 1;
        let mut rest = self.replacement;
        while let Some(c) = rest.chars().next() {
            rest = &rest[c.len_utf8()..];
            match c {
                '\\' => {
                    let next = rest.chars().next();
                    name.extend(next);
                    rest = &rest[next.map_or(0, char::len_utf8)..];
                }
                '$' => {
                    let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
                    if digits > 0 {
                        let (number, length) = group_of(&rest[..digits], groups);
                        if number > groups && groups == 0 {
                            return wrong("names a group that is not there");
                        }
                        match number > groups {
                            true => _ = write!(name, "${}", &rest[..digits]),
                            false => name.push_str(found.get(number).map_or("", |group| group.as_str())),
                        }
                        rest = &rest[if number > groups { digits } else { length }..];
                    } else if let Some((group, behind)) = rest.strip_prefix('{').and_then(|rest| rest.split_once('}')) {
                        let is_name = group.starts_with(|c: char| c.is_ascii_alphabetic())
                            && group.chars().all(|c| c.is_ascii_alphanumeric());
                        // One that took no part is there, and empty.
                        if !is_name || !self.pattern.contains(&format!("(?<{group}>")) {
                            return wrong("names a group that is not there");
                        }
                        name.push_str(found.name(group).map_or("", |group| group.as_str()));
                        rest = behind;
                    } else {
                        return wrong("has a `$` that names no group");
                    }
                }
                c => name.push(c),
            }
        }
        Ok(())
    }
}

/// The group that digits name, and how many of them: as many as there is such a group, and one at least.
fn group_of(digits: &str, groups: usize) -> (usize, usize) {
    let value = |length: usize| digits[..length].parse::<usize>().unwrap_or(usize::MAX);
    let length = (2..=digits.len()).take_while(|length| value(*length) <= groups).last().unwrap_or(1);
    (value(length), length)
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

    /// What Kafka 4.3.1's own class makes of these.
    #[test]
    fn what_a_pattern_finds_is_replaced_wherever_it_is() {
        maps("RULE:^CN=(.*?)(,.*)?/$1/", "CN=a,O=b", "a,O=b");
        maps("RULE:(.*)/u-$1/", "CN=a", "u-CN=au-");
        maps("RULE:CN=(.*?)/$1-/", "CN=a,O=b", "-a,O=b");
        maps("RULE:^CN=(?<n>[^,]+).*/${n}/", "CN=a,O=b", "a");
        maps("RULE:(?<a1>.)N=.*/${a1}x/", "CN=a", "Cx");
        maps("RULE:^CN=(a)(b)?.*$/$1-$2/", "CN=a", "a-");
        maps("RULE:^CN=(.*?),.*$/$10/", "CN=a,O=b", "a0");
        maps("RULE:(.*)/$3/", "CN=a", "$3$3");
        maps("RULE:^(.*)$/$30x/", "CN=a", "$30x");
        maps("RULE:^(CN)=(a)$/$01/", "CN=a", "CN");
        maps("RULE:^(CN)=(a)$/$0/", "CN=a", "CN=a");
        maps(r"RULE:^CN=a$/\\x\d/", "CN=a", r"\xd");
        maps("RULE:(?i)cn=(.*)/$1/", "CN=ä", "ä");
        maps("RULE:a/b/L , DEFAULT,", "CN=a", "CN=a");
        for wrong in ["$x", "a$", "${0}", "$$1", "${y}", "${n"] {
            let mapped = map_subject(&format!("RULE:^(.*)$/{wrong}/"), "CN=a");
            assert!(matches!(mapped, Mapped::Unreadable(_)), "{wrong}: {mapped:?}");
        }
    }

    #[test]
    fn words_and_digits_are_those_of_ascii() {
        let rules = |pattern: &str| format!("RULE:^CN=({pattern})$/$1/,RULE:.*/other/");
        let by = |pattern: &str, name: &str| match map_subject(&rules(pattern), &format!("CN={name}")) {
            Mapped::Name(made) => made.starts_with(name),
            other => panic!("{pattern}: {other:?}"),
        };
        assert!(by(r"\w+", "Az_9") && !by(r"\w+", "ä") && by(r"\W", "ä") && by(r"[\w.-]+", "a.b-c"));
        assert!(by(r"\d", "7") && !by(r"\d", "٧") && by(r"[^\d]", "٧") && by(r"\p{Nd}", "٧"));
        assert!(by(r"a\sb", "a b") && !by(r"a\sb", "a\u{a0}b") && by(r"\S+", "a\u{a0}b"));
        for otherwise in [r"(?U)\w+", r"\p{Punct}", "[[:alpha:]]", "(?i)ä", r"\<x"] {
            let mapped = map_subject(&format!("RULE:{otherwise}/x/"), "CN=a");
            assert!(matches!(mapped, Mapped::Unreadable(_)), "{otherwise}: {mapped:?}");
        }
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
            "RULE:a/b/ DEFAULT",
            "RULE:a/b/\nDEFAULT",
            "DEFAULT,RULE:b",
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
            "RULE:^CN=(.*)$/$1/\nRULE:^OU=(.*)$/$1/\nDEFAULT\n",
        ] {
            assert!(broken_mapping(wrong).is_some(), "{wrong}");
        }
        for right in [
            "",
            "DEFAULT",
            "RULE:^CN=(.*)$/$1/,\nDEFAULT\n",
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
