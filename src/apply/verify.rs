use crate::plan::{Change, Plan, Step, Verification, VerificationState};
use crate::ports::Failure;
use crate::ports::kafka::KafkaAdmin;

/// Asks the brokers about each change by validate-only requests. Nothing is changed. The registry was asked when the plan
/// was made.
pub async fn verify(plan: &mut Plan, kafka: &impl KafkaAdmin) {
    let mut answers: Vec<Vec<Verification>> = plan.changes.iter().map(|_| Vec::new()).collect();
    ask_kafka(&plan.changes, kafka, &mut answers).await;
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

/// What the controller's validate-only answer says of the change.
fn of_answer(answer: Result<(), Failure>) -> Verification {
    use crate::ports::FailureKind as Kind;
    match answer {
        Ok(()) => Verification { state: VerificationState::Verified, reason: "the controller would accept it".into() },
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
    let mut quotas = (Vec::new(), Vec::new());
    let mut brokers = (Vec::new(), Vec::new());
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
            Step::AlterBrokerConfigs { broker, alterations } => {
                brokers.0.push(index);
                brokers.1.push((*broker, alterations.clone()));
            }
            Step::AlterQuota(quota) => {
                quotas.0.push(index);
                quotas.1.push(quota.clone());
            }
            Step::Reassign { .. } | Step::CancelReassignment { .. } | Step::ElectLeaders { .. } => answers[index]
                .push(Verification::unverifiable("brokers have no validate-only request for reassignments")),
            // They are marked when they are planned.
            Step::SetScramPassword { .. } | Step::RemoveScramPassword { .. } | Step::WriteKeys(_) => {}
            Step::DeleteRecords { .. } | Step::DeleteTopic(_) | Step::DeleteSubject(_) => {}
            Step::SetCompatibility { .. } | Step::RegisterSchema { .. } => {}
        }
    }
    let (created, extended, altered, limited, set) = tokio::join!(
        kafka.create_topics(&topics.1, true),
        kafka.create_partitions(&partitions.1, true),
        kafka.alter_topic_configs(&configs.1, true),
        kafka.alter_quotas(&quotas.1, true),
        kafka.alter_broker_configs(&brokers.1, true)
    );
    let asked =
        [(topics.0, created), (partitions.0, extended), (configs.0, altered), (quotas.0, limited), (brokers.0, set)];
    for (indexes, results) in asked {
        for (index, result) in indexes.into_iter().zip(results) {
            answers[index].push(of_answer(result));
        }
    }
}

fn steps(changes: &[Change]) -> impl Iterator<Item = (usize, &Step)> {
    changes.iter().enumerate().flat_map(|(index, change)| change.steps.iter().map(move |step| (index, step)))
}
