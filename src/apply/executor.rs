mod lost;
mod moves;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures::StreamExt;

pub use self::moves::{MoveOptions, MoveProgress, bytes_left, time_left};
use super::Passwords;
use super::guard::Guard;
use super::publish::publish;
use super::report::{Outcome, Status};
use super::send::send_to_kafka;
use super::throttles::Unthrottled;
use crate::model::{Address, Subject};
use crate::plan::{Change, Moved, Plan, PlannedReference, PlannedVersion, Stage, Standing, Step};
use crate::ports::consul::Consul;
use crate::ports::journal::Lease;
use crate::ports::kafka::{KafkaAdmin, Outcomes};
use crate::ports::registry::{NewSchema, Reference, Registry};
use crate::ports::{Failure, FailureKind};
use crate::schema::Compatibility;

/// Requests to the registry that are under way at once. It answers each in milliseconds and has a database behind it:
/// more would queue there.
const REGISTRY_CONCURRENCY: usize = 16;

/// Changes that are given to the brokers together. Within it the client makes requests of the size that controllers
/// take; an interruption is noticed between two of these.
const BATCH: usize = 2_000;

/// How long a lease that ran out, because the brokers were slow to prolong it, is waited for.
pub(super) const LEASE_PATIENCE: Duration = Duration::from_secs(30);

/// Hears how an apply goes.
pub trait Watcher: Send {
    /// A stage with this number of steps begins.
    fn stage(&mut self, stage: Stage, steps: usize);
    /// Steps of the stage were done or failed.
    fn progress(&mut self, steps: usize);
    /// A change has come to its end.
    fn outcome(&mut self, outcome: &Outcome);
    /// Replicas are being moved. Heard of again and again while they are.
    fn moving(&mut self, progress: &MoveProgress);
    /// Moves begin that are not held back as it was asked for.
    fn unthrottled(&mut self, left: &[Unthrottled]);
    /// A broker is back and does not get its throttle. It is tried again.
    fn not_throttled(&mut self, failure: &Failure);
}

/// What an apply came to.
#[derive(Debug)]
pub struct Applied {
    /// What became of each change, in the plan's order.
    pub outcomes: Vec<Outcome>,
    /// What of a throttle was not set.
    pub unthrottled: Vec<Unthrottled>,
    /// Why it stopped before every change was tried, where it was not the user who stopped it.
    pub stopped: Option<Failure>,
}

/// Applies a plan: stage by stage, in batches. A failure stops the changes that depend on it and no others. When `stop`
/// is set, each change that has begun is finished and the rest is not tried; where the guard fails, nothing more is. The
/// `passwords` are those that the plan sets.
pub async fn apply(
    plan: &Plan,
    (moves, passwords): (MoveOptions, &Passwords),
    kafka: &impl KafkaAdmin,
    (registry, consul): (Option<&impl Registry>, Option<&dyn Consul>),
    guard: &mut impl Guard,
    stop: &AtomicBool,
    watcher: &mut dyn Watcher,
) -> Applied {
    let index: HashMap<&Address, usize> =
        plan.changes.iter().enumerate().map(|(index, change)| (&change.address, index)).collect();
    let mut run = Run {
        changes: &plan.changes,
        moves,
        passwords,
        progress: plan.changes.iter().map(|change| Progress::Open { left: change.steps.len(), begun: false }).collect(),
        index,
        learnt: Learnt::default(),
        untold: Vec::new(),
        unthrottled: BTreeSet::new(),
        watcher,
    };
    let stopped = match run.stages(kafka, (registry, consul), guard, stop).await {
        Ok(()) => run.tell_of_the_rest(guard).await.err(),
        Err(failure) => Some(failure),
    };
    let unthrottled = std::mem::take(&mut run.unthrottled).into_iter().collect();
    Applied { outcomes: run.finish(), unthrottled, stopped }
}

/// A step and the change that it belongs to.
type Work<'p> = (usize, &'p Step);

enum Progress {
    /// Steps are left; `begun` once one was sent.
    Open {
        left: usize,
        begun: bool,
    },
    Done,
    AlreadyDone,
    Failed(Failure),
    /// Something that it needs failed; `begun` where a part of it was done before.
    Blocked {
        by: Address,
        begun: bool,
    },
}

/// What the registry's answers say that later requests need.
#[derive(Default)]
struct Learnt {
    /// Versions that were registered in this apply, for those that refer to them.
    versions: BTreeMap<Subject, u32>,
    /// Levels that the registry would not take before the subject's first version.
    late_levels: BTreeMap<Subject, Compatibility>,
}

/// What is said of a change that failed, or was blocked, in the middle.
const BEGUN: &str = "a part of the change was done before";

/// What one answer adds to [`Learnt`].
enum Answer {
    Registered(Subject, u32),
    LevelTooEarly(Subject, Compatibility),
    NothingNew,
}

struct Run<'p, 'w> {
    changes: &'p [Change],
    moves: MoveOptions,
    passwords: &'p Passwords,
    progress: Vec<Progress>,
    index: HashMap<&'p Address, usize>,
    learnt: Learnt,
    /// Changes that came to their end and that the guard has not heard of.
    untold: Vec<usize>,
    unthrottled: BTreeSet<Unthrottled>,
    watcher: &'w mut dyn Watcher,
}

impl<'p> Run<'p, '_> {
    async fn stages(
        &mut self,
        kafka: &impl KafkaAdmin,
        (registry, consul): (Option<&impl Registry>, Option<&dyn Consul>),
        guard: &mut impl Guard,
        stop: &AtomicBool,
    ) -> Result<(), Failure> {
        for stage in Stage::ALL {
            let mut steps = self.steps_of(stage);
            self.keep_begun(stop, &mut steps);
            if steps.is_empty() {
                continue;
            }
            self.watcher.stage(stage, steps.len());
            for wave in self.waves(steps) {
                for batch in wave.chunks(BATCH) {
                    let mut batch = self.unblocked(batch);
                    self.keep_begun(stop, &mut batch);
                    if batch.is_empty() {
                        continue;
                    }
                    let batch = self.unmoved(batch, guard).await?;
                    let results = match stage {
                        Stage::Compatibility | Stage::Schemas | Stage::SubjectDeletions => {
                            self.send_to_registry(&batch, registry, guard.lease()).await
                        }
                        Stage::ClientConfigs | Stage::ClientConfigRemovals => {
                            publish(consul, batch.iter().map(|(_, step)| *step), guard.lease()).await
                        }
                        Stage::Replicas | Stage::FewerReplicas => {
                            self.move_replicas(&batch, kafka, guard, stop).await?
                        }
                        _ => send_to_kafka(kafka, batch.iter().map(|(_, step)| *step), self.passwords).await,
                    };
                    self.record(&batch, results);
                    self.tell(guard).await?;
                }
            }
        }
        Ok(())
    }

    /// Once it is to stop, leaves of these steps those whose change has begun.
    fn keep_begun(&self, stop: &AtomicBool, steps: &mut Vec<Work<'p>>) {
        if stop.load(Ordering::Relaxed) {
            steps.retain(|(index, _)| matches!(self.progress[*index], Progress::Open { begun: true, .. }));
        }
    }

    /// The steps whose change is still what was reviewed. A change is looked at before its first step.
    async fn unmoved(&mut self, batch: Vec<Work<'p>>, guard: &mut impl Guard) -> Result<Vec<Work<'p>>, Failure> {
        let begins = |index: usize| matches!(self.progress[index], Progress::Open { begun: false, .. });
        let mut first: Vec<usize> = batch.iter().map(|(index, _)| *index).filter(|index| begins(*index)).collect();
        // A change may have several steps in a stage; they stand beside each other.
        first.dedup();
        let changes: Vec<&Change> = first.iter().map(|index| &self.changes[*index]).collect();
        let standings = guard.before(&changes).await?;
        for (index, standing) in first.into_iter().zip(standings) {
            match standing {
                Standing::AsReviewed => {}
                Standing::Done => self.end(index, Progress::AlreadyDone),
                Standing::Moved(moved) => self.end(index, Progress::Failed(no_longer(&moved))),
                Standing::Unseen(failure) => self.end(index, Progress::Failed(failure)),
            }
        }
        Ok(batch.into_iter().filter(|(index, _)| matches!(self.progress[*index], Progress::Open { .. })).collect())
    }

    /// Tells the guard of the changes that ended since it was told the last time.
    async fn tell(&mut self, guard: &mut impl Guard) -> Result<(), Failure> {
        let ended: Vec<_> = std::mem::take(&mut self.untold)
            .into_iter()
            .map(|index| (&self.changes[index], self.outcome(index)))
            .collect();
        guard.after(&ended.iter().map(|(change, outcome)| (*change, outcome)).collect::<Vec<_>>()).await
    }

    /// Tells the guard also of what a stop left open.
    async fn tell_of_the_rest(&mut self, guard: &mut impl Guard) -> Result<(), Failure> {
        let open = (0..self.changes.len()).filter(|index| matches!(self.progress[*index], Progress::Open { .. }));
        self.untold.extend(open);
        self.tell(guard).await
    }

    fn steps_of(&self, stage: Stage) -> Vec<Work<'p>> {
        let changes = self.changes.iter().enumerate();
        changes
            .flat_map(|(index, change)| change.steps.iter().map(move |step| (index, step)))
            .filter(|(_, step)| step.stage() == stage)
            .collect()
    }

    /// The steps of a stage, those first that others of the same stage depend on.
    fn waves(&self, steps: Vec<Work<'p>>) -> Vec<Vec<Work<'p>>> {
        let mut depth: HashMap<usize, usize> = HashMap::new();
        let members: std::collections::HashSet<usize> = steps.iter().map(|(index, _)| *index).collect();
        let mut waves: Vec<Vec<Work<'p>>> = Vec::new();
        for (index, step) in steps {
            let depth = self.depth(index, &members, &mut depth, 0);
            if waves.len() <= depth {
                waves.resize_with(depth + 1, Vec::new);
            }
            waves[depth].push((index, step));
        }
        waves
    }

    fn depth(
        &self,
        change: usize,
        members: &std::collections::HashSet<usize>,
        known: &mut HashMap<usize, usize>,
        above: usize,
    ) -> usize {
        if let Some(depth) = known.get(&change) {
            return *depth;
        }
        // A cycle cannot be ordered; its members go out together and the registry says what it thinks of it.
        if above > self.changes.len() {
            return 0;
        }
        let dependencies = self.changes[change].depends_on.iter().filter_map(|address| self.index.get(address));
        let depth = dependencies
            .filter(|index| **index != change && members.contains(index))
            .map(|index| self.depth(*index, members, known, above + 1) + 1)
            .max()
            .unwrap_or(0);
        known.insert(change, depth);
        depth
    }

    /// The steps whose change can still go on; the others are marked as blocked.
    fn unblocked(&mut self, batch: &[Work<'p>]) -> Vec<Work<'p>> {
        let mut open = Vec::with_capacity(batch.len());
        for (change, step) in batch {
            if !matches!(self.progress[*change], Progress::Open { .. }) {
                continue;
            }
            let begun = self.is_done_in_part(*change);
            let stopped_by = self.changes[*change].depends_on.iter().find(|address| {
                let dependency = self.index.get(address).map(|index| &self.progress[*index]);
                matches!(dependency, Some(Progress::Failed(_) | Progress::Blocked { .. }))
            });
            match stopped_by {
                Some(address) => self.end(*change, Progress::Blocked { by: address.clone(), begun }),
                None => open.push((*change, *step)),
            }
        }
        open
    }

    /// Whether something of a change was done. A registry that took no level of a subject before its first version has nothing of
    /// either.
    fn is_done_in_part(&self, change: usize) -> bool {
        let is_late = |step: &Step| matches!(step, Step::RegisterSchema { subject, .. } if self.learnt.late_levels.contains_key(subject));
        matches!(self.progress[change], Progress::Open { begun: true, .. })
            && !self.changes[change].steps.iter().any(is_late)
    }

    fn record(&mut self, batch: &[Work<'p>], results: Outcomes) {
        self.watcher.progress(batch.len());
        // Of the steps that a change has in a batch any may fail.
        let done = batch.iter().zip(&results).filter(|(_, result)| result.is_ok()).map(|((change, _), _)| *change);
        let done: BTreeSet<usize> = done.collect();
        // Of several failures of a change one counts after which nobody knows what was done.
        let is_unknown = |result: &Result<(), Failure>| matches!(result, Err(failure) if failure.kind.may_be_done());
        let (unknown, known): (Vec<_>, Vec<_>) = batch.iter().zip(results).partition(|(_, result)| is_unknown(result));
        for ((change, _), result) in unknown.into_iter().chain(known) {
            let in_part = done.contains(change) || self.is_done_in_part(*change);
            match (result, &mut self.progress[*change]) {
                (Err(failure), Progress::Open { .. }) => {
                    let failure = match failure.kind {
                        FailureKind::Partial => failure,
                        _ if in_part => failure.in_part(BEGUN),
                        _ => failure,
                    };
                    self.end(*change, Progress::Failed(failure));
                }
                (Ok(()), Progress::Open { left, begun }) => {
                    *left -= 1;
                    *begun = true;
                    if *left == 0 {
                        self.end(*change, Progress::Done);
                    }
                }
                // Of several steps one that failed has said so.
                _ => {}
            }
        }
    }

    fn end(&mut self, change: usize, progress: Progress) {
        self.progress[change] = progress;
        self.untold.push(change);
        let outcome = self.outcome(change);
        self.watcher.outcome(&outcome);
    }

    fn outcome(&self, change: usize) -> Outcome {
        let (status, error, blocked_by) = match &self.progress[change] {
            Progress::Done => (Status::Done, None, None),
            Progress::AlreadyDone => (Status::AlreadyDone, None, None),
            Progress::Failed(failure) => (Status::Failed, Some(failure.clone()), None),
            Progress::Blocked { by, begun } => {
                let left = || cut_in_two(&format!("it needs {by}, which was not done; {BEGUN}"));
                (Status::Blocked, begun.then(left), Some(by.clone()))
            }
            Progress::Open { .. } if self.is_done_in_part(change) => {
                (Status::Failed, Some(cut_in_two("interrupted after a part of it was done")), None)
            }
            Progress::Open { .. } => (Status::NotTried, None, None),
        };
        let Change { address, action, .. } = &self.changes[change];
        Outcome { address: address.clone(), action: *action, status, error, blocked_by }
    }

    fn finish(self) -> Vec<Outcome> {
        (0..self.changes.len()).map(|change| self.outcome(change)).collect()
    }

    async fn send_to_registry(
        &mut self,
        batch: &[Work<'p>],
        registry: Option<&impl Registry>,
        lease: Option<Lease>,
    ) -> Outcomes {
        let Some(registry) = registry else {
            return batch.iter().map(|_| Err(no_registry())).collect();
        };
        let (learnt, lease) = (&self.learnt, &lease);
        let sending = batch.iter().map(|(_, step)| async move {
            let may_send = async || match lease {
                Some(lease) if !lease.holds_within(LEASE_PATIENCE).await => Err(lost(registry.server())),
                _ => Ok(()),
            };
            may_send().await?;
            if !matches!(step, Step::DeleteSubject(_)) {
                // Registered or set twice is registered or set once. The second time is later, and under the lock as well.
                let sent = send_schema_step(registry, step, learnt);
                if let Ok(answer) = tokio::time::timeout(registry.patience(), sent).await {
                    return answer;
                }
                may_send().await?;
            }
            send_schema_step(registry, step, learnt).await
        });
        let answers: Vec<Result<Answer, Failure>> =
            futures::stream::iter(sending).buffered(REGISTRY_CONCURRENCY).collect().await;
        answers.into_iter().map(|answer| answer.map(|answer| self.learnt.add(answer))).collect()
    }
}

impl Learnt {
    fn add(&mut self, answer: Answer) {
        match answer {
            Answer::Registered(subject, version) => {
                self.late_levels.remove(&subject);
                self.versions.insert(subject, version);
            }
            Answer::LevelTooEarly(subject, level) => drop(self.late_levels.insert(subject, level)),
            Answer::NothingNew => {}
        }
    }
}

async fn send_schema_step(registry: &impl Registry, step: &Step, learnt: &Learnt) -> Result<Answer, Failure> {
    match step {
        Step::RegisterSchema { subject, format, text, references } => {
            let references =
                references.iter().map(|reference| resolve(reference, &learnt.versions)).collect::<Result<_, _>>()?;
            let schema = NewSchema { format: *format, text: text.to_string(), references };
            let version = registry.register(subject, &schema).await?;
            if let Some(level) = learnt.late_levels.get(subject) {
                let set = registry.set_compatibility(subject, *level).await;
                set.map_err(|failure| failure.in_part(&format!("its version {version} was registered before")))?;
            }
            Ok(Answer::Registered(subject.clone(), version))
        }
        Step::SetCompatibility { subject, level } => match registry.set_compatibility(subject, *level).await {
            // Some registries know no level of a subject without a version: it is set behind the first one.
            Err(failure) if failure.kind == FailureKind::NotFound => Ok(Answer::LevelTooEarly(subject.clone(), *level)),
            result => result.map(|()| Answer::NothingNew),
        },
        Step::DeleteSubject(subject) => registry.delete_subject(subject).await.map(|()| Answer::NothingNew),
        _ => Ok(Answer::NothingNew),
    }
}

fn resolve(reference: &PlannedReference, versions: &BTreeMap<Subject, u32>) -> Result<Reference, Failure> {
    let version = match reference.version {
        PlannedVersion::Pinned(version) => version,
        PlannedVersion::AfterRegistering => *versions.get(&reference.subject).ok_or_else(|| Failure {
            kind: FailureKind::NotFound,
            tried: format!("find the version of `{}` that this apply was to register", reference.subject),
            server: "the schema registry".into(),
            answer: "it was not registered".into(),
            hint: Some("run plan again".into()),
        })?,
    };
    Ok(Reference { name: reference.name.clone(), subject: reference.subject.clone(), version })
}

/// What a change is whose resource somebody else changed meanwhile.
fn no_longer(moved: &[Moved]) -> Failure {
    let texts: Vec<_> = moved.iter().map(ToString::to_string).collect();
    Failure {
        kind: FailureKind::Moved,
        tried: "make the change as it was reviewed".into(),
        server: "the cluster".into(),
        answer: texts.join("; "),
        hint: Some("somebody changed it meanwhile; nothing was done about it: plan again".into()),
    }
}

/// What a change is of which only a part was done, for this reason.
fn cut_in_two(why: &str) -> Failure {
    Failure {
        kind: FailureKind::Partial,
        tried: "finish the change".into(),
        server: "the cluster".into(),
        answer: why.into(),
        hint: Some("run apply again: it does the rest".into()),
    }
}

/// What a change is that the lock was lost before.
pub(super) fn lost(server: &str) -> Failure {
    Failure {
        kind: FailureKind::Fenced,
        tried: "change something under the lock of the cluster".into(),
        server: server.into(),
        answer: "it cannot be proven any more that this apply still holds the lock".into(),
        hint: Some("see what another one does (`busctl audit`), then run it again".into()),
    }
}

fn no_registry() -> Failure {
    Failure {
        kind: FailureKind::Unreachable,
        tried: "register schemas".into(),
        server: "the schema registry".into(),
        answer: "the cluster names none".into(),
        hint: Some("add `schema_registry: NAME` to the cluster".into()),
    }
}

#[cfg(test)]
mod tests;
