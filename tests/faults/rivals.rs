//! Two applies at once.

use crate::estate::Estate;
use crate::server::bus;
use crate::tally::Tally;

/// Lets applies run against each other.
pub async fn run(tally: &mut Tally) {
    let bus = bus().await;
    let mut one = Estate::on(bus, "rival", bus.plain, bus.registry).await;
    let mut other = Estate::on(bus, "contender", bus.plain, bus.registry).await;
    let count = tally.times(1, 5);
    tally
        .faults("two applies of one workspace", count, async |_, _| {
            one.next_round();
            for running in [one.apply(&[]), one.apply(&[])] {
                running.wait().ended(0);
            }
            one.assert_finished().await;
            1
        })
        .await;
    tally
        .faults("two applies of two workspaces", count, async |_, _| {
            one.next_round();
            other.next_round();
            for running in [one.apply(&[]), other.apply(&[])] {
                running.wait().ended(0);
            }
            one.assert_finished().await;
            other.assert_finished().await;
            1
        })
        .await;
    tally
        .faults("two applies of which neither waits", count, async |_, _| {
            one.next_round();
            let runs = [one.apply(&["--lock-timeout", "1ms"]), one.apply(&["--lock-timeout", "1ms"])];
            let runs = runs.map(|running| running.wait().without_panic());
            assert!(runs.iter().any(|run| run.code == Some(0)), "{runs:?}");
            for run in runs.into_iter().filter(|run| run.code != Some(0)) {
                run.ended(4).says(&["the lock is held by", "nothing was changed"]);
            }
            one.finish().await;
            1
        })
        .await;
}
