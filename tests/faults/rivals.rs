//! Two applies at once.

use crate::estate::Estate;
use crate::server::bus;
use crate::support::proxy::{Request, Then};
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
    contradict(tally).await;
}

/// Two workspaces want the same resources otherwise. The second one plans while the first is in the middle of it.
async fn contradict(tally: &mut Tally) {
    let bus = bus().await;
    let proxy = bus.proxy(2);
    let mut one = Estate::on(bus, "contested", proxy.port, bus.registry).await;
    let mut other = Estate::on(bus, "contested", bus.plain, bus.registry).await;
    // Two rounds ahead, it wants another limit, other partitions and other schemas.
    for _ in 0..3 {
        other.next_round();
    }
    one.next_round();
    one.finish().await;
    let count = tally.times(1, 4);
    tally
        .faults("two workspaces that contradict each other", count, async |_, _| {
            one.next_round();
            other.next_round();
            // Before the topics have got their configs: later there is nothing of theirs that would still move.
            proxy.at(Request::AlterConfigs, Then::Hold);
            let first = one.apply(&[]);
            proxy.wait_until_reached();
            let mut second = other.apply(&[]);
            second.wait_until_it_says("waiting for the lock");
            proxy.go_on();
            first.wait().ended(0);
            second.wait().ended(4).says(&["the plan is stale", "nothing was changed"]);
            one.finish().await;
            1
        })
        .await;
}
