use futures::StreamExt;

use crate::plan::{Change, Plan, PlannedVersion, Step, Verification, VerificationState};
use crate::ports::Failure;
use crate::ports::kafka::KafkaAdmin;
use crate::ports::registry::{NewSchema, Reference, Registry};

/// Questions to the registry that are under way at once.
const REGISTRY_CONCURRENCY: usize = 16;

/// Asks the servers about each change: the brokers by validate-only requests, the registry by its compatibility check.
/// Nothing is changed.
pub async fn verify(plan: &mut Plan, kafka: &impl KafkaAdmin, registry: Option<&impl Registry>) {
    let mut answers: Vec<Vec<Verification>> = plan.changes.iter().map(|_| Vec::new()).collect();
    ask_kafka(&plan.changes, kafka, &mut answers).await;
    ask_registry(&plan.changes, registry, &mut answers).await;
    for (change, answers) in plan.changes.iter_mut().zip(answers) {
        // The weakest answer counts: a change is verified when each of its steps is.
        if let Some(verification) = answers.into_iter().max_by_key(|answer| weakness(answer.state)) {
            change.verification = verification;
        }
    }
}

fn weakness(state: VerificationState) -> u8 {
    match state {
        VerificationState::Verified => 0,
        VerificationState::Unverifiable => 1,
        VerificationState::Offline => 2,
        VerificationState::Refused => 3,
    }
}

fn verified(by: &str) -> Verification {
    Verification { state: VerificationState::Verified, reason: format!("{by} would accept it") }
}

/// What a validate-only answer says of the change.
fn of_answer(answer: Result<(), Failure>, by: &str) -> Verification {
    use crate::ports::FailureKind as Kind;
    match answer {
        Ok(()) => verified(by),
        Err(failure) => {
            let state = match failure.kind {
                Kind::Unreachable | Kind::Timeout | Kind::Protocol | Kind::Unsupported | Kind::Server => {
                    VerificationState::Unverifiable
                }
                _ => VerificationState::Refused,
            };
            Verification { state, reason: failure.answer }
        }
    }
}

async fn ask_kafka(changes: &[Change], kafka: &impl KafkaAdmin, answers: &mut [Vec<Verification>]) {
    let mut topics = (Vec::new(), Vec::new());
    let mut partitions = (Vec::new(), Vec::new());
    let mut configs = (Vec::new(), Vec::new());
    for (index, step) in steps(changes) {
        match step {
            Step::CreateTopic(topic) => {
                topics.0.push(index);
                topics.1.push(topic.clone());
            }
            Step::CreatePartitions { topic, count } => {
                partitions.0.push(index);
                partitions.1.push((topic.clone(), *count));
            }
            Step::AlterConfigs { topic, alterations } => {
                configs.0.push(index);
                configs.1.push((topic.clone(), alterations.clone()));
            }
            Step::CreateAcls(_) | Step::DeleteAcls(_) => {
                answers[index].push(Verification::unverifiable("brokers have no validate-only request for ACLs"))
            }
            // They are marked when they are planned.
            Step::DeleteTopic(_) | Step::DeleteSubject(_) => {}
            Step::SetCompatibility { .. } | Step::RegisterSchema { .. } => {}
        }
    }
    let (created, extended, altered) = tokio::join!(
        kafka.create_topics(&topics.1, true),
        kafka.create_partitions(&partitions.1, true),
        kafka.alter_topic_configs(&configs.1, true)
    );
    for (indexes, results) in [(topics.0, created), (partitions.0, extended), (configs.0, altered)] {
        for (index, result) in indexes.into_iter().zip(results) {
            answers[index].push(of_answer(result, "the controller"));
        }
    }
}

async fn ask_registry(changes: &[Change], registry: Option<&impl Registry>, answers: &mut [Vec<Verification>]) {
    let Some(registry) = registry else { return };
    let asked: Vec<(usize, Verification)> = futures::stream::iter(steps(changes).filter_map(|(index, step)| {
        let Step::RegisterSchema { subject, format, text, references } = step else { return None };
        Some(async move {
            if changes[index].action == crate::plan::Action::Create {
                let reason = "the subject is new: there is nothing that the registry could compare it with";
                return (index, Verification { state: VerificationState::Offline, reason: reason.into() });
            }
            let mut pinned = Vec::with_capacity(references.len());
            for reference in references {
                let PlannedVersion::Pinned(version) = reference.version else {
                    let reason = format!("it refers to a version of {} that is not registered yet", reference.subject);
                    return (index, Verification::unverifiable(reason));
                };
                pinned.push(Reference { name: reference.name.clone(), subject: reference.subject.clone(), version });
            }
            let schema = NewSchema { format: *format, text: text.to_string(), references: pinned };
            let answer = match registry.check(subject, &schema).await {
                // The schema will be judged by another level than the one that the registry answers by.
                Ok(verdict) if sets_level(&changes[index]) => Verification::unverifiable(format!(
                    "the registry finds it {} at its present level. The change sets another level first, and {NO_LEVEL}",
                    if verdict.compatible { "compatible" } else { "incompatible" }
                )),
                Ok(verdict) if verdict.compatible => verified("the registry, at its present level,"),
                Ok(verdict) => Verification {
                    state: VerificationState::Refused,
                    reason: format!("the registry finds it incompatible: {}", verdict.messages.join("; ")),
                },
                Err(failure) => of_answer(Err(failure), "the registry"),
            };
            (index, answer)
        })
    }))
    .buffered(REGISTRY_CONCURRENCY)
    .collect()
    .await;
    for (index, answer) in asked {
        answers[index].push(answer);
    }
    for (index, change) in changes.iter().enumerate() {
        if sets_level(change) && answers[index].is_empty() {
            answers[index].push(Verification::unverifiable(NO_LEVEL));
        }
    }
}

/// Why a level of compatibility is not verified.
const NO_LEVEL: &str = "registries have no request that only tries a level";

fn sets_level(change: &Change) -> bool {
    change.steps.iter().any(|step| matches!(step, Step::SetCompatibility { .. }))
}

fn steps(changes: &[Change]) -> impl Iterator<Item = (usize, &Step)> {
    changes.iter().enumerate().flat_map(|(index, change)| change.steps.iter().map(move |step| (index, step)))
}
