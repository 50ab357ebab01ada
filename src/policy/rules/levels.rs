//! What is found while levels and waivers are applied.

use crate::diag::Level;
use crate::policy::Content::Text;
use crate::policy::{Check, Example, Rule};

const SETTINGS: &str = "busctl.yaml";
const TOPIC: &str = "topics/media/media.raw_ingest.v1.yaml";

/// BUS601.
pub static EXPIRED_WAIVER: Rule = Rule {
    code: "BUS601",
    name: "expired-waiver",
    summary: "A waiver's last day has not passed",
    explanation: "A waiver is an exception for a while. After its last day what it excepted is found again; this finding \
says why. Mend what it excepts, or have the exception reviewed again and give it a later day.",
    level: Level::Warn,
    floor: Level::Off,
    bad: Example(&[
        (
            SETTINGS,
            Text(
                "# BUS107 is off, so that only the waiver itself is found here
rules: { BUS107: off }
waivers:
  - code: BUS107
    resource: topic/media.raw_ingest.v1
    reason: The owner writes the description with the second version.
    expires: 2026-01-31
    owner: media-platform
",
            ),
        ),
        (TOPIC, Text("description:\n")),
    ]),
    good: Example(&[
        (
            SETTINGS,
            Text(
                "waivers:
  - code: BUS107
    resource: topic/media.raw_ingest.v1
    reason: The owner writes the description with the second version.
    expires: 2026-08-31
    owner: media-platform
",
            ),
        ),
        (TOPIC, Text("description:\n")),
    ]),
    check: Check::Levels,
};

/// BUS602.
pub static UNUSED_WAIVER: Rule = Rule {
    code: "BUS602",
    name: "unused-waiver",
    summary: "A waiver excepts something",
    explanation: "A waiver that excepts nothing is left over, or its address is wrong. Left in place it would hide the \
next finding that happens to fit. Waivers of rules about the live state, about sample records and about changes are not \
judged, nor those of the comparison with earlier versions of a schema: what they except shows beside a server, the records \
or a base, and `validate` has none of these by itself.",
    level: Level::Warn,
    floor: Level::Off,
    bad: Example(&[(
        SETTINGS,
        Text(
            "waivers:
  - code: BUS107
    resource: topic/media.raw_ingest.v1
    reason: The owner writes the description with the second version.
    expires: 2026-08-31
    owner: media-platform
",
        ),
    )]),
    good: Example(&[(SETTINGS, Text("waivers: []\n"))]),
    check: Check::Levels,
};

/// BUS603.
pub static UNKNOWN_CODE: Rule = Rule {
    code: "BUS603",
    name: "unknown-code",
    summary: "`rules:` and waivers name rules that exist",
    explanation: "A level or waiver for a code that no rule has changes nothing, while its author believes that it does.",
    level: Level::Error,
    floor: Level::Off,
    bad: Example(&[(SETTINGS, Text("rules: { BUS1103: warn }\n"))]),
    good: Example(&[(SETTINGS, Text("rules: { BUS103: warn }\n"))]),
    check: Check::Levels,
};

/// BUS604.
pub static MALFORMED_WAIVER: Rule = Rule {
    code: "BUS604",
    name: "malformed-waiver",
    summary: "A waiver has a day of the calendar and the address of a resource",
    explanation: "A waiver whose last day or address cannot be read does not hold. The address is written as findings \
show it; a trailing `*` takes every address that starts so, but the kind in front is always written out.",
    level: Level::Error,
    floor: Level::Off,
    bad: Example(&[
        (
            SETTINGS,
            Text(
                "rules: { BUS107: off }
waivers:
  - code: BUS107
    resource: topic/media.raw_ingest.v1
    reason: The owner writes the description with the second version.
    expires: 31.08.2026
    owner: media-platform
",
            ),
        ),
        (TOPIC, Text("description:\n")),
    ]),
    good: Example(&[
        (
            SETTINGS,
            Text(
                "waivers:
  - code: BUS107
    resource: topic/media.raw_ingest.v1
    reason: The owner writes the description with the second version.
    expires: 2026-08-31
    owner: media-platform
",
            ),
        ),
        (TOPIC, Text("description:\n")),
    ]),
    check: Check::Levels,
};

/// BUS605.
pub static FIXED_RULE: Rule = Rule {
    code: "BUS605",
    name: "fixed-rule",
    summary: "Fixed rules are neither lowered nor waived",
    explanation: "What breaks a fixed rule has no meaning that could be applied: a key that nobody knows, a reference to \
nothing. Lowering it would make the plan depend on what was left out.",
    level: Level::Error,
    floor: Level::Off,
    bad: Example(&[(SETTINGS, Text("rules: { BUS004: warn }\n"))]),
    good: Example(&[(SETTINGS, Text("rules: { BUS004: error }\n"))]),
    check: Check::Levels,
};

/// BUS606.
pub static OPEN_WAIVER: Rule = Rule {
    code: "BUS606",
    name: "open-waiver",
    summary: "A waiver has an owner and ends within the time that the bus allows",
    explanation: "Somebody has to mend what a waiver excepts: the team of its `owner`, which is asked when it ends. And it \
has to end: one that holds for ten years switches the rule off, and nobody looks at it again. `longest_waiver` of \
`busctl.yaml` says for how long one may hold from today, 365d by default.",
    level: Level::Warn,
    floor: Level::Off,
    bad: Example(&[
        (
            SETTINGS,
            Text(
                "waivers:
  - code: BUS107
    resource: topic/media.raw_ingest.v1
    reason: The owner writes the description with the second version.
    expires: 9999-12-31
",
            ),
        ),
        (TOPIC, Text("description:\n")),
    ]),
    good: Example(&[
        (
            SETTINGS,
            Text(
                "longest_waiver: 180d
waivers:
  - code: BUS107
    resource: topic/media.raw_ingest.v1
    reason: The owner writes the description with the second version.
    expires: 2026-08-31
    owner: media-platform
",
            ),
        ),
        (TOPIC, Text("description:\n")),
    ]),
    check: Check::Levels,
};
