//! One of three nodes goes in mid apply: a broker alone is killed, or the active controller too, or that one is asked to end
//! and hands over.

use busctl::localbus::kafka;

use crate::estate::Estate;
use crate::support::registries::apicurio_3;
use crate::support::three_nodes::ThreeNodes;
use crate::support::workspace::signal;
use crate::tally::Tally;

/// Ends nodes.
pub async fn run(tally: &mut Tally) {
    let (registry, mut nodes) = tokio::join!(apicurio_3(), ThreeNodes::start(kafka::DEFAULT_VERSION));
    let mut estate = Estate::on_three(&nodes, "nodes", registry).await;
    estate.next_round();
    estate.finish().await;
    let ends = [
        ("KILL", false, "one of three brokers killed"),
        ("KILL", true, "the active controller killed"),
        ("TERM", true, "the active controller shut down"),
    ];
    for (word, with_controller, kind) in ends {
        let count = tally.times(1, 5);
        tally
            .faults(kind, count, async |tally, tried| {
                estate.next_round();
                let controller = nodes.active_controller().await;
                let others: Vec<u32> = (1..=3).filter(|id| *id != controller).collect();
                let victim = if with_controller { controller } else { others[tried % 2] };
                let lines = tally.below(2 * estate.changes() as u64) as usize;
                let running = estate.apply_up_to(lines, &["--settle", "20s"]).await.unwrap();
                tokio::time::sleep(tally.moment(80)).await;
                let process = nodes.processes[victim as usize - 1].clone();
                signal(process.pid, word);
                // What needs three replicas fails without the third, and is accounted for.
                let run = running.wait().without_panic();
                assert!(matches!(run.code, Some(0 | 1 | 5)), "{run:?}");
                // One that hands over may not have come to its end yet.
                process.stop("the node", kafka::STOP_GRACE).await.unwrap();
                nodes.start_again(victim).await;
                estate.finish().await;
                1
            })
            .await;
    }
}
