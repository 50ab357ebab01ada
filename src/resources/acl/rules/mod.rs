//! What grants keep to.

pub mod external;
pub mod raw;
pub mod shared;
pub mod wildcard;
