//! Who else is at work on a queue.

use super::queue::OpenQueue;
use crate::cli::context::now;
use crate::cli::error::CommandError;
use crate::model::{Duration, counted};
use crate::ports::Failure;
use crate::ports::kafka::{KafkaAdmin, ListedGroup};

/// Refuses to send again what a consumer group reads from the queue itself: it would be processed twice. In a dry run it is said.
pub async fn refuse_live_consumers(open: &OpenQueue, is_allowed: bool, is_dry: bool) -> Result<(), CommandError> {
    let live = if is_allowed { Vec::new() } else { live_consumers(open).await? };
    if live.is_empty() {
        return Ok(());
    }
    let reads = if live.len() == 1 { "reads" } else { "read" };
    let message =
        format!("{} {reads} {} now: what is sent again would be processed twice", live.join(", "), open.queue.topic);
    if is_dry {
        anstream::eprintln!("warning: {message}; with --yes it is refused, unless with --with-live-consumer");
        return Ok(());
    }
    Err(CommandError::refused(message)
        .hint("stop that consumer; where it only looks at the records, as an archive does: --with-live-consumer"))
}

/// The consumer groups with a member that reads the queue, besides the tool's own.
async fn live_consumers(open: &OpenQueue) -> Result<Vec<String>, Failure> {
    let own = open.transactional_id();
    let may_read =
        |group: &ListedGroup| group.id.as_str() != own && !matches!(group.state.as_deref(), Some("Empty" | "Dead"));
    // Of a broker that does not answer the groups are not known, and no more can be said of them.
    let answers = open.kafka.groups().await?.into_iter().filter_map(|of| of.answer.ok());
    let groups: Vec<ListedGroup> = answers.flatten().filter(may_read).collect();
    let described = open.kafka.describe_groups(&groups).await;
    let mut live = Vec::new();
    for (group, described) in groups.iter().zip(described) {
        let members = described.map(|info| info.members).unwrap_or_default();
        let of_queue: Vec<_> = members.iter().filter(|member| member.topics.contains(&open.queue.topic)).collect();
        if let Some(first) = of_queue.first() {
            let more = match of_queue.len() - 1 {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            live.push(format!("the group {} ({} on {}{more})", group.id, first.client_id, first.host));
        }
    }
    live.sort();
    Ok(live)
}

/// Says where another run is at work on the queue. It ends when this one begins.
pub async fn tell_other_run(open: &OpenQueue, is_dry: bool) {
    // Who may not see it ends the other one all the same, which says so.
    let Ok(Some(since)) = open.kafka.open_transaction(&open.transactional_id()).await else { return };
    let age = Duration((now().unix_millis() - since).max(1_000) / 1_000 * 1_000);
    let then = if is_dry { "with --yes it would end it" } else { "it ends now, and tells what it has done" };
    anstream::eprintln!(
        "warning: another run on {} is at work, or was killed: a transaction of it has been open for {age}; {then}",
        open.queue.topic
    );
}

/// How many came back, in words: `1 record came back`.
pub fn came_back(count: u64) -> String {
    format!("{} came back", counted(count, "record"))
}
