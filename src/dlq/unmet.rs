use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fmt;

use super::fingerprint::root_class;
use super::{Filter, Fingerprint, Shape, Text, Told};
use crate::source::closest;

/// How many names of a kind are kept. A queue has a few dozen, and one with more must not take all memory.
const MOST_NAMES: usize = 1_000;

/// How many names are told where none is near to what was asked for.
const NAMES_TOLD: usize = 5;

/// Looks for the names that a filter asks for among dead letters, and keeps the names that they have.
#[derive(Debug)]
pub struct Names {
    kinds: Vec<Kind>,
    shape: Shape,
}

/// The names of a kind that a dead letter has, which comes from a topic where it does not say.
type NamesOf = fn(&Told<'_>, &str, &mut Shape) -> Vec<String>;

/// Names of one kind.
#[derive(Debug)]
struct Kind {
    /// The option that asks for them.
    option: &'static str,
    of: NamesOf,
    /// What is asked for, and whether a dead letter has it.
    asked: Vec<(Text, bool)>,
    /// The names that there are, and how many dead letters have each.
    there: BTreeMap<String, u64>,
}

/// A name that a filter asks for and that no dead letter has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unmet {
    /// The option that asks for it, without its dashes.
    pub option: &'static str,
    /// What is asked for.
    pub asked: String,
    /// The name that was probably meant.
    pub meant: Option<String>,
    /// Names that there are, the most frequent first.
    pub there: Vec<String>,
    /// How many more there are.
    pub more: usize,
}

impl Names {
    /// Those that a filter asks for.
    pub fn asked_by(filter: &Filter) -> Self {
        let texts = |texts: &[Text]| texts.iter().map(|text| (text.clone(), false)).collect();
        // Hexadecimal digits are a pattern of themselves.
        let fingerprints = filter.fingerprints.iter().filter_map(|of| Some((of.to_string().parse().ok()?, false)));
        let kind = |option, asked, of: NamesOf| Kind { option, of, asked, there: BTreeMap::new() };
        let mut kinds = vec![
            kind("origin-topic", texts(&filter.origin_topics), origins),
            kind("group", texts(&filter.groups), groups),
            kind("class", texts(&filter.classes), classes),
            kind("fingerprint", fingerprints.collect(), fingerprint),
        ];
        kinds.retain(|kind: &Kind| !kind.asked.is_empty());
        Self { kinds, shape: Shape::default() }
    }

    /// Whether none is asked for.
    pub fn is_empty(&self) -> bool {
        self.kinds.is_empty()
    }

    /// Adds those of a dead letter. `topic` is where it comes from where it does not say.
    pub fn add(&mut self, told: &Told<'_>, topic: &str) {
        for kind in &mut self.kinds {
            for name in (kind.of)(told, topic, &mut self.shape) {
                for (asked, is_met) in &mut kind.asked {
                    *is_met |= asked.matches(&name);
                }
                // What has blanks in it is no name, and may quote the record.
                if name.is_empty() || name.contains(char::is_whitespace) {
                    continue;
                }
                let is_full = kind.there.len() >= MOST_NAMES;
                match kind.there.get_mut(&name) {
                    Some(count) => *count += 1,
                    None if is_full => {}
                    None => drop(kind.there.insert(name, 1)),
                }
            }
        }
    }

    /// What is asked for and none of them has. Where there were no dead letters, that says nothing.
    pub fn unmet(&self) -> Vec<Unmet> {
        let of_kind = |kind: &Kind| {
            let mut names: Vec<(&String, &u64)> = kind.there.iter().collect();
            names.sort_by_key(|(name, count)| (Reverse(**count), *name));
            let unmet = kind.asked.iter().filter(|(_, is_met)| !is_met).map(|(asked, _)| asked.to_string());
            let told = |asked: String| Unmet {
                option: kind.option,
                meant: meant(&asked, kind.there.keys()),
                asked,
                there: names.iter().take(NAMES_TOLD).map(|(name, _)| (*name).clone()).collect(),
                more: names.len().saturating_sub(NAMES_TOLD),
            };
            unmet.map(told).collect::<Vec<_>>()
        };
        self.kinds.iter().filter(|kind| !kind.there.is_empty()).flat_map(of_kind).collect()
    }
}

impl fmt::Display for Unmet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no dead letter that waits is meant by --{} {}", self.option, self.asked)?;
        if let Some(meant) = &self.meant {
            return write!(f, "; did you mean `{meant}`?");
        }
        let are = if self.there.len() == 1 { "is" } else { "are" };
        write!(f, "; there {are} {}", self.there.join(", "))?;
        match self.more {
            0 => Ok(()),
            more => write!(f, " and {more} more"),
        }
    }
}

/// The name that was probably meant. Of a class the last word may be all that was written.
fn meant<'n>(asked: &str, names: impl Iterator<Item = &'n String>) -> Option<String> {
    let word = asked.trim_matches(['*', '.']);
    let names: Vec<&str> = names.map(String::as_str).collect();
    if let Some(meant) = closest(word, names.iter().copied()) {
        return Some(meant.to_owned());
    }
    let near = closest(last(word), names.iter().map(|name| last(name)))?;
    names.iter().find(|name| last(name) == near).map(|name| (*name).to_owned())
}

fn last(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}

fn origins(told: &Told<'_>, topic: &str, _: &mut Shape) -> Vec<String> {
    vec![told.origin.topic.as_deref().unwrap_or(topic).to_owned()]
}

fn groups(told: &Told<'_>, _: &str, _: &mut Shape) -> Vec<String> {
    told.group.as_deref().map(str::to_owned).into_iter().collect()
}

fn classes(told: &Told<'_>, _: &str, _: &mut Shape) -> Vec<String> {
    let root = told.stacktrace.as_deref().and_then(root_class);
    let mut classes: Vec<String> =
        [told.class.as_deref(), told.cause.as_deref(), root].into_iter().flatten().map(str::to_owned).collect();
    classes.dedup();
    classes
}

fn fingerprint(told: &Told<'_>, topic: &str, shape: &mut Shape) -> Vec<String> {
    vec![Fingerprint::of(shape.fill(told, topic)).to_string()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::records::{Header, Record};

    fn add(names: &mut Names, class: &str, group: &str) {
        let headers = [
            Header { name: "busctl-dlq.group", value: Some(group.as_bytes()) },
            Header { name: "busctl-dlq.error-class", value: Some(class.as_bytes()) },
        ];
        let letter = Record { partition: 0, offset: 0, timestamp: None, key: None, value: None, headers: &headers };
        names.add(&Told::of(&letter), "orders");
    }

    fn told(filter: &Filter) -> Vec<String> {
        let mut names = Names::asked_by(filter);
        for _ in 0..2 {
            add(&mut names, "java.net.SocketTimeoutException", "billing");
        }
        add(&mut names, "com.acme.BadPrice", "shipping");
        add(&mut names, "the price of Ann is bad", "shipping");
        names.unmet().iter().map(ToString::to_string).collect()
    }

    fn texts(texts: &[&str]) -> Vec<Text> {
        texts.iter().map(|text| text.parse().expect(text)).collect()
    }

    #[test]
    fn a_slip_is_told_with_what_was_meant() {
        let filter = Filter {
            groups: texts(&["biling", "shipping"]),
            classes: texts(&["*BadPrise", "SocketTimeout", "com.acme.badprice", "*Timeout*"]),
            origin_topics: texts(&["order"]),
            ..Filter::default()
        };
        insta::assert_snapshot!(told(&filter).join("\n"), @"
        no dead letter that waits is meant by --origin-topic order; did you mean `orders`?
        no dead letter that waits is meant by --group biling; did you mean `billing`?
        no dead letter that waits is meant by --class *BadPrise; did you mean `com.acme.BadPrice`?
        no dead letter that waits is meant by --class SocketTimeout; did you mean `java.net.SocketTimeoutException`?
        no dead letter that waits is meant by --class com.acme.badprice; did you mean `com.acme.BadPrice`?
        ");
    }

    #[test]
    fn what_is_near_to_nothing_is_told_with_what_is_there_but_for_what_may_quote_a_record() {
        let filter = Filter {
            groups: texts(&["x"]),
            classes: texts(&["OutOfMemoryError"]),
            fingerprints: ["0123456789ab".parse().expect("one")].into(),
            ..Filter::default()
        };
        let told = told(&filter);
        assert_eq!(told[0], "no dead letter that waits is meant by --group x; there are billing, shipping");
        assert_eq!(
            told[1],
            "no dead letter that waits is meant by --class OutOfMemoryError; there are \
             java.net.SocketTimeoutException, com.acme.BadPrice"
        );
        assert!(told[2].starts_with("no dead letter that waits is meant by --fingerprint 0123456789ab; there are "));
        assert_eq!(told.len(), 3);
    }

    #[test]
    fn nothing_is_told_where_nothing_is_there_or_asked_for() {
        let filter = Filter { groups: texts(&["x"]), ..Filter::default() };
        assert_eq!(Names::asked_by(&filter).unmet(), []);
        assert!(Names::asked_by(&Filter::default()).is_empty());
    }
}
