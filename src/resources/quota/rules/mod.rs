//! What quotas keep to.

pub(crate) mod entries;
