use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use crate::source::decode_from_str;

/// Who a client is to the broker: `User:CN=normalizer`. Its type is `User` with every authorizer that ships with Kafka.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Principal(Arc<str>);

/// Why a principal is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PrincipalError {
    /// No type in front.
    #[error("`{0}` is not a principal: it needs its type in front")]
    NoType(String),
    /// A template without its placeholder.
    #[error("`{0}` does not contain {{service}}: every service would be the same principal")]
    NoPlaceholder(String),
}

impl FromStr for Principal {
    type Err = PrincipalError;
    fn from_str(text: &str) -> Result<Self, PrincipalError> {
        match text.split_once(':') {
            Some((kind, name)) if !kind.is_empty() && !name.is_empty() => Ok(Self(text.into())),
            _ => Err(PrincipalError::NoType(text.into())),
        }
    }
}
decode_from_str!(Principal, "write it as the broker shows it: \"User:CN=normalizer\"", r"^[^:]+:[\s\S]+$");

impl Principal {
    /// What every principal is called in an ACL. Asked for as a principal, it is everybody whom no ACL names.
    pub fn everybody() -> Self {
        Self("User:*".into())
    }

    /// Whether it is `User:*`.
    pub fn is_everybody(&self) -> bool {
        self.as_str() == "User:*"
    }

    /// The principal as the broker shows it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name behind the type.
    pub fn name(&self) -> &str {
        self.0.split_once(':').map_or(&self.0, |(_, name)| name)
    }

    /// The common name that a certificate of this principal has: that of a subject, else the name itself.
    pub fn common_name(&self) -> String {
        let mut escaped = false;
        let mut parts = self.name().split(|char: char| {
            let is_end = char == ',' && !escaped;
            escaped = char == '\\' && !escaped;
            is_end
        });
        let common_name = parts.find_map(|part| part.trim_start().strip_prefix("CN="));
        common_name.unwrap_or(self.name()).replace('\\', "")
    }
}

impl fmt::Display for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// How a cluster makes principals from services: `User:CN={service}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrincipalTemplate(String);

impl FromStr for PrincipalTemplate {
    type Err = PrincipalError;
    fn from_str(text: &str) -> Result<Self, PrincipalError> {
        if !text.contains("{service}") {
            return Err(PrincipalError::NoPlaceholder(text.into()));
        }
        text.parse::<Principal>().map(|_| Self(text.into()))
    }
}
decode_from_str!(PrincipalTemplate, "write for example \"User:CN={service}\"", r"\{service\}");

impl PrincipalTemplate {
    /// The principal of a service.
    pub fn principal(&self, service: &str) -> Principal {
        Principal(self.0.replace("{service}", service).into())
    }
}

impl Default for PrincipalTemplate {
    /// What mTLS with the certificate's common name, and SASL with the service's name, are mapped to most often.
    fn default() -> Self {
        Self("User:{service}".into())
    }
}

impl fmt::Display for PrincipalTemplate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_common_name_is_found_in_a_subject() {
        let name = |principal: &str| principal.parse::<Principal>().expect("a principal").common_name();
        assert_eq!(name("User:normalizer"), "normalizer");
        assert_eq!(name("User:CN=normalizer"), "normalizer");
        assert_eq!(name("User:OU=media, CN=normalizer,O=x"), "normalizer");
        assert_eq!(name("User:CN=a\\,b,O=x"), "a,b");
    }
}
