//! What grants keep to.

pub(crate) mod change;
pub(crate) mod dropped;
pub(crate) mod external;
pub(crate) mod host;
pub(crate) mod raw;
pub(crate) mod shared;
pub(crate) mod wildcard;
