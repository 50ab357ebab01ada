use super::context::{Context, now};
use crate::adapters::git;
use crate::apply::Author;
use crate::plan::Plan;
use crate::ports::journal::Holder;

/// Who applies a plan, as far as the machine knows.
pub fn author(context: &Context, plan: &Plan) -> Author {
    Author {
        // Sortable by time.
        apply_id: uuid::Uuid::now_v7().to_string(),
        who: user(),
        host: rustix::system::uname().nodename().to_string_lossy().into_owned(),
        commit: git::commit(&context.root),
        plan_digest: plan.desired_digest.clone(),
    }
}

/// The same for the lock.
pub fn holder(author: &Author) -> Holder {
    Holder {
        apply_id: author.apply_id.clone(),
        who: author.who.clone(),
        host: author.host.clone(),
        pid: std::process::id(),
        since: now(),
    }
}

/// Pipelines run as one user for everybody, so that they may say for whom.
fn user() -> String {
    let set = |name: &str| std::env::var(name).ok().filter(|user| !user.is_empty());
    ["BUSCTL_USER", "USER", "LOGNAME"].into_iter().find_map(set).unwrap_or_else(|| "unknown".to_owned())
}
