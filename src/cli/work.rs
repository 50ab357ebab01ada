//! Carrying out a plan that was agreed to: the lock, the record, the changes, the report.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::args::{FormatArg, Global, parse_time};
use super::connect::Systems;
use super::context::{Context, now, today};
use super::error::{CommandError, Exit};
use super::interrupt::Interrupts;
use super::plan::hint_cluster_id;
use super::planning::Planning;
use super::progress::ApplyProgress;
use super::vault::secret_stores;
use super::{author, output};
use crate::adapters::audit_log::AuditLog;
use crate::adapters::kafka::KafkaHeldJournal;
use crate::apply::{
    Applied, ApplyReport, ApplySummary, EventLog, Guarded, MoveOptions, Outcome, Passwords, Recheck, Repaired, Status,
    Throttles, Unsettled, apply, make_own_topics, settle,
};
use crate::diag::Level;
use crate::model::{Rate, counted};
use crate::plan::{Change, Plan, PlanFinding, Stale, Step};
use crate::ports::FailureKind;
use crate::ports::journal::{Event, HeldJournal, Journal, LockFailure};
use crate::ports::secrets::SecretError;
use crate::render::apply::ApplyView;
use crate::render::moves::taken_from;
use crate::render::{Format, Style, View};
use crate::resources::cluster::ClusterSpec;
use crate::resources::topic::BUILT_IN_REPLICATION_FACTOR;
use crate::resources::{DeclaredFields, Desired};

/// Who waits for the lock for longer is told so.
const LONG_WAIT: Duration = Duration::from_secs(3);

/// How fast replicas are moved.
#[derive(Debug, clap::Args)]
pub struct ThrottleArg {
    /// The most that a broker sends and receives for replicas that are moved, as in 50MiB/s; without it there is no limit
    #[arg(long, value_name = "RATE", allow_negative_numbers = true, value_parser = parse_rate)]
    throttle: Option<Rate>,
}

impl ThrottleArg {
    /// In bytes a second.
    pub fn bytes(&self) -> Option<u64> {
        self.throttle.and_then(|rate| u64::try_from(rate.0).ok())
    }
}

/// How long the brokers have to serve what the controller accepted, where nothing is given: as `--settle` says by default.
const SETTLE: Duration = Duration::from_secs(120);

/// How changes are carried out.
#[derive(Debug, clap::Args)]
pub struct RunArgs {
    /// How long to wait afterwards until the brokers serve what the controller accepted
    #[arg(long, value_name = "TIME", default_value = "2m", value_parser = parse_time)]
    settle: Duration,

    /// How long to wait for an apply that somebody else has under way
    #[arg(long, value_name = "TIME", env = "BUSCTL_LOCK_TIMEOUT", value_parser = parse_time)]
    lock_timeout: Option<Duration>,

    /// Write each event of the record as a line of JSON too, for a log shipper: to the end of a file, or - for standard
    /// output, which then holds nothing else
    #[arg(long, value_name = "FILE")]
    audit_log: Option<PathBuf>,

    /// How long to wait for replicas that are moved; the brokers go on by themselves, and the next run waits again. By
    /// default to the end
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    move_timeout: Option<Duration>,

    #[command(flatten)]
    pub(super) format: FormatArg,
}

fn parse_rate(text: &str) -> Result<Rate, String> {
    match text.parse::<Rate>() {
        Ok(rate) if rate.0 > 0 => Ok(rate),
        Ok(_) => Err("with nothing a second no replica would ever arrive".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

impl RunArgs {
    /// As they are where nothing is given.
    pub(super) fn usual(format: FormatArg) -> Self {
        Self { settle: SETTLE, lock_timeout: None, audit_log: None, move_timeout: None, format }
    }

    /// Shows what is for people and programs, where standard output is taken by the audit log on standard error.
    pub(super) fn show(&self, view: &impl View, format: Format, global: &Global) -> Result<(), CommandError> {
        if self.audit_log.as_deref() != Some(Path::new("-")) {
            return output::view(view, format, global);
        }
        let style = Style { color: output::stderr_color(global.color), width: output::width() };
        anstream::eprint!("{}", view.render(format, style));
        Ok(())
    }
}

/// A plan that was agreed to.
pub(super) struct Work<'a> {
    pub(super) global: &'a Global,
    pub(super) args: &'a RunArgs,
    /// How long a server may take to answer a request.
    pub(super) timeout: Duration,
    /// The most bytes a second for moves.
    pub(super) throttle: Option<u64>,
    pub(super) context: &'a Context,
    pub(super) cluster: &'a ClusterSpec,
    pub(super) systems: &'a Systems,
    /// Where the record of the lock ended before the plan was made.
    pub(super) position: Option<i64>,
    pub(super) interrupts: &'a Interrupts,
    /// Whether the plan was read from a file.
    pub(super) is_saved: bool,
}

impl Work<'_> {
    /// Takes the lock, applies, reports.
    pub(super) async fn carry_out(&self, mut plan: Plan, planning: &mut Planning<'_>) -> Result<Exit, CommandError> {
        planning.hold_to_brokers_of(&plan);
        let nothing_done = |plan: &Plan| ApplyReport::new(&plan.cluster, &plan.cluster_id, Vec::new());
        if plan.is_empty() && !self.was_one_interrupted(&planning.desired).await {
            return self.report(&plan, nothing_done(&plan));
        }
        let anything_agreed = !plan.is_empty();
        let passwords = self.read_passwords(&plan).await?;
        let began = author::began(self.context, &plan);
        let locking = async {
            let mut locking = std::pin::pin!(self.lock(&began));
            if let Ok(held) = tokio::time::timeout(LONG_WAIT, &mut locking).await {
                return held;
            }
            let (held, ()) = tokio::join!(locking, self.tell_whose_lock(&began));
            held
        };
        let held = tokio::select! {
            held = locking => held,
            () = self.interrupts.interrupted() => return Err(nothing_was_changed()),
        };
        let held = match held {
            // What it has under way is its own to account for.
            Err(LockFailure::Held(_)) if plan.is_empty() => return self.report(&plan, nothing_done(&plan)),
            held => held.map_err(not_locked)?,
        };
        let mut progress = ApplyProgress::new(self.global.color);
        let applied = async {
            let intents = held.open_intents().await?;
            // Somebody else has applied since, or was interrupted with a request on its way: what was planned is made anew.
            let nobody_since = held.taken_at().is_some_and(|taken_at| self.position == Some(taken_at));
            if !nobody_since || !intents.is_empty() {
                plan = self.plan_again(&plan, planning).await?;
            }
            self.apply(&plan, (planning, &passwords), &began, (&held, &intents), &mut progress).await
        }
        .await;
        let outcomes = applied.as_ref().map_or(&[][..], |applied| &applied.outcomes);
        // Whoever has the lock next is to see what was done.
        let unsettled = self.settle(&plan, outcomes, &progress).await;
        let released = held.release().await;
        progress.finish();
        self.tell_unsettled(&unsettled);
        if let Err(failure) = released {
            anstream::eprintln!("warning: the lock is free once its session is over: {failure}");
        }
        let Applied { outcomes, unthrottled, stopped } = applied?;
        let report = ApplyReport::new(&plan.cluster, &plan.cluster_id, outcomes);
        let report = ApplyReport { unthrottled, ..report };
        let report = match stopped {
            Some(failure) => report.stopped(failure.to_string()),
            None if self.interrupts.stopped() => report.stopped("interrupted"),
            None => report,
        };
        if anything_agreed && plan.is_empty() {
            let cluster = &plan.cluster;
            anstream::eprintln!(
                "note: nothing of it was left to do on {cluster}: it was done while the lock was waited for"
            );
        }
        self.report(&plan, report)
    }

    /// The passwords that the plan sets: who lacks one finds out before anything is changed.
    async fn read_passwords(&self, plan: &Plan) -> Result<Passwords, CommandError> {
        let unread = match Passwords::read(plan, &secret_stores(self.context, Some(self.cluster), self.timeout)).await {
            Ok(passwords) => return Ok(passwords),
            Err(unread) => unread,
        };
        let asked = |change: &&Change, reference: &str| {
            let sets = |step: &Step| matches!(step, Step::SetScramPassword { password, .. } if password.to_string() == reference);
            change.steps.iter().any(sets)
        };
        let place = |reference: &str| plan.changes.iter().find(|change| asked(change, reference))?.place.as_ref();
        let message = |unread: &SecretError| match place(&unread.reference) {
            Some(place) => format!("{place}: {unread}"),
            None => unread.to_string(),
        };
        let messages: Vec<String> = unread.iter().map(message).collect();
        let error = CommandError::system(format!("{}; nothing was changed", messages.join("\n")));
        Err(unread.into_iter().filter_map(|unread| unread.hint).fold(error, CommandError::hint))
    }

    /// The plan as it is now, held to what was agreed to.
    async fn plan_again(&self, agreed: &Plan, planning: &mut Planning<'_>) -> Result<Plan, CommandError> {
        let mut plan = planning.plan_live(self.systems).await?;
        hold_to(&mut plan, agreed)?;
        match forbidding(&plan) {
            None => Ok(plan),
            Some(PlanFinding { code, message, .. }) => {
                Err(CommandError::refused(format!("{code}: {message}; nothing was changed"))
                    .hint("somebody else has applied since the plan was made: plan again"))
            }
        }
    }

    /// Whether an apply has left changes of which nobody knows what became; or has them under way.
    async fn was_one_interrupted(&self, desired: &Desired<'_>) -> bool {
        match self.systems.journal().open_intents().await {
            Ok(intents) => intents
                .iter()
                .any(|intent| intent.address.as_ref().is_some_and(|address| desired.knows_where_it_is(address))),
            Err(failure) => {
                anstream::eprintln!("warning: whether an earlier apply was interrupted is not known: {failure}");
                false
            }
        }
    }

    /// Says what is waited for. The lock of who was killed is waited for as well, until its session is over.
    async fn tell_whose_lock(&self, began: &Event) {
        match self.systems.journal().holder().await {
            Ok(Some(holder)) if holder.apply_id != began.apply_id => {
                anstream::eprintln!("waiting for the lock, which was taken by {holder}");
            }
            _ => anstream::eprintln!("waiting for the lock of the cluster"),
        }
    }

    async fn lock(&self, began: &Event) -> Result<KafkaHeldJournal, LockFailure> {
        let defaults = self.cluster.defaults.as_ref();
        let replicas = defaults.and_then(|defaults| defaults.replication_factor).map(|replicas| replicas.value);
        // What is recorded of a cluster lasts also where its topics may be lost with a broker.
        let replicas = replicas.unwrap_or_default().max(BUILT_IN_REPLICATION_FACTOR);
        for Repaired { topic, key, was, is } in make_own_topics(&self.systems.kafka, replicas, self.args.settle).await?
        {
            let was = was.unwrap_or_else(|| "not set".to_owned());
            anstream::eprintln!("warning: {key} of {topic} was {was}, and is {is} again: the record may have gaps");
        }
        let wait = self.args.lock_timeout.unwrap_or_default();
        let held = self.systems.journal().acquire(&author::holder(began), wait).await?;
        self.systems.kafka.write_under(held.lease());
        Ok(held)
    }

    async fn apply(
        &self,
        plan: &Plan,
        (planning, passwords): (&Planning<'_>, &Passwords),
        began: &Event,
        (held, intents): (&KafkaHeldJournal, &[Event]),
        progress: &mut ApplyProgress,
    ) -> Result<Applied, CommandError> {
        let kafka = &self.systems.kafka;
        let registry = self.systems.usable_registry();
        let desired = &*planning.desired;
        let mut log = self.args.audit_log.as_deref().map(AuditLog::open).transpose()?;
        if let Some((path, mode)) = self.args.audit_log.as_deref().zip(log.as_ref().and_then(AuditLog::wider_mode)) {
            let path = path.display();
            anstream::eprintln!(
                "warning: others than its owner and its group may read or change the audit log ({path} has mode {mode:04o})\n \
                 help: chmod 0640 {path}"
            );
        }
        let mut guard = Guarded {
            recheck: Recheck {
                desired,
                kafka,
                registry,
                consul: self.systems.usable_consul(),
                passwords: planning.passwords(),
                defaults: planning.defaults(),
                today: today(),
                now,
            },
            held,
            began,
            declared: DeclaredFields::new(desired),
            log: log.as_mut().map(|log| log as &mut dyn EventLog),
            now,
            throttles: Throttles::default(),
        };
        guard.begin(intents).await?;
        self.interrupts.begin_to_write();
        let servers = (registry, self.systems.usable_consul());
        let moves = MoveOptions { throttle: self.throttle, patience: self.args.move_timeout };
        let mut applied =
            apply(plan, (moves, passwords), kafka, servers, &mut guard, self.interrupts.flag(), progress).await;
        if applied.stopped.is_none() {
            applied.stopped = guard.end(&ApplySummary::of(&applied.outcomes)).await.err();
        }
        tell_moving(&guard.throttles);
        Ok(applied)
    }

    fn report(&self, plan: &Plan, report: ApplyReport) -> Result<Exit, CommandError> {
        if !plan.is_empty() || self.args.format.format != Format::Text {
            self.args.show(
                &ApplyView { report: &report, is_saved: self.is_saved },
                self.args.format.format,
                self.global,
            )?;
        }
        tell_unseen(plan);
        hint_cluster_id(self.context, self.cluster, plan);
        Ok(report_exit(&report, plan, self.interrupts.stopped()))
    }

    /// Waits until the brokers serve what was done.
    async fn settle(&self, plan: &Plan, outcomes: &[Outcome], progress: &ApplyProgress) -> Result<Unsettled, String> {
        if !outcomes.iter().any(|outcome| outcome.status == Status::Done) {
            return Ok(Unsettled::default());
        }
        progress.waiting("waiting until the brokers serve it");
        tokio::select! {
            settled = settle(plan, outcomes, &self.systems.kafka, self.args.settle) => {
                settled.map_err(|failure| failure.to_string())
            }
            () = self.interrupts.interrupted() => Err("interrupted while waiting until the brokers serve it".to_owned()),
        }
    }

    fn tell_unsettled(&self, unsettled: &Result<Unsettled, String>) {
        match unsettled {
            Ok(unsettled) if !unsettled.is_empty() => anstream::eprintln!(
                "warning: after {:?} the brokers do not serve everything yet ({} topics, {} ACLs, {} quotas, {} SCRAM \
                 users, {} broker configs); the next plan may show it",
                self.args.settle,
                unsettled.topics.len(),
                unsettled.acls,
                unsettled.quotas,
                unsettled.scram_users,
                unsettled.brokers
            ),
            Ok(_) => {}
            Err(why) => anstream::eprintln!("warning: whether the brokers serve it is not known: {why}"),
        }
    }
}

/// Says what earlier runs have left, and what of it this one could not end.
fn tell_moving(throttles: &Throttles) {
    if !throttles.taken.is_empty() {
        let on = taken_from(&throttles.taken);
        anstream::eprintln!("note: the throttle that an earlier run had left was taken away from {on}");
    }
    for failure in &throttles.left {
        anstream::eprintln!("warning: {failure}");
        failure.hint.iter().for_each(|hint| anstream::eprintln!(" help: {hint}"));
    }
    if !throttles.moving.is_empty() && throttles.left.is_empty() {
        let moved = counted(throttles.moving.len() as u64, "topic");
        anstream::eprintln!("note: replicas of {moved} are still being moved (`busctl reassign status`)");
    }
}

/// Says at the end too what was not seen and so not tried, and why: it is what the exit code is about.
fn tell_unseen(plan: &Plan) {
    for (failure, unseen) in plan.unseen() {
        let what = counted(unseen.len() as u64, "resource");
        let first = &unseen[0].address;
        let such = if unseen.len() == 1 { format!("{first}") } else { format!("such as {first}") };
        anstream::eprintln!("NOT SEEN, NOT TRIED: {what}, {such}: {failure}");
        failure.hint.iter().for_each(|hint| anstream::eprintln!("help: {hint}"));
    }
}

pub(super) fn nothing_was_changed() -> CommandError {
    CommandError::interrupted("interrupted: nothing was changed")
}

/// A finding at level error that the changes bring, or the cluster as a whole. What is wrong with other resources does not
/// hold up a plan that leaves them out.
fn forbidding(plan: &Plan) -> Option<&PlanFinding> {
    let addresses: BTreeSet<String> = plan.changes.iter().map(|change| change.address.to_string()).collect();
    let concerns = |finding: &&PlanFinding| {
        finding.level == Level::Error && finding.resource.as_ref().is_none_or(|resource| addresses.contains(resource))
    };
    plan.findings.iter().find(concerns)
}

fn not_locked(failure: LockFailure) -> CommandError {
    match failure {
        LockFailure::Failed(failure) => failure.into(),
        LockFailure::Held(_) => CommandError::refused(format!("{failure}; nothing was changed")).hint(
            "wait for it with --lock-timeout 10m. Where that process was killed, the brokers give the lock free once \
             its session is over: within 45 s, unless `group.consumer.session.timeout.ms` of the brokers says another time",
        ),
    }
}

/// Keeps of a plan what was reviewed, or says why that is not what it was any more. Answers how much else it had.
pub(super) fn hold_to(plan: &mut Plan, reviewed: &Plan) -> Result<usize, CommandError> {
    match plan.hold_to(reviewed) {
        Ok(unreviewed) => Ok(unreviewed),
        Err(Stale::Cluster { reviewed, present }) => Err(CommandError::refused(format!(
            "the plan was made for cluster {reviewed}, and the brokers belong to {present}; nothing was changed"
        ))),
        Err(Stale::Manifests) => Err(CommandError::refused(
            "the plan is stale: the manifests are not those that it was made from; nothing was changed",
        )
        .hint("check out the commit that it names, or plan again")),
        Err(Stale::Moved(moved)) => {
            let lines: Vec<_> = moved.iter().map(|moved| format!("\n  {moved}")).collect();
            Err(CommandError::refused(format!(
                "the plan is stale: what was reviewed is no longer so; nothing was changed{}",
                lines.concat()
            ))
            .hint("plan again, and have the new plan reviewed"))
        }
    }
}

/// 5 once something was written and not everything done; 1 where nothing could be written; 130 where the user stopped
/// it before.
fn report_exit(report: &ApplyReport, plan: &Plan, stopped: bool) -> Exit {
    let any = |statuses: &[Status]| report.outcomes.iter().any(|outcome| statuses.contains(&outcome.status));
    // What failed half way was written to as well, and nobody knows how far one got that timed out.
    let may_have_written = |outcome: &Outcome| {
        let kind = outcome.error.as_ref().map(|failure| failure.kind);
        matches!(kind, Some(FailureKind::Timeout | FailureKind::Partial))
    };
    let written = any(&[Status::Done]) || report.outcomes.iter().any(may_have_written);
    let whole = !any(&[Status::Failed, Status::Blocked, Status::NotTried]) && plan.complete;
    match (whole, written) {
        (true, _) => Exit::Done,
        (false, true) => Exit::Partly,
        (false, false) if stopped => Exit::Interrupted,
        (false, false) => Exit::CouldNot,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Address;
    use crate::plan::Action;
    use crate::plan::samples::{change, plan_of};
    use crate::ports::Failure;

    #[test]
    fn who_has_written_a_part_of_one_change_has_applied_in_part() {
        let plan = plan_of(Vec::new());
        let of = |kind| {
            let (tried, server, answer) = ("write".into(), "it".into(), "no".into());
            let failure = Failure { kind, tried, server, answer, hint: None };
            let outcomes = vec![Outcome::failed(Address::topic("a"), Action::Update, failure)];
            report_exit(&ApplyReport::new("dev", "id", outcomes), &plan, false)
        };
        assert_eq!(of(FailureKind::Partial), Exit::Partly);
        assert_eq!(of(FailureKind::Moved), Exit::CouldNot);
    }

    #[test]
    fn what_came_up_under_the_lock_forbids_what_it_is_about() {
        let of = |resource: Option<&str>, level| {
            let mut plan = plan_of(vec![change(Address::topic("a"), Action::Update, Vec::new())]);
            let resource = resource.map(str::to_owned);
            let (code, message) = ("BUS507".to_owned(), "it would lock busctl out".to_owned());
            plan.findings = vec![PlanFinding { code, level, message, help: None, resource, place: None, waiver: None }];
            forbidding(&plan).is_some()
        };
        assert!(of(None, Level::Error));
        assert!(of(Some("topic/a"), Level::Error));
        assert!(!of(Some("topic/b"), Level::Error));
        assert!(!of(Some("topic/a"), Level::Warn));
    }
}
