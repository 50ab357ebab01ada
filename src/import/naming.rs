//! The rule that names follow, where they follow one.

use std::collections::BTreeMap;

use crate::resources::settings::NamePattern;

/// What is asked of names, from what says most to what says least. A name that fits one of the first fits those behind
/// it too.
const PATTERNS: [&str; 8] = [
    "<domain>.<event>.v<number>",
    "<domain>.<entity>.<event>.v<number>",
    "<domain>.<event>-v<number>",
    "<domain>.<entity>.<event>",
    "<domain>.<event>",
    "<domain>-<event>-v<number>",
    "<domain>-<event>",
    "<domain>_<event>",
];

/// The pattern of a bus whose names follow none: every name fits it.
pub const ANY: &str = "<topic>";

/// What dead-letter topics end in.
const DEAD_LETTERS: [&str; 12] =
    [".dlq", "-dlq", "_dlq", ".dlt", "-dlt", "_dlt", ".DLQ", "-DLQ", ".DLT", "-DLT", ".dead-letter", "-dead-letter"];

/// How a bus names things.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Naming {
    /// Topics.
    pub topic: String,
    /// Dead-letter topics.
    pub dlq: String,
}

/// What a name ends in where it is that of a dead-letter topic.
pub fn dead_letter_end(name: &str) -> Option<&'static str> {
    DEAD_LETTERS.into_iter().find(|end| name.len() > end.len() && name.ends_with(end))
}

impl Naming {
    /// The naming of these topics. A rule is taken for one where nine of ten names follow it: those that do not are what a
    /// rule is there to find.
    pub fn infer<'n>(names: impl Iterator<Item = &'n str>) -> Self {
        let (letters, names): (Vec<&str>, Vec<&str>) = names.partition(|name| dead_letter_end(name).is_some());
        let dlq = dead_letters(&letters, &names);
        let with_prefix = common_start(&names).map(|start| PATTERNS.map(|pattern| format!("{start}.{pattern}")));
        let plain = PATTERNS.map(str::to_owned);
        let candidates = with_prefix.into_iter().flatten().chain(plain);
        let fits = |pattern: &String| {
            let pattern: NamePattern = pattern.parse().expect("a pattern of ours");
            let fitting = names.iter().filter(|name| pattern.parts(name).is_some()).count();
            !names.is_empty() && fitting * 10 >= names.len() * 9
        };
        let topic = candidates.into_iter().find(fits).unwrap_or_else(|| ANY.to_owned());
        Self { topic, dlq }
    }
}

/// The first part of names that nearly all of them share, where several share the part behind it too: it is the
/// organisation's, and what follows it is the domain.
fn common_start<'n>(names: &[&'n str]) -> Option<&'n str> {
    let mut counted: BTreeMap<&str, usize> = BTreeMap::new();
    for (start, _) in names.iter().filter_map(|name| name.split_once('.')) {
        *counted.entry(start).or_default() += 1;
    }
    let (start, count) = counted.into_iter().max_by_key(|(_, count)| *count)?;
    let domains: std::collections::BTreeSet<&str> = names
        .iter()
        .filter_map(|name| name.strip_prefix(start)?.strip_prefix('.')?.split_once('.'))
        .map(|(domain, _)| domain)
        .collect();
    let is_fit = !start.contains(['<', '>']);
    let is_shared = count * 10 >= names.len() * 9 && domains.len() >= 2 && domains.len() * 2 <= names.len();
    (is_fit && is_shared).then_some(start)
}

/// The pattern of dead-letter topics: by topic and service, where each name starts with that of a topic and has more than
/// its end behind it; else by topic alone.
fn dead_letters(letters: &[&str], names: &[&str]) -> String {
    let mut counted: BTreeMap<&'static str, usize> = BTreeMap::new();
    for end in letters.iter().filter_map(|name| dead_letter_end(name)) {
        *counted.entry(end).or_default() += 1;
    }
    let Some((end, _)) = counted.into_iter().max_by_key(|(_, count)| *count) else {
        return "<topic>.<service>.dlq".to_owned();
    };
    let separator = &end[..1];
    let known: std::collections::HashSet<&str> = names.iter().copied().collect();
    let names_service = |letters: &&str| {
        let Some(rest) = letters.strip_suffix(end) else { return false };
        !known.contains(rest) && rest.match_indices(separator).any(|(at, _)| known.contains(&rest[..at]))
    };
    let with_service = letters.iter().filter(|letters| names_service(letters)).count();
    match with_service * 2 > letters.len() {
        true => format!("<topic>{separator}<service>{end}"),
        false => format!("<topic>{end}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inferred(names: &[&str]) -> (String, String) {
        let naming = Naming::infer(names.iter().copied());
        (naming.topic, naming.dlq)
    }

    #[test]
    fn a_rule_is_found_where_names_follow_one() {
        let by = |names: &[&str]| inferred(names).0;
        assert_eq!(by(&["media.raw.v1", "media.cut.v2", "audit.access.v1"]), "<domain>.<event>.v<number>");
        assert_eq!(by(&["media.raw", "audit.access"]), "<domain>.<event>");
        assert_eq!(by(&["orders-created", "payments-done"]), "<domain>-<event>");
        assert_eq!(by(&["Orders", "payments.Done", "x"]), ANY);
        assert_eq!(by(&[]), ANY);
        let acme = ["acme.shop.order", "acme.shop.refund", "acme.media.raw", "acme.media.cut"];
        assert_eq!(by(&acme), "acme.<domain>.<event>");
    }

    #[test]
    fn one_of_ten_may_break_it() {
        let mut names: Vec<String> = (0..9).map(|number| format!("shop.event_{number}.v1")).collect();
        names.push("Legacy".to_owned());
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        assert_eq!(inferred(&names).0, "<domain>.<event>.v<number>");
        assert_eq!(inferred(&names[5..]).0, ANY);
    }

    #[test]
    fn dead_letters_are_named_by_topic_and_perhaps_by_service() {
        let by = |names: &[&str]| inferred(names).1;
        assert_eq!(by(&["a.b.v1", "a.b.v1.reader.dlq"]), "<topic>.<service>.dlq");
        assert_eq!(by(&["a.b.v1", "a.b.v1.dlq"]), "<topic>.dlq");
        assert_eq!(by(&["a-b", "a-b-DLT"]), "<topic>-DLT");
        assert_eq!(by(&["a.b.v1"]), "<topic>.<service>.dlq");
    }
}
