//! What must hold of what others say, where busctl reads it itself: answers of brokers, tokens, certificates, records of the
//! journal, and the files in which plans and snapshots are kept.

use std::fmt::Debug;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::answers;
use super::certificate::Described;
use super::claims::Claims;
use super::model::Secret;
use super::plan::SavedPlan;
use super::ports::journal::{Applied, Event, Holder};
use super::resources::Live;

/// Versions of requests in the classic encoding and in the compact one.
const VERSIONS: [i16; 2] = [1, 9];

/// Tries an input.
pub fn hold(data: &[u8]) {
    for version in VERSIONS {
        is_no_more_than_came(data, version);
    }
    drop(answers::assigned(data));
    let Ok(text) = std::str::from_utf8(data) else { return };
    has_times_that_clocks_have(text);
    drop(Described::all_in(text));
    is_kept::<SavedPlan>(text);
    is_kept::<Live>(text);
    is_kept::<Event>(text);
    is_kept::<Applied>(text);
    is_kept::<Holder>(text);
}

/// A length that lies makes no list longer than the bytes are that came.
fn is_no_more_than_came(data: &[u8], version: i16) {
    if let Ok(Ok((acls, unknown))) = answers::acls(data, version) {
        assert!(acls.len() + unknown.len() <= data.len());
    }
    let most = |count: usize| assert!(count <= data.len(), "{count} of {} bytes", data.len());
    answers::created(data, version).iter().for_each(|outcomes| most(outcomes.len()));
    answers::deleted(data, version).iter().for_each(|outcomes| most(outcomes.len()));
    answers::coordinators(data, version).iter().for_each(|found| most(found.len()));
    answers::committed(data, version).iter().for_each(|groups| most(groups.len()));
}

/// Whatever a token says of itself can be compared with a clock.
fn has_times_that_clocks_have(token: &str) {
    let Some(claims) = Claims::of(&Secret::new(token)) else { return };
    for time in [claims.expires(), claims.starts()].into_iter().flatten() {
        assert!(time.duration_since(std::time::UNIX_EPOCH).is_ok());
    }
    assert!(claims.text("sub").is_none_or(|who| who.len() <= token.len()));
}

/// What is read is read again as it is written.
fn is_kept<T: Serialize + DeserializeOwned + PartialEq + Debug>(text: &str) {
    let Ok(read) = serde_json::from_str::<T>(text) else { return };
    let written = serde_json::to_string(&read).expect("what was read can be written");
    assert_eq!(serde_json::from_str::<T>(&written).expect("what was written is read"), read);
}
