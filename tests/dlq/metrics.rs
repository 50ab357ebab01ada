//! Reads metrics as strictly as the checkers of Prometheus and OpenMetrics do: names, types, units, helps, escapes, order.

use std::collections::{BTreeMap, BTreeSet};

/// Labels by their names.
type Labels = BTreeMap<String, String>;

/// A sample: its name, its labels, its value.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    pub name: String,
    pub labels: Labels,
    pub value: f64,
}

/// The samples of an exposition.
#[derive(Debug)]
pub struct Metrics(pub Vec<Sample>);

#[derive(Default)]
struct Family {
    name: String,
    kind: String,
    unit: Option<String>,
    has_help: bool,
}

impl Metrics {
    /// The value of a sample with these labels.
    #[track_caller]
    pub fn value(&self, name: &str, labels: &[(&str, &str)]) -> f64 {
        let has = |sample: &&Sample| {
            labels.iter().all(|(name, value)| sample.labels.get(*name).is_some_and(|of| of == value))
        };
        let found: Vec<_> = self.0.iter().filter(|sample| sample.name == name).filter(has).collect();
        assert_eq!(found.len(), 1, "{name} {labels:?}: {found:?}");
        found[0].value
    }

    /// Reads an exposition, of OpenMetrics or of Prometheus' text format.
    #[track_caller]
    pub fn read(text: &str, is_open: bool) -> Self {
        assert!(text.ends_with('\n'), "it has no end");
        let text = match (is_open, text.strip_suffix("# EOF\n")) {
            (true, Some(text)) => text,
            (true, None) => panic!("it does not end with EOF"),
            (false, Some(_)) => panic!("EOF is of OpenMetrics"),
            (false, None) => text,
        };
        let (mut family, mut names) = (Family::default(), BTreeSet::new());
        let mut samples: Vec<Sample> = Vec::new();
        for line in text.lines() {
            assert!(!line.is_empty() && line.trim_end() == line, "`{line}`");
            if let Some(about) = line.strip_prefix("# ") {
                let mut words = about.splitn(3, ' ');
                let (word, name, rest) =
                    (words.next().unwrap(), words.next().unwrap(), words.next().unwrap_or_default());
                if family.name != name {
                    assert!(names.insert(name.to_owned()), "{name} is there twice");
                    family = Family { name: name.to_owned(), ..Family::default() };
                    assert!(is_name(name), "{name}");
                }
                match word {
                    "HELP" => {
                        assert!(!family.has_help && !rest.is_empty(), "{line}");
                        family.has_help = true;
                    }
                    "TYPE" => {
                        assert!(family.kind.is_empty(), "{line}");
                        let kinds: &[&str] = match is_open {
                            true => &["counter", "gauge", "histogram", "info"],
                            false => &["counter", "gauge", "histogram"],
                        };
                        assert!(kinds.contains(&rest), "{line}");
                        family.kind = rest.to_owned();
                        // A counter is called `_total` in its description too, but in OpenMetrics, where that belongs to the sample.
                        assert_eq!(name.ends_with("_total"), rest == "counter" && !is_open, "{line}");
                    }
                    "UNIT" => {
                        assert!(is_open && name.ends_with(&format!("_{rest}")), "{line}");
                        family.unit = Some(rest.to_owned());
                    }
                    _ => panic!("{line}"),
                }
                continue;
            }
            let sample = sample(line);
            assert!(family.has_help && !family.kind.is_empty(), "{line} is not described");
            let suffix = sample.name.strip_prefix(&family.name).unwrap_or_else(|| panic!("{line} belongs to none"));
            let fits = match family.kind.as_str() {
                "counter" => suffix == if is_open { "_total" } else { "" },
                "info" => suffix == "_info",
                "histogram" => ["_bucket", "_sum", "_count"].contains(&suffix),
                _ => suffix.is_empty(),
            };
            assert!(fits, "{line} is no {}", family.kind);
            assert_eq!(sample.labels.contains_key("le"), suffix == "_bucket", "{line}");
            assert!(sample.value >= 0.0, "{line}");
            let same = |known: &&Sample| (&known.name, &known.labels) == (&sample.name, &sample.labels);
            assert_eq!(samples.iter().find(same), None, "{line} is there twice");
            samples.push(sample);
        }
        let metrics = Self(samples);
        metrics.check_histograms();
        metrics
    }

    /// Buckets grow, and the last one has all.
    fn check_histograms(&self) {
        let mut buckets: BTreeMap<(String, Labels), Vec<(f64, f64)>> = BTreeMap::new();
        for sample in self.0.iter().filter(|sample| sample.name.ends_with("_bucket")) {
            let mut labels = sample.labels.clone();
            let le = labels.remove("le").unwrap();
            let le = if le == "+Inf" { f64::INFINITY } else { le.parse().unwrap() };
            let name = sample.name.trim_end_matches("_bucket").to_owned();
            buckets.entry((name, labels)).or_default().push((le, sample.value));
        }
        for ((name, labels), buckets) in buckets {
            assert!(buckets.is_sorted_by(|a, b| a.0 < b.0 && a.1 <= b.1), "{name} {labels:?} {buckets:?}");
            let last = buckets.last().unwrap();
            assert_eq!(last.0, f64::INFINITY, "{name}");
            let counted = self.0.iter().find(|of| of.name == format!("{name}_count") && of.labels == labels).unwrap();
            assert_eq!(counted.value, last.1, "{name}");
        }
    }
}

fn is_name(name: &str) -> bool {
    let mut chars = name.chars();
    chars.next().is_some_and(|c| c.is_ascii_lowercase())
        && chars.all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

#[track_caller]
fn sample(line: &str) -> Sample {
    let end = line.find(['{', ' ']).unwrap_or_else(|| panic!("{line}"));
    let (name, mut rest) = line.split_at(end);
    assert!(is_name(name), "{line}");
    let mut labels = BTreeMap::new();
    if let Some(inner) = rest.strip_prefix('{') {
        rest = inner;
        loop {
            let (label, value) = rest.split_once("=\"").unwrap_or_else(|| panic!("{line}"));
            assert!(is_name(label) && !label.starts_with("__"), "{line}");
            let (mut text, mut chars) = (String::new(), value.char_indices());
            let end = loop {
                match chars.next().unwrap_or_else(|| panic!("{line}")) {
                    (at, '"') => break at,
                    (_, '\\') => match chars.next().unwrap().1 {
                        'n' => text.push('\n'),
                        c @ ('\\' | '"') => text.push(c),
                        c => panic!("\\{c} in {line}"),
                    },
                    (_, c) => text.push(c),
                }
            };
            assert_eq!(labels.insert(label.to_owned(), text), None, "{line}");
            rest = &value[end + 1..];
            match rest.strip_prefix(',') {
                Some(more) => rest = more,
                None => break,
            }
        }
        rest = rest.strip_prefix('}').unwrap_or_else(|| panic!("{line}"));
    }
    let value = rest.strip_prefix(' ').unwrap_or_else(|| panic!("{line}"));
    let value = value.parse().unwrap_or_else(|_| panic!("{line}"));
    Sample { name: name.to_owned(), labels, value }
}
