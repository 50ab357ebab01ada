use sha2::{Digest, Sha256};

use super::{Desired, Live, acl, broker_config, cluster, delivery, identity, quota, schema, scram, topic};
use crate::diag::Diagnostic;
use crate::plan::{Change, Incomplete, Unmanaged};

/// How one kind of resource differs.
#[derive(Debug, Default)]
pub struct Difference {
    /// What is to be done.
    pub changes: Vec<Change>,
    /// What could not be seen.
    pub incomplete: Vec<Incomplete>,
    /// What is not ours.
    pub unmanaged: Vec<Unmanaged>,
    /// What the live state breaks, and what cannot be done.
    pub findings: Vec<Diagnostic>,
}

impl Difference {
    /// Adds another kind's.
    pub fn extend(&mut self, other: Self) {
        self.changes.extend(other.changes);
        self.incomplete.extend(other.incomplete);
        self.unmanaged.extend(other.unmanaged);
        self.findings.extend(other.findings);
    }
}

/// How every kind of resource differs on a cluster.
pub fn difference(desired: &Desired<'_>, live: &Live) -> Difference {
    let mut all = Difference::default();
    if desired.rebalance.is_some() {
        all.extend(topic::diff(desired, live, &[]));
        return all;
    }
    all.extend(schema::diff(desired, live.registry.as_ref()));
    let registry = live.registry.as_ref().and_then(crate::ports::Observed::known);
    let subjects: Vec<_> = registry.map(|registry| registry.registered().collect()).unwrap_or_default();
    all.extend(topic::diff(desired, live, &subjects));
    let mut grants = acl::diff(desired, live);
    identity::withhold(desired, live, &mut grants);
    all.extend(grants);
    all.extend(quota::diff(desired, live));
    all.extend(scram::diff(desired, live));
    all.extend(broker_config::diff(desired, live));
    all.extend(delivery::diff(desired, live));
    all.findings.extend(cluster::facts::compare(desired, live));
    all
}

/// A digest of parts of a live state, in their order.
pub fn fingerprint(parts: impl IntoIterator<Item = impl AsRef<str>>) -> String {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update(part.as_ref().as_bytes());
        digest.update([0]);
    }
    digest.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}
