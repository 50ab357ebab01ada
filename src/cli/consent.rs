//! What stands between a plan and its first write: the risk that is allowed, and the question.

use std::io::{BufRead, IsTerminal, Write};

use super::args::words;
use super::error::CommandError;
use super::interrupt::Interrupts;
use crate::model::{Risk, counted};
use crate::plan::{Change, Plan};
use crate::resources::cluster::ClusterSpec;

/// What an apply may do.
#[derive(Debug, clap::Args)]
pub struct ConsentArgs {
    /// Do not ask
    #[arg(short, long)]
    yes: bool,

    /// The most risk to take: safe, disruptive or destructive; by default what the cluster's manifest allows
    #[arg(long, value_name = "RISK", value_parser = words(Risk::WORDS))]
    allow: Option<Risk>,

    /// The most destructive changes to make; with more, nothing is done
    #[arg(long, value_name = "NUMBER")]
    max_destructive: Option<usize>,
}

impl ConsentArgs {
    /// Whether nothing is to be asked.
    pub fn is_given(&self) -> bool {
        self.yes
    }

    /// Refuses a plan that risks more than is allowed: by the option, else by the manifest, or by having asked for
    /// something that is that risk and nothing else.
    pub fn check(&self, plan: &Plan, cluster: &ClusterSpec, asked_for: Risk) -> Result<(), CommandError> {
        let by_manifest = cluster.allow.map_or(Risk::Safe, |risk| risk.value);
        let limit = self.allow.unwrap_or(by_manifest.max(asked_for));
        let above: Vec<_> = plan.changes.iter().filter(|change| change.risk > limit).collect();
        if !above.is_empty() {
            let all = counted(plan.changes.len() as u64, "change");
            let are = if above.len() == 1 { "is" } else { "are" };
            return Err(CommandError::refused(format!(
                "{} of {all} {are} above the risk that is allowed ({limit}): {}; nothing was changed",
                above.len(),
                named(&above)
            ))
            .hint(format!("read the plan; to go on all the same: --allow {}", plan.risk())));
        }
        let destructive: Vec<_> = plan.changes.iter().filter(|change| change.risk == Risk::Destructive).collect();
        match self.max_destructive {
            Some(most) if destructive.len() > most => Err(CommandError::refused(format!(
                "{} {} more than the {most} that may be made: {}; nothing was changed",
                counted(destructive.len() as u64, "destructive change"),
                if destructive.len() == 1 { "is" } else { "are" },
                named(&destructive)
            ))
            .hint(match plan.changes.len() {
                1 => "read the plan; to go on all the same, raise --max-destructive",
                _ => "read the plan; choose some with --target, or raise --max-destructive",
            })),
            _ => Ok(()),
        }
    }

    /// Refuses what risks more than is allowed before there is a plan of it.
    pub fn check_risk(&self, risk: Risk, what: &str, cluster: &ClusterSpec) -> Result<(), CommandError> {
        let limit = self.allow.or(cluster.allow.map(|risk| risk.value)).unwrap_or(Risk::Safe);
        if risk <= limit {
            return Ok(());
        }
        Err(CommandError::refused(format!(
            "{what} is {risk}, above the risk that is allowed ({limit}); nothing was done"
        ))
        .hint(format!("to go on all the same: --allow {risk}")))
    }

    /// Asks whether to go on. Without a terminal nobody can answer.
    pub async fn confirm(&self, plan: &Plan, interrupts: &Interrupts) -> Result<(), CommandError> {
        if self.yes {
            return Ok(());
        }
        if !std::io::stdin().is_terminal() {
            return Err(CommandError::refused(
                "nobody can be asked: standard input is no terminal; nothing was changed",
            )
            .hint("apply without a question: --yes"));
        }
        let changes = counted(plan.changes.len() as u64, "change");
        eprint!("Apply {changes} to {}? Only `yes` goes on: ", plan.cluster);
        std::io::stderr().flush().ok();
        let answer = tokio::task::spawn_blocking(|| {
            let mut answer = String::new();
            std::io::stdin().lock().read_line(&mut answer).map(|_| answer)
        });
        tokio::select! {
            answer = answer => match answer {
                Ok(Ok(answer)) if answer.trim() == "yes" => Ok(()),
                _ => Err(CommandError::refused("not confirmed: nothing was changed")),
            },
            () = interrupts.interrupted() => Err(CommandError::interrupted("interrupted: nothing was changed")),
        }
    }
}

/// The first of these changes by name, and how many more there are.
fn named(changes: &[&Change]) -> String {
    let first: Vec<_> = changes.iter().take(5).map(|change| format!("{} ({})", change.address, change.risk)).collect();
    let more = changes.len() - first.len();
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{more}", first.join(", "))
}
