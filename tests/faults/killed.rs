//! SIGKILL at random points of an apply.

use crate::estate::Estate;
use crate::server::bus;
use crate::tally::Tally;

/// An apply is killed no more often than this before it may go through.
const AT_MOST: usize = 4;

/// Kills applies.
pub async fn run(tally: &mut Tally) {
    let bus = bus().await;
    let mut estate = Estate::on(bus, "killed", bus.plain, bus.registry).await;
    let mut begun = 0;
    let count = tally.times(6, 100);
    tally
        .faults("killed at a random point", count, async |tally, tried| {
            estate.next_round();
            let mut kills = 0;
            while kills < AT_MOST.min(count - tried) {
                // Before anything is written, or after so many lines of the record, and a moment later.
                let lines = tally.below(2 * estate.changes() as u64 + 2) as usize;
                let Ok(running) = estate.apply_up_to(lines, &[]).await else { break };
                let later = if lines == 0 { 1_500 } else { 80 };
                tokio::time::sleep(tally.moment(later)).await;
                running.signal("KILL");
                if running.wait().code.is_some() {
                    break;
                }
                kills += 1;
                begun += usize::from(lines > 1);
            }
            estate.finish().await;
            kills
        })
        .await;
    println!("{begun} of the kills came after the first change was begun");
}
