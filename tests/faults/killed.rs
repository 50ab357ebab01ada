//! SIGKILL at random points of an apply, and at requests of it.

use std::time::Duration;

use crate::estate::Estate;
use crate::server::bus;
use crate::support::proxy::Then;
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
    at_requests(tally).await;
}

/// Kills applies at requests of a number, before they arrive or before they are answered: also while an apply plans, takes
/// the lock or gives it back.
async fn at_requests(tally: &mut Tally) {
    let bus = bus().await;
    let proxy = bus.proxy(3);
    let mut estate = Estate::on(bus, "requests", proxy.port, bus.registry).await;
    estate.next_round();
    proxy.mend();
    estate.apply(&[]).wait().ended(0);
    let mut requests = proxy.seen();
    estate.assert_finished().await;
    let count = tally.times(2, 16);
    tally
        .faults("killed at a request", count, async |tally, tried| {
            estate.next_round();
            let mut kills = 0;
            while kills < 2.min(count - tried) {
                // From the last ones on, each round has its share of them. What comes after a kill has less to do.
                let share = requests / count;
                let (from, to) = if kills == 0 { (requests - (tried + 1) * share, share) } else { (0, requests / 2) };
                let point = from + tally.below(to as u64) as usize;
                proxy.mend();
                proxy.behind(point, [Then::Hold, Then::Mute][tally.below(2) as usize]);
                let mut running = estate.apply(&[]);
                while !proxy.was_reached() && !running.has_ended() {
                    tokio::time::sleep(Duration::from_millis(1)).await;
                }
                if !running.has_ended() {
                    running.signal("KILL");
                }
                let run = running.wait();
                if run.code.is_some() {
                    run.ended(0);
                    // The lock takes the more of them the longer it is held: there were fewer than in the apply before.
                    requests = if kills == 0 { proxy.seen() } else { requests };
                    break;
                }
                println!("killed at request {point} of {requests}");
                kills += 1;
            }
            proxy.mend();
            estate.finish().await;
            kills
        })
        .await;
}
