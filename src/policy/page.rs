use std::fmt::Write;

use super::{BASE, Check, Content, Example, Rule, rules};
use crate::diag::Level;
use crate::resources::cluster::ClusterSpec;

const GROUPS: &[(char, &str)] = &[
    ('0', "Manifests"),
    ('1', "Topics"),
    ('2', "Grants"),
    ('3', "Schemas"),
    ('4', "Clusters"),
    ('5', "The live state"),
    ('6', "Levels, waivers, rules of your own, limits, data and style"),
    ('7', "What a change brings"),
    ('8', "Security"),
];

/// The page of all rules, `docs/rules.md`.
pub fn page() -> String {
    let mut page = String::from(HEAD);
    for (digit, title) in GROUPS {
        let of_group = || rules().iter().filter(|rule| rule.code.chars().nth(3) == Some(*digit));
        let _ = write!(page, "\n### {title}\n\n| code | name | level | asks for |\n| --- | --- | --- | --- |\n");
        for rule in of_group() {
            let Rule { code, name, summary, .. } = rule;
            let _ = writeln!(page, "| [{code}](#{}) | {name} | {} | {summary} |", rule.anchor(), rule.level.as_str());
        }
    }
    page.push_str("\n## Each rule\n\n");
    page.push_str(EXAMPLES);
    for (path, text) in BASE {
        let _ = write!(page, "\n{}", fenced(path, text));
    }
    for rule in rules() {
        let _ = write!(page, "\n{}", rule.page());
    }
    page
}

const HEAD: &str = "# Rules

This page is made from the rules themselves: `busctl explain --all > docs/rules.md`. `busctl explain CODE` prints one
of them.

`busctl validate` checks them without a server, except for those of the live state, which `plan` finds, those of sample
records, which `schema test` finds, and those of changes, which need a base (`--against`). `rules:` in `busctl.yaml` sets the
level of a rule, for the whole bus or by cluster; a waiver excepts one resource from one rule until a day, with a reason, and
each finding shows the waiver that would silence it. With `--against git:REF` what a change brings has the higher of the levels
that the base and the change give it: a change switches off nothing that tells of it or stops it. [Rules of your
own](policy.md) are written in CEL. Rules marked *fixed* can be neither lowered nor waived: what breaks them has no meaning that could be applied.

```yaml
rules: { BUS110: warn, BUS112: { default: off, production: error } }
waivers:
  - code: BUS103
    resource: topic/media.raw_ingest.v1      # a trailing * takes every address that starts so
    reason: One partition keeps the order over all assets until the normalizer can do without it.
    expires: 2027-03-31                      # the last day on which it holds
    owner: media-platform
```

## All rules
";

/// What rules mean that ask for less where a cluster is for development.
fn development() -> String {
    let [first @ .., last] = ClusterSpec::DEVELOPMENT.map(|environment| format!("`{environment}`"));
    format!(
        "A cluster is for development where it is the bus of `busctl dev` (`deployment: local`), or where its `environment` is \
         {} or {last}. Every other one is outside, one without an `environment` too.",
        first.join(", ")
    )
}

const EXAMPLES: &str =
    "The examples are laid over this workspace: of a manifest that is shown here too, an example has \
only the keys that differ.
";

impl Rule {
    /// What leads to the rule within the page, behind a `#`.
    pub fn anchor(&self) -> String {
        format!("{}-{}", self.code.to_lowercase(), self.name)
    }

    /// The rule's part of the page, in Markdown.
    pub fn page(&self) -> String {
        let mut page = format!("## {} {}\n\n{}.\n\n", self.code, self.name, self.summary);
        let level = self.level.as_str();
        let finder = match self.check {
            Check::Samples => "; found by `busctl schema test`",
            Check::Client(_) | Check::ClientFile => "; found by `busctl client-check`",
            _ => "",
        };
        let _ = match self.floor {
            Level::Error => writeln!(page, "Level: {level}, fixed{finder}."),
            Level::Off => writeln!(page, "Level: {level}{finder}."),
            floor => writeln!(page, "Level: {level}; cannot be set below {}{finder}.", floor.as_str()),
        };
        let _ = write!(page, "\n{}\n", self.explanation.trim());
        if [self.summary, self.explanation].iter().any(|text| text.to_lowercase().contains("development")) {
            let _ = writeln!(page, "\n{}", development());
        }
        page.push_str("\nBad:\n");
        page.push_str(&show(&self.bad));
        page.push_str("\nGood:\n");
        page.push_str(&show(&self.good));
        page
    }
}

fn show(example: &Example) -> String {
    let mut shown = String::new();
    for (path, content) in example.0 {
        shown.push('\n');
        match content {
            Content::Text("") => {
                let _ = writeln!(shown, "`{path}` is not there.");
            }
            Content::Text(text) | Content::Client(text) => shown.push_str(&fenced(path, text)),
            Content::Unreadable(why) => {
                let _ = writeln!(shown, "`{path}`: {why}.");
            }
            Content::Live(text) => {
                let _ = write!(shown, "The live state:\n\n```json\n{}\n```\n", text.trim_end());
            }
            Content::Base("") => {
                let _ = writeln!(shown, "The base has no `{path}`.");
            }
            Content::Base(text) => {
                let _ = writeln!(shown, "In the base:");
                shown.push_str(&fenced(path, text));
            }
            Content::Answer(text) => {
                let _ = write!(shown, "The registry's answer at `{path}`:\n\n```json\n{}\n```\n", text.trim_end());
            }
        }
    }
    if shown.is_empty() { "\nThe workspace as it is shown above.\n".to_owned() } else { shown }
}

/// A file in Markdown: its path, and its text as code.
fn fenced(path: &str, text: &str) -> String {
    let language = match path.rsplit_once('.').map(|(_, extension)| extension) {
        Some("avsc" | "json") => "json",
        Some("proto") => "protobuf",
        Some("md") => "markdown",
        Some("properties") => "properties",
        _ => "yaml",
    };
    format!("`{path}`\n\n```{language}\n{}\n```\n", text.trim_end())
}
