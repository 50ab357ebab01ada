use super::*;
use crate::apply::throttles::Chosen;
use crate::plan::Action;
use crate::plan::samples::{change, plan_of};
use crate::ports::journal::SetThrottle;

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

#[tokio::test]
async fn a_change_of_several_steps_in_a_stage_begins_and_ends_once() {
    let subject = |name: &str| Step::DeleteSubject(name.parse().expect("a subject"));
    let two_steps = |name: &str| Change {
        steps: vec![subject("a-key"), subject("a-value")],
        ..change(Address::topic(name), Action::Delete, Vec::new())
    };
    let plan = plan_of(vec![two_steps("a"), two_steps("b")]);
    for (standing, results, expected) in [
        (Standing::AsReviewed, [Err(begun_only()), Err(begun_only())], Status::Failed),
        (Standing::AsReviewed, [Ok(()), Err(begun_only())], Status::Failed),
        (Standing::AsReviewed, [Err(begun_only()), Ok(())], Status::Failed),
        (Standing::AsReviewed, [Ok(()), Ok(())], Status::Done),
        (Standing::Done, [Ok(()), Ok(())], Status::AlreadyDone),
    ] {
        let (mut guard, mut heard) = (Asked { standing, before: Vec::new(), unthrottled: Ok(()) }, Heard::default());
        let passwords = Passwords::default();
        let open = || Progress::Open { left: 2, begun: false };
        let mut run = Run {
            changes: &plan.changes,
            moves: MoveOptions::default(),
            passwords: &passwords,
            progress: vec![open(), open()],
            index: HashMap::new(),
            learnt: Learnt::default(),
            untold: Vec::new(),
            unthrottled: BTreeSet::new(),
            watcher: &mut heard,
        };
        let batch = run.unmoved(run.steps_of(Stage::SubjectDeletions), &mut guard).await.expect("it is told");
        let results: Outcomes = batch.chunks(2).flat_map(|_| results.clone()).collect();
        run.record(&batch, results);
        assert_eq!(run.untold, [0, 1]);
        assert_eq!(guard.before, ["topic/a", "topic/b"]);
        assert_eq!(heard.0, [expected, expected]);
    }
}
