//! What is found while rules of the bus's own are read and asked.

use crate::diag::Level;
use crate::policy::Content::Text;
use crate::policy::{Check, Example, Rule};

const SETTINGS: &str = "busctl.yaml";

/// BUS620.
pub static UNREADABLE: Rule = Rule {
    code: "BUS620",
    name: "unreadable-rule",
    summary: "A rule of the bus's own can be read and asked",
    explanation: "A rule in `policy:` is an expression in CEL. One that cannot be read, that asks for a field that no \
resource has or that compares a number with a text would find nothing, while its author believes that it does. What an \
expression sees is listed in `docs/policy.md`.",
    level: Level::Error,
    floor: Level::Error,
    bad: Example(&[(
        SETTINGS,
        Text(
            "policy:
  ORG001:
    over: topic
    check: topic.partition >= 6
    message: \"`{topic.name}` has {topic.partitions} partitions; 6 are the least\"
",
        ),
    )]),
    good: Example(&[(
        SETTINGS,
        Text(
            "policy:
  ORG001:
    over: topic
    check: topic.partitions >= 6
    message: \"`{topic.name}` has {topic.partitions} partitions; 6 are the least\"
",
        ),
    )]),
    check: Check::Custom,
};

/// BUS621.
pub static FAILED: Rule = Rule {
    code: "BUS621",
    name: "failed-rule",
    summary: "A rule of the bus's own yields an answer for each resource",
    explanation: "An expression may fail on some resources: it asks for a field that is not there, divides by zero, or \
loops over too much. Such a resource neither keeps nor breaks the rule, and passing over it in silence would let \
everything through. Ask with `has(…)` first, or say with `when:` which resources the rule is for.",
    level: Level::Error,
    floor: Level::Warn,
    bad: Example(&[(
        SETTINGS,
        Text(
            "policy:
  ORG002:
    over: topic
    check: topic.retention_bytes <= byte_size('100GiB')
    message: \"`{topic.name}` keeps more than 100 GiB in each partition\"
",
        ),
    )]),
    good: Example(&[(
        SETTINGS,
        Text(
            "policy:
  ORG002:
    over: topic
    when: has(topic.retention_bytes)
    check: topic.retention_bytes <= byte_size('100GiB')
    message: \"`{topic.name}` keeps more than 100 GiB in each partition\"
",
        ),
    )]),
    check: Check::Custom,
};
