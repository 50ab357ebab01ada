//! Two clusters side by side, in every format.

use std::collections::BTreeMap;

use super::json::to_json;
use super::markdown::{Bounded, COMMENT_LIMIT, code, prose};
use super::plan::{LONGEST_VALUE, field_name, value};
use super::words::{counted, number, sentence};
use super::{Style, View, paint::Paint, plain};
use crate::model::Kind;
use crate::plan::{Action, FieldChange};
use crate::resources::comparison::{Comparison, Deviation, Side};

/// Resources of one kind that one side lacks are listed up to this many.
const MOST_OF_ONE_KIND: usize = 50;

/// What is kept for the line that says what did not fit.
const RESERVE: usize = 300;

/// What two live states differ by.
#[derive(Debug, Clone, Copy)]
pub struct ComparisonView<'a> {
    /// The comparison.
    pub comparison: &'a Comparison,
    /// Whether everything is listed.
    pub verbose: bool,
}

impl View for ComparisonView<'_> {
    fn text(&self, style: Style) -> String {
        let paint = Paint::new(style);
        let mut out = String::new();
        let mut line = |line: &str| {
            out.push_str(line);
            out.push('\n');
        };
        if !self.comparison.fields.is_empty() {
            line(&paint.action(Action::Update, "~ the cluster itself"));
            self.comparison.fields.iter().for_each(|field| line(&format!("    {}", told(field))));
        }
        let mut seen: BTreeMap<(Kind, Action), usize> = BTreeMap::new();
        for deviation in &self.comparison.differences {
            let count = seen.entry((deviation.address.kind, deviation.action)).or_default();
            *count += 1;
            if *count > MOST_OF_ONE_KIND && !self.verbose {
                continue;
            }
            let head = format!("{} {}", sign(deviation.action), plain::line(&deviation.address.to_string()));
            line(&paint.action(deviation.action, &head));
            match deviation.action {
                Action::Update => deviation.fields.iter().for_each(|field| {
                    line(&format!("    {}", told(field)));
                }),
                _ => line(&format!("    {}", plain::clipped(&compact(deviation), LONGEST_VALUE))),
            }
        }
        for ((kind, action), count) in seen.into_iter().filter(|(_, count)| *count > MOST_OF_ONE_KIND && !self.verbose)
        {
            let more = counted(count - MOST_OF_ONE_KIND, &format!("more {}", kind.as_str()));
            line(&paint.action(action, &format!("{} … and {more} (--verbose lists them)", sign(action))));
        }
        for unseen in &self.comparison.incomplete {
            let why = format!("{} of {}: {}", unseen.address, unseen.cluster, unseen.failure);
            line(&paint.bad(sentence("NOT SEEN: ", &plain::line(&why), "", style.width).trim_end()));
            if let Some(hint) = &unseen.failure.hint {
                line(sentence("help: ", &plain::line(hint), "  ", style.width).trim_end());
            }
        }
        if !out.is_empty() {
            out.push('\n');
        }
        let summary = plain::line(&summary(self.comparison)).into_owned();
        out.push_str(&if self.comparison.complete { paint.bold(&summary) } else { paint.bad(&summary) });
        out.push('\n');
        out
    }

    /// The document itself; `docs/schemas/diff.schema.json` describes it.
    fn json(&self) -> String {
        to_json(self.comparison)
    }

    fn markdown(&self) -> String {
        let mut comment = Bounded::new(COMMENT_LIMIT);
        comment.push(&format!("### {}\n\n", prose(&summary(self.comparison))), RESERVE);
        let unseen = self.comparison.incomplete.iter().map(|unseen| {
            let why = prose(&unseen.failure.to_string());
            format!("- **not seen**: {} of {}: {why}\n", code(&unseen.address), code(&unseen.cluster))
        });
        let mut left_out = comment.section("", unseen, "\n", RESERVE);
        let fields = (!self.comparison.fields.is_empty()).then(|| {
            let fields = self.comparison.fields.iter().map(|field| code(&told(field)));
            format!("| differs | the cluster itself | {} |\n", fields.collect::<Vec<_>>().join("<br>"))
        });
        let rows = self.comparison.differences.iter().map(|deviation| {
            let (what, fields) = match deviation.action {
                Action::Create => ("second only", code(&plain::clipped(&compact(deviation), LONGEST_VALUE))),
                Action::Delete => ("first only", code(&plain::clipped(&compact(deviation), LONGEST_VALUE))),
                Action::Update => {
                    let fields = deviation.fields.iter().map(|field| code(&told(field)));
                    ("differs", fields.collect::<Vec<_>>().join("<br>"))
                }
            };
            format!("| {what} | {} | {fields} |\n", code(&deviation.address.to_string()))
        });
        let head = "| | Resource | Fields |\n| --- | --- | --- |\n";
        if !self.comparison.is_empty() {
            left_out += comment.section(head, fields.into_iter().chain(rows), "\n", RESERVE);
        }
        if left_out > 0 {
            comment.push(&format!("\n{} did not fit.\n", counted(left_out, "line")), 0);
        }
        comment.finish()
    }
}

fn sign(action: Action) -> &'static str {
    match action {
        Action::Create => "+",
        Action::Update => "~",
        Action::Delete => "-",
    }
}

/// `retention.ms: 7d (604800000) → 14d (1209600000)`
fn told(field: &FieldChange) -> String {
    let cut = |text: &str| plain::clipped(text, LONGEST_VALUE).into_owned();
    let (before, after) = (value(field.before.as_ref()), value(field.after.as_ref()));
    format!("{}: {} → {}", cut(field_name(&field.field)), cut(&before), cut(&after))
}

/// What a resource that one side lacks has, in one line.
fn compact(deviation: &Deviation) -> String {
    let fields = deviation.fields.iter().filter_map(|field| {
        let value = field.after.as_ref().or(field.before.as_ref())?;
        let text = value.text();
        Some(match deviation.address.kind {
            // Who is denied is told by the field.
            Kind::Grant => field.field.clone(),
            _ => format!("{} {text}", field_name(&field.field)),
        })
    });
    fields.collect::<Vec<_>>().join(", ")
}

fn name(side: &Side) -> String {
    match &side.snapshot {
        Some(file) => format!("{} ({file})", side.cluster),
        None => side.cluster.clone(),
    }
}

/// The last line.
fn summary(comparison: &Comparison) -> String {
    let (first, second) = (name(&comparison.first), name(&comparison.second));
    let tally = &comparison.summary;
    let unseen = match comparison.incomplete.len() {
        0 => String::new(),
        count => format!("; {} could not be seen and not be compared", counted(count, "resource")),
    };
    if comparison.is_empty() {
        return format!("{second} has what {first} has{unseen}.");
    }
    let parts = [
        (tally.create, format!("has {} that {first} lacks", counted(tally.create, "resource"))),
        (tally.delete, format!("lacks {}", number(tally.delete))),
        (tally.update, format!("has {} otherwise", number(tally.update))),
        (comparison.fields.len(), format!("differs itself in {}", counted(comparison.fields.len(), "field"))),
    ];
    let parts: Vec<String> = parts.into_iter().filter(|(count, _)| *count > 0).map(|(_, part)| part).collect();
    format!("{second}, beside {first}, {}{unseen}.", parts.join(", "))
}
