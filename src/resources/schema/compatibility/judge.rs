use rayon::prelude::*;

use super::ask::{Answer, Answers};
use super::decide::{Decision, decide};
use super::histories::Histories;
use super::registered::Registered;
use super::registration::{Registration, level_set_by};
use super::words::{self, Case};
use crate::diag::{Diagnostic, Level};
use crate::model::{Date, Kind};
use crate::plan::{Action, Change, Plan, Step, Verification, VerificationState, add_findings};
use crate::ports::registry::Verdict;
use crate::ports::{FailureKind, Observed};
use crate::resources::{Desired, Live};

/// Why a level of compatibility is not verified.
const NO_LEVEL: &str = "registries have no request that only tries a level";

/// Why a new subject is not.
const NEW: &str = "the subject is new: there is nothing that the registry could compare it with";

/// Why what a snapshot was compared with is not.
const ALONE: &str = "there was no registry to ask: only busctl has compared it";

/// What is found about one change.
#[derive(Default)]
struct Judged {
    verification: Option<Verification>,
    impact: Vec<String>,
    findings: Vec<Diagnostic>,
}

/// Puts into a plan whether consumers survive what it registers. `histories` are the versions that were read, none where a
/// snapshot has none; `answers` what the registry says, where it was asked.
///
/// Where both say something, the registry decides, unless the plan sets another level before: of that one it knows nothing.
pub fn judge(
    plan: &mut Plan,
    desired: &Desired<'_>,
    live: &Live,
    histories: Option<&Histories>,
    answers: Option<&Answers>,
    today: Date,
) {
    let Some(Observed::Known(live)) = &live.registry else { return };
    let registered = Registered::new(plan, live, histories);
    let judge_one = |change: &Change| match Registration::of(change, live) {
        Some(registration) => judge_registration(&registration, desired, &registered, answers),
        None => Judged { verification: verification_of_rest(change), ..Judged::default() },
    };
    // A schema may be made to be compared for seconds; most plans register few.
    let judged: Vec<Judged> = plan.changes.par_iter().map(judge_one).collect();
    let mut findings = Vec::new();
    for (change, judged) in plan.changes.iter_mut().zip(judged) {
        if let Some(verification) = judged.verification {
            change.verification = verification;
        }
        change.impact.extend(judged.impact);
        findings.extend(judged.findings);
    }
    add_findings(plan, findings, desired.workspace, today);
}

/// Of changes of subjects that register nothing behind other versions.
fn verification_of_rest(change: &Change) -> Option<Verification> {
    if change.address.kind != Kind::Schema || change.action == Action::Delete {
        return None;
    }
    let registers = change.steps.iter().any(|step| matches!(step, Step::RegisterSchema { .. }));
    match registers {
        true => Some(Verification { state: VerificationState::Offline, reason: NEW.into() }),
        false => level_set_by(change).map(|_| Verification::unverifiable(NO_LEVEL)),
    }
}

fn judge_registration(
    registration: &Registration<'_>,
    desired: &Desired<'_>,
    registered: &Registered<'_>,
    answers: Option<&Answers>,
) -> Judged {
    let mut judged = Judged::default();
    let Some(wanted) = desired.subjects.get(registration.subject) else { return judged };
    let Some(level) = registration.level() else { return judged };
    let ours = decide(registration, level, registered);
    let present = registration.present_level().filter(|present| registration.sets.is_some() && *present != level);
    let at_present = present.map(|present| (present, decide(registration, present, registered)));
    let answer = answers.and_then(|answers| answers.get(registration.subject));
    judged.verification = Some(match answer {
        Some(answer) => verification(answer, registration),
        None => Verification { state: VerificationState::Offline, reason: ALONE.into() },
    });
    let case = Case { registration, wanted, level, at_present: at_present.as_ref() };
    if let Some((present, then)) = &at_present {
        judged.impact.extend(words::other_level(&case, *present, then, &ours));
    }
    // Of the level that the plan sets the registry knows nothing.
    let verdict = match answer {
        Some(Answer::Said(verdict)) if registration.sets.is_none() => Some(verdict),
        _ => None,
    };
    judged.findings = findings(&case, &ours, verdict);
    if !ours.not_compared.is_empty() && !ours.is_unread {
        // What the registry has compared is known.
        let level = if verdict.is_some() { Level::Info } else { Level::Warn };
        judged.findings.push(words::not_compared(&case, &ours, answers.is_some()).level(level));
    }
    judged
}

fn findings(case: &Case<'_>, ours: &Decision<'_>, verdict: Option<&Verdict>) -> Vec<Diagnostic> {
    match verdict {
        Some(verdict) if verdict.compatible => words::accepted_by_registry(case, ours),
        Some(verdict) if ours.broken.is_empty() => vec![words::refused_by_registry(case, ours, verdict)],
        _ => words::incompatible(case, ours),
    }
}

/// How far the registry's answer verifies what a plan registers.
fn verification(answer: &Answer, registration: &Registration<'_>) -> Verification {
    let state = |state, reason| Verification { state, reason };
    match answer {
        Answer::NotAsked(why) => Verification::unverifiable(why.clone()),
        Answer::Said(Verdict { compatible, .. }) if registration.sets.is_some() => Verification::unverifiable(format!(
            "the registry finds it {} at its present level. The change sets another level first, and {NO_LEVEL}",
            if *compatible { "compatible" } else { "incompatible" }
        )),
        Answer::Said(verdict) if verdict.compatible => {
            state(VerificationState::Verified, "the registry, at its present level, would accept it".into())
        }
        Answer::Said(verdict) => {
            let reason = format!("the registry finds it incompatible: {}", verdict.messages.join("; "));
            state(VerificationState::Refused, reason)
        }
        // Apicurio 3 follows references where a version is registered, and not where one is checked.
        Answer::Failed(failure) if failure.kind == FailureKind::Refused && !registration.references.is_empty() => {
            Verification::unverifiable(format!(
                "the registry's check does not read it with its references, and only busctl has compared it: {}",
                failure.answer
            ))
        }
        // It is no schema to the registry.
        Answer::Failed(failure) if failure.kind == FailureKind::Refused => {
            state(VerificationState::Refused, failure.answer.clone())
        }
        Answer::Failed(failure) => Verification::unverifiable(format!(
            "the registry could not be asked, and only busctl has compared it: {}",
            failure.answer
        )),
    }
}
