use crate::model::{Address, Kind};

/// `client-config/SERVICE`.
pub fn address_of(service: &str) -> Address {
    Address { kind: Kind::ClientConfig, name: service.to_owned() }
}

/// The service of a key, and what is behind it; of a value at the folder itself that is nothing.
pub fn service_of(key: &str) -> Option<(&str, &str)> {
    key.split_once('/').filter(|(service, _)| !service.is_empty())
}
