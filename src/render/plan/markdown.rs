//! A plan for a comment on a pull request.

use super::text;
use crate::diag::Level;
use crate::model::{Kind, Risk};
use crate::plan::{Action, Change, Incomplete, Plan, PlanFinding, VerificationState};
use crate::render::markdown::{Bounded, COMMENT_LIMIT, code, prose};
use crate::render::words::{counted, number};
use crate::source::Place;

/// What is kept for the lines that say what did not fit.
const RESERVE: usize = 600;
/// A row of a table shows this many fields.
const MOST_FIELDS: usize = 20;
pub(super) fn render(plan: &Plan) -> String {
    let mut comment = Bounded::new(COMMENT_LIMIT);
    comment.push(&marker(&plan.cluster), RESERVE);
    let left_out = parts(plan, &mut comment);
    if !left_out.is_empty() {
        let left_out = left_out.join(", ");
        let cluster = code(&format!("busctl plan --verbose --cluster {}", plan.cluster));
        comment.push(&format!("\n**Too much for a comment.** Left out: {left_out}. All of it: {cluster}\n"), 0);
    }
    comment.finish()
}

/// Adds a plan to a comment that shows more than it, as far as it fits with `reserve` bytes to spare. Returns how many
/// kinds of its parts were left out, in part or whole.
pub(in crate::render) fn section(plan: &Plan, comment: &mut Bounded, reserve: usize) -> usize {
    let mut own = Bounded::new(comment.room().saturating_sub(reserve));
    own.push("\n", 0);
    let left_out = parts(plan, &mut own);
    comment.push(&own.finish(), reserve);
    left_out.len()
}

fn parts(plan: &Plan, comment: &mut Bounded) -> Vec<String> {
    let mut left_out = Vec::new();
    let mut count = |what: &str, n: usize| {
        if n > 0 {
            left_out.push(counted(n, what));
        }
    };
    comment.push(&format!("### {}\n\n", prose(&text::summary(plan))), RESERVE);
    if let Some(selected) = &plan.selected {
        comment.push(&format!("{}\n\n", prose(&text::selected(selected))), RESERVE);
    }
    count("unseen resource", incomplete(comment, &plan.incomplete));
    count("finding", findings(comment, &plan.findings));
    let mut changes = 0;
    for risk in [Risk::Destructive, Risk::Disruptive, Risk::Safe] {
        changes += table(comment, plan, risk);
    }
    count("change", changes);
    count("broker", brokers(comment, plan));
    count("irreversible part", not_undone(comment, plan));
    count("detail", details(comment, plan));
    if !plan.unmanaged.is_empty() {
        let are = if plan.unmanaged.len() == 1 { "is" } else { "are" };
        let count = counted(plan.unmanaged.len(), "unmanaged resource");
        comment.push(&format!("\n{count} {are} left alone.\n"), RESERVE / 2);
    }
    left_out
}

/// Each broker before and after; how many are left out.
fn brokers(comment: &mut Bounded, plan: &Plan) -> usize {
    let Some(reassignment) = &plan.reassignment else { return 0 };
    let head = format!("\n{}\n\n", prose(&text::moved(reassignment)));
    let rows = reassignment.brokers.iter().map(|share| format!("- {}\n", prose(&text::share(share))));
    comment.section(&head, rows, "", RESERVE)
}

/// The first line, by which the comment of a cluster is found again to be updated in place.
fn marker(cluster: &str) -> String {
    let name = cluster.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-'));
    format!("<!-- busctl:plan:{} -->\n", name.collect::<String>())
}

fn table(comment: &mut Bounded, plan: &Plan, risk: Risk) -> usize {
    let changes: Vec<_> = plan.changes.iter().filter(|change| change.risk == risk).collect();
    if changes.is_empty() {
        return 0;
    }
    let title = match risk {
        Risk::Destructive => "Destructive",
        Risk::Disruptive => "Disruptive",
        Risk::Safe => "Safe",
    };
    let head = format!(
        "#### {title} ({})\n\n| | Resource | Change | Where |\n| --- | --- | --- | --- |\n",
        number(changes.len())
    );
    // Details of the worst changes have room too.
    let reserve = comment.limit() / 4;
    comment.section(&head, changes.into_iter().map(row), "\n", reserve)
}

fn row(change: &Change) -> String {
    let mut what: Vec<_> = match change.action {
        Action::Update if change.address.kind != Kind::Grant => change
            .fields
            .iter()
            .map(|field| {
                let (before, after) = (text::value(field.before.as_ref()), text::value(field.after.as_ref()));
                format!(
                    "{}: {} → {}",
                    code(&cut(text::field_name(&field.field))),
                    code(&cut(&before)),
                    code(&cut(&after))
                )
            })
            .collect(),
        _ => text::compact(change).iter().map(|item| code(&cut(item))).collect(),
    };
    if what.len() > MOST_FIELDS {
        let more = number(what.len() - MOST_FIELDS);
        what.truncate(MOST_FIELDS);
        what.push(format!("… and {more} more"));
    }
    what.extend(change.impact.iter().map(|impact| format!("⚠️ {}", prose(&cut(impact)))));
    if change.verification.state == VerificationState::Refused {
        what.push(format!("**refused by the server**: {}", prose(&cut(&change.verification.reason))));
    }
    format!(
        "| {} | {} | {} | {} |\n",
        change.action.as_str(),
        code(&change.address.to_string()),
        what.join("<br>"),
        place(change.place.as_ref()),
    )
}

fn not_undone(comment: &mut Bounded, plan: &Plan) -> usize {
    if plan.not_undone.is_empty() {
        return 0;
    }
    let rows = plan.not_undone.iter().map(|part| format!("- {}\n", prose(&cut(&text::not_undone(part)))));
    comment.section("#### Not taken back\n\n", rows, "\n", RESERVE)
}

/// Per change all fields with their places, the worst first.
fn details(comment: &mut Bounded, plan: &Plan) -> usize {
    let mut changes: Vec<_> = plan.changes.iter().collect();
    changes.sort_by_key(|change| std::cmp::Reverse(change.risk));
    let head = "<details><summary>Every field, its place, and how far it is verified</summary>\n\n";
    if changes.is_empty() {
        0
    } else {
        comment.section(head, changes.into_iter().map(detail), "\n</details>\n", RESERVE)
    }
}

fn detail(change: &Change) -> String {
    let mut detail = format!(
        "- {} {}, {}; {}: {}\n",
        change.action.as_str(),
        code(&change.address.to_string()),
        change.risk,
        text::verification(change.verification.state),
        prose(&cut(&change.verification.reason)),
    );
    for field in &change.fields {
        let (before, after) = (text::value(field.before.as_ref()), text::value(field.after.as_ref()));
        let values = match change.action {
            Action::Create if field.before.is_none() => code(&cut(&after)),
            Action::Delete if field.after.is_none() => code(&cut(&before)),
            _ => format!("{} → {}", code(&cut(&before)), code(&cut(&after))),
        };
        let at = field.place.as_ref().map(|at| format!(" at {}", place(Some(at)))).unwrap_or_default();
        detail.push_str(&format!("  - {}: {values}{at}\n", code(&cut(text::field_name(&field.field)))));
    }
    detail
}

fn incomplete(comment: &mut Bounded, incomplete: &[Incomplete]) -> usize {
    if incomplete.is_empty() {
        return 0;
    }
    let rows = incomplete.iter().map(|unseen| {
        let hint =
            unseen.failure.hint.as_ref().map(|hint| format!("<br>help: {}", prose(&cut(hint)))).unwrap_or_default();
        let failure = prose(&cut(&unseen.failure.to_string()));
        let address = code(&unseen.address.to_string());
        format!("| {address} | {failure}{hint} | {} |\n", place(unseen.place.as_ref()))
    });
    let head = "#### ⚠️ Not seen, and therefore not planned\n\n| Resource | Why | Where |\n| --- | --- | --- |\n";
    // The changes have room too.
    let reserve = comment.limit() / 6 * 5;
    comment.section(head, rows, "\n", reserve)
}

pub(in crate::render) fn findings(comment: &mut Bounded, findings: &[PlanFinding]) -> usize {
    let mut shown: Vec<_> = findings.iter().filter(|finding| finding.level != Level::Off).collect();
    if shown.is_empty() {
        return 0;
    }
    shown.sort_by_key(|finding| std::cmp::Reverse(finding.level));
    let rows = shown.into_iter().map(|finding| {
        let level = if finding.level == Level::Error { "**error**" } else { finding.level.as_str() };
        let help = finding.help.as_ref().map(|help| format!("<br>help: {}", prose(&cut(help)))).unwrap_or_default();
        let what = format!("{} {}{help}", code(&finding.code), prose(&cut(&finding.message)));
        format!("| {level} | {what} | {} |\n", place(finding.place.as_ref()))
    });
    let head = "#### Findings\n\n| | Finding | Where |\n| --- | --- | --- |\n";
    let reserve = comment.limit() / 3 * 2;
    comment.section(head, rows, "\n", reserve)
}

fn place(place: Option<&Place>) -> String {
    place.map(|place| code(&place.to_string())).unwrap_or_default()
}

fn cut(text: &str) -> String {
    crate::render::plain::clipped(text, text::LONGEST_VALUE).into_owned()
}
