mod spec;

pub use spec::{
    ConnectSpec, ConsumesSpec, GrantSpec, PrincipalsSpec, ProducesSpec, QuotaSpec, RawAclSpec, StreamsSpec,
};
