use super::*;
use crate::apply::throttles::Chosen;
use crate::model::Kind;
use crate::plan::Action;
use crate::plan::samples::{change, plan_of};
use crate::ports::journal::SetThrottle;
use crate::schema::SchemaFormat;

/// Says how each change stands, and keeps which ones it was asked for.
pub(super) struct Asked {
    pub(super) standing: Standing,
    pub(super) before: Vec<String>,
    pub(super) unthrottled: Result<(), Failure>,
}

impl Guard for Asked {
    fn lease(&self) -> Option<Lease> {
        None
    }

    async fn before(&mut self, changes: &[&Change]) -> Result<Vec<Standing>, Failure> {
        self.before.extend(changes.iter().map(|change| change.address.to_string()));
        Ok(changes.iter().map(|_| self.standing.clone()).collect())
    }

    async fn throttle(&mut self, _: &[(&Change, Vec<SetThrottle>)]) -> Result<Result<Chosen, Failure>, Failure> {
        Ok(Ok(Chosen::default()))
    }

    async fn unthrottle(&mut self, _: &[&Address]) -> Result<(), Failure> {
        self.unthrottled.clone()
    }

    async fn after(&mut self, _: &[(&Change, &Outcome)]) -> Result<(), Failure> {
        Ok(())
    }
}

#[derive(Default)]
struct Heard(Vec<Status>);

impl Watcher for Heard {
    fn stage(&mut self, _: Stage, _: usize) {}
    fn progress(&mut self, _: usize) {}
    fn moving(&mut self, _: &MoveProgress) {}
    fn unthrottled(&mut self, _: &[Unthrottled]) {}
    fn not_throttled(&mut self, _: &Failure) {}
    fn outcome(&mut self, outcome: &Outcome) {
        self.0.push(outcome.status);
    }
}

/// A run of which nothing has begun.
fn run_of<'p, 'w>(plan: &'p Plan, passwords: &'p Passwords, watcher: &'w mut Heard) -> Run<'p, 'w> {
    let open = |change: &Change| Progress::Open { left: change.steps.len(), begun: false };
    Run {
        changes: &plan.changes,
        moves: MoveOptions::default(),
        passwords,
        progress: plan.changes.iter().map(open).collect(),
        index: plan.changes.iter().enumerate().map(|(index, change)| (&change.address, index)).collect(),
        learnt: Learnt::default(),
        untold: Vec::new(),
        unthrottled: BTreeSet::new(),
        watcher,
    }
}

fn refused() -> Failure {
    Failure { kind: FailureKind::Refused, ..no_registry() }
}

#[tokio::test]
async fn a_change_of_several_steps_in_a_stage_begins_and_ends_once() {
    let subject = |name: &str| Step::DeleteSubject(name.parse().expect("a subject"));
    let two_steps = |name: &str| Change {
        steps: vec![subject("a-key"), subject("a-value")],
        ..change(Address::topic(name), Action::Delete, Vec::new())
    };
    let plan = plan_of(vec![two_steps("a"), two_steps("b")]);
    for (standing, results, expected, kind) in [
        (
            Standing::AsReviewed,
            [Err(no_registry()), Err(no_registry())],
            Status::Failed,
            Some(FailureKind::Unreachable),
        ),
        (Standing::AsReviewed, [Ok(()), Err(no_registry())], Status::Failed, Some(FailureKind::Partial)),
        (Standing::AsReviewed, [Err(no_registry()), Ok(())], Status::Failed, Some(FailureKind::Partial)),
        (Standing::AsReviewed, [Ok(()), Ok(())], Status::Done, None),
        (Standing::AsReviewed, [Err(refused()), Err(no_registry())], Status::Failed, Some(FailureKind::Unreachable)),
        (Standing::Done, [Ok(()), Ok(())], Status::AlreadyDone, None),
    ] {
        let (mut guard, mut heard) = (Asked { standing, before: Vec::new(), unthrottled: Ok(()) }, Heard::default());
        let passwords = Passwords::default();
        let mut run = run_of(&plan, &passwords, &mut heard);
        let batch = run.unmoved(run.steps_of(Stage::SubjectDeletions), &mut guard).await.expect("it is told");
        let results: Outcomes = batch.chunks(2).flat_map(|_| results.clone()).collect();
        run.record(&batch, results);
        assert_eq!(run.untold, [0, 1]);
        assert_eq!(run.outcome(0).error.map(|failure| failure.kind), kind);
        assert_eq!(guard.before, ["topic/a", "topic/b"]);
        assert_eq!(heard.0, [expected, expected]);
    }
}

/// A level and a first version, which needs another subject's.
fn subject_change(name: &str, needs: &[&Address]) -> Change {
    let subject: Subject = name.parse().expect("a subject");
    let level = Step::SetCompatibility { subject: subject.clone(), level: Compatibility::Backward };
    let version =
        Step::RegisterSchema { subject, format: SchemaFormat::Avro, text: "{}".into(), references: Vec::new() };
    let address = Address { kind: Kind::Schema, name: name.to_owned() };
    Change {
        steps: vec![level, version],
        depends_on: needs.iter().map(|address| (*address).clone()).collect(),
        ..change(address, Action::Create, Vec::new())
    }
}

#[test]
fn what_is_blocked_or_refused_in_the_middle_is_done_in_part() {
    let first = subject_change("a", &[]);
    let plan = plan_of(vec![first.clone(), subject_change("b", &[&first.address])]);
    // A registry that takes no level before the first version has nothing of either.
    for (is_early, kinds) in [
        (false, [Some(FailureKind::Partial), Some(FailureKind::Partial)]),
        (true, [Some(FailureKind::Unreachable), None]),
    ] {
        let (passwords, mut heard) = (Passwords::default(), Heard::default());
        let mut run = run_of(&plan, &passwords, &mut heard);
        let levels = run.steps_of(Stage::Compatibility);
        if is_early {
            for name in ["a", "b"] {
                let subject = name.parse().expect("a subject");
                run.learnt.add(Answer::LevelTooEarly(subject, Compatibility::Backward));
            }
        }
        run.record(&levels, vec![Ok(()), Ok(())]);
        let interrupted = if is_early { Status::NotTried } else { Status::Failed };
        assert_eq!([run.outcome(0), run.outcome(1)].map(|outcome| outcome.status), [interrupted; 2]);
        let versions = run.steps_of(Stage::Schemas);
        run.record(&versions[..1], vec![Err(no_registry())]);
        assert!(run.unblocked(&versions[1..]).is_empty());
        let outcomes = [run.outcome(0), run.outcome(1)];
        assert_eq!(outcomes.each_ref().map(|outcome| outcome.status), [Status::Failed, Status::Blocked]);
        assert_eq!(outcomes.map(|outcome| outcome.error.map(|failure| failure.kind)), kinds);
    }
}
