//! The same on brokers that do not serve the newer group protocol.

use crate::bus::classic;
use crate::lock::{one_after_the_other, waiters};

#[tokio::test(flavor = "multi_thread")]
async fn a_second_apply_hears_who_has_it() {
    one_after_the_other(&classic().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_who_wait_take_nothing_from_the_holder() {
    waiters(&classic().await, 20).await;
}
