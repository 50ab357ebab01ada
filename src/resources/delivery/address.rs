use crate::model::{Address, Kind};

/// `client-config/SERVICE`.
pub fn address_of(service: &str) -> Address {
    Address { kind: Kind::ClientConfig, name: service.to_owned() }
}

/// The service of a key.
pub fn service_of(key: &str) -> Option<(&str, &str)> {
    key.split_once('/').filter(|(service, rest)| !service.is_empty() && !rest.is_empty())
}
