//! The registry hangs, or is gone, while schemas are registered.

use crate::estate::Estate;
use crate::server::bus;
use crate::support::registries::{APICURIO_3, RunningRegistry};
use crate::tally::Tally;

/// Stops a registry that no other test needs.
pub async fn run(tally: &mut Tally) {
    let (bus, registry) = tokio::join!(bus(), RunningRegistry::start(APICURIO_3));
    let registry: &RunningRegistry = Box::leak(Box::new(registry));
    let mut estate = Estate::on(bus, "halfway", bus.plain, registry).await;
    estate.next_round();
    estate.finish().await;
    for (signal, kind) in [("STOP", "the registry hangs half way"), ("KILL", "the registry killed half way")] {
        let count = tally.times(1, 8);
        tally
            .faults(kind, count, async |tally, _| {
                estate.next_round();
                // The first intents are those of the schemas.
                let running = estate.apply_up_to(2, &["--timeout", "3s"]).await.unwrap();
                tokio::time::sleep(tally.moment(400)).await;
                registry.signal(signal);
                let run = running.wait().without_panic();
                match signal {
                    "STOP" => registry.signal("CONT"),
                    _ => registry.start_again().await,
                }
                assert!(matches!(run.code, Some(0 | 1 | 5)), "{run:?}");
                estate.finish().await;
                1
            })
            .await;
    }
}
