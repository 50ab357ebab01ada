//! Which changes of a plan are shown, and together with which.

use std::collections::BTreeMap;

use super::text::split_grant;
use crate::model::{Kind, Risk};
use crate::plan::{Action, Change, Plan};

/// What is shown at once.
#[derive(Debug)]
pub(super) enum Shown<'a> {
    /// One change.
    One(&'a Change),
    /// Several grants of one service that are made, or taken away, for the same reason.
    Grants { service: &'a str, changes: Vec<&'a Change> },
    /// Changes that are counted and not listed.
    Folded { kind: Kind, action: Action, risk: Risk, count: usize },
}

/// The changes of a plan from the safe to the destructive ones: the worst stand next to the summary, where the eye
/// is. Within a risk they keep the order in which they are applied.
pub(super) fn shown(plan: &Plan, verbose: bool) -> Vec<Shown<'_>> {
    let mut shown = Vec::new();
    for risk in [Risk::Safe, Risk::Disruptive, Risk::Destructive] {
        let changes = plan.changes.iter().filter(|change| change.risk == risk);
        if verbose {
            shown.extend(changes.map(Shown::One));
        } else {
            fold(changes, risk, &mut shown);
        }
    }
    shown
}

/// How many changes of a kind and action are listed. What cannot be brought back is always listed.
fn most(risk: Risk) -> usize {
    match risk {
        Risk::Safe => 20,
        Risk::Disruptive => 100,
        Risk::Destructive => usize::MAX,
    }
}

fn fold<'a>(changes: impl Iterator<Item = &'a Change>, risk: Risk, shown: &mut Vec<Shown<'a>>) {
    let mut seen: BTreeMap<(Kind, Action), usize> = BTreeMap::new();
    for change in changes {
        let count = seen.entry((change.address.kind, change.action)).or_default();
        *count += 1;
        if *count <= most(risk) {
            add(change, shown);
        }
    }
    shown.extend(
        seen.into_iter().filter(|(_, count)| *count > most(risk)).map(|((kind, action), count)| Shown::Folded {
            kind,
            action,
            risk,
            count: count - most(risk),
        }),
    );
}

/// Adds a change, a grant to those of its service where they are next to it.
fn add<'a>(change: &'a Change, shown: &mut Vec<Shown<'a>>) {
    let service = split_grant(&change.address.name).0;
    let together = |other: &Change| {
        change.address.kind == Kind::Grant
            && other.address.kind == Kind::Grant
            && split_grant(&other.address.name).0 == service
            && (other.action, other.risk) == (change.action, change.risk)
            && other.verification.state == change.verification.state
            && other.impact == change.impact
    };
    match shown.last_mut() {
        Some(Shown::Grants { changes, .. }) if changes.iter().all(|other| together(other)) => changes.push(change),
        Some(last) => match last {
            Shown::One(other) if together(other) => *last = Shown::Grants { service, changes: vec![other, change] },
            _ => shown.push(Shown::One(change)),
        },
        None => shown.push(Shown::One(change)),
    }
}
