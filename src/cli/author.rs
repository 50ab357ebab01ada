use super::context::{Context, now};
use crate::plan::Plan;
use crate::ports::journal::{Event, FORMAT_VERSION, Holder, Origin, Phase};

/// Who runs it, from where and from which commit, as far as the machine knows.
pub fn origin(context: &Context) -> Origin {
    let commit = context.commit();
    Origin {
        who: user(),
        host: rustix::system::uname().nodename().to_string_lossy().into_owned(),
        pid: std::process::id(),
        dirty: commit.as_ref().is_some_and(|commit| commit.dirty),
        commit: commit.map(|commit| commit.id),
    }
}

/// That an apply of a plan begins, and who applies.
pub fn began(context: &Context, plan: &Plan) -> Event {
    // Sortable by time.
    let apply_id = uuid::Uuid::now_v7().to_string();
    let mut began = Event::of_apply(apply_id, Phase::Began, now(), origin(context), &plan.desired_digest);
    began.counts.insert(Event::PLANNED.to_owned(), plan.changes.len());
    began
}

/// The same for the lock.
pub fn holder(began: &Event) -> Holder {
    Holder {
        format_version: FORMAT_VERSION,
        apply_id: began.apply_id.clone(),
        origin: began.origin.clone(),
        since: began.time,
    }
}

/// Pipelines run as one user for everybody, so that they may say for whom. Where nothing is set, as in many containers, the
/// number of the user is better than no name.
fn user() -> String {
    let set = |name: &str| std::env::var(name).ok().filter(|user| !user.is_empty());
    ["BUSCTL_USER", "USER", "LOGNAME"]
        .into_iter()
        .find_map(set)
        .unwrap_or_else(|| format!("uid {}", rustix::process::getuid().as_raw()))
}
