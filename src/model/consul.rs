use std::fmt;
use std::str::FromStr;

use crate::source::decode_from_str;

/// A folder of Consul's key-value store: `kafka/production`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyPrefix(String);

/// Why a folder of Consul's key-value store is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is no folder of Consul's key-value store: its parts are names with a single / between them")]
pub struct KeyPrefixError;

impl FromStr for KeyPrefix {
    type Err = KeyPrefixError;
    fn from_str(text: &str) -> Result<Self, KeyPrefixError> {
        let is_part = |part: &str| {
            !matches!(part, "" | "." | "..") && !part.contains(|c: char| c.is_whitespace() || c.is_control())
        };
        text.split('/').all(is_part).then(|| Self(text.to_owned())).ok_or(KeyPrefixError)
    }
}
decode_from_str!(KeyPrefix, "write for example kafka/production, without a slash at its ends", r"^[^\s/]+(/[^\s/]+)*$");

impl KeyPrefix {
    /// The text, without a slash at its end.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for KeyPrefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// How a service of the bus is called in Consul: `{service}`, or something around it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsulServiceTemplate(String);

/// Why a template of Consul's services is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this does not contain {{service}}: every service would be the same one")]
pub struct ConsulServiceTemplateError;

impl FromStr for ConsulServiceTemplate {
    type Err = ConsulServiceTemplateError;
    fn from_str(text: &str) -> Result<Self, ConsulServiceTemplateError> {
        text.contains(SERVICE).then(|| Self(text.to_owned())).ok_or(ConsulServiceTemplateError)
    }
}
decode_from_str!(ConsulServiceTemplate, "write for example \"{service}\"", r"\{service\}");

const SERVICE: &str = "{service}";

impl ConsulServiceTemplate {
    /// What a service is called in Consul.
    pub fn service(&self, service: &str) -> String {
        self.0.replace(SERVICE, service)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_has_names_with_single_slashes_between() {
        for good in ["kafka", "kafka/production", "a.b/c_d-e"] {
            assert_eq!(good.parse::<KeyPrefix>().map(|prefix| prefix.to_string()), Ok(good.to_owned()));
        }
        for bad in ["", "/kafka", "kafka/", "a//b", "a/../b", "a b", "a\u{7}"] {
            assert_eq!(bad.parse::<KeyPrefix>(), Err(KeyPrefixError), "{bad:?}");
        }
    }

    #[test]
    fn a_service_may_have_something_around_it() {
        let template: ConsulServiceTemplate = "bus-{service}".parse().unwrap();
        assert_eq!(template.service("normalizer"), "bus-normalizer");
        assert_eq!("bus".parse::<ConsulServiceTemplate>(), Err(ConsulServiceTemplateError));
    }
}
