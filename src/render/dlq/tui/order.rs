use std::collections::BTreeSet;

use crate::dlq::{Coordinates, Fingerprint};

/// What is to become of dead letters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// The dead-letter topic.
    pub topic: String,
    /// What.
    pub action: Action,
    /// Of which ones.
    pub chosen: Chosen,
}

/// What is done with dead letters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// They are sent again.
    Redrive,
    /// They are given up.
    Discard {
        /// Why.
        reason: String,
        /// The file that they are exported to before.
        export: String,
    },
}

/// Which dead letters are meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Chosen {
    /// Those that failed for these reasons.
    Groups(BTreeSet<Fingerprint>),
    /// These ones.
    Records(BTreeSet<Coordinates>),
}

impl Chosen {
    /// `3 groups`.
    pub fn told(&self) -> String {
        let (count, one) = match self {
            Self::Groups(groups) => (groups.len(), "group"),
            Self::Records(records) => (records.len(), "record"),
        };
        crate::model::counted(count as u64, one)
    }
}

impl Order {
    /// The arguments of the command that does it, or says what it would do.
    pub fn arguments(&self, cluster: &str, is_real: bool) -> Vec<String> {
        fn list<T: ToString>(of: &BTreeSet<T>) -> String {
            of.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
        }
        let command = match self.action {
            Action::Redrive => "reprocess",
            Action::Discard { .. } => "discard",
        };
        let (option, values) = match &self.chosen {
            Chosen::Groups(groups) => ("--fingerprint", list(groups)),
            Chosen::Records(records) => ("--record", list(records)),
        };
        let mut arguments =
            ["dlq", command, &self.topic, "--cluster", cluster, option, &values].map(str::to_owned).to_vec();
        if let Action::Discard { reason, export } = &self.action {
            // With an equals sign, a text that begins with a dash is a text.
            arguments.extend([format!("--reason={reason}"), format!("--export={export}")]);
        }
        if is_real {
            arguments.push("--yes".to_owned());
        }
        arguments
    }

    /// The command as somebody would type it.
    pub fn command(&self, cluster: &str) -> String {
        let word = |word: String| match word.chars().all(|c| c.is_ascii_alphanumeric() || "-_./,=:".contains(c)) {
            true => word,
            false => format!("'{}'", word.replace('\'', r"'\''")),
        };
        let words: Vec<String> = self.arguments(cluster, true).into_iter().map(word).collect();
        format!("busctl {}", words.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_is_a_command() {
        let order = Order {
            topic: "shop.dlq".into(),
            action: Action::Discard { reason: "--it's sold".into(), export: "a b.jsonl".into() },
            chosen: Chosen::Records(["3/7", "0/12"].map(|text| text.parse().expect(text)).into()),
        };
        assert_eq!(
            order.command("main"),
            r"busctl dlq discard shop.dlq --cluster main --record 0/12,3/7 '--reason=--it'\''s sold' '--export=a b.jsonl' --yes"
        );
        assert!(!order.arguments("main", false).contains(&"--yes".to_owned()));
    }
}
