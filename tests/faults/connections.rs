//! Connections that are cut, go silent, are truncated or slow, at each kind of request that an apply makes.

use crate::estate::Estate;
use crate::server::bus;
use crate::support::proxy::{Request, Then};
use crate::tally::Tally;

const REQUESTS: [Request; 8] = [
    Request::AddPartitionsToTxn,
    Request::Produce,
    Request::EndTxn,
    Request::CreatePartitions,
    Request::DescribeConfigs,
    Request::AlterConfigs,
    Request::CreateAcls,
    Request::DeleteAcls,
];

const WEATHER: [(Then, &str); 4] = [
    (Then::Cut, "connections cut"),
    (Then::Mute, "answers that never come"),
    (Then::Truncate, "an answer truncated"),
    (Then::Delay, "answers delayed"),
];

/// Spoils connections.
pub async fn run(tally: &mut Tally) {
    let bus = bus().await;
    let proxy = bus.proxy(0);
    let mut estate = Estate::on(bus, "weather", proxy.port, bus.registry).await;
    estate.next_round();
    estate.finish().await;
    for (then, kind) in WEATHER {
        let count = tally.times(1, REQUESTS.len());
        let first = tally.below(REQUESTS.len() as u64) as usize;
        tally
            .faults(kind, count, async |_, tried| {
                let request = REQUESTS[(first + tried) % REQUESTS.len()];
                estate.next_round();
                proxy.at(request, then);
                let run = estate.apply(&["--timeout", "3s", "--settle", "5s"]).wait().without_panic();
                assert!(proxy.was_reached(), "{request:?} never came: {run:?}");
                match then {
                    Then::Delay => drop(run.ended(0)),
                    _ => assert!(matches!(run.code, Some(0 | 1 | 5)), "{request:?} {then:?}: {run:?}"),
                }
                proxy.mend();
                estate.finish().await;
                1
            })
            .await;
    }
}
