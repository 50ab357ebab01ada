//! Personal data: what a domain allows, what a topic promises, and where clusters and services are.

mod region;
mod spec;
mod tagged;

pub use region::area_of_region;
pub use spec::{AllowanceSpec, Area, ErasureSpec, HandlingSpec, ResidencySpec};
pub use tagged::Tagged;
