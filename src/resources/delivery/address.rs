use crate::model::{Address, Kind};

/// `client-config/SERVICE`.
pub fn address_of(service: &str) -> Address {
    Address { kind: Kind::ClientConfig, name: service.to_owned() }
}

/// The service of a key, and what is behind it; of a value at the folder itself that is nothing.
pub fn service_of(key: &str) -> Option<(&str, &str)> {
    key.split_once('/').filter(|(service, _)| !service.is_empty())
}

/// What a plan calls the value of a key behind the service's folder. Keys of slashes alone have one more: that of the folder
/// itself, `SERVICE/`, is empty.
pub fn field_of(key: &str) -> String {
    if is_of_slashes(key) { format!("/{key}") } else { key.to_owned() }
}

/// The key that a plan calls so.
pub fn key_of(field: &str) -> &str {
    field.strip_prefix('/').filter(|key| is_of_slashes(key)).unwrap_or(field)
}

fn is_of_slashes(key: &str) -> bool {
    key.trim_start_matches('/').is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_key_has_a_field_of_its_own() {
        let keys = ["", "/", "//", "/a", "a", "a/", "a//b"];
        let fields = keys.map(field_of);
        assert_eq!(fields, ["/", "//", "///", "/a", "a", "a/", "a//b"]);
        assert_eq!(fields.each_ref().map(|field| key_of(field)), keys);
    }
}
