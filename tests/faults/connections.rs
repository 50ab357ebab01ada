//! Connections that are cut, one or all, go silent, are truncated or slow, at each kind of request that an apply makes.

use crate::estate::Estate;
use crate::server::bus;
use crate::support::proxy::{Proxy, Request, Then};
use crate::tally::Tally;

/// Those of every round; topics are made in the first one alone.
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

const WEATHER: [(Then, &str); 5] = [
    (Then::Cut, "connections cut"),
    (Then::Sever, "one connection cut"),
    (Then::Mute, "answers that never come"),
    (Then::Truncate, "an answer truncated"),
    (Then::Delay, "answers delayed"),
];

/// Weather when topics are made, each with the domain of an estate of its own.
const NEW: [(Then, &str); 3] = [(Then::Truncate, "truncated"), (Then::Sever, "severed"), (Then::Mute, "muted")];

/// Spoils connections.
pub async fn run(tally: &mut Tally) {
    let bus = bus().await;
    let proxy = bus.proxy(0);
    let mut estate = Estate::on(bus, NEW[0].1, proxy.port, bus.registry).await;
    let count = tally.times(1, NEW.len());
    tally
        .faults("connections spoilt when topics are made", count, async |_, tried| {
            let (then, domain) = NEW[tried];
            if tried > 0 {
                estate = Estate::on(bus, domain, proxy.port, bus.registry).await;
            }
            strike(&proxy, &mut estate, Request::CreateTopics, then).await
        })
        .await;
    for (then, kind) in WEATHER {
        let count = tally.times(1, REQUESTS.len());
        let first = tally.below(REQUESTS.len() as u64) as usize;
        tally
            .faults(kind, count, async |_, tried| {
                strike(&proxy, &mut estate, REQUESTS[(first + tried) % REQUESTS.len()], then).await
            })
            .await;
    }
}

/// Spoils what comes at a request of a round.
async fn strike(proxy: &Proxy, estate: &mut Estate, request: Request, then: Then) -> usize {
    estate.next_round();
    proxy.at(request, then);
    // What is accepted and not served yet would be done again: a slow broker takes long to open the logs of new topics.
    let run = estate.apply(&["--timeout", "3s", "--settle", "1m"]).wait().without_panic();
    assert!(proxy.was_reached(), "{request:?} never came: {run:?}");
    match then {
        Then::Delay => drop(run.ended(0)),
        _ => assert!(matches!(run.code, Some(0 | 1 | 5)), "{request:?} {then:?}: {run:?}"),
    }
    proxy.mend();
    estate.finish().await;
    1
}
